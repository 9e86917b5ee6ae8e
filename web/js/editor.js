// Editing a turn in its own place. Ctrl+Enter saves, Esc cancels; if somebody else changed it meanwhile, both texts are shown.
import { api } from "./api.js";
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { failed } from "./over.js";
import { inOrder, putTurn, state } from "./store.js";

function fit(area) {
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + 2}px`;
}

// The reply that answers `turn`, if it is the last one: then it can be answered anew at once.
function answerOf(turn) {
  const turns = inOrder();
  const last = turns.at(-1);
  return turn.role === "person" && last?.role === "character" && turns.at(-2)?.seq === turn.seq ? last : null;
}

export function edit(chat, turn, { regenerate, forkWith }) {
  const id = state.conversation;
  let revision = turn.revision;
  const area = h("textarea", { class: "field", rows: 1, "aria-label": t("edit"), maxLength: 20000 });
  area.value = turn.text;
  const conflict = h("div", { class: "both hidden", role: "alert" });
  const choice = h("div", { class: "do choice" });
  const answer = answerOf(turn);

  const end = () => {
    if (chat.editing?.seq !== turn.seq) return;
    chat.editing = null;
    chat.draw();
    chat.element(turn.seq)?.querySelector(`[data-key="edit${turn.seq}"]`)?.focus({ preventScroll: true });
  };
  const save = async (again) => {
    const text = area.value.trim();
    if (!text) return area.focus();
    try {
      const saved = await api.edit(id, turn.seq, text, revision);
      if (id === state.conversation) putTurn(saved.turn);
      end();
      if (again === true && answer) regenerate(state.turns.get(answer.seq));
    } catch (error) {
      if (error.status === 409 && error.code === "conflict") await showBoth();
      else failed(error);
    }
  };
  const showBoth = async () => {
    const { turns } = await api.conversation(id, { after: turn.seq - 1, limit: 1 });
    const now = turns[0];
    if (id === state.conversation) putTurn(now);
    revision = now.revision;
    conflict.classList.remove("hidden");
    conflict.replaceChildren(h("b", {}, t("changedElsewhere")), h("p", {}, now.text), h("b", { class: "yours" }, t("yours")));
    choice.replaceChildren(h("button", { type: "button", class: "button", onclick: end }, t("keepTheirs")), h("button", { type: "button", class: "button primary", onclick: save }, t("keepMine")));
    choice.querySelector("button").focus();
  };

  // An older message has an answer and what followed: another one is asked in a fork.
  const forks = async () => {
    const text = area.value.trim();
    if (text && (await forkWith(turn, text))) chat.editing = null;
  };

  area.addEventListener("input", () => fit(area));
  area.addEventListener("keydown", (e) => {
    if (e.isComposing || e.keyCode === 229) return;
    if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) save();
    else if (e.key === "Escape") end();
    else return;
    e.preventDefault();
    e.stopPropagation();
  });
  const element = h("article", { class: "turn", "data-seq": String(turn.seq) }, h("div", { class: "editor" }, conflict, area, choice, h("div", { class: "do" },
    h("button", { type: "button", class: "button primary", onclick: () => save() }, t("save")),
    answer ? h("button", { type: "button", class: "button", onclick: () => save(true) }, t("saveAgain")) : null,
    turn.role === "person" && !answer ? h("button", { type: "button", class: "button", title: t("saveForkHint"), onclick: forks }, t("saveFork")) : null,
    h("button", { type: "button", class: "button plain", onclick: end }, t("cancel")), h("span", { class: "quiet small" }, t("editHint")))));
  chat.editing = { seq: turn.seq, element };
  chat.draw();
  fit(area);
  area.focus({ preventScroll: true });
  area.setSelectionRange(area.value.length, area.value.length);
  element.scrollIntoView({ block: "nearest" });
}
