// Forgetting for good, pins, rules and what was not told, in the page: what goes is shown before, the places stay; in both languages, light and dark.
import { writeFileSync } from "node:fs";
import { call, check, open, root, say, serve, settled, shot, still, talked } from "./page_kit.mjs";

const SCRIPT = "match: pantry\nsay: On the lowest shelf of the pantry, then.\n\nsay: Well, well.\n";
const SIZES = { desktop: { viewport: { width: 1440, height: 900 } }, phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true } };
const dialog = "dialog.remembering";
const KETTLE = "The kettle is on the lowest shelf of the pantry.";

async function ready(url) {
  for (let i = 0; i < 400; i++) {
    const s = await call(url, "GET", "/memory/status");
    if (!s.due && !s.unread) return;
    await new Promise((r) => setTimeout(r, 50));
  }
  throw new Error("what was said is not made ready");
}

async function fromTheTurn(page) {
  const turn = page.locator(".turn.mine", { hasText: "lowest shelf" }).first();
  await turn.hover();
  await turn.locator("[data-key^=more]").click();
  await page.locator(".menu .i-trash").click();
  const what = page.locator("dialog.forgetting");
  await what.waitFor();
  check("what would go is shown first", (await what.locator(".memory").count()) === 2 && /says it again/.test(await what.innerText()), await what.innerText());
  await still(page);
  await shot(page, "forget-what");
  await what.locator("[data-key=keep]").click();
  await what.waitFor({ state: "detached" });
  check("one may keep it", /lowest shelf/.test(await turn.innerText()));
  await turn.hover();
  await turn.locator("[data-key^=more]").click();
  await page.locator(".menu .i-trash").click();
  await page.locator("dialog.forgetting [data-key=forget]").click();
  await page.locator(".turn .forgotten").nth(1).waitFor();
  check("then the turn and the reply that said it again keep their places", (await page.locator(".turn .forgotten").count()) === 2 && !/pantry/.test(await page.locator(".turns, main").first().innerText()));
  await still(page);
  await shot(page, "forget-turns");
}

async function inWords(page, url) {
  await say(page, "My locker code is 7741.");
  await settled(page, "Well, well.");
  await ready(url);
  await say(page, "Please forget that.");
  await page.locator(".forgot", { hasText: "Forgotten for good with this: 1" }).waitFor();
  check("asked for in the conversation, it says how much went", !/7741/.test(await page.locator("main").innerText()));
  await say(page, "Forget what I said about zeppelins.");
  const choose = page.locator(".forgot button");
  await choose.waitFor();
  await still(page);
  await shot(page, "forget-unclear");
  await choose.click();
  await page.locator(`${dialog} [data-key=words]`).waitFor();
  check("what is not clear can be chosen", true);
}

async function inTheMemory(page) {
  await page.locator(`${dialog} [data-key=words]`).fill("umbrella");
  const line = page.locator(`${dialog} .memory`, { hasText: "umbrella is in the hall" });
  await line.waitFor();
  const pin = line.locator("[data-key=pin]");
  await pin.click();
  await page.locator(`${dialog} [data-key=pin][aria-pressed=true]`).waitFor();
  check("pinned", (await pin.getAttribute("title")) === "Kept in mind; click to let it go");
  await still(page);
  await shot(page, "memory-pinned");
  await pin.click();
  await page.locator(`${dialog} [data-key=pin][aria-pressed=false]`).waitFor();
  check("and not any more", true);
  await line.locator("[data-key=forget]").click();
  await page.locator("dialog.forgetting [data-key=forget]").click();
  await page.locator(`${dialog} .answer`, { hasText: "“umbrella”" }).waitFor();
  check("forgotten from the list, it is not found any more", true);
}

async function rules(page) {
  await page.locator(`${dialog} [role=radio]`, { hasText: "Rules" }).click();
  await page.locator(`${dialog} .rules`, { hasText: "There are no rules." }).waitFor();
  await page.locator("[data-key=rule-add]").click();
  await page.locator(`${dialog} .fact`, { hasText: "What Ann tells goes to nobody else (every character)" }).waitFor();
  await page.locator("[data-key=rule-other]").selectOption("Bob");
  await page.locator("[data-key=rule-character]").selectOption("lin");
  await page.locator("[data-key=rule-add]").click();
  await page.locator(`${dialog} .fact`, { hasText: "Personal things of Ann may be told to Bob (Lin)" }).waitFor();
  check("rules are made", (await page.locator(`${dialog} .rules .fact`).count()) === 2);
  await still(page);
  await shot(page, "memory-rules");
  await page.locator(`${dialog} .fact [data-key^=rule-drop]`).first().click();
  await page.locator(`${dialog} .fact`, { hasText: "goes to nobody else" }).waitFor({ state: "detached" });
  check("and deleted", (await page.locator(`${dialog} .rules .fact`).count()) === 1);
  await page.keyboard.press("Escape");
  await page.locator(dialog).waitFor({ state: "detached" });
}

async function notTold(page) {
  const turn = page.locator(".turn.theirs").last();
  await turn.hover();
  await turn.locator("[data-key^=more]").click();
  await page.locator(".menu .i-memory").click();
  await page.locator("[data-key=refused]").click();
  const item = page.locator(".refused .memory", { hasText: "surprise party" });
  await item.waitFor();
  check("what was not told, and why", /must not know|not there when/.test(await item.innerText()) && /Bob/.test(await item.innerText()), await item.innerText());
  await still(page);
  await shot(page, "memory-refused");
  await page.keyboard.press("Escape");
}

async function look(url, id, size, colorScheme, locale) {
  const name = `${size}-${colorScheme}-${locale.slice(0, 2)}`;
  const page = await open(url, { address: `#/c/${id}`, colorScheme, locale, ...SIZES[size] });
  await page.locator(".turn .forgotten").first().waitFor();
  await still(page);
  await shot(page, `forget-talk-${name}`);
  if (!(await page.locator(".panel").count())) await page.locator("[data-key=head]").first().click();
  await page.locator(".panel .remembered [data-key=memory]").click();
  for (const [n, what] of [[0, "find"], [6, "rules"]]) {
    await page.locator(`${dialog} [role=radio]`).nth(n).click();
    if (n === 0) await page.locator(`${dialog} [data-key=words]`).fill("surprise");
    await page.locator(n === 0 ? `${dialog} .memory-tools` : `${dialog} .rules .fact`).first().waitFor();
    await still(page);
    await shot(page, `forget-${what}-${name}`);
    check(`${name}, ${what}: not wider than the screen`, await page.evaluate(() => document.querySelector("dialog.remembering").scrollWidth <= document.querySelector("dialog.remembering").clientWidth && document.documentElement.scrollWidth <= innerWidth));
  }
  if (size === "phone") {
    const box = await page.locator("[data-key=rule-add]").boundingBox();
    check(`${name}: large enough for a finger`, box.height >= 44, JSON.stringify(box));
  }
  await page.context().close();
}

export async function forget() {
  writeFileSync(`${root}/forget.txt`, SCRIPT);
  const server = await serve("forget", 0, ["--set", `model.default=script:${root}/forget.txt`, "--set", "memory.recall=always", "--set", "embed.model="]);
  await talked(server.url, "lin", "The umbrella is in the hall.", "Please keep it to yourself: the surprise party for Bob is on the barge.");
  const { conversation } = await call(server.url, "POST", "/conversations", { character: "lin" });
  await call(server.url, "POST", `/conversations/${conversation.id}/messages`, { text: "Hello.", person: "Bob" });
  const id = await talked(server.url, "lin", KETTLE);
  await ready(server.url);
  const page = await open(server.url, { address: `#/c/${id}` });
  await page.locator(".turn.mine").waitFor();
  await fromTheTurn(page);
  await inWords(page, server.url);
  await inTheMemory(page);
  await rules(page);
  await page.context().close();
  const asks = await call(server.url, "POST", "/conversations", { character: "lin" });
  await call(server.url, "POST", `/conversations/${asks.conversation.id}/messages`, { text: "Is there a surprise party on a barge?", person: "Bob" });
  const bobs = await open(server.url, { address: `#/c/${asks.conversation.id}` });
  await settled(bobs, "Well, well.");
  await notTold(bobs);
  await bobs.context().close();
  for (const [size, scheme, locale] of [["desktop", "light", "zh-CN"], ["desktop", "dark", "en-GB"], ["phone", "light", "en-GB"], ["phone", "dark", "zh-CN"]]) await look(server.url, id, size, scheme, locale);
  await server.stop("SIGTERM");
}
