// The conversation itself: a keyed list that touches only what changed, keeps the reader's place, and grows while words come.
import { h, reconcile } from "./dom.js";
import { current, dayOf, t, tagline } from "./i18n.js";
import { api } from "./api.js";
import { aura, face } from "./portrait.js";
import { changed, character, conversation, here, inOrder, putTurn, state, waysComing } from "./store.js";
import { coming, drawTurn, drawWaiting, words } from "./turn.js";
import { drawWays, growWay, waysStamp } from "./ways.js";

const STEP = 60;

function hero(info, who) {
  const from = info.parent && conversation(info.parent.id);
  const root = h("section", { class: "hero" }, face(who, "l"), h("h2", {}, who.name), h("p", {}, tagline(who)),
    info.parent ? h("p", { class: "from" }, h("a", { href: `#/c/${info.parent.id}/${info.parent.seq}` }, t("forked", { title: from?.title || t("untitled") }))) : null);
  aura(who, root);
  return root;
}

// Marks the words that were searched for, without touching the elements (where the browser can).
function highlight(place, text) {
  if (!place || !text || !globalThis.Highlight) return;
  const ranges = [];
  const walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const at = walker.currentNode.data.toLowerCase().indexOf(text.toLowerCase());
    if (at >= 0) ranges.push(new StaticRange({ startContainer: walker.currentNode, startOffset: at, endContainer: walker.currentNode, endOffset: at + text.length }));
  }
  CSS.highlights.set("found", new Highlight(...ranges));
  setTimeout(() => CSS.highlights.delete("found"), 8000);
}

export class Chat {
  constructor(root, latest, acts) {
    Object.assign(this, { root, latest, acts, follows: true, editing: null, jump: null, seen: null });
    this.column = h("div", { class: "column" });
    root.replaceChildren(this.column);
    root.onscroll = () => {
      this.follows = root.scrollHeight - root.scrollTop - root.clientHeight < 60;
      latest.classList.toggle("hidden", this.follows);
      if (root.scrollTop < 400) this.older();
    };
    latest.onclick = () => this.toEnd();
  }

  toEnd() {
    this.follows = true;
    this.root.scrollTop = this.root.scrollHeight;
    this.latest.classList.add("hidden");
  }

  // Older turns come when one scrolls up to them; what is being read stays where it is.
  async older() {
    if (this.fetching || !state.from || !state.synced) return;
    this.fetching = true;
    const { conversation: id, from } = state;
    const after = Math.max(0, from - STEP);
    try {
      const { turns } = await api.conversation(id, { after, limit: from - after });
      if (id !== state.conversation || from !== state.from) return;
      turns.filter((x) => !state.turns.has(x.seq)).forEach(putTurn);
      state.from = after;
      changed("turns");
    } catch {
      // The next scroll tries again.
    } finally {
      this.fetching = false;
    }
  }

  entries() {
    const info = here();
    const who = character(info?.character ?? "");
    const turns = inOrder();
    const people = new Set(turns.filter((x) => x.role === "person").map((x) => x.person?.id));
    const out = [];
    const shared = `${current()}${who.name}${who.stamp ?? ""}${people.size > 1}`;
    if (!info) return out;
    if (state.from) out.push({ key: "earlier", stamp: shared, make: () => h("div", { class: "earlier" }, t("earlier")) });
    else out.push({ key: "hero", stamp: shared + JSON.stringify([tagline(who), info.parent, state.conversations.length]), make: () => hero(info, who) });
    let day = "";
    turns.forEach((turn, i) => {
      const d = dayOf(turn.created_ms);
      if (d !== day) out.push({ key: `day${new Date(turn.created_ms).toDateString()}`, stamp: d, make: () => h("div", { class: "day" }, d) });
      day = d;
      const last = i === turns.length - 1;
      const stamp = turn.seq === this.editing?.seq ? "edited" : JSON.stringify([shared, turn, last, last && this.acts.greetings(turn)?.length, last && Boolean(waysComing())]);
      const arrives = this.seen !== null && turn.seq > this.seen;
      out.push({ key: turn.seq, stamp, make: (again) => (turn.seq === this.editing?.seq ? this.editing.element : drawTurn(turn, who, { several: people.size > 1, last, acts: this.acts, arrives: arrives && !again })) });
    });
    if (state.ways && state.ways.seq === turns.at(-1)?.seq) out.push({ key: "ways", stamp: current() + waysStamp(), make: () => drawWays(this.acts) });
    state.outbox.filter((m) => m.conversation === state.conversation)
      .forEach((m) => out.push({ key: m.client_id, stamp: String(state.connected) + current(), make: () => drawWaiting(m) }));
    if (state.synced) this.seen = turns.at(-1)?.seq ?? 0;
    return out;
  }

  draw() {
    const anchor = this.follows ? null : this.firstVisible();
    const before = anchor?.getBoundingClientRect().top;
    const key = anchor?.dataset.seq;
    this.column.classList.toggle("young", state.turns.size < 4 && !state.from);
    reconcile(this.column, this.entries());
    const same = key && this.element(key);
    if (same) this.root.scrollTop += same.getBoundingClientRect().top - before;
    else this.stick();
    this.goTo();
  }

  firstVisible() {
    const top = this.root.getBoundingClientRect().top;
    return [...this.column.querySelectorAll(".turn[data-seq]")].find((e) => e.getBoundingClientRect().bottom > top + 4);
  }

  element(seq) {
    return this.column.querySelector(`[data-seq="${seq}"]`);
  }

  stick() {
    if (this.follows) this.root.scrollTop = this.root.scrollHeight;
  }

  // From a hit of the search, or the place of a fork: the turn comes into the middle and lights up for a moment.
  goTo() {
    const there = this.jump && this.element(this.jump);
    if (!there) return;
    this.jump = null;
    this.follows = false;
    there.scrollIntoView({ block: "center" });
    there.classList.add("jumped", "shown");
    there.focus({ preventScroll: true });
    highlight(there.querySelector(".words"), state.found);
    state.found = "";
    setTimeout(() => there.classList.remove("jumped"), 2600);
  }

  // Words that came: once a frame, and only the words that grow are drawn anew.
  grow(seq) {
    this.growing ??= requestAnimationFrame(() => {
      this.growing = undefined;
      const turn = state.turns.get(seq);
      const place = this.element(seq)?.querySelector(".words");
      if (!turn || !place || !coming(turn)) return this.draw();
      place.replaceChildren(...words(turn));
      this.stick();
    });
  }

  growWay(i) {
    this.ways ??= new Set();
    if (!this.ways.size) requestAnimationFrame(() => {
      const all = [...this.ways];
      this.ways.clear();
      if (!all.map((k) => growWay(this.column, k)).every(Boolean)) return this.draw();
      this.stick();
    });
    this.ways.add(i);
  }
}
