/** Playing what was given and what was understood of it: the recording itself, or the notes one after the other. */
import { t } from "../../strings/index.js";
import { sentenceOf } from "../../strings/sentence.js";
import { button, relabel } from "../../ui/controls.js";
import { h } from "../../ui/dom.js";
import type { CardHost } from "./card.js";
import type { MiniNote, MiniPiece } from "./miniroll.js";

/** Notes that begin within this many seconds of each other sound together. */
const TOGETHER = 0.03;
/** Most notes sounded at once. */
const CHORD = 8;

/** Notes from a time on, those that begin together as one: [seconds to wait, pitches, seconds to sound]. */
export function strikesFrom(notes: readonly MiniNote[], from: number): [wait: number, pitches: number[], seconds: number][] {
  const out: { at: number; pitches: number[]; end: number }[] = [];
  for (const note of [...notes].sort((a, b) => a.start - b.start)) {
    if (note.start < from - TOGETHER) continue;
    const last = out.at(-1);
    if (last && note.start - last.at < TOGETHER) {
      if (last.pitches.length < CHORD && !last.pitches.includes(note.pitch)) last.pitches.push(note.pitch);
      last.end = Math.max(last.end, note.end);
    } else out.push({ at: note.start, pitches: [note.pitch], end: note.end });
  }
  return out.map(({ at, pitches, end }) => [Math.max(0, at - from), pitches, Math.max(0.1, end - at)]);
}

export interface TunePlay {
  readonly element: HTMLElement;
  seek(time: number): void;
  stop(): void;
}

export function makeTunePlay(host: CardHost, piece: () => MiniPiece, moved: (time: number | null) => void): TunePlay {
  const audio = h("audio", { preload: "none" });
  const trouble = h("span", { class: "bad", role: "alert" });
  let timers: ReturnType<typeof setTimeout>[] = [], frame = 0, from = 0, began = 0, halt: (() => void) | null = null;
  let playing: "recording" | "notes" | null = null;

  const recording = button({ label: t("cards.tune.recording"), icon: "play", text: true, kind: "outlined", onclick: () => void toggle("recording") });
  const notes = button({ label: t("cards.tune.notes"), icon: "play", text: true, kind: "outlined", onclick: () => void toggle("notes") });
  recording.hidden = !host.media;
  notes.hidden = !host.sound && !host.play;

  function follow(): void {
    if (playing === null) return;
    const now = playing === "recording" ? audio.currentTime : from + (performance.now() - began) / 1_000;
    if (playing === "notes" && now > piece().duration + 0.2) return stop();
    moved(now);
    frame = requestAnimationFrame(follow);
  }

  function stop(): void {
    timers.forEach(clearTimeout);
    timers = [];
    halt?.();
    halt = null;
    audio.pause();
    cancelAnimationFrame(frame);
    playing = null;
    from = 0;
    moved(null);
    show();
  }

  async function toggle(what: "recording" | "notes"): Promise<void> {
    const again = playing !== what, start = from;
    stop();
    if (!again) return;
    from = start;
    trouble.textContent = "";
    playing = what;
    show();
    if (what === "notes") begin();
    else await playRecording();
  }

  function begin(): void {
    began = performance.now();
    if (host.play) halt = host.play(from, piece().duration);
    else timers = strikesFrom(piece().notes, from).map(([wait, pitches, seconds]) => setTimeout(() => host.sound!(pitches, seconds), 1_000 * wait));
    follow();
  }

  async function playRecording(): Promise<void> {
    try {
      if (!audio.src) audio.src = await host.media!();
      if (playing !== "recording") return;
      audio.currentTime = from;
      await audio.play();
      follow();
    } catch (error) {
      if (playing !== "recording") return;
      stop();
      trouble.textContent = error instanceof DOMException ? t("listen.cannotPlay") : sentenceOf(error);
    }
  }

  function show(): void {
    relabel(recording, t(playing === "recording" ? "cards.tune.stop" : "cards.tune.recording"), playing === "recording" ? "stop" : "play");
    relabel(notes, t(playing === "notes" ? "cards.tune.stop" : "cards.tune.notes"), playing === "notes" ? "stop" : "play");
  }

  audio.addEventListener("ended", stop);
  host.signal.addEventListener("abort", stop);
  return {
    element: h("div", { class: "tools" }, recording, notes, trouble), stop,
    seek(time) {
      const was = playing;
      stop();
      from = time;
      moved(time);
      if (was) void toggle(was);
    },
  };
}
