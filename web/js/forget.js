// Forgetting for good: what would go is shown before anything does. Pins: what is kept in mind. Beside a line of what is remembered, and at a
// message that asked for it.
import { api } from "./api.js";
import { h } from "./dom.js";
import { t, whenOf } from "./i18n.js";
import { icon, iconButton } from "./icons.js";
import { langOf, plain } from "./markdown.js";
import { attempt, sheet, toast } from "./over.js";
import { character } from "./store.js";

const WHY = { copy: "forgetCopy", repeats: "forgetRepeats" };

const goes = (turn) => h("li", { class: "memory" }, h("div", { class: "goes" },
  h("span", { class: "top" }, h("b", {}, turn.person ?? character(turn.character).name), h("span", { class: "when" }, whenOf(turn.at_ms)), WHY[turn.why] ? h("span", { class: "kind" }, t(WHY[turn.why])) : null),
  h("span", { class: "line", lang: langOf(turn.text) }, plain(turn.text))));

// turns: [{conversation, seq}]. True once they are forgotten.
export async function forget(turns) {
  const look = await attempt(() => api.forget(turns, true));
  if (!look) return false;
  if (!look.items.length) {
    toast(t("forgetNothing"));
    return false;
  }
  const sure = await sheet(t("forgetTitle"), (close) => [h("p", {}, t("forgetWhat")), h("ul", { class: "memories" }, look.items.map(goes)),
    h("div", { class: "do" }, h("button", { type: "button", class: "button", "data-key": "keep", onclick: () => close(false) }, t("cancel")),
      h("button", { type: "button", class: "button danger", "data-key": "forget", onclick: () => close(true) }, icon("trash"), t("forgetDo"))),
  ], "remembering forgetting");
  if (!sure || !(await attempt(() => api.forget(turns, false)))) return false;
  toast(t("forgotten"));
  return true;
}

async function pin(m, button) {
  const pinned = !m.pinned;
  if (!(await attempt(() => api.pin(m.conversation, m.seq, pinned)))) return;
  m.pinned = pinned;
  show(m, button);
}

function show(m, button) {
  button.setAttribute("aria-pressed", String(m.pinned));
  button.title = m.pinned ? t("unpin") : t("pin");
}

// What can be done with something that is remembered. again: the list is drawn anew.
export function memoryTools(m, again) {
  const button = iconButton("pin", t("pin"), () => pin(m, button), { "data-key": "pin", class: "icon-button pin" });
  show(m, button);
  return h("div", { class: "memory-tools" }, button,
    iconButton("trash", t("forgetTitle"), async () => (await forget([{ conversation: m.conversation, seq: m.seq }])) && again(), { "data-key": "forget" }));
}

// At a message that wanted something forgotten. choose: opens the memory.
export function forgotMark(turn, choose) {
  if (!turn.forgot) return null;
  if (turn.forgot > 0) return h("p", { class: "forgot quiet small" }, icon("trash"), t("forgotWith", { n: turn.forgot }));
  return h("p", { class: "forgot quiet small" }, t("forgotUnclear"), " ", h("button", { type: "button", class: "button", "data-key": `choose${turn.seq}`, "aria-haspopup": "dialog", onclick: choose }, icon("memory"), t("forgotChoose")));
}
