// What can be done with a turn: copy, edit, answer anew, alternatives, fork, take back; by mouse, keys and finger.
import { call, check, last, open, say, serve, settled, shot, still, talked, write } from "./page_kit.mjs";

const tool = (page, turn, key) => turn.locator(`.tools [data-key^=${key}]`);
const wordsOf = (turn) => turn.locator(".words").innerText();

async function copyAndMenu(page) {
  const own = page.locator(".turn.mine").last();
  await own.hover();
  await tool(page, own, "copy").click();
  check("copy", (await page.evaluate(() => navigator.clipboard.readText())) === "Which shelf?");
}

async function edits(page, url, id) {
  const own = page.locator(".turn.mine").first();
  await own.hover();
  await tool(page, own, "edit").click();
  await page.locator(".editor textarea").fill("something else");
  await page.keyboard.press("Escape");
  check("Esc leaves the editor, nothing changed, the focus is back", (await wordsOf(own)) === "hello" && (await page.evaluate(() => document.activeElement.dataset.key?.startsWith("edit"))));
  await page.keyboard.press("Enter");
  await page.locator(".editor textarea").fill("hello there");
  await shot(page, "edit");
  await page.keyboard.press("Control+Enter");
  await page.locator(".turn.mine", { hasText: "hello there" }).waitFor();
  check("edit, saved by Ctrl+Enter, and said so", /edited/.test(await page.locator(".turn.mine").first().locator(".tools").innerText()));
  // Somebody else changes the same words meanwhile.
  await own.hover();
  await tool(page, own, "edit").click();
  await page.locator(".editor textarea").fill("mine");
  const turns = (await call(url, "GET", `/conversations/${id}`)).turns;
  const turn = turns.find((x) => x.role === "person");
  await call(url, "PATCH", `/conversations/${id}/turns/${turn.seq}`, { text: "theirs", revision: turn.revision });
  await page.keyboard.press("Control+Enter");
  await page.locator(".both", { hasText: "theirs" }).waitFor();
  await shot(page, "conflict");
  check("a conflict shows both texts", (await page.locator(".editor textarea").inputValue()) === "mine");
  await page.locator(".choice .button.primary").click();
  await page.locator(".turn.mine .words", { hasText: /^mine$/ }).waitFor();
  check("and one chooses", (await call(url, "GET", `/conversations/${id}`)).turns.some((x) => x.text === "mine"));
  // What is open in the editor survives words that come meanwhile.
  const first = page.locator(".turn.mine").first();
  await first.hover();
  await tool(page, first, "edit").click();
  await page.locator(".editor textarea").fill("not yet saved");
  await call(url, "POST", `/conversations/${id}/messages`, { text: "from elsewhere" });
  await settled(page, "You said from elsewhere");
  check("an open editor is left alone by what comes", (await page.locator(".editor textarea").inputValue()) === "not yet saved");
  await page.keyboard.press("Escape");
}

async function ways(page) {
  await say(page, "slow please");
  await settled(page, "word59.");
  const reply = page.locator(".turn.theirs").last();
  await tool(page, reply, "again").click();
  await page.locator(".turn.theirs .ways", { hasText: "2/2" }).waitFor({ timeout: 20000 });
  check("answer anew keeps the old one as an alternative", (await page.locator(".turn.theirs").last().locator(".ways").innerText()).includes("2/2"));
  await shot(page, "alternatives");
  await page.locator(".turns").focus();
  await page.keyboard.press("ArrowLeft");
  await page.locator(".ways", { hasText: "1/2" }).waitFor();
  await tool(page, page.locator(".turn.theirs").last(), "right").click();
  await page.locator(".ways", { hasText: "2/2" }).waitFor();
  check("arrows choose between them, and the focus stays on the button", await page.evaluate(() => document.activeElement.dataset.key?.startsWith("right")));
  const own = page.locator(".turn.mine").last();
  await own.hover();
  await tool(page, own, "edit").click();
  await page.locator(".editor textarea").fill("it is me, Ann");
  await page.locator(".editor .button", { hasText: "answer anew" }).click();
  await settled(page, "So it is me, you say.");
  check("a changed question is answered anew at once", (await page.locator(".ways").last().innerText()).includes("3/3"));
}

async function forks(page, url) {
  const before = (await call(url, "GET", "/conversations")).conversations.length;
  const original = page.url();
  const own = page.locator(".turn.mine").first();
  await own.hover();
  await tool(page, own, "more").click();
  await page.locator(".menu button", { hasText: "Fork" }).click();
  await page.waitForURL((u) => u.href !== original);
  await page.locator(".hero .from").waitFor();
  await settled(page, "You said mine");
  check("fork: a new conversation that ends there, is answered, and says where it came from", (await page.locator(".turn").count()) === 3 && (await call(url, "GET", "/conversations")).conversations.length === before + 1);
  await still(page);
  await shot(page, "fork");
  await page.locator(".hero .from a").click();
  await page.waitForURL(original);
  await page.locator(".turn.mine").nth(2).waitFor();
  check("and leads back to the place", true);
}

async function takesBack(page) {
  const turns = await page.locator(".turn").count();
  const own = page.locator(".turn.mine").last();
  await own.hover();
  await tool(page, own, "more").click();
  await page.locator(".menu button", { hasText: "Take back" }).click();
  await page.locator("dialog", { hasText: "for good" }).waitFor();
  await still(page);
  await shot(page, "take-back");
  await page.keyboard.press("Escape");
  check("taking back asks first", (await page.locator(".turn").count()) === turns);
  await own.hover();
  await tool(page, own, "more").click();
  await page.locator(".menu button", { hasText: "Take back" }).click();
  await page.locator("dialog .danger").click();
  await page.waitForFunction((n) => document.querySelectorAll(".turn").length === n, turns - 2);
  check("take back from here", true);
  await page.press(write, "ArrowUp");
  check("an arrow up in the empty field edits one's last message", (await page.locator(".editor textarea").inputValue()) === "from elsewhere");
  await page.keyboard.press("Escape");
}

async function finger(url) {
  const id = await talked(url, "theo", "Which shelf?");
  const page = await open(url, { address: `#/c/${id}`, viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true });
  await page.locator(".turn.newest .words").waitFor();
  await still(page);
  const touch = await page.context().newCDPSession(page);
  const swipe = async (from, to) => {
    const box = await page.locator(".turn.newest .words").boundingBox();
    const y = Math.max(box.y + 20, 120);
    await touch.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [{ x: from, y }] });
    for (let i = 1; i <= 8; i++) await touch.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: [{ x: from + ((to - from) * i) / 8, y }] });
    await touch.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  };
  await swipe(300, 120);
  await page.locator(".ways", { hasText: "2/2" }).waitFor();
  check("a finger to the left asks for another answer", true);
  await swipe(100, 300);
  await page.locator(".ways", { hasText: "1/2" }).waitFor();
  check("a finger to the right brings the one before", true);
  await still(page);
  const own = page.locator(".turn.mine").first();
  check("on a phone the tools of older messages are put away", !(await own.locator(".tools").isVisible()));
  await page.locator(".hero h2").tap(); // the browser takes the first tap after a fling as its end
  await own.locator(".words").tap();
  await own.locator(".tools").waitFor();
  await shot(page, "phone-tools");
  check("a tap shows what can be done with a message", await tool(page, own, "edit").isVisible());
  check("nothing is wider than the phone", await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await page.context().close();
}

export async function turns() {
  const server = await serve("turns");
  const id = await talked(server.url, "lin", "hello", "Which shelf?");
  const page = await open(server.url, { address: `#/c/${id}` });
  await page.locator(".turn").nth(4).waitFor();
  await still(page);
  await copyAndMenu(page);
  if ("revision" in (await call(server.url, "GET", `/conversations/${id}`)).turns[0]) {
    await edits(page, server.url, id);
    await ways(page);
    await forks(page, server.url);
    await takesBack(page);
    await finger(server.url);
  } else {
    check("an anima that keeps no alternatives shows no such tools", (await page.locator(".tools [data-key^=edit]").count()) === 0);
  }
  await page.context().close();
  await server.stop("SIGTERM");
}
