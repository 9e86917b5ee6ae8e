// Making elements. Text only ever goes in as text, so nothing a model or a person writes can become markup.
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name in element && name !== "list" && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== false));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

export function s(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const ICONS = {
  menu: ["M4 7h16", "M4 12h16", "M4 17h16"],
  pulse: ["M3 12h4l3-7 4 14 3-7h4"],
  send: ["M12 19V5", "M6 11l6-6 6 6"],
  stop: ["M7 7h10v10H7z"],
  close: ["M6 6l12 12", "M18 6L6 18"],
};

export function icon(name) {
  return s("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, ...ICONS[name].map((d) => s("path", { d })));
}

export function avatar(who, small = false) {
  if (!who.portrait) return initial(who.id, who.name, small);
  return h("img", { class: small ? "avatar small" : "avatar", src: `/api/v1/characters/${encodeURIComponent(who.id)}/portrait`, alt: "", loading: "lazy" });
}

// A face for who has none: a soft gradient that depends on the id, and the first letter or character of the name.
function initial(id, name, small) {
  let hash = 7;
  for (const c of id) hash = (hash * 31 + c.codePointAt(0)) % 360;
  const key = `g-${id}-${Math.random().toString(36).slice(2, 8)}`;
  const stop = (offset, hue) => s("stop", { offset, "stop-color": `hsl(${hue} 55% 62%)` });
  const text = s("text", { x: 20, y: 26.5, "text-anchor": "middle", "font-size": 18, "font-weight": 600, fill: "#fff" }, [...name][0] ?? "?");
  return s("svg", { viewBox: "0 0 40 40", class: small ? "avatar small" : "avatar", "aria-hidden": "true" },
    s("defs", {}, s("linearGradient", { id: key, x1: 0, y1: 0, x2: 1, y2: 1 }, stop("0", hash), stop("1", (hash + 50) % 360))),
    s("circle", { cx: 20, cy: 20, r: 20, fill: `url(#${key})` }), text);
}
