// One of several, as buttons in a row; arrows move as in any radio group.
import { h } from "./dom.js";

export function segments(label, options, chosen, choose) {
  const buttons = options.map(([value, text]) => h("button", { type: "button", role: "radio", "aria-checked": String(value === chosen), tabindex: value === chosen ? "0" : "-1", "data-key": value, lang: value === "zh" || value === "en" ? value : null, onclick: () => pick(value) }, text));
  const pick = (value) => {
    buttons.forEach((b, i) => {
      b.setAttribute("aria-checked", String(options[i][0] === value));
      b.tabIndex = options[i][0] === value ? 0 : -1;
      if (options[i][0] === value) b.scrollIntoView({ block: "nearest", inline: "center" });
    });
    choose(value);
  };
  const root = h("div", { class: "segments", role: "radiogroup", "aria-label": label }, buttons);
  root.addEventListener("keydown", (e) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[e.key];
    if (!step) return;
    const to = (buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length;
    e.preventDefault();
    pick(options[to][0]);
    buttons[to].focus();
  });
  return root;
}
