// What is remembered, in the page: the mark at a reply, what it was told, the search, what would come to mind, what is known of a person; in both languages, light and dark.
import { writeFileSync } from "node:fs";
import { call, check, open, root, serve, shot, still, talked } from "./page_kit.mjs";

const SCRIPT = "match: kettle\nsay: Behind the flour, in the blue tin.\n\nmatch: 茶\nsay: 在蓝色的铁罐里。\n\nsay: Well, well.\n";
const SIZES = { desktop: { viewport: { width: 1440, height: 900 } }, phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }, smallest: { viewport: { width: 320, height: 568 }, isMobile: true, hasTouch: true } };
const dialog = "dialog.remembering";

async function ready(url) {
  for (let i = 0; i < 400; i++) {
    const s = await call(url, "GET", "/memory/status");
    if (!s.due && !s.unread) return;
    await new Promise((r) => setTimeout(r, 50));
  }
  throw new Error("what was said is not made ready");
}

async function atAReply(page, first) {
  const marks = page.locator(".turn .recalled");
  await marks.first().waitFor();
  check("replies that were told something have a mark: to the question, and to the first words, what is known of the person; others have none", (await marks.count()) === 2 && (await page.locator(".turn.mine .recalled").count()) === 0, await marks.count());
  check("the mark has a name", /Remembered for this: \d/.test(await marks.last().getAttribute("aria-label")));
  await marks.last().click();
  await page.locator(`${dialog} .memory`).first().waitFor();
  check("it opens what that was", /kettle and the tea/.test(await page.locator(dialog).innerText()), await page.locator(dialog).innerText());
  await still(page);
  await shot(page, "memory-told");
  await page.locator(`${dialog} .memory a`, { hasText: "kettle and the tea" }).click();
  await page.locator(dialog).waitFor({ state: "detached" });
  await page.waitForFunction((id) => location.hash === `#/c/${id}`, first);
  await page.locator(".turn.jumped", { hasText: "kettle and the tea" }).waitFor();
  check("each line leads to its turn", true);
}

async function searched(page) {
  await page.locator(".panel .remembered [data-key=memory]").click();
  await page.locator(`${dialog} [data-key=words]`).fill("阳台");
  await page.locator(`${dialog} .memory`, { hasText: "有阳台的房子" }).waitFor();
  check("two Chinese characters are found while one types", (await page.locator(`${dialog} .memory`).count()) === 1);
  await page.locator(`${dialog} [data-key=words]`).fill("surprise");
  await page.locator(`${dialog} .memory`, { hasText: "surprise" }).first().waitFor();
  check("a secret is marked", (await page.locator(`${dialog} .memory`, { hasText: "surprise party" }).locator(".held .i-lock").count()) >= 1, await page.locator(dialog).innerText());
  await still(page);
  await shot(page, "memory-search");
  await page.locator(`${dialog} [data-key=words]`).fill("\"\"");
  await page.locator(`${dialog} .answer`, { hasText: "Nothing found" }).waitFor();
  await page.locator(`${dialog} [data-key=words]`).fill("zeppelin");
  await page.locator(`${dialog} .answer`, { hasText: "“zeppelin”" }).waitFor();
  check("what is not there is said so", true);
}

async function mind(page) {
  await page.locator(`${dialog} [role=radio]`, { hasText: "Comes to mind" }).click();
  await page.locator(`${dialog} [data-key=words]`).fill("Where is the kettle?");
  await page.locator(`${dialog} [data-key=ask]`).click();
  await page.locator(`${dialog} .memories.came .why li`).first().waitFor();
  const text = await page.locator(`${dialog} .answer`).innerText();
  check("what would come to mind, with its reasons", /Lin's mind/.test(text) && /kettle and the tea/.test(text) && /words/.test(text), text);
  check("and that it was by words only", /By words only/.test(text));
  await still(page);
  await shot(page, "memory-mind");
  await page.locator(`${dialog} [data-key=words]`).fill("zeppelin xylophone");
  await page.keyboard.press("Enter");
  await page.locator(`${dialog} .answer`, { hasText: "Nothing would come" }).waitFor();
  check("nothing comes where nothing is", (await page.locator(`${dialog} .memories.came`).count()) === 0);
  await page.keyboard.press("Escape");
  await page.locator(dialog).waitFor({ state: "detached" });
}

const CHAT = "12/30/20, 11:58 PM - Anna L.: Did you find the spare key?\n12/30/20, 11:59 PM - Ben: It hangs in the greenhouse.\n";

async function chats(page) {
  await page.locator(".panel .remembered [data-key=memory]").click();
  await page.locator(`${dialog} .chats input[type=file]`).setInputFiles({ name: "WhatsApp Chat with Ben.txt", mimeType: "text/plain", buffer: Buffer.from(CHAT) });
  const found = page.locator("dialog.chats-found");
  await found.waitFor();
  check("what is in a chat is told first", /2 messages of 1 chats?/.test(await found.innerText()) && /Anna L\./.test(await found.innerText()), await found.innerText());
  await still(page);
  await shot(page, "memory-chats-found");
  await found.locator("label", { hasText: "Anna L." }).click();
  await found.locator("[data-key=bring]").click();
  const line = page.locator(`${dialog} .import`, { hasText: "2 of 2 messages" });
  await line.waitFor();
  check("then it comes in", (await page.locator(`${dialog} .import`).count()) === 1);
  await page.locator(`${dialog} [data-key=words]`).fill("greenhouse");
  await page.locator(`${dialog} .memory`, { hasText: "It hangs in the greenhouse." }).waitFor();
  await still(page);
  await shot(page, "memory-chats");
  await line.locator("button").click();
  await page.locator("dialog .danger").click();
  await line.waitFor({ state: "detached" });
  check("and is undone", true);
  await page.keyboard.press("Escape");
  await page.locator(dialog).waitFor({ state: "detached" });
}

async function known(page) {
  const facts = page.locator(`${dialog} .fact`);
  await page.locator(".panel .remembered [data-key=memory]").click();
  await page.locator(`${dialog} [role=radio]`, { hasText: "Known" }).click();
  await facts.filter({ hasText: "surprise party Bob: Friday" }).waitFor();
  check("what is known of a person, with the turn that told it", (await facts.count()) === 1 && (await facts.locator(".memory .held .i-lock").count()) === 1, await page.locator(dialog).innerText());
  await still(page);
  await shot(page, "memory-known");
  await facts.locator("[data-key=correct]").click();
  await page.locator("[data-key=value]").fill("Saturday");
  await page.locator("[data-key=save]").click();
  await facts.filter({ hasText: "surprise party Bob: Saturday" }).filter({ hasText: "corrected" }).waitFor();
  check("it can be corrected", (await facts.count()) === 1);
  await facts.locator("[data-key=drop]").click();
  await page.locator("dialog .button.danger").click();
  await page.locator(`${dialog} .answer`, { hasText: "knows nothing of" }).waitFor();
  check("and deleted", (await facts.count()) === 0);
  await page.keyboard.press("Escape");
  await page.locator(dialog).waitFor({ state: "detached" });
}

async function look(url, id, size, colorScheme, locale) {
  const name = `${size}-${colorScheme}-${locale.slice(0, 2)}`;
  const page = await open(url, { address: `#/c/${id}`, colorScheme, locale, ...SIZES[size] });
  await page.locator(".turn .recalled").first().waitFor();
  await still(page);
  await shot(page, `memory-talk-${name}`);
  if (size !== "desktop") {
    const box = await page.locator(".turn .recalled").first().boundingBox();
    check(`${name}: the mark is large enough for a finger`, box.width >= 44 && box.height >= 44, JSON.stringify(box));
  }
  if (!(await page.locator(".panel").count())) await page.locator("[data-key=head]").first().click();
  await page.locator(".panel .remembered [data-key=memory]").click();
  await page.locator(`${dialog} [role=radio]`).nth(1).click();
  await page.locator(`${dialog} [data-key=words]`).fill("Where is the kettle?");
  await page.locator(`${dialog} [data-key=ask]`).click();
  await page.locator(`${dialog} .memory`).first().waitFor();
  await still(page);
  await shot(page, `memory-${name}`);
  check(`${name}: not wider than the screen`, await page.evaluate(() => document.querySelector("dialog.remembering").scrollWidth <= document.querySelector("dialog.remembering").clientWidth && document.documentElement.scrollWidth <= innerWidth));
  await page.context().close();
}

export async function memory() {
  writeFileSync(`${root}/memory.txt`, SCRIPT);
  const server = await serve("memory", 0, ["--set", `model.default=script:${root}/memory.txt`, "--set", "memory.recall=always", "--set", "embed.model="]);
  const first = await talked(server.url, "lin", "I put the kettle and the tea on the lowest shelf of the pantry.", "我想找个有阳台的房子。", "Please keep it to yourself: there is a surprise party for Bob on Friday.");
  await ready(server.url);
  const id = await talked(server.url, "lin", "Hello.", "Where did I put the kettle?");
  const page = await open(server.url, { address: `#/c/${id}` });
  await atAReply(page, first);
  await searched(page);
  await mind(page);
  await known(page);
  await chats(page);
  await page.locator(".brand .i-more").click();
  await page.locator(".menu .i-memory").click();
  await page.locator(`${dialog} [data-key=words]`).waitFor();
  check("the menu of the lists leads there, too", true);
  await page.context().close();
  for (const [size, scheme, locale] of [["desktop", "light", "zh-CN"], ["desktop", "dark", "en-GB"], ["phone", "light", "en-GB"], ["phone", "dark", "zh-CN"], ["smallest", "light", "en-GB"]]) await look(server.url, id, size, scheme, locale);
  await server.stop("SIGTERM");
}
