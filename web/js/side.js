// The left side: search, the filter by character, what was talked about.
import { api } from "./api.js";
import { h, reconcile, redraw } from "./dom.js";
import { current, t, whenOf } from "./i18n.js";
import { icon, iconButton } from "./icons.js";
import { plain } from "./markdown.js";
import { memory } from "./memory.js";
import { failed, menu } from "./over.js";
import { face } from "./portrait.js";
import { chooseFile } from "./bring.js";
import { makeSearch } from "./search.js";
import { changed, character, putConversation, state } from "./store.js";
import { renameIn, talkMenu, titleOf } from "./talks.js";

function row(c, go) {
  const who = character(c.character);
  const link = h("a", { href: `#/c/${c.id}`, "aria-current": c.id === state.conversation ? "page" : null, "data-key": `talk${c.id}` },
    face(who, "s"),
    h("span", { class: "main" }, h("span", { class: "top" }, h("span", { class: "name" }, c.parent ? icon("fork") : null, titleOf(c)), h("span", { class: "when" }, whenOf(c.updated_ms))),
      h("span", { class: "line" }, plain(c.last_text) || t("untitled"))));
  link.addEventListener("click", () => go.closeSide());
  const more = state.can.talks ? iconButton("more", t("conversationMenu"), () => talkMenu(more, c.id, go, () => renameIn(link, c.id)), { class: "icon-button more", "aria-haspopup": "menu", "data-key": `more${c.id}` }) : null;
  return h("div", { class: "row", "data-current": String(c.id === state.conversation) }, link, more);
}

export class Side {
  constructor(root, go) {
    this.go = go;
    this.root = root;
    this.filter = h("div", { class: "filter", role: "group", "aria-label": t("all") });
    this.list = h("nav", { class: "list", "aria-label": t("lists") });
    this.search = makeSearch(this.list, go, () => this.draw());
    this.list.addEventListener("keydown", (e) => this.move(e));
    const bring = iconButton("more", t("more"), () => menu(bring, this.moreItems()), { "aria-haspopup": "menu" });
    redraw(root,
      h("div", { class: "brand" }, h("a", { class: "home", href: "#/", onclick: () => go.closeSide() }, h("img", { src: "icon.svg", alt: "" }), "anima"), h("span", { class: "spring" }),
        iconButton("plus", t("begin"), () => go.beginAny()), bring, iconButton("close", t("close"), () => go.closeSide(), { class: "icon-button only-phone" })),
      this.search.field, this.filter, this.list,
      h("div", { class: "foot" }, h("button", { type: "button", class: "button plain", "data-key": "settings", onclick: () => go.settings() }, icon("gear"), t("settings")),
        iconButton("help", t("shortcuts"), () => go.help(), { class: "icon-button help" })));
    this.draw();
  }

  moreItems() {
    return [state.can.memory && { icon: "memory", label: t("memOpen"), run: () => memory() },
      state.can.cards && { icon: "card", label: t("addCard"), run: () => chooseFile("card", this.go) },
      state.can.talks && { icon: "into", label: t("importTalk"), run: () => chooseFile("talk", this.go) },
      { icon: "gear", label: t("settings"), run: () => this.go.settings() }].filter(Boolean);
  }

  draw() {
    this.search.field.classList.toggle("hidden", !state.can.talks);
    const used = state.characters.filter((c) => state.conversations.some((x) => x.character === c.id));
    if (state.filter && !used.some((c) => c.id === state.filter)) state.filter = "";
    const choose = (id) => {
      state.filter = state.filter === id ? "" : id;
      this.draw();
    };
    redraw(this.filter, used.length < 2 ? [] : [h("button", { type: "button", class: "all", "aria-pressed": String(!state.filter), "data-key": "all", onclick: () => choose("") }, t("all")),
      ...used.map((c) => h("button", { type: "button", title: t("onlyWith", { name: c.name }), "aria-label": t("onlyWith", { name: c.name }), "aria-pressed": String(state.filter === c.id), "data-key": c.id, onclick: () => choose(c.id) }, face(c, "s")))]);
    this.filter.classList.toggle("hidden", used.length < 2);
    if (this.search.draw()) return;
    const shown = state.conversations.filter((c) => !state.leaving.has(c.id) && (!state.filter || c.character === state.filter));
    const entries = shown.map((c) => ({ key: c.id, make: () => row(c, this.go),
      stamp: JSON.stringify([c.title, c.parent, c.last_text, whenOf(c.updated_ms), character(c.character).name, character(c.character).stamp, c.id === state.conversation, current(), state.can.talks]) }));
    if (!shown.length) entries.push({ key: "none", stamp: current(), make: () => h("p", { class: "none" }, t("nothing")) });
    else if (state.listedTo) entries.push({ key: "older", stamp: current(), make: () => h("button", { type: "button", class: "wide", onclick: () => this.older() }, t("earlierTalks")) });
    reconcile(this.list, entries);
  }

  async older() {
    try {
      const { conversations } = await api.conversations({ before_ms: state.listedTo });
      state.listedTo = conversations.length < api.listed ? 0 : conversations.at(-1).updated_ms;
      conversations.forEach(putConversation);
      changed("conversations");
    } catch (error) {
      failed(error);
    }
  }

  // Up and down go through the list.
  move(e) {
    if (e.key !== "ArrowDown" && e.key !== "ArrowUp") return;
    const links = [...this.list.querySelectorAll("a")];
    const to = links[links.indexOf(document.activeElement.closest(".row")?.querySelector("a")) + (e.key === "ArrowDown" ? 1 : -1)];
    if (to) to.focus();
    else if (e.key === "ArrowUp") this.search.focus();
    e.preventDefault();
  }
}
