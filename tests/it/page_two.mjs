// Two browsers at once: the same turn, two people in one conversation; a limit that ends politely; what is told while words come.
import { LONG, call, check, last, open, say, serve, settled, shot, still, talked, write } from "./page_kit.mjs";

const editor = (page) => page.locator(".editor textarea");

async function edits(page, text) {
  const own = page.locator(".turn.mine").first();
  await own.hover();
  await own.locator(".tools [data-key^=edit]").click();
  await editor(page).fill(text);
}

// Both have the editor open on the same words. The first to save wins; the other sees both texts and chooses.
async function sameTurn(url) {
  const id = await talked(url, "lin", "hello");
  const [one, two] = [await open(url, { address: `#/c/${id}` }), await open(url, { address: `#/c/${id}` })];
  await edits(one, "what one wrote");
  await edits(two, "what two wrote");
  await Promise.all([one, two].map((page) => page.keyboard.press("Control+Enter")));
  const loser = await Promise.race([one, two].map((page) => page.locator(".both").waitFor().then(() => page)));
  const winner = loser === one ? two : one;
  const [won, lost] = loser === one ? ["what two wrote", "what one wrote"] : ["what one wrote", "what two wrote"];
  check("two browsers on one turn: one wins", (await call(url, "GET", `/conversations/${id}`)).turns[1].text === won);
  check("the other is told, and sees both", (await loser.locator(".both").innerText()).includes(won) && (await editor(loser).inputValue()) === lost);
  check("the winner's editor is closed", (await editor(winner).count()) === 0);
  await shot(loser, "two-browsers");
  await loser.locator(".choice .button", { hasText: "Keep that one" }).click();
  await loser.locator(".turn.mine .words", { hasText: won }).waitFor();
  check("who keeps the other's text has it", (await editor(loser).count()) === 0);
  await edits(loser, "a last word");
  await loser.keyboard.press("Control+Enter");
  await winner.locator(".turn.mine .words", { hasText: "a last word" }).waitFor();
  check("what one changes the other sees", true);
  // Both ask for another answer at the same moment: one or two come, and both see the same.
  await Promise.all([one, two].map((page) => page.locator(".turn.theirs").last().locator("[data-key^=again]").click()));
  const all = async () => (await call(url, "GET", `/conversations/${id}`)).turns[2];
  for (let i = 0; i < 100 && ((await all()).variants < 2 || (await all()).state !== "done"); i++) await one.waitForTimeout(50);
  const { variant, variants } = await all();
  await Promise.all([one, two].map((page) => page.locator(".ways", { hasText: `${variant + 1}/${variants}` }).waitFor()));
  check("two who ask for another answer at once see the same", variants === 2 || variants === 3);
  await one.context().close();
  await two.context().close();
}

async function twoPeople(url) {
  const id = await talked(url, "theo");
  const [ann, bob] = [await open(url, { address: `#/c/${id}` }), await open(url, { address: `#/c/${id}`, viewport: { width: 390, height: 844 } })];
  await bob.evaluate(() => localStorage.setItem("anima.person", "Bob"));
  await bob.reload();
  await say(ann, "I am Ann.");
  await settled(bob, "You said I am Ann.");
  await say(bob, "And I am Bob.");
  await settled(ann, "Bob: And I am Bob.");
  check("the model is told who speaks", true);
  for (const [page, name] of [[ann, "desktop"], [bob, "phone"]]) {
    const speakers = await page.locator(".turn.mine .speaker span:last-child").allInnerTexts();
    check(`several people have their names (${name})`, speakers.join() === "Ann,Bob", speakers);
    check(`and faces of their own (${name})`, new Set(await page.locator(".turn.mine .mark").evaluateAll((all) => all.map((e) => getComputedStyle(e).backgroundColor))).size === 2);
    await still(page);
    await shot(page, `people-${name}`);
  }
  const rows = (await call(url, "GET", "/cost?by=person")).rows.map((r) => r.name);
  check("and their costs", rows.includes("Ann") && rows.includes("Bob"), rows);
  await ann.locator(".costs button", { hasText: "Person" }).click();
  await ann.locator(".costs td", { hasText: "Bob" }).waitFor();
  check("the panel tells what each has cost", true);
  await ann.context().close();
  await bob.context().close();
}

// While words come: about how fast, in the panel; and a message that one can press although a dialog is open.
async function meanwhile(url) {
  const id = await talked(url, "mo", "hello");
  const page = await open(url, { address: `#/c/${id}` });
  await page.locator(".figures b").first().waitFor();
  await say(page, "slow please");
  await page.waitForFunction(() => /≈ \d/.test(document.querySelector(".figures div:first-child b")?.innerText) && /speaking/.test(document.querySelector(".panel").innerText));
  check("the panel tells how fast while words come", true);
  await shot(page, "panel-live");
  await settled(page, "word59.");
  await page.waitForFunction(() => !document.querySelector(".figures").innerText.includes("≈"));
  check("and the reply's own figures when it is over", true);
  await page.evaluate(async () => {
    const { toast } = await import(new URL("js/over.js", location.href));
    document.querySelector(".side .foot .button").click();
    toast("over the dialog", { keep: true, actions: [["Press", () => (window.pressed = true)]] });
  });
  await page.locator(".toast button", { hasText: "Press" }).click({ timeout: 3000 });
  check("a message over a dialog can be pressed", await page.evaluate(() => window.pressed));
  await page.context().close();
}

// The connection breaks three times in the middle of a reply: every word is there, once, in its place.
async function reconnects(url) {
  const id = await talked(url, "lin", "hello");
  const links = [];
  const page = await open(url, { address: `#/c/${id}` }, (p) => p.routeWebSocket(/\/ws$/, (socket) => links.push([socket, socket.connectToServer()])));
  await page.locator(".turn").nth(2).waitFor();
  await say(page, "slow please");
  for (const word of ["word5", "word20", "word40"]) {
    await settled(page, word);
    for (const side of links.at(-1)) await side.close();
  }
  await settled(page, "word59.");
  for (let i = 0; i < 200 && links.length < 4; i++) await page.waitForTimeout(50);
  await page.waitForFunction(() => document.querySelector(".turn.newest").getAttribute("aria-busy") === "false");
  check("a connection that breaks in mid-reply costs not a word", (await last(page).innerText()).trim() === LONG && links.length >= 4, `${links.length} ${await last(page).innerText()}`);
  await page.context().close();
}

// Somebody comes, and a conversation begins, before the page hears events, and again while its connection is gone: both are shown.
async function comesMeanwhile(url) {
  const card = (name) => ({ spec: "chara_card_v2", spec_version: "2.0", data: { name, description: "{{char}} is there.", first_mes: "Hello.", personality: "", scenario: "", mes_example: "" } });
  const bring = (name) => call(url, "POST", "/characters", card(name));
  let free, socket;
  const held = new Promise((r) => (free = r));
  const page = await open(url, {}, (p) => p.routeWebSocket(/\/ws$/, async (s) => {
    const said = [];
    let server = null;
    s.onMessage((m) => (server ? server.send(m) : said.push(m)));
    await held;
    server = s.connectToServer();
    socket = s;
    said.forEach((m) => server.send(m));
  }));
  await page.locator(".card[data-character=lin]").waitFor();
  const one = await bring("Early");
  await talked(url, one.character.id);
  free();
  const card1 = page.locator(".card", { hasText: "Early" });
  await card1.waitFor({ timeout: 10000 });
  await card1.locator("a.button.primary").waitFor({ timeout: 10000 });
  check("who comes before the page hears events is shown, with what was begun", true);
  await socket.close();
  await call(url, "DELETE", `/characters/${one.character.id}`);
  const two = await bring("Later");
  await page.locator(".card", { hasText: "Later" }).waitFor({ timeout: 10000 });
  await card1.waitFor({ state: "detached", timeout: 10000 });
  check("and who came and went while the connection was gone", true);
  await call(url, "DELETE", `/characters/${two.character.id}`);
  await page.context().close();
}

// A fork of one's own message is answered; a message that nobody answers offers it.
async function answers(url) {
  const id = await talked(url, "nora", "hello", "what now");
  const page = await open(url, { address: `#/c/${id}` });
  const own = page.locator(".turn.mine").first();
  await own.hover();
  await own.locator("[data-key^=more]").click();
  await page.locator(".menu button", { hasText: "Fork" }).click();
  await page.locator(".hero .from").waitFor();
  await settled(page, "You said hello");
  check("a fork of one's own message is answered at once", (await page.locator(".turn").count()) === 3);
  const fork = page.url().split("/").at(-1);
  await page.goto(`${url}#/c/${id}`);
  await page.locator(".turn.mine", { hasText: "what now" }).waitFor();
  await edits(page, "good evening");
  await page.locator(".editor .button", { hasText: "in a fork" }).click();
  await settled(page, "You said good evening");
  const before = (await call(url, "GET", `/conversations/${id}`)).turns;
  check("an older message with other words is asked in a fork; the original stays", before.length === 5 && before[1].text === "hello" && !page.url().includes(id));
  await page.goto(`${url}#/c/${fork}`);
  await settled(page, "You said hello");
  await call(url, "DELETE", `/conversations/${fork}/turns/3`);
  await page.locator("[data-key^=answer]").waitFor();
  await still(page);
  await shot(page, "unanswered");
  await page.locator("[data-key^=answer]").click();
  await settled(page, "You said hello");
  check("a message without an answer offers to be answered", (await page.locator("[data-key^=answer]").count()) === 0);
  await page.context().close();
}

async function limits() {
  const server = await serve("limits", 0, ["--set", "limit.person_tokens_per_day=30"]);
  for (const [locale, words, button] of [["en-GB", /today/i, "Try again"], ["zh-CN", /今天/, "再试一次"]]) {
    const page = await open(server.url, { locale });
    await page.locator(".card .button").first().click();
    await page.locator(write).waitFor();
    await say(page, locale === "zh-CN" ? "你好，再来一句" : "hello");
    if (locale !== "zh-CN") {
      await settled(page, "You said hello");
      await say(page, "once more");
    }
    await page.locator(".turn.newest.wrong .trouble").waitFor();
    await page.locator(".costs .small", { hasText: locale === "zh-CN" ? /^Ann：今天用了 \d+ \/ 30 个词元$/ : /^Ann: \d+ of 30 tokens today$/ }).waitFor();
    check(`the panel tells whose limit, and how much is left (${locale})`, true);
    await still(page);
    await shot(page, `limit-${locale.slice(0, 2)}`);
    const text = await page.locator(".turn.wrong").last().innerText();
    check(`a limit is told politely (${locale})`, words.test(text) && !/error|went wrong|出错/i.test(text), text);
    check(`what was written stays, and can be tried again (${locale})`, (await page.locator(".turn.mine").count()) >= 1 && (await page.locator(".tools .button", { hasText: button }).count()) === 1);
    await page.context().close();
  }
  await server.stop("SIGTERM");
}

export async function two() {
  const server = await serve("two");
  await sameTurn(server.url);
  await twoPeople(server.url);
  await meanwhile(server.url);
  await reconnects(server.url);
  await comesMeanwhile(server.url);
  await answers(server.url);
  await server.stop("SIGTERM");
  await limits();
}
