// Puts the page together: reads what is there, follows events, sends what is written.
import { api } from "./api.js";
import { Chat } from "./chat.js";
import { drawComposer, person } from "./composer.js";
import { avatar, h, icon } from "./dom.js";
import { current, t, tagline } from "./i18n.js";
import { applyTheme, drawLists } from "./lists.js";
import { drawPanel } from "./panel.js";
import { Events } from "./socket.js";
import { apply, changed, character, conversation, keepOutbox, listen, state } from "./store.js";

const app = document.getElementById("app");
let chat, composer, events, parts;
let unread = 0;

/* ---- doing ---- */

async function open(id) {
  if (id !== state.conversation) {
    state.conversation = id;
    state.turns = new Map();
    state.context = null;
    events?.watch(id);
  }
  localStorage.setItem("anima.conversation", id);
  showSide(false);
  drawTalk();
  drawSide();
}

async function begin(id) {
  await attempt(async () => {
    const { conversation: info } = await api.begin(id);
    if (!conversation(info.id)) state.conversations.unshift(info);
    await open(info.id);
    composer?.focus();
  });
}

// What is written goes through the outbox: it is kept until the server has it, and sent once, however often it is tried.
function say(text) {
  state.outbox.push({ conversation: state.conversation, text, person: person(), client_id: crypto.randomUUID?.() ?? String(Math.random()).slice(2) });
  keepOutbox();
  chat?.toEnd();
  sendOutbox();
}

let sending = false;
async function sendOutbox() {
  if (sending) return;
  sending = true;
  while (state.outbox.length && state.connected) {
    const { conversation: id, ...message } = state.outbox[0];
    try {
      await api.say(id, message);
    } catch (error) {
      if (error.status === 0) break;
      showError(error);
      if (error.status === 429 || error.status >= 500) break;
    }
    state.outbox = state.outbox.filter((m) => m.client_id !== message.client_id);
    keepOutbox();
  }
  sending = false;
}

async function attempt(fn) {
  try {
    await fn();
  } catch (error) {
    if (error.status === 401) drawLogin();
    else showError(error);
  }
}

const cancel = () => attempt(() => api.cancel(state.conversation));
const retry = () => attempt(() => api.retry(state.conversation));

/* ---- showing ---- */

function showError(error) {
  if (!parts) return;
  parts.error.replaceChildren(h("span", {}, error.status === 0 ? t("offline") : t("error", { why: error.message })),
    h("span", { class: "spring" }), h("button", { class: "icon-button", "aria-label": t("close"), onclick: () => parts.error.classList.add("hidden") }, icon("close")));
  parts.error.classList.remove("hidden");
}

function showSide(on) {
  parts?.side.classList.toggle("open", on);
  parts?.shade.classList.toggle("open", on);
}

function showPanel(on) {
  localStorage.setItem("anima.panel", on ? "1" : "0");
  parts.panel.classList.toggle("hidden", !on);
  app.classList.toggle("no-panel", !on);
  if (on) drawPanel(parts.panel, () => showPanel(false));
}

function drawSide() {
  drawLists(parts.side, { open, begin, redraw: drawAll });
}

function drawNotice() {
  const e = state.engine;
  const items = [];
  if (!state.connected) items.push(t("offline"));
  else if (e?.state === "loading" || e?.state === "starting")
    items.push(h("span", {}, t("loading", { model: e.model })), h("progress", { max: 1, value: e.progress || 0 }));
  else if (e?.state === "restarting") items.push(t("restarting"));
  else if (e?.state === "failed") items.push(t("engineFailed", { why: e.message }));
  parts.notice.replaceChildren(...items);
  parts.notice.classList.toggle("hidden", !items.length);
  parts.notice.classList.toggle("bad", !state.connected || e?.state === "failed");
}

function drawTalk() {
  const info = conversation(state.conversation);
  const who = character(info?.character ?? "");
  parts.bar.replaceChildren(
    h("button", { class: "icon-button only-phone", "aria-label": t("lists"), onclick: () => showSide(true) }, icon("menu")),
    info ? avatar(who) : "",
    h("div", { class: "who" }, h("b", {}, info ? who.name : "anima"), h("span", {}, info ? tagline(who) : "")),
    h("span", { class: "spring" }),
    h("button", { class: "icon-button", "aria-label": t("panel"), title: t("panel"), onclick: () => showPanel(parts.panel.classList.contains("hidden")) }, icon("pulse")));
  drawNotice();
  parts.composer.classList.toggle("hidden", !info);
  if (!info) {
    const first = state.characters[0];
    parts.turns.replaceChildren(h("div", { class: "empty" }, first ? avatar(first) : "", h("h1", {}, t("hello")), h("p", {}, t("choose")),
      first ? h("button", { class: "primary", onclick: () => begin(first.id) }, t("talkTo", { name: first.name })) : ""));
    chat = null;
    return;
  }
  chat = new Chat(parts.turns, parts.latest, retry);
  parts.latest.classList.add("hidden");
  chat.draw();
  composer = drawComposer(parts.composer, { say, cancel, redraw: drawTalk });
  if (matchMedia("(min-width: 761px)").matches) composer.focus();
}

function drawAll() {
  document.documentElement.lang = current() === "zh" ? "zh-CN" : "en";
  const turns = h("div", { class: "turns", tabIndex: 0 });
  parts = {
    side: h("aside", { class: "side", "aria-label": t("lists") }), shade: h("div", { class: "shade", onclick: () => showSide(false) }),
    bar: h("header", { class: "bar" }), notice: h("div", { class: "notice hidden", role: "status" }), error: h("div", { class: "notice bad hidden", role: "alert" }),
    turns, latest: h("button", { class: "latest hidden" }, t("latest")), composer: h("footer", { class: "composer" }),
    panel: h("aside", { class: "panel hidden", "aria-label": t("panel") }),
  };
  app.replaceChildren(parts.side, parts.shade, h("main", { class: "talk" }, parts.bar, parts.notice, parts.error, turns, parts.latest, parts.composer), parts.panel);
  drawSide();
  drawTalk();
  const wanted = localStorage.getItem("anima.panel");
  showPanel(wanted ? wanted === "1" && matchMedia("(min-width: 1101px)").matches : matchMedia("(min-width: 1200px)").matches);
}

function drawLogin(wrong = false) {
  parts = null;
  const input = h("input", { type: "password", "aria-label": t("password"), placeholder: t("password"), autocomplete: "current-password" });
  app.replaceChildren(h("form", { class: "login", onsubmit: async (e) => {
    e.preventDefault();
    try {
      await api.login(input.value);
      location.reload();
    } catch {
      drawLogin(true);
    }
  } }, h("b", {}, t("login")), input, wrong ? h("span", { class: "quiet", role: "alert" }, t("wrong")) : "", h("button", { class: "primary" }, t("enter"))));
  input.focus();
}

/* ---- events ---- */

function onChange(what) {
  if (!parts) return;
  if (what === "conversations") drawSide();
  else if (what === "engine") drawNotice();
  else if (what?.delta) chat?.grow(what.delta);
  else if (what === "turns" || what === "done") chat?.draw();
  if (what !== "conversations" && !what?.delta) {
    composer?.drawButton();
    if (!parts.panel.classList.contains("hidden")) drawPanel(parts.panel, () => showPanel(false));
  }
  if (what === "done" && document.hidden) document.title = `(${++unread}) anima`;
}

async function start() {
  applyTheme();
  const [status, characters, people, conversations] = await Promise.all([api.status(), api.characters(), api.people(), api.conversations()]);
  state.status = status;
  state.engine = status.engines[0] ?? null;
  state.characters = characters.characters;
  state.people = people.people;
  state.conversations = conversations.conversations;
  listen(onChange);
  const last = localStorage.getItem("anima.conversation");
  state.conversation = conversation(last) ? last : state.conversations[0]?.id ?? null;
  drawAll();
  events = new Events((event) => apply(event, () => events.watch(state.conversation)), (connected) => {
    state.connected = connected;
    changed("engine");
    if (connected) sendOutbox();
  });
  events.watch(state.conversation);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) document.title = ((unread = 0), "anima");
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", applyTheme);
}

attempt(start).then(() => parts || app.firstChild || app.append(h("p", { class: "empty" }, t("offline"))));
