// What is remembered: searched by words; what would come to mind if one said something now, with the reasons; what is known of people and was talked about
// with them; what a reply was told.
// Every line leads to its turn.
import { api } from "./api.js";
import { Chats } from "./chats.js";
import { people, person } from "./composer.js";
import { Documents, passageLine } from "./documents.js";
import { h } from "./dom.js";
import { current, number, t, whenOf } from "./i18n.js";
import { icon } from "./icons.js";
import { memoryTools } from "./forget.js";
import { knownList } from "./known.js";
import { nowList } from "./now.js";
import { langOf, plain } from "./markdown.js";
import { announce, attempt, failed, sheet } from "./over.js";
import { Rules } from "./rules.js";
import { segments } from "./segments.js";
import { character, here, state } from "./store.js";
import { topicList } from "./topics.js";

const PAUSE = 250; // ms, behind the last letter
const REASONS = 3;
const KINDS = { knowledge: "memKnowledge", personal: "memPersonal", secret: "memSecret", unread: "memUnread" };
const WHY = { words: "whyWords", words3: "whyWords3", words5: "whyWords5", session_words: "whySessionWords", covered: "whyCovered", meaning: "whyMeaning", meaning3: "whyMeaning3", meaning5: "whyMeaning5",
  session_meaning: "whySessionMeaning", speaker: "whySpeaker", asks: "whyAsks", answers: "whyAnswers", length: "whyLength", opening: "whyOpening", timed: "whyTimed", date: "whyDate", alone_words: "whyWords", alone_covered: "whyCovered", alone_meaning: "whyMeaning" };
const why = (reason) => (WHY[reason.name] ? t(WHY[reason.name]) : reason.about);
const held = (kind) => kind === "secret" || kind === "unread";

// Who said it, when, how it is kept, the words; below them what else there is to say.
function line(m, close, ...below) {
  const who = m.person ?? character(m.character).name;
  const heard = m.witnesses.length ? t("memHeard", { who: m.witnesses.join(", ") }) : "";
  return h("li", { class: "memory" }, h("a", { href: `#/c/${m.conversation}/${m.seq}`, onclick: () => close() },
    h("span", { class: "top" }, h("b", {}, who), h("span", { class: "when" }, whenOf(m.at_ms)), h("span", { class: held(m.class) ? "kind held" : "kind", title: heard }, held(m.class) ? icon("lock") : null, t(KINDS[m.class] ?? KINDS.unread))),
    h("span", { class: "line", lang: langOf(m.text) }, plain(m.text))), below);
}

function recalledLine(item, close) {
  const said = item.reasons.slice(0, REASONS).map((r) => h("li", {}, why(r), h("small", {}, number(r.points, 1))));
  return line(item.memory, close, item.before ? h("p", { class: "quiet small", lang: langOf(item.before) }, t("memBefore", { words: item.before })) : null, said.length ? h("ul", { class: "why", "aria-label": t("memWhy") }, said) : null);
}

class Memory {
  constructor(who, close) {
    Object.assign(this, { close, mode: "find", asked: 0, answer: h("div", { class: "answer", "aria-live": "off" }), figures: h("p", { class: "quiet small" }) });
    this.who = h("select", { class: "field", "aria-label": t("memWhose"), onchange: () => this.chosen() });
    this.input = h("input", { class: "field", type: "text", autofocus: true, maxLength: 160, autocomplete: "off", enterkeyhint: "search", "data-key": "words" });
    this.button = h("button", { type: "submit", class: "button primary", "data-key": "ask" });
    this.input.addEventListener("input", (e) => e.isComposing || this.typed());
    this.input.addEventListener("compositionend", () => this.typed());
    this.of = h("select", { class: "field", "aria-label": t("knownOf"), "data-key": "of", onchange: () => this.known() }, people().map((name) => h("option", { value: name, selected: name === person() }, name)));
    this.words = h("div", { class: "row-of" }, this.input, this.button);
    this.documents = new Documents(() => this.who.value);
    this.choose("find", who);
  }

  chosen() {
    if (this.of_whom()) this.known();
    else this.ask();
    if (this.mode === "documents") this.documents.load();
  }

  form() {
    return h("form", { class: "remember", onsubmit: (e) => (e.preventDefault(), this.ask()) },
      h("div", { class: "row-of" }, segments(t("memory"), [["find", t("memFind")], ["mind", t("memMind")], ["now", t("memNow")], ["known", t("known")], ["topics", t("topics")], ["documents", t("docShort")], ["rules", t("rules")]], this.mode, (mode) => this.choose(mode, this.who.value)), this.of, this.who),
      this.words);
  }

  // Searching looks at everybody's memory, unless one is chosen; only somebody has a mind.
  choose(mode, who) {
    this.mode = mode;
    const names = state.characters.map((c) => h("option", { value: c.id, selected: c.id === who }, c.name));
    this.who.replaceChildren(...(mode === "find" ? [h("option", { value: "", selected: !who }, t("all"))] : []), ...names);
    const label = mode === "find" ? t("memFindWhat") : mode === "documents" ? t("docAskWhat") : t("memMindWhat", { name: person() });
    this.input.placeholder = label;
    this.input.setAttribute("aria-label", label);
    this.button.textContent = mode === "find" ? t("memSearch") : t("memAsk");
    this.words.classList.toggle("hidden", this.of_whom() || mode === "rules");
    this.of.classList.toggle("hidden", !this.of_whom());
    this.who.classList.toggle("hidden", mode === "rules");
    this.documents.root.classList.toggle("hidden", mode !== "documents");
    this.chats?.classList.toggle("hidden", mode === "documents");
    this.show();
    if (mode === "documents") this.documents.load();
    if (mode === "rules") this.rules();
    else if (this.of_whom()) this.known();
    else if (this.input.value.trim() && mode === "find") this.ask();
  }

  rules() {
    const rules = new Rules();
    this.show(rules.root);
    rules.load();
  }

  // What is on its mind of a person, is known of them, or was talked about with them.
  of_whom() {
    return this.mode === "now" || this.mode === "known" || this.mode === "topics";
  }

  async known() {
    const mine = ++this.asked;
    const again = () => this.known();
    const id = this.who.value;
    const person = this.of.value;
    try {
      const answer = await (this.mode === "now" ? api.now(id, person) : this.mode === "known" ? api.known(id, person, current()) : api.topics(id, person));
      const facts = this.mode === "now" ? (await api.known(id, person, current())).known : [];
      if (mine !== this.asked) return;
      if (this.mode === "now") this.show(nowList(answer.working, facts, { id, person, name: character(id).name }, line, this.close, again));
      else if (this.mode === "topics") this.show(answer.topics.length ? topicList(answer.topics, line, this.close, again) : h("p", { class: "quiet" }, t("topicsNothing", { name: this.of.value, who: character(this.who.value).name })));
      else this.show(answer.known.length ? knownList(answer.known, line, this.close, again) : h("p", { class: "quiet" }, t("knownNothing", { name: this.of.value, who: character(this.who.value).name })));
    } catch (error) {
      if (mine !== this.asked) return;
      if (error.status === 404) this.show(h("p", { class: "quiet" }, t("memNobody", { name: this.of.value })));
      else failed(error);
    }
  }

  show(...what) {
    this.asked++;
    this.answer.replaceChildren(...what.flat(3).filter(Boolean));
  }

  typed() {
    clearTimeout(this.timer);
    if (!this.input.value.trim()) this.show();
    else if (this.mode === "find") this.timer = setTimeout(() => this.ask(), PAUSE);
  }

  async ask() {
    clearTimeout(this.timer);
    const q = this.input.value.trim();
    if (!q) return;
    const mine = ++this.asked;
    try {
      if (this.mode === "documents") {
        const { passages } = await api.passages(this.who.value, q);
        if (mine === this.asked) this.show(this.quoted(passages));
        return;
      }
      const answer = await (this.mode === "find" ? api.memory(q, this.who.value) : api.recall(this.who.value, q, person()));
      if (mine !== this.asked) return; // a newer question is under way
      this.show(this.mode === "find" ? this.found(q, answer.memories) : this.came(answer));
    } catch (error) {
      if (mine !== this.asked) return;
      if (error.status === 400 || error.status === 404) this.show(h("p", { class: "quiet" }, this.mode === "find" ? t("noHits", { q }) : t("memNobody", { name: person() })));
      else failed(error);
    }
  }

  found(q, memories) {
    const tell = memories.length ? t("hits", { n: memories.length }) : t("noHits", { q });
    announce(tell);
    return [h("p", { class: "quiet small" }, tell), h("ul", { class: "memories" }, memories.map((m) => line(m, this.close, memoryTools(m, () => this.ask()))))];
  }

  quoted(passages) {
    const told = passages.filter((x) => x.told);
    const rest = passages.filter((x) => !x.told);
    const tell = told.length ? t("docFound") : t("docNothing");
    announce(tell);
    return [h("p", {}, tell), told.length ? h("ul", { class: "memories came" }, told.map(passageLine)) : null, rest.length ? [h("h3", {}, t("docFar")), h("ul", { class: "memories far" }, rest.map(passageLine))] : null];
  }

  came(answer) {
    const told = answer.about ? answer.items.filter((x) => x.told) : [];
    const rest = answer.items.filter((x) => !told.includes(x));
    const tell = told.length ? t("memComes", { n: told.length, name: character(this.who.value).name }) : t("memNothing", { name: character(this.who.value).name });
    const list = (items, kind) => h("ul", { class: `memories ${kind}` }, items.map((x) => recalledLine(x, this.close)));
    announce(tell);
    return [h("p", {}, tell), told.length ? list(told, "came") : null, rest.length ? [h("h3", {}, t("memFar")), list(rest, "far")] : null, answer.by_meaning ? null : h("p", { class: "quiet small" }, t("memWordsOnly"))];
  }

  async load() {
    try {
      const s = await api.memoryStatus();
      const waits = s.due + (s.model ? s.without_vector : 0);
      this.figures.textContent = [t("memTurns", { n: number(s.turns) }), waits ? t("memWaits", { n: number(waits) }) : "", s.reading ? t("memReading", { n: number(s.reading) }) : ""].filter(Boolean).join(" · ");
    } catch {
      // It is only a figure.
    }
  }
}

export function memory(who = here()?.character) {
  return sheet(t("memory"), (close) => {
    const m = new Memory(state.characters.some((c) => c.id === who) ? who : "", close);
    const chats = new Chats(() => m.who.value);
    m.load();
    chats.load();
    m.chats = chats.root;
    return [m.form(), m.answer, m.documents.root, m.figures, chats.root];
  }, "remembering");
}

/* ---- at a reply ---- */

// What was near and was not told, and why: on demand.
function refusedList(turn, close) {
  const id = state.conversation;
  const root = h("div", { class: "refused" });
  const show = async () => {
    const answer = await attempt(() => api.refused(id, turn.seq));
    if (!answer) return;
    root.replaceChildren(h("h3", {}, t("memRefused")), answer.items.length ? h("ul", { class: "memories far" }, answer.items.map((x) => line(x.memory, close, h("p", { class: "because small" }, icon(x.reason === "far" || x.reason === "faded" ? "memory" : "lock"), (current() === "zh" ? x.why_zh : x.why_en) + (x.person ? ` (${x.person})` : "")))))
      : h("p", { class: "quiet" }, t("memRefusedNone")));
  };
  root.append(h("button", { type: "button", class: "button", "data-key": "refused", onclick: show }, icon("lock"), t("memRefusedShow")));
  return root;
}

export async function told(turn, who) {
  const answer = await attempt(() => api.told(state.conversation, turn.seq));
  if (!answer) return;
  const passages = answer.passages ?? [];
  await sheet(t("memTold", { name: who.name }), (close) => [answer.items.length || passages.length
    ? [h("p", { class: "quiet small" }, t("memToldWhat")), answer.items.length ? h("ul", { class: "memories came" }, answer.items.map((x) => line(x.memory, close, x.changed ? h("p", { class: "quiet small" }, t("memChanged")) : null, memoryTools(x.memory, () => close())))) : null,
      passages.length ? [h("h3", {}, t("docTold")), h("ul", { class: "memories came" }, passages.map(passageLine))] : null].flat()
    : h("p", {}, turn.recalled ? t("memToldGone") : t("memToldNone")), refusedList(turn, close)].flat(), "remembering");
}

// Quiet, behind the name.
export const mark = (turn, who) => (turn.recalled ? h("button", { type: "button", class: "recalled", "data-key": `recalled${turn.seq}`, "aria-haspopup": "dialog", title: t("memMark", { n: turn.recalled }), "aria-label": t("memMark", { n: turn.recalled }), onclick: () => told(turn, who) }, icon("memory")) : null);

/* ---- where one gets there: in the panel ---- */

export class Remembered {
  constructor() {
    this.root = h("section", { class: "hidden remembered" });
  }

  async load(who) {
    this.who = who;
    this.root.classList.add("hidden");
    if (!who || who.gone) return;
    try {
      const s = await api.memoryStatus();
      if (this.who !== who) return;
      this.root.setAttribute("aria-label", t("memory"));
      this.root.replaceChildren(h("h3", {}, t("memory")), h("p", { class: "quiet small" }, t("memTurns", { n: number(s.turns) })),
        h("div", { class: "spaced" }, h("button", { type: "button", class: "button", "data-key": "memory", "aria-haspopup": "dialog", onclick: () => memory(who.id) }, icon("memory"), t("memOpen"))));
      this.root.classList.remove("hidden");
    } catch (error) {
      if (!error.missing) failed(error);
    }
  }
}
