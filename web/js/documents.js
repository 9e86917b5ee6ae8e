// Documents that a character was given: dropped or chosen, listed with their outlines, asked, taken away; and how a passage is shown with its place.
import { api } from "./api.js";
import { person } from "./composer.js";
import { h } from "./dom.js";
import { current, number, t, whenOf } from "./i18n.js";
import { icon, iconButton } from "./icons.js";
import { langOf } from "./markdown.js";
import { ask, attempt, failed, sheet, toast } from "./over.js";
import { character } from "./store.js";

const EVERY = 800; // ms, while meanings are being made
const ACCEPT = ".txt,.text,.md,.markdown,.html,.htm,.xhtml,.epub,.pdf";
// What is said of a PDF that is not read, in the words of the page's language.
const REFUSED = [[/pdftotext/, "docPdf"], [/ocrmypdf/, "docScan"], [/needs its password/, "docLocked"]];
export const DOCUMENT = /\.(txt|text|md|markdown|html?|xhtml|epub|pdf)$/i;

/* ---- a passage ---- */

// "3.2." is section 3.2; "Chapter 2" and 第二章 say what they are.
function section(no, title) {
  const name = no.replace(/[.)]+$/, "");
  const what = /^[\d.(]+$/.test(name) ? t("docSection", { n: name }) : name;
  return [what, title ? t("docQuoted", { title }) : ""].filter(Boolean).join(current() === "zh" ? "" : " ");
}

const placeOf = (p) => [section(p.within, p.within_title), p.section === p.title && !p.number ? "" : section(p.number, p.section), p.page ? t("docPage", { n: p.page }) : ""].filter(Boolean).join(t("docComma"));

export const passageLine = (p) => h("li", { class: "memory passage" }, h("p", { class: "top" }, icon("memory"), h("b", { lang: langOf(p.title) }, t("docTitled", { title: p.title })), h("span", { class: "when" }, placeOf(p))),
  h("p", { class: "line", lang: langOf(p.text) }, p.text.replace(/\s+/g, " ")));

/* ---- giving one ---- */

// Asks who may be told of it; the promise is undefined if it shall not be given.
const wish = (file, who) => sheet(t("docGive"), (close) => {
  const title = h("input", { class: "field", type: "text", maxLength: 60, placeholder: t("docItsTitle"), "aria-label": t("docTitle"), "data-key": "title" });
  const everyone = h("input", { type: "checkbox", "data-key": "everyone" });
  return [h("p", {}, t("docGiveText", { file: file.name, name: character(who).name })),
    h("form", { onsubmit: (e) => (e.preventDefault(), close({ title: title.value.trim(), for: everyone.checked ? "everyone" : "" })) }, title,
      h("label", { class: "pick" }, everyone, h("span", {}, t("docEveryone"))),
      h("p", { class: "quiet small" }, t("docElse", { name: person() })),
      h("div", { class: "do" }, h("button", { type: "button", class: "button", onclick: () => close() }, t("cancel")), h("button", { type: "submit", class: "button primary", "data-key": "give" }, t("docGiveYes"))))];
}, "document-wish");

export async function giveDocument(file, who) {
  const more = await wish(file, who);
  if (!more) return;
  const note = toast(t("adding", { file: file.name }), { progress: true });
  try {
    const { document: given } = await api.giveDocument(file, who, { giver: person(), ...more }, note.progress);
    note.close();
    toast(t("docGiven", { title: given.title, name: character(who).name }));
  } catch (error) {
    note.close();
    const why = REFUSED.find(([words]) => words.test(error.message));
    if (why) toast(t(why[1]), { bad: true });
    else failed(error);
  }
}

/* ---- the list ---- */

export class Documents {
  // whose(): the character that is chosen beside it; asked(passages): shows what a question found.
  constructor(whose) {
    Object.assign(this, { whose, list: h("ul", { class: "documents" }), open: new Set() });
    this.input = h("input", { type: "file", accept: ACCEPT, multiple: true, hidden: true, onchange: () => this.give([...this.input.files]) });
    this.root = h("section", { class: "given", "aria-label": t("documents") }, h("h3", {}, t("documents")), h("p", { class: "quiet small" }, t("docHint")),
      h("button", { type: "button", class: "button", "data-key": "documents", onclick: () => this.input.click() }, icon("into"), t("docChoose")), this.input, this.list);
    this.root.addEventListener("dragover", (e) => e.preventDefault());
    this.root.addEventListener("drop", (e) => {
      e.preventDefault();
      e.stopPropagation(); // or the page would ask whose it is
      this.give([...e.dataTransfer.files]);
    });
  }

  async give(files) {
    this.input.value = "";
    for (const file of files) await giveDocument(file, this.whose());
    await this.load();
  }

  line(one) {
    const made = one.passages - one.without_vector;
    const told = one.everyone ? t("docForAll") : t("docFor", { who: [one.giver, ...one.others].join(", ") });
    const figures = [t("docPassages", { n: number(one.passages) }), one.pages ? t("docPages", { n: number(one.pages) }) : "", told].filter(Boolean).join(" · ");
    const outline = h("div", { class: "outline" });
    const more = h("button", { type: "button", class: "button small", "data-key": "outline", "aria-expanded": "false", onclick: () => this.outline(one, outline, more) }, t("docOutline"));
    const item = h("li", { class: "import" }, h("span", { class: "top" }, h("b", { lang: langOf(one.title) }, one.title), h("span", { class: "when" }, `${one.name} · ${whenOf(one.at_ms)}`), h("span", { class: "spring" }), more,
      iconButton("trash", t("docRemove"), () => this.remove(one), { "data-key": "remove" })),
    this.model && one.without_vector ? h("progress", { max: one.passages, value: made, "aria-label": t("docMeanings") }) : null,
    h("span", { class: "quiet small" }, figures), outline);
    if (this.open.has(one.id)) this.outline(one, outline, more);
    return item;
  }

  async outline(one, root, button) {
    if (root.firstChild) {
      root.replaceChildren();
      this.open.delete(one.id);
      button.setAttribute("aria-expanded", "false");
      return;
    }
    const answer = await attempt(() => api.document(one.id));
    if (!answer) return;
    this.open.add(one.id);
    button.setAttribute("aria-expanded", "true");
    root.replaceChildren(answer.sections.length ? h("ul", {}, answer.sections.map((s) => h("li", { class: `d${Math.min(s.depth, 4)}` }, [s.number, s.title].filter(Boolean).join(" "), s.page ? h("small", {}, t("docPage", { n: s.page })) : null)))
      : h("p", { class: "quiet small" }, t("docNoOutline")));
  }

  async load() {
    clearTimeout(this.timer);
    const who = this.whose();
    try {
      const [{ documents }, status] = await Promise.all([api.documents(who), api.memoryStatus()]);
      if (who !== this.whose()) return;
      this.model = status.model;
      this.list.replaceChildren(...(documents.length ? documents.map((x) => this.line(x)) : [h("li", { class: "quiet" }, t("docNone", { name: character(who).name }))]));
      const waits = documents.reduce((n, x) => n + x.without_vector, 0);
      if (this.model && waits && waits !== this.waited) this.timer = setTimeout(() => this.root.isConnected && this.load(), EVERY);
      this.waited = waits;
    } catch (error) {
      if (error.missing) this.root.remove();
      else failed(error);
    }
  }

  async remove(one) {
    if (!(await ask(t("docRemove"), t("docRemoveText", { title: one.title }), [[t("cancel"), false], [t("docRemove"), true, "danger"]]))) return;
    if (await attempt(() => api.removeDocument(one.id))) toast(t("gone"));
    await this.load();
  }
}
