// "Inside her head": the model and its figures, what was noted, what is possible, what it cost.
import { h, redraw, s } from "./dom.js";
import { number, t } from "./i18n.js";
import { iconButton } from "./icons.js";
import { Abilities } from "./abilities.js";
import { Trained } from "./blind.js";
import { Cost } from "./cost.js";
import { Remembered } from "./memory.js";
import { Notes } from "./notes.js";
import { Summary } from "./summary.js";
import { character, engine, here, inOrder, state, underWay } from "./store.js";

const STATES = { ready: ["good", "ready"], starting: ["warn", "starting"], loading: ["warn", "loadingState"],
  restarting: ["warn", "restartingState"], failed: ["bad", "failedState"], stopped: ["", "stoppedState"] };

const row = (name, value) => (value === undefined || value === null || value === "" ? [] : [h("dt", {}, name), h("dd", {}, value)]);

function mood() {
  const turn = underWay();
  if (turn) return ["warn", turn.state === "waiting" ? t("reading") : t("speakingState")];
  const e = engine();
  const [color, word] = STATES[e?.state] ?? STATES.stopped;
  return [color, t(word) + (e?.state === "loading" ? ` ${Math.round(e.progress * 100)} %` : "")];
}

const wait = (seconds) => number(seconds, seconds < 10 ? 2 : seconds < 100 ? 1 : 0);
const length = (text) => new TextEncoder().encode(text).length;

function figure(value, unit, name) {
  return h("div", {}, h("b", {}, value, unit ? h("small", {}, unit) : null), h("span", {}, name));
}

// The speed of the last replies as a line.
function spark(replies) {
  const speeds = replies.map((x) => x.tokens_per_s).filter((x) => x > 0).slice(-24);
  if (speeds.length < 3) return null;
  const top = Math.max(...speeds);
  const points = speeds.map((v, i) => `${((100 * i) / (speeds.length - 1)).toFixed(1)},${(33 - (30 * v) / top).toFixed(1)}`).join(" ");
  return s("svg", { class: "spark", viewBox: "0 0 100 36", preserveAspectRatio: "none", role: "img", "aria-label": `${t("recently")}: ${speeds.map((v) => v.toFixed(1)).join(", ")}` }, s("polyline", { points }));
}

// As the last event told, or, before one came, from the last reply and the size of the engine's context.
function context(last) {
  const c = state.context ?? (last && { used: last.prompt_tokens + last.completion_tokens, size: engine()?.info?.context_size });
  if (!c?.size) return null;
  const label = t("contextUsed", { used: number(c.used), size: number(c.size) });
  return h("div", { class: "context" }, s("svg", { class: "meter", viewBox: "0 0 100 8", preserveAspectRatio: "none", role: "img", "aria-label": label }, s("rect", { width: Math.min(100, (100 * c.used) / c.size), height: 8 })),
    h("p", { class: "quiet small" }, label), c.dropped ? h("p", { class: "quiet small" }, t("dropped", { n: c.dropped })) : null);
}

// While words come: about how fast, from what a token of the replies before was long (four bytes where there was none).
function growing(turn, replies) {
  const { seq, began, waits, bytes } = state.live ?? {};
  if (!turn || seq !== turn.seq || !began) return null;
  const said = replies.reduce((sum, x) => sum + length(x.text), 0);
  const each = replies.length ? said / replies.reduce((sum, x) => sum + x.completion_tokens, 0) : 4;
  const seconds = (performance.now() - began) / 1000;
  return { speed: seconds > 0.3 ? bytes / each / seconds : null, first: waits === null ? null : (began - waits) / 1000, made: length(turn.text) / each };
}

function figures(live, last) {
  const short = (speed) => number(Math.min(speed, 9999), speed < 100 ? 1 : 0);
  if (live) return h("div", { class: "figures" }, figure(live.speed ? `≈ ${short(live.speed)}` : "…", "", t("speed")), figure(live.first ? wait(live.first) : "–", live.first ? "s" : "", t("first")), figure(`≈ ${number(live.made, 0)}`, "", t("made")));
  if (!last) return h("p", { class: "quiet small" }, t("noReply"));
  return h("div", { class: "figures" }, figure(last.tokens_per_s ? short(last.tokens_per_s) : "–", "", t("speed")), figure(last.ttft_ms ? wait(last.ttft_ms / 1000) : "–", last.ttft_ms ? "s" : "", t("first")),
    figure(number(last.completion_tokens), "", t("made")));
}

function running(open) {
  const e = engine();
  const info = e?.info ?? {};
  const replies = inOrder().filter((x) => x.role === "character" && x.completion_tokens > 0);
  const last = replies.at(-1);
  const [color, word] = mood();
  const jail = info.jail ? (info.jail.landlock && info.jail.seccomp ? t("yes") : t("no")) + (info.jail.network ? `, ${t("network")}` : "") : "";
  return [
    h("dl", {}, row(t("state"), h("span", { class: `state ${color}` }, word)), row(t("model"), info.model?.name || e?.model)),
    e?.message ? h("p", { class: "quiet small" }, e.message) : null,
    figures(growing(underWay(), replies), last),
    context(last), spark(replies),
    h("details", { open, "data-key": "details" }, h("summary", { "data-key": "summary" }, t("details")), h("dl", {},
      row(t("prompt"), last ? t("tokens", { n: number(last.prompt_tokens) }) : null), row(t("backend"), info.backend), row(t("threads"), info.threads), row(t("jail"), jail), row(t("restarts"), e?.restarts || null))),
  ];
}

export class Panel {
  constructor(root, go) {
    this.root = root;
    this.title = h("h2", {});
    this.running = h("section", { "aria-label": t("model") });
    this.notes = new Notes();
    this.remembered = new Remembered();
    this.summary = new Summary();
    this.abilities = new Abilities();
    this.cost = new Cost();
    this.trained = new Trained();
    root.replaceChildren(h("header", {}, this.title, iconButton("close", t("close"), () => go.panel(false))), this.running, this.notes.root, this.remembered.root, this.summary.root, this.trained.root, this.cost.root, this.abilities.root);
  }

  // Everything; asks the server for what it keeps.
  load() {
    const who = here() ? character(here().character) : null;
    this.notes.load(who);
    this.remembered.load(who);
    this.summary.load(here());
    this.abilities.load();
    this.cost.load();
    this.loadTrained();
    this.draw();
  }

  loadTrained() {
    this.trained.load(here() ? character(here().character) : null);
  }

  // It says "reading" while the words have begun to come, or its figures are old.
  stale() {
    return this.said !== mood()[1] || performance.now() - this.drawn > 500;
  }

  draw() {
    this.said = mood()[1];
    this.drawn = performance.now();
    const who = here() ? character(here().character) : null;
    this.title.textContent = who ? t("panel", { name: who.name }) : t("panelPlain");
    redraw(this.running, running(this.running.querySelector("details")?.open ?? false));
    this.cost.draw();
  }
}
