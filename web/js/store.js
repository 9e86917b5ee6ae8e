// What the page knows, and how events change it. Views are told with `changed(what)`.
const bytes = new TextEncoder();

export const state = {
  characters: [], people: [], conversations: [], conversation: null, turns: new Map(), synced: false, connected: true, status: null, engines: [],
  from: 0, // the window: turns with a larger seq are loaded
  live: null, // of the reply that grows: {seq, waits: since when, began: when its first words came, bytes: since then}
  ways: null, // several ways to say the last reply: {seq, list: turns, numbers: of the alternatives they became, chosen}
  context: null, outbox: JSON.parse(localStorage.getItem("anima.outbox") || "[]"),
  view: "home", filter: "", found: "", // the words a search led to
  leaving: new Set(), // conversations that are about to be deleted, or were: hits of an earlier search may still name them
  listedTo: 0, // the lists of conversations go back to this time; 0: all are there
  can: { talks: false, cards: false, cost: false, notes: false, abilities: false, memory: false }, // which optional parts this anima has
};

let heard = 0; // events of the home
export const heardOfHome = () => heard;
const listeners = new Set();
export const listen = (fn) => listeners.add(fn);
export const unlisten = (fn) => listeners.delete(fn);
export const changed = (what) => listeners.forEach((fn) => fn(what));

export const character = (id) => state.characters.find((c) => c.id === id) ?? { id, name: id, tagline: "", gone: true };
export const conversation = (id) => state.conversations.find((c) => c.id === id);
export const here = () => conversation(state.conversation);
export const inOrder = () => [...state.turns.values()].sort((a, b) => a.seq - b.seq);
export const waysComing = () => (state.ways && !state.ways.numbers ? state.ways.list[0] : undefined);
export const underWay = () => [...state.turns.values()].find((t) => t.state === "waiting" || t.state === "streaming") ?? waysComing();

// The engine that speaks here: the character's own, or the home's first.
export const engine = () => state.engines.find((e) => e.model && e.model === character(here()?.character).model) ?? state.engines[0];

function putEngine(info) {
  const i = state.engines.findIndex((e) => e.model === info.model);
  if (i >= 0) state.engines[i] = info;
  else state.engines.push(info);
}

// gone: the client_id of one that has been sent. Those of other tabs stay.
export function keepOutbox(gone) {
  const mine = new Set([gone, ...state.outbox.map((m) => m.client_id)]);
  const others = JSON.parse(localStorage.getItem("anima.outbox") || "[]").filter((m) => !mine.has(m.client_id));
  localStorage.setItem("anima.outbox", JSON.stringify([...others, ...state.outbox]));
  changed("turns");
}

export function putConversation(info) {
  const i = state.conversations.findIndex((c) => c.id === info.id);
  if (i >= 0) state.conversations.splice(i, 1);
  state.conversations.unshift(info);
  state.conversations.sort((a, b) => b.updated_ms - a.updated_ms);
  if ("parent" in info) state.can.talks = true;
}

export function dropConversation(id) {
  state.conversations = state.conversations.filter((c) => c.id !== id);
  state.leaving.add(id);
  localStorage.removeItem(`anima.draft.${id}`);
  changed("conversations");
  if (state.conversation === id) changed({ gone: id });
}

export function putTurn(turn) {
  state.turns.set(turn.seq, turn);
  if (turn.client_id && state.outbox.some((m) => m.client_id === turn.client_id)) {
    state.outbox = state.outbox.filter((m) => m.client_id !== turn.client_id);
    keepOutbox(turn.client_id);
  }
}

// How long the first words took and how many bytes came since: what the panel tells before the reply's own figures are there.
function measure(turn, more) {
  const now = performance.now();
  if (state.live?.seq !== turn.seq) state.live = { seq: turn.seq, waits: turn.text ? null : now, began: null, bytes: 0 };
  if (!more) return;
  if (state.live.began) state.live.bytes += more;
  state.live.began ??= now;
}

// A delta goes in only where it belongs; anything else is repaired by asking for a sync.
function putDelta(event) {
  const turn = state.turns.get(event.seq);
  if (!turn || bytes.encode(turn.text).length !== event.offset) return false;
  turn.text += event.text;
  turn.state = "streaming";
  measure(turn, bytes.encode(event.text).length);
  return true;
}

function putWay({ candidate, candidates, turn }) {
  const known = state.ways && state.ways.seq === turn.seq && !state.ways.numbers;
  if (!known) state.ways = { seq: turn.seq, list: Array.from({ length: candidates }, () => ({ ...turn, text: "", state: "waiting" })), numbers: null, chosen: null };
  state.ways.list[candidate - 1] = turn;
  state.live = null;
}

function putWayDelta(event) {
  const turn = state.ways?.seq === event.seq && state.ways.list[event.candidate - 1];
  if (!turn || bytes.encode(turn.text).length !== event.offset) return false;
  turn.text += event.text;
  turn.state = "streaming";
  return true;
}

function endWays(event) {
  putTurn(event.turn);
  if (state.ways) state.ways.numbers = event.numbers;
  if (event.numbers.every((n) => n === null) && !state.ways?.list.some((turn) => turn.state === "failed")) state.ways = null;
}

// After a gap: those under way, if any are; what was left to be chosen stays.
function syncWays(candidates) {
  if (waysComing() || state.ways?.seq !== inOrder().at(-1)?.seq) state.ways = null;
  candidates?.forEach(putWay);
}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

// The lists as they were just read, all or the newest (`part`) of the conversations; views are told of what is different.
export function putLists({ engines, characters, people, conversations, part }) {
  const known = new Map(state.characters.map(({ stamp, ...who }) => [who.id, who]));
  const ids = new Set(conversations.map((c) => c.id));
  const oldest = part ? conversations.at(-1).updated_ms : -Infinity; // older ones were not asked for
  const kept = state.conversations.filter((c) => !ids.has(c.id) && (c.updated_ms <= oldest || c.id === state.conversation));
  const talks = [...conversations, ...kept].sort((a, b) => b.updated_ms - a.updated_ms);
  const news = { characters: !same([...known.values()], characters), conversations: !same(state.conversations, talks), engine: !same(state.engines, engines) };
  if (news.characters) state.characters = characters.map((who) => (same(known.get(who.id), who) ? character(who.id) : { ...who, stamp: Date.now() }));
  state.people = people;
  state.conversations = talks;
  state.engines = engines;
  Object.keys(news).filter((what) => news[what]).forEach(changed);
}

function ofHome(event) {
  switch (event.type) {
    case "conversation.updated":
      putConversation(event.info);
      changed("conversations");
      return true;
    case "conversation.deleted":
      dropConversation(event.conversation);
      return true;
    case "engine.state":
      putEngine(event.engine);
      changed("engine");
      return true;
    case "character.changed":
    case "character.removed": {
      const id = event.character?.id ?? event.id;
      state.characters = state.characters.filter((c) => c.id !== id);
      if (event.character) state.characters.push({ ...event.character, stamp: Date.now() });
      changed("characters");
      return true;
    }
    case "note.changed":
    case "note.removed":
      changed({ note: event });
      return true;
    case "blind.changed":
    case "blind.removed":
      changed({ blind: event });
      return true;
  }
  return false;
}

export function apply(event, resync) {
  if (ofHome(event)) return void heard++;
  if ((event.conversation?.id ?? event.conversation) !== state.conversation) return;
  switch (event.type) {
    case "sync":
      // It replaces what is behind `after`; a long history comes in several pieces, and older turns may have come meanwhile.
      for (const seq of [...state.turns.keys()]) if (seq > event.after || seq > event.conversation.turns) state.turns.delete(seq);
      event.turns.forEach(putTurn);
      state.synced = !event.more;
      if (state.synced) syncWays(event.candidates);
      if (state.synced && state.from && !state.turns.size) {
        state.from = 0; // so much was taken back meanwhile that the window shows nothing
        return resync();
      }
      changed("turns");
      break;
    case "error":
      if (event.code === "not_found") dropConversation(event.conversation); // deleted while nobody listened
      break;
    case "turn.created":
    case "turn.changed":
    case "turn.done":
      putTurn(event.turn);
      if (event.turn.seq > state.ways?.seq) state.ways = null; // one has gone on
      if (event.turn.state === "waiting") measure(event.turn, 0);
      if (event.type === "turn.done" && event.context_size) state.context = { used: event.context_used, size: event.context_size };
      changed(event.type === "turn.done" ? { done: event.turn } : "turns");
      break;
    case "turns.removed":
      [...state.turns.keys()].filter((seq) => seq > event.after).forEach((seq) => state.turns.delete(seq));
      changed("turns");
      break;
    case "turn.started":
      if (event.turn) putTurn(event.turn);
      state.context = { used: event.context_used, size: event.context_size, dropped: event.dropped_turns };
      changed("turns");
      break;
    case "candidate.changed":
      putWay(event);
      changed("turns");
      break;
    case "candidate.delta":
      if (putWayDelta(event)) changed({ way: event.candidate - 1 });
      else resync();
      break;
    case "candidates.done":
      endWays(event);
      changed({ ways: event });
      break;
    case "turn.delta":
      if (putDelta(event)) changed({ delta: event.seq });
      else resync();
  }
}
