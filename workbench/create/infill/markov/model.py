"""The Markov-chain infiller: a model of the workbench in one short class, and the baseline for every other one.

It has no weights. For each gap it counts what the notes around do (``around.surroundings``, ``around.context``), works
out the harmony that should sound there (``around.harmony``) and walks its chains through the gap (``pitched``,
``drums``), handing out the notes as they are made. To write a model of your own, copy this class and yield notes from
wherever you get them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from workbench.create.infill.around.context import group_onsets, most_at_once
from workbench.create.infill.around.surroundings import Surroundings
from workbench.create.infill.around.wishes import Wishes, beyond_simple_models
from workbench.create.infill.markov.drums import Groove, fill_drums
from workbench.create.infill.markov.pitched import Voice, fill_pitched
from workbench.hub.protocol import CancelToken, Model, Partial, Progress, Result, Support
from workbench.hub.tasks.infill.controls import InfillControls
from workbench.hub.tasks.infill.parted import parted
from workbench.hub.tasks.infill.request import InfillRequest
from workbench.score.score import Note, Region
from workbench.score.timemap import TimeMap


class MarkovInfiller(Model):
    """Fills gaps with Markov chains learnt from the notes around them."""

    def support(self, request: InfillRequest) -> Support:
        """Whether the wishes can be met; see :class:`~workbench.hub.tasks.infill.controls.InfillControls`."""
        return judge(request)

    def estimate_seconds(self, request: InfillRequest) -> float:
        """Wall-clock seconds: a little per bar, track and alternative, and for reading the piece."""
        time = TimeMap(request.score)
        bars = sum(
            len(request.fillable(region)) * (1 + time.bar_at(region.end - 1).number - time.bar_at(region.start).number)
            for region in request.regions
        )
        return 0.05 + 2e-5 * request.score.note_count + 0.02 * bars * request.count

    def run(self, request: InfillRequest, *, seed: int, cancel: CancelToken) -> Iterator[Progress | Partial | Result]:
        """Yield the notes of every alternative, gap and track, onset by onset."""
        around, settings = Surroundings(request), self.config()
        jobs = [(region, track_id) for region in request.regions for track_id in request.fillable(region)]
        for alternative in range(request.count):
            lag = around.choose_lag(alternative, Wishes(request.controls).surprise, _dice(seed, alternative))
            made: dict[str, list[Note]] = {track_id: [] for _, track_id in jobs}
            for number, (region, track_id) in enumerate(jobs):
                rng = _dice(seed, alternative, number + 1)
                controls = request.controls_for(track_id)
                wishes = Wishes(controls, settings.get("temperature", 0.85), settings.get("top_p", 0.95))
                for notes in _fill(around, region, track_id, wishes, lag, made[track_id], rng, cancel):
                    notes = notes if controls.max_notes is None else notes[: controls.max_notes - len(made[track_id])]
                    made[track_id] += notes
                    if not notes:
                        break
                    yield Partial(alternative, track_id, tuple(notes))
                yield Progress((alternative * len(jobs) + number + 1) / (request.count * len(jobs)))


def _dice(*numbers: int) -> np.random.Generator:
    """Chance that depends on these numbers alone, so that each track of each alternative can be made again."""
    return np.random.default_rng([number % 2**63 for number in numbers])


def _fill(
    around: Surroundings, region: Region, track_id: str, wishes: Wishes, lag: int | None, made: list[Note],
    rng: np.random.Generator, cancel: CancelToken,
) -> Iterator[list[Note]]:  # fmt: skip
    """Fill one track of one region; ``made``: the idea's notes in the track's other gaps."""
    cancel.check()
    controls = wishes.controls
    grid = around.grid_for(track_id, controls)
    if around.request.is_drum(track_id):
        groove = Groove(grid)
        own = around.near[track_id]
        groove.learn(own, _drum_weights(around, region, track_id, groove, lag))
        gap = around.gap(region, track_id, grid, controls.max_polyphony or 128, tuple(made))
        return fill_drums(gap, groove, wishes, rng, cancel)
    style = around.style(region, track_id, grid, lag)
    stood = around.stood_in(region, track_id) if controls.keep_rhythm or controls.keep_pitches else []
    limit = controls.max_polyphony or max(1, style.polyphony, most_at_once(stood))
    gap = around.gap(region, track_id, grid, limit, tuple(made))
    voice = Voice(
        gap, style, around.plan(lag, controls), wishes, around.key_weights(controls), allowed(controls),
        around.before(gap, track_id, lag),
    )  # fmt: skip
    return fill_pitched(voice, rng, cancel)


def _drum_weights(
    around: Surroundings, region: Region, track_id: str, groove: Groove, lag: int | None
) -> dict[int, float]:
    return around.bar_weights(region, group_onsets(around.near[track_id], groove.grid), lag)


def allowed(controls: InfillControls) -> np.ndarray:
    """Pitches that the hard limits leave free: bool [128]."""
    pitches = np.arange(128)
    high = 127 if controls.pitch_high is None else controls.pitch_high
    out = (pitches >= (controls.pitch_low or 0)) & (pitches <= high)
    classes = controls.pitch_classes()
    if classes is not None:
        out &= np.isin(pitches % 12, sorted(classes))
    return out


def judge(request: InfillRequest) -> Support:
    """What a Markov chain can honour of a request, in one sentence a person can read."""
    tracks = [track_id for region in request.regions for track_id in request.fillable(region)]
    pitched = [track_id for track_id in tracks if not request.is_drum(track_id)]
    for track_id in pitched:
        if not allowed(request.controls_for(track_id)).any():
            return Support.no("No note of this scale lies between the lowest and the highest one; widen the range.")
    wishes = [request.controls_for(track_id) for track_id in tracks]
    if not pitched and any(w.register is not None or "register" in w.curves for w in wishes):
        return Support.partial("Drums have no register, so lower or higher changes nothing.")
    if len(pitched) < len(tracks) and any(w.keep_pitches for w in wishes):
        return Support.partial("Drums cannot keep their strokes and change the rhythm; they are made anew.")
    if (unmet := beyond_simple_models(wishes)) is not None:
        return Support.partial(unmet)
    if any(w.keep_rhythm or w.keep_pitches for w in wishes) and not any(parted(request).stood.values()):
        return Support.partial("The gap is empty, so there is no rhythm or tune in it to keep.")
    if any(w.harmony == "strict" for w in wishes) and not (request.score.chords or any(w.chords for w in wishes)):
        return Support.partial("There is no chord written to be strict about; the music around is followed.")
    return Support.full()
