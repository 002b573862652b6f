"""A person's taste as far as their choices show it.

    taste = Taste().choose(offered, kept=2)      # of three ideas the last was kept
    taste.order(offered)                          # places, the likeliest to be kept first
    taste.statements()                            # "You keep ideas with fewer notes."
    taste.without("density")                      # struck out: never looked at again
    Taste()                                       # forgotten: everything as if nobody had chosen

Each choice is a comparison of what was kept with what was passed over beside it (Bradley & Terry 1952), by traits
alone; the weights are the most likely ones under a prior of no taste at all (a logistic regression). A taste without
choices weighs nothing, and the order is that of the model, bit for bit. It is kept as plain JSON where the person
is: in their browser, their project or their settings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.create.taste.traits import TRAITS
from workbench.errors import BadDocument

Array = npt.NDArray[np.float64]
Traits = Mapping[str, float]

#: Choices that are remembered; older ones are let go.
MOST = 300
#: How sure it must be that what is kept differs in a trait before that is said: the mean difference over its spread;
#: how large the difference must be, and how many comparisons it must rest on.
CLEAR, LEAST, ENOUGH = 3.0, 0.3, 8
#: Spread of a weight before anything is known.
_PRIOR = 1.0
_NAMES = tuple(TRAITS)
_SCALE = np.array([TRAITS[name][2] for name in _NAMES])
#: Sliders of a fill that a trait speaks for, and which way.
_SLIDERS = {"density": "density", "register": "register", "off beat": "syncopation", "loudness": "loudness",
            "leaps": "wildness", "variety": "richness"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that was learnt: of which ``trait``, as a ``sentence``, and from how many ``choices``."""

    trait: str
    sentence: str
    choices: int


@dataclass(frozen=True, slots=True)
class Taste:
    """``choices``: for each, how the traits of what was kept differ from those of what was passed over, counted in
    clear differences. ``struck``: traits that the person does not want to be looked at."""

    choices: tuple[tuple[float, ...], ...] = ()
    struck: frozenset[str] = frozenset()

    def choose(self, offered: Sequence[Traits], kept: int | None) -> Taste:
        """The taste after one more choice.

        Args:
            offered: the traits of the ideas that lay side by side.
            kept: place of the one that was kept; None: none of them was, which says nothing of one against the other.

        Raises:
            BadDocument: there is no such place.
        """
        if kept is None:
            return self
        if not 0 <= kept < len(offered):
            raise BadDocument("The idea that was kept is none of those that were offered.")
        rows = [_row(item) for item in offered]
        if not offered[kept]:
            return self
        passed = [row for place, row in enumerate(rows) if place != kept and offered[place]]
        added = tuple(tuple(np.clip((rows[kept] - row) / _SCALE, -4, 4).round(4).tolist()) for row in passed)
        return replace(self, choices=(*self.choices, *added)[-MOST:])

    def order(self, offered: Sequence[Traits]) -> list[int]:
        """The places of the ideas, the likeliest to be kept first; as they came where nothing is known."""
        if not self.choices:
            return list(range(len(offered)))
        weights = self._weights()
        scores = [float(weights @ (_row(item) / _SCALE)) if item else -np.inf for item in offered]
        return sorted(range(len(offered)), key=lambda place: -scores[place])

    def statements(self) -> list[Statement]:
        """What was learnt, the clearest first."""
        means, sure = self._differences()
        return [
            Statement(
                _NAMES[place], f"You keep ideas {TRAITS[_NAMES[place]][int(means[place] > 0)]}.", len(self.choices)
            )
            for place in np.argsort(-sure, kind="stable").tolist()
            if sure[place] >= CLEAR and abs(means[place]) >= LEAST
        ]

    def sliders(self) -> dict[str, int]:
        """Where the sliders of the next fill begin: 0 to 100 by name, only those that were learnt; 50 is the middle."""
        means, _ = self._differences()
        known = {item.trait for item in self.statements()}
        return {
            slider: round(50 + 30 * float(np.tanh(means[_NAMES.index(trait)])))
            for trait, slider in _SLIDERS.items()
            if trait in known
        }

    def _differences(self) -> tuple[Array, Array]:
        """By how much what was kept differs in each trait, in clear differences, and how sure that is; float64
        [traits] each. Looked at one by one, so that each sentence is true by itself."""
        rows = np.array(self.choices).reshape(-1, len(_NAMES))
        if len(rows) < ENOUGH:
            return (np.zeros(len(_NAMES)),) * 2
        means = rows.mean(axis=0) * np.array([name not in self.struck for name in _NAMES])
        spread = np.maximum(rows.std(axis=0), 0.05) / np.sqrt(len(rows))
        return means, np.abs(means) / spread

    def without(self, trait: str) -> Taste:
        """The taste with one trait struck out; raises :class:`BadDocument` where there is no such trait."""
        if trait not in TRAITS:
            raise BadDocument("There is no such trait.")
        return replace(self, struck=self.struck | {trait})

    def _weights(self) -> Array:
        """The weight of each trait in the order, float64 [traits]; struck ones weigh nothing."""
        open_ = np.array([name not in self.struck for name in _NAMES])
        rows = np.array(self.choices).reshape(-1, len(_NAMES)) * open_
        weights = np.zeros(len(_NAMES))
        for _ in range(30):  # Newton's method: the function is convex
            chance = 1 / (1 + np.exp(-np.clip(rows @ weights, -30, 30)))
            slope = rows.T @ (1 - chance) - weights / _PRIOR**2
            bent = (rows * (chance * (1 - chance))[:, None]).T @ rows + np.eye(len(_NAMES)) / _PRIOR**2
            step = np.linalg.solve(bent, slope)
            weights = weights + step / max(1.0, float(np.abs(step).max()))
            if float(np.abs(step).max()) < 1e-9:
                break
        return np.asarray(weights * open_)

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "version": 1, "traits": list(_NAMES), "choices": [list(row) for row in self.choices],
            "struck": sorted(self.struck),
        }  # fmt: skip

    @classmethod
    def from_json(cls, data: Any) -> Taste:
        """Read the JSON form, whoever wrote it.

        Raises:
            BadDocument: it is none, or one of other traits.
        """
        try:
            if data["version"] != 1 or data["traits"] != list(_NAMES) or len(data["choices"]) > MOST:
                raise BadDocument("This taste was kept by another version; forget it and begin anew.")
            rows = np.array(data["choices"], float).reshape(-1, len(_NAMES))
            struck = frozenset(map(str, data["struck"]))
        except (KeyError, TypeError, ValueError) as problem:
            raise BadDocument("This is not a taste that was kept.") from problem
        if not np.isfinite(rows).all() or not struck <= TRAITS.keys():
            raise BadDocument("This is not a taste that was kept.")
        return cls(tuple(tuple(row) for row in np.clip(rows, -4, 4).tolist()), struck)


def _row(item: Traits) -> Array:
    return np.array([float(item.get(name, 0.0)) for name in _NAMES])
