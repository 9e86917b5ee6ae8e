// Bringing files in: a character card or a conversation, dropped anywhere on the page or chosen.
import { api } from "./api.js";
import { DOCUMENT, giveDocument } from "./documents.js";
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { ask, failed, sheet, toast } from "./over.js";
import { face } from "./portrait.js";
import { changed, here, putConversation, state } from "./store.js";

const CARD = /\.(png|json|charx)$/i;
const TALK = /\.(jsonl|ndjson)$/i;

async function bringCard(file, go, replace = false) {
  const note = toast(t("adding", { file: file.name }), { progress: true });
  try {
    const { character } = await api.addCharacter(file, replace, note.progress);
    note.close();
    state.characters = [...state.characters.filter((c) => c.id !== character.id), { ...character, stamp: Date.now() }];
    go.welcome(character.id);
    toast(t("movedIn", { name: character.name }), { actions: [[t("talkTo", { name: character.name }), () => go.begin(character.id)]] });
  } catch (error) {
    note.close();
    if (error.status === 409 && !replace) {
      const name = file.name.replace(CARD, "");
      const yes = await ask(t("existsTitle", { name }), t("existsText"), [[t("keep"), false], [t("replace"), true, "primary"]]);
      if (yes) await bringCard(file, go, true);
    } else {
      failed(error);
    }
  }
}

// A SillyTavern chat names its character in the first line; ours does, too.
async function guess(file) {
  try {
    const first = JSON.parse((await file.slice(0, 65536).text()).split("\n")[0]);
    const name = first.character_name ?? first.character ?? first.conversation?.character ?? "";
    return state.characters.find((c) => c.id === name || c.name === name)?.id;
  } catch {
    return undefined;
  }
}

// A character's id; undefined: none was chosen.
export const chooseWhose = async (title, likely) => (state.characters.length === 1 ? state.characters[0].id : sheet(title, (close) =>
  h("div", { class: "faces" }, state.characters.map((c) => h("button", { type: "button", "aria-pressed": String(c.id === likely), autofocus: c.id === likely, onclick: () => close(c.id) }, face(c), c.name)))));

async function bringTalk(file, go) {
  const whose = await chooseWhose(t("importWhose"), (await guess(file)) ?? here()?.character);
  if (!whose) return;
  const note = toast(t("adding", { file: file.name }), { progress: true });
  try {
    const { conversation, turns } = await api.importConversation(file, whose, note.progress);
    putConversation(conversation);
    changed("conversations");
    go.open(conversation.id);
    toast(t("imported", { n: turns }));
  } catch (error) {
    failed(error);
  }
  note.close();
}

async function bringDocument(file) {
  const whose = await chooseWhose(t("docWhose"), here()?.character);
  if (whose) await giveDocument(file, whose);
}

async function bring(file, go) {
  if (CARD.test(file.name) && state.can.cards) await bringCard(file, go);
  else if (TALK.test(file.name) && state.can.talks) await bringTalk(file, go);
  else if (DOCUMENT.test(file.name)) await bringDocument(file);
  else toast(t("notACard", { file: file.name }), { bad: true });
}

export function chooseFile(kind, go) {
  const input = h("input", { type: "file", accept: kind === "card" ? ".png,.json,.charx" : ".jsonl,.ndjson,.txt", multiple: kind === "card" });
  input.addEventListener("change", async () => {
    for (const file of input.files) await (kind === "card" ? bringCard(file, go) : bringTalk(file, go));
  });
  input.click();
}

// While a file hangs over the page, the page says what it would do with it.
export function dropAnywhere(go) {
  let veil = null;
  const has = (e) => [...(e.dataTransfer?.types ?? [])].includes("Files") && (state.can.cards || state.can.talks);
  const lift = () => {
    veil?.remove();
    veil = null;
  };
  addEventListener("dragenter", (e) => {
    if (!has(e)) return;
    e.preventDefault();
    veil ??= document.body.appendChild(h("div", { class: "drop" }, h("div", {}, icon("into"), h("h2", {}, t("dropTitle")), h("p", {}, t("dropText")))));
  });
  addEventListener("dragover", (e) => has(e) && e.preventDefault());
  addEventListener("dragleave", (e) => !e.relatedTarget && lift());
  addEventListener("drop", lift, true); // also where a part of the page takes the file itself
  addEventListener("drop", async (e) => {
    if (!has(e)) return;
    e.preventDefault();
    for (const file of [...e.dataTransfer.files]) await bring(file, go);
  });
}
