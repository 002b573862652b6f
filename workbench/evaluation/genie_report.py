"""The table of ``models/piano-genie/evaluate.py``: every measure with its bar."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from workbench.evaluation import genie_lines
from workbench.evaluation.genie_eval import gold, teacher_forced
from workbench.training.genie_data import LOWEST, SOURCES, Performance, source

TEMPERATURES = (0.25, 0.6, 1.0)


@dataclass(frozen=True)
class Row:
    """One measure; ``bar`` is what it must reach in words, ``passed`` None where it is only reported."""

    measure: str
    value: float
    bar: str = ""
    passed: bool | None = None


def at_most(measure: str, value: float, bar: float) -> Row:
    """A row that passes up to its bar."""
    return Row(measure, float(value), f"at most {bar:g}", bool(value <= bar))


def at_least(measure: str, value: float, bar: float) -> Row:
    """A row that passes from its bar on."""
    return Row(measure, float(value), f"at least {bar:g}", bool(value >= bar))


def between(measure: str, value: float, low: float, high: float) -> Row:
    """A row that passes between two bars."""
    return Row(measure, float(value), f"{low:.3g} to {high:.3g}", bool(low <= value <= high))


def piece_rows(model: Any, found: Sequence[Performance]) -> list[Row]:
    """Teacher-forced figures over performances (:func:`workbench.evaluation.genie_eval.read_folder`), and gold lines.

    The bars are those for songs; perplexity is also given for every subfolder.
    """
    figures = teacher_forced(model, found, chords=False)
    lines = gold(model)
    folders: dict[str, list[Performance]] = {}
    for item in found:
        folders.setdefault(item.id.rpartition("/")[0], []).append(item)
    return [
        Row("pieces", len(found)),
        Row("notes", figures["notes"]),
        at_most("perplexity of the next key, encoder's buttons", figures["perplexity"], 3.6),
        *[
            Row(f"  in {name or 'the folder itself'}", teacher_forced(model, items, chords=False)["perplexity"])
            for name, items in sorted(folders.items())
            if len(folders) > 1
        ],
        at_most("contour violations, teacher-forced", figures["contour_violations"], 0.005),
        Row("another key on the same button", figures["stuck"]),
        Row("repeats whose button moves", figures["deviate"]),
        *[between(f"use of button {place + 1}", share, 0.08, 0.18) for place, share in enumerate(figures["buttons"])],
        at_most("gold lines, mean squared difference in buttons", lines["all"], 2.0),
    ]


def evaluate_rows(model: Any, twin: Any | None = None) -> list[Row]:
    """The rows marked *evaluate*, on the test songs of the split by work."""
    test = source("pop909", "test")
    plain = teacher_forced(model, test, chords=False)
    told = teacher_forced(model, test, chords=True)
    rows = [
        Row("POP909 test notes", plain["notes"]),
        at_most("perplexity, POP909 test songs, no chords told", plain["perplexity"], 3.6),
        Row("perplexity, POP909 test songs, chords told", told["perplexity"]),
    ]
    if twin is not None:
        ratio = plain["perplexity"] / teacher_forced(twin, test, chords=False)["perplexity"]
        rows.append(at_most("the same over that of the twin without a chord input", ratio, 1.03))
    for name in SOURCES:
        if name != "pop909":
            held_out = source(name, "test") + (source(name, "valid") if name == "giantmidi" else [])
            rows.append(
                Row(f"perplexity, {name} held out", teacher_forced(model, held_out, chords=False)["perplexity"])
            )
    rows.append(at_most("contour violations, teacher-forced", plain["contour_violations"], 0.005))
    rows.append(Row("another key on the same button, teacher-forced", plain["stuck"]))
    rows.append(Row("repeats whose button moves, teacher-forced", plain["deviate"]))
    lines = gold(model)
    rows.append(at_most("gold lines, mean squared difference in buttons", lines.pop("all"), 2.0))
    rows += [Row(f"  {name}", value) for name, value in lines.items()]
    rows += [between(f"use of button {n + 1}", share, 0.08, 0.18) for n, share in enumerate(plain["buttons"])]
    return rows


def simulate_rows(
    sim: Any, decoder: Any, real: Sequence[Performance], known: Mapping[str, np.ndarray] | None,
    notes: int = 100_000,
    progress: Callable[[str], None] = print,
) -> list[Row]:  # fmt: skip
    """The rows marked *simulate*.

    Args:
        sim: the module ``workbench.evaluation.genie_players``; handed in because this layer does not import that one.
        decoder: a ``workbench.nets.genie_numpy.GenieDecoder``.
        real: performances to which the free-running lines are compared.
        known: fingerprints of the training music (:func:`training_runs`); without them copies are not counted.
        notes: how many free-running notes are made, in lines of 1,000.
        progress: told now and then how far it is.
    """
    rows: list[Row] = []
    for heat in TEMPERATURES:
        shipped = sim.stepwise(decoder, heat, masked=True)
        bare = sim.stepwise(decoder, heat, masked=False)
        rows += [
            at_least(f"stepwise walk T {heat:g}: same direction, as shipped", shipped["same_direction"], 0.99),
            Row(f"stepwise walk T {heat:g}: same direction, unmasked (aim 0.9)", bare["same_direction"]),
            Row(f"stepwise walk T {heat:g}: wrong direction, unmasked", bare["wrong_direction"]),
            at_least(f"stepwise walk T {heat:g}: same button, same key, steady", shipped["same_key"], 0.95),
            Row(f"stepwise walk T {heat:g}: same button, same key, unmasked (aim 0.6)", bare["same_key"]),
        ]
        chords = sim.hard_chords(decoder, heat)
        rows += [
            at_least(f"hard chords T {heat:g}: chord tones", chords["chord_tones"], 1.0),
            at_least(f"hard chords T {heat:g}: same direction", chords["same_direction"], 0.99),
        ]
        again = sim.replay(decoder, heat)
        rows += [
            at_least(f"phrase six times T {heat:g}, replayable: keys as the first time", again["as_first"], 0.95),
            Row(f"phrase six times T {heat:g}, replayable: keys as the time before", again["as_before"]),
            Row(f"stepwise walk T {heat:g}, replayable: same direction", sim.replayable_walk(decoder, heat)),
        ]
        progress(f"walked at temperature {heat:g}")
    played = [item.keys.astype(np.int64) + LOWEST for item in real]
    lines = sim.free_running(decoder, max(1, notes // 1000), 1000)
    theirs, ours = genie_lines.tonality(played), genie_lines.tonality(lines).mean(axis=0)
    if len(theirs):
        low, high = np.percentile(theirs, 5, axis=0), np.percentile(theirs, 95, axis=0)
        rows.append(between("in-key share of 64 notes, default settings", ours[0], low[0], high[0]))
        rows.append(between("pitch-class entropy of 64 notes, bits", ours[1], low[1], high[1]))
    if known is not None:
        rows += copying_rows(lines, known)
    return rows


def copying_rows(lines: Sequence[np.ndarray], known: Mapping[str, np.ndarray]) -> list[Row]:
    """Runs of twelve training notes in free-running lines, beside those in music that was held out.

    The lines have one voice, so the bar is what the melodies of unrelated (held-out) songs share with the training
    music: mostly bits of scales and turns. Three tracks merged share less, for their notes interleave; that figure
    is stricter than the comparison deserves and stands beside it.
    """
    everything = np.unique(np.concatenate(list(known.values())))
    pop = [known[name] for name in ("pop909", "pop909_melody") if name in known]
    melodies = [item.keys.astype(np.int64) for item in source("pop909_melody", "test")]
    merged = [item.keys.astype(np.int64) for item in source("pop909", "test")]
    rows = [
        at_most(
            "runs of 12 training notes in 100,000 (bar: melodies of held-out songs)",
            genie_lines.copied(lines, everything),
            genie_lines.copied(melodies, everything),
        ),
        Row("  for comparison: held-out songs, three tracks merged", genie_lines.copied(merged, everything)),
    ]
    if pop:
        songs = np.unique(np.concatenate(pop))
        mine, theirs = genie_lines.copied(lines, songs), genie_lines.copied(melodies, songs)
        rows.insert(1, at_most("  of these, in POP909 (bar: the same)", mine, theirs))
    return rows


def training_runs(sources: Iterable[str] = SOURCES) -> dict[str, np.ndarray]:
    """Fingerprints of every run of twelve notes that the network was trained on, by source; uint64, sorted."""
    return {name: genie_lines.known_runs(source(name, "train")) for name in sources}


def show(rows: list[Row]) -> str:
    """The rows as a table of plain text."""
    width = max(len(row.measure) for row in rows)
    marks = {None: "", True: "ok", False: "FALLS SHORT"}
    return "\n".join(f"{row.measure:<{width}}  {row.value:>10.4f}  {row.bar:<18} {marks[row.passed]}" for row in rows)


def write_json(rows: list[Row], path: Path, **about: Any) -> None:
    """The rows and what they are about as JSON."""
    path.write_text(json.dumps({**about, "rows": [asdict(row) for row in rows]}, indent=1, ensure_ascii=False) + "\n")
