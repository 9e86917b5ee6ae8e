// Rules: what may be passed on of what somebody tells. Listed, made, deleted.
import { api } from "./api.js";
import { people } from "./composer.js";
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { iconButton } from "./icons.js";
import { attempt } from "./over.js";
import { character, state } from "./store.js";

const words = (rule) => {
  const by = rule.character ? t("ruleBy", { who: character(rule.character).name }) : t("ruleByAll");
  return rule.other ? t("ruleAllows", { person: rule.person, other: rule.other, by }) : t("ruleForbids", { person: rule.person, by });
};

const choice = (key, label, options) => h("select", { class: "field", "aria-label": label, "data-key": key }, options.map(([value, text]) => h("option", { value }, text)));

export class Rules {
  constructor() {
    this.list = h("ul", { class: "facts" });
    const names = people().map((name) => [name, name]);
    this.person = choice("rule-person", t("ruleOf"), names);
    this.other = choice("rule-other", t("ruleTo"), [["", t("ruleNobody")], ...names]);
    this.who = choice("rule-character", t("ruleCharacter"), [["", t("ruleByAll")], ...state.characters.map((c) => [c.id, c.name])]);
    this.root = h("div", { class: "rules" }, h("p", { class: "quiet small" }, t("rulesWhat")), this.list,
      h("form", { class: "rule-new", onsubmit: (e) => (e.preventDefault(), this.add()) },
        h("label", {}, t("ruleOf"), this.person), h("label", {}, t("ruleTo"), this.other), h("label", {}, t("ruleCharacter"), this.who),
        h("button", { type: "submit", class: "button primary", "data-key": "rule-add" }, t("ruleAdd"))));
  }

  show(rules) {
    this.list.replaceChildren(...rules.map((rule) => h("li", { class: "fact" }, h("div", { class: "top" }, h("b", {}, words(rule)), h("span", { class: "spring" }),
      iconButton("trash", t("ruleDelete"), () => this.change(() => api.removeRule(rule.id)), { "data-key": `rule-drop${rule.id}` })))));
    if (!rules.length) this.list.append(h("li", { class: "quiet" }, t("rulesNone")));
  }

  async change(run) {
    const answer = await attempt(run);
    if (answer) this.show(answer.rules);
  }

  add() {
    const rule = { person: this.person.value };
    if (this.other.value) rule.other = this.other.value;
    if (this.who.value) rule.character = this.who.value;
    return this.change(() => api.addRule(rule));
  }

  load() {
    return this.change(() => api.rules());
  }
}
