// Keys for the whole page, while nobody is writing (settings.js lists them).
import { inOrder, state } from "./store.js";

export function listenKeys(go) {
  const turnAt = () => state.turns.get(Number(document.activeElement?.closest?.(".turn")?.dataset.seq));
  const lastReply = () => inOrder().findLast((x) => x.role === "character");
  const lastOwn = () => inOrder().findLast((x) => x.role === "person");

  function step(by) {
    const turns = [...document.querySelectorAll(".turn[data-seq]")];
    const at = turns.indexOf(document.activeElement.closest(".turn"));
    const to = at < 0 ? turns.at(-1) : turns[at + by];
    to?.focus();
    to?.scrollIntoView({ block: "nearest" });
  }

  const keys = {
    "/": () => go.search(), n: () => go.beginAny(), h: () => go.home(), i: () => go.panel(), ",": () => go.settings(), "?": () => go.help(), w: () => go.write(),
    e: () => go.acts.edit(turnAt() ?? lastOwn() ?? {}), r: () => go.acts.regenerate(inOrder().at(-1)?.role === "character" ? inOrder().at(-1) : null),
    t: () => go.acts.threeWays(inOrder().at(-1)), b: () => go.acts.timelines(turnAt() ?? null), c: () => turnAt() && go.acts.copy(turnAt()), Escape: () => go.escape(),
    ArrowLeft: () => state.turns.size && go.acts.way(turnAt() ?? lastReply(), -1), ArrowRight: () => state.turns.size && go.acts.way(turnAt() ?? lastReply(), 1),
    ArrowUp: () => step(-1), ArrowDown: () => step(1),
  };
  const inTalk = new Set(["t", "b", "e", "r", "c", "w", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]);

  addEventListener("keydown", (e) => {
    if ((e.ctrlKey || e.metaKey) && e.key === "k") return (e.preventDefault(), go.search());
    if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || e.isComposing || document.querySelector("dialog[open], .menu")) return;
    const target = e.target;
    if (e.key !== "Escape" && target.closest?.("input, textarea, select, [contenteditable]")) return;
    if (e.key.startsWith("Arrow") && target !== document.body && !target.closest?.(".turns")) return; // lists have arrows of their own
    if (inTalk.has(e.key) && state.view !== "talk") return;
    const what = keys[e.key] ?? (state.ways?.list[e.key - 1] && (() => go.acts.takeWay(e.key - 1)));
    if (!what) return;
    e.preventDefault();
    what();
  });
}
