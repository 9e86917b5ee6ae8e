// Writing: a draft per conversation, Enter sends (never in the middle of an input method's word), who is speaking.
import { h, icon } from "./dom.js";
import { t } from "./i18n.js";
import { character, conversation, state, underWay } from "./store.js";

const draftKey = () => `anima.draft.${state.conversation}`;
export const person = () => localStorage.getItem("anima.person") || state.status?.person || "";

function fit(area) {
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight}px`;
}

function whoSpeaks(redraw) {
  const me = person();
  const names = [...new Set([state.status?.person, me, ...state.people.map((p) => p.name)].filter(Boolean))];
  const select = h("select", { "aria-label": t("speaking"), onchange: () => {
    if (select.value) {
      localStorage.setItem("anima.person", select.value);
      return redraw();
    }
    const input = h("input", { placeholder: t("nameOf"), maxLength: 20, "aria-label": t("nameOf") });
    const done = () => {
      if (input.value.trim()) localStorage.setItem("anima.person", input.value.trim());
      redraw();
    };
    input.addEventListener("keydown", (e) => e.key === "Enter" && !e.isComposing && done());
    input.addEventListener("blur", done);
    select.replaceWith(input);
    input.focus();
  } }, names.map((n) => h("option", { value: n, selected: n === me }, n)), h("option", { value: "" }, t("somebodyElse")));
  return h("div", { class: "as" }, t("speaking"), select);
}

export function drawComposer(root, { say, cancel, redraw }) {
  const name = character(conversation(state.conversation)?.character ?? "").name;
  const area = h("textarea", { rows: 1, placeholder: t("write", { name }), "aria-label": t("write", { name }), maxLength: 20000 });
  area.value = localStorage.getItem(draftKey()) || "";
  const submit = () => {
    const text = area.value.trim();
    if (!text) return;
    area.value = "";
    localStorage.removeItem(draftKey());
    fit(area);
    say(text);
  };
  area.addEventListener("input", () => {
    localStorage.setItem(draftKey(), area.value);
    fit(area);
    drawButton();
  });
  area.addEventListener("keydown", (e) => {
    if (e.key === "Enter" && !e.shiftKey && !e.isComposing && e.keyCode !== 229) {
      e.preventDefault();
      submit();
    } else if (e.key === "Escape" && underWay()) {
      cancel();
    }
  });
  const button = h("span", {});
  const drawButton = () => {
    const stops = underWay() && !area.value.trim();
    button.replaceChildren(h("button", { class: "send", type: "button", "aria-label": stops ? t("stop") : t("send"),
      disabled: !stops && !area.value.trim(), onclick: stops ? cancel : submit }, icon(stops ? "stop" : "send")));
  };
  root.replaceChildren(whoSpeaks(redraw), h("div", { class: "box" }, area, button));
  drawButton();
  requestAnimationFrame(() => fit(area));
  return { drawButton, focus: () => area.focus({ preventScroll: true }) };
}
