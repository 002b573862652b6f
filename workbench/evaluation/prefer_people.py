"""Whether learning from choices makes the infilling network's ideas be kept more often, with simulated people.

People of one population share a leaning (fewer notes and small steps, say) and differ from each other around it. Each
is shown three ideas that the network really wrote for a gap, and keeps one with chances by how well they meet the
taste (Bradley & Terry 1952; Plackett 1975 for three). The network learns from some people's choices; then *other*
people compare, on *other* pieces, what it wrote before and what it writes now. Pieces: of the corpora's validation
split to learn from, of the test split to compare; the network has learnt from neither. People without a taste are the
control: their choices are chance, and nothing should come of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from workbench.create.infill.transformer.answers import answer_windows
from workbench.create.taste.traits import TRAITS, traits
from workbench.evaluation.infill_trial import grid_score
from workbench.hub.protocol import CancelToken, Model, Result
from workbench.hub.tasks.infill.preference import rows_of
from workbench.hub.tasks.infill.request import InfillRequest
from workbench.score.score import Note, Region
from workbench.tokens import rows as r
from workbench.training import grid_pieces
from workbench.training.grid_pieces import GridPiece
from workbench.training.prefer import Choices, Pair
from workbench.training.splits import Split

#: Tastes of populations: weights of traits, in spreads of the network's own ideas.
POPULATIONS: dict[str, dict[str, float]] = {
    "sparse, by steps": {"density": -2.0, "leaps": -2.0},
    "no taste": {},
    "off the beat, lively": {"off beat": 2.0, "variety": 2.0},
}
#: How much people of one population differ in each weight (standard deviation).
OWN = 0.8
SETS = ("pop909_main", "lieder", "folk", "quartets")
BARS = 2
SHOWN = 3
#: Share of the ideas of the network as it was that a person keeps when there is no other to compare with.
KEEPS = 1 / 3
DRAWS = 2_000  #: of the bootstrap

Idea = dict[str, tuple[Note, ...]]
Traits = dict[str, float]


@dataclass(frozen=True)
class Gap:
    """Two bars of one part to fill. ``piece``: the id of its piece."""

    piece: str
    request: InfillRequest
    seed: int


@dataclass(frozen=True)
class Person:
    """Somebody with a taste: ``likes`` weighs traits."""

    name: str
    likes: Mapping[str, float] = field(default_factory=dict)

    def appeal(self, item: Traits, scale: Mapping[str, tuple[float, float]]) -> float:
        """How well an idea meets the taste; one without notes meets none."""
        if not item:
            return -4.0 if self.likes else 0.0
        looks = {name: (item[name] - scale[name][0]) / scale[name][1] for name in self.likes}
        return float(sum(weight * looks[name] for name, weight in self.likes.items()))


def people(population: str, count: int, seed: int) -> list[Person]:
    """People of a population; other seeds give other people."""
    rng = np.random.default_rng([seed, 77])
    likes = POPULATIONS[population]
    return [
        Person(f"{population}/{seed}/{number}", {name: w + OWN * float(rng.normal()) for name, w in likes.items()})
        for number in range(count)
    ]


def gaps(split: Split, count: int, seed: int = 5, sets: Sequence[str] = SETS) -> list[Gap]:
    """Gaps spread over pieces and corpora: at most two of a piece, of one part that plays before and after."""
    rng = np.random.default_rng(seed)
    out: list[Gap] = []
    queues = []
    for name in sets:
        pieces = grid_pieces.load(name, split)
        queues.append([pieces[at] for at in np.concatenate([rng.permutation(len(pieces)) for _ in range(2)])])
    while len(out) < count and any(queues):
        for queue in queues:
            if queue and len(out) < count and (found := _gap(queue.pop(0), rng, 1_000 + len(out))) is not None:
                out.append(found)
    return out


def _gap(piece: GridPiece, rng: np.random.Generator, seed: int) -> Gap | None:
    starts, notes = piece.bars.starts, piece.notes
    for place in rng.permutation(np.arange(2, len(starts) - BARS - 2))[:20]:
        start, end = int(starts[place]), int(starts[place + BARS])
        inside = (notes[:, r.TICK] >= start) & (notes[:, r.TICK] < end)
        slots, counts = np.unique(notes[inside & (notes[:, r.SLOT] < 11), r.SLOT], return_counts=True)
        fits = [int(slot) for slot, many in zip(slots, counts, strict=True) if 5 <= many <= 24]
        if not fits:
            continue
        slot = fits[int(rng.integers(len(fits)))]
        near = (notes[:, r.TICK] >= start - 16 * 48) & (notes[:, r.TICK] < end + 16 * 48)
        own = near & (notes[:, r.SLOT] == slot)
        if (own & (notes[:, r.TICK] < start)).sum() < 4 or (own & (notes[:, r.TICK] >= end)).sum() < 4:
            continue
        score = grid_score(notes[near & ~(inside & (notes[:, r.SLOT] == slot))], piece.programs, piece.bars)
        region = Region(start, end, (f"t{slot}",))
        return Gap(piece.id, InfillRequest(score, (region,), count=SHOWN), seed)
    return None


def ideas_of(model: Model, gap: Gap) -> list[Idea]:
    """What a model writes into a gap."""
    found = model.run(gap.request, seed=gap.seed, cancel=CancelToken.never())
    result = next(item for item in found if isinstance(item, Result))
    return [_idea(rows_of(idea.notes)) for idea in result.alternatives]  # in one order, whoever wrote or kept them


def traits_in(gap: Gap, idea: Idea) -> Traits:
    """The traits of an idea among the notes of its part."""
    around = [note for name in idea for note in gap.request.score.track(name).notes.values()]
    return traits([note for notes in idea.values() for note in notes], around, gap.request.score.ppq)


def scale_of(found: Sequence[Sequence[Traits]]) -> dict[str, tuple[float, float]]:
    """Mean and spread of each trait over ideas."""
    every = [item for gap in found for item in gap if item]
    return {
        name: (float(np.mean([item[name] for item in every])), float(np.std([item[name] for item in every])) or 1.0)
        for name in TRAITS
    }


def choices(
    crowd: Sequence[Person], where: Sequence[Gap], ideas: Sequence[Sequence[Idea]],
    scale: Mapping[str, tuple[float, float]], seed: int, rows: int,
) -> Choices:  # fmt: skip
    """One decision for each gap, by the people in turn: of the ideas shown one is kept, two are left."""
    rng = np.random.default_rng([seed, 3])
    windows: list[list[r.Arrays]] = []
    pairs = []
    for number, (gap, shown) in enumerate(zip(where, ideas, strict=True)):
        person = crowd[number % len(crowd)]
        appeal = np.array([person.appeal(traits_in(gap, idea), scale) for idea in shown])
        chance = np.exp(appeal - appeal.max())
        kept = int(rng.choice(len(shown), p=chance / chance.sum()))
        first = len(windows)
        windows += [answer_windows(gap.request, idea, rows) for idea in shown]
        pairs += [Pair(person.name, first + kept, first + other) for other in range(len(shown)) if other != kept]
    return Choices(windows, pairs)


@dataclass(frozen=True)
class Compared:
    """``won``: float64 [people, gaps]: share of the comparisons in which the new idea was kept instead of the old one;
    ``old``, ``new``: the same of ideas kept by themselves."""

    won: np.ndarray
    old: np.ndarray
    new: np.ndarray

    def report(self, seed: int = 0) -> dict[str, Any]:
        """Means with 95 % intervals: people and gaps are drawn anew together."""
        rng = np.random.default_rng(seed)
        people_, places = self.won.shape
        drawn = []
        for _ in range(DRAWS):
            rows, columns = rng.integers(people_, size=people_), rng.integers(places, size=places)
            part = np.ix_(rows, columns)
            drawn.append([self.won[part].mean(), self.old[part].mean(), self.new[part].mean(),
                          self.new[part].mean() - self.old[part].mean()])  # fmt: skip
        low, high = np.percentile(np.array(drawn), (2.5, 97.5), axis=0)
        means = [self.won.mean(), self.old.mean(), self.new.mean(), self.new.mean() - self.old.mean()]
        names = ("new kept over old", "old kept", "new kept", "difference")
        out: dict[str, Any] = {
            name: [round(float(mean), 3), round(float(a), 3), round(float(b), 3)]
            for name, mean, a, b in zip(names, means, low, high, strict=True)
        }
        worst = np.sort(self.won.mean(axis=1))
        out["people who keep the new one more often than not"] = round(float((self.won.mean(axis=1) > 0.5).mean()), 3)
        out["worst tenth of people"] = round(float(worst[: max(1, len(worst) // 10)].mean()), 3)
        return out


def compare(
    crowd: Sequence[Person], old: Sequence[Sequence[Traits]], new: Sequence[Sequence[Traits]],
    scale: Mapping[str, tuple[float, float]], seed: int,
) -> Compared:  # fmt: skip
    """Let people compare ideas for the same gaps, side by side (Bradley-Terry) and each by itself.

    By itself an idea is kept with a chance of ``sigmoid(appeal - threshold)``; the threshold of each person is the one
    at which they keep :data:`KEEPS` of the old ideas. Every decision is drawn.
    """
    rng = np.random.default_rng([seed, 9])
    rows: list[list[list[float]]] = [[], [], []]
    for person in crowd:
        before, after = (
            np.array([[person.appeal(item, scale) for item in gap] for gap in found]) for found in (old, new)
        )
        threshold = _threshold(before)
        luck = rng.random((3, *before.shape))
        rows[0].append((luck[0] < _sigmoid(after - before)).mean(axis=1).tolist())
        rows[1].append((luck[1] < _sigmoid(before - threshold)).mean(axis=1).tolist())
        rows[2].append((luck[2] < _sigmoid(after - threshold)).mean(axis=1).tolist())
    return Compared(*(np.array(table) for table in rows))


def _threshold(appeal: np.ndarray) -> float:
    low, high = float(appeal.min()) - 8, float(appeal.max()) + 8
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _sigmoid(appeal - middle).mean() > KEEPS else (low, middle)
    return (low + high) / 2


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-x)))


def _idea(rows: Mapping[str, Sequence[Sequence[int]]]) -> Idea:
    return {name: tuple(Note("draft", a, b, c, d) for a, b, c, d in found) for name, found in rows.items()}


@dataclass(frozen=True)
class Pools:
    """Gaps with the ideas of the network as it was: ``learn`` to choose among, ``test`` to compare on."""

    learn: Sequence[Gap]
    learn_ideas: Sequence[Sequence[Idea]]
    test: Sequence[Gap]
    test_ideas: Sequence[Sequence[Idea]]

    @classmethod
    def drawn(cls, model: Model, learn: int, test: int, kept: Path | None = None) -> Pools:
        """So many gaps of the validation and the test split, filled by a model; from the file ``kept`` if it is there,
        else written into it."""
        sides = (gaps("valid", learn), gaps("test", test, seed=6))
        if kept is not None and kept.exists():
            found = json.loads(kept.read_text(encoding="utf-8"))
        else:
            found = [[[rows_of(idea) for idea in ideas_of(model, gap)] for gap in side] for side in sides]
            if kept is not None:
                kept.write_text(json.dumps(found), encoding="utf-8")
        ideas = [[[_idea(rows) for rows in gap] for gap in side] for side in found]
        return cls(sides[0], ideas[0], sides[1], ideas[1])

    def traits(self, test: bool) -> list[list[Traits]]:
        """The traits of the ideas of either side."""
        where, ideas = (self.test, self.test_ideas) if test else (self.learn, self.learn_ideas)
        return [[traits_in(gap, idea) for idea in found] for gap, found in zip(where, ideas, strict=True)]


def experiment(
    pools: Pools, population: str, learn: Callable[[Choices], Model], crowd: int = 12, others: int = 24, rows: int = 128
) -> dict[str, Any]:  # fmt: skip
    """One population: ``crowd`` people choose, a network learns from it, ``others`` compare it with what it was.

    Args:
        pools: of gaps and ideas.
        population: of :data:`POPULATIONS`.
        learn: makes a model of choices.
        crowd: people to learn from; ``others``: people who compare.
        rows: of a window that is learnt from.
    """
    old = pools.traits(test=True)
    scale = scale_of(pools.traits(test=False))
    found = choices(people(population, crowd, 1), pools.learn, pools.learn_ideas, scale, 1, rows)
    model = learn(found)
    new = [[traits_in(gap, idea) for idea in ideas_of(model, gap)] for gap in pools.test]
    report = compare(people(population, others, 2), old, new, scale, 2).report()
    report["pairs"] = len(found.pairs)
    report["traits, before and after"] = {
        name: [round(float(np.mean([item[name] for gap in side for item in gap if item])), 3) for side in (old, new)]
        for name in sorted({*POPULATIONS[population], "density", "leaps"})
    }
    return report
