// The conversation itself: bubbles that grow while words come.
import { avatar, h } from "./dom.js";
import { dayOf, t, timeOf } from "./i18n.js";
import { markdown } from "./markdown.js";
import { character, conversation, state } from "./store.js";

function copyButton(text) {
  const button = h("button", { class: "act", onclick: async () => {
    await navigator.clipboard?.writeText(text);
    button.textContent = t("copied");
    setTimeout(() => (button.textContent = t("copy")), 1500);
  } }, t("copy"));
  return button;
}

function under(turn, last, retry) {
  const items = [h("span", {}, timeOf(turn.created_ms))];
  if (turn.state === "cancelled") items.push(h("span", {}, t("stopped")));
  if (turn.state === "failed") items.push(h("span", { class: "bad" }, t("failed", { why: turn.error?.message ?? "" })));
  if (turn.finish === "length") items.push(h("span", {}, t("length")));
  if (turn.role === "character" && last && (turn.state === "failed" || turn.state === "cancelled"))
    items.push(h("button", { class: "act always", onclick: retry }, t("retry")));
  if (turn.text && turn.state !== "waiting" && turn.state !== "streaming") items.push(copyButton(turn.text));
  return h("div", { class: "under" }, items);
}

function body(turn) {
  if (turn.state === "waiting") return [h("span", { class: "dots", role: "status", "aria-label": t("thinking") }, h("i"), h("i"), h("i"))];
  if (turn.role === "person") return [turn.text];
  const parts = markdown(turn.text);
  if (turn.state === "streaming") (parts.at(-1) ?? parts[parts.push(h("p")) - 1]).append(h("span", { class: "caret" }));
  return parts;
}

function drawTurn(turn, who, several, last, retry) {
  const mine = turn.role === "person";
  const name = mine ? turn.person?.name ?? "" : who.name;
  return h("article", { class: mine ? "turn mine" : "turn", "data-seq": String(turn.seq), "aria-label": name },
    mine ? null : avatar(who, true),
    h("div", {}, h("div", { class: "bubble" }, mine && several ? h("div", { class: "speaker" }, name) : null, body(turn)), under(turn, last, retry)));
}

function drawWaiting(message) {
  return h("article", { class: "turn mine" }, h("div", {}, h("div", { class: "bubble" }, message.text), h("div", { class: "under" }, t("waitingToSend"))));
}

export class Chat {
  constructor(root, latest, retry) {
    this.root = root;
    this.retry = retry;
    this.column = h("div", { class: "column", role: "log", "aria-live": "polite" });
    root.replaceChildren(this.column);
    this.latest = latest;
    this.follows = true;
    root.addEventListener("scroll", () => {
      this.follows = root.scrollHeight - root.scrollTop - root.clientHeight < 60;
      latest.classList.toggle("hidden", this.follows);
    });
    latest.addEventListener("click", () => this.toEnd());
  }

  toEnd() {
    this.follows = true;
    this.root.scrollTop = this.root.scrollHeight;
    this.latest.classList.add("hidden");
  }

  stick() {
    if (this.follows) this.root.scrollTop = this.root.scrollHeight;
  }

  draw() {
    const who = character(conversation(state.conversation)?.character ?? "");
    const turns = [...state.turns.values()].sort((a, b) => a.seq - b.seq);
    const several = new Set(turns.filter((x) => x.role === "person").map((x) => x.person?.id)).size > 1;
    let day = "";
    const out = [];
    turns.forEach((turn, i) => {
      const d = dayOf(turn.created_ms);
      if (d !== day) out.push(h("div", { class: "day" }, (day = d)));
      out.push(drawTurn(turn, who, several, i === turns.length - 1, this.retry));
    });
    state.outbox.filter((m) => m.conversation === state.conversation).forEach((m) => out.push(drawWaiting(m)));
    this.column.replaceChildren(...out);
    this.stick();
  }

  // Only the bubble that grows is drawn anew.
  grow(seq) {
    const turn = state.turns.get(seq);
    const bubble = this.column.querySelector(`[data-seq="${seq}"] .bubble`);
    if (!turn || !bubble) return this.draw();
    bubble.replaceChildren(...body(turn));
    this.stick();
  }
}
