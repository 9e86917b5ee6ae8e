// What is written goes through the outbox: it is kept until the server has it, and sent once, however often it is tried.
import { api } from "./api.js";
import { person } from "./composer.js";
import { failed } from "./over.js";
import { keepOutbox, state } from "./store.js";

export function say(text) {
  state.outbox.push({ conversation: state.conversation, text, person: person(), client_id: crypto.randomUUID?.() ?? String(Math.random()).slice(2) });
  keepOutbox();
  sendOutbox();
}

const AGAIN_MS = 4000;
let sending = false;
export async function sendOutbox() {
  if (sending) return;
  sending = true;
  while (state.outbox.length && state.connected) {
    const { conversation: id, ...message } = state.outbox[0];
    try {
      await api.say(id, message);
    } catch (error) {
      if (error.status === 0) break;
      failed(error);
      if (error.status === 429 || error.status >= 500) {
        setTimeout(sendOutbox, AGAIN_MS);
        break;
      }
    }
    state.outbox = state.outbox.filter((m) => m.client_id !== message.client_id);
    keepOutbox(message.client_id);
  }
  sending = false;
}
