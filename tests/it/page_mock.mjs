// Answers of parts that this anima may not have yet (notes, abilities, cost), so that the page's drawing of them is tested in any case.
const now = Date.now();
const NOTES = [
  { id: "n1", character: "lin", person: "Ann", text: "Ann is allergic to peanuts.", said: "I cannot eat peanuts, ever.", conversation: "", seq: 0, created_ms: now - 86400000, active: true },
  { id: "n2", character: "lin", person: "Ann", text: "她每周三晚上有陶艺课。", said: "周三不行，我有陶艺课。", conversation: "", seq: 0, created_ms: now - 3 * 86400000, active: true },
  { id: "n3", character: "lin", person: "Ann", text: "Has a cat called Pepper <img src=x onerror=alert(1)>", said: "", conversation: "", seq: 0, created_ms: now - 40 * 86400000, active: false }];
const ABILITIES = [
  { id: "listen", on: false, zh: "听", en: "Listening", why_zh: "没有装语音识别的模型。", why_en: "No model for speech is installed." },
  { id: "remember", on: true, zh: "记住要紧的事", en: "Remembering what matters", why_zh: "", why_en: "" },
  { id: "look", on: false, zh: "看图", en: "Looking at pictures", why_zh: "这个模型看不了图片。", why_en: "This model cannot see pictures." }];
const row = (key, i) => ({ key, name: "", turns: 3 + i, prompt_tokens: 900 * (i + 1), completion_tokens: 240 * (i + 1), seconds: 31 * (i + 1), wh: 0.31 * (i + 1), money: 0 });

const json = (body, status = 200) => ({ status, contentType: "application/json", body: JSON.stringify(body) });

export async function mockParts(page) {
  let notes = NOTES.map((n) => ({ ...n }));
  let summary = { seq: 40, language: "en", text: "Ann's dog is called Biscuit.\nAnn said: \"I live in <img src=x> Leeds.\"", made_ms: now };
  await page.route("**/api/v1/conversations/*/summary", (r) => {
    if (r.request().method() === "GET") return r.fulfill(json({ summary }));
    summary = null;
    return r.fulfill(json({ deleted: true, purged: true }));
  });
  await page.route("**/api/v1/abilities", (r) => r.fulfill(json({ abilities: ABILITIES })));
  await page.route("**/api/v1/cost?*", (r) => {
    const by = new URL(r.request().url()).searchParams.get("by");
    const keys = { day: [0, 1, 2, 3, 4].map((d) => new Date(now - d * 86400000).toISOString().slice(0, 10)), character: ["lin", "theo"], person: ["Ann", "Bob"], model: ["script"] }[by];
    const rows = keys.map((k, i) => row(k, (i * 3 + 2) % 5));
    const total = rows.reduce((sum, x) => Object.fromEntries(Object.keys(x).map((k) => [k, typeof x[k] === "number" ? (sum[k] ?? 0) + x[k] : ""])), {});
    return r.fulfill(json({ currency: "EUR", since_ms: now, rows, total, limits: [{ scope: "person", key: "1", name: "Ann", what: "tokens", per: "day", used: 4100, limit: 20000 }] }));
  });
  await page.route("**/api/v1/characters/*/notes", (r) => {
    if (r.request().method() === "GET") return r.fulfill(json({ notes }));
    const note = { id: `n${Date.now()}`, character: "lin", person: "Ann", said: "", conversation: "", seq: 0, created_ms: Date.now(), active: true, ...r.request().postDataJSON() };
    notes = [note, ...notes];
    return r.fulfill(json({ note }, 201));
  });
  await page.route("**/api/v1/notes/*", (r) => {
    const id = new URL(r.request().url()).pathname.split("/").pop();
    if (r.request().method() === "DELETE") {
      notes = notes.filter((n) => n.id !== id);
      return r.fulfill(json({ deleted: true }));
    }
    Object.assign(notes.find((n) => n.id === id), r.request().postDataJSON());
    return r.fulfill(json({ note: notes.find((n) => n.id === id) }));
  });
}
