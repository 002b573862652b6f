/** What was heard last, with what was put right in it, in the browser's own storage: a reload loses none of it. */
import { isRecord } from "../document/check.js";
import { keepState, keptState } from "../prompt/keep.js";
import { readHeard, type Heard } from "./heard.js";

export interface KeptHearing {
  /** The recording, whatever the shelf calls it by then. */
  readonly sha256: string;
  /** Seconds of it. */
  readonly part: readonly [number, number];
  /** The listening's name at the server, and the run that heard it. */
  readonly id: string;
  readonly run: string;
  readonly heard: Heard;
}

const KEEP_MS = 300;
const key = (app: string): string => `${app}:listen`;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Keep it once the hands rest. */
export function keepHearing(app: string, kept: KeptHearing): void {
  clearTimeout(timer);
  timer = setTimeout(() => void keepState(key(app), kept), KEEP_MS);
}

export function forgetHearing(app: string): void {
  clearTimeout(timer);
  void keepState(key(app), null);
}

/** What was kept; null where there is nothing, or nothing that can be read. */
export const keptHearing = async (app: string): Promise<KeptHearing | null> => readKept(await keptState(key(app)));

export function readKept(value: unknown): KeptHearing | null {
  if (!isRecord(value) || !Array.isArray(value["part"]) || !["sha256", "id", "run"].every((name) => typeof value[name] === "string")) return null;
  const [from, to] = value["part"] as unknown[];
  if (typeof from !== "number" || typeof to !== "number" || !(from < to)) return null;
  try {
    return { ...(value as unknown as KeptHearing), part: [from, to], heard: readHeard(value["heard"]) };
  } catch {
    return null; // kept by another make of this page
  }
}
