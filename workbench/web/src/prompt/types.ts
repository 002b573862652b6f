/** What the Prompt page knows, as the server tells it: the six slots, what was understood, and the plan. */
import { isRecord } from "../document/check.js";
import { served } from "../strings/served.js";

export const SLOTS = ["words", "voice", "recording", "picture", "video", "notes"] as const;
export type Slot = (typeof SLOTS)[number];

export const ROLES = ["tune", "chords", "style", "structure", "timing"] as const;
export type Role = (typeof ROLES)[number];

/** One thing that a person has given. */
export interface Item {
  readonly slot: Slot;
  readonly name: string;
  /** The file of the shelf; "" for words, or where the file is gone (what was understood of it stays). */
  readonly media: string;
  readonly roles: readonly Role[];
  /** The roles that this kind of thing can have. */
  readonly possible: readonly Role[];
  /** 0 to 100. */
  readonly strength: number;
  /** Names of what was understood of the style that must stay as it is. */
  readonly locked: readonly string[];
  /** `Wishes`, `Heard`, `ReadScore`, `Watched` or a score, by the slot; its own form is read where it is shown. */
  readonly understood: unknown;
  readonly style: unknown;
  /** What a person said about whose recording it is; "" while nobody has asked. */
  readonly rights: string;
}

/** A piece of the sentence; `strong`: what a person gave. */
export type Part = readonly [text: string, strong: boolean];

/** A recording of an idea by a model. */
export interface Taken {
  readonly sha256: string;
  /** Its file on the shelf. */
  readonly media: string;
  /** What its model is called. */
  readonly title: string;
  /** The number of the idea that it is a take of. */
  readonly idea: number;
  /** May it be sold? */
  readonly answer: "yes" | "unclear" | "no";
  readonly card: unknown;
  readonly remarks: readonly string[];
  /** Why another model made it than the one that was asked for; "" where it did not. */
  readonly instead: string;
  /** It goes into the project. */
  readonly kept: boolean;
}

export interface PromptState {
  readonly items: readonly Item[];
  readonly sentence: readonly Part[];
  /** How long the piece is to be; null: as the plan decides. */
  readonly seconds: number | null;
  /** Whether the tune stays as it was given, or may be varied. */
  readonly faithful: boolean;
  /** The plan as JSON; null before there is one, or when what it was made from has changed. */
  readonly brief: unknown;
  /** Whether what was given has changed since the plan was made. */
  readonly stale: boolean;
  /** How many ideas the server has written. */
  readonly ideas: number;
  readonly takes: readonly Taken[];
}

export const NOTHING: PromptState = { items: [], sentence: [], seconds: null, faithful: true, brief: null, stale: false, ideas: 0, takes: [] };

const texts = (value: unknown): string[] => (Array.isArray(value) ? value.filter((each): each is string => typeof each === "string") : []);
const rolesOf = (value: unknown): Role[] => ROLES.filter((role) => texts(value).includes(role));

function readItem(value: unknown): Item[] {
  if (!isRecord(value) || !SLOTS.includes(value["slot"] as Slot)) return [];
  return [{
    slot: value["slot"] as Slot, name: String(value["name"] ?? ""), media: String(value["media"] ?? ""),
    roles: rolesOf(value["roles"]), possible: rolesOf(value["possible"]), locked: texts(value["locked"]),
    strength: typeof value["strength"] === "number" ? value["strength"] : 100,
    understood: value["understood"] ?? null, style: value["style"] ?? null, rights: String(value["rights"] ?? ""),
  }];
}

function readTaken(value: unknown): Taken[] {
  if (!isRecord(value) || typeof value["sha256"] !== "string") return [];
  const answer = value["answer"];
  return [{
    sha256: value["sha256"], media: String(value["media"] ?? ""), title: String(value["title"] ?? ""), idea: Number(value["idea"]) || 1,
    answer: answer === "yes" || answer === "no" ? answer : "unclear", card: value["card"] ?? null, remarks: texts(value["remarks"]).map(served),
    instead: served(String(value["instead"] ?? "")), kept: value["kept"] === true,
  }];
}

/** What the server says, as far as it makes sense. */
export function readState(value: unknown): PromptState {
  if (!isRecord(value)) return NOTHING;
  const list = (name: string): unknown[] => (Array.isArray(value[name]) ? (value[name] as unknown[]) : []);
  return {
    items: list("items").flatMap(readItem),
    sentence: list("sentence").flatMap((part): Part[] => (Array.isArray(part) ? [[served(String(part[0])), Boolean(part[1])]] : [])),
    seconds: typeof value["seconds"] === "number" ? value["seconds"] : null,
    faithful: value["faithful"] !== false,
    brief: value["brief"] ?? null,
    stale: value["stale"] === true,
    ideas: typeof value["ideas"] === "number" ? value["ideas"] : 0,
    takes: list("takes").flatMap(readTaken),
  };
}
