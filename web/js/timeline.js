// The timelines: the tree of forks a conversation belongs to. Every branch is a rail; where others left it stands the turn's
// beginning. One goes there, lives another branch from there, or lays two branches side by side (compare.js).
import { api } from "./api.js";
import { compare } from "./compare.js";
import { h } from "./dom.js";
import { t, whenOf } from "./i18n.js";
import { icon } from "./icons.js";
import { langOf, plain } from "./markdown.js";
import { failed, sheet } from "./over.js";
import { character, here, state } from "./store.js";

export const count = (n) => (n === 1 ? t("oneMessage") : t("messageCount", { n }));
const said = (words) => plain(words?.text);
export const titleOfBranch = (b) => b.conversation.title || said(b.own) || t("untitled");
// What stands in a line of its own is cut by the style; in a name for screen readers it has to be short, too.
const short = (text) => (text.length > 60 ? `${text.slice(0, 60)}…` : text);

/* ---- the tree ---- */

export class Tree {
  constructor(timelines) {
    this.branches = new Map(timelines.map((b) => [b.conversation.id, b]));
  }

  get(id) {
    return this.branches.get(id);
  }

  // From the root to that branch: [{id, until}], until which turn each has its words from.
  path(id) {
    const out = [];
    let until = Infinity;
    for (let b = this.get(id); b; b = this.get(b.conversation.parent?.id)) {
      out.unshift({ id: b.conversation.id, until });
      until = Math.min(until, b.conversation.parent?.seq ?? 0);
    }
    return out;
  }

  roots() {
    return [...this.branches.values()].filter((b) => !this.get(b.conversation.parent?.id));
  }

  // The turns of a branch at which others left, in their order: [{seq, role, text, forks}]. extra: one more to begin at.
  places(branch, extra) {
    const places = new Map();
    for (const b of this.branches.values()) {
      const { parent } = b.conversation;
      if (parent?.id !== branch.conversation.id) continue;
      if (!places.has(parent.seq)) places.set(parent.seq, { ...b.from, seq: parent.seq, forks: [] });
      places.get(parent.seq).forks.push(b);
    }
    if (extra && !places.has(extra.seq)) places.set(extra.seq, { seq: extra.seq, role: extra.role, text: extra.text, forks: [] });
    return [...places.values()].sort((a, b) => a.seq - b.seq);
  }
}

/* ---- drawing it ---- */

// A word beside the icon where there is room; the whole of it for screen readers.
const action = (name, word, label, key, onclick) => h("button", { type: "button", class: "act", "aria-label": label, title: label, "data-key": key, onclick }, icon(name), h("span", {}, word));

class Drawing {
  constructor(tree, turn, acts) {
    Object.assign(this, { tree, turn, acts, path: new Map(tree.path(state.conversation).map((p) => [p.id, p.until])) });
  }

  // lit: the words of where one is come along here.
  branch(b, lit, goesOn) {
    const { id, turns, updated_ms, character: who } = b.conversation;
    const current = id === state.conversation;
    const places = this.tree.places(b, current ? this.turn : null);
    const until = this.path.get(id) ?? 0;
    const title = titleOfBranch(b);
    const from = said(b.own);
    const classes = ["branch", lit && "lit", goesOn === "lit" && "passes-lit", goesOn && "passes", current && "current"];
    const tell = h("span", { class: "meta" }, count(turns), " · ", whenOf(updated_ms));
    const link = h("a", { href: `#/c/${id}`, "data-key": `branch${id}`, autofocus: current && !this.turn, "aria-current": current ? "page" : null, onclick: () => this.acts.go() },
      h("span", { class: "top" }, h("span", { class: "name", lang: langOf(title) }, title), current ? h("span", { class: "tag" }, t("hereNow")) : null),
      from && from !== title ? h("span", { class: "line own", lang: langOf(from) }, from) : null,
      h("span", { class: "line last", lang: langOf(b.conversation.last_text) }, plain(b.conversation.last_text) || t("nothingOwn")), tell);
    return h("li", { class: classes.filter(Boolean).join(" ") },
      h("div", { class: "node" }, link, current ? null : action("sides", t("compareShort"), t("compareWith", { title: short(title) }), `compare${id}`, () => this.acts.compare(id))),
      places.length ? h("ul", { class: "places", "aria-label": t("placesOf", { title: short(title) }) }, places.map((p, i) => this.place(b, p, character(who), lit && p.seq <= until, lit && places[i + 1]?.seq <= until, i === places.length - 1))) : null);
  }

  place(b, p, who, litUp, litDown, last) {
    const { id } = b.conversation;
    const asked = id === state.conversation && p.seq === this.turn?.seq;
    const classes = ["place", litUp && "lit-up", litDown && "lit-down", last && "last", asked && "asked"];
    return h("li", { class: classes.filter(Boolean).join(" ") },
      h("div", { class: "node" },
        h("a", { href: `#/c/${id}/${p.seq}`, "data-key": `place${id}-${p.seq}`, autofocus: asked, "aria-current": asked ? "location" : null, onclick: () => this.acts.go() },
          h("span", { class: p.role === "person" ? "line mine" : "line", lang: langOf(p.text) }, p.role === "person" ? null : h("b", {}, `${who.name}: `), plain(p.text))),
        action("fork", t("branchShort"), t("branchFrom", { words: short(plain(p.text)) }), `fork${id}-${p.seq}`, () => this.acts.fork(id, p))),
      p.forks.length ? h("ul", { class: "forks" }, p.forks.map((f, i) => {
        const lit = (x) => this.path.has(x.conversation.id);
        const after = p.forks.slice(i + 1);
        return this.branch(f, lit(f), after.length ? (after.some(lit) ? "lit" : "on") : "");
      })) : null);
  }
}

// Up, down, Home and End go from line to line.
function arrows(root) {
  root.addEventListener("keydown", (e) => {
    const links = [...root.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement.closest(".node")?.querySelector("a"));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[e.key];
    if (to === undefined || !links[to]) return;
    links[to].focus();
    e.preventDefault();
  });
}

/* ---- the sheet ---- */

// turn: of the conversation that is open, from which somebody wants to go on otherwise; or none.
export async function timelines(go, turn = null) {
  let answer;
  try {
    answer = await api.tree(state.conversation);
  } catch (error) {
    return failed(error);
  }
  const tree = new Tree(answer.timelines);
  await sheet(t("timelines"), (close) => {
    const body = h("div", { class: "lives" });
    const acts = {
      go: () => close(),
      fork: (id, place) => (close(), go.acts.fork(place, id)),
      compare: (id) => compare(body, tree, state.conversation, id, close, () => show(`compare${id}`)),
    };
    const show = (key = `branch${state.conversation}`) => {
      const list = h("ul", { class: "rails", "aria-label": t("timelines") }, tree.roots().map((b) => new Drawing(tree, turn, acts).branch(b, true, "")));
      arrows(list);
      body.replaceChildren(h("p", { class: "quiet small" }, tree.branches.size > 1 ? t("timelinesText", { name: character(here().character).name }) : t("oneTimeline")), list,
        answer.more ? h("p", { class: "quiet small" }, t("moreBranches")) : "");
      body.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
      requestAnimationFrame(() => body.querySelector(turn && key.startsWith("branch") ? ".asked" : ".current")?.scrollIntoView({ block: "nearest" }));
    };
    show();
    return [body];
  }, "timelines");
}
