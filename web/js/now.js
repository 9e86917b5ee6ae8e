// What is on a character's mind of a person now: how each of them is, what they want, how close they are, what was promised, decided together and stayed without an answer; every
// line with its age and the turn that shows it; set by hand, corrected, deleted.
import { api } from "./api.js";
import { h } from "./dom.js";
import { number, t, whenOf } from "./i18n.js";
import { iconButton } from "./icons.js";
import { langOf } from "./markdown.js";
import { ask, attempt, sheet, toast } from "./over.js";

const LONGEST = { topic: 30, promise: 66, plan: 66, question: 66 }; // characters, whatever the language
const MOODS = { calm: "moodCalm", glad: "moodGlad", excited: "moodExcited", sad: "moodSad", worried: "moodWorried", angry: "moodAngry", hurt: "moodHurt", tired: "moodTired", lonely: "moodLonely", bored: "moodBored", ashamed: "moodAshamed", annoyed: "moodAnnoyed" };
const WANTS = { chat: "wantChat", ask: "wantAsk", comfort: "wantComfort", advice: "wantAdvice", task: "wantTask", tease: "wantTease", complain: "wantComplain", leave: "wantLeave" };
const OWN_WANTS = { chat: "wantChat", comfort: "ownComfort", advice: "ownAdvice", distance: "ownDistance" };
const STATES = { open: "stateOpen", kept: "stateKept", broken: "stateBroken", dropped: "stateDropped", answered: "stateAnswered" };
const PARTS = { mood: "nowMood", intent: "nowIntent", topic: "nowTopic", own_mood: "nowMood", own_intent: "nowIntent", closeness: "nowCloseness", trust: "nowTrust" };
const OPEN = { promise: "nowPromise", plan: "nowPlan", question: "nowQuestion" };
const CHOICES = { promise: ["open", "kept", "broken"], plan: ["open", "kept", "dropped"], question: ["open", "answered"] };
const ABOUT = ["age", "work", "studies", "home", "status", "likes", "dislikes", "plays"];
const percent = (x) => `${number(Math.round(x * 100))} %`;
const isMood = (part) => part === "mood" || part === "own_mood";
const isShare = (part) => part === "closeness" || part === "trust";

function words(x) {
  if (!x.value && !isShare(x.part)) return t("nowNothing");
  if (isMood(x.part)) return t(MOODS[x.value] ?? "nowNothing");
  if (x.part === "intent") return t(WANTS[x.value] ?? "nowNothing");
  return x.part === "own_intent" ? t(OWN_WANTS[x.value] ?? "nowNothing") : isShare(x.part) ? percent(x.amount) : x.value;
}

const option = (names, chosen) => Object.entries(names).map(([value, key]) => h("option", { value, selected: value === chosen }, t(key)));
const slider = (x) => h("input", { type: "range", min: isMood(x.part) ? 5 : 0, max: 100, step: 5, value: Math.round((x.amount || (isMood(x.part) ? 0.7 : 0)) * 100), "aria-label": isMood(x.part) ? t("nowStrength") : t(PARTS[x.part]), "data-key": "amount" });

// What can be chosen of a part: {value, amount} or {text, state}; nothing.
const askPart = (x) => sheet(t(OPEN[x.part] ?? PARTS[x.part]), (close) => {
  const label = { class: "field", "data-key": "value", "aria-label": t("nowValue") };
  const value = isMood(x.part) ? h("select", label, option(MOODS, x.value)) : x.part === "intent" ? h("select", label, option(WANTS, x.value)) : isShare(x.part) ? null : h(x.id ? "textarea" : "input", { ...label, rows: 3, maxLength: LONGEST[x.part] });
  if (value && !isMood(x.part) && x.part !== "intent") value.value = x.value;
  const amount = isMood(x.part) || isShare(x.part) ? slider(x) : null;
  const state = x.id ? h("select", { class: "field", "data-key": "state", "aria-label": t("nowState") }, CHOICES[x.part].map((s) => h("option", { value: s, selected: s === x.state }, t(STATES[s])))) : null;
  const done = () => (!value || value.value.trim()) && close({ value: value?.value.trim() ?? "", amount: amount ? Number(amount.value) / 100 : undefined, state: state?.value });
  return [h("form", { class: "now-set", onsubmit: (e) => (e.preventDefault(), done()) }, value, amount ? h("label", { class: "quiet small" }, isMood(x.part) ? t("nowStrength") : "", amount) : null, state,
    h("div", { class: "do" }, h("button", { type: "submit", class: "button primary", "data-key": "save" }, t("save"))))];
});

async function correct(x, whose, again) {
  const to = await askPart(x);
  if (!to) return;
  const value = to.value.replaceAll("\n", " ");
  if (await attempt(() => (x.id ? api.changeOpen(x.id, { text: value === x.value ? undefined : value, state: to.state === x.state ? (value === x.value ? x.state : undefined) : to.state }) : api.setNow(whose.id, { person: whose.person, part: x.part, value, amount: to.amount })))) again();
}

async function remove(x, whose, again) {
  const sure = await ask(t("nowDelete"), t("nowDeleteWhat", { text: words(x) }), [[t("cancel"), false], [t("nowDelete"), true, "danger"]]);
  if (!sure || !(await attempt(() => (x.id ? api.removeOpen(x.id) : api.unsetNow(whose.id, whose.person, x.part))))) return;
  toast(t("gone"));
  again();
}

// "since 14:02 · sure: 80 %".
function small(x) {
  const known = x.value || isShare(x.part);
  const sure = known && x.confidence < 1 ? t("nowSure", { n: percent(x.confidence) }) : "";
  const due = x.to_ms ? t("nowDue", { when: whenOf(x.from_ms) }) : "";
  return [x.since_ms && known ? whenOf(x.since_ms) : "", due, sure, x.by_hand ? t("nowByHand") : known && isShare(x.part) ? t("nowCounted") : ""].filter(Boolean).join(" · ");
}

function item(x, whose, line, close, again) {
  const name = x.id ? t(OPEN[x.part]) + (x.state ? ` · ${t(STATES[x.state] ?? "stateOpen")}` : "") : t(PARTS[x.part]);
  const set = x.part !== "own_intent";
  const there = x.value || isShare(x.part);
  const meter = (isMood(x.part) && x.value) || isShare(x.part) ? h("meter", { min: 0, max: 1, value: x.amount, "aria-label": `${name} ${percent(x.amount)}` }) : null;
  const shows = small(x);
  return h("li", { class: "fact now-part", "data-part": x.part }, h("div", { class: "top" }, h("span", { class: "now-what" }, h("span", { class: "now-name" }, name), h("b", { class: there ? "" : "quiet", lang: x.id || x.part === "topic" ? langOf(x.value) : undefined }, words(x)), meter),
    set ? iconButton("edit", t("nowCorrect"), () => correct(x, whose, again), { "data-key": "correct" }) : null, set && there ? iconButton("trash", t("nowDelete"), () => remove(x, whose, again), { "data-key": "drop" }) : null),
  x.cause ? h("details", { class: "from" }, h("summary", { class: "quiet small" }, [shows, t("nowFrom")].filter(Boolean).join(" · ")), h("ul", { class: "memories" }, line(x.cause, close))) : shows ? h("span", { class: "when" }, shows) : null);
}

// parts, known: as the API gives them. whose: {id, name: the character's, person}. line: draws a turn, with a link to it.
export function nowList(parts, known, whose, line, close, again) {
  const of = (part) => parts.find((x) => x.part === part) ?? { part, value: "", amount: 0, confidence: 0, id: 0, state: "", since_ms: 0, to_ms: 0, cause: null };
  const list = (items) => h("ul", { class: "facts now" }, items.map((x) => item(x, whose, line, close, again)));
  const open = (own) => parts.filter((x) => x.id && x.part !== "plan" && x.own === own);
  const facts = known.filter((x) => x.holds && !x.whose && ABOUT.includes(x.about)).map((x) => x.text);
  const some = (name) => parts.filter((x) => x.part === name);
  return [h("h3", {}, whose.person), facts.length ? h("p", { class: "quiet small", lang: langOf(facts[0]) }, facts.join(" · ")) : null, list([of("mood"), of("intent"), of("topic"), ...open(false)]),
    h("h3", {}, whose.name), list([of("own_mood"), ...some("own_intent"), ...open(true)]), some("trust").length || some("plan").length ? [h("h3", {}, t("nowBetween")), list([...some("plan"), ...(some("trust").length ? [of("closeness"), of("trust")] : [])])] : null];
}
