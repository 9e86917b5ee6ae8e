// What lies above the page: menus, dialogs and short messages.
import { atMost, h } from "./dom.js";
import { t } from "./i18n.js";
import { icon, iconButton } from "./icons.js";

/* ---- menus ---- */

let closeMenu = null;

// items: {icon, label, run, href, danger, chosen} or null for a line. The focus goes in, arrows move, Esc gives it back.
export function menu(anchor, items) {
  closeMenu?.();
  const entries = items.map((item) => {
    if (!item) return h("hr");
    const inside = [item.icon ? icon(item.icon) : null, h("span", {}, item.label), item.chosen ? [h("span", { class: "spring" }), icon("check")] : null];
    const onclick = () => {
      close(true);
      item.run?.();
    };
    const shared = { role: "menuitem", tabindex: "-1", class: [item.danger && "danger", item.chosen && "chosen"].filter(Boolean).join(" "), onclick };
    return item.href ? h("a", { ...shared, href: item.href, download: true }, inside) : h("button", { ...shared, type: "button" }, inside);
  });
  const root = h("div", { class: "menu", role: "menu" }, entries);
  const buttons = entries.filter((e) => e.tagName !== "HR");
  const outside = (e) => root.contains(e.target) || close(false);
  const close = (giveBack) => {
    root.remove();
    removeEventListener("pointerdown", outside, true);
    removeEventListener("resize", resized);
    anchor.setAttribute("aria-expanded", "false");
    closeMenu = null;
    if (giveBack && anchor.isConnected) anchor.focus({ preventScroll: true });
  };
  const place = () => {
    const a = anchor.getBoundingClientRect();
    const { width, height } = root.getBoundingClientRect();
    const top = a.bottom + 4 + height > innerHeight - 8 ? a.top - height - 4 : a.bottom + 4;
    root.style.top = `${Math.max(8, Math.min(top, innerHeight - height - 8))}px`;
    root.style.left = `${Math.max(8, Math.min(a.right - width < 8 ? a.left : a.right - width, innerWidth - width - 8))}px`;
  };
  const wide = innerWidth; // the keyboard of a phone changes only the height
  const resized = () => (innerWidth === wide && anchor.isConnected ? place() : close(false));
  root.addEventListener("keydown", (e) => {
    const at = buttons.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[e.key];
    if (to !== undefined) buttons.at(to % buttons.length).focus();
    else if (e.key === "Escape" || e.key === "Tab") close(true);
    else return;
    e.preventDefault();
    e.stopPropagation();
  });
  document.body.append(root);
  place();
  anchor.setAttribute("aria-expanded", "true");
  addEventListener("pointerdown", outside, true);
  addEventListener("resize", resized);
  closeMenu = close;
  buttons[0]?.focus({ preventScroll: true });
}

/* ---- dialogs ---- */

// A modal sheet of a kind (a class); `build(close)` gives its content. The promise is what `close` is given, or undefined after Esc.
export function sheet(title, build, kind = "") {
  return new Promise((resolve) => {
    let value;
    const root = h("dialog", { class: kind, "aria-label": title });
    const close = (v) => {
      value = v;
      root.close();
    };
    root.append(h("div", { class: "sheet" }, h("h2", {}, title), build(close)), iconButton("close", t("close"), () => close(), { class: "icon-button close" }));
    root.addEventListener("close", () => {
      document.body.append(...[box, voice].filter((x) => root.contains(x)));
      root.remove();
      resolve(value);
    });
    root.addEventListener("pointerdown", (e) => {
      const r = root.getBoundingClientRect(); // its scrollbar is the dialog, too: only what is beside it closes
      if (e.target === root && (e.clientX < r.left || e.clientX > r.right || e.clientY < r.top || e.clientY > r.bottom)) close();
    });
    document.body.append(root);
    root.showModal();
    (root.querySelector("[autofocus]") ?? root.querySelector(".do button, .sheet button, input, select"))?.focus();
  });
}

export const ask = (title, text, actions) => sheet(title, (close) => [h("p", {}, text), h("div", { class: "do" }, actions.map(([label, value, kind = ""], i) =>
  h("button", { type: "button", class: `button ${kind}`, autofocus: i === 0, onclick: () => close(value) }, label)))]);

export const askName = (title) => sheet(title, (close) => {
  const input = atMost(h("input", { class: "field", autofocus: true, "aria-label": title }), 64);
  return h("form", { onsubmit: (e) => (e.preventDefault(), close(input.value.trim())) }, input, h("div", { class: "do" }, h("button", { class: "button primary" }, t("save"))));
});

/* ---- messages ---- */

const box = h("div", { class: "toasts", role: "status" });
document.body.append(box);

// A message at the lower edge: {bad, keep, progress, fuse, actions: [[label, run]]}; gives {close, progress(0…1)}.
export function toast(text, { bad = false, keep = false, progress = false, fuse = false, actions = [] } = {}) {
  const bar = progress ? h("progress", { max: 1, value: 0, "aria-label": text }) : null;
  const root = h("div", { class: bad ? "toast bad" : "toast" }, h("span", {}, text), bar,
    actions.map(([label, run]) => h("button", { type: "button", onclick: () => (close(), run()) }, label)),
    bad ? iconButton("close", t("close"), () => close()) : null, fuse ? h("i", { class: "fuse" }) : null);
  const close = () => root.remove();
  const passing = () => [...box.children].filter((x) => !x.querySelector(".fuse")); // an Undo stays as long as it counts
  passing().find((x) => x.firstChild.textContent === text)?.remove(); // the same thing is not said twice at once
  ([...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body).append(box); // what lies under a dialog cannot be pressed
  box.append(root);
  if (!keep && !progress && !fuse) setTimeout(close, bad ? 9000 : actions.length ? 7000 : 3500);
  passing().slice(0, -3).forEach((x) => x.remove());
  return { close, progress: (v) => bar && (bar.value = v) };
}

const WAIT = 7000; // ms for a change of mind
const waiting = new Set();

// Does something in a few seconds, unless somebody changes their mind: `run`, or `undone`. `now`: what hurries it is called. Whoever closes the page
// meant it: then `atLast` is called instead.
export function soon(text, { run, undone, atLast, now }) {
  const end = (then) => {
    clearTimeout(timer);
    waiting.delete(atLast);
    note.close();
    then();
  };
  const note = toast(text, { fuse: true, actions: [[t("undo"), () => end(undone)], ...(now ? [[now, () => end(run)]] : [])] });
  const timer = setTimeout(() => end(run), WAIT);
  waiting.add(atLast);
}

addEventListener("pagehide", () => waiting.forEach((atLast) => atLast()));

export const failed = (error) => toast(error.status === 0 ? t("offline") : t("error", { why: error.message }), { bad: true });

/* What it gives; null: it failed, and that was shown. */
export async function attempt(fn) {
  try {
    return await fn();
  } catch (error) {
    failed(error);
    return null;
  }
}

/* ---- screen readers ---- */

const voice = h("div", { class: "unseen", "aria-live": "polite" });
document.body.append(voice);
export function announce(text) {
  const place = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body; // what lies under a dialog is not read out
  if (voice.parentNode === place) return void (voice.textContent = text);
  place.append(voice);
  requestAnimationFrame(() => (voice.textContent = text)); // a region that has just come is looked at first
}
