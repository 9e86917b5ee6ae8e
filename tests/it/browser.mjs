// The page in a real Chromium against a real daemon with the script engine: node browser.mjs ANIMA NODE_MODULES [--shots DIR]
// The parts are in page_*.mjs; screenshots are left in build/screens to be looked at.
import { writeFileSync } from "node:fs";
import { LONG, check, complaints, end, failed, last, open, root, say, serve, settled, shot, still } from "./page_kit.mjs";
import { blind } from "./page_blind.mjs";
import { cards } from "./page_cards.mjs";
import { forget } from "./page_forget.mjs";
import { looks } from "./page_looks.mjs";
import { documents } from "./page_documents.mjs";
import { memory } from "./page_memory.mjs";
import { newcomer } from "./page_newcomer.mjs";
import { safe } from "./page_safe.mjs";
import { talks } from "./page_talks.mjs";
import { timelines } from "./page_timelines.mjs";
import { topics } from "./page_topics.mjs";
import { turns } from "./page_turns.mjs";
import { two } from "./page_two.mjs";
import { ways } from "./page_ways.mjs";
import { working } from "./page_working.mjs";

async function base() {
  let server = await serve("home");
  const page = await open(server.url);
  await page.locator(".card .primary").first().click();
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
  await page.locator(".send[aria-label=Stop]").click();
  await page.locator(".tools", { hasText: "stopped" }).waitFor();
  check("stop", !(await last(page).innerText()).includes("word59"));
  await page.locator(".tools .button", { hasText: "Go on" }).click();
  await settled(page, "word59.");
  check("try again goes on to the end, nothing doubled", (await last(page).innerText()).trim() === LONG, await last(page).innerText());
  await say(page, "break");
  await page.locator(".trouble.bad", { hasText: "the engine is ill" }).waitFor();
  check("a failed reply says why", true);
  await shot(page, "talk-failed");
  const figures = await page.locator(".panel").innerText();
  check("the panel tells what is going on", /tokens a second/.test(figures) && /script/.test(figures), figures);
  const count = await page.locator(".turn").count();
  await page.reload();
  await page.locator(".turn").nth(count - 1).waitFor();
  check("a reload keeps everything, and the place", (await page.locator(".turn").count()) === count);

  await page.locator(".as").click();
  await page.locator(".menu button", { hasText: "Somebody else" }).click();
  await page.fill("dialog .field", "Bob");
  await page.press("dialog .field", "Enter");
  await page.locator("dialog").waitFor({ state: "detached" });
  await say(page, "it is me");
  await settled(page, "it is me");
  check("another person has a name", /Bob/.test(await page.locator(".turn.mine").last().innerText()));

  await say(page, "slow again");
  await settled(page, "word5");
  await server.stop("SIGKILL");
  await page.locator(".notice", { hasText: "connection is gone" }).waitFor({ timeout: 10000 });
  check("a lost connection is shown", true);
  await say(page, "written while away");
  await still(page);
  await shot(page, "talk-offline");
  server = await serve("home", server.port);
  await page.locator(".turn.mine", { hasText: "written while away" }).waitFor();
  await page.waitForFunction((text) => [...document.querySelectorAll(".turn.theirs .words")].filter((b) => b.innerText.trim() === text).length >= 2, LONG, { timeout: 30000 });
  check("killed in mid-reply: after the restart the reply completes, once", true);
  await page.waitForFunction(() => [...document.querySelectorAll(".turn.theirs .words")].some((b) => b.innerText.includes("written while away. 好的。")), null, { timeout: 20000 });
  check("what was written meanwhile is sent, once", (await page.locator(".turn.mine", { hasText: "written while away" }).count()) === 1);
  const policy = (await page.request.get(server.url)).headers()["content-security-policy"];
  check("a strict content security policy", /default-src 'none'/.test(policy) && !/unsafe/.test(policy), policy);
  await page.context().close();
  await server.stop("SIGTERM");
}

async function password() {
  writeFileSync(`${root}/token`, "open sesame\n");
  const guarded = await serve("guarded", 0, ["--set", `server.token_file=${root}/token`]);
  const locked = await open(guarded.url);
  await locked.locator(".login input").fill("wrong");
  await locked.keyboard.press("Enter");
  await locked.getByText("That is not it.").waitFor();
  await shot(locked, "login");
  await locked.locator(".login input").fill("open sesame");
  await locked.keyboard.press("Enter");
  await locked.locator(".card").first().waitFor();
  check("a password opens the page", true);
  await guarded.stop("SIGTERM");
  // Nobody answers at all: the page says so and comes back by itself.
  const server = await serve("alone");
  const page = await open(server.url);
  await page.locator(".card").first().waitFor();
  await page.route("**/api/v1/status", (r) => r.abort());
  await page.reload();
  await page.getByText("anima cannot be reached").waitFor();
  await shot(page, "unreachable");
  await page.unroute("**/api/v1/status");
  await page.locator(".card").first().waitFor({ timeout: 8000 });
  check("a page without its server says so, and comes back by itself", true);
  await page.context().close();
  await server.stop("SIGTERM");
}

const only = process.argv.includes("--only") ? process.argv[process.argv.indexOf("--only") + 1].split(",") : null;
for (const [name, part] of Object.entries({ base, newcomer, turns, two, talks, timelines, ways, memory, forget, topics, working, documents, blind, cards, safe, looks, password })) {
  if (only && !only.includes(name)) continue;
  try {
    await part();
  } catch (error) {
    check(`the ${name} part ran to its end`, false, error.stack);
  }
  check(`${name}: no complaints in the console, nothing asked elsewhere`, complaints.length === 0, complaints.splice(0).join(" | "));
}
await end();
process.exit(failed() ? 1 : 0);
