// A little Markdown as DOM: paragraphs, lists, code blocks, `code`, **bold**, *emphasis*, links. No HTML is ever parsed.
import { h } from "./dom.js";

// For fonts and for the voice of a screen reader; and Chinese has no italics.
export const langOf = (text) => (/[\u3400-\u9fff]/.test(text) ? "zh-CN" : /[a-z]{2}/i.test(text) ? "en" : null);
// For one line in a list.
export const plain = (text) => (text ?? "").replace(/[*`]|^#+ |\n/g, (c) => (c === "\n" ? " " : ""));

const INLINE = /(`[^`\n]+`)|(\*\*[^*\n]+\*\*)|(\*[^*\s][^*\n]*\*)|(https?:\/\/[^\s<>"）】」]+)/g;

function inline(text) {
  const out = [];
  let at = 0;
  for (const m of text.matchAll(INLINE)) {
    if (m.index > at) out.push(text.slice(at, m.index));
    const piece = m[0];
    if (m[1]) out.push(h("code", {}, piece.slice(1, -1)));
    else if (m[2]) out.push(h("strong", {}, piece.slice(2, -2)));
    else if (m[3]) out.push(h("em", { lang: langOf(piece) }, piece.slice(1, -1)));
    else {
      const url = piece.replace(/[).,;:!?'"\]，。；！？]+$/, ""); // what ends the sentence is not part of the address
      out.push(h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, url), piece.slice(url.length));
    }
    at = m.index + piece.length;
  }
  if (at < text.length) out.push(text.slice(at));
  return out;
}

function lines(text) {
  return text.split("\n").flatMap((line, i) => (i ? [h("br"), ...inline(line)] : inline(line)));
}

const NUMBER = /^\s*(\d+)[.)、](?!\d)\s*/; // no 3.14

function block(text) {
  const rows = text.split("\n");
  if (rows.every((r) => /^\s*[-*•]\s+/.test(r))) return h("ul", {}, rows.map((r) => h("li", {}, inline(r.replace(/^\s*[-*•]\s+/, "")))));
  if (rows.every((r) => NUMBER.test(r))) return h("ol", { start: Number(rows[0].match(NUMBER)[1]) }, rows.map((r) => h("li", {}, inline(r.replace(NUMBER, "")))));
  return h("p", {}, lines(text.replace(/^#{1,6}\s+/, "")));
}

export function markdown(text) {
  const out = [];
  text.split(/```/).forEach((part, i) => {
    if (i % 2) out.push(h("pre", {}, h("code", {}, part.replace(/^\w*\n/, "").replace(/\n$/, ""))));
    else part.split(/\n{2,}/).map((b) => b.trim()).filter(Boolean).forEach((b) => out.push(block(b)));
  });
  return out;
}
