import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { decimals, plural, t, uncapital } from "../src/strings/index.js";
import { chosenLanguage, languageOf, speak } from "../src/strings/language.js";
import { makeNote, makeScore, makeTrack } from "../src/document/types.js";
import { readStyles } from "../src/fill/join/styles.js";
import { playerNames } from "../src/prompt/sectionpanel.js";
import { pieceTitle, trackName } from "../src/roll/speech.js";
import { isEnglish, served, servedMessage, servedPair } from "../src/strings/served.js";
import { ENGLISH, setSpoken } from "../src/strings/spoken.js";

const HERE = import.meta.dirname;

beforeEach(() => vi.stubGlobal("window", globalThis));
afterEach(() => setSpoken(ENGLISH));

describe("sentences", () => {
  it("are made when they are shown, not before the page knows its language", async () => {
    const early: string[] = [];
    const catalogue = new Proxy({}, { get: (_, key) => void early.push(String(key)) });
    setSpoken({ language: "de", tag: "de", catalogue, said: [] });
    for (const name of readdirSync(join(HERE, "../src/views"))) await import(/* @vite-ignore */ join(HERE, "../src/views", name)); // all of the source: seconds
    expect(early).toEqual([]);
  });
});

const bytes = (value: unknown): ArrayBuffer => new TextEncoder().encode(JSON.stringify(value)).buffer as ArrayBuffer;

describe("which language", () => {
  const visit = (search: string, browser: readonly string[], kept: string | null): string => {
    vi.stubGlobal("location", { search });
    vi.stubGlobal("navigator", { languages: browser });
    vi.stubGlobal("localStorage", { getItem: () => kept });
    return chosenLanguage();
  };
  it("is what is asked for, else what was chosen before, else the browser's", () => {
    expect(visit("", ["fr-FR", "pt-PT", "en"], null)).toBe("pt");
    expect(visit("", ["pt-PT"], "de")).toBe("de");
    expect(visit("?lang=zh-CN", ["pt-PT"], "de")).toBe("zh");
    expect(visit("?lang=xx", ["fr"], null)).toBe("en");
    expect(chosenLanguage("es")).toBe("es");
    vi.unstubAllGlobals();
  });
  it("is known by any of its tags", () => {
    expect(["de-AT", "zh_TW", "PT", "eng", "", null].map(languageOf)).toEqual(["de", "zh", "pt", null, null, null]);
  });
});

describe("another language", () => {
  const asset = (name: string): Promise<ArrayBuffer> => Promise.resolve(bytes(name.startsWith("said")
    ? [["There are no notes in {name}.", "In {name} sind keine Noten."], ["{name} is too large: up to {size}.", "{size}: {name}!"]]
    : { "say.place": "Takt {bar}, Schlag {beat}", "track.notes.one": "{count} Note", "track.notes.other": "{count} Noten" }));

  it("comes with its catalogue, its plurals and its numbers; what it lacks is said in English", async () => {
    await speak("de", asset);
    expect(t("say.place", { bar: 3, beat: 1.5 })).toBe("Takt 3, Schlag 1,5");
    expect([plural("track.notes", 1), plural("track.notes", 0)]).toEqual(["1 Note", "0 Noten"]);
    expect(decimals(2, 1, 1)).toBe("2,0");
    expect(uncapital("Takte 1–4")).toBe("Takte 1–4");
    expect(t("roll.play")).toBe("Play");
    await speak("en", asset);
    expect(t("say.place", { bar: 3, beat: 1.5 })).toBe("bar 3, beat 1.5");
    expect(decimals(2, 1, 1)).toBe("2.0");
  });

  it("that cannot be had leaves the page as it is", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    await speak("es", () => Promise.reject(new Error("away")));
    expect(t("roll.play")).toBe("Play");
    expect(log).toHaveBeenCalled();
  });

  it("says again what the server says, where it knows the sentence, and tells the rest apart as English", async () => {
    await speak("de", asset);
    expect(served("There are no notes in my (old) tune.mid.")).toBe("In my (old) tune.mid sind keine Noten.");
    expect(served("a.wav is too large: up to 3 MB.")).toBe("3 MB: a.wav!");
    expect(served("Something new.")).toBe("Something new.");
    expect([isEnglish("Something new."), isEnglish("In x sind keine Noten.")]).toEqual([true, false]);
    const score = { tracks: [{ text: "There are no notes in x." }] };
    const told = servedMessage({ type: "x.error", text: "There are no notes in x.", remarks: ["There are no notes in y."], score });
    expect(told).toEqual({ type: "x.error", text: "In x sind keine Noten.", remarks: ["In y sind keine Noten."], score });
  });
});

describe("the server's words", () => {
  it("are said in the page's language inside its sentences, one or several, and in chips", () => {
    const catalogue = { "word.calm": "ruhig", "word.sparse": "sparsam", "word.your photo": "deinem Foto", "word.Mood": "Stimmung", "word.seconds": "Sekunden" };
    setSpoken({ language: "de", tag: "de", catalogue, said: [["the tune from {what}", "der Melodie aus {what}"], ["It is {want}.", "Es ist {want}."]] });
    expect(served("the tune from your photo")).toBe("der Melodie aus deinem Foto");
    expect(served("calm and sparse")).toBe("ruhig und sparsam");
    expect(served("It is calm, sparse and calm.")).toBe("Es ist ruhig, sparsam und ruhig.");
    expect(served("calm and odd")).toBe("calm and odd");
    expect(servedPair("Mood: calm")).toBe("Stimmung: ruhig");
    expect(servedPair("Mood: 1.5 seconds")).toBe("Stimmung: 1,5 Sekunden");
    expect(servedPair("Mood: odd")).toBe("Stimmung: odd");
    setSpoken(ENGLISH);
    expect(servedPair("Mood: calm")).toBe("Mood: calm");
  });
});

describe("names that this project gave", () => {
  beforeEach(() => setSpoken({ language: "es", tag: "es", said: [], catalogue: {
    "name.Bass": "Bajo", "name.Guitar": "Guitarra", "program.25": "Guitarra acústica", "plan.kind.verse": "Estrofa", "style.rock": "Recto.", "word.Rock": "Roca",
    "word.Morning, four bars": "La mañana", "plan.player": "{instrument}: {part}",
  } }));
  const bass = (author: string): ReturnType<typeof makeTrack> => makeTrack("t1", { name: "Bass" }, [makeNote({ id: "n1", start: 0, duration: 1, pitch: 40, author })]);

  it("are shown in the page's language; what a file or a person named stays as it is", () => {
    const piece = makeScore(), opening = makeScore({ title: "Morning, four bars", meta: { composer: "The workbench's authors" } });
    expect([trackName(bass("model:arranger"), piece), trackName(bass("imported"), opening), trackName(makeTrack("t1", { name: "Verse 2" }), piece)]).toEqual(["Bajo", "Bajo", "Estrofa 2"]);
    expect([trackName(bass("imported"), piece), trackName(makeTrack("t1", { name: "Grandma" }), piece)]).toEqual(["Bass", "Grandma"]);
    expect([pieceTitle(opening), pieceTitle(makeScore({ title: "Morning, four bars" }))]).toEqual(["La mañana", "Morning, four bars"]);
    expect(bass("model:arranger").name).toBe("Bass");
  });
  it("find a style in either language", () => {
    const [rock] = readStyles([{ id: "rock", title: "Rock", words: "Straight.", synonyms: [], tempo: [1, 2, 3], metre: [4, 4], miniature: [], parts: [{ name: "Bass", program: 33, is_drum: false }] }]);
    expect([rock!.title, rock!.words, rock!.synonyms]).toEqual(["Roca", "Recto.", ["Rock", "Straight.", "Bass"]]);
  });
  it("tell two players on the same instrument apart", () => {
    const names = playerNames({ instruments: [{ part: "Guitar", program: 25, drums: false }, { part: "Solo", program: 25, drums: false }, { part: "Keys", program: 0, drums: false }] });
    expect(names.slice(0, 2)).toEqual(["Guitarra acústica: Guitarra", "Guitarra acústica: Solo"]);
    expect(new Set(names).size).toBe(3);
  });
});
