"""How an arrangement is played: loud and soft by sections, a silence before a chorus, a ritardando, a human hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from workbench.create.compose.bandfeel import family_of, roles_of, strength_of
from workbench.create.compose.feel import humanise
from workbench.create.compose.layout import DOUBLE, SECOND, TUNE, seed_of, span_of
from workbench.create.compose.songplan import SongPlan, loudness
from workbench.create.compose.style import Style
from workbench.hub.tasks.infill.request import draft
from workbench.score.lanes import Tempo
from workbench.score.score import Note, Score
from workbench.score.timemap import TimeMap

#: How much longer the last quarter of a piece is than the others, and over how many bars it gets so.
SLOWER, SLOW_BARS = 1.5, 2
CRASH, CRASHES = 49, (49, 52, 55, 57)


def expressed(
    score: Score, plan: SongPlan, style: Style, parts: Mapping[str, Sequence[Note]], place: int
) -> dict[str, list[Note]]:
    """The notes of one section as they are played, by part; ``score`` gives bars and tempo, and is not changed."""
    item = plan.sections[place]
    start, end = span_of(score, item)
    drums = [part.name for part in style.parts if part.is_drum]
    out: dict[str, list[Note]] = {}
    for name, notes in parts.items():
        own = stopped([note for note in notes if start <= note.start < end], end - item.stop * score.ppq, end)
        out[name] = [
            replace(note, velocity=loudness(item, note.velocity, (note.start - start) / (end - start))) for note in own
        ]
    if item.section.kind == "chorus" or item.section.energy >= 100:
        for name in drums:
            if out.get(name) and not any(note.pitch in CRASHES and note.start == start for note in out[name]):
                out[name].insert(0, draft(start, score.ppq, CRASH, 96 if item.section.energy < 100 else 112))
    roles = roles_of(style) | {TUNE: "tune", SECOND: "tune", DOUBLE: "tune"}
    middle = (start + end) // 2
    played = humanise(
        out, TimeMap(score), roles={name: role for name, role in roles.items() if name in out},
        family=family_of(style), strength=strength_of(style, plan.humanise), seed=seed_of(plan, place, "feel"),
        span=(start, end - item.stop * score.ppq),
        phrases=[(start, end)] if item.section.bars <= 8 else [(start, middle), (middle, end)],
    )  # fmt: skip
    return {name: single(notes) for name, notes in played.items()}


def single(notes: Sequence[Note]) -> list[Note]:
    """No pitch twice at once, which MIDI could not say: the earlier note ends, of two struck together one stays."""
    out: list[Note] = []
    last: dict[int, int] = {}
    for note in sorted(notes, key=lambda note: (note.start, note.pitch, -note.duration)):
        place = last.get(note.pitch)
        if place is not None and out[place].start == note.start:
            continue
        if place is not None and out[place].end > note.start:
            out[place] = replace(out[place], duration=note.start - out[place].start)
        last[note.pitch] = len(out)
        out.append(note)
    return out


def stopped(notes: Sequence[Note], stop: int, end: int) -> list[Note]:
    """Without what begins in the silence before a section's end; what sounds into it ends there."""
    if stop >= end:
        return list(notes)
    return [
        replace(note, duration=max(1, min(note.duration, stop - note.start))) for note in notes if note.start < stop
    ]


def slowed(score: Score, plan: SongPlan) -> list[Tempo]:
    """The tempo lane with a ritardando over the last bars of an ending, quarter by quarter; as it is without one."""
    last = plan.sections[-1]
    if last.section.kind != "ending":
        return list(score.tempos)
    begin = TimeMap(score).bar(max(last.section.first_bar, last.section.last_bar - SLOW_BARS + 1)).start
    _, end = span_of(score, last)
    usual = score.tempos[-1].us_per_quarter
    steps = max(1, (end - begin) // score.ppq)
    # Little at first: what slows evenly is heard as a stumble.
    slower = [
        Tempo(begin + k * score.ppq, round(usual * (1 + (SLOWER - 1) * (k / steps) ** 1.5))) for k in range(1, steps)
    ]
    return [*score.tempos, *slower]
