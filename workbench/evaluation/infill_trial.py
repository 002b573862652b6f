"""Any infilling model of the hub on a piece of the training grid: how models are compared on hidden spans."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from workbench.hub.protocol import CancelToken, Model, Partial, Result
from workbench.hub.tasks.infill.controls import InfillControls
from workbench.hub.tasks.infill.request import InfillRequest
from workbench.score.lanes import Meter
from workbench.score.score import Note, Region, Score, Track
from workbench.tokens import grid12 as g
from workbench.tokens import rows as r


def grid_score(notes: r.Ints, programs: r.Ints, bars: g.Bars) -> Score:
    """A score of 12 ticks to the quarter from network notes (not in C): one track ``t<slot>`` a part."""
    score = Score(ppq=g.TICKS)
    starts = bars.starts
    lengths = np.diff(starts)
    score.pickup = int(starts[0])
    score.meters = []
    for at in range(len(lengths)):
        if at == 0 or lengths[at] != lengths[at - 1]:
            quarters, rest = divmod(int(lengths[at]), g.TICKS)
            score.meters.append(
                Meter(int(starts[at]), quarters, 4)
                if not rest
                else Meter(int(starts[at]), max(1, int(lengths[at]) // 3), 16)
            )
    for slot in np.flatnonzero(programs != g.NO_PROGRAM):
        drum = int(slot) == g.DRUM_SLOT
        score.tracks.append(Track(f"t{slot}", program=0 if drum else int(programs[slot]), is_drum=drum))
    tracks = {track.id: track for track in score.tracks}
    for number, (tick, slot, pitch, duration, velocity) in enumerate(notes.tolist()):
        loud = 80 if velocity >= g.N_VELOCITY else g.class_velocity(velocity)
        key = g.midi_pitch(pitch, 0)
        tracks[f"t{slot}"].notes[f"n{number + 1}"] = Note(f"n{number + 1}", tick, g.DURATION_TICKS[duration], key, loud)
    return score


def fill_span(
    model: Model, notes: r.Ints, programs: r.Ints, bars: g.Bars, span: tuple[int, int], seed: int,
    controls: InfillControls | None = None, slots: Sequence[int] | None = None,
) -> r.Ints:  # fmt: skip
    """Let ``model`` fill ``span`` (ticks) of ``slots`` (default: all that play) from the notes outside it.

    ``notes`` must not hold what is hidden. Returns what was written, int64 [n, 5], sorted.
    """
    return fill_ideas(model, notes, programs, bars, span, seed, 1, controls, slots)[0]


def fill_ideas(
    model: Model, notes: r.Ints, programs: r.Ints, bars: g.Bars, span: tuple[int, int], seed: int, count: int,
    controls: InfillControls | None = None, slots: Sequence[int] | None = None,
) -> list[r.Ints]:  # fmt: skip
    """``count`` ideas for one span, asked for together as a person does; see :func:`fill_span`."""
    near = (notes[:, r.TICK] >= span[0] - 24 * 48) & (notes[:, r.TICK] < span[1] + 24 * 48)
    score = grid_score(notes[near], programs, bars)
    names = [track.id for track in score.tracks if slots is None or int(track.id[1:]) in slots]
    request = InfillRequest(score, (Region(*span, tuple(names)),), controls=controls or InfillControls(), count=count)
    ideas: list[dict[str, list[Note]]] = [{} for _ in range(count)]
    for event in model.run(request, seed=seed, cancel=CancelToken.never()):
        if isinstance(event, Partial):
            ideas[event.alternative].setdefault(event.track_id, []).extend(event.notes)
        elif isinstance(event, Result) and event.alternatives:
            ideas = [{name: list(found) for name, found in idea.notes.items()} for idea in event.alternatives]
    return [_rows(written) for written in ideas]


def _rows(written: dict[str, list[Note]]) -> r.Ints:
    rows = [
        (note.start, int(name[1:]), _model_pitch(note.pitch, name), int(g.duration_class(note.duration)),
         int(g.velocity_class(note.velocity)))
        for name, found in written.items() for note in found
    ]  # fmt: skip
    return r.sort_notes(np.array(rows, dtype=np.int64)) if rows else r.empty_notes()


def _model_pitch(pitch: int, name: str) -> int:
    return int(g.model_pitch(np.array(pitch), np.array(int(name[1:]) == g.DRUM_SLOT), 0))
