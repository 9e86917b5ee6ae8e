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
  element.append(...children.flat(3).filter((c) => c !== null && c !== undefined && c !== false && c !== ""));
  return element;
}

// A field that takes no more than so many bytes of UTF-8, which is what limits are counted in: of Chinese a third as many letters.
export function atMost(field, limit) {
  const bytes = new TextEncoder();
  const fit = () => {
    const { read } = bytes.encodeInto(field.value, new Uint8Array(limit));
    if (read < field.value.length) field.value = field.value.slice(0, read);
  };
  field.addEventListener("input", (e) => !e.isComposing && fit());
  field.addEventListener("compositionend", fit);
  return field;
}

const SVG = "http://www.w3.org/2000/svg";

export function s(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// Draws anew without losing the focus: the element with the same data-key gets it back.
export function redraw(root, ...children) {
  const key = root.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  root.replaceChildren(...children.flat().filter((c) => c !== null && c !== undefined && c !== false));
  refocus(root, key);
}

export function refocus(root, key) {
  if (key) root.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

// Makes the children of `parent` those of `entries` ({key, stamp, make}), and touches only what changed: an element whose
// stamp is the same stays the same element, with its focus, its selection and its place on the screen.
export function reconcile(parent, entries) {
  const old = parent.kept ?? new Map();
  const next = new Map();
  const focused = parent.contains(document.activeElement) ? document.activeElement : null;
  let at = parent.firstChild;
  for (const { key, stamp, make } of entries) {
    let item = old.get(key);
    if (!item || item.stamp !== stamp) {
      const node = make(Boolean(item));
      if (item) {
        const inside = item.node.contains(focused) ? (focused === item.node ? "" : focused.dataset.key) : null;
        if (at === item.node) at = node;
        item.node.replaceWith(node);
        if (inside === "") node.focus({ preventScroll: true });
        else refocus(node, inside);
      }
      item = { node, stamp };
    }
    next.set(key, item);
    if (item.node === at) at = at.nextSibling;
    else parent.insertBefore(item.node, at);
  }
  for (const [key, item] of old) if (!next.has(key)) item.node.remove();
  for (let rest = at; rest; rest = at) {
    at = rest.nextSibling;
    rest.remove();
  }
  if (focused?.isConnected && document.activeElement !== focused && parent.contains(focused)) focused.focus({ preventScroll: true });
  parent.kept = next;
}
