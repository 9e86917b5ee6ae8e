// What a character has kept of the first turns, which are not read to it any more: folded; it can be deleted, and is made anew.
import { api } from "./api.js";
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { failed, toast } from "./over.js";

export class Summary {
  constructor() {
    this.title = h("summary", {});
    this.list = h("ul", { class: "kept" });
    const button = h("button", { type: "button", class: "button", onclick: () => this.remove() }, t("forgetKept"));
    this.root = h("section", { class: "hidden" }, h("details", {}, this.title, this.list, button));
  }

  async load(info) {
    this.info = info;
    this.root.classList.add("hidden");
    if (!info) return;
    try {
      const { summary } = await api.summary(info.id);
      if (this.info !== info || !summary?.text) return;
      this.title.textContent = t("kept", { n: summary.seq });
      this.list.replaceChildren(...summary.text.split("\n").map((line) => h("li", {}, line)));
      this.root.classList.remove("hidden");
    } catch (error) {
      if (!error.missing) failed(error);
    }
  }

  async remove() {
    try {
      await api.forgetSummary(this.info.id);
      this.root.classList.add("hidden");
      toast(t("keptGone"));
    } catch (error) {
      failed(error);
    }
  }
}
