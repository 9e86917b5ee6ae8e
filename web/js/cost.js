// What it cost so far: today, this conversation, in all; and a table by day, character, person or model, drawn by hand.
import { api } from "./api.js";
import { h, redraw, s } from "./dom.js";
import { number, t } from "./i18n.js";
import { segments } from "./segments.js";
import { character, inOrder, state } from "./store.js";

const DAYS = 30;
const BY = [["day", "byDay"], ["character", "byCharacter"], ["person", "byPerson"], ["model", "byModel"]];
const tokensOf = (x) => (x?.prompt_tokens ?? 0) + (x?.completion_tokens ?? 0);

const time = (seconds) => (seconds >= 90 ? t("minutes", { n: number(seconds / 60, seconds < 600 ? 1 : 0) }) : t("seconds", { n: number(seconds, seconds < 10 ? 1 : 0) }));
const short = (n) => (n >= 1e6 ? `${number(n / 1e6, 1)}M` : n >= 1e4 ? `${number(n / 1e3, 0)}k` : number(n));

export class Cost {
  constructor() {
    this.by = "day";
    this.root = h("section", { class: "hidden costs", "aria-label": t("cost") });
  }

  async load() {
    try {
      const [day, table] = await Promise.all([api.cost(1, "day"), api.cost(DAYS, this.by)]);
      this.day = day;
      this.table = table;
      state.can.cost = true;
      this.root.classList.remove("hidden");
      this.draw();
    } catch {
      this.root.classList.add("hidden"); // this anima does not count
    }
  }

  money(n) {
    return `${this.table.currency ?? ""} ${number(n, n < 1 ? 4 : 2)}`.trim();
  }

  // What matters most: money where it costs some, else energy, else time; the same in every row.
  unit() {
    const { money, wh } = this.table.total ?? {};
    return money > 0 ? "costMoney" : wh > 0 ? "costEnergy" : "costTime";
  }

  main(x) {
    return { costMoney: () => this.money(x?.money ?? 0), costEnergy: () => t("energy", { n: number(x?.wh ?? 0, 2) }), costTime: () => time(x?.seconds ?? 0) }[this.unit()]();
  }

  // A limit of today, and how much of it is left.
  limit(l) {
    const amount = (n) => (l.what === "money" ? this.money(n) : t("tokens", { n: number(n) }));
    const text = t("limit", { key: l.name || l.key, used: l.what === "money" ? number(l.used, 2) : number(l.used), limit: amount(l.limit) });
    return h("div", { class: "context" }, h("p", { class: "quiet small" }, text), s("svg", { class: "meter", viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" }, s("rect", { width: Math.min(100, (100 * l.used) / l.limit), height: 8 })));
  }

  draw() {
    if (!this.table || this.root.classList.contains("hidden")) return;
    const here = inOrder().filter((x) => x.role === "character").reduce((sum, x) => ({ seconds: sum.seconds + (x.seconds || 0), wh: sum.wh + (x.wh || 0), money: sum.money + (x.money || 0),
      prompt_tokens: sum.prompt_tokens + (x.prompt_tokens || 0), completion_tokens: sum.completion_tokens + (x.completion_tokens || 0) }), { seconds: 0, wh: 0, money: 0, prompt_tokens: 0, completion_tokens: 0 });
    const figure = (x, name) => h("tr", {}, h("td", {}, name), h("td", {}, short(tokensOf(x))), h("td", {}, this.main(x)));
    const rows = this.table.rows ?? [];
    const most = Math.max(1, ...rows.map(tokensOf));
    const name = (r) => (this.by === "character" ? character(r.key).name : this.by === "day" ? r.key.slice(5) : r.name || r.key || "–");
    const choose = (by) => {
      this.by = by;
      this.load();
    };
    redraw(this.root, h("h3", {}, t("cost")),
      h("table", { class: "cost" }, h("tr", {}, h("th", {}, ""), h("th", {}, t("costTokens")), h("th", {}, t(this.unit()))), figure(this.day.total, t("costToday")), state.conversation ? figure(here, t("costHere")) : null, figure(this.table.total, t("costTotal", { n: DAYS }))),
      ...(this.table.limits ?? []).map((l) => this.limit(l)),
      h("div", { class: "spaced" }, segments(t("cost"), BY.map(([by, key]) => [by, t(key)]), this.by, choose)),
      rows.length ? h("table", { class: "cost" }, rows.slice(0, 14).map((r) => h("tr", {}, h("td", {}, name(r)), h("td", { class: "bar-cell" }, s("svg", { viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true" }, s("rect", { width: (100 * tokensOf(r)) / most, height: 6, rx: 1 }))),
        h("td", {}, short(tokensOf(r))), h("td", {}, this.main(r))))) : h("p", { class: "quiet small" }, t("noCost")));
  }
}
