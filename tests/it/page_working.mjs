// What is on a character's mind of a person, in the page: both sides with age and the words that show them; set by hand, corrected, deleted; in both
// languages, light and dark.
import { writeFileSync } from "node:fs";
import { call, check, open, root, serve, shot, still } from "./page_kit.mjs";

const SCRIPT = `stream: w-mood
say: A

stream: w-intent
say: A

match: cinema
say: OK, let's do that.

match: interview
say: I'll ask you about the interview tomorrow, right after I have opened the shop and put the kettle on. Are you ready for it?

say: Well, well.
`;
const SIZES = { desktop: { viewport: { width: 1440, height: 900 } }, phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true } };
const dialog = "dialog.remembering";

async function talk(url) {
  const id = (await call(url, "POST", "/conversations", { character: "lin" })).conversation.id;
  for (const text of ["I am 34 years old. I work as a baker.", "My interview is tomorrow at ten.", "Shall we go to the cinema on Saturday, when all of it is over?", "I'm so worried about it, I could not sleep. I'll bring you the papers on Friday."]) {
    const { reply } = await call(url, "POST", `/conversations/${id}/messages`, { text, person: "Ann" });
    for (let i = 0; i < 400; i++) {
      const { turns } = await call(url, "GET", `/conversations/${id}?limit=500`);
      if (turns.some((x) => x.seq === reply && x.state === "done")) break;
      await new Promise((r) => setTimeout(r, 50));
    }
  }
  for (let i = 0; i < 400; i++) {
    const { working } = await call(url, "GET", "/characters/lin/working?person=Ann");
    if (working?.some((x) => x.value === "worried") && working.filter((x) => x.part === "promise").length === 2 && working.some((x) => x.part === "plan")) return id;
    await new Promise((r) => setTimeout(r, 50));
  }
  throw new Error("nothing is noted");
}

async function show(page) {
  await page.locator(".turn").first().waitFor();
  await still(page);
  if (!(await page.locator(".panel").count())) await page.locator("[data-key=head]").first().click();
  await page.locator(".panel .remembered [data-key=memory]").click();
  await page.locator(`${dialog} [role=radio]`).nth(2).click();
  await page.locator(`${dialog} .now-part`).first().waitFor();
}

async function work(page, url, id) {
  const part = (name) => page.locator(`${dialog} .now-part[data-part=${name}]`);
  await show(page);
  const all = await page.locator(dialog).innerText();
  check("both sides, what is between them, promises", (await page.locator(`${dialog} .answer h3`).count()) === 3 && /worried/.test(await part("mood").innerText()) && (await part("promise").count()) === 2 && (await part("trust").count()) === 1, all);
  check("who they are stands there, too", /34/.test(all) && /baker/.test(all), all);
  await part("mood").locator("[data-key=correct]").click();
  await page.locator("dialog select[data-key=value]").selectOption("glad");
  await page.locator("dialog [data-key=amount]").fill("90");
  await page.locator("[data-key=save]").click();
  await part("mood").filter({ hasText: "glad" }).filter({ hasText: "set by hand" }).waitFor();
  check("a mood is set", (await part("mood").locator("details").count()) === 0);
  await part("topic").locator("[data-key=correct]").click();
  await page.locator("dialog input[data-key=value]").fill("the job");
  await page.locator("[data-key=save]").click();
  await part("topic").filter({ hasText: "the job" }).waitFor();
  await part("trust").locator("[data-key=correct]").click();
  await page.locator("dialog [data-key=amount]").fill("80");
  await page.locator("[data-key=save]").click();
  await part("trust").filter({ hasText: "80 %" }).waitFor();
  check("a topic and trust, too", true);
  const mine = part("promise").filter({ hasText: "papers" });
  await mine.locator("[data-key=correct]").click();
  await page.locator("dialog select[data-key=state]").selectOption("kept");
  await page.locator("[data-key=save]").click();
  await mine.filter({ hasText: "kept" }).waitFor();
  check("a promise is kept", /papers/.test(await mine.innerText()));
  check("what both decided stands between them", /cinema on Saturday/.test(await part("plan").innerText()));
  await part("plan").locator("[data-key=correct]").click();
  await page.locator("dialog select[data-key=state]").selectOption("dropped");
  await page.locator("[data-key=save]").click();
  await part("plan").filter({ hasText: "called off" }).waitFor();
  await part("mood").locator("[data-key=drop]").click();
  await page.locator("dialog .button.danger").click();
  await part("mood").filter({ hasText: "nothing is known" }).waitFor();
  await mine.locator("[data-key=drop]").click();
  await page.locator("dialog .button.danger").click();
  await mine.waitFor({ state: "detached" });
  check("both are deleted", (await part("promise").count()) === 1);
  const { working } = await call(url, "GET", "/characters/lin/working?person=Ann");
  check("so it is in the home", !working.some((x) => x.part === "mood") && working.some((x) => x.part === "topic" && x.value === "the job" && x.by_hand), JSON.stringify(working));
  const other = part("promise").filter({ hasText: "interview" });
  await other.locator("details summary").click();
  await other.locator(".memory a").click();
  await page.locator(dialog).waitFor({ state: "detached" });
  await page.locator(".turn.jumped", { hasText: "I'll ask you about the interview" }).waitFor();
  check("every line leads to its turn", page.url().includes(id), page.url());
}

async function look(url, id, size, colorScheme, locale) {
  const name = `${size}-${colorScheme}-${locale.slice(0, 2)}`;
  const page = await open(url, { address: `#/c/${id}`, colorScheme, locale, ...SIZES[size] });
  await show(page);
  await page.locator(`${dialog} .now-part details summary`).first().click();
  await still(page);
  await shot(page, `working-${name}`);
  check(`now, ${name}: not wider than the screen`, await page.evaluate(() => document.querySelector("dialog.remembering").scrollWidth <= document.querySelector("dialog.remembering").clientWidth && document.documentElement.scrollWidth <= innerWidth));
  await page.locator(`${dialog} .now-part[data-part=plan]`).scrollIntoViewIfNeeded();
  await still(page);
  await shot(page, `working-plan-${name}`);
  await page.locator(`${dialog} .now-part[data-part=mood] [data-key=correct]`).click();
  await page.locator("dialog .now-set").waitFor();
  await still(page);
  await shot(page, `working-set-${name}`);
  await page.context().close();
}

export async function working() {
  writeFileSync(`${root}/working.txt`, SCRIPT);
  const server = await serve("working", 0, ["--set", `model.default=script:${root}/working.txt`, "--set", "memory.working=always", "--set", "embed.model="]);
  const id = await talk(server.url);
  for (const [size, scheme, locale] of [["desktop", "light", "zh-CN"], ["desktop", "dark", "en-GB"], ["phone", "light", "en-GB"], ["phone", "dark", "zh-CN"]]) await look(server.url, id, size, scheme, locale);
  const page = await open(server.url, { address: `#/c/${id}` });
  await work(page, server.url, id);
  await page.context().close();
  await server.stop("SIGTERM");
}
