// Several ways to say the last reply, side by side as they come: one takes one, the others stay as alternatives.
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { icon, iconButton } from "./icons.js";
import { langOf } from "./markdown.js";
import { character, here, state } from "./store.js";
import { coming, trouble, words } from "./turn.js";

export const waysStamp = () => JSON.stringify([state.ways.list, state.ways.numbers, state.ways.chosen]);

function way(turn, i, acts) {
  const { numbers, chosen } = state.ways;
  const nothing = numbers && numbers[i] === null;
  const able = turn.text && !nothing && chosen === null;
  return h("article", { class: ["way", chosen === i && "chosen"].filter(Boolean).join(" "), "data-way": String(i + 1), tabindex: "-1", "aria-label": t("wayOf", { n: i + 1 }), "aria-busy": String(coming(turn)) },
    h("div", { class: "words", lang: langOf(turn.text) }, turn.text || coming(turn) ? words(turn) : ""), trouble(turn),
    nothing && turn.state !== "failed" ? h("p", { class: "quiet small" }, t("saidNothing")) : null,
    h("button", { type: "button", class: "button", "data-key": `take${i + 1}`, disabled: !able, onclick: () => acts.takeWay(i) }, icon("check"), t("takeThis"), h("kbd", { "aria-hidden": "true" }, String(i + 1))));
}

export function drawWays(acts) {
  const { list, numbers } = state.ways;
  const title = t("waysTitle", { name: character(here()?.character).name });
  return h("section", { class: "several", role: "group", "aria-label": title },
    h("header", {}, h("h3", {}, title), h("span", { class: "quiet small" }, numbers ? t("waysChoose") : t("waysComing")), h("span", { class: "spring" }),
      iconButton(numbers ? "close" : "stop", numbers ? t("keepOld") : t("stop"), () => acts.leaveWays(), { "data-key": "leaveways" })),
    h("div", { class: "row-of-ways" }, list.map((turn, i) => way(turn, i, acts))));
}

// More words of one: only they are drawn anew. False: it is not there as it was.
export function growWay(root, i) {
  const turn = state.ways?.list[i];
  const place = root.querySelector(`.way[data-way="${i + 1}"]`);
  if (!turn || !place || !coming(turn)) return false;
  place.querySelector(".words").replaceChildren(...words(turn));
  place.querySelector("button").disabled = state.ways.chosen !== null;
  return true;
}
