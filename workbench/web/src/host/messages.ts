/**
 * The messages between a page and the server; the rules stand in `src/README.md`.
 * Written by `python -m workbench.page.declare` from the table in `workbench/page/table.py`: change a row there.
 */
import type { Change, Source } from "../document/history.js";
import type { Operation } from "../document/operations.js";

/** Plain JSON whose form is checked where it is read. */
export type Json = Readonly<Record<string, unknown>>;
/** Something worth logging that is no change. */
export interface Told { readonly kind: string; readonly payload: Json }
/** A change or an event with its number on this page, and when it was (milliseconds since 1970). */
export type Made<T> = T & { readonly n: number; readonly time: number };

/** What each call carries. */
export interface CallFields {
  readonly "open": { readonly score: Json; readonly revision: number; readonly hash: string; readonly reason: "start" | "file" | "restored" | "mismatch" | "unknown"; readonly undo?: readonly Operation[]; readonly redo?: readonly Operation[]; readonly was?: string; readonly n?: number; readonly time?: number };
  readonly "ops": { readonly base: number; readonly changes: readonly Made<Change>[]; readonly events?: readonly Made<Told>[]; readonly hash?: string };
  readonly "events": { readonly events: readonly Made<Told>[] };
  readonly "stop": { readonly id: string };
  readonly "jobs": Record<never, never>;
  readonly "hello": Record<never, never>;
  readonly "media": { readonly was?: string };
  readonly "media.remove": { readonly id: string };
  readonly "media.begin": { readonly name: string; readonly size: number };
  readonly "media.piece": { readonly id: string };
  readonly "media.stop": { readonly id: string };
  readonly "media.read": { readonly id: string };
  readonly "made": { readonly id: string };
  readonly "makers": Record<never, never>;
  readonly "media.rights": { readonly id: string; readonly rights: string };
  readonly "import": { readonly id: string };
  readonly "ensemble": { readonly name: string };
  readonly "styles": Record<never, never>;
  readonly "band": { readonly style: string; readonly bars?: readonly [number, number]; readonly parts?: readonly string[]; readonly count?: number; readonly join?: number; readonly controls?: Json };
  readonly "audition": { readonly style: string; readonly first?: number; readonly bars?: number; readonly parts?: readonly string[]; readonly seed?: number };
  readonly "listen.score": { readonly id: string; readonly title?: string; readonly media?: string; readonly start?: number };
  readonly "listen.correct": { readonly id: string; readonly changes: readonly object[] };
  readonly "listen.keep": { readonly id: string; readonly heard: Json };
  readonly "voiceband.words": { readonly words: string };
  readonly "prompt.state": { readonly was?: string };
  readonly "prompt.keep": { readonly state: Json };
  readonly "prompt.remove": { readonly slot: string };
  readonly "prompt.change": { readonly slot?: string; readonly roles?: readonly string[]; readonly strength?: number; readonly locked?: readonly string[]; readonly rights?: string; readonly seconds?: number | null; readonly faithful?: boolean };
  readonly "prompt.correct": { readonly slot: string; readonly what: string; readonly changes: object };
  readonly "prompt.page": { readonly page: number };
  readonly "prompt.example": { readonly slot: string };
  readonly "brief.make": { readonly seed?: number };
  readonly "brief.change": { readonly changes: Json };
  readonly "brief.other": { readonly rule: string };
  readonly "brief.harder": { readonly alternative: number; readonly slot: string; readonly measure: string };
  readonly "compose.ideas": Record<never, never>;
  readonly "compose.keep": { readonly alternative: number };
  readonly "take.offers": { readonly alternative: number; readonly seconds?: number };
  readonly "take.keep": { readonly take: string };
  readonly "take.drop": { readonly take: string };
  readonly "render": { readonly revision: number };
  readonly "sheet": { readonly width?: number; readonly transpose?: number; readonly paper?: boolean; readonly title?: string; readonly names?: Readonly<Record<string, string>> };
  readonly "taste": { readonly taste: Json | null; readonly offered?: readonly Json[]; readonly kept?: number; readonly strike?: string };
  readonly "models": Record<never, never>;
  readonly "models.network": Record<never, never>;
  readonly "models.choices": { readonly task: string };
  readonly "models.remove": { readonly model: string };
  readonly "study_state": { readonly code?: string; readonly anew?: boolean };
  readonly "study_next": { readonly step: string; readonly data: Json };
  readonly "study_pause": Record<never, never>;
  readonly "study_withdraw": Record<never, never>;
  readonly "study_mark": { readonly text: string };
  readonly "log_status": { readonly log_session?: string; readonly log_key?: string; readonly who?: string };
  readonly "log_consent": { readonly agreed: boolean; readonly language?: string; readonly log_session?: string; readonly log_key?: string; readonly who?: string };
  readonly "log_take": { readonly entries: readonly Json[]; readonly seen?: number; readonly seen_taken?: number; readonly lost?: number; readonly log_session?: string; readonly log_key?: string; readonly who?: string };
  readonly "log_mine": { readonly log_session?: string; readonly log_key?: string; readonly who?: string };
  readonly "log_download": { readonly log_session?: string; readonly log_key?: string; readonly who?: string };
  readonly "log_delete": { readonly log_session?: string; readonly log_key?: string; readonly who?: string };
  readonly "replay.list": Record<never, never>;
  readonly "replay.events": { readonly sitting: string; readonly from: number };
}

/** What may answer each call; `error` may always, and is thrown. */
export interface CallReplies {
  readonly "open": ({ readonly type: "ack" } & { readonly revision: number; readonly hash?: string });
  readonly "ops": ({ readonly type: "ack" } & { readonly revision: number; readonly hash?: string }) | ({ readonly type: "need" } & { readonly reason: "mismatch" | "unknown" });
  readonly "events": ({ readonly type: "ack" } & { readonly revision: number; readonly hash?: string });
  readonly "stop": ({ readonly type: "ack" } & { readonly revision: number; readonly hash?: string });
  readonly "jobs": ({ readonly type: "jobs" } & { readonly ids: readonly string[] });
  readonly "hello": ({ readonly type: "open" } & { readonly score: Json });
  readonly "media": ({ readonly type: "media" } & { readonly items: readonly { readonly id: string; readonly name: string; readonly media_type: string; readonly size: number; readonly sha256: string; readonly kind: "sound" | "video" | "picture" | "pages" | "score" }[]; readonly room: number });
  readonly "media.remove": ({ readonly type: "media" } & { readonly items: readonly { readonly id: string; readonly name: string; readonly media_type: string; readonly size: number; readonly sha256: string; readonly kind: "sound" | "video" | "picture" | "pages" | "score" }[]; readonly room: number });
  readonly "media.begin": ({ readonly type: "media.begun" } & { readonly id: string });
  readonly "media.piece": ({ readonly type: "media.come" } & { readonly come: number; readonly item?: { readonly id: string; readonly name: string; readonly media_type: string; readonly size: number; readonly sha256: string; readonly kind: "sound" | "video" | "picture" | "pages" | "score" } });
  readonly "media.stop": { readonly type: "ack" };
  readonly "media.read": ({ readonly type: "media.file" } & { readonly url?: string });
  readonly "made": ({ readonly type: "made.told" } & { readonly made: { readonly state: "none" | "whole" | "changed" | "unchecked"; readonly own: boolean; readonly sentences: readonly string[] } });
  readonly "makers": ({ readonly type: "makers.told" } & { readonly answer: "yes" | "unclear" | "no"; readonly sentence: string; readonly sentences: readonly string[]; readonly replace: readonly { readonly track: string; readonly first: number; readonly last: number }[] }) | ({ readonly type: "need" } & { readonly reason: "unknown" });
  readonly "media.rights": ({ readonly type: "ack" } & { readonly revision: number });
  readonly "import": ({ readonly type: "open" } & { readonly score: Json; readonly revision: number; readonly title: string; readonly report: readonly string[]; readonly made: { readonly state: "none" | "whole" | "changed" | "unchecked"; readonly own: boolean; readonly sentences: readonly string[] } });
  readonly "ensemble": ({ readonly type: "ensemble" } & { readonly new_tracks: readonly Json[]; readonly controls: Json; readonly per_track: Json }) | ({ readonly type: "need" } & { readonly reason: "unknown" });
  readonly "styles": ({ readonly type: "styles" } & { readonly styles: readonly Json[] });
  readonly "band": ({ readonly type: "band" } & { readonly request: Json }) | ({ readonly type: "need" } & { readonly reason: "unknown" });
  readonly "audition": ({ readonly type: "audition" } & { readonly tracks: readonly Json[]; readonly chords: readonly Json[]; readonly found: boolean }) | ({ readonly type: "need" } & { readonly reason: "unknown" });
  readonly "listen.score": ({ readonly type: "listen.score" } & { readonly known: boolean; readonly score?: Json });
  readonly "listen.correct": ({ readonly type: "listen.noted" } & { readonly known: boolean });
  readonly "listen.keep": ({ readonly type: "listen.noted" } & { readonly known: boolean });
  readonly "voiceband.words": ({ readonly type: "voiceband.read" } & { readonly style: string; readonly title: string; readonly parts: readonly string[]; readonly missing: readonly number[]; readonly sung: readonly ("tempo" | "length" | "metre" | "key" | "form")[]; readonly remarks: readonly string[]; readonly not_understood: readonly string[] });
  readonly "prompt.state": ({ readonly type: "prompt.told" } & { readonly state: Json });
  readonly "prompt.keep": ({ readonly type: "prompt.told" } & { readonly state: Json });
  readonly "prompt.remove": ({ readonly type: "prompt.told" } & { readonly state: Json });
  readonly "prompt.change": ({ readonly type: "prompt.told" } & { readonly state: Json });
  readonly "prompt.correct": ({ readonly type: "prompt.told" } & { readonly state: Json });
  readonly "prompt.page": ({ readonly type: "prompt.page" } & { readonly url?: string });
  readonly "prompt.example": ({ readonly type: "prompt.example" } & { readonly media?: string; readonly text?: string });
  readonly "brief.make": ({ readonly type: "prompt.told" } & { readonly state: Json });
  readonly "brief.change": ({ readonly type: "prompt.told" } & { readonly state: Json });
  readonly "brief.other": ({ readonly type: "prompt.told" } & { readonly state: Json });
  readonly "brief.harder": ({ readonly type: "prompt.told" } & { readonly state: Json });
  readonly "compose.ideas": ({ readonly type: "compose.ideas" } & { readonly alternatives: readonly { readonly score: Json; readonly runs: readonly string[]; readonly remarks: readonly string[] }[] });
  readonly "compose.keep": ({ readonly type: "prompt.told" } & { readonly state: Json });
  readonly "take.offers": ({ readonly type: "take.offers" } & { readonly offers: readonly { readonly id: string; readonly title: string; readonly summary: string; readonly sell: string; readonly answer: "yes" | "unclear" | "no"; readonly licence: string; readonly tune: boolean; readonly needs: string; readonly refused: string; readonly seconds: number | null; readonly most: number; readonly fetch: number }[]; readonly seconds: number; readonly longest: number; readonly words: string });
  readonly "take.keep": ({ readonly type: "prompt.told" } & { readonly state: Json });
  readonly "take.drop": ({ readonly type: "prompt.told" } & { readonly state: Json });
  readonly "render": ({ readonly type: "audio" } & { readonly url?: string; readonly revision: number }) | ({ readonly type: "need" } & { readonly reason: "unknown" });
  readonly "sheet": ({ readonly type: "sheet" } & { readonly revision: number; readonly pages: readonly string[]; readonly onsets: readonly [number, readonly string[]][]; readonly remarks: readonly string[] }) | ({ readonly type: "need" } & { readonly reason: "unknown" });
  readonly "taste": ({ readonly type: "taste" } & { readonly taste: Json; readonly order: readonly number[]; readonly sliders: Record<string, number>; readonly statements: readonly { trait: string; sentence: string }[]; readonly struck: readonly string[] });
  readonly "models": ({ readonly type: "models" } & { readonly models: readonly Json[]; readonly credits: readonly Json[]; readonly public: boolean; readonly used: number; readonly free: number | null; readonly weights: string });
  readonly "models.network": ({ readonly type: "models.network" } & { readonly silence: string });
  readonly "models.choices": ({ readonly type: "models.choices" } & { readonly choices: readonly { readonly id: string; readonly title: string }[]; readonly more: boolean });
  readonly "models.remove": ({ readonly type: "models.removed" } & { readonly freed: number });
  readonly "study_state": ({ readonly type: "study" } & { readonly state: Json });
  readonly "study_next": ({ readonly type: "study" } & { readonly state: Json });
  readonly "study_pause": ({ readonly type: "study" } & { readonly state: Json });
  readonly "study_withdraw": ({ readonly type: "study" } & { readonly state: Json });
  readonly "study_mark": { readonly type: "ack" };
  readonly "log_status": ({ readonly type: "log_status" } & { readonly offered: boolean; readonly agreed: boolean; readonly count: number; readonly version: string; readonly log: Json | null });
  readonly "log_consent": ({ readonly type: "log_consent" } & { readonly agreed: boolean; readonly version: string; readonly log: Json | null });
  readonly "log_take": ({ readonly type: "log_kept" } & { readonly next: number; readonly taken: number; readonly seq: number; readonly trouble: string; readonly whole: boolean }) | { readonly type: "log_ended" };
  readonly "log_mine": ({ readonly type: "log_mine" } & { readonly count: number; readonly bytes: number; readonly statements: readonly string[]; readonly sessions: readonly Json[]; readonly agreed: Json | null; readonly keep_days: number | null });
  readonly "log_download": ({ readonly type: "log_download" } & { readonly name: string; readonly text: string });
  readonly "log_delete": ({ readonly type: "log_delete" } & { readonly count: number; readonly log: Json | null });
  readonly "replay.list": ({ readonly type: "replay.sessions" } & { readonly sessions: readonly { readonly session: string; readonly began: number; readonly seconds: number; readonly events: number; readonly holes: string }[] });
  readonly "replay.events": ({ readonly type: "replay.part" } & { readonly events: Json; readonly next: number | null });
}

/** What each job carries beside its id. */
export interface JobFields {
  readonly "media.playable": { readonly media: string };
  readonly "export": { readonly kind: string; readonly options?: Json };
  readonly "fill": { readonly revision: number; readonly seed: number | null; readonly model: string | null; readonly request: Json };
  readonly "chords": Record<never, never>;
  readonly "harmonies": { readonly first?: number; readonly bars?: number; readonly count?: number; readonly seed?: number; readonly free?: boolean };
  readonly "recording": { readonly media: string };
  readonly "listen": { readonly media: string; readonly kind?: string; readonly tuning?: string; readonly start?: number; readonly end?: number; readonly click?: { readonly tempo: number; readonly metre: number; readonly first: number } };
  readonly "separate": { readonly media: string; readonly model?: string };
  readonly "stems": { readonly media: string };
  readonly "stems.piece": { readonly media: string; readonly stems: Record<string, string> };
  readonly "voiceband": { readonly media: string; readonly hearing: string; readonly style: string; readonly words?: string; readonly timing?: string; readonly choir?: boolean; readonly seed?: number; readonly pack?: boolean; readonly taste?: boolean; readonly start?: number; readonly end?: number };
  readonly "prompt.add": { readonly slot: string; readonly media?: string; readonly text?: string };
  readonly "compose": { readonly seed?: number };
  readonly "compose.again": { readonly alternative: number; readonly tracks?: readonly string[]; readonly section?: number; readonly seed?: number };
  readonly "compose.card": { readonly alternative: number };
  readonly "compose.pack": { readonly alternative: number; readonly what: string; readonly original?: string };
  readonly "take": { readonly alternative: number; readonly model: string; readonly seconds?: number; readonly seed?: number };
  readonly "waveforms": Record<never, never>;
  readonly "whose": Record<never, never>;
  readonly "pull": { readonly model: string };
}

/** What each job ends with. */
export interface JobResults {
  readonly "media.playable": { readonly item: { readonly id: string; readonly name: string; readonly media_type: string; readonly size: number; readonly sha256: string; readonly kind: "sound" | "video" | "picture" | "pages" | "score" } };
  readonly "export": { readonly name: string; readonly url?: string };
  readonly "fill": { readonly alternatives: readonly Json[]; readonly remarks: readonly string[]; readonly fallback_reason: string; readonly run: string };
  readonly "chords": { readonly revision: number; readonly chords: readonly Json[]; readonly heard: boolean };
  readonly "harmonies": { readonly revision: number; readonly ways: readonly Json[]; readonly tune: string };
  readonly "recording": { readonly seconds: number; readonly channels: number; readonly rate: number; readonly peaks: readonly number[]; readonly loudest: number; readonly clipped: number; readonly lowest: number; readonly highest: number; readonly columns_per_second: number; readonly name: string; readonly url?: string };
  readonly "listen": { readonly hearing: string; readonly heard: Json; readonly remarks: readonly string[]; readonly fallback_reason: string; readonly run: string };
  readonly "separate": { readonly stems: readonly { readonly name: string; readonly item: { readonly id: string; readonly name: string; readonly media_type: string; readonly size: number; readonly sha256: string; readonly kind: "sound" | "video" | "picture" | "pages" | "score" }; readonly peaks: readonly number[] }[]; readonly seconds: number; readonly run: string; readonly remarks: readonly string[]; readonly fallback_reason: string };
  readonly "stems": { readonly name: string; readonly url?: string };
  readonly "stems.piece": { readonly score: Json; readonly runs: readonly string[] };
  readonly "voiceband": { readonly score: Json; readonly remarks: readonly string[]; readonly run: string; readonly tempo: number; readonly name: string; readonly url?: string; readonly item?: { readonly id: string; readonly name: string; readonly media_type: string; readonly size: number; readonly sha256: string; readonly kind: "sound" | "video" | "picture" | "pages" | "score" } };
  readonly "prompt.add": { readonly state: Json };
  readonly "compose": { readonly alternatives: readonly { readonly score: Json; readonly runs: readonly string[]; readonly remarks: readonly string[] }[]; readonly remarks: readonly string[] };
  readonly "compose.again": { readonly idea: { readonly score: Json; readonly runs: readonly string[]; readonly remarks: readonly string[] } };
  readonly "compose.card": { readonly card: Json };
  readonly "compose.pack": { readonly name: string; readonly url?: string };
  readonly "take": { readonly take: string; readonly state: Json };
  readonly "waveforms": { readonly revision: number; readonly seconds: number; readonly peaks: Record<string, readonly number[]> };
  readonly "whose": { readonly revision: number; readonly passages: readonly Json[] };
  readonly "pull": Record<never, never>;
}

/** What each job may send meanwhile, by its type. */
export interface JobPartials {
  readonly "media.playable": Record<never, never>;
  readonly "export": { readonly need: { readonly reason: "unknown" } };
  readonly "fill": { readonly partial: { readonly alternative: number; readonly notes: Record<string, readonly Json[]> }; readonly need: { readonly reason: "unknown" } };
  readonly "chords": { readonly need: { readonly reason: "unknown" } };
  readonly "harmonies": { readonly need: { readonly reason: "unknown" } };
  readonly "recording": Record<never, never>;
  readonly "listen": Record<never, never>;
  readonly "separate": Record<never, never>;
  readonly "stems": Record<never, never>;
  readonly "stems.piece": Record<never, never>;
  readonly "voiceband": Record<never, never>;
  readonly "prompt.add": Record<never, never>;
  readonly "compose": { readonly partial: { readonly alternative: number; readonly idea: { readonly score: Json; readonly runs: readonly string[]; readonly remarks: readonly string[] }; readonly whole: boolean } };
  readonly "compose.again": Record<never, never>;
  readonly "compose.card": Record<never, never>;
  readonly "compose.pack": Record<never, never>;
  readonly "take": Record<never, never>;
  readonly "waveforms": { readonly partial: { readonly peaks: Record<string, readonly number[]>; readonly seconds: number }; readonly need: { readonly reason: "unknown" } };
  readonly "whose": { readonly need: { readonly reason: "unknown" } };
  readonly "pull": Record<never, never>;
}

/** How far a job is. `waiting`: jobs that come before it. */
export interface Progress { readonly done: number | null; readonly seconds_left: number | null; readonly text: string; readonly waiting?: number }

/** What the server sends of its own accord. */
export interface Pushes {
  readonly "open": { readonly score: Json; readonly revision: number; readonly reason?: string; readonly hash?: string; readonly undo?: readonly Operation[]; readonly redo?: readonly Operation[]; readonly known?: Record<string, number> };
  readonly "patch": { readonly base: number; readonly operation: Operation; readonly source?: Source; readonly facts?: Json; readonly owner?: "python"; readonly kind?: Change["kind"]; readonly origin?: string };
  readonly "notice": { readonly text: string };
}
