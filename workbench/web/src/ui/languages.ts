/** The switch of the page's language: every language by its own name. */
import { LANGUAGES, chooseLanguage, type Language } from "../strings/language.js";
import { spoken } from "../strings/spoken.js";
import { t } from "../strings/index.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";

export function languageSwitch(): HTMLElement {
  const select = h("select", { "aria-label": t("common.language"), onchange: () => chooseLanguage(select.value as Language) },
    LANGUAGES.map(({ code, tag, name }) => h("option", { value: code, lang: tag }, name)));
  select.value = spoken().language;
  return h("label", { class: "wb-language", title: t("common.language") }, icon("globe") as unknown as Node, select);
}
