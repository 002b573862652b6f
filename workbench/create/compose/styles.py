"""The library of styles: projects in ``assets/styles`` that open in the app like any other.

    from workbench.create.compose.styles import find_style, load_style

    find_style("a jazz band").title

A style's file is a score. Its markers name the sections (``Intro``, ``Groove A``, ``Groove B``, ``Fill 1`` to
``Fill 4``, ``Ending``; a name that comes twice goes on), its chord lane says what each stretch was composed over, and
each track is a part. Its facts hold ``words``, ``synonyms`` (parted by commas), ``tempo`` (lowest, usual and highest
quarters a minute) and ``swing``.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

from workbench import resources
from workbench.create.compose.style import (
    ENDING,
    FILL,
    GROOVE_A,
    GROOVE_B,
    INTRO,
    PPQ,
    Part,
    Pattern,
    PatternNote,
    Style,
)
from workbench.errors import BadFile, BadRequest
from workbench.score.lanes import MAX_TICK, Chord
from workbench.score.score import Score, Track

FOLDER = "assets/styles"
#: What a track's name says about its part.
_ROLES = {
    "drums": "drums", "percussion": "drums", "bass": "bass", "cello": "bass", "timpani": "bass", "808": "bass",
    "piano": "keys", "organ": "keys", "keys": "keys", "accordion": "keys", "harp": "keys", "clavinet": "keys",
    "vibraphone": "keys", "celesta": "keys", "music box": "keys", "arpeggio": "keys", "guitar": "guitar",
    "banjo": "guitar", "mandolin": "guitar", "pad": "pad", "strings": "pad", "choir": "pad", "brass": "pad",
    "horns": "pad", "trombones": "pad", "voices": "pad", "viola": "pad", "second violin": "pad",
}  # fmt: skip
#: Small bands that were asked for by one word before there were styles.
_SMALL = MappingProxyType({"band": "pop-ballad", "a band": "pop-ballad", "piano": "pop-ballad"})
#: A piece that is to be played along with needs one of these.
_NEEDED = (GROOVE_A, GROOVE_B)
_KNOWN = (INTRO, GROOVE_A, GROOVE_B, *(f"{FILL} {number}" for number in range(1, 5)), ENDING)
#: How far a part may leave the keys that it uses in its file, in semitones below and above.
_ROOM = {"bass": (5, 7), "keys": (5, 7), "guitar": (4, 7), "pad": (5, 7), "lead": (5, 5), "drums": (0, 0)}
#: The lowest keys of basses: an E with four strings.
_LOWEST = {"bass": 28}


@functools.cache
def style_names() -> tuple[str, ...]:
    """The ids of all styles, in the order of the alphabet."""
    return tuple(sorted(path.stem for path in resources.path(FOLDER).glob("*.wbz")))


@functools.cache
def load_style(name: str) -> Style:
    """The style with this id.

    Raises:
        BadRequest: there is none.
        BadFile: its file is damaged.
    """
    if name not in style_names():
        raise BadRequest(f"There is no style {name[:40]!r}; choose one of {', '.join(style_names())}.")
    return read_style(name, Score.open(resources.path(f"{FOLDER}/{name}.wbz")))


def find_style(text: str) -> Style | None:
    """The style that plain words mean: an id, a title, or a text in which a synonym stands; None if nothing fits."""
    wanted = f" {' '.join(re.findall(r'[a-z0-9]+', text.casefold()))} "
    best: tuple[int, str] | None = None
    for name in style_names():
        style = load_style(name)
        for word in (style.id.replace("-", " "), style.title.casefold(), *style.synonyms):
            plain = " ".join(re.findall(r"[a-z0-9]+", word.casefold()))
            if plain and f" {plain} " in wanted and (best is None or len(plain) > best[0]):
                best = (len(plain), name)
    chosen = best[1] if best is not None else _SMALL.get(wanted.strip(), "")
    return load_style(chosen) if chosen in style_names() else None


def read_style(name: str, score: Score) -> Style:
    """A style from its score.

    Raises:
        BadFile: a groove or a part is missing, a marker, tempo or swing makes no sense, or notes lie over no chord.
    """
    spans = _sections(score)
    have = [section for section, _, _ in spans]
    if missing := [section for section in _NEEDED if section not in have]:
        raise BadFile(f"The style {name} has no marker {missing[0]!r}; put one where that section begins.")
    if unknown := [section for section in have if section not in _KNOWN]:
        raise BadFile(f"The style {name} has a marker {unknown[0][:40]!r}; the sections are {', '.join(_KNOWN)}.")
    try:
        low, usual, high = (float(word) for word in score.meta["tempo"].split())
        swing = float(score.meta.get("swing", "0.5"))
        words = score.meta["words"]
    except (KeyError, ValueError) as error:
        raise BadFile(f"The style {name} does not say its words, its tempo or its swing.") from error
    if not 20 <= low <= usual <= high <= 400 or not 0.5 <= swing <= 0.75:
        raise BadFile(f"The style {name} needs three tempos from slow to fast, and a swing from 0.5 to 0.75.")
    meter = score.meters[0]
    bar = 4 * score.ppq * meter.numerator // meter.denominator
    for section, start, end in spans:
        if end <= start or (start - spans[0][1]) % bar:
            raise BadFile(f"In the style {name} the section {section} does not begin at a bar line, or is empty.")
    parts = tuple(_part(track, score, spans, bar) for track in score.tracks)
    if not parts or len({part.name for part in parts}) < len(parts):
        raise BadFile(f"The style {name} needs one track for each part, each with a name of its own.")
    for part in parts:
        if not any(section in part.sections for section in _NEEDED):
            raise BadFile(f"In the style {name} the part {part.name} plays in neither groove.")
        over_none = [key for key, pattern in part.sections.items() if not part.is_drum and not pattern.chords]
        if over_none:
            raise BadFile(f"In the style {name} the section {over_none[0]} has no chord in the chord lane.")
    synonyms = tuple(word.strip() for word in score.meta.get("synonyms", "").split(",") if word.strip())
    return Style(name, score.title or name, words, synonyms, (low, usual, high), (meter.numerator, meter.denominator),
                 swing, parts)  # fmt: skip


def _sections(score: Score) -> list[tuple[str, int, int]]:
    marks = [(text.text.strip(), text.tick) for text in score.texts if text.kind == "marker"]
    ends = [tick for _, tick in marks[1:]] + [
        max(score.end, max((c.tick + c.duration for c in score.chords), default=0))
    ]
    return [(name, tick, end) for (name, tick), end in zip(marks, ends, strict=True)]


def _part(track: Track, score: Score, spans: Sequence[tuple[str, int, int]], bar: int) -> Part:
    name = track.name or "Part"
    plain = name.casefold()
    role = "drums" if track.is_drum else next((own for word, own in _ROLES.items() if word in plain), "lead")
    sections: dict[str, Pattern] = {}
    for section, start, end in spans:
        more = _pattern(track, score, start, end, bar)
        sections[section] = _joined(sections[section], more, bar * PPQ // score.ppq) if section in sections else more
    pitches = [note.pitch for note in track.notes.values()] or [60]
    below, above = _ROOM[role]
    low = max(_LOWEST.get(role, 0), min(pitches) - below)
    return Part(
        role, name, track.program, track.is_drum, low, min(127, max(pitches) + above),
        {key: pattern for key, pattern in sections.items() if pattern.notes}, track.volume, track.pan,
    )  # fmt: skip


def _pattern(track: Track, score: Score, start: int, end: int, bar: int) -> Pattern:
    def scaled(ticks: int) -> int:
        return ticks * PPQ // score.ppq

    notes = tuple(
        PatternNote(scaled(note.start - start), max(1, scaled(note.duration)), note.pitch, note.velocity)
        for note in track.sorted_notes() if start <= note.start < end
    )  # fmt: skip
    chords = tuple(
        replace(chord, tick=scaled(max(chord.tick, start) - start), duration=min(MAX_TICK, scaled(
            min(chord.tick + chord.duration, end) - max(chord.tick, start))))
        for chord in score.chords if chord.tick < end and chord.tick + chord.duration > start
    )  # fmt: skip
    return Pattern(max(1, -(-(end - start) // bar)), chords, notes)


def _joined(one: Pattern, other: Pattern, bar: int) -> Pattern:
    shift = one.bars * bar

    def moved(chord: Chord) -> Chord:
        return replace(chord, tick=chord.tick + shift)

    later = tuple(note._replace(tick=note.tick + shift) for note in other.notes)
    return Pattern(one.bars + other.bars, (*one.chords, *map(moved, other.chords)), (*one.notes, *later))
