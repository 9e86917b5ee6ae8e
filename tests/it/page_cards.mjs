// Characters: cards dropped in, replaced, exported, removed; several greetings to begin with.
import { readFileSync, writeFileSync } from "node:fs";
import { call, check, open, root, say, serve, settled, shot, still } from "./page_kit.mjs";
import { drop } from "./page_talks.mjs";

const card = (name, tagline) => ({ spec: "chara_card_v2", spec_version: "2.0", data: { name, description: `${name} is a lighthouse keeper. ${tagline}`, personality: "calm", scenario: "", first_mes: "The lamp is lit. Come in.",
  alternate_greetings: ["*waves from the gallery* Mind the stairs!", "你怎么上来的？坐吧。"], mes_example: "", creator: "Test", character_version: "1.1", tags: ["sea", "calm"], creator_notes: "", system_prompt: "", post_history_instructions: "" } });

async function brings(page) {
  writeFileSync(`${root}/Wendel.json`, JSON.stringify(card("Wendel", "")));
  await drop(page, `${root}/Wendel.json`, "Wendel.json");
  const there = page.locator(".card[data-character]", { hasText: "Wendel" });
  await there.waitFor();
  await page.locator(".toast", { hasText: "Wendel is here" }).waitFor();
  await still(page);
  await shot(page, "card-arrived");
  check("a card dropped on the page moves in", true);
  await drop(page, `${root}/Wendel.json`, "Wendel.json");
  await page.locator("dialog", { hasText: "is here already" }).waitFor();
  await still(page);
  await shot(page, "card-exists");
  await page.locator("dialog .button.primary").click();
  await page.locator("dialog").waitFor({ state: "detached" });
  await page.locator(".toast", { hasText: "Wendel is here" }).last().waitFor();
  check("a name that is taken is asked about, and replaced", (await there.count()) === 1);
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.locator(".card.add").click()]);
  writeFileSync(`${root}/Ada.json`, JSON.stringify(card("Ada", "")));
  await chooser.setFiles(`${root}/Ada.json`);
  await page.locator(".card[data-character]", { hasText: "Ada" }).waitFor();
  check("a card that is chosen moves in, too", true);
  writeFileSync(`${root}/broken.png`, "not a picture");
  await drop(page, `${root}/broken.png`, "broken.png");
  await page.locator(".toast.bad").waitFor();
  check("a broken card says why", (await page.locator(".toast.bad").innerText()).length > 25, await page.locator(".toast.bad").innerText());
  await shot(page, "card-broken");
  await page.locator(".toast.bad .icon-button").click();
  writeFileSync(`${root}/notes.gif`, "hello");
  await drop(page, `${root}/notes.gif`, "notes.gif");
  await page.locator(".toast.bad", { hasText: "notes.gif" }).waitFor();
  await page.locator(".toast.bad .icon-button").click();
  check("another file is refused in words", true);
}

async function greetings(page, url) {
  const there = page.locator(".card[data-character]", { hasText: "Wendel" });
  await there.locator(".button.primary").click();
  await page.locator(".ways", { hasText: "1/3" }).waitFor();
  await still(page);
  await shot(page, "greeting");
  await page.locator(".ways button").last().click();
  await page.locator(".turn .words", { hasText: "Mind the stairs" }).waitFor();
  await page.locator(".ways", { hasText: "2/3" }).waitFor();
  await page.locator(".turns").focus();
  await page.keyboard.press("ArrowRight");
  await page.locator(".turn .words", { hasText: "坐吧" }).waitFor();
  await say(page, "hello");
  await settled(page, "You said hello");
  const { conversations } = await call(url, "GET", "/conversations");
  check("choose a beginning; once something is said it stays", (await page.locator(".ways").count()) === 0 && conversations.filter((c) => c.turns > 1).length === 1, JSON.stringify(conversations));
}

async function takesOut(page) {
  await page.keyboard.press("Escape");
  await page.locator(".brand .home").click();
  const there = page.locator(".card[data-character]", { hasText: "Wendel" });
  for (const [label, test] of [["PNG", (b) => b.subarray(1, 4).toString() === "PNG"], ["JSON", (b) => JSON.parse(b).data.name === "Wendel"], ["CharX", (b) => b.subarray(0, 2).toString() === "PK"]]) {
    await there.hover();
    await there.locator(".more").click();
    if (label === "PNG") await still(page);
    if (label === "PNG") await shot(page, "card-menu");
    const [download] = await Promise.all([page.waitForEvent("download"), page.locator(".menu a", { hasText: label }).click()]);
    const bytes = readFileSync(await download.path());
    check(`export the card as ${label}`, test(bytes));
    writeFileSync(`${root}/out.${label.toLowerCase()}`, bytes);
  }
  await there.hover();
  await there.locator(".more").click();
  await page.locator(".menu button", { hasText: "About" }).click();
  await page.locator("dialog", { hasText: "sea, calm" }).waitFor();
  await page.keyboard.press("Escape");
  await there.hover();
  await there.locator(".more").click();
  await page.locator(".menu .danger").click();
  await page.locator("dialog", { hasText: "for good" }).waitFor();
  await page.locator("dialog .danger").click();
  await there.waitFor({ state: "detached" });
  check("a character of one's own can be removed; the conversation stays", (await page.locator(".row").count()) === 1);
  await page.locator(".row a").click();
  await page.locator(".turn").first().waitFor();
  await shot(page, "character-gone");
  const lin = page.locator(".card[data-character=lin]");
  await page.locator(".brand .home").click();
  await drop(page, `${root}/out.png`, "out.png");
  await there.waitFor();
  await drop(page, `${root}/out.charx`, "out.charx");
  await page.locator("dialog .button.primary").click();
  await page.locator("dialog").waitFor({ state: "detached" });
  check("what was exported comes in again, as PNG and as CharX", (await there.count()) === 1);
  await lin.hover();
  await lin.locator(".more").click();
  check("those that came along cannot", (await page.locator(".menu .danger").count()) === 0);
  await page.keyboard.press("Escape");
}

export async function cards() {
  const server = await serve("cards");
  const page = await open(server.url);
  await page.locator(".card").first().waitFor();
  if ("greetings" in (await call(server.url, "GET", "/characters")).characters[0]) {
    await brings(page);
    await greetings(page, server.url);
    await takesOut(page);
  } else {
    check("an anima that takes no cards offers nothing of the kind", (await page.locator(".card.add").count()) === 0);
  }
  await page.context().close();
  await server.stop("SIGTERM");
}
