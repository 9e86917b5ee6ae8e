// Every icon as lines in a box of 24.
import { h, s } from "./dom.js";

const ICONS = {
  menu: ["M4 7h16", "M4 12h16", "M4 17h10"], back: ["M15 5l-7 7 7 7"], send: ["M12 19V5", "M6 11l6-6 6 6"], stop: ["M7.5 7.5h9v9h-9z"],
  close: ["M6 6l12 12", "M18 6L6 18"], plus: ["M12 5v14", "M5 12h14"], search: ["M11 4a7 7 0 1 1 0 14 7 7 0 0 1 0-14", "M16.2 16.2L20 20"],
  head: ["M9 20v-3H7.5A2.5 2.5 0 0 1 5 14.5V12l-1.5-.8L5 8.6A7 7 0 1 1 17 14.2V20", "M12.5 7.5c-1.8 0-2.6 1-2.6 2 0 .9.8 1.6 1.8 1.6.8 0 1.4.5 1.4 1.2"],
  more: ["M5 12h.01", "M12 12h.01", "M19 12h.01"], copy: ["M9 9h10v11H9z", "M15 9V4H5v11h4"], edit: ["M4 20l1-4L16.5 4.5l3 3L8 19z", "M14 7l3 3"],
  again: ["M19 8a8 8 0 1 0 1 5", "M20 4v5h-5"], left: ["M14 6l-6 6 6 6"], right: ["M10 6l6 6-6 6"], fork: ["M7 4v16", "M7 13c6 0 10-2 10-8", "M14 7l3-3 3 3"],
  undo: ["M4 9h10a6 6 0 0 1 0 12H9", "M8 5L4 9l4 4"], trash: ["M5 7h14", "M9 7V4h6v3", "M7 7l1 13h8l1-13"], down: ["M12 5v13", "M6 13l6 6 6-6"],
  out: ["M12 15V4", "M8 8l4-4 4 4", "M5 14v6h14v-6"], into: ["M12 4v11", "M8 11l4 4 4-4", "M5 14v6h14v-6"], gear: ["M12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6", "M19 12l2-1-2-4-2 .6-2-1.2L14.5 4h-5L9 6.4 7 7.6 5 7 3 11l2 1-2 1 2 4 2-.6 2 1.2.5 2.4h5l.5-2.4 2-1.2 2 .6 2-4z"],
  help: ["M9 9.2a3 3 0 1 1 4.3 2.7c-.9.5-1.3 1-1.3 2.100", "M12 17.5h.01", "M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18"],
  ways: ["M4 5h4v14H4z", "M10 5h4v14h-4z", "M16 5h4v14h-4z"], rails: ["M6 3a2 2 0 1 1 0 4 2 2 0 0 1 0-4", "M6 17a2 2 0 1 1 0 4 2 2 0 0 1 0-4", "M18 5a2 2 0 1 1 0 4 2 2 0 0 1 0-4", "M6 7v10", "M18 9c0 5-12 2-12 7"], sides: ["M4 5h16v14H4z", "M12 5v14"],
  card: ["M5 5h14v14H5z", "M12 8.5a2 2 0 1 1 0 4 2 2 0 0 1 0-4", "M8.5 17c.6-1.800 1.900-2.6 3.5-2.6s2.900.8 3.5 2.6"], talk: ["M4 5h16v11H11l-5 4v-4H4z"], check: ["M5 13l4 4L19 7"],
  memory: ["M7 4h10v16l-5-4.5-5 4.5z", "M10 8.5h4"], pin: ["M9 4h6l-1 6 3 3v2H7v-2l3-3z", "M12 15v5"], lock: ["M6 11h12v9H6z", "M8.5 11V8a3.5 3.5 0 0 1 7 0v3"],
};

export const icon = (name) => s("svg", { viewBox: "0 0 24 24", class: `icon i-${name}`, "aria-hidden": "true" }, ...ICONS[name].map((d) => s("path", { d })));

// A button that is only an icon: its name is for everybody (title) and for screen readers (label).
export const iconButton = (name, label, onclick, more = {}) =>
  h("button", { type: "button", class: "icon-button", "aria-label": label, title: label, onclick, ...more }, icon(name));
