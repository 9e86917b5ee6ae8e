// The timelines: the tree of forks, going there, living another branch, comparing; by mouse, keys and finger, in both languages.
import { call, check, open, serve, settled, shot, still, talked } from "./page_kit.mjs";

const fits = (page) => page.evaluate(() => [...document.querySelectorAll("dialog, dialog .sheet")].every((e) => e.scrollWidth <= e.clientWidth + 1) && document.documentElement.scrollWidth <= innerWidth);

// A trunk of four exchanges; three branches of it, one of which has a branch of its own.
async function grow(url) {
  const root = await talked(url, "lin", "Is anybody there?", "Which shelf?", "下雨天读什么书好？", "Good night");
  const fork = async (id, seq, title, ...texts) => {
    const made = (await call(url, "POST", `/conversations/${id}/fork`, { seq, title })).conversation.id;
    for (const text of texts) {
      const { reply } = await call(url, "POST", `/conversations/${made}/messages`, { text });
      for (let i = 0; i < 200 && !["done", "failed"].includes((await call(url, "GET", `/conversations/${made}?after=${reply - 1}`)).turns[0]?.state); i++) await new Promise((r) => setTimeout(r, 30));
    }
    return made;
  };
  const ferry = await fork(root, 5, "The one about the ferry", "The thin one, please", "And who steers it?");
  const rain = await fork(root, 5, "如果下雨", "要是一直下雨呢？");
  const twig = await fork(ferry, 7, "Nobody steers", "Nobody does, I think.");
  const late = await fork(root, 7, "", "你写过信吗？");
  return { root, ferry, rain, twig, late };
}

const lines = (page) => page.locator(".rails a").allInnerTexts();

async function tree(page, ids) {
  await page.locator("[data-key=timelines]").click();
  await page.locator("dialog .rails").waitFor();
  await still(page);
  await shot(page, "timelines");
  const all = await lines(page);
  check("every branch is there once, and the turns at which they left", all.filter((x) => /messages/.test(x)).length === 5 && (await page.locator(".place").count()) === 3, all.join(" / "));
  check("a branch tells its own first words", all.some((x) => x.includes("The one about the ferry") && x.includes("The thin one, please")));
  check("a turn at which others left shows its words", (await page.locator(".place").first().innerText()).includes("The first shelf is the one"));
  check("a fork stands below the turn at which it left", (await page.locator(`.place:has(> .forks a[data-key=branch${ids.twig}])`).first().innerText()).includes("You said The thin one"));
  check("where one is, is said, and has the focus", (await page.locator(".rails .current [aria-current=page]").count()) === 1 && (await page.evaluate(() => document.activeElement.dataset.key)) === `branch${ids.twig}`);
  check("the way that led here is lit, and no other", (await page.locator(".branch.lit").count()) === 3 && (await page.locator(`.branch.lit > .node [data-key=branch${ids.rain}]`).count()) === 0);
}

async function goes(page, ids) {
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowDown");
  check("arrows go from line to line", (await page.evaluate(() => document.activeElement.dataset.key)) === `place${ids.root}-5`);
  await page.keyboard.press("Enter");
  await page.locator(".turn.jumped").waitFor();
  check("a turn leads to the turn itself", page.url().endsWith(ids.root) && (await page.locator(".turn.jumped").getAttribute("data-seq")) === "5");
  await page.locator(".turns").focus();
  await page.keyboard.press("b");
  await page.locator(`.rails a[data-key=branch${ids.rain}]`).click();
  await page.waitForURL((u) => u.hash.endsWith(ids.rain));
  await settled(page, "把水烧上");
  check("a branch leads to the branch", (await page.locator("dialog").count()) === 0);
}

async function compares(page, ids) {
  await page.keyboard.press("Escape");
  await page.locator("[data-key=timelines]").click();
  await page.locator(`[data-key=compare${ids.twig}]`).click();
  await page.locator(".both-sides").waitFor();
  await still(page);
  await shot(page, "timelines-compare");
  const [left, right] = await page.locator(".side-by-side").allInnerTexts();
  check("side by side: from where they part, each with its own words", left.includes("要是一直下雨呢？") && right.includes("The thin one, please") && right.includes("Nobody does") && !left.includes("Which shelf?") && !right.includes("Which shelf?"), `${left} / ${right}`);
  check("and the last words they share above", (await page.locator(".same").innerText()).includes("The first shelf is the one"));
  check("the focus leads back", (await page.evaluate(() => document.activeElement.dataset.key)) === "back");
  await page.keyboard.press("Enter");
  await page.locator(".rails").waitFor();
  check("back to the tree, where one was", (await page.evaluate(() => document.activeElement.dataset.key)) === `compare${ids.twig}`);
  await page.locator(`[data-key=compare${ids.root}]`).click();
  await page.locator(".side-by-side").nth(1).locator("a.button").click();
  await page.locator(".turn.jumped").waitFor();
  check("and from there into the other", page.url().endsWith(ids.root) && (await page.locator(".turn.jumped").getAttribute("data-seq")) === "6");
}

async function lives(page, url, ids) {
  const before = (await call(url, "GET", `/conversations/${ids.root}/tree`)).timelines.length;
  const turn = page.locator(".turn.theirs").nth(1);
  await turn.hover();
  await turn.locator("[data-key^=more]").click();
  await page.locator(".menu button", { hasText: "Timelines" }).click();
  await page.locator(".place.asked").waitFor();
  await still(page);
  await shot(page, "timelines-here");
  check("from a turn: it stands in the tree, and is where one begins", (await page.locator(".place.asked").innerText()).includes("You said Is anybody there?") && (await page.evaluate(() => document.activeElement.closest(".asked") !== null)));
  await page.locator(".place.asked [data-key^=fork]").click();
  await page.locator(".toast", { hasText: "fork" }).waitFor();
  const { timelines } = await call(url, "GET", `/conversations/${ids.root}/tree`);
  const made = timelines.at(-1).conversation;
  check("another branch is lived from there", timelines.length === before + 1 && page.url().endsWith(made.id) && made.parent.seq === 3 && made.turns === 3, JSON.stringify(made));
  // From a turn of another branch, and one that a person said: then it is answered.
  await page.locator("[data-key=timelines]").click();
  await page.locator(`[data-key=fork${ids.ferry}-7]`).click();
  await page.waitForURL((u) => !u.href.endsWith(made.id));
  const again = (await call(url, "GET", `/conversations/${ids.root}/tree`)).timelines.at(-1).conversation;
  check("of any branch", again.parent.id === ids.ferry && again.parent.seq === 7 && page.url().endsWith(again.id), JSON.stringify(again));
}

async function alone(url) {
  const id = await talked(url, "theo", "hello");
  const page = await open(url, { address: `#/c/${id}` });
  await page.locator(".turn").nth(2).waitFor();
  await page.keyboard.press("Escape");
  await page.locator("[data-key=talkmenu]").click();
  await page.locator(".menu button", { hasText: "Timelines" }).click();
  await page.locator("dialog", { hasText: "There is one timeline so far" }).waitFor();
  check("a conversation without branches is one line", (await page.locator(".rails a").count()) === 1);
  await page.context().close();
}

async function sizes(url, ids) {
  const looks = [["desktop", "dark", "zh-CN", { viewport: { width: 1440, height: 900 } }], ["tablet", "light", "en-GB", { viewport: { width: 820, height: 1180 }, hasTouch: true }],
    ["phone", "light", "zh-CN", { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }], ["phone", "dark", "en-GB", { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }],
    ["smallest", "light", "en-GB", { viewport: { width: 320, height: 568 }, isMobile: true, hasTouch: true }]];
  for (const [size, colorScheme, locale, options] of looks) {
    const name = `${size}-${colorScheme}-${locale.slice(0, 2)}`;
    const page = await open(url, { address: `#/c/${ids.twig}`, colorScheme, locale, ...options });
    await page.locator(".turn").nth(4).waitFor();
    if (options.isMobile) {
      await page.locator("[data-key=talkmenu]").tap();
      await page.locator(".menu .i-rails").tap();
    } else await page.locator("[data-key=timelines]").click();
    await page.locator(".rails .current").waitFor();
    await still(page);
    await shot(page, `timelines-${name}`);
    check(`${name}: the tree fits`, await fits(page));
    const small = await page.evaluate((least) => [...document.querySelectorAll("dialog button, dialog a")].filter((e) => !(e.getAttribute("aria-label") || e.textContent.trim()) || e.getBoundingClientRect().height < least).map((e) => e.outerHTML.slice(0, 80)), options.hasTouch ? 30 : 24);
    check(`${name}: controls have names and are large enough`, small.length === 0, small.join("; "));
    await page.locator(`[data-key=compare${ids.root}]`).click();
    await page.locator(".both-sides").waitFor();
    await still(page);
    await shot(page, `compare-${name}`);
    const tops = await page.locator(".side-by-side").evaluateAll((all) => all.map((e) => e.getBoundingClientRect().top));
    check(`${name}: two branches fit, ${options.isMobile ? "one above the other" : "side by side"}`, (await fits(page)) && (tops[0] === tops[1]) === !options.isMobile, String(tops));
    await page.context().close();
  }
}

export async function timelines() {
  const server = await serve("timelines");
  const ids = await grow(server.url);
  const page = await open(server.url, { address: `#/c/${ids.twig}` });
  await page.locator(".turn").nth(4).waitFor();
  await still(page);
  await tree(page, ids);
  await goes(page, ids);
  await compares(page, ids);
  await sizes(server.url, ids);
  await lives(page, server.url, ids);
  await alone(server.url);
  await page.context().close();
  await server.stop("SIGTERM");
}
