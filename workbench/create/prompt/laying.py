"""From the brief to the ground that a piece is written on: the plan of its sections, and bars, chords, tempo and tune.

The tune is laid note by note as it was given: where a section ends in the middle of it, it runs on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from workbench.create.compose.layout import TUNE, lay_out
from workbench.create.compose.section import Section, climax
from workbench.create.compose.songplan import SectionPlan, SongPlan, loudness, plan_section
from workbench.create.compose.source import Source
from workbench.create.compose.style import Style
from workbench.create.prompt.brief import Brief
from workbench.hub.tasks.genie.chords import parse_symbol
from workbench.score.lanes import Chord, Tempo
from workbench.score.score import Note, Score
from workbench.score.timemap import TimeMap

#: Slowest and fastest tempo that a score can say, microseconds a quarter.
_SLOWEST, _FASTEST = 16_000_000, 60_000


def song_plan(brief: Brief, source: Source, style: Style, seed: int) -> SongPlan:
    """What happens in each section, as the arranger reads it."""
    rows = [
        Section(item.kind, item.first_bar, item.bars, item.energy, item.label[:8] if not item.label.isdecimal() else "")
        for item in brief.sections
    ]
    spans = {kind: (1, len(source.bars)) for kind in ("verse", "chorus")} | {"bridge": (0, 0)}
    top, heard = climax(rows), dict[str, int]()
    out = []
    for place, (row, item) in enumerate(zip(rows, brief.sections, strict=True)):
        turn = heard.get(row.kind, 0)
        heard[row.kind] = turn + 1
        following = rows[place + 1] if place + 1 < len(rows) else None
        made = plan_section(source, style, row, spans, turn, following, place == top, seed)
        melody = "tune" if item.tune[1] and source.has_tune else made.melody
        if melody == "tune" and not item.tune[1]:
            melody = "contrast"
        known = {part.name for part in style.parts}
        parts = tuple(name for name in item.instruments if name in known) or made.parts
        doubles = made.doubles if item.energy >= 60 and not _thin(brief) else ()
        made = replace(
            made, tune=item.tune if melody == "tune" else (0, 0), melody=melody, parts=parts, doubles=doubles,
            fill=made.fill and bool(parts), stop=0 if brief.sync else made.stop,
        )  # fmt: skip
        out.append(made)
    return SongPlan(style.id, source.key.tonic, source.key.mode, seed, 60, 0, tuple(out))


def _thin(brief: Brief) -> bool:
    return brief.feel.density is not None and brief.feel.density < 4.0


def laid_out(brief: Brief, source: Source, plan: SongPlan, *, title: str = "") -> Score:
    """Bars, metre, tempo, key, chords and the tune, and nothing of the band yet."""
    if brief.exact and plan.sections[0].melody == "tune":
        source = replace(source, lead=())  # bar 1 is where the clock begins
    score = lay_out(source, plan, round(60_000_000 / brief.tempo), title, 0.5)
    if brief.chords:
        score.chords = _chords(brief, score)
    tune = next(track for track in score.tracks if track.name == TUNE)
    score.tempos = tempo_lane(brief, score)
    notes = told(score, source, plan, end_of(brief, score))
    tune.notes = {f"n{place}": replace(note, id=f"n{place}") for place, note in enumerate(notes, 1)}
    return score


def told(score: Score, source: Source, plan: SongPlan, stop: int) -> list[Note]:
    """The tune in all its places, every onset, length and pitch as it was given.

    A note ends early where the same pitch begins again, and with the piece, at ``stop`` (a tick).
    """
    times, bars = TimeMap(score), len(source.bars)
    out: list[Note] = []
    for item in plan.sections:
        if item.melody != "tune":
            continue
        start, size = item.tune
        at = times.bar(item.section.first_bar).start
        for count in range(item.section.bars):
            number = (start - 1 + count % size) % bars
            bar = source.bars[number]
            if number == 0:
                out += [_loud(item, replace(note, start=at - by)) for by, note in source.lead if at >= by]
            out += [_loud(item, replace(note, start=at + note.start)) for note in bar.notes]
            at += bar.length
    out = sorted((note for note in out if note.start < stop), key=lambda note: (note.start, note.pitch))
    ends: dict[int, int] = {}
    kept: list[Note] = []
    for note in out:
        before = ends.get(note.pitch)
        if before is not None and kept[before].end > note.start:
            if kept[before].start == note.start:
                continue
            kept[before] = replace(kept[before], duration=note.start - kept[before].start)
        ends[note.pitch] = len(kept)
        kept.append(replace(note, duration=max(1, min(note.duration, stop - note.start)), locked=False))
    return kept


def _loud(item: SectionPlan, note: Note) -> Note:
    return replace(note, velocity=loudness(item, note.velocity, 0.5))


def tick_of(score: Score, brief: Brief, bar: int, beat: float) -> int:
    """The tick of a place in the piece."""
    return TimeMap(score).bar(bar).start + round((beat - 1) * 4 * score.ppq / brief.metre[1])


def end_of(brief: Brief, score: Score) -> int:
    """The tick at which the piece ends."""
    if brief.sync:
        return tick_of(score, brief, brief.sync[-1][1], brief.sync[-1][2])
    return TimeMap(score).bar(brief.bars).end


def tempo_lane(brief: Brief, score: Score) -> list[Tempo]:
    """The tempo of every stretch: what the anchors ask for, to the microsecond; else the rows of the brief."""
    if len(brief.sync) >= 2:
        places = [(time, tick_of(score, brief, bar, beat)) for time, bar, beat in brief.sync]
        if places[0][1] > 0:
            places.insert(0, (0.0, 0))
        out: list[Tempo] = []
        for (time, tick), (later, end) in pairwise(places):
            if end > tick:
                out.append(Tempo(tick, _tempo(1e6 * (later - time) * score.ppq / (end - tick))))
        return out
    rows = brief.tempos or ((1, 1.0, brief.tempo),)
    lane = [Tempo(tick_of(score, brief, bar, beat), _tempo(60e6 / tempo)) for bar, beat, tempo in rows]
    return [replace(lane[0], tick=0), *lane[1:]]


def _tempo(value: float) -> int:
    return min(_SLOWEST, max(_FASTEST, round(value)))


def _chords(brief: Brief, score: Score) -> list[Chord]:
    end = TimeMap(score).bar(brief.bars).end
    ticks = [tick_of(score, brief, bar, beat) for bar, beat, _ in brief.chords]
    out = []
    for tick, stop, (_, _, symbol) in zip(ticks, [*ticks[1:], end], brief.chords, strict=True):
        chord = parse_symbol(symbol)
        if stop > tick and chord.quality:
            out.append(Chord(tick, stop - tick, chord.root, chord.quality, chord.bass))
    return out


def rows_of(score: Score, chords: Sequence[Chord], metre: tuple[int, int]) -> list[tuple[int, float, Chord]]:
    """Bar, beat and chord for each chord from bar 1 on."""
    times = TimeMap(score)
    out = []
    for chord in chords:
        bar = times.bar_at(max(chord.tick, score.pickup))
        beat = 1 + (max(chord.tick, bar.start) - bar.start) * metre[1] / (4 * score.ppq)
        out.append((bar.number, round(beat, 4), chord))
    return out
