/** What to tell a person about an error: its own words where we wrote them, else one general sentence. */
import { t } from "./index.js";

const OURS = new Set(["Error", "BadDocument", "BadOperation"]);

export function sentenceOf(error: unknown): string {
  if (error instanceof Error && OURS.has(error.name) && error.message) return error.message;
  console.error(error);
  return t("common.trouble");
}
