// Blind pairs in the page: from the panel to the result, by keys and by touch, in both languages, light and dark; nothing tells before the end.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { call, check, open, root, serve, shot, still, talked } from "./page_kit.mjs";

const SCRIPT = `first_ms: 150\nsay: {adapter}{last}\n`;
const SIZES = { desktop: { viewport: { width: 1440, height: 900 } }, phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }, smallest: { viewport: { width: 320, height: 568 }, isMobile: true, hasTouch: true } };

// An adapter of Lin's for a script, whose replies show it; the page's checks of what is told look for its name.
function adapter(home) {
  const folder = `${root}/${home}/characters/lin/adapters`;
  mkdirSync(folder, { recursive: true });
  const sha = (data) => createHash("sha256").update(data).digest("hex");
  writeFileSync(`${folder}/one.gguf`, "weights");
  writeFileSync(`${folder}/one.json`, JSON.stringify({ model: "tiny", model_sha256: sha(readFileSync(`${root}/blind.txt`)), sha256: sha("weights"), made_ms: 1 }));
}

const head = (page) => page.locator(".trial [data-key=head]");
const trainedSide = (page) => page.locator(".reply").evaluateAll((all) => (all[0].innerText.includes(".gguf") ? "left" : "right"));
const roundOf = async (url) => (await call(url, "GET", "/characters/lin/blind")).blinds[0];

async function fromThePanel(page, url) {
  await page.locator(".panel .trained [data-key=blind]").click();
  await page.locator(".trial [data-key=begin]").waitFor();
  await still(page);
  await shot(page, "blind-begin");
  await page.locator(".trial [role=radio]", { hasText: "English" }).click();
  await page.locator(".trial [role=radio]", { hasText: "5" }).first().click();
  await page.locator(".trial [data-key=begin]").click();
  await page.locator(".trial [role=status]").waitFor();
  await shot(page, "blind-making");
  await page.locator(".reply").nth(1).waitFor();
  check("the first pair is shown while the others are made", /1 of 5/.test(await head(page).innerText()));
  check("two replies, and what was said before", (await page.locator(".reply").count()) === 2 && (await page.locator(".before .turn").count()) >= 1);
  check("the focus is on how far one is", await page.evaluate(() => document.activeElement.dataset.key === "head"));
  const names = await page.locator(".reply, .choose button").evaluateAll((all) => all.map((e) => e.getAttribute("aria-label") ?? e.innerText));
  check("everything has a name", names.length === 5 && names.every(Boolean) && new Set(names).size === 5, names.join());
}

// One by the keyboard alone; back, another mind, forth.
async function byKeys(page, url) {
  await page.keyboard.press(await trainedSide(page) === "left" ? "1" : "2");
  await page.locator(".trial [data-key=head]", { hasText: "2 of 5" }).waitFor();
  await page.locator(".reply").nth(1).waitFor({ timeout: 20000 });
  check("a key chooses, and the next pair comes", (await roundOf(url)).chosen === 1);
  await page.fill(".trial input", "1 and 2 are digits");
  check("what is typed into the note chooses nothing", (await roundOf(url)).chosen === 1);
  await head(page).focus();
  await page.keyboard.press("0");
  await page.locator(".trial [data-key=head]", { hasText: "3 of 5" }).waitFor();
  await page.keyboard.press("ArrowLeft");
  await page.locator(".choose [aria-pressed=true]", { hasText: "No difference" }).waitFor();
  check("back: the choice and the note are there", (await page.locator(".trial input").inputValue()) === "1 and 2 are digits");
  await page.keyboard.press(await trainedSide(page) === "left" ? "1" : "2");
  await page.locator(".trial [data-key=head]", { hasText: "3 of 5" }).waitFor();
  check("another mind is no other pair", (await roundOf(url)).chosen === 2);
}

async function left(page, url) {
  await page.keyboard.press("Escape");
  await page.locator("dialog.blind").waitFor({ state: "detached" });
  await page.locator(".panel .trained [data-key=blind]").click();
  await page.locator(".round").click();
  await page.locator(".trial [data-key=head]", { hasText: "3 of 5" }).waitFor();
  check("left and opened again, it goes on where one was", true);
}

async function toTheEnd(page, url) {
  for (let n = 3; n <= 5; n++) {
    await page.locator(".trial [data-key=head]", { hasText: `${n} of 5` }).waitFor();
    await page.locator(".reply").nth(1).waitFor({ timeout: 20000 });
    const shown = await page.locator("dialog.blind").innerHTML();
    const round = await roundOf(url);
    check(`pair ${n}: neither the page nor what it was given tells`, round.result === null && round.seed === null && !/Trained<|Only the prompt/.test(shown));
    if (n === 5) check("the last one is announced as such", /last one/.test(shown));
    await page.locator(`.choose [data-key=${n === 4 ? "same" : await trainedSide(page)}]`).click();
  }
  await page.locator(".told li").nth(4).waitFor();
  const text = await page.locator(".trial").innerText();
  check("the result in words, and which was which", /the trained one was chosen in 4/.test(text) && (await page.locator(".told .reply", { hasText: ".gguf" }).evaluateAll((all) => all.every((e) => /Trained/.test(e.innerText)))), text);
  check("what was chosen is marked", (await page.locator(".told .reply.chosen").count()) === 4);
  check("the end is announced", /trained one was chosen/.test(await page.locator("[aria-live=polite].unseen").textContent()));
  await still(page);
  await shot(page, "blind-result");
}

async function deleted(page, url) {
  await page.locator("[data-key=rounds]").click();
  await page.locator(".rounds .i-trash").click();
  await page.locator("dialog .danger").click();
  await page.locator(".round").waitFor({ state: "detached" });
  check("a round is deleted when one means it", (await call(url, "GET", "/blind")).blinds.length === 0);
  await page.keyboard.press("Escape");
}

async function look(url, id, size, colorScheme, locale) {
  const name = `${size}-${colorScheme}-${locale.slice(0, 2)}`;
  const page = await open(url, { address: `#/c/${id}`, colorScheme, locale, ...SIZES[size] });
  await page.locator(".turn").first().waitFor();
  if (!(await page.locator(".panel").count())) await page.locator("[data-key=head]").first().click();
  await page.locator(".panel .trained [data-key=blind]").click();
  await page.locator(".round").first().click();
  await page.locator(".reply").nth(1).waitFor();
  await still(page);
  await shot(page, `blind-${name}`);
  const boxes = await page.locator(".reply").evaluateAll((all) => all.map((e) => e.getBoundingClientRect().top));
  check(`${name}: two replies, ${size === "desktop" ? "side by side" : "one above the other"}, not wider than the screen`,
    (boxes[0] === boxes[1]) === (size === "desktop") && (await page.evaluate(() => document.querySelector("dialog.blind").scrollWidth <= document.querySelector("dialog.blind").clientWidth && document.documentElement.scrollWidth <= innerWidth)), String(boxes));
  const small = await page.locator(".choose button, .trial .do button").evaluateAll((all) => all.filter((e) => e.getBoundingClientRect().height < 44).map((e) => e.innerText));
  if (size !== "desktop") check(`${name}: large enough for a finger`, small.length === 0, small.join());
  await page.context().close();
}

export async function blind() {
  writeFileSync(`${root}/blind.txt`, SCRIPT);
  adapter("blind");
  const server = await serve("blind", 0, ["--set", `model.default=script:${root}/blind.txt`]);
  const id = await talked(server.url, "lin", "hello");
  const page = await open(server.url, { address: `#/c/${id}` });
  await page.locator(".panel .trained").waitFor();
  await fromThePanel(page, server.url);
  await byKeys(page, server.url);
  await left(page, server.url);
  await toTheEnd(page, server.url);
  await deleted(page, server.url);
  await page.goto(`${server.url}#/`);
  await page.locator(".card[data-character=lin] .more").click();
  await page.locator(".menu .i-card").click();
  await page.locator("dialog [data-key=blind]").click();
  await page.locator(".trial [data-key=begin]").waitFor();
  check("what is said about a character leads there, too", (await page.locator("dialog[open]").count()) === 1);
  await page.context().close();
  const { blind: round } = await call(server.url, "POST", "/characters/lin/blind", { pairs: 2, language: "zh", seed: 4 });
  for (let i = 0; i < 200 && (await call(server.url, "GET", `/blind/${round.id}`)).blind.state !== "asking"; i++) await new Promise((r) => setTimeout(r, 50));
  for (const [size, scheme, locale] of [["desktop", "light", "zh-CN"], ["desktop", "dark", "en-GB"], ["phone", "light", "en-GB"], ["phone", "dark", "zh-CN"], ["smallest", "light", "en-GB"]]) await look(server.url, id, size, scheme, locale);
  await server.stop("SIGTERM");
}
