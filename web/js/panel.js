// "What is going on": the engine, and what the last reply cost.
import { h, icon, s } from "./dom.js";
import { t } from "./i18n.js";
import { state } from "./store.js";

const STATES = { ready: ["good", "ready"], starting: ["warn", "starting"], loading: ["warn", "loadingState"],
  restarting: ["warn", "restartingState"], failed: ["bad", "failedState"], stopped: ["", "stoppedState"] };

const row = (name, value) => (value === undefined || value === null || value === "" ? [] : [h("dt", {}, name), h("dd", {}, value)]);

function engine() {
  const e = state.engine;
  const info = e?.info ?? {};
  const [color, word] = STATES[e?.state] ?? STATES.stopped;
  const percent = e?.state === "loading" ? ` ${Math.round(e.progress * 100)} %` : "";
  const jail = info.jail ? (info.jail.landlock && info.jail.seccomp ? t("yes") : t("no")) + (info.jail.network ? `, ${t("network")}` : "") : "";
  return h("section", {}, h("dl", {},
    row(t("model"), info.model?.name || e?.model), row(t("state"), h("span", { class: `state ${color}` }, t(word) + percent)),
    row(t("backend"), info.backend), row(t("threads"), info.threads), row(t("jail"), jail), row(t("restarts"), e?.restarts || null)),
    e?.message ? h("p", { class: "quiet" }, e.message) : null);
}

function lastReply() {
  const turn = [...state.turns.values()].filter((x) => x.role === "character" && x.completion_tokens > 0).pop();
  if (!turn) return h("section", {}, h("p", { class: "quiet" }, t("noReply")));
  return h("section", {}, h("dl", {},
    row(t("speed"), turn.tokens_per_s ? `${turn.tokens_per_s.toFixed(1)} tok/s` : null),
    row(t("first"), turn.ttft_ms ? `${(turn.ttft_ms / 1000).toFixed(2)} s` : null),
    row(t("prompt"), `${turn.prompt_tokens} ${t("tokens")}`), row(t("made"), `${turn.completion_tokens} ${t("tokens")}`)));
}

function context() {
  const c = state.context;
  if (!c?.size) return null;
  return h("section", {}, h("dl", {}, row(t("context"), `${c.used} / ${c.size}`), row(t("dropped"), c.dropped || null)),
    h("div", { class: "meter", role: "img", "aria-label": `${t("context")} ${c.used} / ${c.size}` },
      s("svg", { viewBox: "0 0 100 8", preserveAspectRatio: "none" }, s("rect", { width: Math.min(100, (100 * c.used) / c.size), height: 8 }))));
}

export function drawPanel(root, close) {
  root.replaceChildren(h("h2", {}, t("panel"), h("span", { class: "spring" }), h("button", { class: "icon-button", "aria-label": t("close"), onclick: close }, icon("close"))),
    engine(), lastReply(), context() ?? "");
}
