// One turn as elements: who, the words, and the quiet row of what can be done with them.
import { h } from "./dom.js";
import { t, timeOf } from "./i18n.js";
import { icon, iconButton } from "./icons.js";
import { langOf, markdown } from "./markdown.js";
import { forget, forgotMark } from "./forget.js";
import { mark as recalled, memory, told } from "./memory.js";
import { menu } from "./over.js";
import { face, mark } from "./portrait.js";
import { state, waysComing } from "./store.js";

export const coming = (turn) => turn.state === "waiting" || turn.state === "streaming";
// Turns of an anima that keeps alternatives and revisions can be changed.
export const canChange = (turn) => "revision" in turn;

export function words(turn) {
  if (turn.state === "waiting" && !turn.text) return [h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), h("span", { class: "hint" }, t("thinking"))]; // the words come when it takes long
  if (turn.state === "forgotten") return [h("span", { class: "quiet forgotten" }, t("forgottenTurn"))];
  if (turn.role === "person") return [turn.text];
  const parts = markdown(turn.text);
  if (coming(turn)) (parts.at(-1) ?? parts[parts.push(h("p")) - 1]).append(h("span", { class: "caret" }));
  return parts;
}

// ‹ 2/3 ›: alternatives of a reply, or beginnings to choose from. The last one's › asks for a new one where it may.
function ways(turn, last, acts) {
  const greetings = acts.greetings(turn);
  const all = greetings?.length ?? turn.variants ?? 1;
  const at = greetings ? acts.greetingAt(turn) : turn.variant ?? 0;
  if (all < 2) return null;
  return h("span", { class: "ways", role: "group", "aria-label": t("ways", { n: at + 1, all }) },
    iconButton("left", t("previousWay"), () => acts.way(turn, -1), { "data-key": `left${turn.seq}`, disabled: !greetings && at === 0 }),
    h("span", { "aria-hidden": "true" }, `${at + 1}/${all}`),
    iconButton("right", t("nextWay"), () => acts.way(turn, 1), { "data-key": `right${turn.seq}`, disabled: !greetings && at === all - 1 && !last }));
}

// The last reply, which may be said anew.
const renewable = (turn, last) => canChange(turn) && turn.role === "character" && last && turn.seq > 1 && turn.text && !waysComing();

function moreItems(turn, who, last, acts) {
  return [
    ...(renewable(turn, last) ? [{ icon: "ways", label: t("threeWays"), run: () => acts.threeWays(turn) }] : []),
    { icon: "fork", label: t("forkHere"), run: () => acts.fork(turn) },
    { icon: "rails", label: t("timelinesHere"), run: () => acts.timelines(turn) },
    ...("recalled" in turn && turn.role === "character" && turn.seq > 1 ? [{ icon: "memory", label: t("memWhyTurn"), run: () => told(turn, who) }] : []),
    ...("forgot" in turn && turn.text ? [{ icon: "trash", label: t("forgetMenu"), danger: true, run: () => forget([{ conversation: state.conversation, seq: turn.seq }]) }] : []),
    { icon: "undo", label: t("takeBack"), danger: true, run: () => acts.takeBack(turn) },
  ];
}

function tools(turn, who, last, acts) {
  const reply = turn.role === "character";
  const key = (name) => ({ "data-key": name + turn.seq });
  const items = [];
  if (!coming(turn)) {
    items.push(ways(turn, last, acts));
    if (turn.text) items.push(iconButton("copy", t("copy"), (e) => acts.copy(turn, e.currentTarget), key("copy")));
    if (canChange(turn)) items.push(iconButton("edit", t("edit"), () => acts.edit(turn), key("edit")));
    if (renewable(turn, last)) items.push(iconButton("again", t("regenerate"), () => acts.regenerate(turn), key("again")), iconButton("ways", t("threeWays"), () => acts.threeWays(turn), { ...key("three"), class: "icon-button only-wide" }));
    if (canChange(turn)) items.push(iconButton("more", t("more"), (e) => menu(e.currentTarget, moreItems(turn, who, last, acts)), { ...key("more"), "aria-haspopup": "menu" }));
  }
  const tell = [timeOf(turn.created_ms), turn.edited ? t("edited") : "", turn.state === "cancelled" ? t("stopped") : "", turn.finish === "length" ? t("length") : ""];
  if (!coming(turn)) items.push(h("span", { class: "tell" }, tell.filter(Boolean).join(" · ")));
  if (reply && last && (turn.state === "failed" || turn.state === "cancelled"))
    items.push(h("button", { type: "button", class: "button", ...key("retry"), onclick: () => acts.retry() }, icon("again"), turn.state === "cancelled" && turn.text ? t("goOnReply") : t("retry")));
  if (!reply && last && canChange(turn))
    items.push(h("button", { type: "button", class: "button late", ...key("answer"), onclick: () => acts.retry() }, icon("talk"), t("letAnswer", { name: who.name })));
  return h("div", { class: "tools", role: "group", "aria-label": t("messageTools") }, items);
}

// Why there are no words. A limit is no mistake: it is said quietly.
export function trouble(turn) {
  if (turn.state !== "failed") return null;
  const limit = turn.error?.code === "limit_reached";
  return h("p", { class: limit ? "trouble" : "trouble bad", lang: langOf(turn.error?.message ?? "") }, limit ? turn.error.message : t("failed", { why: turn.error?.message ?? "" }));
}

export function drawTurn(turn, who, { several, last, acts, arrives }) {
  const mine = turn.role === "person";
  const name = mine ? turn.person?.name ?? "" : who.name;
  const classes = ["turn", mine ? "mine" : "theirs", last && "newest", arrives && "arrives", (turn.state === "failed" || (turn.state === "cancelled" && last)) && "wrong"];
  return h("article", { class: classes.filter(Boolean).join(" "), "data-seq": String(turn.seq), "data-key": `turn${turn.seq}`, tabindex: "-1", "aria-label": `${name}, ${timeOf(turn.created_ms)}`,
    "aria-busy": String(coming(turn)) },
    mine ? null : face(who, "s"),
    h("div", { class: "said" }, mine && !several ? null : h("div", { class: "speaker" }, mine ? mark(name, "span", { "aria-hidden": "true" }) : null, h("span", {}, name), mine ? null : recalled(turn, who)), h("div", { class: "words", lang: langOf(turn.text) }, words(turn)), trouble(turn), forgotMark(turn, () => memory()), tools(turn, who, last, acts)));
}

export function drawWaiting(message) {
  return h("article", { class: "turn mine waits arrives" }, h("div", { class: "said" }, h("div", { class: "words" }, message.text),
    h("div", { class: "tell quiet small" }, state.connected ? "" : t("waitingToSend"))));
}
