"""``workbench bench``: how fast each task runs on this machine.

Every row is a ratio or a rate over work that the workbench really does, on its own opening piece repeated to a
realistic length. Figures are for comparing machines and versions, in one run; no test asserts them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from workbench import resources
from workbench.score.canonical import project_hash
from workbench.score.project import read_project
from workbench.score.score import Note, Region, Score

if TYPE_CHECKING:
    from workbench.hub.hub import Hub
    from workbench.hub.tasks.infill.request import InfillRequest


@dataclass(frozen=True, slots=True)
class Row:
    """One measured figure: what was done, how much of it a second (or a ratio to real time), and the seconds taken."""

    task: str
    value: float
    unit: str
    seconds: float


def repeated(score: Score, times: int) -> Score:
    """The score ``times`` times over, end to end on whole bars."""
    from workbench.score.timemap import TimeMap

    out = score.copy()
    length = TimeMap(score).bar_at(score.end - 1).end
    for track in out.tracks:
        notes: list[Note] = list(track.notes.values())
        track.notes = {
            f"n{turn}-{note.id}": replace(note, id=f"n{turn}-{note.id}", start=note.start + turn * length)
            for turn in range(times)
            for note in notes
        }
    out.chords = [replace(chord, tick=chord.tick + turn * length) for turn in range(times) for chord in score.chords]
    return out


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return max(1e-9, time.perf_counter() - start)


def rows(models: list[str] | None = None) -> Iterator[Row]:
    """Measure, one row after the other.

    Args:
        models: ids of infilling models; by default every one that is here already.

    Yields:
        A :class:`Row` as soon as it is known.
    """
    from workbench.score.files import encode, load
    from workbench.score.timemap import TimeMap

    opening = read_project(resources.path("assets/pieces/opening.wbz").read_bytes()).score
    piece = repeated(opening, 16)
    notes = piece.note_count
    midi = encode(piece, ".mid")
    seconds = _timed(lambda: encode(piece, ".mid"))
    yield Row("write MIDI", notes / seconds, "notes/s", seconds)
    seconds = _timed(lambda: load(midi))
    yield Row("open MIDI", notes / seconds, "notes/s", seconds)
    seconds = _timed(lambda: project_hash(piece))
    yield Row("hash the project", notes / seconds, "notes/s", seconds)
    yield from _sound_rows(piece, TimeMap(piece).seconds(piece.end))
    yield from _infill_rows(opening, models)
    yield from _video_rows()


def _video_rows() -> Iterator[Row]:
    from workbench.understand.video.watch import watch

    path = resources.path("assets/prompts/video.webm")
    length = watch(path).duration  # once before, for what is loaded late
    seconds = _timed(lambda: watch(path))
    yield Row("watch a video of 1280 x 720", length / seconds, "x real time", seconds)


def _sound_rows(piece: Score, length: float) -> Iterator[Row]:
    from workbench.sound.render import mix, render_stems

    render_stems(repeated(piece, 1))  # load the sounds first: a person waits for them once
    stems = []
    seconds = _timed(lambda: stems.extend(render_stems(piece)))
    yield Row(f"render {len(stems)} stems", length / seconds, "x real time", seconds)
    seconds = _timed(lambda: mix(stems))
    yield Row("mix the stems", length / seconds, "x real time", seconds)


def _infill_rows(score: Score, models: list[str] | None) -> Iterator[Row]:
    from workbench.hub.protocol import CancelToken
    from workbench.hub.shared import shared_hub
    from workbench.hub.tasks.infill.request import InfillRequest

    hub = shared_hub()
    names = models or [spec.id for spec in hub.models("infill") if spec.embedded]
    request = InfillRequest(score, (Region(0, score.ppq * 16, tuple(track.id for track in score.tracks[:2])),))
    for name in names:
        start = time.perf_counter()
        list(hub.run(name, request, seed=0, cancel=CancelToken.never()))
        loading = max(1e-9, time.perf_counter() - start)
        yield Row(f"fill four bars of two tracks, first time ({name})", 1 / loading, "fills/s", loading)
        first, seconds, count = _watch(hub, name, request)
        yield Row(f"fill four bars of two tracks ({name})", count / seconds, "notes/s", seconds)
        yield Row(f"first note of a fill ({name})", 1 / first, "1/s", first)
        _, seconds, count = _watch(hub, name, replace(request, count=3))
        yield Row(f"three ideas for four bars of two tracks ({name})", count / seconds, "notes/s", seconds)
        seconds = _stopping(hub, name, request)
        yield Row(f"stop a fill ({name})", 1 / seconds, "1/s", seconds)
        bars = Region(score.ppq * 16, score.ppq * 4 * 36, tuple(track.id for track in score.tracks))
        _, seconds, count = _watch(hub, name, InfillRequest(score, (bars,)))
        yield Row(f"continue four tracks by 32 bars ({name})", count / seconds, "notes/s", seconds)


def _watch(hub: Hub, name: str, request: InfillRequest) -> tuple[float, float, int]:
    """Seconds to the first note and to the end of one run of a loaded model, and the notes it wrote."""
    from workbench.hub.protocol import CancelToken, Partial, Result

    start, first, count = time.perf_counter(), 0.0, 0
    for item in hub.run(name, request, seed=1, cancel=CancelToken.never()):
        if isinstance(item, Partial) and not first:
            first = time.perf_counter() - start
        if isinstance(item, Result):
            count = sum(len(found) for idea in item.alternatives for found in idea.notes.values())
    return max(first, 1e-9), max(1e-9, time.perf_counter() - start), count


def _stopping(hub: Hub, name: str, request: InfillRequest) -> float:
    """Seconds from Stop, pressed at the first note, to the end of a run."""
    from workbench.errors import Cancelled
    from workbench.hub.protocol import CancelScope, Partial

    scope, start = CancelScope(), time.perf_counter()
    try:
        for item in hub.run(name, request, seed=2, cancel=scope.start()):
            if isinstance(item, Partial):
                start = time.perf_counter()
                scope.cancel()
    except Cancelled:
        pass
    return max(1e-9, time.perf_counter() - start)


def machine() -> dict[str, str | int | None]:
    """What the figures were measured on, as far as the system tells."""
    return {"system": platform.platform(), "python": platform.python_version(), "cores": os.cpu_count()}


def run(arguments: argparse.Namespace) -> str:
    """Print the rows as they come; the last line says on what they were measured."""
    measured = []
    for row in rows(arguments.model):
        measured.append(row)
        if not arguments.json:
            print(f"{row.task:<52} {row.value:>12,.1f} {row.unit:<12} {row.seconds * 1000:>9,.1f} ms", flush=True)
    if arguments.json:
        return json.dumps({"machine": machine(), "rows": [asdict(row) for row in measured]})
    facts = machine()
    return f"Measured on {facts['cores']} cores, {facts['system']}, Python {facts['python']}."


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``bench`` to the command line."""
    parser = commands.add_parser("bench", help="how fast each task runs on this machine")
    parser.add_argument("--model", action="append", help="an infilling model to measure (default: all that are here)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)
