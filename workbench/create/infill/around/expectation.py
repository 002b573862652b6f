"""The harmony that is expected in a gap: from where the music around repeats, or found for a lone tune."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from workbench.create.infill.around.chord_plan import KINDS, ChordModel, chroma_of
from workbench.create.infill.around.harmony import Plan
from workbench.create.infill.around.lone_chords import LoneChords
from workbench.create.infill.around.surroundings import Surroundings
from workbench.create.infill.around.wishes import lean
from workbench.hub.tasks.infill.controls import InfillControls
from workbench.nets.chords import ChordRuntime

Floats = npt.NDArray[np.float64]

#: How strongly pitches lean to the harmony that the music around implies (see ``around.harmony``):
#: the exponent of its chroma. The network sees some bars on each side; repeats are often further away.
PLAN_TRUST = 1.0
#: Factor on it where other parts go on in the gap: what they play tells which of the bars around it is like.
HEARD = 1.8
#: Where little sounds at once (a tune by itself), its chroma is a tune's and no harmony: the least share of the trust
#: that it is given, and how many notes at once make a harmony of it.
THIN_TRUST, FULL = 0.12, 2.5
#: Up to so many notes at once there is but a tune, and chords are found for it (``around.chord_plan``).
#: How strongly they are followed: by what joins the tune, and by the tune itself in a gap of its own.
LONE, CHORD_TRUST, OWN_TRUST = 1.35, 1.2, 0.35
PLANS = 6  #: lags that are weighed
_PLAN_HEAT = 0.1


class Expectation:
    """The harmony that the music around implies: several plans (one a lag at which it may repeat), weighed.

    A single best lag is often one of several that are as good; their mean is right more often than any of them.
    """

    plans: list[Plan]
    weights: Floats

    def __init__(
        self, around: Surroundings, controls: InfillControls, alternative: int, rng: np.random.Generator,
        model: ChordModel | None = None, found: LoneChords | None = None,
    ) -> None:  # fmt: skip
        """``alternative`` 0 takes the mean; later ones lean half to one lag of their own, so that ideas differ.

        ``model`` finds chords where there is but a tune, or nothing: the likeliest for the first alternative, drawn
        ones for the others. (Not for voices under a tune: its chords are a song's, and chorales have other ones.)
        ``found``: those of the network that finds chords (:func:`lone_chords`), which are taken instead.
        """
        self.alone = not _accompanies(around)  #: hardly anything else sounds in the gap
        voices = _writes_parts(around)
        at_once = _at_once(around)
        if model is not None and not voices and at_once <= LONE:
            self.plans, self.weights = [_found(around, controls, alternative, rng, model, found)], np.ones(1)
            self.trust = CHORD_TRUST if _accompanies(around) else OWN_TRUST
            return
        self.trust = PLAN_TRUST * float(np.clip((at_once - 1.0) / (FULL - 1.0), THIN_TRUST, 1.0))
        if _accompanies(around) and not voices:
            self.trust *= HEARD
        likeness = around.harmony.likeness()
        lags: list[int | None] = sorted(likeness, key=lambda lag: -likeness[lag])[:PLANS]  # type: ignore[assignment]
        scores = np.array([likeness[lag] for lag in lags if lag is not None])
        self.plans = [around.plan(lag, controls) for lag in lags or [None]]
        self.weights = np.exp((scores - scores.max()) / _PLAN_HEAT) if len(scores) else np.ones(1)
        self.weights /= self.weights.sum()
        if alternative:
            own = int(rng.choice(len(self.weights), p=self.weights))
            self.weights = 0.5 * self.weights + 0.5 * (np.arange(len(self.weights)) == own)

    def chroma(self, tick: int) -> Floats:
        """Expected share of each pitch class at a score tick, float64 [12]; zeros where nothing is known."""
        total = sum(weight * plan.at(tick).chroma for weight, plan in zip(self.weights, self.plans, strict=True))
        return np.asarray(total, dtype=np.float64)

    def root(self, tick: int) -> int | None:
        """Pitch class of the likeliest root at a score tick."""
        return self.plans[int(np.argmax(self.weights))].at(tick).root


def lone_chords(around: Surroundings, controls: InfillControls, runtime: ChordRuntime) -> LoneChords | None:
    """What a network that finds chords says of a lone tune.

    None where more than a tune sounds, or nothing, and where voices are set under it.
    """
    if _writes_parts(around) or _at_once(around) > LONE:
        return None
    wished = controls.tonic is not None and controls.scale is not None
    return LoneChords.of(around, runtime, _major(around, controls) if wished else None)


def _writes_parts(around: Surroundings) -> bool:
    """Whether voices are set by part writing."""
    return any(around.request.controls_for(name).part_writing for name in around.stood)


def _major(around: Surroundings, controls: InfillControls) -> int:
    """Tonic of the major scale of the key that is asked for, or that is around."""
    key = around.key_for(controls)
    return (key.tonic + (3 if key.mode == "minor" else 0)) % 12


def _found(
    around: Surroundings, controls: InfillControls, alternative: int, rng: np.random.Generator, model: ChordModel,
    found: LoneChords | None,
) -> Plan:  # fmt: skip
    """Chords for a lone tune, half bar by half bar."""
    surprise = lean(controls, "surprise", around.start)
    own = rng if alternative or surprise > 0 else None
    heat = 0.7 + 0.6 * max(0.0, surprise)
    if found is not None:
        return around.harmony.planned(*found.progression(own, heat), around.chords(controls))
    share, on_bar = around.harmony.half_bars()
    known = None
    if (controls.tonic is not None and controls.scale is not None) or not share.any():  # in the key that is wished for
        known = _major(around, controls)
    tonic, states = model.progression(share, on_bar, own, heat, tonic=known)
    chroma = np.stack([np.roll(chroma_of(int(state)), tonic) for state in states])
    roots = [(int(state) // len(KINDS) + tonic) % 12 for state in states]
    return around.harmony.planned(chroma, roots, around.chords(controls))


def _accompanies(around: Surroundings) -> bool:
    """Whether something sounds meanwhile in most of the gap, or nothing anywhere: then chords lead."""
    hidden = np.repeat(around.harmony.hidden, np.diff(around.harmony.first_halves))
    sounds = around.harmony.chroma.sum(axis=1) > 0
    return not sounds.any() or bool(sounds[hidden].mean() > 0.5)


def _at_once(around: Surroundings) -> float:
    """Pitched notes that sound at once in the music around, on average over the time in which any sounds."""
    spans = [
        (note.start, max(note.end, note.start + 1))
        for name, notes in around.near.items()
        if not around.request.is_drum(name)
        for note in notes
    ]
    total, covered, reached = 0, 0, 0
    for start, end in sorted(spans):
        total += end - start
        covered += max(0, end - max(start, reached))
        reached = max(reached, end)
    return total / covered if covered else 0.0
