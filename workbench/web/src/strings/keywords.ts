/** A key as the server names it, "Bb minor", in the page's words and with proper signs. */
import { t } from "./index.js";

export function keyWords(key: string): string {
  const [, letter, sign, mode] = /^([A-G])([b#]?) (major|minor)$/.exec(key) ?? [];
  if (!letter) return key;
  const name = `${letter}${sign === "b" ? "♭" : sign ? "♯" : ""}`;
  return t(mode === "minor" ? "genie.minor" : "genie.major", { name });
}
