// What this anima can do here, and why not what it cannot.
import { api } from "./api.js";
import { h } from "./dom.js";
import { current, t } from "./i18n.js";

const upper = (text) => text.charAt(0).toUpperCase() + text.slice(1);

export class Abilities {
  constructor() {
    this.root = h("section", { class: "hidden able", "aria-label": t("abilities") });
  }

  async load() {
    try {
      const { abilities } = await api.abilities();
      const zh = current() === "zh";
      this.root.replaceChildren(h("h3", {}, t("abilities")), h("ul", { class: "abilities" }, abilities.map((a) => {
        const why = zh ? a.why_zh : a.why_en;
        return h("li", {}, h("span", { class: a.on ? "state good" : "state" }, upper((zh ? a.zh : a.en) || a.id), h("span", { class: "unseen" }, a.on ? t("yes") : t("no"))), why ? h("p", {}, why) : null);
      })));
      this.root.classList.toggle("hidden", !abilities.length);
    } catch {
      this.root.classList.add("hidden"); // this anima does not say
    }
  }
}
