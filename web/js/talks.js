// What can be done with a whole conversation: rename, export, delete. Deleting waits a few seconds for a change of mind.
import { api } from "./api.js";
import { atMost, h } from "./dom.js";
import { t } from "./i18n.js";
import { notesFrom } from "./notes.js";
import { ask, failed, menu, soon } from "./over.js";
import { changed, character, conversation, dropConversation, putConversation, state } from "./store.js";

export const titleOf = (c) => c?.title || (c ? character(c.character).name : "");
const LONGEST_TITLE = 127; // bytes

// What was noted in it is said in it, too: whether that goes as well, its owner decides. Undefined: a change of mind.
async function keepsNotes(info) {
  const { name } = character(info.character);
  const n = (await notesFrom(info)).length;
  return n ? ask(t("notesTitle", { name }), t("notesText", { n: n === 1 ? t("oneThing") : t("things", { n }), name }), [[t("cancel"), undefined], [t("notesKeep"), true], [t("notesDelete"), false, "danger"]]) : false;
}

export async function removeTalk(id, go) {
  const info = conversation(id);
  const keep = info && !state.leaving.has(id) ? await keepsNotes(info) : undefined;
  if (keep === undefined || state.leaving.has(id)) return;
  const was = state.conversation === id;
  const finish = async () => {
    try {
      await api.remove(id, keep);
      dropConversation(id);
    } catch (error) {
      back();
      failed(error);
    }
  };
  const back = () => {
    state.leaving.delete(id);
    changed("conversations");
  };
  soon(t("removeFor", { title: titleOf(info) }), { run: finish, undone: () => (back(), was && go.open(id)), atLast: () => api.removeAtLast(id, keep), now: t("now") });
  state.leaving.add(id);
  changed("conversations");
  if (was) go.home();
}

// The title becomes a field in its own place.
export function renameIn(element, id, done) {
  const info = conversation(id);
  const input = atMost(h("input", { class: "field", "aria-label": t("title"), value: info.title }), LONGEST_TITLE);
  input.value = info.title;
  let ended = false;
  const end = async (save) => {
    if (ended) return;
    ended = true;
    const title = input.value.trim();
    if (save && title && title !== info.title) {
      try {
        const answer = await api.rename(id, title);
        putConversation(answer.conversation);
      } catch (error) {
        failed(error);
      }
    }
    input.replaceWith(element); // as it was; what changed is drawn anew
    changed("conversations");
    done?.();
  };
  input.addEventListener("keydown", (e) => {
    if (e.isComposing || e.keyCode === 229) return;
    if (e.key === "Enter") end(true);
    else if (e.key === "Escape") end(false);
    else return;
    e.preventDefault();
    e.stopPropagation();
  });
  input.addEventListener("blur", () => end(true));
  element.replaceWith(input);
  input.focus();
  input.select();
}

export function talkMenu(anchor, id, go, rename) {
  if (!state.can.talks) return;
  const file = (format, label) => ({ icon: "out", label, href: api.exportUrl(id, format) });
  const lives = id === state.conversation && { icon: "rails", label: t("timelines"), run: () => go.acts.timelines() };
  menu(anchor, [{ icon: "edit", label: t("rename"), run: rename }, ...(lives ? [lives] : []), null, file("markdown", t("exportMarkdown")), file("jsonl", t("exportJsonl")), file("sillytavern", t("exportSillytavern")), null,
    { icon: "trash", label: t("remove"), danger: true, run: () => removeTalk(id, go) }]);
}
