// What a character and a person talked about: of each thing the newest sentence with the turns it is from, below it those whose place it took;
// corrected, deleted.
import { api } from "./api.js";
import { atMost, h } from "./dom.js";
import { t, whenOf } from "./i18n.js";
import { iconButton } from "./icons.js";
import { langOf } from "./markdown.js";
import { ask, attempt, sheet, toast } from "./over.js";

const LONGEST = 300; // bytes

const askText = (topic) => sheet(t("topicCorrect"), (close) => {
  const input = atMost(h("textarea", { class: "field", rows: 3, autofocus: true, "aria-label": t("topicText"), "data-key": "value" }), LONGEST);
  input.value = topic.text;
  return [h("form", { onsubmit: (e) => (e.preventDefault(), input.value.trim() && close(input.value.trim())) }, input, h("div", { class: "do" }, h("button", { type: "submit", class: "button primary", "data-key": "save" }, t("save"))))];
});

async function correct(topic, again) {
  const text = await askText(topic);
  if (text && text !== topic.text && (await attempt(() => api.changeTopic(topic.id, text.replaceAll("\n", " "))))) again();
}

async function remove(topic, again) {
  const sure = await ask(t("topicDelete"), t("topicDeleteWhat", { text: topic.text }), [[t("cancel"), false], [t("topicDelete"), true, "danger"]]);
  if (!sure || !(await attempt(() => api.removeTopic(topic.id)))) return;
  toast(t("gone"));
  again();
}

const times = (topic) => (topic.until_ms ? t("topicBefore", { from: whenOf(topic.from_ms), until: whenOf(topic.until_ms) }) : t("topicOn", { when: whenOf(topic.from_ms) })) + (topic.by_hand ? ` · ${t("knownByHand")}` : "");

function sentence(topic, line, close, again) {
  return [h("b", { lang: langOf(topic.text) }, topic.text), h("div", { class: "top" }, h("span", { class: "when" }, times(topic)), h("span", { class: "spring" }),
    iconButton("edit", t("topicCorrect"), () => correct(topic, again), { "data-key": "correct" }), iconButton("trash", t("topicDelete"), () => remove(topic, again), { "data-key": "drop" })),
  h("details", { class: "from" }, h("summary", { class: "quiet small" }, t("topicFrom", { n: topic.sources.length })), h("ul", { class: "memories" }, topic.sources.map((m) => line(m, close))))];
}

// line: draws a turn, with a link to it.
export function topicList(topics, line, close, again) {
  const newest = topics.filter((x) => x.holds);
  const below = (topic) => topics.filter((x) => !x.holds && x.about === topic.id);
  const then = (topic) => (below(topic).length ? h("ul", { class: "facts then", "aria-label": t("knownBefore") }, below(topic).map((x) => h("li", { class: "fact" }, sentence(x, line, close, again)))) : null);
  return h("ul", { class: "facts topics" }, newest.map((topic) => h("li", { class: "fact topic" }, sentence(topic, line, close, again), then(topic))));
}
