// Documents in the page: given in the memory's dialog and by dropping, listed with their outlines, asked, told at a reply, deleted; both languages, light and dark.
import { existsSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { browser, call, check, open, root, serve, shot, still, talked } from "./page_kit.mjs";

const LEASE = "RESIDENTIAL LEASE\n\n1. Rent\n\nThe rent is 940 pounds a month.\n\n2. Deposit\n\n2.1 Amount\n\nThe tenant pays a deposit of 1,260 pounds before moving in.\n\n2.2 Return\n\nThe deposit is returned within 14 days.\n\f3. Pets\n\nGeese and drums are forbidden.\n";
const CONTRACT = "第一章 总则\n\n第一条 甲方把桂花巷的房子租给乙方。\n\n第二章 租金和押金\n\n第三条 租金每月三千二百元。\n\n第四条 押金为六千四百元，退房后七天内退还。\n";
const SIZES = { desktop: { viewport: { width: 1440, height: 900 } }, phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }, smallest: { viewport: { width: 320, height: 568 }, isMobile: true, hasTouch: true } };
const dialog = "dialog.remembering";
// Without PDFium (tools/setup fetches it) a PDF is refused.
const READER = existsSync(`${process.env.ANIMA_CACHE || `${process.env.XDG_CACHE_HOME || `${homedir()}/.cache`}/anima`}/packages/pypdfium2-4.30.0`);
const file = (name, text) => ({ name, mimeType: "text/plain", buffer: Buffer.from(text) });

async function openDocuments(page) {
  if (!(await page.locator(".panel").count())) await page.locator("[data-key=head]").first().click();
  await page.locator(".panel .remembered [data-key=memory]").click();
  await page.locator(`${dialog} [role=radio]`).nth(5).click();
  await page.locator(`${dialog} .given`).waitFor();
}

async function given(page) {
  await openDocuments(page);
  check("at first there is none", /was given nothing to read/.test(await page.locator(dialog).innerText()), await page.locator(dialog).innerText());
  await page.locator(`${dialog} .given input[type=file]`).setInputFiles(file("lease.txt", LEASE));
  const wish = page.locator("dialog.document-wish");
  await wish.waitFor();
  check("it asks who may be told", /Else only Ann is told of it/.test(await wish.innerText()), await wish.innerText());
  await wish.locator("[data-key=title]").fill("Lease");
  await still(page);
  await shot(page, "documents-give");
  await wish.locator("[data-key=give]").click();
  const line = page.locator(`${dialog} .documents .import`, { hasText: "Lease" });
  await line.waitFor();
  check("it is listed", /for Ann/.test(await line.innerText()) && /2 pages/.test(await line.innerText()), await line.innerText());
  await line.locator("[data-key=outline]").click();
  await line.locator(".outline li", { hasText: "2.1 Amount" }).waitFor();
  check("with its outline", (await line.locator(".outline li").count()) === 6, await line.innerText());
  await page.locator(`${dialog} [data-key=words]`).fill("How much is the deposit?");
  await page.locator(`${dialog} [data-key=ask]`).click();
  await page.locator(`${dialog} .passage`, { hasText: "1,260 pounds" }).waitFor();
  check("asked, it shows the passage with its place", /“Lease”\s*section 2 “Deposit”, section 2.1 “Amount”, page 1/.test(await page.locator(`${dialog} .passage`, { hasText: "1,260" }).innerText()), await page.locator(`${dialog} .answer`).innerText());
  await still(page);
  await shot(page, "documents-desktop");
  await page.locator(`${dialog} .given input[type=file]`).setInputFiles(file("a.pdf", "%PDF-1.7"));
  await wish.locator("[data-key=give]").click();
  await page.locator(".toast", { hasText: READER ? "damaged" : "pdftotext" }).waitFor();
  check("of a PDF that is none, or cannot be read, it says what to do", true);
  await page.keyboard.press("Escape");
  await page.locator(dialog).waitFor({ state: "detached" });
}

// As a browser prints it: drawn by real fonts, in both languages.
async function printed(html, displayHeaderFooter = true) {
  const context = await browser.newContext(), page = await context.newPage();
  await page.setContent(html);
  const data = await page.pdf({ format: "A5", displayHeaderFooter, headerTemplate: "<span style='font-size:8px'>Mill Lane</span>", footerTemplate: "<span style='font-size:8px' class=pageNumber></span>", margin: { top: "60px", bottom: "60px", left: "50px", right: "50px" } });
  await context.close();
  return data;
}

async function pdf(page, url) {
  const whole = await printed("<html><title>Housekeeping 家务</title><h1>Housekeeping</h1><h2>1. Boiler</h2><p>The boiler is serviced every May by the landlord, who brings a plumber and stays for tea.</p>"
    + "<h2 style='break-before:page'>第二章 垃圾</h2><p>垃圾每周三早上七点前拿到桂花巷口，纸箱要压平，玻璃瓶放进绿色的桶里。</p><h2 style='break-before:page'>3. Keys</h2><p>There are three keys, one of them under the flowerpot.</p></html>");
  await openDocuments(page);
  check("it takes PDFs", /pdf/.test(await page.locator(`${dialog} .given input[type=file]`).getAttribute("accept")) && /PDF/.test(await page.locator(`${dialog} .given`).innerText()));
  const data = await page.evaluateHandle((bytes) => {
    const d = new DataTransfer();
    d.items.add(new File([new Uint8Array(bytes)], "house.pdf", { type: "application/pdf" }));
    return d;
  }, [...whole]);
  await page.locator(`${dialog} .given`).dispatchEvent("dragenter", { dataTransfer: data });
  await page.locator(`${dialog} .given`).dispatchEvent("drop", { dataTransfer: data });
  check("nothing of the dropping stays in front of the page", (await page.locator(".drop").count()) === 0);
  await page.locator("dialog.document-wish [data-key=give]").click();
  const line = page.locator(`${dialog} .documents .import`, { hasText: "Housekeeping 家务" });
  await line.waitFor();
  check("a PDF that is dropped is read, with its pages", /3 pages/.test(await line.innerText()), await line.innerText());
  await line.locator("[data-key=outline]").click();
  await line.locator(".outline li", { hasText: "第二章 垃圾" }).waitFor();
  check("and its outline", /1\. Boiler\s*page 1/.test(await line.locator(".outline").innerText()) && /3\. Keys\s*page 3/.test(await line.locator(".outline").innerText()), await line.innerText());
  await page.locator(`${dialog} [data-key=words]`).fill("垃圾什么时候拿出去？");
  await page.locator(`${dialog} [data-key=ask]`).click();
  const passage = page.locator(`${dialog} .passage`, { hasText: "桂花巷口，纸箱要压平" });
  await passage.waitFor();
  check("asked, it shows the passage with its page", /第二章 “垃圾”, page 2/.test(await passage.innerText()), await passage.innerText());
  await still(page);
  await shot(page, "documents-pdf-desktop");
  await page.setViewportSize({ width: 390, height: 844 });
  await still(page);
  await shot(page, "documents-pdf-phone");
  await page.setViewportSize(SIZES.desktop.viewport);
  const scan = await printed("<html><svg width=100 height=100><rect width=90 height=90 /></svg></html>", false);
  await page.locator(`${dialog} .given input[type=file]`).setInputFiles({ name: "scan.pdf", mimeType: "application/pdf", buffer: scan });
  await page.locator("dialog.document-wish [data-key=give]").click();
  await page.locator(".toast", { hasText: "ocrmypdf" }).waitFor();
  check("of one without text it says what to do", true);
  await still(page);
  await shot(page, "documents-pdf-scan");
  const given = (await call(url, "GET", "/characters/lin/documents")).documents.find((d) => d.form === "pdf");
  await call(url, "DELETE", `/documents/${given.id}`);
  await page.keyboard.press("Escape");
  await page.locator(dialog).waitFor({ state: "detached" });
}

async function dropped(page) {
  const data = await page.evaluateHandle((text) => {
    const d = new DataTransfer();
    d.items.add(new File([text], "租房合同.txt", { type: "text/plain" }));
    return d;
  }, CONTRACT);
  await page.dispatchEvent("body", "drop", { dataTransfer: data });
  await page.locator("dialog .faces button", { hasText: "Lin" }).click();
  await page.locator("dialog.document-wish [data-key=everyone]").check();
  await page.locator("dialog.document-wish [data-key=give]").click();
  await page.locator(".toast", { hasText: "租房合同" }).waitFor();
  check("dropped anywhere it asks whose it is", true);
}

async function atAReply(page) {
  await page.locator(".turn .recalled").last().click();
  await page.locator(`${dialog} .passage`, { hasText: "1,260" }).waitFor();
  check("a reply's mark shows the passages it was told", /section 2.1 “Amount”, page 1/.test(await page.locator(dialog).innerText()), await page.locator(dialog).innerText());
  await still(page);
  await shot(page, "documents-told");
  await page.keyboard.press("Escape");
  await page.locator(dialog).waitFor({ state: "detached" });
}

async function removed(page) {
  await openDocuments(page);
  const line = page.locator(`${dialog} .documents .import`, { hasText: "Lease" });
  await line.locator("[data-key=remove]").click();
  await page.locator("dialog .button.danger").click();
  await line.waitFor({ state: "detached" });
  check("and deleted", (await page.locator(`${dialog} .documents .import`).count()) === 1);
  await page.keyboard.press("Escape");
}

async function look(url, id, size, colorScheme, locale) {
  const name = `${size}-${colorScheme}-${locale.slice(0, 2)}`;
  const page = await open(url, { address: `#/c/${id}`, colorScheme, locale, ...SIZES[size] });
  await page.locator(".turn").first().waitFor();
  await openDocuments(page);
  await page.locator(`${dialog} .documents [data-key=outline]`).first().click();
  await page.locator(`${dialog} .outline li`).first().waitFor();
  await page.locator(`${dialog} [data-key=words]`).fill(locale === "zh-CN" ? "第二章怎么说押金？" : "How much is the deposit?");
  await page.locator(`${dialog} [data-key=ask]`).click();
  await page.locator(`${dialog} .passage`).first().waitFor();
  await still(page);
  await shot(page, `documents-${name}`);
  check(`${name}: not wider than the screen`, await page.evaluate(() => document.querySelector("dialog.remembering").scrollWidth <= document.querySelector("dialog.remembering").clientWidth && document.documentElement.scrollWidth <= innerWidth));
  await page.context().close();
}

export async function documents() {
  writeFileSync(`${root}/documents.txt`, "match: deposit\nsay: Twelve hundred and sixty, says the lease.\n\nsay: Well, well.\n");
  const server = await serve("documents", 0, ["--set", `model.default=script:${root}/documents.txt`, "--set", "memory.recall=always", "--set", "embed.model="]);
  const first = await talked(server.url, "lin", "Hello there.");
  const page = await open(server.url, { address: `#/c/${first}` });
  await page.locator(".turn").first().waitFor();
  await given(page);
  if (READER) await pdf(page, server.url);
  await dropped(page);
  const id = await talked(server.url, "lin", "How much is the deposit in the lease?");
  await page.goto(`${server.url}#/c/${id}`);
  await page.locator(".turn .recalled").last().waitFor();
  await atAReply(page);
  for (const [size, scheme, locale] of [["desktop", "dark", "zh-CN"], ["phone", "light", "en-GB"], ["phone", "dark", "zh-CN"], ["smallest", "light", "en-GB"]]) await look(server.url, id, size, scheme, locale);
  await removed(page);
  check("the other one is still there", (await call(server.url, "GET", "/characters/lin/documents")).documents.length === 1);
  await page.context().close();
  await server.stop("SIGTERM");
}
