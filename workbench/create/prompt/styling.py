"""Which style of the library plays, and on what: from the style of a recording, from words, or from the mood.

A recording's style is followed by the nearest style of the library, which is then brought to its tempo, its
instruments, its density and its drums (or to none).
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from workbench.create.compose.layout import TUNE
from workbench.create.compose.remetre import beats_of
from workbench.create.compose.style import GROOVE_A, PPQ, Part, Style
from workbench.create.compose.styles import load_style, style_names
from workbench.create.prompt.brief import Brief, Instrument
from workbench.create.prompt.front import carrier
from workbench.nets.colour import FAMILIES
from workbench.score.instruments import DRUMS, program_name
from workbench.score.keys import estimate_key, pitch_class_weights
from workbench.score.score import Score
from workbench.score.timemap import TimeMap
from workbench.understand.style import Style as Figures
from workbench.understand.style_compare import style_distance

#: A program that speaks for each family in the band, and one that carries its tunes.
BAND = {
    "piano": 0, "mallets": 11, "organ": 16, "guitar": 25, "bass": 33, "strings": 48, "voices": 52, "brass": 61,
    "woodwind": 71, "synthesizer": 81, "harp": 46,
}  # fmt: skip
LEADS = {**BAND, "guitar": 26, "strings": 40, "brass": 56, "woodwind": 73, "synthesizer": 80, "bass": 32}
#: Share of the notes of each family that the listening layer hears in a band, others :data:`OTHERS`; of 21 rendered
#: pieces. What fades stands out of a chord; repeated notes of what goes on melt into one.
HEARD = {
    "piano": 0.7, "bass": 0.7, "guitar": 0.45, "harp": 0.55, "woodwind": 0.7, "brass": 0.5,
    "synthesizer": 0.55, "strings": 0.4, "organ": 0.35, "voices": 0.3,
}  # fmt: skip
OTHERS = 0.6
#: The same of strokes on a drum kit, whose highest key is :data:`KIT_TOP`, and on what is held in the hand.
KIT, HAND, KIT_TOP = 0.95, 0.5, 53
#: The same for all together: notes are heard that nobody plays; and fewer than that of a band behind a tune.
GHOSTS, SOFT = 1.1, 0.9
#: Fewer drum strokes a second than this, and the recording has no drums.
NO_DRUMS = 0.35
#: Styles by mood: the first that fits is played where nothing else says one.
BY_MOOD: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("epic", ("cinematic",)), ("tense", ("cinematic",)), ("mysterious", ("cinematic", "ambient")),
    ("angry", ("rock",)), ("exciting", ("rock", "funk")), ("dark", ("cinematic", "trap")),
    ("dreamy", ("ambient", "lullaby")), ("calm", ("ambient", "folk-picking", "pop-ballad")),
    ("cool", ("lofi", "swing")), ("nostalgic", ("lofi", "folk-picking")), ("romantic", ("bossa", "pop-ballad")),
    ("playful", ("march", "chiptune")), ("solemn", ("hymn",)), ("sad", ("pop-ballad", "string-quartet")),
    ("warm", ("folk-picking", "pop-ballad")), ("hopeful", ("pop-ballad", "country")), ("happy", ("country", "disco")),
)  # fmt: skip
USUAL = ("pop-ballad", "rock", "folk-picking", "disco", "bossa", "country")
MINOR_MOODS = ("sad", "dark", "tense", "mysterious", "angry")


def family_of(program: int, drums: bool = False) -> str:
    """The family of a program as the listening layer names it, "" for none of them."""
    if drums:
        return "drums"
    return next((name for name, spans in FAMILIES.items() if any(program in span for span in spans)), "")


@functools.cache
def figures_of(name: str) -> Figures:
    """The figures of a style of the library, from its first groove."""
    style = load_style(name)
    count, size = beats_of(style.metre)
    pitched, strokes, pitches = 0.0, 0.0, []
    for part in style.parts:
        pattern = part.sections.get(GROOVE_A)
        if pattern is None:
            continue
        each = len(pattern.notes) / (pattern.bars * count)
        if part.is_drum:
            strokes += each
        else:
            pitched += each
            pitches += [note.pitch for note in pattern.notes]
    low, middle, high = np.quantile(pitches, (0.1, 0.5, 0.9)) if pitches else (0.0, 0.0, 0.0)
    families = [family_of(part.program, part.is_drum) for part in style.parts]
    return Figures(
        tempo=style.tempo[1] * PPQ / size, metre=count, density=pitched, strokes=strokes, low=float(low),
        middle=float(middle), high=float(high), swing=style.swing,
        instruments=tuple(dict.fromkeys(name for name in families if name)),
    )  # fmt: skip


def nearest(figures: Figures) -> list[str]:
    """The styles of the library, the one most like a recording's first; tempos inside a style's range are alike."""

    def distance(name: str) -> float:
        style, own = load_style(name), figures_of(name)
        scale = PPQ / beats_of(style.metre)[1]
        low, _, high = (tempo * scale for tempo in style.tempo)
        tempo = min(high, max(low, figures.tempo)) if figures.tempo > 0 else own.tempo
        odd = (own.metre % 3 == 0) != (figures.metre % 3 == 0)
        drums = (own.strokes > 0) != (figures.strokes * max(figures.tempo, 60.0) / 60.0 > NO_DRUMS)
        compound = style.metre[1] == 8 and figures.metre not in (2, 6)
        known = replace(own, tempo=tempo, mode=figures.mode)
        return style_distance(figures, known) + 1.5 * odd + 0.8 * drums + 1.5 * compound

    return sorted(style_names(), key=distance)


def by_words(wishes: Any, seed: int) -> str:
    """The style that words name, or that fits their moods, or a usual one."""
    if wishes is not None and wishes.style in style_names():
        return str(wishes.style)
    for mood, names in BY_MOOD:
        if wishes is not None and mood in wishes.moods:
            fits = [name for name in names if not any(name in other for m, other in BY_MOOD if m in wishes.not_moods)]
            if fits:
                return fits[seed % len(fits)]
    return USUAL[seed % len(USUAL)]


class Cast:
    """Who plays: the parts of a style, each with its program, and the program of the tune."""

    def __init__(self, style: Style, tune: int) -> None:
        self.style, self.tune = style, tune
        self.programs = {part.name: part.program for part in style.parts}
        self.kept = [part.name for part in style.parts]
        self.said: list[str] = []
        self._moved: set[str] = set()
        self._wanted: tuple[str, ...] = ()

    def follow(self, figures: Figures) -> None:
        """Play on the families of a recording: its surest two among the parts, a fitting one for the tune."""
        parts = {part.name: part for part in self.style.parts}
        if figures.strokes * max(figures.tempo, 60.0) / 60.0 < NO_DRUMS and "drums" not in figures.instruments:
            self._drop(lambda name: parts[name].is_drum)
        wanted = [name for name in figures.instruments if name in BAND]
        self._wanted = tuple(wanted)
        for family in wanted[:2]:
            if family not in self._families():
                self._give(BAND[family], bass=family == "bass")
        leading = next((name for name in wanted if name != "bass"), "")
        if leading:
            self.tune = LEADS[leading]

    def wish(self, wishes: Any) -> None:
        """Play on what words name, without what they do not want."""
        named = list(wishes.instruments)
        melodic = [program for program in named if program != DRUMS]
        parts = {part.name: part for part in self.style.parts}
        if melodic:
            self.tune = carrier(melodic)
        for program in melodic:
            if program not in self.programs.values():
                if len(melodic) > 1 and program == self.tune:
                    continue  # it is heard with the tune
                same = [
                    name for name in self.kept
                    if family_of(self.programs[name], parts[name].is_drum) == family_of(program)
                ]  # fmt: skip
                if same:
                    self.programs[same[0]] = program
                    self._moved.add(same[0])
                elif len(melodic) > 1 or wishes.only:
                    self._give(program, bass=family_of(program) == "bass")
        if wishes.only and named:
            keep = {name for name in self.kept if self.programs[name] in melodic and not parts[name].is_drum}
            keep |= {name for name in self.kept if parts[name].is_drum and DRUMS in named}
            self._drop(lambda name: name not in keep)
        elif DRUMS in named and not any(parts[name].is_drum for name in self.kept):
            self.said.append(f"The style {self.style.title} has no drums; another style has them.")
        self._drop(lambda name: wishes.unwanted(DRUMS if parts[name].is_drum else self.programs[name]))
        if wishes.unwanted(self.tune):
            other = next(program for program in (73, 0, 40, 25, 11, 56, 80) if not wishes.unwanted(program))
            self.tune = other

    def instruments(self) -> tuple[Instrument, ...]:
        """Those that play, in the order of the style."""
        return tuple(
            Instrument(part.name, self.programs[part.name], part.is_drum)
            for part in self.style.parts if part.name in self.kept
        )  # fmt: skip

    def heard_share(self, *, behind: bool) -> float:
        """Notes that the listening layer hears for each one that these players play, in the style's first groove.

        Fewer of them where they play softly ``behind`` a tune that was given.
        """
        parts = [part for part in self.style.parts if part.name in self.kept]
        played = [_busy(part) for part in parts]
        heard = [
            _strokes_heard(part) if part.is_drum else HEARD.get(family_of(self.programs[part.name]), OTHERS)
            for part in parts
        ]  # fmt: skip
        total = sum(played)
        share = sum(a * b for a, b in zip(played, heard, strict=True)) / total if total else OTHERS
        return share * (SOFT if behind else GHOSTS)

    def _families(self) -> set[str]:
        drums = {part.name for part in self.style.parts if part.is_drum}
        return {family_of(self.programs[name], name in drums) for name in self.kept}

    def _give(self, program: int, *, bass: bool) -> None:
        """Let a part play on another instrument: the bass for a bass, else chords that were not given one yet.

        Of these the one that plays most, so that it is heard; one on which the recording's families depend comes last.
        """
        fits = [
            part for part in self.style.parts
            if (part.role == "bass" if bass else part.role not in ("bass", "drums"))
            and part.name in self.kept and part.name not in self._moved
        ]  # fmt: skip
        if fits:
            best = min(fits, key=lambda part: (family_of(self.programs[part.name]) in self._wanted, -_busy(part)))
            self.programs[best.name] = program
            self._moved.add(best.name)
            return
        self.said.append(f"No part of {self.style.title} was left for {program_name(program).lower()}.")

    def _drop(self, unwanted: Any) -> None:
        self.kept = [name for name in self.kept if not unwanted(name)]


def _busy(part: Part) -> float:
    """Notes a bar of a part's first groove."""
    pattern = part.sections.get(GROOVE_A)
    return len(pattern.notes) / pattern.bars if pattern is not None else 0.0


def _strokes_heard(part: Part) -> float:
    """Share of the strokes of a drummer's first groove that the listening layer hears."""
    pattern = part.sections.get(GROOVE_A)
    strokes = [note.pitch <= KIT_TOP for note in pattern.notes] if pattern is not None else []
    return HAND + (KIT - HAND) * sum(strokes) / len(strokes) if strokes else KIT


def fewer(parts: Sequence[str], level: float, drums: set[str]) -> tuple[str, ...]:
    """Some of the parts, more of them the more goes on; drums come in from the middle on.

    Args:
        parts: in the order in which they join.
        level: 0 to 1.
        drums: which of them are drums.
    """
    pitched = [name for name in parts if name not in drums]
    count = max(1, min(len(pitched), round(0.3 + level * (len(pitched) + 0.2))))
    own = set(pitched[:count]) | ({*drums} if level >= 0.35 else set())
    return tuple(name for name in parts if name in own)


def recast(brief: Brief, style: Style) -> set[str]:
    """The parts that play on another instrument than the style's own, since a prompt asked for it."""
    own = {part.name: part.program for part in style.parts}
    return {item.part for item in brief.instruments if not item.drums and item.program != own.get(item.part)}


def shown_names(brief: Brief, style: Style) -> dict[str, str]:
    """What the tracks of parts are called that another family plays than in the style: by the instrument, each once.

    A part keeps its name in the brief and in the plan of the piece, whoever plays it.
    """
    own = {part.name: part.program for part in style.parts}
    taken = {item.part for item in brief.instruments}
    out: dict[str, str] = {}
    for item in brief.instruments:
        same = family_of(own.get(item.part, item.program)) == family_of(item.program)
        if item.drums or same or item.part == "Bass":  # whatever plays the bass is one
            continue
        plain = program_name(item.program)
        names = (plain if number == 1 else f"{plain} {number}" for number in range(1, 100))
        out[item.part] = next(name for name in names if name not in taken)
        taken.add(out[item.part])
    return out


def tune_instrument(program: int) -> Instrument:
    """Who plays the tune."""
    return Instrument(TUNE, program)


def figures_of_score(score: Score) -> Figures:
    """The figures of a piece that is given as notes."""
    times = TimeMap(score)
    seconds = max(1.0, times.seconds(score.end))
    tempo = 60e6 / times.tempo_at(0)
    pitched = [note for track in score.tracks if not track.is_drum for note in track.notes.values()]
    strokes = sum(len(track.notes) for track in score.tracks if track.is_drum)
    pitches = [note.pitch for note in pitched]
    low, middle, high = np.quantile(pitches, (0.1, 0.5, 0.9)) if pitches else (0.0, 0.0, 0.0)
    soft, loud, strong = np.quantile([note.velocity for note in pitched], (0.1, 0.5, 0.9)) if pitched else (0, 0, 0)
    weight: dict[str, int] = {}
    for track in score.tracks:
        name = family_of(track.program, track.is_drum)
        if name and track.notes:
            weight[name] = weight.get(name, 0) + sum(note.duration for note in track.notes.values())
    beats = seconds * tempo / 60
    return Figures(
        tempo=tempo, metre=score.meters[0].numerator if score.meters else 4, mode=estimate_key(
            pitch_class_weights(pitched)).mode if pitched else "",
        density=len(pitched) / beats, strokes=strokes / beats, low=float(low), middle=float(middle), high=float(high),
        loudness=float(loud), dynamics=float(strong - soft),
        instruments=tuple(sorted(weight, key=lambda name: -weight[name])),
    )  # fmt: skip
