/** A job that stands in the queue says its place there. */
import type { Progress } from "../host/messages.js";
import { plural, t } from "../strings/index.js";

/** "2 jobs before yours."; empty once the job runs. */
export function waitingText({ waiting }: Progress): string {
  if (waiting === undefined) return "";
  return waiting ? plural("job.waiting", waiting) : t("job.next");
}
