/** What is asked of the server: regions, wishes, new instruments, or a part of an idea again. Nothing here has a face. */
import type { TimeMap } from "../document/timemap.js";
import type { Region } from "../document/types.js";

/** Wishes as `InfillControls` of `workbench/hub/tasks/infill/controls.py` names them; what is left out is no wish. */
export type Controls = Readonly<Record<string, unknown>>;

/** A track that does not exist yet. */
export interface NewTrack {
  readonly id: string;
  readonly name: string;
  readonly program: number;
  readonly is_drum: boolean;
}

/** Instruments to add, as the server names them, with the wishes that go with them. */
export interface Ensemble {
  readonly tracks: readonly NewTrack[];
  readonly controls: Controls;
  readonly perTrack: Readonly<Record<string, Controls>>;
}

export interface FillOptions {
  readonly regions: readonly Region[];
  readonly around: boolean;
  readonly overhang: boolean;
  readonly count: number;
  readonly controls: Controls;
  /** Wishes of single tracks; they hold instead of `controls`. */
  readonly perTrack?: Readonly<Record<string, Controls>>;
  readonly newTracks?: readonly NewTrack[];
  /** null: the server draws one. */
  readonly seed: number | null;
  readonly model: string | null;
}

export type Span = readonly [start: number, end: number];

/** The stretches of time that regions cover, joined where they touch or overlap. */
export function spansOf(regions: readonly Pick<Region, "start" | "end">[]): Span[] {
  const out: [number, number][] = [];
  for (const { start, end } of [...regions].sort((a, b) => a.start - b.start)) {
    const last = out.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else out.push([start, end]);
  }
  return out;
}

/** Fill with new instruments: the tracks that stand are accompanied and stay; the person's own wishes come first. */
export function withEnsemble(options: FillOptions, ensemble: Ensemble): FillOptions {
  const tracks = ensemble.tracks.map((track) => track.id);
  const perTrack = Object.fromEntries(Object.entries(ensemble.perTrack)
    .filter(([id]) => tracks.includes(id))
    .map(([id, controls]) => [id, { ...ensemble.controls, ...controls, ...options.controls }]));
  return {
    ...options, around: false, perTrack, newTracks: ensemble.tracks,
    controls: { ...ensemble.controls, ...options.controls },
    regions: spansOf(options.regions).map(([start, end]) => ({ start, end, tracks })),
  };
}

export type FillRequest = Readonly<Record<string, unknown>>;

/** The JSON of `InfillRequest.settings()`. */
export function requestOf(options: FillOptions): FillRequest {
  return {
    task: "infill", count: options.count, controls: options.controls, regions: options.regions,
    ...(options.around ? { around: true } : {}), ...(options.overhang ? { overhang: true } : {}),
    ...(options.perTrack && Object.keys(options.perTrack).length ? { per_track: options.perTrack } : {}),
    ...(options.newTracks?.length ? { new_tracks: options.newTracks } : {}),
  };
}

/** Ask for a part of an idea again: the rest of `draft` stands. One idea comes of it. */
export function againOf(request: FillRequest, draft: unknown, again: readonly Region[]): FillRequest {
  return { ...request, count: 1, draft, again };
}

/** Bars that regions touch, each with the part of every region that lies in it. */
export function barsOf(time: TimeMap, regions: readonly Region[]): { number: number; again: Region[] }[] {
  const bars = new Map<number, Region[]>();
  for (const region of regions) {
    for (let bar = time.barAt(region.start); bar.start < region.end; bar = time.barAt(bar.end)) {
      const part = { start: Math.max(bar.start, region.start), end: Math.min(bar.end, region.end), tracks: region.tracks };
      bars.set(bar.number, [...(bars.get(bar.number) ?? []), part]);
    }
  }
  return [...bars].sort(([a], [b]) => a - b).map(([number, again]) => ({ number, again }));
}

/** All of one track, in every region that holds it. */
export const trackAgain = (regions: readonly Region[], track: string): Region[] =>
  regions.filter((region) => region.tracks.includes(track)).map((region) => ({ ...region, tracks: [track] }));
