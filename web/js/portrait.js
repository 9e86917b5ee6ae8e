// Faces: the character's picture as an <img> (an SVG there runs no script), or its initial on a colour of its own.
import { h, s } from "./dom.js";

const url = (who) => `/api/v1/characters/${encodeURIComponent(who.id)}/portrait${who.stamp ? `?v=${who.stamp}` : ""}`;

export function hue(id) {
  let hash = 7;
  for (const c of id) hash = (hash * 31 + c.codePointAt(0)) % 360;
  return hash;
}

function initial(who, name) {
  const key = `g${Math.random().toString(36).slice(2, 9)}`;
  const stop = (offset, at) => s("stop", { offset, "stop-color": `hsl(${at} 38% 52%)` });
  return s("svg", { viewBox: "0 0 40 40", class: `${name} initial`, "aria-hidden": "true", preserveAspectRatio: "xMidYMid slice" },
    s("defs", {}, s("linearGradient", { id: key, x1: 0, y1: 0, x2: 1, y2: 1 }, stop("0", hue(who.id)), stop("1", (hue(who.id) + 46) % 360))),
    s("rect", { width: 40, height: 40, fill: `url(#${key})` }),
    s("text", { x: 20, y: 26.4, "text-anchor": "middle", "font-size": 18, "font-weight": 600, fill: "#fff" }, [...(who.name || "?")][0] ?? "?"));
}

export function face(who, size = "") {
  if (!who.portrait) return initial(who, `face ${size}`);
  const image = h("img", { class: `face ${size}`, src: url(who), alt: "", draggable: false, decoding: "async" });
  image.addEventListener("error", () => image.replaceWith(initial(who, `face ${size}`)), { once: true });
  return image;
}

// A person: the initial on a colour of their own, the same wherever they appear.
export function mark(name, tag = "span", more = {}, kind = "mark") {
  const element = h(tag, { class: kind, ...more }, ([...name][0] ?? "?").toUpperCase());
  element.style.setProperty("--hue", (hue(name) + 200) % 360);
  return element;
}

export function picture(who) {
  if (!who.portrait) return initial(who, "");
  const image = h("img", { src: url(who), alt: "", loading: "lazy", draggable: false });
  image.addEventListener("error", () => image.replaceWith(initial(who, "")), { once: true });
  return image;
}

function hueOf([r, g, b]) {
  const most = Math.max(r, g, b);
  const range = most - Math.min(r, g, b);
  const sixth = !range ? 0 : most === r ? ((g - b) / range + 6) % 6 : most === g ? (b - r) / range + 2 : (r - g) / range + 4;
  return [Math.round(sixth * 60), Math.min(48, Math.round((100 * range) / Math.max(most, 1)) + 8)];
}

// The light around a character: the hue at the upper edge of its picture, read once and kept. How light it is says the theme.
const auras = new Map();

export function aura(who, element) {
  const set = ([h, sat]) => {
    element.style.setProperty("--aura-hue", h);
    element.style.setProperty("--aura-sat", `${sat}%`);
  };
  const key = who.id + (who.stamp ?? "");
  if (auras.has(key)) return set(auras.get(key));
  if (!who.portrait) return set([hue(who.id), 36]);
  const image = new Image();
  image.onload = () => {
    try {
      const canvas = document.createElement("canvas");
      canvas.width = canvas.height = 8;
      const paint = canvas.getContext("2d", { willReadFrequently: true });
      paint.drawImage(image, 0, 0, 8, 8);
      const d = paint.getImageData(0, 0, 8, 2).data;
      const mean = [0, 1, 2].map((c) => Math.round(d.reduce((sum, v, i) => (i % 4 === c ? sum + v : sum), 0) / (d.length / 4)));
      auras.set(key, hueOf(mean));
      set(auras.get(key));
    } catch {
      // A browser that guards canvases keeps the plain light.
    }
  };
  image.src = url(who);
}
