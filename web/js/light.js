// Runs before the first paint, so that a dark room never sees a white flash. prefs.js owns the settings themselves.
(() => {
  const theme = localStorage.getItem("anima.theme") || "auto";
  const dark = theme === "dark" || (theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  document.documentElement.dataset.text = localStorage.getItem("anima.text") || "normal";
})();
