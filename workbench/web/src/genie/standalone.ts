/** `genie.html`: the Genie in one file, opened by double-click; everything it needs stands in the page as scripts. */
import type { AssetLoader } from "../host/assets.js";
import { defineView } from "../host/view.js";
import { genie } from "./genie.js";

/** A file of the page: `<script type="text/plain" data-asset="NAME">`, as text or (`data-base64`) as base64. */
const asset: AssetLoader = async (name) => {
  const element = document.querySelector<HTMLScriptElement>(`script[data-asset="${name}"]`);
  if (!element) throw new Error(`The file ${name} is not part of this page.`);
  const text = element.textContent ?? "";
  const bytes = "base64" in element.dataset
    ? Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0))
    : new TextEncoder().encode(text);
  return bytes.buffer as ArrayBuffer;
};

defineView("genie", genie).mountPage(document.getElementById("host")!, {
  base: "", app: "genie", asset, values: { autosave: false },
});
