// What was talked about, in the page: sentences with the turns they are from and what they took the place of; corrected, deleted; in both languages,
// light and dark.
import { writeFileSync } from "node:fs";
import { call, check, open, root, serve, shot, still } from "./page_kit.mjs";

const SCRIPT = `match: 1. Ann: My driving exam is
say: [1] Ann's driving exam is on the 14th of May.\\n[2] Ann wants to learn the cello, and to play in a small orchestra some day, maybe in the one in Leeds.

match: 1. Ann: My driving exam was
say: [1] Ann's driving exam was moved to the 21st of May.

match: 1. Ann：我姐姐
say: [1] Ann的姐姐在成都找房子，想要一个有阳台的。

match: 1. Ann
say: -

say: Well, well.
`;
const SIZES = { desktop: { viewport: { width: 1440, height: 900 } }, phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true } };
const dialog = "dialog.remembering";

async function bring(url, hours, ...messages) {
  const at = new Date(Date.now() - hours * 3600e3);
  const date = `${at.toLocaleString("en-US", { month: "long" })} ${at.getDate()}, ${at.getFullYear()} ${at.getHours() % 12 || 12}:${String(at.getMinutes()).padStart(2, "0")}${at.getHours() < 12 ? "am" : "pm"}`;
  const lines = [{ user_name: "Ann", character_name: "Lin", chat_metadata: {} }, ...messages.map((mes) => ({ name: "Ann", is_user: true, send_date: date, mes }))];
  const answer = await fetch(`${url}/api/v1/conversations/import?character=lin`, { method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: lines.map((x) => JSON.stringify(x)).join("\n") });
  return (await answer.json()).conversation.id;
}

async function noted(url, n) {
  for (let i = 0; i < 400; i++) {
    const got = await call(url, "GET", "/characters/lin/topics?person=Ann");
    if (got.topics?.length === n) return;
    await new Promise((r) => setTimeout(r, 50));
  }
  throw new Error(`${n} sentences are not noted`);
}

async function show(page) {
  await page.locator(".turn").first().waitFor();
  await still(page);
  if (!(await page.locator(".panel").count())) await page.locator("[data-key=head]").first().click();
  await page.locator(".panel .remembered [data-key=memory]").click();
  await page.locator(`${dialog} [role=radio]`).nth(4).click();
  await page.locator(`${dialog} .topic`).first().waitFor();
}

async function work(page, url, first) {
  const topic = page.locator(`${dialog} .topic`);
  await show(page);
  check("three things were talked about, the last one first", (await topic.count()) === 3 && /成都/.test(await topic.first().innerText()), await page.locator(dialog).innerText());
  const exam = topic.filter({ hasText: "21st of May" });
  check("below the newest what it took the place of", /14th of May/.test(await exam.locator(".then .fact").innerText()) && /until/.test(await exam.locator(".then .when").first().innerText()), await exam.innerText());
  await exam.locator(".then details summary").click();
  await still(page);
  await shot(page, "topics");
  await topic.filter({ hasText: "cello" }).locator("[data-key=correct]").click();
  await page.locator("[data-key=value]").fill("Ann plays the cello.");
  await page.locator("[data-key=save]").click();
  await topic.filter({ hasText: "Ann plays the cello." }).filter({ hasText: "corrected" }).waitFor();
  check("one can be corrected", (await topic.count()) === 3);
  await topic.filter({ hasText: "Ann plays the cello." }).locator("[data-key=drop]").click();
  await page.locator("dialog .button.danger").click();
  await topic.filter({ hasText: "Ann plays the cello." }).waitFor({ state: "detached" });
  check("and deleted", (await topic.count()) === 2);
  await exam.locator("[data-key=drop]").first().click();
  await page.locator("dialog .button.danger").click();
  await exam.waitFor({ state: "detached" });
  await topic.filter({ hasText: "14th of May" }).waitFor();
  check("without the newest the one before holds", !/until/.test(await topic.filter({ hasText: "14th of May" }).innerText()));
  const source = topic.filter({ hasText: "14th of May" });
  if (!(await source.locator("details[open]").count())) await source.locator("details summary").click();
  await source.locator(".memory a").click();
  await page.locator(dialog).waitFor({ state: "detached" });
  await page.locator(".turn.jumped", { hasText: "My driving exam is" }).waitFor();
  check("every sentence leads to its turn", page.url().includes(first), page.url());
}

async function look(url, id, size, colorScheme, locale) {
  const name = `${size}-${colorScheme}-${locale.slice(0, 2)}`;
  const page = await open(url, { address: `#/c/${id}`, colorScheme, locale, ...SIZES[size] });
  await show(page);
  await page.locator(`${dialog} .topic details summary`).first().click();
  await still(page);
  await shot(page, `topics-${name}`);
  check(`topics, ${name}: not wider than the screen`, await page.evaluate(() => document.querySelector("dialog.remembering").scrollWidth <= document.querySelector("dialog.remembering").clientWidth && document.documentElement.scrollWidth <= innerWidth));
  await page.context().close();
}

export async function topics() {
  writeFileSync(`${root}/topics.txt`, SCRIPT);
  const server = await serve("topics", 0, ["--set", `model.default=script:${root}/topics.txt`, "--set", "memory.topics=always", "--set", "person.name=Ann", "--set", "embed.model="]);
  const first = await bring(server.url, 40, "My driving exam is on the 14th of May.", "I want to learn the cello, and to play in a small orchestra some day, maybe in the one in Leeds.");
  await bring(server.url, 30, "My driving exam was moved to the 21st of May.");
  const id = await bring(server.url, 20, "我姐姐在成都找房子，我想要她找一个有阳台的。");
  await noted(server.url, 4);
  for (const [size, scheme, locale] of [["desktop", "light", "zh-CN"], ["desktop", "dark", "en-GB"], ["phone", "light", "en-GB"], ["phone", "dark", "zh-CN"]]) await look(server.url, id, size, scheme, locale);
  const page = await open(server.url, { address: `#/c/${id}` });
  await work(page, server.url, first);
  await page.context().close();
  await server.stop("SIGTERM");
}
