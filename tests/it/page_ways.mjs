// Three ways to say the last reply: asked for by button and key, side by side as they come, one taken, stopped, left; after a reload, too.
import { call, check, open, say, serve, settled, shot, still, talked } from "./page_kit.mjs";

const shown = (page) => page.locator(".turn.newest .words").innerText();
const take = (page, n) => page.locator(`.way[data-way="${n}"] .button`);
const variants = async (url, id) => (await call(url, "GET", `/conversations/${id}/turns/3/variants`)).variants.map((v) => v.text);

async function taken(page, url, id) {
  const old = await shown(page);
  await page.locator(".turn.newest [data-key^=three]").click();
  await page.locator(".way").nth(2).waitFor();
  await page.locator(".way .words", { hasText: "Under the stairs" }).waitFor();
  check("three stand side by side while they come", (await page.locator(".way[aria-busy=true]").count()) >= 1 && (await shown(page)) === old);
  check("meanwhile it cannot be asked for again", (await page.locator(".turn.newest [data-key^=three], .turn.newest [data-key^=again]").count()) === 0);
  await shot(page, "ways-coming");
  await page.locator(".several", { hasText: "Take one" }).waitFor({ timeout: 20000 });
  await still(page);
  await shot(page, "ways");
  check("afterwards it can", (await page.locator(".turn.newest [data-key^=three]").count()) === 1);
  check("each says its own words", new Set(await page.locator(".way .words").allInnerTexts()).size === 3);
  check("the end is announced", (await page.locator("[aria-live=polite].unseen").textContent()).includes("Take one"));
  await take(page, 2).click();
  await page.locator(".several").waitFor({ state: "detached" });
  check("one is taken: the reply says it, the others are alternatives", (await shown(page)).includes("By the window") && (await page.locator(".ways", { hasText: "3/4" }).count()) === 1 && (await variants(url, id)).length === 4, await variants(url, id));
  check("the focus is on the reply", await page.evaluate(() => document.activeElement.matches(".turn.newest")));
}

async function byKeys(page, url, id) {
  await page.keyboard.press("t");
  await page.locator(".several", { hasText: "Take one" }).waitFor({ timeout: 20000 });
  await page.keyboard.press("1");
  await page.locator(".several").waitFor({ state: "detached" });
  check("by keys: T asks, 1 takes", (await shown(page)).includes("Under the stairs") && (await variants(url, id)).length === 7);
  await page.keyboard.press("t");
  await page.locator(".several", { hasText: "Take one" }).waitFor({ timeout: 20000 });
  await page.locator("[data-key=leaveways]").click();
  await page.locator(".several").waitFor({ state: "detached" });
  check("none need be taken: the reply is as it was", (await shown(page)).includes("Under the stairs") && (await page.locator(".ways", { hasText: "5/10" }).count()) === 1, await page.locator(".ways").last().innerText());
}

// One that has come is taken while another is still coming.
async function early(page, url) {
  const id = await talked(url, "lin", "slow ways, please");
  await page.goto(`${url}#/c/${id}`);
  await page.locator(".turn.newest [data-key^=three]").click();
  await page.locator(".way[data-way='1'] .words", { hasText: "Quick." }).waitFor();
  await page.locator(".way[data-way='2'] .words", { hasText: "word5" }).waitFor();
  await take(page, 1).click();
  await page.locator(".several").waitFor({ state: "detached", timeout: 5000 });
  const all = await variants(url, id);
  check("taken before the others have ended: they stop, what was said stays", (await shown(page)) === "Quick." && all.length === 3 && all[2].startsWith("word0") && !all[2].includes("word59"), JSON.stringify(all));
  // A reload in the middle; stopped by the button that stops everything.
  await page.locator(".turn.newest [data-key^=three]").click();
  await page.locator(".way[data-way='2'] .words", { hasText: "word5" }).waitFor();
  await page.reload();
  await page.locator(".way[data-way='2'] .words", { hasText: "word5" }).waitFor();
  check("a reload in the middle shows them as they are", (await page.locator(".way").count()) === 3);
  await page.locator(".send[aria-label=Stop]").click();
  await page.locator(".several", { hasText: "Take one" }).waitFor();
  check("stop stops all", !(await page.locator(".way[data-way='2'] .words").innerText()).includes("word59") && (await take(page, 3).isDisabled()));
  await say(page, "and on we go");
  await settled(page, "You said and on we go");
  check("whoever goes on leaves them", (await page.locator(".several").count()) === 0);
}

async function sizes(url, id) {
  for (const [size, colorScheme, locale, options] of [["desktop", "dark", "zh-CN", { viewport: { width: 1440, height: 900 } }], ["phone", "light", "zh-CN", { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }],
    ["smallest", "dark", "en-GB", { viewport: { width: 320, height: 568 }, isMobile: true, hasTouch: true }]]) {
    const name = `${size}-${colorScheme}-${locale.slice(0, 2)}`;
    const page = await open(url, { address: `#/c/${id}`, colorScheme, locale, ...options });
    if (options.isMobile) {
      await page.locator(".turn.newest [data-key^=more]").tap();
      await page.locator(".menu .i-ways").tap();
    } else await page.locator(".turn.newest [data-key^=three]").click();
    await page.locator(".way .button:not([disabled])").nth(2).waitFor({ timeout: 20000 });
    await page.locator(".several .i-close").waitFor();
    await still(page);
    await shot(page, `ways-${name}`);
    const boxes = await page.locator(".way").evaluateAll((all) => all.map((e) => e.getBoundingClientRect().top));
    check(`${name}: three ways fit, ${options.isMobile ? "one above the other" : "side by side"}`, (await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth && document.querySelector(".turns").scrollWidth <= document.querySelector(".turns").clientWidth)) && (boxes[0] === boxes[2]) === !options.isMobile, String(boxes));
    await page.locator("[data-key=leaveways]").click();
    await page.context().close();
  }
}

export async function ways() {
  const server = await serve("ways");
  const id = await talked(server.url, "lin", "In which ways can one get to the map?");
  const page = await open(server.url, { address: `#/c/${id}` });
  await page.locator(".turn.newest .words").waitFor();
  await still(page);
  await page.locator(".turns").focus();
  await taken(page, server.url, id);
  await byKeys(page, server.url, id);
  await early(page, server.url);
  await sizes(server.url, await talked(server.url, "lin", "In which ways can one get to the map?"));
  await page.context().close();
  await server.stop("SIGTERM");
}
