"""What was written brought to the brief: so many notes a second, so loud, with accents where something happens.

The told tune is touched in its loudness alone; everything else may lose or gain notes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from workbench.create.compose.layout import DOUBLE, SECOND, TUNE
from workbench.create.compose.style import Style
from workbench.create.prompt import curves
from workbench.create.prompt.brief import Brief
from workbench.create.prompt.front import beneath, held
from workbench.create.prompt.fullness import follow
from workbench.create.prompt.laying import end_of, tick_of
from workbench.create.prompt.thickness import Parts, thicken, thin
from workbench.hub.tasks.infill.request import draft
from workbench.score.lanes import Control
from workbench.score.score import Note, Score
from workbench.score.timemap import TimeMap

EXPRESSION = 11
#: How much softer the softest moment of a curve is than the loudest, in decibels; and between which velocities.
RANGE, SOFT, LOUD = 15.0, 0.62, 1.12
#: Fewest and most notes a second that are written, as shares of the density asked for.
LESS, MORE = 0.9, 1.15
#: Ticks within which a note is struck with an accent; how much louder it is then.
TOGETHER, STRONGER = 30, 1.25
CRASH, KICK = 49, 36
#: The velocity of what is struck at a cut, however soft the music around it is.
STRUCK = 104
#: What is struck without drums has so much silence before it, as a share of a quarter.
BREATH = 8
#: How long the fade at the end of a piece of exact length is, in seconds.
FADE_SECONDS = 0.06
#: A swell is told at least this often, in seconds.
SWELL_SECONDS = 0.25


def fitted(parts: Mapping[str, Sequence[Note]], brief: Brief, score: Score, style: Style, span: tuple[int, int],
           told: Sequence[Note], rng: np.random.Generator) -> Parts:  # fmt: skip
    """One section's notes by part, as the brief wants them.

    Args:
        parts: drafts in ticks of the piece.
        brief: what was asked for.
        score: bars and tempo.
        style: whose parts they are.
        span: ticks of the section.
        told: the notes of the told tune that begin in it.
        rng: chance.
    """
    programs = {item.part: item.program for item in brief.instruments}
    playing = programs.keys() | {TUNE, SECOND, DOUBLE}
    out: Parts = {name: list(notes) for name, notes in parts.items() if name in playing}
    times = TimeMap(score)
    seconds = max(0.1, times.seconds(span[1]) - times.seconds(span[0]))
    if brief.density:
        follow(out, [note.start for note in told], brief, score, style, span, rng)
    elif brief.feel.density is not None:
        low, high = LESS * brief.feel.density, MORE * brief.feel.density
        count = sum(len(notes) for notes in out.values()) + len(told)
        if count > high * seconds:
            thin(out, round(high * seconds) - len(told), score, style)
        elif count < low * seconds:
            thicken(out, round(low * seconds) - len(told), score, style, span, rng, programs)
    _shift(out, brief, style)
    if brief.melody.source:
        out = beneath(out, told, style)
    stop = end_of(brief, score)
    for name, notes in out.items():
        kept = [replace(note, duration=max(1, min(note.duration, stop - note.start))) for note in notes
                if note.start < stop]  # fmt: skip
        # Second voices are made from the told tune, which is as loud as the brief wants it already.
        made = told and name in (SECOND, DOUBLE)
        out[name] = kept if made else [louder(note, brief, times) for note in kept]
    if brief.melody.source:
        out = held(out, told, brief, style, times)
    _accents(out, brief, score, style, span)
    if brief.exact and span[0] < stop <= span[1]:
        _hold(out, stop, score, style)
    return out


def _hold(parts: Parts, stop: int, score: Score, style: Style) -> None:
    """Let what is struck last in the last bar sound until the end, unless it is a drum."""
    drums = {part.name for part in style.parts if part.is_drum}
    begin = TimeMap(score).bar_at(stop - 1).start
    for name, notes in parts.items():
        last = max((note.start for note in notes), default=0)
        if name not in drums and last >= begin:
            parts[name] = [replace(note, duration=stop - note.start) if note.start == last else note for note in notes]


def _shift(parts: Parts, brief: Brief, style: Style) -> None:
    """Move what is not bass, drums or tune by an octave where the band lies far from the register asked for."""
    if brief.feel.low is None or brief.feel.high is None:
        return
    middle = (brief.feel.low + brief.feel.high) / 2
    names = [part.name for part in style.parts if part.role in ("keys", "guitar", "pad", "lead")]
    pitches = [note.pitch for name in names for note in parts.get(name, ())]
    if not pitches:
        return
    off = middle - float(np.median(pitches))
    by = 12 if off > 9 else -12 if off < -12 else 0
    for name in names if by else ():
        parts[name] = [replace(note, pitch=note.pitch + by) if 28 <= note.pitch + by <= 103 else note
                       for note in parts.get(name, ())]  # fmt: skip


def _accents(parts: Parts, brief: Brief, score: Score, style: Style, span: tuple[int, int]) -> None:
    """Strike what begins at an anchor harder; put a stroke where a cut falls on no beat."""
    strong = [tick_of(score, brief, bar, beat) for _, bar, beat in brief.sync[1:-1]]
    bare = [tick_of(score, brief, bar, beat) for _, bar, beat in brief.accents]
    for name, notes in parts.items():
        parts[name] = [
            replace(note, velocity=min(127, round(note.velocity * STRONGER)))
            if any(abs(note.start - tick) <= TOGETHER for tick in (*strong, *bare)) else note for note in notes
        ]  # fmt: skip
    bars = {bar.start for bar in TimeMap(score).bars(span[1]) if bar.start >= span[0]}
    drums = [part.name for part in style.parts if part.is_drum and part.name in parts]
    for tick in [*bare, *(tick for tick in strong if tick in bars or not _begins(parts, tick))]:
        if span[0] <= tick < span[1]:
            _strike(parts, tick, score, style, drums[0] if drums else "")


def _begins(parts: Parts, tick: int) -> bool:
    """Whether anybody of the band begins a note at a tick."""
    return any(abs(note.start - tick) <= TOGETHER for notes in parts.values() for note in notes)


def _strike(parts: Parts, tick: int, score: Score, style: Style, drums: str) -> None:
    """A crash with the bass drum; without drums the chord that sounds, struck by all who play chords and the bass."""
    if drums and parts[drums]:
        for pitch in (CRASH, KICK):
            near = [note for note in parts[drums] if note.pitch == pitch and abs(note.start - tick) <= TOGETHER]
            parts[drums] = [note for note in parts[drums] if note not in near]
            parts[drums].append(draft(tick, score.ppq, pitch, STRUCK))
        return
    for part in style.parts:
        if part.name in parts and not part.is_drum:
            parts[part.name] = _struck(parts[part.name], tick, score, part.low, bass=part.role == "bass")


def _struck(notes: Sequence[Note], tick: int, score: Score, low: int, *, bass: bool) -> list[Note]:
    """A part's notes with all that sounds at a tick struck there; what the chord says where nothing does."""
    breath = score.ppq // BREATH  # what is heard to begin has silence before it
    near = [note for note in notes if abs(note.start - tick) <= TOGETHER]
    if near:
        return [
            replace(note, velocity=max(note.velocity, STRUCK)) if note in near
            else replace(note, duration=max(1, tick - breath - note.start)) if note.start < tick - breath < note.end
            else note for note in notes
        ]  # fmt: skip
    sounding = [note for note in notes if note.start < tick < note.end]
    fresh = [replace(note, start=tick, duration=note.end - tick, velocity=STRUCK) for note in sounding]
    if not fresh:
        chord = next((item for item in score.chords if item.tick <= tick < item.tick + item.duration), None)
        ahead = min((note.start for note in notes if note.start > tick), default=tick + score.ppq)
        tones = [] if chord is None else [chord.root] if bass else sorted(chord.pitch_classes)
        base = low if bass else max(48, low)
        fresh = [draft(tick, max(1, min(score.ppq, ahead - tick)), base + (tone - base) % 12, STRUCK) for tone in tones]
    kept = [replace(note, duration=max(1, tick - breath - note.start)) if note in sounding else note for note in notes]
    return [*kept, *fresh]


def louder(note: Note, brief: Brief, times: TimeMap) -> Note:
    """A note as loud as the brief wants it at its time."""
    factor = 1.0
    if brief.feel.loudness is not None:
        factor *= 0.6 + 0.8 * brief.feel.loudness
    if brief.dynamics:
        factor *= SOFT + (LOUD - SOFT) * curves.at(brief.dynamics, times.seconds(note.start))
    return note if factor == 1.0 else replace(note, velocity=max(1, min(127, round(note.velocity * factor))))


def expression(brief: Brief, score: Score) -> list[Control]:
    """The swell of every track: the curve of the brief, and silence at the end of a piece of exact length."""
    times, stop = TimeMap(score), end_of(brief, score)
    rows: dict[int, int] = {}
    # A controller holds its value until the next one: a curve drawn with few points has to be told in small steps.
    grid = np.arange(0.0, times.seconds(stop), SWELL_SECONDS).tolist() if brief.dynamics else []
    for time in sorted({*grid, *(time for time, _ in brief.dynamics)}):
        tick = times.tick(time)
        if tick < stop:
            rows[tick] = round(127 * 10 ** (-RANGE * (1 - curves.at(brief.dynamics, time)) / 40))
    if brief.exact:
        before = times.tick(max(0.0, times.seconds(stop) - FADE_SECONDS))
        last = [value for tick, value in sorted(rows.items()) if tick <= before]
        rows = {tick: value for tick, value in rows.items() if tick < before}
        rows[before] = last[-1] if last else 127
        rows[stop] = 0
    return [Control(tick, EXPRESSION, value) for tick, value in sorted(rows.items())]
