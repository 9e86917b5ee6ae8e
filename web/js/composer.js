// Writing: a draft per conversation, Enter sends (never in the middle of an input method's word), who is speaking.
import { api } from "./api.js";
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { askName, menu } from "./over.js";
import { mark } from "./portrait.js";
import { pref, setPref } from "./prefs.js";
import { character, here, inOrder, state, underWay } from "./store.js";

const draftKey = () => `anima.draft.${state.conversation}`;
export const person = () => pref("person") || state.status?.person || "";

export function people() {
  return [...new Set([state.status?.person, person(), ...state.people.map((p) => p.name)].filter(Boolean))];
}

export async function choosePerson(name, done) {
  const chosen = name || (await askName(t("nameOf")));
  if (chosen) setPref("person", chosen);
  done();
}

function fit(area) {
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight}px`;
}

function whoSpeaks(redraw) {
  const me = person();
  const button = mark(me, "button", { type: "button", title: t("speaking", { name: me }), "aria-label": t("speaking", { name: me }), "aria-haspopup": "menu", "data-key": "as" }, "as mark");
  button.addEventListener("click", () => menu(button, [...people().map((name) => ({ label: name, chosen: name === me, run: () => choosePerson(name, redraw) })), null,
    { icon: "plus", label: t("somebodyElse"), run: () => choosePerson("", redraw) }]));
  return button;
}

export function drawComposer(root, { say, cancel, redraw, editLast }) {
  const { name, gone } = character(here()?.character ?? "");
  const area = h("textarea", { rows: 1, placeholder: t("write", { name }), "aria-label": t("write", { name }), maxLength: 20000, "data-key": "write" });
  area.value = localStorage.getItem(draftKey()) || "";
  // In a pause the engine reads what is there so far, so that the reply comes sooner.
  let pause = 0;
  const readAhead = (e) => {
    clearTimeout(pause);
    const text = area.value.trim();
    if (e.isComposing || text.length < 4 || underWay()) return;
    const id = state.conversation;
    pause = setTimeout(() => api.typing(id, { text, person: person() }).catch(() => {}), 500);
  };
  const submit = () => {
    const text = area.value.trim();
    if (!text) return;
    clearTimeout(pause);
    area.value = "";
    localStorage.removeItem(draftKey());
    fit(area);
    say(text);
    area.focus({ preventScroll: true });
  };
  area.addEventListener("input", (e) => {
    readAhead(e);
    if (area.value) localStorage.setItem(draftKey(), area.value);
    else localStorage.removeItem(draftKey());
    fit(area);
    drawButton();
  });
  area.addEventListener("compositionend", readAhead); // the last input of a composition is still one of it
  area.addEventListener("keydown", (e) => {
    if (e.isComposing || e.keyCode === 229) return;
    const sends = pref("enter") === "ctrl" ? e.ctrlKey || e.metaKey : !e.shiftKey;
    if (e.key === "Enter" && sends) submit();
    else if (e.key === "Escape" && underWay()) cancel();
    else if (e.key === "ArrowUp" && !area.value && inOrder().some((x) => x.role === "person")) editLast();
    else return;
    e.preventDefault();
  });
  // One button, always the same element, so that its focus stays: it sends, or stops what is coming.
  const button = h("button", { class: "send", type: "button", "data-key": "send", onclick: () => (stops() ? cancel() : submit()) });
  const stops = () => underWay() && !area.value.trim();
  const drawButton = () => {
    const stop = Boolean(stops());
    if (button.dataset.stops !== String(stop)) button.replaceChildren(icon(stop ? "stop" : "send"));
    button.dataset.stops = String(stop);
    button.setAttribute("aria-label", stop ? t("stop") : t("send"));
    button.title = stop ? t("stop") : t("send");
    button.disabled = !stop && !area.value.trim();
  };
  if (gone) root.replaceChildren(h("p", { class: "gone" }, t("characterGone", { name })));
  else root.replaceChildren(h("div", { class: "box" }, whoSpeaks(redraw), area, button));
  drawButton();
  requestAnimationFrame(() => fit(area));
  return { drawButton, focus: () => area.focus({ preventScroll: true }), area };
}
