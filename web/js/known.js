// What a character knows of a person: each fact with the turn that told it; corrected, deleted. What was before stands below.
import { api } from "./api.js";
import { h } from "./dom.js";
import { t, whenOf } from "./i18n.js";
import { iconButton } from "./icons.js";
import { langOf } from "./markdown.js";
import { ask, attempt, sheet, toast } from "./over.js";

// Another value, or nothing.
const askValue = (fact) => sheet(t("knownCorrect"), (close) => {
  const input = h("input", { class: "field", type: "text", value: fact.value, maxLength: 40, autofocus: true, autocomplete: "off", "aria-label": t("knownValue"), "data-key": "value" });
  return [h("p", { class: "quiet", lang: langOf(fact.text) }, fact.text), h("form", { onsubmit: (e) => (e.preventDefault(), input.value.trim() && close(input.value.trim())) }, input,
    h("div", { class: "do" }, h("button", { type: "submit", class: "button primary", "data-key": "save" }, t("save"))))];
});

async function correct(fact, again) {
  const value = await askValue(fact);
  if (value && value !== fact.value && (await attempt(() => api.changeKnown(fact.id, value)))) again();
}

async function remove(fact, again) {
  const sure = await ask(t("knownDelete"), t("knownDeleteWhat", { text: fact.text }), [[t("cancel"), false], [t("knownDelete"), true, "danger"]]);
  if (!sure || !(await attempt(() => api.removeKnown(fact.id)))) return;
  toast(t("gone"));
  again();
}

const times = (fact) => (fact.until_ms ? t("knownUntil", { from: whenOf(fact.from_ms), until: whenOf(fact.until_ms) }) : t("knownSince", { from: whenOf(fact.from_ms) })) + (fact.by_hand ? ` · ${t("knownByHand")}` : "");

function item(fact, line, close, again) {
  return h("li", { class: "fact" }, h("div", { class: "top" }, h("b", { lang: langOf(fact.text) }, fact.text), h("span", { class: "when" }, times(fact)), h("span", { class: "spring" }),
    iconButton("edit", t("knownCorrect"), () => correct(fact, again), { "data-key": "correct" }), iconButton("trash", t("knownDelete"), () => remove(fact, again), { "data-key": "drop" })),
  h("ul", { class: "memories" }, line(fact.source, close)));
}

// line: draws a turn, with a link to it.
export function knownList(facts, line, close, again) {
  const list = (of) => h("ul", { class: "facts" }, of.map((fact) => item(fact, line, close, again)));
  const holds = (x) => x.holds || (!x.until_ms && x.from_ms > Date.now()); // or will
  const now = facts.filter(holds);
  const then = facts.filter((x) => !holds(x));
  return [now.length ? list(now) : null, then.length ? [h("h3", {}, t("knownBefore")), list(then)] : null];
}
