/** What stands around the views and is not drawn by them, in the page's language: Gradio's tabs, and `<html lang>`. */
import { en } from "../strings/en.js";
import { known, t } from "../strings/index.js";
import { spoken } from "../strings/spoken.js";

/** Keys of the tabs' titles by what Gradio wrote on them; a plug-in's own title is in no catalogue and stays. */
const BY_TITLE = new Map(Object.entries(en).filter(([key]) => key.startsWith("tab.")).map(([key, title]) => [title as string, key]));

const page = globalThis as unknown as { __musicWorkbenchTabs?: MutationObserver };

export function speakAround(): void {
  const { language, tag } = spoken();
  if (language === "en" && !page.__musicWorkbenchTabs) return; // Gradio has said it in English already
  document.documentElement.lang = tag;
  const bar = document.querySelector("#wb-tabs .tab-wrapper");
  if (!bar) return;
  nameTabs(bar);
  page.__musicWorkbenchTabs?.disconnect();
  page.__musicWorkbenchTabs = new MutationObserver(() => nameTabs(bar)); // Gradio makes them anew as the width changes
  page.__musicWorkbenchTabs.observe(bar, { subtree: true, childList: true });
  window.dispatchEvent(new Event("resize")); // it measures which of them fit
}

function nameTabs(bar: Element): void {
  for (const tab of bar.querySelectorAll<HTMLElement>("button")) {
    const text = [...tab.childNodes].find((node): node is Text => node instanceof Text && node.data.trim() !== "");
    const key = tab.dataset["wbTitle"] ?? (text && BY_TITLE.get(text.data.trim()));
    if (!text || !key || !known(key)) continue;
    tab.dataset["wbTitle"] = key;
    if (text.data.trim() !== t(key)) text.data = t(key);
  }
}
