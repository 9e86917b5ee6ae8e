// The frame around the view: the lists on the left (a drawer on a phone), the panel on the right (a drawer on all but wide
// screens), and the shade behind a drawer.
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { Panel } from "./panel.js";
import { narrow, overlay, setPref } from "./prefs.js";
import { Side } from "./side.js";
import { state } from "./store.js";
import { Talk } from "./talk.js";

export class Frame {
  constructor(app, go, say) {
    this.app = app;
    this.sideRoot = h("aside", { class: "side", "aria-label": t("lists") });
    this.panelRoot = h("aside", { class: "panel", "aria-label": t("panelPlain") });
    this.home = h("main", { class: "home-view" });
    this.side = new Side(this.sideRoot, go);
    this.panel = new Panel(this.panelRoot, go);
    this.talk = new Talk(go, (text) => (say(text), this.talk.chat.toEnd()));
    this.shown = this.home;
    app.classList.remove("with-panel");
    app.replaceChildren(this.sideRoot, this.home);
  }

  show(view) {
    if (this.shown !== view) this.shown.replaceWith(view);
    this.shown = view;
  }

  shadeOf(on, close) {
    this.shade?.remove();
    this.shade = on ? this.app.appendChild(h("div", { class: "shade", onclick: close })) : null;
  }

  sideOpen() {
    return narrow() && this.sideRoot.classList.contains("open");
  }

  showSide(on) {
    if (on && !narrow()) return;
    const open = this.sideRoot.classList.contains("open");
    this.sideRoot.classList.toggle("open", on);
    if (on || open) this.shadeOf(on, () => this.showSide(false));
    if (on && !open) this.sideRoot.querySelector(".home").focus({ preventScroll: true });
    if (!on && open) this.shown.querySelector("[data-key=menu]")?.focus({ preventScroll: true });
  }

  panelOpen() {
    return this.panelRoot.isConnected;
  }

  showPanel(on, remember = true) {
    if (on && state.view !== "talk") return;
    if (remember) setPref("panel", on ? "1" : "0");
    const open = this.panelOpen();
    if (on && !open) this.app.append(this.panelRoot);
    else if (!on) this.panelRoot.remove();
    this.app.classList.toggle("with-panel", on);
    if (overlay() || !on) this.shadeOf(on, () => this.showPanel(false));
    if (on) this.panel.load();
    this.talk.drawBar();
    this.talk.chat.stick();
    if (on && overlay() && remember) this.panelRoot.querySelector("button").focus();
    if (!on && open && remember) this.talk.bar.querySelector("[data-key=head]")?.focus({ preventScroll: true });
  }
}
