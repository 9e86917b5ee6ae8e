// Puts the page together: reads what is there, follows events, and goes where the address says (#/ and #/c/ID/SEQ).
import { api } from "./api.js";
import { dropAnywhere } from "./bring.js";
import { Frame } from "./frame.js";
import { drawHome } from "./home.js";
import { current, t } from "./i18n.js";
import { listenKeys } from "./keys.js";
import { login, unreachable } from "./login.js";
import { announce, failed, toast } from "./over.js";
import { say, sendOutbox } from "./outbox.js";
import { applyPrefs, overlay, pref } from "./prefs.js";
import { help, settings } from "./settings.js";
import { Events } from "./socket.js";
import { apply, changed, character, conversation, heardOfHome, here, listen, putConversation, putLists, state, underWay } from "./store.js";

const WINDOW = 80; // turns that are loaded at first; older ones come when one scrolls up
const app = document.getElementById("app");
let events, frame, arrived;
let unread = 0;

/* ---- going ---- */

const go = {
  open(id, { instead = false } = {}) {
    const to = `#/c/${id}`;
    if (instead) history.replaceState(null, "", to);
    else if (location.hash !== to) history.pushState(null, "", to);
    route();
  },
  home() {
    if (state.view !== "home") history.pushState(null, "", "#/");
    route();
  },
  // A conversation in which nobody has said anything yet serves as the new one.
  async begin(id) {
    try {
      const unused = state.conversations.find((c) => c.character === id && c.turns <= 1 && !c.title && !c.parent && !state.leaving.has(c.id));
      const info = unused ?? (await api.begin(id)).conversation;
      putConversation(info);
      go.open(info.id);
    } catch (error) {
      failed(error);
    }
  },
  beginAny: () => (here() && state.view === "talk" ? go.begin(here().character) : state.characters.length === 1 ? go.begin(state.characters[0].id) : go.home()),
  welcome(id) {
    arrived = id;
    go.home();
    changed("characters");
    arrived = null;
  },
  openSide: () => frame.showSide(true), closeSide: () => frame.showSide(false),
  panelOpen: () => Boolean(frame?.panelOpen()),
  panel: (on) => frame.showPanel(on ?? !go.panelOpen()),
  settings: () => settings(drawAll), help,
  search: () => (frame.showSide(true), frame.side.search.focus()),
  write: () => frame.talk.composer?.focus(),
  resync: () => events?.watch(state.conversation),
  escape() {
    if (frame.sideOpen()) frame.showSide(false);
    else if (overlay() && go.panelOpen()) frame.showPanel(false);
    else if (state.view === "talk" && underWay()) frame.talk.cancel();
    else if (state.view === "talk") go.write();
  },
};

function route() {
  const [, id, seq] = location.hash.match(/^#\/c\/([^/]+)(?:\/(\d+))?$/) ?? [];
  const info = id && conversation(decodeURIComponent(id));
  if (id && !info) return find(decodeURIComponent(id));
  state.view = info ? "talk" : "home";
  if (info) watch(info, Number(seq) || null);
  else watch(null);
  frame.showSide(false);
  drawView(Number(seq) || null);
  frame.side.draw();
  if (seq) history.replaceState(null, "", `#/c/${id}`);
}

// An address of a conversation that is not in the list: an old one, or one that is gone.
async function find(id) {
  try {
    putConversation((await api.conversation(id, { limit: 1 })).conversation);
    route();
  } catch (error) {
    if (error.status !== 404) failed(error);
    else toast(t("isGone"), { bad: true });
    history.replaceState(null, "", "#/");
    route();
  }
}

function watch(info, jump) {
  const far = info && jump && info.id === state.conversation && jump <= state.from;
  if ((info?.id ?? null) === state.conversation && !far) return;
  state.conversation = info?.id ?? null;
  state.turns = new Map();
  state.synced = false;
  state.context = null;
  state.ways = null;
  state.live = null;
  state.from = info ? Math.max(0, Math.min((jump ?? Infinity) - 20, info.turns - WINDOW)) : 0;
  events?.watch(state.conversation);
}

/* ---- showing ---- */

function drawView(jump) {
  const talk = state.view === "talk";
  frame.show(talk ? frame.talk.root : frame.home);
  document.title = talk ? `${here().title || character(here().character).name} · anima` : "anima";
  if (talk) {
    frame.talk.open(jump);
    frame.talk.drawNotice();
    if (!overlay() && pref("panel") !== "0") frame.showPanel(true, false);
    else if (go.panelOpen()) frame.panel.load();
  } else {
    if (go.panelOpen()) frame.showPanel(false, false);
    drawHome(frame.home, go, arrived);
  }
}

function drawAll() {
  document.documentElement.lang = current() === "zh" ? "zh-CN" : "en";
  frame = new Frame(app, go, say);
  route();
}

/* ---- events ---- */

function onChange(what) {
  if (!frame || what.blind) return; // whoever judges pairs listens (blind.js)
  const { talk, side, panel } = frame;
  if (what === "conversations" || what === "characters") {
    side.draw();
    if (state.view === "home") drawHome(frame.home, go, arrived);
    else {
      talk.drawBar();
      if (what === "characters") (talk.recompose(), talk.chat.draw(), panel.loadTrained()); // somebody came, changed or went
    }
  } else if (what === "engine") talk.drawNotice();
  else if (what.gone) (toast(t("isGone")), go.home());
  else if (what.note) panel.notes.heard(what.note);
  else if (what.delta) talk.chat.grow(what.delta);
  else if (what.way !== undefined) talk.chat.growWay(what.way);
  else if (state.view === "talk") talk.chat.draw();
  const words = what.delta || what.way !== undefined;
  if (!words && what !== "conversations") talk.composer?.drawButton();
  if (go.panelOpen() && (!words || panel.stale())) panel.draw();
  if (what.done) finished(what.done);
  if (what.ways) waysEnded();
}

function waysEnded() {
  frame.talk.acts.waysEnded();
  if (go.panelOpen()) frame.panel.cost.load();
}

function finished(turn) {
  if (turn.role === "character") announce(`${character(here()?.character).name}: ${turn.state === "failed" ? t("failed", { why: turn.error?.message ?? "" }) : turn.text}`);
  if (go.panelOpen()) frame.panel.cost.load();
  if (document.hidden) document.title = `(${++unread}) ${document.title.replace(/^\(\d+\) /, "")}`;
}

/* ---- beginning ---- */

// Which optional parts this anima has: asked once, and what is missing is not shown.
async function look() {
  const there = (promise) => promise.then(() => true, (error) => !error.missing);
  [state.can.talks, state.can.cost, state.can.memory] = await Promise.all([there(api.search("anima")), there(api.cost(1, "day")), there(api.memoryStatus())]);
  state.can.cards = state.can.cost || state.characters.some((c) => "greetings" in c);
}

const readLists = () => Promise.all([api.status(), api.characters(), api.people(), api.conversations()]);

// What came, changed or went while nobody listened: between the lists and the first event, or while the connection was gone.
async function catchUp() {
  try {
    const before = heardOfHome();
    const [{ engines }, { characters }, { people }, { conversations }] = await readLists();
    if (before === heardOfHome()) putLists({ engines, characters, people, conversations, part: conversations.length >= api.listed });
    else setTimeout(() => state.connected && catchUp(), 300); // an event may have overtaken them
  } catch (error) {
    if (error.status === undefined) throw error; // a mistake of the page itself; else the connection is gone again, and comes back
  }
}

async function start() {
  const [status, characters, people, conversations] = await readLists();
  state.status = status;
  state.engines = status.engines;
  state.characters = characters.characters;
  state.people = people.people;
  state.conversations = conversations.conversations;
  state.listedTo = state.conversations.length < api.listed ? 0 : state.conversations.at(-1).updated_ms;
  await look();
  listen(onChange);
  drawAll();
  events = new Events((event) => apply(event, go.resync), (connected) => {
    state.connected = connected;
    changed("engine");
    changed("turns");
    if (connected) sendOutbox();
  }, catchUp, () => state.from);
  events.watch(state.conversation);
  addEventListener("popstate", route);
  listenKeys(go);
  dropAnywhere(go);
  document.addEventListener("visibilitychange", () => document.hidden || (unread && ((unread = 0), (document.title = document.title.replace(/^\(\d+\) /, "")))));
}

async function boot() {
  try {
    await start();
  } catch (error) {
    if (error.status === 401) return login(app);
    if (error.status === undefined) throw error; // a mistake of the page itself
    const timer = setTimeout(boot, 4000);
    unreachable(app, () => (clearTimeout(timer), boot()));
  }
}

applyPrefs();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", applyPrefs);
boot();
