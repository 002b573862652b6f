/** A tune that was heard in a recording or given as notes: a small piano roll, playing it, and what is put right as a whole. */
import { TimeMap } from "../../document/timemap.js";
import { noteCount, readScore, scoreEnd, type Score } from "../../document/types.js";
import { doubleTime, halfTime, setMetre, shiftOne } from "../../listen/corrections.js";
import { changesBetween, readHeard, withNotes, type Heard, type Layer } from "../../listen/heard.js";
import { summary } from "../../listen/summary.js";
import { pitchClassName, trackName } from "../../roll/speech.js";
import { plural, t } from "../../strings/index.js";
import { button, choice } from "../../ui/controls.js";
import { h } from "../../ui/dom.js";
import { SURE, type Card, type CardHost } from "./card.js";
import { makeMiniRoll, type MiniPiece } from "./miniroll.js";
import { Told } from "./told.js";
import { makeTunePlay } from "./tuneplay.js";

const METRES = [2, 3, 4, 5, 6, 7] as const;

/** The layer that tells the tune: the melody, or all notes where there is none. */
export const tuneLayer = (heard: Heard): Layer => (heard.melody.length ? "melody" : "notes");

export function pieceOfHeard(heard: Heard): MiniPiece {
  const melody = new Set(heard.melody.map((note) => `${note.start} ${note.pitch}`));
  const others = heard.melody.length ? heard.notes.filter((note) => !melody.has(`${note.start} ${note.pitch}`)) : heard.notes;
  return {
    duration: heard.duration, bars: heard.downbeats,
    notes: [...others.map((note) => ({ ...note, color: 0, doubtful: note.confidence < SURE })), ...heard.melody.map((note) => ({ ...note, color: 1, doubtful: note.confidence < SURE }))],
  };
}

export function pieceOfScore(score: Score): MiniPiece {
  const time = new TimeMap(score), end = scoreEnd(score);
  return {
    duration: Math.max(0.1, time.seconds(end)), bars: time.bars(end).map((bar) => time.seconds(bar.start)),
    notes: score.tracks.filter((track) => !track.is_drum).flatMap((track) => [...track.notes.values()].map((note) => ({
      start: time.seconds(note.start), end: time.seconds(note.start + note.duration), pitch: note.pitch, color: track.color, doubtful: false }))),
  };
}

/** All notes an octave up or down; the same description where one would leave the keyboard. */
export function octave(heard: Heard, by: number): Heard {
  if ([...heard.melody, ...heard.notes].some((note) => note.pitch + 12 * by < 0 || note.pitch + 12 * by > 127)) return heard;
  const moved = (layer: Layer): Heard["notes"] => heard[layer].map((note) => ({ ...note, pitch: note.pitch + 12 * by }));
  return withNotes(withNotes(heard, "melody", moved("melody")), "notes", moved("notes"));
}

/** As keys are usually written, by pitch class; the twins of `MAJOR_NAMES` and `MINOR_NAMES` in `labels.py`. */
const TONICS = {
  major: ["C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"],
  minor: ["C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B"],
} as const;
const keyName = (tonic: string, mode: "major" | "minor"): string =>
  t("cards.tune.keyName", { name: tonic.replace("b", "♭").replace("#", "♯"), mode: t(`cards.style.${mode}`) });
const keys = (): [string, string][] => (["major", "minor"] as const).flatMap((mode) => TONICS[mode].map((tonic): [string, string] => [`${tonic} ${mode}`, keyName(tonic, mode)]));

interface Parts { readonly facts: HTMLElement; readonly tools: HTMLElement; readonly roll: ReturnType<typeof makeMiniRoll>; readonly undo: HTMLButtonElement; readonly element: HTMLElement }

function frame<T>(host: CardHost, told: Told<T>, piece: () => MiniPiece, corrections: HTMLElement[]): Parts {
  const roll = makeMiniRoll(host.signal, (time) => play.seek(time));
  const play = makeTunePlay(host, piece, (time) => roll.needle(time));
  const facts = h("p", { class: "facts" });
  const undo = button({ label: t("cards.undo"), icon: "undo", onclick: () => told.undo() });
  const open = button({ label: t("cards.tune.open"), icon: "draw", text: true, onclick: () => host.open?.() });
  open.hidden = !host.open;
  const tools = h("div", { class: "tools fixes", role: "group", "aria-label": t("cards.tune.fixes") }, corrections, undo, open);
  const element = h("div", { class: "wb-tune" }, h("div", { class: "head" }, facts, play.element), roll.element, tools);
  return { facts, tools, roll, undo, element };
}

export function voiceCard(host: CardHost): Card {
  const told = new Told<Heard>(host, host.json, readHeard);
  const change = (next: Heard): void => {
    const changes = changesBetween(told.value, next);
    if (changes.length) told.correct(changes);
  };
  const metre = choice({
    label: t("listen.metre"), hideLabel: true, value: String(told.value.metre), options: METRES.map((count) => [String(count), t("listen.metreOf", { count })] as const),
    onchange: (value) => change(setMetre(told.value, Number(value))),
  });
  const key = choice({
    label: t("cards.picture.key"), hideLabel: true, value: told.value.key ?? "", options: [["", t("cards.tune.noKey")], ...keys()],
    onchange: (value) => change({ ...told.value, key: value || null }),
  });
  const tempo = [
    button({ label: t("listen.half"), kind: "outlined", onclick: () => change(halfTime(told.value)) }),
    button({ label: t("listen.double"), kind: "outlined", onclick: () => change(doubleTime(told.value)) }),
  ];
  const one = h("span", { class: "group" }, button({ label: t("listen.oneEarlier"), icon: "left", onclick: () => change(shiftOne(told.value, -1)) }),
    h("span", { class: "soft" }, t("listen.one")), button({ label: t("listen.oneLater"), icon: "right", onclick: () => change(shiftOne(told.value, 1)) }));
  const octaves = [
    button({ label: t("cards.tune.octaveDown"), kind: "outlined", onclick: () => change(octave(told.value, -1)) }),
    button({ label: t("cards.tune.octaveUp"), kind: "outlined", onclick: () => change(octave(told.value, 1)) }),
  ];
  const parts = frame(host, told, () => pieceOfHeard(told.value), [...tempo, metre, one, key, ...octaves]);

  function update(): void {
    const { value } = told, beats = value.beats.length > 1;
    parts.facts.textContent = [summary(value), ...(beats ? [t("listen.tempoIs", { tempo: Math.round(value.tempo) })] : [t("listen.noBeats")])].join(" · ");
    parts.roll.show(pieceOfHeard(value));
    metre.set(String(value.metre));
    key.set(value.key ?? "");
    for (const item of [...tempo, metre, one]) item.hidden = !beats;
    parts.undo.disabled = !told.canUndo;
    parts.undo.hidden = !host.restore;
  }
  update();
  return {
    element: parts.element,
    update(json) {
      told.update(json);
      update();
    },
  };
}

const SCORE_METRES = ["2/4", "3/4", "4/4", "5/4", "6/8", "9/8", "12/8", "2/2"];
const SIGNS = Array.from({ length: 13 }, (_, i) => i - 6);

export function notesCard(host: CardHost): Card {
  const told = new Told<Score>(host, host.json, readScore);
  const keyNow = (): string => {
    const key = told.value.keys[0];
    return key ? `${key.fifths} ${key.mode}` : "";
  };
  const keyOption = (fifths: number, mode: "major" | "minor"): [string, string] => {
    const root = (((fifths * 7 + (mode === "minor" ? 9 : 0)) % 12) + 12) % 12;
    return [`${fifths} ${mode}`, keyName(pitchClassName(root, { tick: 0, fifths, mode }), mode)];
  };
  const key = choice({
    label: t("cards.picture.key"), hideLabel: true, value: keyNow(),
    options: [["", t("cards.tune.noKey")], ...SIGNS.map((fifths) => keyOption(fifths, "major")), ...SIGNS.map((fifths) => keyOption(fifths, "minor"))],
    onchange: (value) => {
      const [fifths, mode] = value.split(" ");
      if (mode) told.correct({ key: [Number(fifths), mode] });
    },
  });
  const metreNow = (): string => {
    const meter = told.value.meters[0];
    return meter ? `${meter.numerator}/${meter.denominator}` : "4/4";
  };
  const metre = choice({
    label: t("cards.picture.time"), hideLabel: true, value: metreNow(), options: (SCORE_METRES.includes(metreNow()) ? SCORE_METRES : [metreNow(), ...SCORE_METRES]).map((each) => [each, each] as const),
    onchange: (value) => told.correct({ metre: value.split("/").map(Number) }),
  });
  const parts = frame(host, told, () => pieceOfScore(told.value), [
    button({ label: t("listen.half"), kind: "outlined", onclick: () => told.correct({ tempo: 0.5 }) }),
    button({ label: t("listen.double"), kind: "outlined", onclick: () => told.correct({ tempo: 2 }) }), metre, key,
    button({ label: t("cards.tune.octaveDown"), kind: "outlined", onclick: () => told.correct({ transpose: -12 }) }),
    button({ label: t("cards.tune.octaveUp"), kind: "outlined", onclick: () => told.correct({ transpose: 12 }) }),
  ]);

  function update(): void {
    const { value } = told, tempo = value.tempos[0]?.us_per_quarter ?? 500_000;
    const names = value.tracks.map((track) => trackName(track, value));
    parts.facts.textContent = [plural("listen.note", noteCount(value)), names.length > 4 ? plural("cards.tune.tracks", names.length) : names.join(", "),
      t("listen.tempoIs", { tempo: Math.round(60e6 / tempo) })].filter(Boolean).join(" · ");
    parts.roll.show(pieceOfScore(value));
    key.set(keyNow());
    metre.set(metreNow());
    parts.undo.disabled = !told.canUndo;
    parts.undo.hidden = !host.restore;
  }
  update();
  return {
    element: parts.element,
    update(json) {
      told.update(json);
      update();
    },
  };
}
