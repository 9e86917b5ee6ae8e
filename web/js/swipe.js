// A finger across the last reply: to the left the next alternative (or a new one), to the right the one before.
const FAR = 64;

export function swipes(root, chat, acts, lastReply) {
  let from = null;
  root.addEventListener("touchstart", (e) => {
    const turn = lastReply();
    const element = turn && e.touches.length === 1 && e.target.closest(`[data-seq="${turn.seq}"]`);
    from = element && !e.target.closest("pre, button, textarea") ? { x: e.touches[0].clientX, y: e.touches[0].clientY, turn, words: element.querySelector(".words") } : null;
  }, { passive: true });
  root.addEventListener("touchmove", (e) => {
    if (!from?.words) return;
    const dx = e.touches[0].clientX - from.x;
    const dy = e.touches[0].clientY - from.y;
    if (!from.across && Math.abs(dy) > 12) return (from = null); // that one scrolls
    if (Math.abs(dx) > 12) from.across = true;
    if (!from.across) return;
    from.dx = dx;
    from.words.style.translate = `${Math.max(-90, Math.min(90, dx * 0.6))}px 0`;
    from.words.style.opacity = String(1 - Math.min(0.5, Math.abs(dx) / 260));
  }, { passive: true });
  const end = () => {
    if (!from) return;
    const { dx = 0, turn, words } = from;
    from = null;
    if (words) words.style.translate = words.style.opacity = "";
    if (Math.abs(dx) >= FAR) acts.way(turn, dx < 0 ? 1 : -1);
  };
  root.addEventListener("touchend", end);
  root.addEventListener("touchcancel", () => {
    if (from) from.dx = 0;
    end();
  });
  // Where nothing hovers, a tap shows what can be done with a message, another one hides it.
  root.addEventListener("click", (e) => {
    if (!matchMedia("(hover: none)").matches || e.target.closest("button, a, textarea") || String(getSelection())) return;
    const turn = e.target.closest(".turn");
    root.querySelectorAll(".turn.shown").forEach((x) => x !== turn && x.classList.remove("shown"));
    turn?.classList.toggle("shown");
  });
}
