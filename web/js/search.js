// Searching what was said: hits take the place of the list, and lead to the very turn.
import { api } from "./api.js";
import { h, reconcile } from "./dom.js";
import { current, t, whenOf } from "./i18n.js";
import { icon, iconButton } from "./icons.js";
import { announce, failed } from "./over.js";
import { face } from "./portrait.js";
import { character, state } from "./store.js";

const PAUSE = 220;

function hitRow(hit, go) {
  const who = character(hit.character);
  const says = hit.role === "person" ? hit.person : who.name;
  return h("div", { class: "row hit" }, h("a", { href: hit.seq ? `#/c/${hit.conversation}/${hit.seq}` : `#/c/${hit.conversation}`, onclick: () => ((state.found = hit.match), go.closeSide()) }, face(who, "s"),
    h("span", { class: "main" }, h("span", { class: "top" }, h("span", { class: "name" }, hit.title || who.name), h("span", { class: "when" }, hit.seq ? whenOf(hit.created_ms) : t("inTitle"))),
      h("span", { class: "line" }, hit.seq && says ? `${says}: ` : "", hit.before, h("mark", {}, hit.match), hit.after))));
}

export function makeSearch(list, go, back) {
  let answer = null; // {q, hits, more}
  let timer = 0;
  let asked = 0;
  const input = h("input", { class: "field", type: "text", inputmode: "search", enterkeyhint: "search", placeholder: t("searchShort"), "aria-label": t("search"), autocomplete: "off", spellcheck: false, "data-key": "search" });
  const clear = iconButton("close", t("clear"), () => (empty(), input.focus()), { class: "icon-button hidden" });
  const field = h("div", { class: "seek", role: "search" }, icon("search"), input, clear);

  const empty = () => {
    input.value = "";
    look();
  };
  const find = async () => {
    const q = input.value.trim();
    const mine = ++asked;
    try {
      const found = await api.search(q);
      if (mine !== asked) return; // a newer question is under way
      answer = { q, ...found };
      announce(found.hits.length ? t("hits", { n: found.hits.length }) : t("noHits", { q }));
      back();
    } catch (error) {
      if (mine === asked) failed(error);
    }
  };
  const look = () => {
    clearTimeout(timer);
    clear.classList.toggle("hidden", !input.value);
    if (input.value.trim()) timer = setTimeout(find, PAUSE);
    else {
      asked++;
      answer = null;
      back();
    }
  };
  input.addEventListener("input", (e) => e.isComposing || look());
  input.addEventListener("compositionend", look);
  input.addEventListener("keydown", (e) => {
    if (e.isComposing || e.keyCode === 229) return;
    if (e.key === "Escape" && input.value) empty();
    else if (e.key === "ArrowDown") list.querySelector("a")?.focus();
    else return;
    e.preventDefault();
    e.stopPropagation();
  });

  return {
    field,
    focus: () => (input.focus(), input.select()),
    // True: the hits stand in the list.
    draw() {
      if (!answer) return false;
      const hits = answer.hits.filter((x) => (!state.filter || x.character === state.filter) && !state.leaving.has(x.conversation));
      const tell = (key, text) => ({ key, stamp: text, make: () => h("p", { class: "none" }, text) });
      reconcile(list, [...(hits.length ? [] : [tell("none", t("noHits", { q: answer.q }))]),
        ...hits.map((hit, i) => ({ key: `hit${i}`, stamp: JSON.stringify([hit, current()]), make: () => hitRow(hit, go) })),
        ...(answer.more ? [tell("more", t("moreHits"))] : [])]);
      return true;
    },
  };
}
