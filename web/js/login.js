// Before the page: the password, and "nobody answers".
import { api } from "./api.js";
import { h } from "./dom.js";
import { t } from "./i18n.js";

export function login(app, wrong = false) {
  const input = h("input", { class: "field", type: "password", "aria-label": t("password"), placeholder: t("password"), autocomplete: "current-password" });
  app.replaceChildren(h("form", { class: "login", onsubmit: async (e) => {
    e.preventDefault();
    try {
      await api.login(input.value);
      location.reload();
    } catch (error) {
      login(app, error.status === 0 ? t("notHere") : error.status === 401 || error.status === 403 ? t("wrong") : error.message);
    }
  } }, h("img", { src: "icon.svg", alt: "anima" }), h("h1", {}, t("login")), input, wrong ? h("span", { class: "bad", role: "alert" }, wrong) : null, h("button", { class: "button primary" }, t("enter"))));
  input.focus();
}

export function unreachable(app, again) {
  app.replaceChildren(h("div", { class: "boot over", role: "alert" }, h("img", { src: "icon.svg", alt: "" }), h("h1", {}, t("notHere")), h("p", {}, t("notHereText")), h("p", {}, h("button", { type: "button", class: "button", onclick: again }, t("retry")))));
}
