// Two branches side by side, from the turn where they part: on a phone one above the other.
import { api } from "./api.js";
import { h } from "./dom.js";
import { t, timeOf } from "./i18n.js";
import { icon } from "./icons.js";
import { langOf } from "./markdown.js";
import { failed } from "./over.js";
import { character } from "./store.js";
import { count, titleOfBranch } from "./timeline.js";
import { words } from "./turn.js";

const MOST = 200; // turns of each

// Until which turn two branches have the same words: that of the last branch both come from.
export function shared(tree, a, b) {
  const ours = new Map(tree.path(a).map((p) => [p.id, p.until]));
  const both = tree.path(b).filter((p) => ours.has(p.id)).map((p) => Math.min(p.until, ours.get(p.id), tree.get(p.id).conversation.turns));
  return both.length ? Math.max(...both) : 0;
}

// How many of these turns are the same in both: one that was changed after the fork is where they part.
const alike = (x, y) => {
  let i = 0;
  while (i < x.length && i < y.length && x[i].seq === y[i].seq && x[i].text === y[i].text) i++;
  return i;
};

const turn = (x, who) => h("article", { class: x.role === "person" ? "turn mine" : "turn theirs", "aria-label": `${x.role === "person" ? x.person?.name : who.name}, ${timeOf(x.created_ms)}` },
  h("div", { class: "said" }, h("div", { class: "speaker" }, h("span", {}, x.role === "person" ? x.person?.name ?? "" : who.name)), h("div", { class: "words", lang: langOf(x.text) }, words(x))));

function column(branch, turns, from, close) {
  const { id, turns: all } = branch.conversation;
  const title = titleOfBranch(branch);
  const seq = turns[0]?.seq ?? from;
  return h("section", { class: "side-by-side", "aria-label": title },
    h("header", {}, h("h3", { lang: langOf(title) }, title), h("span", { class: "quiet small" }, count(all)), h("a", { class: "button", href: seq ? `#/c/${id}/${seq}` : `#/c/${id}`, onclick: () => close() }, t("goThere"))),
    turns.length ? turns.map((x) => turn(x, character(branch.conversation.character))) : h("p", { class: "quiet small" }, t("nothingOwn")));
}

export async function compare(body, tree, a, b, close, back) {
  const until = shared(tree, a, b);
  const after = Math.max(0, until - 2);
  let x, y;
  try {
    [x, y] = (await Promise.all([a, b].map((id) => api.conversation(id, { after, limit: MOST })))).map((answer) => answer.turns);
  } catch (error) {
    return failed(error);
  }
  const same = alike(x, y);
  const last = x[same - 1];
  const who = character(tree.get(a).conversation.character);
  const from = last?.seq ?? 0;
  const leave = h("button", { type: "button", class: "button plain", "data-key": "back", onclick: back }, icon("back"), t("allTimelines"));
  body.replaceChildren(h("div", {}, leave), last ? h("div", { class: "same" }, h("p", { class: "quiet small" }, t("sameUntil")), turn(last, who)) : "",
    h("div", { class: "both-sides" }, column(tree.get(a), x.slice(same), from, close), column(tree.get(b), y.slice(same), from, close)));
  leave.focus();
}
