"""Three voices under a tune, for the network: chords and part writing first (:mod:`workbench.create.voices`).

The network writes single voices well and chords badly: its bass stood on the root or the bass of the chord 23 % of the
time. So three new voices are found by search. Everything else with ``part_writing`` stays the network's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from workbench.create.compose.chords import harmonisations, likely_under
from workbench.create.found_chords import find_chords
from workbench.create.infill.around.wishes import lean
from workbench.create.infill.ensembles import find_tune, raised
from workbench.create.infill.transformer.job import VOICE_VELOCITY
from workbench.create.voices import choir
from workbench.create.voices.hymn import HymnModel
from workbench.create.voices.likely import Likely
from workbench.create.voices.slots import Line, is_hymn, line_of, tightened
from workbench.errors import BadRequest
from workbench.hub.protocol import CancelToken
from workbench.hub.tasks.infill.controls import InfillControls
from workbench.hub.tasks.infill.request import InfillRequest, draft
from workbench.score.lanes import Chord
from workbench.score.score import Note, Region, Score, Track
from workbench.score.timemap import TimeMap
from workbench.tokens import grid12 as g

#: What voices that are found by search honour; anyone who wishes for more gets the network's.
HONOURED = frozenset({
    "part_writing", "max_polyphony", "grid", "pitch_low", "pitch_high", "under", "density", "wildness", "loudness",
    "surprise", "chords", "harmony",
})  # fmt: skip
#: Where other parts sound for so much of the tune's time, the chords are heard in them.
HARMONY = 0.5
VOICES = 3


def fits(request: InfillRequest, names: Sequence[str]) -> bool:
    """Whether these tracks are three voices to be set under a tune."""
    wishes = [request.controls_for(name) for name in names]
    return (
        len(names) == VOICES
        and not request.around
        and all(
            controls.part_writing
            and controls.pitch_low is not None
            and controls.pitch_high is not None
            and controls.to_dict().keys() <= HONOURED
            for controls in wishes
        )
        and not any(request.is_drum(name) for name in names)
        and _tune(request, names) is not None
    )


def sing(
    request: InfillRequest, region: Region, names: Sequence[str], ideas: Sequence[np.random.Generator],
    model: HymnModel, cancel: CancelToken,
) -> Iterator[tuple[int, str, Note]]:  # fmt: skip
    """The notes of every idea, each with the number of the idea and the track it is for."""
    tune = _tune(request, names)
    line = [] if tune is None else tightened(line_of(tune.notes.values(), region.start, region.end), request.score.ppq)
    if tune is None or not line:
        return
    time = TimeMap(request.score)
    higher = 12 * raised(float(np.median([note.pitch for note in tune.notes.values()])))
    line = [(start, end, pitch + higher) for start, end, pitch in line]
    # The highest range is the first voice's, whatever order the tracks were named in.
    names = sorted(names, key=lambda name: -_range(request.controls_for(name))[1])
    controls = request.controls_for(names[0])
    alto, tenor, bass = (_range(request.controls_for(name)) for name in names)
    surprise = max(0.0, lean(controls, "surprise", region.start))
    for number, rng in enumerate(ideas):
        cancel.check()
        chords, likely = _chords(request, names, tune, line, time, controls, rng if number else None)
        lines = choir.sing_along(
            model, line, time, (alto, tenor, bass), rng=rng, chords=chords, likely=likely,
            density=_density(controls, region.start),
            heat=choir.HEAT * (1.0 + (1.5 if number else 0.0) + 2.0 * surprise),
        )  # fmt: skip
        for name, own in zip(names, lines, strict=True):
            loud = int(g.class_velocity(VOICE_VELOCITY)) + round(40 * lean(controls, "loudness", region.start))
            for start, end, pitch in own:
                yield number, name, draft(start, end - start, pitch, min(127, max(1, loud)))


def _tune(request: InfillRequest, names: Sequence[str]) -> Track | None:
    """The track that the voices are set under: the one that was named, else the highest line."""
    others = [track for track in request.score.tracks if track.id not in names and not track.is_drum and track.notes]
    under = request.controls_for(names[0]).under
    named = [track for track in others if track.id == under]
    if named:
        return named[0]
    try:
        return find_tune(Score(ppq=request.score.ppq, tracks=others))
    except BadRequest:
        return None


def _range(controls: InfillControls) -> tuple[int, int]:
    assert controls.pitch_low is not None
    assert controls.pitch_high is not None
    return controls.pitch_low, controls.pitch_high


def _density(controls: InfillControls, tick: int) -> float:
    """0.0 (voices move with the tune alone) to 2.0; 1.0: as chorales have it."""
    wish = lean(controls, "density", tick) + 0.5 * lean(controls, "wildness", tick)
    return min(2.0, max(0.0, 1.0 + wish))


def _chords(
    request: InfillRequest, names: Sequence[str], tune: Track, line: Line, time: TimeMap, controls: InfillControls,
    rng: np.random.Generator | None,
) -> tuple[Sequence[Chord], Likely | None]:  # fmt: skip
    """The harmony: written, heard in what else plays, for further ideas under a lively tune another progression; else
    no chords but what is likely under the tune, among which they are found with the voices."""
    if controls.harmony != "free" and (written := controls.chords or request.score.chords):
        return written, None
    others = [
        track
        for track in request.score.tracks
        if track.id not in (*names, tune.id) and track.notes and not track.is_drum
    ]
    first, last = line[0][0], line[-1][1]
    sounding = sum(
        max(0, min(note.end, last) - max(note.start, first)) for track in others for note in track.notes.values()
    )
    if sounding > HARMONY * (last - first):
        heard = request.score.copy()
        heard.tracks = [track for track in heard.tracks if track.id not in names]
        return find_chords(heard), None
    at_pitch = line[0][2] in {note.pitch for note in tune.notes.values()}
    if not at_pitch or (rng is not None and not is_hymn(line, time)):
        return song_chords(request.score, tune, rng), None
    return (), likely_under(replace(request.score, tracks=[tune], chords=[]), tune.id)


def song_chords(score: Score, tune: Track, rng: np.random.Generator | None = None) -> Sequence[Chord]:
    """Chords by the half bar (the bar, where beats are odd), as songs have them; ``rng``: others than the likeliest."""
    alone = replace(score, tracks=[tune], chords=[])
    seed = 0 if rng is None else int(rng.integers(2**31))
    found = harmonisations(alone, count=1 if rng is None else 2, seed=seed, tune=tune.id)
    return found[-1] if found else ()
