// What a character noted: each with the words it came from; it can be put aside, changed, deleted, and one can add to it.
import { api } from "./api.js";
import { person } from "./composer.js";
import { atMost, h, reconcile } from "./dom.js";
import { current, dayOf, t } from "./i18n.js";
import { iconButton } from "./icons.js";
import { attempt, failed, soon } from "./over.js";
import { state } from "./store.js";

const LONGEST = 400; // bytes
const leaving = new Set(); // ids of those that are about to be deleted

// What was noted in a conversation from a turn on; none where this anima keeps no notes.
export async function notesFrom(info, seq = 0) {
  try {
    return (await api.notes(info.character)).notes.filter((n) => n.conversation === info.id && n.seq >= seq);
  } catch {
    return [];
  }
}

export class Notes {
  constructor() {
    this.notes = [];
    this.editing = null;
    this.title = h("h3", {});
    this.list = h("ul", { class: "notes" });
    this.empty = h("p", { class: "quiet small" }, t("noNotes"));
    const input = atMost(h("input", { class: "field", placeholder: t("addNote"), "aria-label": t("addNote") }), LONGEST);
    const form = h("form", { class: "noting", onsubmit: async (e) => {
      e.preventDefault();
      if (!input.value.trim()) return;
      const added = await attempt(() => api.addNote(this.who.id, input.value.trim(), person()));
      if (added) (this.put(added.note), (input.value = ""));
    } }, input, h("button", { class: "button" }, t("add")));
    this.root = h("section", { class: "hidden noted" }, this.title, this.empty, this.list, form);
  }

  async load(who) {
    this.who = who;
    this.root.classList.add("hidden");
    if (!who || who.gone) return;
    this.title.textContent = t("noted", { name: who.name });
    try {
      const { notes } = await api.notes(who.id);
      if (this.who !== who) return;
      this.notes = notes;
      state.can.notes = true;
      this.root.classList.remove("hidden");
      this.draw();
    } catch (error) {
      if (!error.missing) failed(error);
    }
  }

  put(note) {
    const i = this.notes.findIndex((n) => n.id === note.id);
    if (i >= 0) this.notes[i] = note;
    else this.notes.push(note);
    this.draw();
  }

  heard(event) {
    if (event.type === "note.removed") this.notes = this.notes.filter((n) => n.id !== event.id);
    else if (event.note.character === this.who?.id) return this.put(event.note);
    this.draw();
  }

  async change(note, change) {
    const answer = await attempt(() => api.changeNote(note.id, change));
    if (answer) this.put(answer.note);
  }

  // Put aside at once, deleted a little later: until then it comes back as it was, with the words and the place it is from.
  async remove(note) {
    if (note.active && !(await attempt(() => api.changeNote(note.id, { active: false })))) return;
    leaving.add(note.id);
    this.draw();
    const over = () => (leaving.delete(note.id), this.draw());
    soon(t("gone"), {
      run: async () => {
        if (await attempt(() => api.removeNote(note.id))) this.notes = this.notes.filter((n) => n.id !== note.id);
        over();
      },
      undone: async () => {
        if (note.active) await this.change(note, { active: true });
        over();
      },
      atLast: () => api.removeNoteAtLast(note.id),
    });
  }

  item(note, several) {
    if (this.editing === note.id) return this.editor(note);
    const flip = () => this.change(note, { active: !note.active });
    return h("li", { class: note.active ? "note" : "note off" }, h("p", {}, note.text),
      h("span", { class: "source" }, note.said && note.said !== note.text ? [`${several && note.person ? `${note.person} · ` : ""}${t("noteOf")} `, h("q", {}, note.said), " · "] : null,
        note.conversation && note.seq ? h("a", { href: `#/c/${note.conversation}/${note.seq}` }, dayOf(note.created_ms)) : dayOf(note.created_ms)),
      h("div", { class: "do" }, h("button", { type: "button", class: "switch", role: "switch", "aria-checked": String(Boolean(note.active)), "data-key": "flip", onclick: flip }, h("i"), note.active ? t("noteOn") : t("noteOff")),
        h("span", { class: "spring" }),
        iconButton("edit", t("edit"), () => ((this.editing = note.id), this.draw(), this.list.querySelector("textarea")?.focus()), { "data-key": "edit" }),
        iconButton("trash", t("remove"), () => this.remove(note), { "data-key": "trash" })));
  }

  editor(note) {
    const area = atMost(h("textarea", { class: "field", rows: 3, "aria-label": t("edit") }), LONGEST);
    area.value = note.text;
    const end = (save) => {
      this.editing = null;
      if (save && area.value.trim() && area.value.trim() !== note.text) this.change(note, { text: area.value.trim() });
      this.draw();
    };
    area.addEventListener("keydown", (e) => {
      if (e.isComposing || e.keyCode === 229) return;
      if (e.key === "Escape") (e.stopPropagation(), end(false));
      else if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) end(true);
    });
    return h("li", { class: "note" }, area, h("div", { class: "do" }, h("button", { type: "button", class: "button primary", onclick: () => end(true) }, t("save")), h("button", { type: "button", class: "button plain", onclick: () => end(false) }, t("cancel"))));
  }

  draw() {
    const notes = this.notes.filter((n) => !leaving.has(n.id));
    const several = new Set(notes.map((n) => n.person)).size > 1;
    this.empty.classList.toggle("hidden", notes.length > 0);
    reconcile(this.list, notes.sort((a, b) => b.created_ms - a.created_ms).map((n) => ({ key: n.id, stamp: JSON.stringify([n, several, current(), this.editing === n.id]), make: () => this.item(n, several) })));
  }
}
