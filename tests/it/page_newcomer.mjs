// Somebody who has never seen anima: drops a card, talks, stops, asks anew, edits, forks, searches, exports, at three sizes,
// in both languages. Everything is found by what it is called, as a screen reader would find it; each step is a picture.
import { readFileSync, writeFileSync } from "node:fs";
import { check, last, open, root, serve, settled, shot, still } from "./page_kit.mjs";
import { drop } from "./page_talks.mjs";

const SIZES = [["desktop", "en-GB", "light", { viewport: { width: 1440, height: 900 } }], ["tablet", "en-GB", "dark", { viewport: { width: 820, height: 1180 }, hasTouch: true }],
  ["phone", "zh-CN", "light", { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }]];
const CARD = { spec: "chara_card_v2", spec_version: "2.0", data: { name: "Wendel Byrne", description: "{{char}} keeps a lighthouse.", personality: "calm", scenario: "", first_mes: "The lamp is lit. Come in, {{user}}.",
  alternate_greetings: [], mes_example: "", creator: "Test", character_version: "1", tags: ["sea", "calm"], creator_notes: "", system_prompt: "", post_history_instructions: "", extensions: {} } };

async function walk(url, [size, locale, colorScheme, more]) {
  const page = await open(url, { ...more, locale, colorScheme });
  const text = (key, values = {}) => page.evaluate(([k, v]) => import(new URL("js/i18n.js", location.href)).then((m) => m.t(k, v)), [key, values]);
  const called = async (role, key, values) => page.getByRole(role, { name: await text(key, values), exact: true });
  const press = async (role, key, values) => {
    const it = (await called(role, key, values)).last();
    await it.waitFor();
    await (more.hasTouch ? it.tap() : it.click());
  };
  let n = 0;
  const step = async (name) => (await still(page), await shot(page, `newcomer-${size}-${++n}-${name}`));
  const began = Date.now();

  await page.locator(".card").nth(3).waitFor();
  await step("home");
  writeFileSync(`${root}/${size}.json`, JSON.stringify(CARD));
  await drop(page, `${root}/${size}.json`, `${size}.json`);
  await page.locator(".card", { hasText: "Wendel Byrne" }).waitFor();
  await step("moved-in");
  check(`${size}: a card without a line about itself shows its tags`, (await page.locator(".card", { hasText: "Wendel" }).innerText()).includes("sea · calm"));
  await press("button", "talkTo", { name: "Wendel Byrne" });
  const write = await called("textbox", "write", { name: "Wendel Byrne" });
  await write.fill("hello");
  await press("button", "send");
  await settled(page, "You said hello");
  await step("answered");
  await write.fill("slow, tell me a lot");
  await press("button", "send");
  await settled(page, "word4");
  await step("words-come");
  await press("button", "stop");
  await page.locator(".turn.newest .tell", { hasText: await text("stopped") }).waitFor();
  check(`${size}: stopped`, !(await last(page).innerText()).includes("word59"));
  await press("button", "regenerate");
  await settled(page, "word59.");
  await (await called("group", "ways", { n: 2, all: 2 })).waitFor();
  check(`${size}: another answer beside the first`, true);
  const own = page.locator(".turn.mine").last();
  const tool = async (key) => {
    const button = own.getByRole("button", { name: await text(key), exact: true });
    if (more.hasTouch && !(await button.isVisible())) await own.locator(".words").tap();
    else if (!more.hasTouch) await own.hover();
    await (more.hasTouch ? button.tap() : button.click());
  };
  await tool("edit");
  await (await called("textbox", "edit")).fill("good evening");
  await step("editing");
  await press("button", "saveAgain");
  await settled(page, "You said good evening");
  check(`${size}: edited, and answered anew`, (await own.innerText()).includes(await text("edited")) || more.hasTouch);
  await tool("more");
  await step("menu");
  await press("menuitem", "forkHere");
  await page.locator(".hero .from").waitFor();
  await settled(page, "You said good evening");
  await step("forked");
  check(`${size}: forked, and answered`, (await page.locator(".turn").count()) === 5);
  await press("button", "conversationMenu");
  const [file] = await Promise.all([page.waitForEvent("download"), press("menuitem", "exportMarkdown")]);
  check(`${size}: exported, to read`, /good evening/.test(readFileSync(await file.path(), "utf8")) && file.suggestedFilename().endsWith(".md"), file.suggestedFilename());
  if (size === "phone") await press("button", "lists");
  await (await called("textbox", "search")).fill("lamp");
  await page.locator(".hit mark").first().waitFor();
  await step("found");
  await page.locator(".hit a").first().press("Enter");
  await page.locator(".turn.jumped").waitFor();
  check(`${size}: found, and led to the place`, (await page.locator(".turn.jumped").innerText()).includes("The lamp is lit"));
  if (size === "phone") await press("button", "lists");
  await press("button", "settings");
  await page.getByRole("dialog", { name: await text("settings") }).waitFor();
  await step("settings");
  console.log(`   ${size}: the whole way in ${Math.round((Date.now() - began) / 1000)} s`);
  await page.context().close();
}

export async function newcomer() {
  for (const size of SIZES) {
    const server = await serve(`newcomer-${size[0]}`);
    await walk(server.url, size);
    await server.stop("SIGTERM");
  }
}
