// What a person likes, kept in this browser only: light, size of the words, how to send, who speaks.
const DEFAULTS = { theme: "auto", text: "normal", enter: "enter", person: "", panel: "" };

export const pref = (name) => localStorage.getItem(`anima.${name}`) || DEFAULTS[name] || "";

export function setPref(name, value) {
  localStorage.setItem(`anima.${name}`, value);
  applyPrefs();
}

export function applyPrefs() {
  const theme = pref("theme");
  const dark = theme === "dark" || (theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  const root = document.documentElement;
  root.dataset.theme = dark ? "dark" : "light";
  root.dataset.text = pref("text");
  // The bars of a phone follow the page's own choice, not only the system's.
  const sheet = getComputedStyle(root).getPropertyValue("--sheet").trim();
  document.querySelectorAll('meta[name="theme-color"]').forEach((m) => (m.content = sheet));
}

export const narrow = () => matchMedia("(max-width: 760px)").matches;
export const overlay = () => matchMedia("(max-width: 1180px)").matches;
export const touch = () => matchMedia("(hover: none)").matches;
