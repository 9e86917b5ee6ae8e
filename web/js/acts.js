// What can be done with a turn: copy, edit, answer anew, alternatives, fork, take back. Used by buttons, keys and swipes alike.
import { api } from "./api.js";
import { h } from "./dom.js";
import { edit } from "./editor.js";
import { t } from "./i18n.js";
import { announce, ask, failed, toast } from "./over.js";
import { notesFrom } from "./notes.js";
import { changed, character, dropConversation, here, inOrder, putConversation, putTurn, state, waysComing } from "./store.js";
import { timelines } from "./timeline.js";
import { canChange, coming } from "./turn.js";

const chosen = new Map(); // conversation → which greeting it began with

// Over plain HTTP from another machine a browser has no clipboard for pages; it has this.
function copyOldWay(text) {
  const area = h("textarea", { class: "unseen" });
  const focused = document.activeElement;
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  focused?.focus?.({ preventScroll: true });
  return done;
}

export function makeActs(chat, go) {
  const attempt = async (fn) => {
    try {
      return await fn();
    } catch (error) {
      failed(error);
      // Somebody else was faster: what is there now is shown.
      if (error.code === "conflict") go.resync();
    }
  };
  const arrive = (conversation) => {
    putConversation(conversation);
    changed("conversations");
    go.open(conversation.id);
    toast(t("forkedToast"));
    return true;
  };
  const isLast = (turn) => inOrder().at(-1)?.seq === turn.seq;
  let busy = false;

  const acts = {
    async copy(turn) {
      try {
        if (navigator.clipboard) await navigator.clipboard.writeText(turn.text);
        else if (!copyOldWay(turn.text)) throw new Error("not copied");
        toast(t("copied"));
      } catch {
        toast(t("notCopied"), { bad: true });
      }
    },
    edit: (turn) => canChange(turn) && !coming(turn) && edit(chat(), turn, acts),
    regenerate: (turn) => turn && canChange(turn) && !coming(turn) && turn.seq > 1 && attempt(async () => {
      chat().toEnd();
      await api.regenerate(state.conversation, turn.seq, turn.revision);
    }),
    // The last reply in three other ways, of which one may be taken.
    threeWays: (turn) => turn && canChange(turn) && !coming(turn) && !waysComing() && isLast(turn) && turn.role === "character" && turn.seq > 1 && turn.text && attempt(async () => {
      state.ways = null;
      chat().toEnd();
      await api.candidates(state.conversation, turn.seq, turn.revision);
    }),
    // Before all have ended the others are stopped first.
    async takeWay(i) {
      const ways = state.ways;
      if (!ways?.list[i]?.text || ways.chosen !== null || ways.numbers?.[i] === null) return;
      ways.chosen = i;
      changed("turns");
      if (ways.numbers) await chooseWay();
      else if (!(await attempt(() => api.cancel(state.conversation).then(() => true)))) ways.chosen = null;
    },
    waysEnded() {
      if (state.ways?.chosen !== null && state.ways?.chosen !== undefined) chooseWay();
      else if (state.ways) announce(t("waysChoose"));
    },
    leaveWays: () => {
      if (waysComing()) return attempt(() => api.cancel(state.conversation));
      state.ways = null;
      changed("turns");
      focusLast();
    },
    retry: () => attempt(() => api.retry(state.conversation)),
    fork: (turn, id = state.conversation) => (turn.role === "person" ? acts.forkWith(turn, turn.text, id) : attempt(async () => arrive((await api.fork(id, turn.seq)).conversation))),
    // A fork that ends with a message of one's own, as it was or with other words, is answered at once.
    forkWith: (turn, text, id = state.conversation) => attempt(async () => {
      const { conversation } = await api.fork(id, turn.seq);
      if (text !== turn.text) await api.edit(conversation.id, turn.seq, text, turn.revision);
      await api.retry(conversation.id);
      return arrive(conversation);
    }),
    timelines: (turn) => timelines(go, turn),
    async takeBack(turn) {
      const id = state.conversation; // another one may be open by the time somebody answers
      const n = inOrder().filter((x) => x.seq >= turn.seq).length;
      const noted = (await notesFrom(here(), turn.seq)).length;
      const text = (n === 1 ? t("takeBackOne") : t("takeBackText", { n })) + (noted ? ` ${t("takeBackNotes", { n: noted })}` : "");
      const yes = await ask(t("takeBackTitle"), text, [[t("cancel"), false], [t("takeBackDo"), true, "danger"]]);
      if (yes) await attempt(() => api.takeBack(id, turn.seq));
    },

    // Before the first message, the beginnings a character offers.
    greetings(turn) {
      const all = character(here()?.character).greetings;
      return all?.length > 1 && turn.seq === 1 && turn.role === "character" && state.turns.size === 1 && !state.from ? all : null;
    },
    greetingAt(turn) {
      const all = acts.greetings(turn);
      return chosen.get(state.conversation) ?? Math.max(0, all.indexOf(turn.text));
    },
    async way(turn, step) {
      if (busy || !turn || coming(turn)) return;
      busy = true;
      const greetings = acts.greetings(turn);
      const all = greetings?.length ?? turn.variants ?? 1;
      const to = (greetings ? acts.greetingAt(turn) : turn.variant ?? 0) + step;
      await attempt(async () => {
        if (greetings) await beginWith((to + all) % all);
        else if (to >= all && isLast(turn)) await acts.regenerate(turn);
        else if (to >= 0 && to < all) await choose(turn, to);
      });
      changed("turns");
      busy = false;
    },
  };

  const focusLast = () => chat().element(inOrder().at(-1)?.seq)?.focus({ preventScroll: true });

  // The answer is of the conversation it was asked for, whichever is open when it comes.
  async function choose(turn, number) {
    const id = state.conversation;
    const chosen = (await api.chooseVariant(id, turn.seq, number, turn.revision)).turn;
    if (id === state.conversation) putTurn(chosen);
  }

  async function chooseWay() {
    const { seq, numbers, chosen } = state.ways;
    const turn = state.turns.get(seq);
    if (numbers[chosen] !== null && numbers[chosen] !== undefined) await attempt(() => choose(turn, numbers[chosen]));
    state.ways = null;
    changed("turns");
    focusLast();
  }

  // Another beginning is another conversation; the one nobody has said anything in makes room for it.
  async function beginWith(index) {
    const old = state.conversation;
    const { conversation } = await api.begin(here().character, index);
    // Somebody went elsewhere or said something meanwhile: it stays as it is.
    if (state.conversation !== old || state.turns.size > 1 || state.outbox.some((m) => m.conversation === old)) return void api.remove(conversation.id).catch(() => {});
    const draft = localStorage.getItem(`anima.draft.${old}`);
    if (draft) localStorage.setItem(`anima.draft.${conversation.id}`, draft);
    chosen.set(conversation.id, index);
    putConversation(conversation);
    go.open(conversation.id, { instead: true });
    api.remove(old).then(() => dropConversation(old), () => {});
  }
  return acts;
}
