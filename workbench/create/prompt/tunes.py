"""The tune of a mixture of prompts, cut into bars with its chords: given and kept, varied, or newly written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from workbench.create.compose.newtune import with_tune
from workbench.create.compose.source import Source, SourceBar, source_of
from workbench.create.prompt.brief import Brief
from workbench.create.prompt.prompts import Prompt, Prompts, kind_of
from workbench.create.prompt.varied import varied_bars
from workbench.errors import BadRequest, WorkbenchError
from workbench.hub.tasks.genie.chords import parse_symbol
from workbench.score.keys import MAJOR_SCALE, MINOR_SCALE, KeyGuess
from workbench.score.lanes import Chord, Meter
from workbench.score.score import DEFAULT_PPQ, Score

#: A bar each, as degrees of the scale; a seventh chord where it says so. By mode, the plainest first.
PROGRESSIONS: dict[str, tuple[str, ...]] = {
    "major": (
        "1 5 6 4", "1 6 4 5", "1 4 1 5", "1 6 2 5", "6 4 1 5", "1 3 4 5", "1 4 6 5", "4 5 1 6",
    ),
    "minor": ("1 6 3 7", "1 4 6 5", "1 7 6 7", "1 6 4 5", "1 3 7 4", "1 4 7 3"),
}  # fmt: skip
#: Rows for styles that have their own.
OWN: dict[str, dict[str, tuple[str, ...]]] = {
    "swing": {"major": ("27 57 17 67", "17 67 27 57"), "minor": ("1 4 57 1", "1 6 27 57")},
    "bossa": {"major": ("17 67 27 57", "17 27 57 17"), "minor": ("1 4 57 1",)},
    "shuffle": {"major": ("1 4 1 5", "17 47 17 57"), "minor": ("1 4 1 5",)},
    "hymn": {"major": ("1 4 5 1", "1 6 2 5"), "minor": ("1 4 5 1",)},
    "ambient": {"major": ("1 3 4 4", "1 6 4 1"), "minor": ("1 6 1 7", "1 3 6 4")},
}  # fmt: skip


def progression(tonic: int, mode: str, style: str, seed: int) -> list[tuple[int, str]]:
    """Roots and kinds of a progression, a bar each."""
    rows = OWN.get(style, PROGRESSIONS).get(mode, PROGRESSIONS[mode])
    scale = MAJOR_SCALE if mode == "major" else MINOR_SCALE
    out = []
    for word in rows[seed % len(rows)].split():
        degree = int(word[0]) - 1
        step, third, fifth = (scale[(degree + up) % 7] for up in (0, 2, 4))
        kind = {(4, 7): "maj", (3, 7): "min", (3, 6): "dim"}[(third - step) % 12, (fifth - step) % 12]
        if degree == 4:  # the dominant is major in minor too
            kind = "7" if word.endswith("7") and len(word) > 1 else "maj"
        elif len(word) > 1:
            kind = {"maj": "maj7", "min": "min7", "dim": "hdim7"}[kind]
        out.append(((tonic + step) % 12, kind))
    return out


def given(prompt: Prompt) -> Source:
    """The tune of a prompt.

    Raises:
        WorkbenchError: it has none that can be arranged.
    """
    score = prompt.score
    if score is None:
        raise BadRequest("There is no tune in it.")
    source = source_of(score)
    if kind_of(prompt.understood) == "heard" and prompt.understood.beats.tempo > 0:
        heard = prompt.understood
        source = replace(source, tempo=round(60_000_000 / min(400.0, max(20.0, heard.beats.tempo))))
        if heard.key is not None:
            source = replace(source, key=KeyGuess(heard.key.tonic, heard.key.mode, heard.key.confidence))
    return source


def in_metre(source: Source, metre: tuple[int, int]) -> Source:
    """The tune with other bar lines: onsets and lengths stay, counted from its first bar."""
    first = source.bars[0]
    if (first.numerator, first.denominator) == metre:
        return source
    score = source.tune_score()
    at = 0
    for bar in source.bars:
        score.chords += [replace(chord, tick=at + chord.tick) for chord in bar.chords]
        at += bar.length
    score.meters = [Meter(0, *metre)]
    try:
        made = source_of(score)
    except WorkbenchError:
        return source
    return replace(source, bars=made.bars, lead=source.lead)


def moved(source: Source, semitones: int) -> Source:
    """The tune and its chords so many semitones higher."""
    if not semitones:
        return source

    def chord(item: Chord) -> Chord:
        bass = (item.bass + semitones) % 12 if item.bass >= 0 else -1
        return replace(item, root=(item.root + semitones) % 12, bass=bass)

    bars = tuple(
        replace(
            bar, chords=tuple(map(chord, bar.chords)),
            notes=tuple(replace(note, pitch=min(127, max(0, note.pitch + semitones))) for note in bar.notes),
        )
        for bar in source.bars
    )  # fmt: skip
    lead = tuple((by, replace(note, pitch=min(127, max(0, note.pitch + semitones)))) for by, note in source.lead)
    key = KeyGuess((source.key.tonic + semitones) % 12, source.key.mode, source.key.confidence)
    return replace(source, bars=bars, lead=lead, key=key)


def of_chords(chords: Sequence[tuple[int, str, int]], bars: int, metre: tuple[int, int], key: KeyGuess) -> Source:
    """Bars with chords in turn, without a tune yet."""
    length = 4 * DEFAULT_PPQ * metre[0] // metre[1]
    made = tuple(
        SourceBar(*metre, length, (), (Chord(0, length, *chords[at % len(chords)]),)) for at in range(bars)
    )  # fmt: skip
    return Source(DEFAULT_PPQ, made, (), key)


def over(source: Source, chords: Sequence[tuple[int, str, int]]) -> Source:
    """The tune over other chords, a bar each, in turn."""
    bars = tuple(
        replace(bar, chords=(Chord(0, bar.length, *chords[at % len(chords)]),)) for at, bar in enumerate(source.bars)
    )  # fmt: skip
    return replace(source, bars=bars)


def chords_given(prompt: Prompt, key: KeyGuess | None) -> list[tuple[int, str, int]]:
    """The chords of a prompt, a bar each, moved to a key; none where none are known."""
    score: Score | None = prompt.score
    if kind_of(prompt.understood) == "heard":
        score = prompt.understood.score()
    if score is None:
        return []
    try:
        source = source_of(score)
    except WorkbenchError:
        return []
    by = 0 if key is None else (key.tonic - source.key.tonic) % 12
    found = [bar.chords[0] for bar in moved(source, by).bars if bar.chords]
    return [(chord.root, chord.quality, chord.bass) for chord in found]


def tune_for(brief: Brief, prompts: Prompts, seed: int) -> Source:
    """The tune that a brief tells, in its metre and key.

    Raises:
        BadRequest: the brief tells the tune of a prompt that is not there.
    """
    if not brief.melody.source:
        return _new(brief, seed)
    prompt = prompts.get(brief.melody.source)
    if prompt is None:
        raise BadRequest("The brief tells the tune of a prompt that was taken out; make the brief anew.")
    source = in_metre(given(prompt), brief.metre)
    by = (brief.tonic - source.key.tonic + 6) % 12 - 6
    source = moved(source, by)
    if brief.melody.how == "varied":
        source = varied_bars(source, np.random.default_rng([brief.seed, seed, 11]))
    return source


def _new(brief: Brief, seed: int) -> Source:
    """A new tune over the chords of the sections that tell it."""
    size = max((section.tune[0] + section.tune[1] - 1 for section in brief.sections if section.tune[1]), default=8)
    row = [(root, kind, -1) for root, kind in progression(brief.tonic, brief.mode, brief.style, brief.seed)]
    source = of_chords(row, size, brief.metre, KeyGuess(brief.tonic, brief.mode))
    bars = list(source.bars)
    for section in brief.sections:
        for at in range(min(section.bars, section.tune[1])):
            own = _bar_chords(brief, section.first_bar + at, bars[0].length, source.ppq)
            if own and section.tune[0] + at <= size:
                bars[section.tune[0] + at - 1] = replace(bars[0], chords=own)
    return with_tune(replace(source, bars=tuple(bars)), brief.seed + 1_000 * seed)


def _bar_chords(brief: Brief, bar: int, length: int, ppq: int) -> tuple[Chord, ...]:
    """The chords of one bar of the brief, ticks from its bar line; none where the brief has no chords yet."""
    unit = 4 * ppq // brief.metre[1]
    rows = [(round((beat - 1) * unit), symbol) for number, beat, symbol in brief.chords if number == bar]
    if not rows or rows[0][0] > 0:
        before = [symbol for number, _, symbol in brief.chords if number < bar]
        rows = [(0, before[-1]), *rows] if before else rows
    out = []
    for place, (tick, symbol) in enumerate(rows):
        end = rows[place + 1][0] if place + 1 < len(rows) else length
        chord = parse_symbol(symbol)
        if end > tick and chord.quality:
            out.append(Chord(tick, end - tick, chord.root, chord.quality, chord.bass))
    return tuple(out)
