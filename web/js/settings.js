// Settings, and the sheet that tells the keys.
import { choosePerson, people, person } from "./composer.js";
import { h } from "./dom.js";
import { change, current, t } from "./i18n.js";
import { sheet } from "./over.js";
import { pref, setPref } from "./prefs.js";
import { segments } from "./segments.js";

const setting = (name, control, note) => h("div", { class: "setting" }, h("span", {}, name, note ? h("small", {}, note) : null), control);

export async function settings(redrawAll) {
  const again = await sheet(t("settings"), (close) => {
    const names = people();
    const who = h("select", { class: "field", "aria-label": t("speakAs"), onchange: async () => {
      if (who.value) return choosePerson(who.value, redrawAll);
      await choosePerson("", redrawAll);
      close();
    } }, names.map((n) => h("option", { value: n, selected: n === person() }, n)), h("option", { value: "" }, t("somebodyElse")));
    return [h("div", {},
      setting(t("appLanguage"), segments(t("appLanguage"), [["zh", "中文"], ["en", "English"]], current(), (v) => {
        change(v);
        redrawAll();
        close("again");
      })),
      setting(t("theme"), segments(t("theme"), [["auto", t("auto")], ["light", t("light")], ["dark", t("dark")]], pref("theme"), (v) => setPref("theme", v))),
      setting(t("textSize"), segments(t("textSize"), [["small", t("textSmall")], ["normal", t("textNormal")], ["large", t("textLarge")], ["huge", t("textHuge")]], pref("text"), (v) => setPref("text", v))),
      setting(t("sendWith"), segments(t("sendWith"), [["enter", t("enterKey")], ["ctrl", t("ctrlEnter")]], pref("enter"), (v) => setPref("enter", v))),
      setting(t("speakAs"), who)), h("p", { class: "quiet small" }, t("localOnly"))];
  });
  if (again === "again") settings(redrawAll); // in the other language
}

const keys = (...names) => names.flatMap((n, i) => [i ? " " : "", h("kbd", {}, n)]);

export function help() {
  const rows = [[["/"], "kSearch"], [["N"], "kNew"], [["H"], "kHome"], [["I"], "kPanel"], [["↑", "↓"], "kTurns"], [["←", "→"], "kWays"], [["E"], "kEdit"], [["R"], "kAgain"], [["T"], "kThree"], [["1", "2", "3"], "kTake"], [["B"], "kTimelines"], [["C"], "kCopy"], [["W"], "kWrite"], [["Esc"], "kStop"], [[","], "kSettings"], [["?"], "kHelp"]];
  sheet(t("shortcuts"), () => [h("p", { class: "quiet small" }, t("keysWhere")), h("dl", { class: "keys" }, rows.flatMap(([names, what]) => [h("dt", {}, keys(...names)), h("dd", {}, t(what))])),
    h("dl", { class: "keys" }, h("dt", {}, keys("Enter")), h("dd", {}, t("send")), h("dt", {}, keys("Ctrl", "Enter")), h("dd", {}, t("save")), h("dt", {}, keys("↑")), h("dd", {}, t("kLast")))]);
}
