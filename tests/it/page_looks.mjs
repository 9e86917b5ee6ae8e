// How it looks: three sizes, light and dark, both languages; contrast, nothing wider than the screen, keyboard, reduced motion.
import { call, check, open, say, serve, settled, shot, still, talked, write } from "./page_kit.mjs";
import { mockParts } from "./page_mock.mjs";

const SIZES = { desktop: { viewport: { width: 1440, height: 900 } }, tablet: { viewport: { width: 820, height: 1180 }, hasTouch: true }, phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true } };
const fits = (page) => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);

// Contrast (WCAG) of the colours that words have on what they stand on, from the page's own tokens.
function contrasts(page) {
  return page.evaluate(() => {
    const probe = document.body.appendChild(document.createElement("i"));
    const light = (token) => {
      probe.style.color = `var(--${token})`;
      const [r, g, b] = getComputedStyle(probe).color.match(/[\d.]+/g).map((v) => v / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const bad = [];
    for (const ground of ["paper", "sheet", "raised", "mine", "hover", "clay-wash", "code"])
      for (const ink of ["ink", "soft", "clay", "bad", "good", "warn"]) {
        if (["bad", "good", "warn"].includes(ink) && !["paper", "sheet", "raised"].includes(ground)) continue;
        if (ink === "clay" && ["mine", "clay-wash", "hover", "code"].includes(ground)) continue;
        const [a, b] = [light(ground), light(ink)].sort((x, y) => y - x);
        if ((a + 0.05) / (b + 0.05) < 4.5) bad.push(`${ink} on ${ground}: ${((a + 0.05) / (b + 0.05)).toFixed(2)}`);
      }
    for (const [ground, ink] of [["clay", "clay-ink"], ["ink", "paper"], ["bad", "paper"], ["bad-wash", "bad"], ["clay-deep", "clay-ink"]]) {
      const [a, b] = [light(ground), light(ink)].sort((x, y) => y - x);
      if ((a + 0.05) / (b + 0.05) < 4.5) bad.push(`${ink} on ${ground}: ${((a + 0.05) / (b + 0.05)).toFixed(2)}`);
    }
    probe.remove();
    return bad;
  });
}

// Every control has a name, and is large enough for a finger.
function controls(page, least) {
  return page.evaluate((min) => {
    const bad = [];
    for (const e of document.querySelectorAll("button, a[href], input, select, textarea")) {
      const box = e.getBoundingClientRect();
      if (!box.width || getComputedStyle(e).visibility === "hidden" || e.closest(".words, .source, .from")) continue;
      const name = e.getAttribute("aria-label") || e.textContent.trim() || e.title || e.labels?.[0]?.textContent;
      if (!name) bad.push(`no name: ${e.outerHTML.slice(0, 80)}`);
      else if (box.height < min && !e.matches(".title, h2 a, .link")) bad.push(`${Math.round(box.height)} px high: ${name}`);
    }
    return bad;
  }, least);
}

async function look(server, id, size, scheme, locale) {
  const name = `${size}-${scheme}-${locale.slice(0, 2)}`;
  const page = await open(server.url, { ...SIZES[size], colorScheme: scheme, locale }, mockParts);
  await page.locator(".card").nth(3).waitFor();
  await still(page);
  check(`${name}: colours follow the system`, (await page.evaluate(() => document.documentElement.dataset.theme)) === scheme);
  check(`${name}: home is not wider than the screen`, await fits(page));
  await shot(page, `home-${name}`);
  await page.goto(`${server.url}#/c/${id}`);
  await page.locator(".turn").nth(4).waitFor();
  await still(page);
  check(`${name}: a conversation is not wider than the screen`, await fits(page));
  const small = await controls(page, size === "desktop" ? 24 : 30);
  check(`${name}: controls have names and are large enough`, small.length === 0, small.join("; "));
  await shot(page, `talk-${name}`);
  if (size !== "desktop") {
    await page.locator("[data-key=head]").tap();
    await page.locator(".panel .costs tr").nth(5).waitFor();
    await still(page);
    check(`${name}: the panel is not wider than the screen`, await page.evaluate(() => document.querySelector(".panel").scrollWidth <= document.querySelector(".panel").clientWidth + 1));
    await shot(page, `panel-${name}`);
    await page.locator(".panel header button").tap();
  }
  if (size === "phone") {
    await page.locator(".bar .only-phone").tap();
    await page.locator(".side.open .row").first().waitFor();
    await still(page);
    await shot(page, `lists-${name}`);
    await page.locator(".side .foot .button").tap();
    await page.locator("dialog").waitFor();
    await still(page);
    check(`${name}: settings fit`, await page.evaluate(() => document.querySelector("dialog").scrollWidth <= document.querySelector("dialog").clientWidth));
    await shot(page, `settings-${name}`);
  } else {
    const bad = await contrasts(page);
    check(`${name}: contrast of words is at least 4.5`, bad.length === 0, bad.join("; "));
  }
  await page.context().close();
}

// The smallest phone with the largest words.
async function smallest(server, id) {
  const page = await open(server.url, { viewport: { width: 320, height: 568 }, isMobile: true, hasTouch: true }, mockParts);
  await page.evaluate(() => localStorage.setItem("anima.text", "huge"));
  await page.reload();
  await page.locator(".card").first().waitFor();
  await still(page);
  await shot(page, "smallest-home");
  const home = await fits(page);
  await page.goto(`${server.url}#/c/${id}`);
  await page.locator(".turn").nth(4).waitFor();
  await still(page);
  await shot(page, "smallest-talk");
  const talk = await fits(page);
  await page.locator("[data-key=head]").tap();
  await page.locator(".panel .costs tr").nth(5).waitFor();
  check("the smallest phone with the largest words: home, conversation and panel fit", home && talk && (await page.evaluate(() => document.querySelector(".panel").scrollWidth <= innerWidth)), JSON.stringify([home, talk]));
  await still(page);
  await shot(page, "smallest-panel");
  await page.context().close();
}

async function settingsAndKeys(server, id) {
  const page = await open(server.url, { address: `#/c/${id}` }, mockParts);
  await page.locator(".turn").nth(4).waitFor();
  await page.locator(".panel .note").nth(2).waitFor();
  check("what was noted shows text, source and date as text", (await page.locator(".note").nth(2).innerText()).includes("<img src=x") && (await page.locator(".note img").count()) === 0);
  await page.locator(".note .switch").first().click();
  await page.locator(".note.off").nth(1).waitFor();
  await page.fill(".noting .field", "likes rain");
  await page.press(".noting .field", "Enter");
  await page.locator(".note", { hasText: "likes rain" }).waitFor();
  await page.locator(".note", { hasText: "likes rain" }).locator("[data-key=edit]").click();
  await page.locator(".note textarea").fill("likes rain at night");
  await page.locator(".note .button.primary").click();
  await page.locator(".note", { hasText: "rain at night" }).locator("[data-key=trash]").click();
  await page.locator(".toast button", { hasText: "Undo" }).click();
  await page.locator(".note", { hasText: "rain at night" }).waitFor();
  check("notes: put aside, add, edit, delete, undo", true);
  const kept = page.locator("section", { has: page.locator(".kept") });
  check("what is kept of the first turns is folded", !(await kept.locator(".kept").isVisible()));
  await kept.getByText("Kept of the first 40 turns").click();
  check("and shows its lines as text", (await kept.locator("li").count()) === 2 && (await kept.locator("img").count()) === 0 && (await kept.locator("li").last().innerText()).includes("<img src=x>"));
  await kept.locator(".button").click();
  await kept.waitFor({ state: "hidden" });
  check("it can be deleted", true);
  await page.locator(".costs button", { hasText: "Character" }).click();
  await page.locator(".costs td", { hasText: "Theo" }).waitFor();
  check("abilities and cost", /No model for speech/.test(await page.locator(".able").innerText()) && /Wh/.test(await page.locator(".costs").innerText()));
  await page.locator(".costs").scrollIntoViewIfNeeded();
  await shot(page, "panel-cost");

  await page.locator(".turns").focus();
  await page.keyboard.press("?");
  await page.locator("dialog .keys").first().waitFor();
  await still(page);
  await shot(page, "keyboard");
  await page.keyboard.press("Escape");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  check("arrows go from message to message", await page.evaluate(() => document.activeElement.matches(".turn")));
  await page.keyboard.press("i");
  await page.locator(".panel").waitFor({ state: "detached" });
  await page.keyboard.press("i");
  await page.locator(".panel").waitFor();
  await page.keyboard.press("w");
  check("a key goes back to writing", await page.evaluate(() => document.activeElement.matches("textarea")));
  await page.locator(".side .foot .button").click();
  await page.locator("dialog [role=radio]", { hasText: "Ctrl+Enter" }).click();
  await page.locator("dialog [role=radio]", { hasText: "Large" }).click();
  await page.locator("dialog [role=radio]", { hasText: "Dark" }).click();
  check("settings take effect at once", await page.evaluate(() => document.documentElement.dataset.theme === "dark" && getComputedStyle(document.documentElement).fontSize === "18px"));
  await page.locator("dialog [role=radio]", { hasText: "中文" }).click();
  await page.locator("dialog h2", { hasText: "设置" }).waitFor();
  await still(page);
  await shot(page, "settings-desktop-dark-zh");
  await page.keyboard.press("Escape");
  check("the other language", /写给/.test(await page.locator(write).getAttribute("placeholder")) && (await page.evaluate(() => document.documentElement.lang)) === "zh-CN");
  await page.fill(write, "one");
  await page.press(write, "Enter");
  check("Enter makes a line where Ctrl+Enter sends", (await page.locator(write).inputValue()) === "one\n");
  await page.press(write, "Control+Enter");
  await settled(page, "You said one");
  await page.locator("[aria-live=polite].unseen", { hasText: "You said one" }).waitFor({ state: "attached" });
  check("the end of a reply is announced, once and whole", (await page.locator("[aria-live=polite].unseen").textContent()).split("You said one").length === 2, await page.locator("[aria-live=polite].unseen").textContent());
  await page.reload();
  await page.locator(".turn").first().waitFor();
  check("settings are kept", await page.evaluate(() => document.documentElement.dataset.theme === "dark" && document.documentElement.lang === "zh-CN"));
  await page.context().close();

  const calm = await open(server.url, { reducedMotion: "reduce" }, mockParts);
  await calm.locator(".card").first().waitFor();
  check("who wants no motion gets none", await calm.evaluate(() => parseFloat(getComputedStyle(document.querySelector(".card")).transitionDuration) < 0.01));
  const manifest = await (await calm.request.get(new URL("manifest.webmanifest", server.url).href)).json();
  const icons = await Promise.all(manifest.icons.map((i) => calm.request.get(new URL(i.src, server.url).href)));
  check("installable: a manifest whose icons are there", manifest.display === "standalone" && icons.every((r) => r.ok()) && manifest.icons.some((i) => i.sizes === "512x512") && manifest.icons.some((i) => i.purpose === "maskable"));
  await calm.context().close();
}

// The same with what this anima really noted, where it does.
async function reallyNoted(server) {
  if ((await call(server.url, "GET", "/characters/nora/notes")).status !== 200) return;
  const id = await talked(server.url, "nora", "From now on, please answer in short sentences.");
  const page = await open(server.url, { address: `#/c/${id}` });
  const note = (text) => page.locator(".note", { hasText: text });
  await note("short sentences").waitFor();
  check("what was asked for good is noted, and leads to the place", (await note("short sentences").locator("a").getAttribute("href")) === `#/c/${id}/2`);
  await page.fill(".noting .field", "likes rain");
  await page.press(".noting .field", "Enter");
  await note("likes rain").locator(".switch").click();
  await page.locator(".note.off").waitFor();
  await call(server.url, "POST", "/characters/nora/notes", { text: "from elsewhere" });
  await note("from elsewhere").waitFor();
  await note("from elsewhere").locator("[data-key=trash]").click();
  await note("from elsewhere").waitFor({ state: "detached" });
  await page.locator(".toast button", { hasText: "Undo" }).click();
  await note("from elsewhere").waitFor();
  check("notes come as they are made, are put aside, deleted and brought back", (await call(server.url, "GET", "/characters/nora/notes")).notes.length === 3);
  await page.locator(".able li").first().waitFor();
  await still(page);
  await shot(page, "panel-real");
  await page.context().close();
}

// A long conversation: drawn at once, older turns come above without moving what is read, and it stays quick.
async function long(server) {
  const id = (await call(server.url, "POST", "/conversations", { character: "mo" })).conversation.id;
  for (let i = 0; i < 110; i++) await call(server.url, "POST", `/conversations/${id}/messages`, { text: `line ${i}` }).then(async (a) => a.status === 429 && (await new Promise((r) => setTimeout(r, 200)), await call(server.url, "POST", `/conversations/${id}/messages`, { text: `line ${i}` })));
  const page = await open(server.url, { address: `#/c/${id}` });
  await page.locator(".turn", { hasText: "line 109" }).first().waitFor();
  await still(page);
  check("a long conversation opens at its end, and with a part of it", await page.evaluate(() => {
    const t = document.querySelector(".turns");
    return t.scrollHeight - t.scrollTop - t.clientHeight < 4 && document.querySelectorAll(".turn").length < 120;
  }));
  const moved = await page.evaluate(async () => {
    const list = document.querySelector(".turns");
    const count = document.querySelectorAll(".turn").length;
    list.scrollTop = 300;
    const seen = [...document.querySelectorAll(".turn")].find((e) => e.getBoundingClientRect().top > 100);
    const before = seen.getBoundingClientRect().top;
    for (let i = 0; i < 100 && document.querySelectorAll(".turn").length === count; i++) await new Promise((r) => setTimeout(r, 30));
    return { same: seen.isConnected, by: Math.abs(seen.getBoundingClientRect().top - before), more: document.querySelectorAll(".turn").length - count };
  });
  check("older turns come above, and what is read stays where it is", moved.same && moved.by < 2 && moved.more >= 40, JSON.stringify(moved));
  await page.evaluate(() => (window.first = document.querySelectorAll(".turn")[5]));
  await say(page, "one more");
  await settled(page, "You said one more");
  check("a new turn leaves the others alone", await page.evaluate(() => window.first.isConnected));
  // All of it loaded, twice as much made up: a change touches the turn that changed, and no other.
  const cost = await page.evaluate(async () => {
    const { changed, state } = await import(new URL("js/store.js", location.href));
    for (let seq = 1; seq <= 500; seq++) if (!state.turns.has(seq)) state.turns.set(seq, { seq, role: seq % 2 ? "character" : "person", state: "done", text: `turn ${seq}, a **little** longer than a line so that it wraps now and then`, person: { id: 1, name: "Ann" }, created_ms: Date.now(), variants: 1, variant: 0, revision: 0 });
    state.from = 0;
    changed("turns");
    document.body.offsetHeight;
    const times = [];
    const before = [...document.querySelectorAll(".turn")];
    for (let i = 0; i < 15; i++) {
      const turn = { ...state.turns.get(500), text: `words ${i}` };
      state.turns.set(500, turn);
      const from = performance.now();
      changed("turns");
      document.body.offsetHeight;
      times.push(performance.now() - from);
    }
    const kept = before.filter((e) => e.isConnected).length;
    return { turns: before.length, kept, ms: times.sort((a, b) => a - b)[7] };
  });
  check("500 turns: a change touches one of them", cost.turns >= 500 && cost.kept === cost.turns - 1, JSON.stringify(cost));
  console.log(`   500 turns: a change is drawn in ${cost.ms.toFixed(1)} ms`);
  await page.context().close();
}

export async function looks() {
  const server = await serve("looks");
  await talked(server.url, "theo", "hello", "shelf please");
  const id = await talked(server.url, "lin", "下雨天读什么书好？", "And which shelf do you like best?");
  for (const [size, scheme, locale] of [["desktop", "light", "en-GB"], ["desktop", "dark", "zh-CN"], ["tablet", "light", "zh-CN"], ["tablet", "dark", "en-GB"], ["phone", "light", "en-GB"], ["phone", "dark", "zh-CN"]])
    await look(server, id, size, scheme, locale);
  await smallest(server, id);
  await settingsAndKeys(server, id);
  await reallyNoted(server);
  await long(server);
  await server.stop("SIGTERM");
}
