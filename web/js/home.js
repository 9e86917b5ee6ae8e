// Home: everybody who lives here, as cards with their pictures; where one goes on, begins, and brings somebody in.
import { api } from "./api.js";
import { blind } from "./blind.js";
import { chooseFile } from "./bring.js";
import { person } from "./composer.js";
import { h, reconcile } from "./dom.js";
import { current, t, tagline, whenOf } from "./i18n.js";
import { plain } from "./markdown.js";
import { icon, iconButton } from "./icons.js";
import { ask, failed, menu, sheet } from "./over.js";
import { aura, picture } from "./portrait.js";
import { touch } from "./prefs.js";
import { changed, state } from "./store.js";

function hello() {
  const hour = new Date().getHours();
  const name = person();
  return hour < 5 ? t("night", { name }) : hour < 12 ? t("morning", { name }) : hour < 18 ? t("day", { name }) : t("evening", { name });
}

function about(who) {
  sheet(t("about", { name: who.name }), (close) => [h("p", {}, tagline(who)),
    who.creator ? h("p", { class: "quiet" }, t("by", { who: who.creator }), who.version ? ` · ${t("version", { v: who.version })}` : "") : null,
    who.tags?.length ? h("p", { class: "quiet" }, `${t("tags")}: ${who.tags.join(", ")}`) : null,
    who.adapter ? h("p", { class: "quiet" }, t(who.adapter.on ? "trainedOn" : "trainedOff", { model: who.adapter.model, why: who.adapter.why })) : null,
    who.adapter ? h("div", {}, h("button", { type: "button", class: "button", "data-key": "blind", "aria-haspopup": "dialog", onclick: () => (close(), blind(who)) }, icon("sides"), t("blindOpen"))) : null,
    who.greetings?.length > 1 ? h("p", { class: "quiet" }, t("greetingsCount", { n: who.greetings.length })) : null].filter(Boolean));
}

async function remove(who) {
  const yes = await ask(t("removeTitle", { name: who.name }), t("removeText", { name: who.name }), [[t("cancel"), false], [t("removeCharacter", { name: who.name }).replace(/[.…]+$/, ""), true, "danger"]]);
  if (!yes) return;
  try {
    await api.removeCharacter(who.id);
    // One of those that came along may stand behind it.
    state.characters = (await api.characters()).characters;
    changed("characters");
  } catch (error) {
    failed(error);
  }
}

function cardMenu(anchor, who, go) {
  const file = (format, label) => ({ icon: "out", label, href: api.cardUrl(who.id, format) });
  menu(anchor, [{ icon: "talk", label: t("begin"), run: () => go.begin(who.id) }, { icon: "card", label: t("about", { name: who.name }), run: () => about(who) },
    ...(state.can.cards ? [null, file("png", t("exportPng")), file("json", t("exportJson")), file("charx", t("exportCharx"))] : []),
    ...(who.own ? [null, { icon: "trash", label: t("removeCharacter", { name: who.name }), danger: true, run: () => remove(who) }] : [])]);
}

function card(who, last, go, arrives) {
  const more = iconButton("more", `${who.name}: ${t("more")}`, () => cardMenu(more, who, go), { class: "icon-button more", "aria-haspopup": "menu", "data-key": "more" });
  const main = last ? h("a", { href: `#/c/${last.id}`, "data-key": "main" }, who.name)
    : h("a", { href: "#/", "data-key": "main", onclick: (e) => (e.preventDefault(), go.begin(who.id)) }, who.name);
  const root = h("article", { class: arrives ? "card arrives" : "card", "data-character": who.id }, h("div", { class: "picture" }, picture(who)),
    h("div", { class: "about" }, h("h2", {}, main), h("p", { class: "tagline" }, tagline(who)),
      last ? h("div", { class: "last" }, h("b", {}, last.title || t("untitled")), h("span", {}, `${whenOf(last.updated_ms)} · ${plain(last.last_text)}`)) : null,
      h("div", { class: "do" }, last ? [h("a", { class: "button primary", href: `#/c/${last.id}`, "data-key": "on" }, t("goOn")), h("button", { type: "button", class: "button", "data-key": "new", title: t("begin"), onclick: () => go.begin(who.id) }, icon("plus"), t("beginShort"))]
        : h("button", { type: "button", class: "button primary", "data-key": "new", onclick: () => go.begin(who.id) }, h("span", {}, t("talkTo", { name: who.name }))))), more);
  aura(who, root);
  return root;
}

export function drawHome(root, go, arrived) {
  let grid = root.querySelector(".cards");
  if (!grid) {
    grid = h("div", { class: "cards" });
    root.replaceChildren(h("div", { class: "home-inner" }, h("header", { class: "welcome" },
      h("button", { type: "button", class: "icon-button only-phone", "aria-label": t("lists"), onclick: () => go.openSide() }, icon("menu")),
      h("div", {}, h("h1", {}, hello()), h("p", {}, state.characters.length ? t("whom") : t("nobody")))), grid));
  }
  root.querySelector("h1").textContent = hello();
  root.querySelector(".welcome p").textContent = state.characters.length ? t("whom") : t("nobody");
  const talks = state.conversations.filter((c) => !state.leaving.has(c.id));
  const entries = state.characters.map((who) => {
    const last = talks.find((c) => c.character === who.id);
    return { key: who.id, stamp: JSON.stringify([who, last?.id, last?.title, last?.last_text, current()]), make: () => card(who, last, go, who.id === arrived) };
  });
  if (state.can.cards) entries.push({ key: "+", stamp: current(), make: () => h("button", { type: "button", class: "card add", "data-key": "add", onclick: () => chooseFile("card", go) }, icon("plus"), h("b", {}, t("bringSomebody")), h("span", {}, t(touch() ? "bringHowTouch" : "bringHow"))) });
  reconcile(grid, entries);
  if (arrived) grid.querySelector(".arrives")?.scrollIntoView({ block: "center", behavior: "smooth" });
}
