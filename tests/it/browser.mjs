// The page in a real Chromium against a real daemon with the script engine: node browser.mjs ANIMA NODE_MODULES [--shots DIR]
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";

const [anima, modules] = process.argv.slice(2);
const shots = process.argv.includes("--shots") ? process.argv[process.argv.indexOf("--shots") + 1] : null;
const { chromium } = createRequire(path.resolve(modules) + "/")("playwright-core");
const root = mkdtempSync(path.join(tmpdir(), "anima-browser-"));
const LONG = Array.from({ length: 60 }, (_, i) => `word${i}`).join(" ") + ".";
writeFileSync(`${root}/script.txt`, `match: it is me\nsay: So it is me, you say.\n\nmatch: slow\ndelay_ms: 40\nsay: ${LONG}\n\nmatch: break\nerror: engine the engine is ill\n\nmatch: markup\nsay: <b>not bold</b> **bold** \`code\`\\n\\n- one\\n- two\n\nsay: You said {last}. 好的。\n`);
let failed = 0;
const check = (name, good, why = "") => {
  console.log(good ? `ok ${name}` : `FAIL ${name} ${String(why).slice(0, 500)}`);
  failed += good ? 0 : 1;
};

async function serve(home, port = 0, more = []) {
  const child = spawn(anima, ["serve", "--home", `${root}/${home}`, "--set", `server.port=${port}`, "--set", `model.default=script:${root}/script.txt`, "--set", "person.name=Ann", ...more]);
  const url = await new Promise((resolve, reject) => {
    child.stdout.on("data", (d) => /http:\/\/\S+/.test(d) && resolve(String(d).match(/http:\/\/\S+/)[0]));
    child.on("exit", () => reject(new Error("anima serve ended")));
  });
  return { child, url, port: Number(new URL(url).port), stop: (signal) => new Promise((r) => (child.once("exit", r), child.kill(signal))) };
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"] });
const complaints = [];

async function open(url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "en-GB", ...options });
  const page = await context.newPage();
  page.on("console", (m) => m.type() === "error" && !/ERR_CONNECTION|WebSocket|Failed to load resource/.test(m.text()) && complaints.push(m.text()));
  page.on("pageerror", (e) => complaints.push(e.message));
  await page.goto(url);
  return page;
}

const say = async (page, text) => {
  await page.fill("textarea", text);
  await page.press("textarea", "Enter");
};
const last = (page) => page.locator(".turn:not(.mine) .bubble").last();
const settled = (page, text) => last(page).filter({ hasText: text }).waitFor({ timeout: 20000 });
const shot = async (page, name) => shots && (await page.screenshot({ path: `${shots}/${name}.png` }));

try {
  let server = await serve("home");
  let page = await open(server.url);
  await page.locator(".primary").click();
  await page.locator(".turn").first().waitFor();
  check("a new conversation begins with the greeting", /Lin/.test(await page.locator(".turn").first().innerText()));
  await say(page, "hello");
  await settled(page, "You said hello. 好的。");
  check("a message is answered", true);
  await say(page, "markup");
  await settled(page, "not bold");
  check("Markdown is shown, markup is not run", (await last(page).locator("b").count()) === 0 && (await last(page).locator("strong").innerText()) === "bold" && (await last(page).locator("li").count()) === 2);
  await say(page, "slow");
  await settled(page, "word3");
  check("words come one after the other", !(await last(page).innerText()).includes("word59"));
  await shot(page, "desktop-light-en");
  await page.locator(".send[aria-label=Stop]").click();
  await page.locator(".under", { hasText: "stopped" }).waitFor();
  check("stop", !(await last(page).innerText()).includes("word59"));
  await page.locator(".under button", { hasText: "Try again" }).click();
  await settled(page, "word59.");
  check("try again goes on to the end, nothing doubled", (await last(page).innerText()).trim() === LONG, await last(page).innerText());
  await say(page, "break");
  await page.locator(".under .bad", { hasText: "the engine is ill" }).waitFor();
  check("a failed reply says why", true);
  check("the panel tells what is going on", /tok\/s/.test(await page.locator(".panel").innerText()) && /yes/.test(await page.locator(".panel").innerText()), await page.locator(".panel").innerText());
  const count = await page.locator(".turn").count();
  await page.reload();
  await page.locator(".turn").nth(count - 1).waitFor();
  check("a reload keeps everything", (await page.locator(".turn").count()) === count);

  await page.selectOption(".as select", "");
  await page.fill(".as input", "Bob");
  await page.press(".as input", "Enter");
  await say(page, "it is me");
  await settled(page, "it is me");
  check("another person has a name", /Bob/.test(await page.locator(".turn.mine .bubble").last().innerText()));

  await say(page, "slow again");
  await settled(page, "word5");
  await server.stop("SIGKILL");
  await page.locator(".notice", { hasText: "connection is gone" }).waitFor({ timeout: 10000 });
  check("a lost connection is shown", true);
  await say(page, "written while away");
  server = await serve("home", server.port);
  await page.locator(".turn.mine", { hasText: "written while away" }).waitFor();
  await page.waitForFunction((text) => [...document.querySelectorAll(".turn:not(.mine) .bubble")].filter((b) => b.innerText.trim() === text).length >= 2, LONG, { timeout: 30000 });
  check("killed in mid-reply: after the restart the reply completes, once", true);
  await page.waitForFunction(() => [...document.querySelectorAll(".turn:not(.mine) .bubble")].some((b) => b.innerText.includes("written while away. 好的。")), null, { timeout: 20000 });
  check("what was written meanwhile is sent, once", (await page.locator(".turn.mine", { hasText: "written while away" }).count()) === 1);
  await page.locator(".foot .chip", { hasText: "中文" }).click();
  check("the other language", /发送|写给/.test(await page.locator("textarea").getAttribute("placeholder")));
  await page.keyboard.press("Tab");
  check("the keyboard has somewhere to go", await page.evaluate(() => document.activeElement !== document.body));
  const policy = (await page.request.get(server.url)).headers()["content-security-policy"];
  check("a strict content security policy", /default-src 'none'/.test(policy) && !/unsafe/.test(policy), policy);

  for (const [name, options] of [["phone-dark-zh", { viewport: { width: 390, height: 780 }, locale: "zh-CN", colorScheme: "dark", isMobile: true, hasTouch: true }],
    ["phone-small-en", { viewport: { width: 320, height: 568 }, isMobile: true, hasTouch: true }], ["desktop-dark-zh", { locale: "zh-CN", colorScheme: "dark" }]]) {
    const other = await open(server.url, options);
    await other.locator(".turn").first().waitFor();
    check(`${name}: nothing is wider than the screen`, await other.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    check(`${name}: colours follow the system`, (await other.evaluate(() => document.documentElement.dataset.theme)) === (options.colorScheme ?? "light"));
    await shot(other, name);
    if (options.isMobile) {
      await other.locator(".only-phone").tap();
      await other.locator(".side.open .row").first().waitFor();
      await other.waitForTimeout(300);
      check(`${name}: the lists come as a drawer`, true);
      await shot(other, `${name}-lists`);
    }
    await other.context().close();
  }
  await server.stop("SIGTERM");

  writeFileSync(`${root}/token`, "open sesame\n");
  const guarded = await serve("guarded", 0, ["--set", `server.token_file=${root}/token`]);
  const locked = await open(guarded.url);
  await locked.locator(".login input").fill("wrong");
  await locked.keyboard.press("Enter");
  await locked.getByText("That is not it.").waitFor();
  await shot(locked, "login");
  await locked.locator(".login input").fill("open sesame");
  await locked.keyboard.press("Enter");
  await locked.locator(".primary").waitFor();
  check("a password opens the page", true);
  await guarded.stop("SIGTERM");
  check("no complaints in the console", complaints.length === 0, complaints.join(" | "));
} catch (error) {
  check("the browser test ran to its end", false, error.stack);
} finally {
  await browser.close();
  rmSync(root, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
