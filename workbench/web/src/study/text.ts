/** A study's own sentences: paragraphs with an empty line between them, lines that begin with "- ", *emphasis*. */
import { h } from "../ui/dom.js";

const emphasised = (text: string): (Node | string)[] => text.split(/\*([^*\n]+)\*/)
  .map((part, i) => (i % 2 ? h("em", {}, part) : part)).filter((part) => part !== "");

export function paragraphs(text: string): HTMLElement[] {
  return text.split(/\n\s*\n/).map((part) => part.trim()).filter(Boolean).map((part) => {
    const lines = part.split("\n").map((line) => line.trim());
    if (lines.every((line) => line.startsWith("- "))) {
      return h("ul", {}, lines.map((line) => h("li", {}, ...emphasised(line.slice(2)))));
    }
    return h("p", {}, ...emphasised(lines.join(" ")));
  });
}

/** The same without markup, in one line. */
export const plainText = (text: string): string => text.replace(/\*([^*\n]+)\*/g, "$1").replace(/\s+/g, " ").trim();

/** Minutes and seconds, `4:05`. */
export function clockText(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds - 1e-6));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
