"""Do arrangements hold up? Key, form, energy, the tune, the chords, fills, silence, against whole songs.

Every figure is given as mean, median, tenth and ninetieth of a hundred; for those that a song has as well, the songs'
own stand beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from workbench.create.compose.arrange import Arrangement
from workbench.create.compose.layout import TUNE, span_of
from workbench.create.compose.songplan import titles
from workbench.create.compose.source import source_of
from workbench.evaluation.band_eval import SNARES, TOMS
from workbench.evaluation.infill_longform import self_similarity
from workbench.score.keys import best_scale, pitch_class_weights
from workbench.score.score import Note, Score
from workbench.score.timemap import TimeMap
from workbench.tokens import grid12 as g
from workbench.tokens import rows as r
from workbench.training.pieces import DURATION, ONSET, PITCH, PPQ, PROGRAM, Piece

#: Makes an arrangement of a tune in a style: the tune, the style's id, a seed.
Maker = Callable[[Score, str, int], Arrangement]
SLACK = 1 / 8  #: quarters by which a played onset may be off its place
BASS_ROLES = ("Bass",)


def of_song(song: Arrangement, tune: Score) -> dict[str, float]:
    """Every figure of one arrangement."""
    score, plan = song.score, song.plan
    time = TimeMap(score)
    last = plan.sections[-1].section.last_bar
    lines = np.array([time.bar(number).start for number in range(1, last + 2)])
    notes = grid_notes(score, lines)
    spans = {title: span_of(score, item) for title, item in zip(titles(plan), plan.sections, strict=True)}
    own: dict[str, list[Note]] = {title: [] for title in spans}
    for _, note in score.all_notes():
        for title, (start, end) in spans.items():
            if start <= note.start < end:
                own[title].append(note)
                break
    amount = {
        title: sum(note.velocity for note in found) * score.ppq / (spans[title][1] - spans[title][0])
        for title, found in own.items()
    }
    by_kind: dict[str, list[float]] = {}
    for title, value in amount.items():
        by_kind.setdefault(title.split()[0].casefold(), []).append(value)
    out = {
        "ends in its key": float(_key_of(score, lines[-9], lines[-1]) == _key_of(score, lines[0], lines[8])),
        "last eight bars in the planned key": float(
            _key_of(score, lines[-9], lines[-1]) == (plan.tonic + (0 if plan.mode == "major" else 3)) % 12
        ),
        "last chord is home": float(score.chords[-1].root == plan.tonic),
        "self-similarity": self_similarity(notes, lines * g.TICKS // score.ppq),
        "bars that are exact copies": copies(score, lines),
        "bars with nobody playing": silent(score, lines),
        "tune intact": _intact(song, tune),
        "loudest section is the last chorus or verse": float(max(amount, key=lambda t: amount[t]) in _top(plan, spans)),
        "notes a bar, least section": min(len(own[t]) / _bars(plan, t) for t in own),
        **_chords_in(score),
        **_fills(song),
    }
    if "chorus" in by_kind and "verse" in by_kind:
        out["chorus over verse"] = float(np.mean(by_kind["chorus"]) / np.mean(by_kind["verse"]))
        for kind in ("intro", "bridge", "ending"):
            if kind in by_kind:
                out[f"{kind} over chorus"] = float(np.mean(by_kind[kind]) / np.mean(by_kind["chorus"]))
    return out


def _top(plan: Any, spans: Mapping[str, Any]) -> list[str]:
    best = max(item.section.energy for item in plan.sections)
    return [title for title, item in zip(spans, plan.sections, strict=True) if item.section.energy == best]


def _bars(plan: Any, title: str) -> int:
    return int(dict(zip(titles(plan), (item.section.bars for item in plan.sections), strict=True))[title])


def grid_notes(score: Score, lines: np.ndarray) -> np.ndarray:
    """All notes as rows of the grid, int64 [n, 5], drums in the drum slot."""
    rows = []
    steps = np.asarray(g.DURATION_TICKS)
    for number, track in enumerate(score.tracks):
        for note in track.notes.values():
            tick = round(note.start * g.TICKS / score.ppq)
            length = int(np.abs(steps - max(1, round(note.duration * g.TICKS / score.ppq))).argmin())
            row = [0] * 5
            row[r.TICK], row[r.SLOT] = tick, g.DRUM_SLOT if track.is_drum else min(number, g.DRUM_SLOT - 1)
            row[r.PITCH], row[r.DURATION] = note.pitch, length
            rows.append(row)
    return r.sort_notes(np.array(rows, dtype=np.int64).reshape(-1, 5))


def _key_of(score: Score, start: int, end: int) -> int:
    inside = [
        note
        for track in score.tracks
        if not track.is_drum
        for note in track.notes.values()
        if start <= note.start < end
    ]
    return best_scale(pitch_class_weights(inside))[0]


def copies(score: Score, lines: np.ndarray) -> float:
    """Share of the bars with pitched notes that sound, sixteenth by sixteenth, exactly like an earlier one."""
    seen: set[frozenset[tuple[int, int]]] = set()
    same = total = 0
    bars: list[set[tuple[int, int]]] = [set() for _ in lines[:-1]]
    for track in score.tracks:
        for note in () if track.is_drum else track.notes.values():
            place = note.start + score.ppq // 8
            at = int(np.searchsorted(lines, place, side="right")) - 1
            if 0 <= at < len(bars):
                bars[at].add(((place - int(lines[at])) * 4 // score.ppq, note.pitch))
    for found in bars:
        if found:
            total += 1
            same += frozenset(found) in seen
            seen.add(frozenset(found))
    return same / max(1, total)


def silent(score: Score, lines: np.ndarray) -> float:
    """Share of the bars in which nothing begins and nothing sounds."""
    busy = np.zeros(len(lines) - 1, bool)
    for _, note in score.all_notes():
        first = int(np.searchsorted(lines, note.start, side="right")) - 1
        final = int(np.searchsorted(lines, max(note.start, note.end - 1), side="right")) - 1
        busy[max(0, first) : final + 1] = True
    return float(1 - busy.mean())


def _intact(song: Arrangement, tune: Score) -> float:
    """Share of the told bars' notes that stand in every telling with their pitch, in place but for a swung eighth."""
    source = source_of(tune)
    length = source.bars[0].length / source.ppq
    there = {
        (note.pitch, round((note.start + number * source.bars[0].length) * 12 / source.ppq))
        for number, own in enumerate(source.bars) for note in own.notes
    }  # fmt: skip
    track = next(track for track in song.score.tracks if track.name == TUNE)
    found = wanted = 0
    for item in song.plan.sections:
        if item.melody != "tune":
            continue
        start, end = span_of(song.score, item)
        own = {(n.pitch, round((n.start - start) * 12 / song.score.ppq)) for n in track.notes.values()
               if start <= n.start < end}  # fmt: skip
        first, size = item.tune
        for cycle in range(-(-item.section.bars // size)):
            for pitch, tick in there:
                at = tick - round((first - 1) * length * 12)
                place = at + round(cycle * size * length * 12)
                if 0 <= at < size * length * 12 and place < item.section.bars * length * 12:
                    wanted += 1
                    found += any((pitch, place + by) in own for by in (0, 1, 2))
    return found / max(1, wanted)


def _chords_in(score: Score) -> dict[str, float]:
    """How much of the pitched time is in the chord; whether the bass strikes the chord's root or bass as it begins."""
    starts = np.array([chord.tick for chord in score.chords])
    heard = {"tune": [0, 0], "band": [0, 0], "bass": [0, 0]}
    for track in score.tracks:
        for note in () if track.is_drum else track.notes.values():
            at = max(0, int(np.searchsorted(starts, note.start + SLACK * score.ppq, side="right")) - 1)
            kinds = ["tune" if track.name == TUNE else "band", *(["bass"] if track.name in BASS_ROLES else [])]
            for kind in kinds:
                heard[kind][1] += note.duration
                heard[kind][0] += note.duration * (note.pitch % 12 in score.chords[at].pitch_classes)
    hits = total = 0
    basses = [note for track in score.tracks if track.name in BASS_ROLES for note in track.sorted_notes()]
    for chord in score.chords:
        near = [note for note in basses if abs(note.start - chord.tick) <= SLACK * score.ppq]
        if near:
            total += 1
            hits += near[0].pitch % 12 == (chord.bass if chord.bass >= 0 else chord.root)
    out = {f"{kind} in the chord": good / whole for kind, (good, whole) in heard.items() if whole}
    return {**out, **({"bass on the chord's bass": hits / total} if total else {})}


def _fills(song: Arrangement) -> dict[str, float]:
    """Share of the section ends at which the drums lead on: two strokes of snare and toms more than in the bar before,
    or another pattern (as :func:`workbench.evaluation.band_eval.has_fill`)."""
    drums = [track for track in song.score.tracks if track.is_drum]
    if not drums:
        return {}
    found: list[bool] = []
    for item in song.plan.sections[:-1]:
        if item.section.bars < 4 or item.section.kind == "intro":
            continue
        here, before = (_strokes(song.score, drums[0].sorted_notes(), item.section.last_bar - back) for back in (0, 1))
        if not before:
            continue
        beaten = [len({place for place, key in each if key in SNARES + TOMS}) for each in (here, before)]
        alike = len(here & before) / max(1, len(here | before))
        found.append(beaten[0] >= beaten[1] + 2 or alike < 0.4)
    return {"fills at section ends": float(np.mean(found))} if found else {}


def _strokes(score: Score, notes: Sequence[Note], bar: int) -> set[tuple[int, int]]:
    own = TimeMap(score).bar(bar)
    slack = score.ppq // 8
    return {
        ((note.start - own.start + slack) * 4 // score.ppq, note.pitch)
        for note in notes if own.start - slack <= note.start < own.end - slack
    }  # fmt: skip


def of_piece(piece: Piece) -> dict[str, float]:
    """The figures that a song has as well."""
    score = Score(ppq=PPQ)
    from workbench.score.score import Track

    track = Track("t1")
    for number, row in enumerate(piece.notes.tolist()):
        if row[PROGRAM] != 128:
            start = max(0, round(row[ONSET] / 120) * 120)
            track.notes[f"n{number}"] = Note(f"n{number}", start, max(1, row[DURATION]), row[PITCH])
    score.tracks = [track]
    lines = piece.downbeats[(piece.downbeats <= score.end)].astype(np.int64)
    first = int(np.searchsorted(lines, min(note.start for note in track.notes.values()), side="right")) - 1
    lines = lines[max(0, first) :]
    return {
        "ends in its key": float(_key_of(score, lines[-9], lines[-1]) == _key_of(score, lines[0], lines[8])),
        "self-similarity": self_similarity(grid_notes(score, lines), lines * g.TICKS // PPQ),
        "bars that are exact copies": copies(score, lines),
        "bars with nobody playing": silent(score, lines),
    }


def shuffled(piece: Piece, seed: int) -> Piece:
    """The same song with its bars in another order: what form there is by chance."""
    lines = piece.downbeats
    bar = np.searchsorted(lines, piece.notes[:, ONSET], side="right") - 1
    keep = (bar >= 0) & (bar < len(lines) - 1)
    notes, bar = piece.notes[keep].copy(), bar[keep]
    sizes = np.diff(lines)
    usual = np.flatnonzero(sizes == np.median(sizes))
    order = np.random.default_rng(seed).permutation(usual)
    place = np.arange(len(sizes))
    place[usual] = order
    notes[:, ONSET] += (lines[place[bar]] - lines[bar]).astype(np.int32)
    notes = notes[np.argsort(notes[:, ONSET], kind="stable")]
    return replace(piece, notes=notes)


def summary(rows: Sequence[Mapping[str, float]]) -> dict[str, dict[str, float]]:
    """Mean, median, tenth and ninetieth of a hundred of every figure."""
    out = {}
    for name in dict.fromkeys(key for row in rows for key in row):
        values = [row[name] for row in rows if name in row]
        low, median, high = np.percentile(values, [10, 50, 90])
        out[name] = {"mean": round(float(np.mean(values)), 3), "median": round(float(median), 3),
                     "10 %": round(float(low), 3), "90 %": round(float(high), 3)}  # fmt: skip
    return out


def report(tunes: Sequence[Score], styles: Sequence[str], songs: Sequence[Piece], make: Maker) -> dict[str, Any]:
    """Every tune in every style, and the songs."""
    made: dict[str, list[dict[str, float]]] = {style: [] for style in styles}
    for seed, tune in enumerate(tunes):
        for style in styles:
            made[style].append(of_song(make(tune, style, seed), tune))
    out: dict[str, Any] = {"tunes": len(tunes), "all styles": summary([row for rows in made.values() for row in rows])}
    out |= {style: summary(rows) for style, rows in made.items()}
    out["songs"] = summary([of_piece(piece) for piece in songs])
    out["songs, bars shuffled"] = summary([of_piece(shuffled(piece, seed)) for seed, piece in enumerate(songs)])
    return out


def table(found: Mapping[str, Any]) -> str:
    """A Markdown table of all styles together beside the songs: median (10 %, 90 %), mean."""
    lines = ["| | arrangements: median (10 %, 90 %), mean | songs | their bars shuffled |", "|---|---|---|---|"]

    def cell(row: Mapping[str, float] | None) -> str:
        return f"{row['median']:.2f} ({row['10 %']:.2f}, {row['90 %']:.2f}), {row['mean']:.2f}" if row else ""

    for name, row in found["all styles"].items():
        others = [cell(found[whose].get(name)) for whose in ("songs", "songs, bars shuffled")]
        lines.append(f"| {name} | {cell(row)} | {' | '.join(others)} |")
    return "\n".join(lines)
