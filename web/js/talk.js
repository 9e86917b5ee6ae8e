// The view of one conversation: the bar above, the turns, the composer below.
import { makeActs } from "./acts.js";
import { api } from "./api.js";
import { Chat } from "./chat.js";
import { drawComposer } from "./composer.js";
import { h, redraw } from "./dom.js";
import { t, tagline } from "./i18n.js";
import { icon, iconButton } from "./icons.js";
import { failed } from "./over.js";
import { face } from "./portrait.js";
import { touch } from "./prefs.js";
import { character, engine, here, inOrder, state } from "./store.js";
import { swipes } from "./swipe.js";
import { renameIn, talkMenu } from "./talks.js";

export class Talk {
  constructor(go, say) {
    this.go = go;
    this.bar = h("header", { class: "bar" });
    this.notice = h("div", { class: "notice hidden", role: "status" });
    this.turns = h("div", { class: "turns", tabIndex: 0, role: "log", "aria-live": "off", "aria-label": t("messages") });
    this.latest = h("button", { type: "button", class: "button latest hidden" }, icon("down"), t("latest"));
    this.footer = h("footer", { class: "composer" });
    this.root = h("main", { class: "view" }, this.bar, this.notice, this.turns, this.latest, this.footer);
    this.acts = go.acts = makeActs(() => this.chat, go);
    this.chat = new Chat(this.turns, this.latest, this.acts);
    this.say = say;
    swipes(this.turns, this.chat, this.acts, () => inOrder().findLast((x) => x.role === "character" && x === inOrder().at(-1)));
  }

  // Another conversation: everything anew; the list of turns follows with the events.
  open(jump) {
    this.chat.editing = null;
    this.chat.jump = jump;
    this.chat.follows = !jump;
    this.chat.seen = null;
    this.drawBar();
    this.chat.draw();
    this.compose();
    if (!touch() && !jump) this.composer.focus();
  }

  asComposed() {
    const { name, gone } = character(here()?.character ?? "");
    return JSON.stringify([name, Boolean(gone)]);
  }

  // Somebody changed: what is being written stays under the hand, unless the field says something else now.
  recompose() {
    if (this.composed !== this.asComposed()) this.compose();
  }

  compose() {
    this.composed = this.asComposed();
    this.composer = drawComposer(this.footer, { say: this.say, cancel: () => this.cancel(), editLast: () => this.acts.edit(inOrder().findLast((x) => x.role === "person")),
      redraw: () => (this.compose(), this.composer.focus()) });
  }

  async cancel() {
    try {
      await api.cancel(state.conversation);
    } catch (error) {
      failed(error);
    }
  }

  drawBar() {
    const info = here();
    if (this.bar.querySelector(".who .field")) return; // being renamed
    const who = character(info?.character ?? "");
    const rename = () => renameIn(this.bar.querySelector(".title"), info.id, () => (this.drawBar(), this.bar.querySelector(".title")?.focus()));
    const title = info?.title || tagline(who);
    const more = state.can.talks ? iconButton("more", t("conversationMenu"), () => talkMenu(more, info.id, this.go, rename), { "aria-haspopup": "menu", "data-key": "talkmenu" }) : null;
    redraw(this.bar, iconButton("menu", t("lists"), () => this.go.openSide(), { class: "icon-button only-phone", "data-key": "menu" }), info ? face(who) : null,
      h("div", { class: "who" }, h("h1", {}, info ? who.name : ""), state.can.talks && info ? h("button", { type: "button", class: "title", title: t("rename"), "data-key": "title", onclick: rename }, title) : h("div", { class: "title" }, title)),
      state.can.talks && info ? iconButton("rails", t("timelines"), () => this.acts.timelines(), { class: "icon-button only-wide", "data-key": "timelines", "aria-haspopup": "dialog" }) : null,
      iconButton("head", t("panel", { name: who.name }), () => this.go.panel(), { "data-key": "head", "aria-pressed": String(this.go.panelOpen()) }), more);
  }

  drawNotice() {
    const e = engine();
    const items = [];
    if (!state.connected) items.push(t("offline"));
    else if (e?.state === "loading" || e?.state === "starting")
      items.push(h("span", {}, t("loading", { model: e.model })), h("progress", { max: 1, value: e.progress || 0, "aria-label": t("loadingState") }));
    else if (e?.state === "restarting") items.push(t("restarting"));
    else if (e?.state === "failed") items.push(t("engineFailed", { why: e.message }));
    this.notice.replaceChildren(...items);
    this.notice.classList.toggle("hidden", !items.length);
    this.notice.classList.toggle("bad", !state.connected || e?.state === "failed");
  }
}
