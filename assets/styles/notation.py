"""The compact notation in which the styles are composed: ``sources/*.txt``, turned into scores.

A style begins with ``= id: Title`` and its facts, one ``name: value`` a line. ``A``, ``B``, ``F`` (fills), ``I``
(intro) and ``E`` (ending) name the chords of each section, bars parted by ``|``. A part begins with ``> Name
program volume pan`` and how its notes are named:

- ``drums``: lines ``SECTION drum strokes``, a sign a sixteenth (``drum*3``: a third of a quarter): ``X`` accent, ``x``
  stroke, ``o`` soft, ``g`` ghost, ``.`` nothing. Sections are A, B, I, E and 1 to 4, the fills: their strokes are the
  last ones of a bar that begins like groove A.
- ``line LOW``: degrees of the chord's scale above the lowest root from pitch LOW on (``1``, ``b3``, ``5,`` an octave
  lower, ``3'`` higher), or what leads into the next chord: ``a`` a semitone below its root, ``b`` one above, ``c`` and
  ``d`` a step of the scale below and above.
- ``chords CENTRE DEGREES``: voicings near a pitch, each led from the one before; ``stack LOW DEGREES``: as they stand.
  ``V`` is all of the voicing, ``1``, ``2`` ... its tones from below, ``R`` and ``P`` root and fifth in the bass.

Notes are words ``names:length`` (in sixteenths; left out: as the one before), names joined by ``+``, ``.`` a rest;
``!`` louder, ``?`` softer, ``*`` short. ``4(V:2 .)`` repeats. Sections with fewer bars than their chords go round.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from itertools import pairwise

from workbench.create.compose.tones import tones_of
from workbench.score.lanes import QUALITIES, Chord, Key, Meter, Tempo, Text
from workbench.score.score import Note, Score, Track

STEP = 240  #: ticks of a sixteenth
LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
DRUMS = {
    "kick": 36, "kick2": 35, "rim": 37, "snare": 38, "clap": 39, "brush": 40, "low": 41, "hat": 42, "pedal": 44,
    "tom": 45, "open": 46, "mid": 47, "crash": 49, "high": 50, "ride": 51, "china": 52, "bell": 53, "tamb": 54,
    "splash": 55, "cow": 56, "bongo": 60, "mute": 62, "conga": 63, "tumba": 64, "agogo": 67, "cabasa": 69,
    "shaker": 70, "guiro": 73, "clave": 75, "wood": 76, "tri": 81,
}  # fmt: skip
STROKES = {"X": 116, "x": 96, "o": 70, "g": 38}
#: Which drums are softer than the letters say: cymbals and small things lie above the kit.
SOFTER = {
    "hat": 16,
    "ride": 14,
    "shaker": 22,
    "cabasa": 22,
    "pedal": 18,
    "tri": 20,
    "tamb": 18,
    "open": 12,
    "guiro": 18,
}
SECTIONS = {"I": "Intro", "A": "Groove A", "B": "Groove B", **{str(n): f"Fill {n}" for n in range(1, 5)}, "E": "Ending"}
KINDS = ("drums", "line", "chords", "stack")
Played = tuple[int, int, int, int]


@dataclass
class Source:
    """A style as it is written: facts, and parts with their lines by section."""

    id: str
    title: str
    facts: dict[str, str] = field(default_factory=dict)
    parts: list[tuple[list[str], list[tuple[str, str]]]] = field(default_factory=list)


def sources(text: str) -> list[Source]:
    """All styles of a text."""
    out: list[Source] = []
    for line in text.splitlines():
        plain = line.strip()
        if not plain or plain.startswith("#"):
            continue
        if plain.startswith("= "):
            name, title = plain[2:].split(":", 1)
            out.append(Source(name.strip(), title.strip()))
        elif plain.startswith("> "):
            out[-1].parts.append((plain[2:].split(), []))
        elif out[-1].parts:
            section, rest = plain.split(None, 1)
            out[-1].parts[-1][1].append((section, rest))
        else:
            name, value = plain.split(":", 1)
            out[-1].facts[name.strip()] = value.strip()
    return out


def chord(name: str, tick: int = 0, duration: int = 0) -> Chord:
    """``C``, ``Am7``, ``F#maj7``, ``G/B`` ..."""
    body, _, bass = name.partition("/")
    found = re.fullmatch(r"([A-G][#b]?)(.*)", body)
    if found is None:
        raise ValueError(f"{name} is no chord")
    quality = re.sub(r"^m(?!aj)", "min", found[2]) or "maj"
    if quality not in QUALITIES:
        raise ValueError(f"{name} has no known quality")
    return Chord(tick, duration, _class(found[1]), quality, _class(bass) if bass else -1)


def _class(name: str) -> int:
    return (LETTERS[name[0]] + name.count("#") - name[1:].count("b")) % 12


class Writer:
    """Turns one source into a score."""

    def __init__(self, source: Source) -> None:
        """``source``: the style as written."""
        self.source = source
        facts = source.facts
        self.metre = tuple(int(part) for part in facts.get("metre", "4/4").split("/"))
        self.steps = 16 * self.metre[0] // self.metre[1]
        self.bar = self.steps * STEP
        self.swing = float(facts.get("swing", "0.5"))
        fifths, mode = facts.get("key", "0 major").split()
        self.key = Key(0, int(fifths), mode)
        scale = (0, 2, 4, 5, 7, 9, 11) if mode == "major" else (0, 2, 3, 5, 7, 8, 10)
        self.scale = frozenset((self.key.tonic + step) % 12 for step in scale)
        self.spans: dict[str, tuple[int, list[Chord]]] = {}
        now = 0
        for sign in SECTIONS:
            written = facts["F" if sign.isdigit() else sign].split("|")
            chords = []
            for number, bar in enumerate(written):
                names = bar.split()
                size = self.bar // len(names)
                chords += [chord(name, now + number * self.bar + at * size, size) for at, name in enumerate(names)]
            self.spans[sign] = (now, chords)
            now += len(written) * self.bar
        self.end = now

    def bars(self, sign: str) -> int:
        """How many bars a section has."""
        chords = self.spans[sign][1]
        return (chords[-1].tick + chords[-1].duration - chords[0].tick) // self.bar

    def warped(self, tick: int) -> int:
        """A straight place in time as it is swung."""
        if self.swing == 0.5:
            return tick
        beat, inside = divmod(tick, 4 * STEP)
        half, late = 2 * STEP, round(4 * STEP * self.swing)
        moved = inside * late // half if inside < half else late + (inside - half) * (4 * STEP - late) // half
        return beat * 4 * STEP + moved

    def score(self) -> Score:
        """The style as a score that opens in the app."""
        facts = self.source.facts
        usual = facts["tempo"].split()[1]
        made = Score(
            self.source.title, tempos=[Tempo(0, round(60_000_000 / float(usual)))], meters=[Meter(0, *self.metre)],
            keys=[self.key], meta={
                "composer": "The workbench's authors", "licence": "CC0-1.0", "swing": facts.get("swing", "0.5"),
                "synonyms": facts.get("also", ""), "tempo": facts["tempo"], "words": facts["words"],
            },
        )  # fmt: skip
        made.texts = [Text(self.spans[sign][0], "marker", name) for sign, name in SECTIONS.items()]
        made.chords = [item for _, chords in self.spans.values() for item in chords]
        for number, (head, lines) in enumerate(self.source.parts, 1):
            at = next(place for place, word in enumerate(head) if word in KINDS) - 3
            program, volume, pan, kind = int(head[at]), int(head[at + 1]), int(head[at + 2]), head[at + 3]
            name = " ".join(head[:at])
            track = Track(f"t{number}", name, program, kind == "drums", volume, pan, color=number - 1)
            notes = self.drums(lines) if kind == "drums" else self.pitched(kind, head[at + 4 :], lines)
            uneven = random.Random(f"{self.source.id} {name}")
            for index, (start, length, pitch, velocity) in enumerate(sorted(notes), 1):
                loud = min(127, max(12, velocity + uneven.randint(-3, 3)))
                track.notes[f"n{index}"] = Note(f"n{index}", start, max(30, length), pitch, loud, "imported")
            made.tracks.append(track)
        return made

    def drums(self, lines: list[tuple[str, str]]) -> list[Played]:
        """Strokes of the kit in every section."""
        written: dict[str, list[tuple[str, int, list[str]]]] = {sign: [] for sign in SECTIONS}
        for section, rest in lines:
            named, strokes = rest.split(None, 1)
            drum, _, parts = named.partition("*")
            for sign in section:
                bars = [bar.replace(" ", "") for bar in strokes.split("|")]
                size = {len(bar) * 4 * STEP // int(parts or 4) for bar in bars}
                if section.isalpha() and size != {self.bar}:
                    raise ValueError(f"{self.source.id}: a bar of {drum} in {section} is too long or too short")
                written[sign].append((drum, 4 * STEP // int(parts or 4), bars))
        out: list[Played] = []
        for sign, (begin, _) in self.spans.items():
            fill = sign.isdigit()
            if fill and written[sign]:
                cut = self.bar - max(len(bars[0]) * unit for _, unit, bars in written[sign])
                for drum, unit, bars in written["A"]:
                    out += self._struck(drum, unit, bars[0], begin, 0, cut)
            for drum, unit, bars in written[sign]:
                for number in range(self.bars(sign)):
                    bar = bars[number % len(bars)]
                    late = self.bar - len(bar) * unit if fill else 0
                    out += self._struck(drum, unit, bar, begin + number * self.bar + late, 0, self.bar)
        return sorted({(start, pitch): (start, length, pitch, loud) for start, length, pitch, loud in out}.values())

    def _struck(self, drum: str, unit: int, strokes: str, begin: int, start: int, stop: int) -> list[Played]:
        out = []
        for step, sign in enumerate(strokes):
            if sign != "." and start <= step * unit < stop:
                tick = begin + step * unit
                tick = self.warped(tick) if unit == STEP else tick
                loud = STROKES[sign] - (SOFTER.get(drum, 0) if sign != "g" else 4)
                out.append((tick, STEP, DRUMS[drum], loud))
        return out

    def pitched(self, kind: str, settings: list[str], lines: list[tuple[str, str]]) -> list[Played]:
        """Notes of a line or of chords in every section."""
        texts = {sign: rest for section, rest in lines for sign in section}
        out: list[Played] = []
        before: tuple[int, ...] = ()
        for sign, (begin, chords) in self.spans.items():
            text = texts.get("F", texts["A"]) if sign.isdigit() else texts.get(sign)
            if text is None:
                text = texts["A"] if sign != "E" else f"{texts['A'].split('|')[0]} | {self._held(kind)}"
            bars = text.split("|")
            turn = int(sign) - 1 if sign.isdigit() else 0
            for number in range(self.bars(sign)):
                now = begin + number * self.bar
                words = _words(bars[(number + turn) % len(bars)])
                for index, item in enumerate(chords):
                    if not now <= item.tick < now + self.bar:
                        continue
                    following = chords[(index + 1) % len(chords)]
                    if kind == "line":
                        names = self._line(item, following, int(settings[0]))
                    else:
                        shape = [int(word) for word in settings[1:]]
                        voiced = self._voicing(kind, item, int(settings[0]), shape, before)
                        before = voiced
                        names = _named(voiced, item)
                    out += self._played(words, names, now, item)
        return out

    def _held(self, kind: str) -> str:
        return f"{'1' if kind == 'line' else 'V'}:{self.steps}"

    def _played(
        self, words: list[tuple[str, int]], names: dict[str, list[int]], now: int, under: Chord
    ) -> list[Played]:
        out = []
        at = now
        for word, length in words:
            size = length * STEP
            if word != "." and under.tick <= at < under.tick + under.duration:
                bare = word.rstrip("!?*")
                marks = word[len(bare) :]
                loud = 78 + 16 * marks.count("!") - 18 * marks.count("?")
                inside = (at - now) % self.bar
                loud += 6 if inside == 0 else 2 if inside % (4 * STEP) == 0 else -4
                start, stop = self.warped(at), self.warped(at + size)
                gate = 0.45 if "*" in marks else 0.95
                for name in bare.split("+"):
                    for pitch in _pitches(name, names):
                        out.append((start, round((stop - start) * gate), pitch, loud))
            at += size
        if at - now != self.bar:
            raise ValueError(f"{self.source.id}: a bar of {(at - now) // STEP} sixteenths: {words}")
        return out

    def _line(self, here: Chord, following: Chord, low: int) -> dict[str, list[int]]:
        tones = tones_of(here, self.scale)
        root = low + (here.root - low) % 12
        names = {}
        for degree in range(1, 16):
            octave, step = divmod(degree - 1, 7)
            pitch = root + 12 * octave + tones.steps[step]
            names |= {f"{degree}": [pitch], f"b{degree}": [pitch - 1], f"#{degree}": [pitch + 1]}
        goal = low + (following.root - low) % 12
        below = next(step for step in (1, 2) if (goal - step) % 12 in self.scale)
        above = next(step for step in (2, 1) if (goal + step) % 12 in self.scale)
        half, whole = goal - 1 if goal > low else goal + 1, goal - below if goal - below >= low else goal + above
        names |= {"a": [half], "b": [goal + 1], "c": [whole], "d": [goal + above]}
        deeper = {f"{name},": [pitch[0] - 12 if pitch[0] - 12 >= low else pitch[0]] for name, pitch in names.items()}
        return names | deeper

    def _voicing(self, kind: str, here: Chord, at: int, shape: list[int], before: tuple[int, ...]) -> tuple[int, ...]:
        tones = tones_of(here, self.scale)
        if kind == "stack":
            root = at + (here.root - at) % 12
            return tuple(root + 12 * ((degree - 1) // 7) + tones.steps[(degree - 1) % 7] for degree in shape)
        classes = [(here.root + tones.steps[(degree - 1) % 7]) % 12 for degree in shape]
        ladder = sorted(dict.fromkeys(classes))
        best: list[tuple[float, tuple[int, ...]]] = []
        for turn in range(len(ladder)):
            order = ladder[turn:] + ladder[:turn]
            for octave in range(2, 8):
                stack = [12 * octave + order[0]]
                for wanted in order[1:]:
                    stack.append(stack[-1] + (wanted - stack[-1] - 1) % 12 + 1)
                if len(stack) < len(shape):
                    stack.append(stack[0] + 12)
                cost = abs(sum(stack) / len(stack) - at)
                if before:
                    cost += sum(min(abs(one - other) for other in before) for one in stack) / len(stack)
                best.append((cost + 2 * sum(b - a == 1 for a, b in pairwise(stack)), tuple(stack)))
        return min(best)[1]


def _named(voiced: tuple[int, ...], under: Chord) -> dict[str, list[int]]:
    bass = under.bass if under.bass >= 0 else under.root
    low = 40 + (bass - 40) % 12
    low -= 12 if low > 49 else 0
    fifth = low + 6 if under.quality in ("dim", "hdim7", "dim7") else low + 7
    names = {str(number): [pitch] for number, pitch in enumerate(voiced, 1)}
    return names | {"V": list(voiced), "U": list(voiced[1:]), "R": [low], "P": [fifth]}


def _pitches(name: str, names: dict[str, list[int]]) -> list[int]:
    if name in names:
        return names[name]
    bare = name.rstrip(",'")
    shift = 12 * (name.count("'") - name.count(","))
    if bare not in names:  # a voicing of three has no fourth tone: the lowest an octave up
        top = len(names["V"])
        return [names[str(int(bare) - top)][0] + 12 + shift]
    return [pitch + shift for pitch in names[bare]]


def _words(bar: str) -> list[tuple[str, int]]:
    while (found := re.search(r"(\d+)\(([^()]*)\)", bar)) is not None:
        bar = bar[: found.start()] + " ".join([found[2]] * int(found[1])) + bar[found.end() :]
    out: list[tuple[str, int]] = []
    for word in bar.split():
        name, _, length = word.partition(":")
        out.append((name, int(length) if length else out[-1][1]))
    return out
