"""Whether learning from choices raises how often an idea is kept, with simulated people of a known taste.

Run as ``python -m workbench.evaluation.taste_eval --people 6``. Each has gaps filled with eight ideas; the page shows
the first three. A person likes five-note scales and few notes (or the opposite, or nothing): the best of the three is
kept with a chance that rises with how well it meets the taste. After 30 decisions other gaps follow, ranked by what
was learnt, and the same ones as the model gave them.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Sequence
from typing import Any

import numpy as np

from workbench.create.infill.fill import infill
from workbench.create.taste.taste import Taste
from workbench.create.taste.traits import traits
from workbench.score.score import Note, Score, Track

DECISIONS, AFTERWARDS, OFFERED, SHOWN = 30, 40, 8, 3
#: What a person likes: weights of traits, in clear differences.
PEOPLE = {
    "five notes, sparse": {"five notes": 2.0, "density": -2.0},
    "dense, wide": {"density": 2.0, "range": 2.0},
    "high, on the beat": {"register": 2.0, "off beat": -2.0},
    "no taste": {},
}
Traits = dict[str, float]


def tune(rng: random.Random) -> Score:
    """Eight bars of a melody with a gap in bars 4 and 5."""
    score = Score(ppq=960)
    track = Track("t1", name="Piano")
    degree, at, number = rng.randint(0, 4), 0, 0
    shift = rng.randint(-5, 6)
    while at < 8 * 3_840:
        length = rng.choice((480, 480, 960, 960, 1_920))
        if not 3 * 3_840 <= at < 5 * 3_840:
            pitch = 60 + shift + 12 * (degree // 7) + (0, 2, 4, 5, 7, 9, 11)[degree % 7]
            track.notes[f"n{number}"] = Note(f"n{number}", at, length, pitch, rng.randint(60, 100))
        at, number, degree = at + length, number + 1, max(-3, min(9, degree + rng.choice((-2, -1, 1, 2))))
    score.tracks.append(track)
    return score


def offers(count: int, seed: int, model: str | None) -> list[list[Traits]]:
    """The traits of the ideas for some gaps, in the model's own order."""
    rng = random.Random(seed)
    out = []
    for number in range(count):
        score = tune(rng)
        around = list(score.tracks[0].notes.values())
        ideas = infill(score, (4, 5), model=model, count=OFFERED, seed=1_000 * seed + number)
        out.append(
            [traits([note for part in idea.notes.values() for note in part], around, score.ppq) for idea in ideas]
        )
    return out


def appeal(item: Traits, likes: dict[str, float], middle: Traits, spread: Traits) -> float:
    """How well an idea meets a taste: 0 for a middling one."""
    return sum(weight * (item.get(name, 0.0) - middle[name]) / spread[name] for name, weight in likes.items())


def kept(shown: Sequence[float], rng: random.Random) -> int | None:
    """Which of the shown ideas is kept, by their appeal; None: none of them."""
    best = max(range(len(shown)), key=lambda place: shown[place])
    return best if rng.random() < 1 / (1 + np.exp(1.0 - shown[best])) else None


def person(likes: dict[str, float], gaps: Sequence[Sequence[Traits]], seed: int) -> dict[str, Any]:
    """One person's acceptance before and after learning, on the same gaps and with the same luck."""
    rng = random.Random(seed)
    every = [item for gap in gaps for item in gap if item]
    middle = {name: float(np.mean([item[name] for item in every])) for name in every[0]}
    spread = {name: float(np.std([item[name] for item in every])) or 1.0 for name in every[0]}
    taste = Taste()
    for gap in gaps[:DECISIONS]:
        order = taste.order(gap)[:SHOWN]
        shown = [gap[place] for place in order]
        taste = taste.choose(shown, kept([appeal(item, likes, middle, spread) for item in shown], rng))
    counts = [0, 0]
    for number, gap in enumerate(gaps[DECISIONS:]):
        for place, shown_now in enumerate((list(range(SHOWN)), taste.order(gap)[:SHOWN])):
            looks = [appeal(gap[item], likes, middle, spread) for item in shown_now]
            counts[place] += kept(looks, random.Random(1_000 * seed + number)) is not None
    total = len(gaps) - DECISIONS
    return {
        "before": counts[0] / total, "after": counts[1] / total,
        "said": [item.sentence for item in taste.statements()],
        "forgotten": Taste().order(gaps[0]) == list(range(len(gaps[0]))),
    }  # fmt: skip


def measure(people: int, model: str | None) -> dict[str, Any]:
    """Acceptance by kind of taste, over some people each."""
    out: dict[str, Any] = {}
    pools = [offers(DECISIONS + AFTERWARDS, seed, model) for seed in range(people)]
    for name, likes in PEOPLE.items():
        rows = [person(likes, pool, seed) for seed, pool in enumerate(pools)]
        before, after = (np.array([row[key] for row in rows]) for key in ("before", "after"))
        out[name] = {
            "before": float(before.mean()), "after": float(after.mean()),
            "gain": float(after.mean() / max(1e-9, before.mean()) - 1),
            "each": [f"{row['before']:.2f} -> {row['after']:.2f}" for row in rows], "said": rows[0]["said"],
            "forgotten": all(row["forgotten"] for row in rows),
        }  # fmt: skip
    return out


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=4)
    parser.add_argument("--model", default="markov")
    chosen = parser.parse_args()
    print(json.dumps(measure(chosen.people, chosen.model), indent=1))
