// What the page's tests share: a daemon with the script engine, a Chromium, checks, screenshots.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const [anima, modules] = process.argv.slice(2);
const { chromium } = createRequire(path.resolve(modules) + "/")("playwright-core");
// Screenshots are kept to be looked at: in build/screens, or where --shots says.
const shots = process.argv.includes("--shots") ? process.argv[process.argv.indexOf("--shots") + 1] : path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../build/screens");
mkdirSync(shots, { recursive: true });

export const root = mkdtempSync(path.join(tmpdir(), "anima-browser-"));
export const LONG = Array.from({ length: 60 }, (_, i) => `word${i}`).join(" ") + ".";
export const LETTER = "*puts the kettle on* The first shelf is the one nobody looks at, so that is where I keep the good ones.\\n\\nThree for a rainy evening:\\n\\n- a thin novel about a ferry\\n- a detective who cannot stand blood\\n- letters of a cook to her brother\\n\\nWhich one shall I fetch?";
export const LETTER_ZH = "*把水烧上* 没人看的那一层，我才放好书。\\n\\n下雨的晚上可以读这三本：\\n\\n- 一本薄薄的、讲渡船的小说\\n- 一位见不得血的侦探\\n- 厨子写给弟弟的信\\n\\n要我先拿哪一本给你？";
const WAYS = `match: slow ways\nstream: -k1\nsay: Quick.\n\nmatch: slow ways\nstream: -k2\ndelay_ms: 60\nsay: ${LONG}\n\nmatch: slow ways\nstream: -k3\nfirst_ms: 30000\nsay: Late.\n\nmatch: slow ways\nsay: Here it is.\n\n`
  + "match: ways\nstream: -k1\ndelay_ms: 25\nsay: Under the stairs, third box from the left; mind the lamp, it has been leaning since March.\n\nmatch: ways\nstream: -k2\ndelay_ms: 25\nsay: By the window. *points* I put it there so that somebody would ask.\n\n"
  + "match: ways\nstream: -k3\ndelay_ms: 25\nsay: 地图就压在那本旧历书下面，走的时候记得把灯关上。\n\n";
writeFileSync(`${root}/script.txt`, `${WAYS}match: it is me\nsay: So it is me, you say.\n\nmatch: slow\ndelay_ms: 40\nsay: ${LONG}\n\nmatch: break\nerror: engine the engine is ill\n\n`
  + `match: markup\nsay: <b>not bold</b> **bold** \`code\`\\n\\n- one\\n- two\n\nmatch: shelf\nsay: ${LETTER}\n\nmatch: 书\nsay: ${LETTER_ZH}\n\nsay: You said {last}. 好的。\n`);

let failures = 0;
export const failed = () => failures;
export function check(name, good, why = "") {
  console.log(good ? `ok ${name}` : `FAIL ${name} ${String(why).slice(0, 500)}`);
  failures += good ? 0 : 1;
}

export async function serve(home, port = 0, more = []) {
  const child = spawn(anima, ["serve", "--home", `${root}/${home}`, "--set", `server.port=${port}`, "--set", `model.default=script:${root}/script.txt`, "--set", "person.name=Ann", ...more]);
  const url = await new Promise((resolve, reject) => {
    child.stdout.on("data", (d) => /http:\/\/\S+/.test(d) && resolve(String(d).match(/http:\/\/\S+/)[0]));
    child.on("exit", () => reject(new Error("anima serve ended")));
  });
  return { child, url, port: Number(new URL(url).port), stop: (signal) => new Promise((r) => (child.once("exit", r), child.kill(signal))) };
}

export const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"] });
export const complaints = [];

// Opens the page; whatever it complains of, and whatever it asks of anybody else, is written down.
export async function open(url, options = {}, prepare = null) {
  const { address = "", ...rest } = options;
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "en-GB", permissions: ["clipboard-read", "clipboard-write"], ...rest });
  const page = await context.newPage();
  page.on("console", (m) => m.type() === "error" && !/ERR_CONNECTION|WebSocket|Failed to load resource/.test(m.text()) && complaints.push(m.text()));
  page.on("pageerror", (e) => complaints.push(e.message));
  page.on("request", (r) => !r.url().startsWith(url) && !/^(data|blob):/.test(r.url()) && complaints.push(`asked elsewhere: ${r.url()}`));
  await prepare?.(page);
  await page.goto(url + address);
  return page;
}

export const write = "textarea[data-key=write]";
export async function say(page, text) {
  await page.fill(write, text);
  await page.press(write, "Enter");
}
export const last = (page) => page.locator(".turn.theirs .words").last();
export const settled = (page, text) => last(page).filter({ hasText: text }).waitFor({ timeout: 20000 });
export const shot = (page, name) => page.screenshot({ path: `${shots}/${name}.png` });
export const still = (page) => page.waitForTimeout(450); // until what moves has come to rest

// A conversation by the API, so that a test need not click through it.
export async function call(url, method, route, body) {
  const answer = await fetch(`${url.replace(/\/$/, "")}/api/v1${route}`, { method, headers: { "Content-Type": "application/json" }, body: body === undefined ? undefined : JSON.stringify(body) });
  return { status: answer.status, ...(await answer.json().catch(() => ({}))) };
}
export async function talked(url, character, ...messages) {
  const { conversation } = await call(url, "POST", "/conversations", { character });
  for (const text of messages) {
    const { reply } = await call(url, "POST", `/conversations/${conversation.id}/messages`, { text });
    for (let i = 0; i < 200; i++) {
      const { turns } = await call(url, "GET", `/conversations/${conversation.id}?after=${reply - 1}`);
      if (turns[0] && !["waiting", "streaming"].includes(turns[0].state)) break;
      await new Promise((r) => setTimeout(r, 30));
    }
  }
  return conversation.id;
}

export async function end() {
  await browser.close();
  rmSync(root, { recursive: true, force: true });
}
