// What the page knows, and how events change it. Views are told with `changed(what)`.
const bytes = new TextEncoder();

export const state = {
  characters: [], people: [], conversations: [], conversation: null, turns: new Map(), connected: true, status: null, engine: null,
  context: null, outbox: JSON.parse(localStorage.getItem("anima.outbox") || "[]"),
};

let syncing = false;
const listeners = new Set();
export const listen = (fn) => listeners.add(fn);
export const changed = (what) => listeners.forEach((fn) => fn(what));

export const character = (id) => state.characters.find((c) => c.id === id) ?? { id, name: id, tagline: "" };
export const conversation = (id) => state.conversations.find((c) => c.id === id);
export const underWay = () => [...state.turns.values()].find((t) => t.state === "waiting" || t.state === "streaming");

export function keepOutbox() {
  localStorage.setItem("anima.outbox", JSON.stringify(state.outbox));
  changed("turns");
}

function putConversation(info) {
  const i = state.conversations.findIndex((c) => c.id === info.id);
  if (i >= 0) state.conversations.splice(i, 1);
  state.conversations.unshift(info);
  state.conversations.sort((a, b) => b.updated_ms - a.updated_ms);
}

function putTurn(turn) {
  state.turns.set(turn.seq, turn);
  if (turn.client_id && state.outbox.some((m) => m.client_id === turn.client_id)) {
    state.outbox = state.outbox.filter((m) => m.client_id !== turn.client_id);
    keepOutbox();
  }
}

// A delta goes in only where it belongs; anything else is repaired by asking for a sync.
function putDelta(event) {
  const turn = state.turns.get(event.seq);
  if (!turn || bytes.encode(turn.text).length !== event.offset) return false;
  turn.text += event.text;
  turn.state = "streaming";
  return true;
}

export function apply(event, resync) {
  switch (event.type) {
    case "conversation.updated":
      putConversation(event.info);
      changed("conversations");
      return;
    case "engine.state":
      state.engine = event.engine;
      changed("engine");
      return;
  }
  if ((event.conversation?.id ?? event.conversation) !== state.conversation) return;
  switch (event.type) {
    case "sync":
      if (!syncing) state.turns = new Map();
      syncing = event.more; // a long history comes in several pieces
      event.turns.forEach(putTurn);
      changed("turns");
      break;
    case "turn.created":
    case "turn.done":
      putTurn(event.turn);
      if (event.type === "turn.done" && event.context_size) state.context = { used: event.context_used, size: event.context_size };
      changed(event.type === "turn.done" ? "done" : "turns");
      break;
    case "turn.started":
      state.context = { used: event.context_used, size: event.context_size, dropped: event.dropped_turns };
      changed("panel");
      break;
    case "turn.delta":
      if (putDelta(event)) changed({ delta: event.seq });
      else resync();
  }
}
