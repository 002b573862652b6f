/** What is picked, in words. */
import { clock, drumName, pitchName } from "../roll/speech.js";
import { decimals, t } from "../strings/index.js";
import { labelName } from "./chords.js";
import type { Desk, Picked } from "./desk.js";
import { SURE, type Heard, type HeardNote, type Layer } from "./heard.js";

const spoken = (name: string): string => name.replace("♯", t("say.sharp")).replace("♭", t("say.flat"));

/** "1:02.4". */
export const placeOf = (seconds: number): string => `${clock(Math.floor(seconds * 10 + 1e-6) / 10)}.${Math.floor(seconds * 10 + 1e-6) % 10}`;

export const noteName = (layer: Layer, note: HeardNote): string => (layer === "drums" ? drumName(note.pitch) : pitchName(note.pitch));

/** Bar and beat of a time, as far as there are beats; else the time. */
export function barWords(heard: Heard, time: number): string {
  let beat = -1;
  for (let i = 0; i < heard.beats.length && heard.beats[i]! <= time + 0.03; i++) beat = i;
  const bar = heard.downbeats.filter((one) => one <= time + 0.03).length;
  if (beat < 0 || !bar) return placeOf(time);
  const one = heard.beats.findIndex((value) => Math.abs(value - heard.downbeats[bar - 1]!) < 2e-3);
  return t("say.place", { bar, beat: beat - one + 1 });
}

export function words(desk: Desk, { lane, index }: Picked): string {
  const { heard } = desk;
  if (lane === "beats") {
    const time = heard.beats[index]!;
    const one = heard.downbeats.some((beat) => Math.abs(beat - time) < 2e-3);
    return t(one ? "listen.sayOne" : "listen.sayBeat", { place: barWords(heard, time), time: placeOf(time) });
  }
  if (lane === "chords") {
    const chord = heard.chords[index]!;
    const said = [spoken(labelName(chord.label) === "–" ? t("listen.noChord") : labelName(chord.label)), barWords(heard, chord.start)];
    return [...said, ...(chord.confidence < SURE ? [t("listen.doubtful")] : [])].join(", ");
  }
  const note = heard[desk.layer][index]!;
  return [
    spoken(noteName(desk.layer, note)), barWords(heard, note.start), t("listen.seconds", { count: decimals(note.end - note.start, 2, 2) }),
    ...(note.confidence < SURE ? [t("listen.doubtful")] : []),
  ].join(", ");
}
