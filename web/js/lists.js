// The left side: who is there, what was talked about, and the switches for language and light.
import { avatar, h } from "./dom.js";
import { change, current, dayOf, t, tagline, timeOf } from "./i18n.js";
import { character, state } from "./store.js";

const THEMES = ["auto", "light", "dark"];

export function applyTheme() {
  const theme = localStorage.getItem("anima.theme") || "auto";
  const dark = theme === "dark" || (theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  return theme;
}

function themeButton(redraw) {
  const theme = applyTheme();
  return h("button", { class: "chip", "aria-label": t("theme"), onclick: () => {
    localStorage.setItem("anima.theme", THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length]);
    applyTheme();
    redraw();
  } }, t(theme));
}

function languageButton(redraw) {
  return h("button", { class: "chip", lang: current() === "zh" ? "en" : "zh", onclick: () => {
    change(current() === "zh" ? "en" : "zh");
    redraw();
  } }, t("language"));
}

function conversationRow(c, open) {
  const today = new Date(c.updated_ms).toDateString() === new Date().toDateString();
  return h("button", { class: "row", "aria-current": String(c.id === state.conversation), onclick: () => open(c.id) },
    avatar(character(c.character), true),
    h("span", { class: "main" },
      h("span", { class: "top" }, h("span", { class: "name" }, c.title || character(c.character).name),
        h("span", { class: "when" }, today ? timeOf(c.updated_ms) : dayOf(c.updated_ms))),
      h("span", { class: "line" }, c.last_text || t("untitled"))));
}

export function drawLists(root, { open, begin, redraw }) {
  root.replaceChildren(
    h("div", { class: "brand" }, h("img", { src: "icon.svg", alt: "" }), "anima"),
    h("h2", {}, t("characters")),
    h("div", { class: "people" }, state.characters.map((c) => h("button", { class: "row", title: t("begin"), onclick: () => begin(c.id) },
      avatar(c),
      h("span", { class: "main" }, h("span", { class: "top" }, h("span", { class: "name" }, c.name)), h("span", { class: "wrap" }, tagline(c)))))),
    h("h2", {}, t("conversations")),
    h("nav", { class: "list", "aria-label": t("conversations") },
      state.conversations.length ? state.conversations.map((c) => conversationRow(c, open)) : h("p", { class: "quiet row" }, t("nothing"))),
    h("div", { class: "foot" }, languageButton(redraw), themeButton(redraw)));
}
