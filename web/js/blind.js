// Blind pairs: two replies to the same words, one of the trained character, one of the same model that only reads its prompt. One chooses
// without knowing which is which; the server tells when the last pair is chosen.
import { api } from "./api.js";
import { h } from "./dom.js";
import { current, number, t, whenOf } from "./i18n.js";
import { icon, iconButton } from "./icons.js";
import { langOf, plain } from "./markdown.js";
import { announce, ask, attempt, sheet } from "./over.js";
import { segments } from "./segments.js";
import { listen, unlisten } from "./store.js";
import { words } from "./turn.js";

const SIDES = ["left", "right"];
const KEYS = { 1: "left", 2: "right", 0: "same" };
const LABELS = { left: "blindLeft", right: "blindRight", same: "blindSame" };
const LOOK_AGAIN = 4000; // ms, while a pair is waited for: an event may be lost

const said = (text) => h("div", { class: "words", lang: langOf(text) }, text ? words({ role: "character", text, state: "done" }) : h("span", { class: "quiet" }, t("saidNothing")));
const percent = (p) => number(100 * p, p < 0.01 ? 2 : 1);

/* ---- one round, as it is judged ---- */

class Trial {
  constructor(who) {
    Object.assign(this, { who, body: h("div", { class: "trial" }), round: null, pairs: [], at: 0, notes: new Map(), busy: false });
    this.language = current();
    this.count = "10";
  }

  show(focus, ...children) {
    this.body.replaceChildren(...children.flat(2).filter(Boolean));
    const first = typeof focus === "string" ? this.body.querySelector(focus) : focus;
    first?.focus({ preventScroll: true });
    this.body.closest("dialog")?.scrollTo(0, 0);
  }

  /* ---- the rounds so far ---- */

  async list() {
    clearInterval(this.timer);
    this.round = null;
    const answer = await attempt(() => api.blinds(this.who.id));
    if (!answer || this.round) return;
    const { on, why } = this.who.adapter ?? { on: false, why: "" };
    this.show("[data-key=begin]:not([disabled]), a, button", h("p", {}, t("blindWhat", { name: this.who.name })),
      h("div", { class: "setting" }, h("span", {}, t("blindLanguage")), segments(t("blindLanguage"), [["zh", "中文"], ["en", "English"]], this.language, (v) => (this.language = v))),
      h("div", { class: "setting" }, h("span", {}, t("blindCount")), segments(t("blindCount"), ["5", "10", "20"].map((n) => [n, n]), this.count, (v) => (this.count = v))),
      on ? null : h("p", { class: "quiet small" }, t("blindNone", { why })),
      h("div", { class: "do" }, h("button", { type: "button", class: "button primary", "data-key": "begin", disabled: !on, onclick: () => this.begin() }, t("blindBegin"))),
      answer.blinds.length ? [h("h3", {}, t("blindRounds")), h("ul", { class: "rounds" }, answer.blinds.map((r) => this.line(r)))] : null);
  }

  line(r) {
    const { result } = r;
    const tell = result ? t("blindScore", { trained: result.trained, prompted: result.prompted, same: result.same }) : r.state === "failed" ? t("blindBroken", { why: r.error?.message ?? "" }) : t("blindDone", { n: r.chosen, all: r.pairs });
    return h("li", {}, h("button", { type: "button", class: "round", "data-key": r.id, onclick: () => this.open(r.id) }, h("b", {}, `${whenOf(r.made_ms)} · ${r.language === "zh" ? "中文" : "English"}`), h("span", { class: "quiet small" }, tell)),
      iconButton("trash", t("blindDelete"), () => this.remove(r)));
  }

  async begin() {
    const answer = await attempt(() => api.beginBlind(this.who.id, { language: this.language, pairs: Number(this.count) }));
    if (answer) this.open(answer.blind.id);
  }

  async remove(r) {
    if (!(await ask(t("blindDelete"), t("blindDeleteText"), [[t("cancel"), false], [t("blindDelete"), true, "danger"]]))) return;
    await attempt(() => api.removeBlind(r.id));
    this.list();
  }

  async open(id) {
    this.notes.clear();
    this.pairs = [];
    this.round = { id };
    await this.refresh();
    if (this.round) this.toNext();
  }

  // As the server has it now.
  async refresh() {
    const { id } = this.round;
    const answer = await attempt(() => api.blind(id));
    if (!answer || this.round?.id !== id) return;
    this.round = answer.blind;
    this.pairs = answer.pairs;
  }

  /* ---- a pair ---- */

  toNext() {
    const open = this.pairs.findIndex((p) => !p.choice);
    this.at = open < 0 ? this.pairs.length : open;
    this.draw();
  }

  draw() {
    clearInterval(this.timer);
    if (this.round.state === "done") this.end();
    else if (this.at < this.pairs.length) this.pair(this.pairs[this.at]);
    else this.wait();
  }

  head(n) {
    const { pairs } = this.round;
    const text = t("blindOf", { n, all: pairs });
    return h("header", {}, h("h3", { tabindex: "-1", "data-key": "head" }, text), h("progress", { max: pairs, value: n - 1, "aria-label": text }));
  }

  wait() {
    const { state, error, made, pairs } = this.round;
    const broken = state === "failed";
    if (!broken && this.body.isConnected) this.timer = setInterval(() => this.heard(), LOOK_AGAIN);
    this.show("[data-key=head], button", this.head(Math.min(made + 1, pairs)),
      broken ? h("p", { class: "trouble bad" }, t("blindBroken", { why: error?.message ?? "" })) : h("p", { class: "quiet", role: "status" }, t("blindMaking", { n: made + 1 })),
      h("div", { class: "do" }, this.back(), h("span", { class: "spring" }), broken ? h("button", { type: "button", class: "button primary", onclick: () => this.goOn() }, t("goOn")) : h("button", { type: "button", class: "button", onclick: () => this.list() }, t("blindRounds"))));
  }

  async goOn() {
    const answer = await attempt(() => api.beginBlind(this.who.id, {}));
    if (answer) this.open(answer.blind.id);
  }

  back() {
    return this.at > 0 ? h("button", { type: "button", class: "button plain", "data-key": "back", onclick: () => this.step(-1) }, icon("back"), t("blindBack")) : null;
  }

  step(by) {
    if (this.at + by < 0 || this.at + by > this.pairs.length) return;
    this.at += by;
    this.draw();
  }

  contextTurn(turn) {
    const mine = turn.role === "person";
    const name = mine ? t("blindPerson") : this.who.name;
    return h("article", { class: mine ? "turn mine" : "turn theirs", "aria-label": name }, h("div", { class: "said" }, h("div", { class: "speaker" }, h("span", {}, name)),
      mine ? h("div", { class: "words", lang: langOf(turn.text) }, turn.text) : said(turn.text)));
  }

  pair(p) {
    const last = p.n === this.round.pairs && this.round.chosen >= this.round.pairs - (p.choice ? 0 : 1);
    const note = h("input", { class: "field", maxLength: 120, placeholder: t("blindNote"), "aria-label": t("blindNote"), value: this.notes.get(p.n) ?? p.note, oninput: () => this.notes.set(p.n, note.value) });
    const card = (side, i) => h("article", { class: p.choice === side ? "reply chosen" : "reply", "aria-label": t(LABELS[side]) }, h("h4", {}, t(LABELS[side]), h("kbd", { "aria-hidden": "true" }, String(i + 1))), said(p[side]));
    const button = (key) => h("button", { type: "button", class: "button", "aria-pressed": String(p.choice === KEYS[key]), "data-key": KEYS[key], onclick: () => this.choose(p, KEYS[key]) },
      t(`${LABELS[KEYS[key]]}Better`), h("kbd", { "aria-hidden": "true" }, key));
    this.show("[data-key=head]", this.head(p.n), h("section", { class: "before", "aria-label": t("blindContext") }, p.context.map((turn) => this.contextTurn(turn))),
      h("p", { class: "quiet small" }, t("blindAsk", { name: this.who.name })),
      h("div", { class: "replies" }, SIDES.map(card)),
      h("div", { class: "choose", role: "group", "aria-label": t("blindAsk", { name: this.who.name }) }, ["1", "0", "2"].map(button)),
      note, last ? h("p", { class: "quiet small" }, t("blindLast")) : null,
      h("div", { class: "do" }, this.back(), h("span", { class: "spring" }), p.choice ? h("button", { type: "button", class: "button plain", "data-key": "on", onclick: () => this.step(1) }, t("blindOn"), icon("right")) : null));
    const before = this.body.querySelector(".before");
    before.scrollTop = before.scrollHeight; // what is answered is the last of it
  }

  async choose(p, choice) {
    if (this.busy) return;
    this.busy = true;
    const answer = await attempt(() => api.chooseBlind(this.round.id, p.n, { choice, note: this.notes.get(p.n) ?? p.note }));
    if (answer) {
      this.round = answer.blind;
      await this.refresh();
      if (this.round && this.round.state !== "done") announce(t("blindDone", { n: this.round.chosen, all: this.round.pairs }));
      if (this.round) this.toNext();
    }
    this.busy = false;
  }

  /* ---- the end ---- */

  end() {
    const { result } = this.round;
    const figure = (n, name) => h("div", {}, h("b", {}, String(n)), h("span", {}, name));
    announce(result[current()]);
    this.show("[data-key=head]", h("header", {}, h("h3", { tabindex: "-1", "data-key": "head" }, t("blindResult"))), h("p", {}, result[current()]),
      h("div", { class: "figures" }, figure(result.trained, t("blindTrained")), figure(result.prompted, t("blindPrompted")), figure(result.same, t("blindSame"))),
      h("p", { class: "quiet small" }, t("blindP", { p: percent(result.p) })),
      h("ol", { class: "told" }, this.pairs.map((p) => this.toldPair(p))),
      h("div", { class: "do" }, h("button", { type: "button", class: "button", "data-key": "rounds", onclick: () => this.list() }, icon("back"), t("blindRounds"))));
  }

  toldPair(p) {
    const card = (side) => h("article", { class: p.choice === side ? "reply chosen" : "reply" },
      h("h4", {}, t(p.trained === side ? "blindTrained" : "blindPrompted"), p.choice === side ? h("span", { class: "tag" }, icon("check"), t("blindChosen")) : null), said(p[side]));
    return h("li", {}, h("p", { class: "line", lang: langOf(p.context.at(-1).text) }, plain(p.context.at(-1).text)), h("div", { class: "replies" }, SIDES.map(card)),
      p.choice === "same" ? h("p", { class: "quiet small" }, t("blindSameBetter")) : null, p.note ? h("p", { class: "quiet small" }, h("q", {}, p.note)) : null);
  }

  /* ---- what comes from elsewhere ---- */

  // The round is another by now, or a pair is waited for. What is being read stays as it is.
  async heard(event) {
    if (event?.type === "blind.removed" && event.id === this.round?.id) return this.list();
    if (!this.round || (event?.blind && event.blind.id !== this.round.id) || this.busy) return;
    const stamp = () => JSON.stringify([this.round?.state, this.pairs.length]);
    const [before, waits] = [stamp(), this.at >= this.pairs.length];
    await this.refresh();
    if (this.round && this.body.isConnected && stamp() !== before && (waits || this.round.state === "done")) this.toNext();
  }

  keys(e) {
    if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing || e.target.closest?.("input, [role=radiogroup]") || !this.round || this.body.closest("dialog") !== [...document.querySelectorAll("dialog[open]")].at(-1)) return;
    const p = this.round.state === "done" ? null : this.pairs[this.at];
    if (p && KEYS[e.key]) this.choose(p, KEYS[e.key]);
    else if (e.key === "ArrowLeft" && this.round.state !== "done") this.step(-1);
    else if (e.key === "ArrowRight" && p?.choice) this.step(1);
    else return;
    e.preventDefault();
  }
}

export async function blind(who) {
  const trial = new Trial(who);
  const keys = (e) => trial.keys(e);
  const hear = (what) => what.blind && trial.heard(what.blind);
  document.addEventListener("keydown", keys);
  listen(hear);
  trial.list();
  await sheet(t("blindTitle", { name: who.name }), () => [trial.body], "blind");
  clearInterval(trial.timer);
  trial.round = null; // what is still under way ends there
  unlisten(hear);
  document.removeEventListener("keydown", keys);
}

/* ---- where one gets there: in the panel ---- */

export class Trained {
  constructor() {
    this.root = h("section", { class: "hidden trained" });
  }

  load(who) {
    const a = who?.adapter;
    this.root.classList.toggle("hidden", !a);
    if (!a) return;
    this.root.setAttribute("aria-label", t("trained"));
    this.root.replaceChildren(h("h3", {}, t("trained")), h("p", { class: "small" }, t(a.on ? "trainedOn" : "trainedOff", { model: a.model, why: a.why })),
      h("div", { class: "spaced" }, h("button", { type: "button", class: "button", "data-key": "blind", "aria-haspopup": "dialog", onclick: () => blind(who) }, icon("sides"), t("blindOpen"))));
  }
}
