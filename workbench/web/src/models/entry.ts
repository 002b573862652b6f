/** One model as the server describes it, and its figures in words. */
import { decimals, known, t } from "../strings/index.js";

export interface Source { readonly name: string; readonly licence: string; readonly amount: string }

export interface Entry {
  readonly id: string;
  readonly title: string;
  readonly task: string;
  readonly summary: string;
  readonly shelf: "here" | "hub" | "package";
  /** `ready`: here; `hub`: can be fetched; `needs`: a part of the workbench is missing. */
  readonly state: "ready" | "hub" | "needs";
  readonly embedded: boolean;
  readonly extra: string;
  readonly memory_mb: number;
  readonly speed: string;
  /** Bytes on this disk; null where its files are a package's own. */
  readonly size: number | null;
  /** Bytes to fetch in all; null where nobody knows. */
  readonly download: number | null;
  readonly seconds: number | null;
  readonly repo: string;
  readonly package: string;
  /** The commit or the version; empty while it is not pinned. */
  readonly revision: string;
  /** Its commit is pinned when it is first fetched. */
  readonly first_use: boolean;
  /** The day it was pinned. */
  readonly pinned: string;
  /** A sentence, where something is wrong with it here. */
  readonly problem: string;
  readonly may_sell: boolean;
  readonly card: {
    readonly sell: string; readonly code_licence: string; readonly weights_licence: string;
    readonly outputs_licence: string; readonly training_data: readonly Source[]; readonly links: readonly string[];
  };
}

const figure = (value: number, digits: number): string => decimals(value, digits);

/** Bytes as people read them. */
export function bytes(count: number): string {
  if (count >= 1e9) return t("models.gb", { size: figure(count / 1e9, count < 1e10 ? 2 : 0) });
  return t("models.mb", { size: figure(count / 1e6, count < 1e7 ? 1 : 0) });
}

export function speedOf(entry: Entry): string {
  const { seconds } = entry;
  if (seconds === null) return entry.speed;
  if (seconds < 0.1) return t("models.atOnce");
  if (seconds >= 100) return t("models.minutes", { minutes: Math.round(seconds / 60) });
  return t("models.seconds", { seconds: seconds < 1 ? decimals(seconds, 1, 1) : Math.round(seconds) });
}

export function whereOf(entry: Entry): string {
  if (entry.state === "needs") return t("models.needs", { extra: entry.extra });
  if (entry.size === null) return t("models.installed");
  if (entry.embedded) return t("models.embedded", { size: bytes(entry.size) });
  if (entry.state === "ready") return t("models.cached", { size: bytes(entry.size), repo: entry.repo || entry.package });
  return entry.repo ? t("models.onHub", { repo: entry.repo }) : t("models.packed", { package: entry.package });
}

/** Which version it is held to, in words and whole. */
export function versionOf(entry: Entry): { readonly text: string; readonly whole: string } {
  if (!entry.revision) return { text: t("models.commit.later"), whole: "" };
  if (entry.package) return { text: t("models.version", { version: entry.revision }), whole: entry.revision };
  const commit = entry.revision.slice(0, 12);
  const text = entry.pinned ? t("models.commit.on", { commit, date: entry.pinned }) : t("models.commit", { commit });
  return { text, whole: entry.revision };
}

/** What a model is for, in plain words; a plug-in's task goes by its own name. */
export function taskOf(entry: Pick<Entry, "task">): string {
  const key = `models.task.${entry.task}`;
  return known(key) ? t(key) : entry.task.replaceAll("_", " ");
}
