// A character with script, markup and addresses in every field, and a conversation full of them: nothing runs, nothing loads.
import { mkdirSync, writeFileSync } from "node:fs";
import { call, check, last, open, root, say, serve, settled, shot, still } from "./page_kit.mjs";

const EVIL = [`<script>window.ran=1</script>`, `<img src=x onerror="window.ran=2">`, `<svg onload="window.ran=3">`, `<iframe src="javascript:parent.ran=4"></iframe>`, `[x](javascript:window.ran=5)`, `javascript:window.ran=6`,
  `<a href="javascript:window.ran=7">x</a>`, `"><body onpageshow=window.ran=8>`, `![x](http://203.0.113.7/beacon.png)`, `<style>@import "http://203.0.113.7/x.css"</style>`, `<link rel=stylesheet href=http://203.0.113.7/y.css>`].join(" ");
// A picture that tries, too: in an <img> its script never runs and it loads nothing.
const PORTRAIT = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 100 100" onload="top.ran=9"><script>top.ran=10</script><rect width="100" height="100" fill="#846"/><image xlink:href="http://203.0.113.7/z.png" width="9" height="9"/><foreignObject width="9" height="9"><img xmlns="http://www.w3.org/1999/xhtml" src="x" onerror="top.ran=11"/></foreignObject></svg>`;

function place(home) {
  const folder = `${root}/${home}/characters/evil`;
  mkdirSync(folder, { recursive: true });
  const line = EVIL.replaceAll(/\s+/g, " ");
  writeFileSync(`${folder}/character.ini`, `[character]\nname = <b onclick=ran=1>E</b>\nlanguage = en\ntagline.zh = ${line}\ntagline.en = ${line}\ngreeting.zh = ${line}\ngreeting.en = ${line}\n`);
  for (const f of ["persona.en.md", "persona.zh.md"]) writeFileSync(`${folder}/${f}`, `You are evil.\n${EVIL}\n`);
  writeFileSync(`${folder}/portrait.svg`, PORTRAIT);
}

const card = { spec: "chara_card_v2", spec_version: "2.0", data: Object.fromEntries(["name", "description", "personality", "scenario", "first_mes", "mes_example", "creator_notes", "system_prompt", "post_history_instructions", "creator", "character_version"].map((k) => [k, k === "name" ? `Eve <img src=x onerror=ran=1>` : EVIL])) };
card.data.tags = [EVIL];
card.data.alternate_greetings = [EVIL, EVIL];

const clean = (page) => page.evaluate(() => window.ran === undefined && document.querySelectorAll("iframe, object, embed, script:not([src^='js/']), a[href^='javascript' i], [onerror], [onclick], [onload]").length === 0);

export async function safe() {
  place("safe");
  const server = await serve("safe");
  const page = await open(server.url);
  let dialogs = 0;
  page.on("dialog", (d) => (dialogs++, d.dismiss()));
  await page.locator(".card").nth(4).waitFor();
  if ("greetings" in (await call(server.url, "GET", "/characters")).characters[0]) {
    const answer = await fetch(`${server.url.replace(/\/$/, "")}/api/v1/characters`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(card) });
    check("the card of a stranger is taken or refused, in words", answer.status === 201 || Boolean((await answer.json()).error?.message), answer.status);
    if (answer.status === 201) {
      const eve = page.locator(".card[data-character]", { hasText: "Eve <img" });
      await eve.waitFor();
      await eve.hover();
      await eve.locator(".more").click();
      await page.locator(".menu button", { hasText: "About" }).click();
      await page.locator("dialog").waitFor();
      await still(page);
      await shot(page, "safe-about");
      check("about a stranger: only text", await clean(page));
      await page.keyboard.press("Escape");
      await eve.locator(".button.primary").click();
      await page.locator(".turn").first().waitFor();
      check("greetings of a stranger: only text", await clean(page));
      await page.locator(".brand .home").click();
    }
  }
  const evil = page.locator('.card[data-character="evil"]');
  await evil.waitFor();
  await still(page);
  await shot(page, "safe-home");
  check("its name is text", (await evil.locator("h2").innerText()).includes("<b onclick=ran=1>"));
  await evil.locator(".button.primary").click();
  await page.locator(".turn").first().waitFor();
  await say(page, EVIL);
  await settled(page, "You said");
  check("what one writes and what comes back is text", (await page.locator(".turn.mine .words").last().innerText()).includes("<script>"));
  check("only web addresses become links", await last(page).evaluate((e) => [...e.querySelectorAll("a")].every((a) => /^https?:$/.test(a.protocol) && a.rel.includes("noreferrer"))));
  await still(page);
  await shot(page, "safe-talk");
  await page.locator(".turn .words").first().click();
  await page.locator(".hero .face").click();
  check("nothing runs, no element was made of it", (await clean(page)) && dialogs === 0);
  const portrait = await page.request.get(new URL("api/v1/characters/evil/portrait", server.url).href);
  check("its picture comes with a policy of its own", /default-src 'none'/.test(portrait.headers()["content-security-policy"] ?? ""));
  await page.context().close();
  await server.stop("SIGTERM");
}
