// Chats of other programs: an export is dropped or chosen, what is in it is shown, then it comes in; imports, how far they are, undone.
import { api } from "./api.js";
import { chooseWhose } from "./bring.js";
import { person } from "./composer.js";
import { h } from "./dom.js";
import { number, t, whenOf } from "./i18n.js";
import { icon } from "./icons.js";
import { ask, attempt, failed, sheet, toast } from "./over.js";
import { character } from "./store.js";

const EVERY = 600; // ms, while one comes in
const SHOWN = 12; // people
const ACCEPT = ".txt,.json,.jsonl,.ndjson,.csv,.js,.mbox,.eml";

// What is in it; the promise is the name that is one's own ("": none of them), or undefined: it shall not come in.
function confirm(found, who) {
  const people = found.people.filter((p) => !p.giver).slice(0, SHOWN);
  const known = found.people.some((p) => p.giver);
  let me = "";
  const one = (name, label, small) => h("label", { class: "pick" }, h("input", { type: "radio", name: "me", checked: name === me, onchange: () => (me = name) }), h("span", {}, label), small ? h("small", {}, small) : null);
  const names = known ? h("p", { class: "quiet small" }, people.map((p) => `${p.name} (${number(p.messages)})`).join(", "))
    : h("fieldset", {}, h("legend", {}, t("chatsMe", { name: person() })), one("", t("chatsNone")), people.map((p) => one(p.name, p.name, number(p.messages))));
  const trouble = found.files.map((f) => f.trouble).find(Boolean);
  return sheet(t("chatsTitle"), (close) => [
    h("p", {}, t("chatsFound", { n: number(found.messages), chats: number(found.chats), from: whenOf(found.from_ms), to: whenOf(found.to_ms) })),
    h("p", {}, t("chatsBecome", { name: character(who).name, n: number(found.conversations) })), names,
    trouble ? h("p", { class: "quiet small" }, t("chatsTrouble", { why: trouble })) : null,
    h("div", { class: "do" }, h("button", { type: "button", class: "button", onclick: () => close() }, t("cancel")), h("button", { type: "button", class: "button primary", "data-key": "bring", onclick: () => close(me) }, t("chatsBring")))], "chats-found");
}

export class Chats {
  // whose(): the character that is chosen beside it, or "".
  constructor(whose) {
    Object.assign(this, { whose, list: h("ul", { class: "imports" }) });
    this.input = h("input", { type: "file", accept: ACCEPT, multiple: true, hidden: true, onchange: () => this.bringAll([...this.input.files]) });
    this.root = h("section", { class: "chats", "aria-label": t("chatsTitle") }, h("h3", {}, t("chatsTitle")), h("p", { class: "quiet small" }, t("chatsHint")),
      h("button", { type: "button", class: "button", "data-key": "chats", onclick: () => this.input.click() }, icon("into"), t("chatsChoose")), this.input, this.list);
    this.root.addEventListener("dragover", (e) => e.preventDefault());
    this.root.addEventListener("drop", (e) => {
      e.preventDefault();
      e.stopPropagation(); // or the page would take it for a card
      this.bringAll([...e.dataTransfer.files]);
    });
  }

  async bringAll(files) {
    this.input.value = "";
    for (const file of files) await this.bring(file);
  }

  async bring(file) {
    const who = this.whose() || (await chooseWhose(t("chatsWhose")));
    if (!who) return;
    const note = toast(t("adding", { file: file.name }), { progress: true });
    try {
      const { found } = await api.chats(file, who, { giver: person(), look: 1 }, note.progress);
      note.close();
      const me = await confirm(found, who);
      if (me === undefined) return;
      await api.chats(file, who, { giver: person(), me });
      await this.load();
    } catch (error) {
      failed(error);
    }
    note.close();
  }

  line(one) {
    const running = one.state === "running";
    const far = t("chatsDone", { done: number(one.done), all: number(one.messages) });
    return h("li", { class: "import" }, h("span", { class: "top" }, h("b", {}, one.name), h("span", { class: "when" }, `${character(one.character).name} · ${whenOf(one.at_ms)}`),
      running ? null : h("button", { type: "button", class: "button small", "data-key": `undo-${one.id}`, onclick: () => this.undo(one) }, t("chatsUndo"))),
    running ? h("progress", { max: one.messages, value: one.done, "aria-label": far }) : null,
    h("span", { class: "quiet small" }, far, one.state === "unfinished" ? ` · ${one.error?.message ?? t("chatsUnfinished")}` : ""));
  }

  async load() {
    clearTimeout(this.timer);
    try {
      const { imports } = await api.imports();
      const runs = imports.some((x) => x.state === "running");
      if (this.ran && !runs) toast(t("chatsCame"));
      this.ran = runs;
      this.list.replaceChildren(...imports.map((x) => this.line(x)));
      if (runs) this.timer = setTimeout(() => this.root.isConnected && this.load(), EVERY);
    } catch (error) {
      if (error.missing) this.root.remove();
      else failed(error);
    }
  }

  async undo(one) {
    if (!(await ask(t("chatsUndoTitle"), t("chatsUndoText", { n: number(one.conversations) }), [[t("cancel"), false], [t("chatsUndoYes"), true, "danger"]]))) return;
    if (await attempt(() => api.undoImport(one.id))) toast(t("gone"));
    await this.load();
  }
}
