// Whole conversations: search, jump, rename, filter, export, import, delete with a change of mind.
import { readFileSync, writeFileSync } from "node:fs";
import { call, check, open, root, serve, shot, still, talked } from "./page_kit.mjs";

async function search(page) {
  await page.keyboard.press("Control+k");
  await page.keyboard.type("渡船");
  await page.locator(".hit mark", { hasText: "渡船" }).first().waitFor();
  await still(page);
  await shot(page, "search");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.locator(".turn.jumped").waitFor();
  check("search finds Chinese, highlights it, and jumps to the turn by keyboard", /渡船/.test(await page.locator(".turn.jumped").innerText()));
  await page.locator(".seek .field").fill("nothing of the kind");
  await page.locator(".list .none").waitFor();
  await shot(page, "search-nothing");
  check("a search without hits says so", /nothing of the kind/.test(await page.locator(".list .none").innerText()));
  await page.locator(".seek .icon-button").click();
  await page.locator(".row .when").first().waitFor();
  check("and gives the list back", (await page.locator(".hit").count()) === 0);
}

async function rename(page) {
  await page.locator("button.title").click();
  await page.keyboard.type("Rainy <b>evening</b>");
  await page.keyboard.press("Enter");
  await page.locator(".row .name", { hasText: "Rainy <b>evening</b>" }).waitFor();
  check("rename in its place, as text", (await page.locator("button.title").innerText()) === "Rainy <b>evening</b>" && (await page.locator(".side b").count()) === 0);
}

async function files(page) {
  for (const [label, has] of [["Markdown", "渡船"], ["JSONL", "渡船"], ["SillyTavern", "character_name"]]) {
    await page.locator("[data-key=talkmenu]").click();
    if (label === "Markdown") await still(page);
    if (label === "Markdown") await shot(page, "talk-menu");
    const [download] = await Promise.all([page.waitForEvent("download"), page.locator(".menu a", { hasText: label }).click()]);
    const text = readFileSync(await download.path(), "utf-8");
    check(`export ${label}`, text.includes(has), text.slice(0, 200));
    if (label === "SillyTavern") writeFileSync(`${root}/tavern.jsonl`, text);
    if (label === "JSONL") writeFileSync(`${root}/ours.jsonl`, text);
  }
  // Dropped on the page, as from a folder.
  const before = await page.locator(".row").count();
  await drop(page, `${root}/tavern.jsonl`, "tavern.jsonl");
  await page.locator("dialog .faces").waitFor();
  await still(page);
  await shot(page, "import-whose");
  await page.locator("dialog .faces button", { hasText: "Lin" }).click();
  await page.locator(".toast", { hasText: "Imported" }).waitFor();
  await page.locator(".turn", { hasText: "渡船" }).first().waitFor();
  check("import a SillyTavern chat by dropping it", (await page.locator(".row").count()) === before + 1);
}

export async function drop(page, file, name) {
  const data = await page.evaluateHandle(([bytes, fileName]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], fileName));
    return transfer;
  }, [readFileSync(file).toString("base64"), name]);
  await page.dispatchEvent("body", "dragenter", { dataTransfer: data });
  await page.locator(".drop").waitFor();
  await page.dispatchEvent("body", "drop", { dataTransfer: data });
}

async function removes(page, url) {
  const count = async () => (await call(url, "GET", "/conversations")).conversations.length;
  const all = await count();
  await page.locator("[data-key=talkmenu]").click();
  await page.locator(".menu .danger").click();
  await page.locator(".toast", { hasText: "for good" }).waitFor();
  await still(page);
  await shot(page, "delete-undo");
  await page.locator(".toast button", { hasText: "Undo" }).click();
  await page.locator(".turn").first().waitFor();
  check("deleting can be undone for a moment", (await count()) === all);
  await page.locator("[data-key=talkmenu]").click();
  await page.locator(".menu .danger").click();
  await page.locator(".toast button", { hasText: "Delete now" }).click();
  for (let i = 0; i < 50 && (await count()) === all; i++) await page.waitForTimeout(50);
  check("and is for good afterwards", (await count()) === all - 1);
}

// What was noted in a conversation: whoever deletes it is asked, and can change their mind.
async function removesWithNotes(page, url) {
  const notes = async () => (await call(url, "GET", "/characters/theo/notes")).notes;
  for (const [button, stay] of [["Keep notes", 1], ["Delete all", 0]]) {
    const id = await talked(url, "theo", `Remember that the ${stay ? "heron" : "stork"} comes on Mondays.`);
    await page.goto(`${url}#/c/${id}`);
    await page.locator(".note").first().waitFor();
    const before = (await notes()).length;
    const remove = async (choice) => {
      await page.locator("[data-key=talkmenu]").click();
      await page.locator(".menu .danger").click();
      await page.locator("dialog", { hasText: "Theo noted one thing in this conversation" }).waitFor();
      await still(page);
      await shot(page, "delete-notes");
      check(`what can be pressed stands in one row (${button}, ${choice})`, new Set(await page.locator("dialog .do .button").evaluateAll((all) => all.map((e) => e.offsetTop))).size === 1);
      await page.locator("dialog .button", { hasText: choice }).click();
    };
    await remove("Cancel");
    check(`a change of mind deletes nothing (${button})`, (await page.locator(".toast", { hasText: "for good" }).count()) === 0 && page.url().includes(id));
    await remove(button);
    await page.locator(".toast button", { hasText: "Delete now" }).click();
    let left = await notes();
    for (let i = 0; i < 100 && left.some((n) => n.conversation === id); i++) (await page.waitForTimeout(50), (left = await notes()));
    check(`${button}: ${stay ? "the note stays, and does not tell where it comes from" : "the note is gone"}`, left.length === before - 1 + stay && (await call(url, "GET", `/conversations/${id}`)).status === 404 && left.every((n) => n.conversation !== id && (!n.text.includes("heron") || (n.said === "" && n.seq === 0))), JSON.stringify(left));
  }
  const id = await talked(url, "theo", "Remember that I like pears.");
  await page.goto(`${url}#/c/${id}`);
  await page.locator(".turn.mine").hover();
  await page.locator(".turn.mine [data-key^=more]").click();
  await page.locator(".menu .danger:has(.i-undo)").click();
  await page.locator("dialog", { hasText: "What was noted from them goes, too: 1." }).waitFor();
  check("who takes turns back is told that their notes go", true);
  await page.keyboard.press("Escape");
}

export async function talks() {
  const server = await serve("talks");
  await talked(server.url, "theo", "hello");
  const id = await talked(server.url, "lin", "hello", "下雨天读什么书好？");
  const page = await open(server.url, { address: "#/c/nothing" });
  await page.locator(".toast.bad", { hasText: "no longer here" }).waitFor();
  await page.locator(".card").first().waitFor();
  check("an address of nothing leads home, and says so", true);
  await page.locator(".filter button", { hasText: "" }).nth(1).click();
  check("filter by character", (await page.locator(".row").count()) === 1);
  await page.locator(".filter .all").click();
  if ((await call(server.url, "GET", "/search?q=a")).status === 200) {
    await search(page);
    await rename(page);
    await files(page);
    await removes(page, server.url);
    await removesWithNotes(page, server.url);
  } else {
    await page.goto(`${server.url}#/c/${id}`);
    await page.locator(".turn").first().waitFor();
    check("an anima that cannot search shows no search", (await page.locator(".seek").isHidden()) && (await page.locator("[data-key=talkmenu]").count()) === 0);
  }
  await page.context().close();
  await server.stop("SIGTERM");
}
