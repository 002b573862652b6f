"""What a piece inherits from the weights that wrote in it: which parts bind it to non-commercial use, and for how long.

The writers of the notes *as they stand* decide (:mod:`workbench.provenance.writers`): once such a part is replaced,
nothing of its licence is left. Sound that a model made (the stems of a recording) counts as long as it is used.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.errors import BadRequest
from workbench.provenance.run import Run, rights, runs
from workbench.provenance.writers import writers
from workbench.score.events import Event
from workbench.score.score import Score
from workbench.score.timemap import TimeMap

_BOUND = re.compile(r"\bNC\b|non-?commercial|scientific purposes|research only", re.I)
UNKNOWN = {"sell": "Unclear, no card of this model is known here.", "weights_licence": "unknown"}


@dataclass(frozen=True, slots=True)
class Part:
    """Something in a piece that a model made. ``track``: its id, "" for sound; ``first``, ``last``: bars, counted as
    the piece counts them (0 for sound); ``notes``: how many, 0 for sound; ``reason``: the card's answer on selling.
    """

    model: str
    track: str
    name: str
    first: int
    last: int
    notes: int
    reason: str

    def where(self) -> str:
        """Where it is, to stand in a sentence."""
        if not self.track:
            return f"the sound of {self.name}"
        bars = f"bar {self.first}" if self.first == self.last else f"bars {self.first} to {self.last}"
        return f"{self.name} ({bars}, {self.notes} note{'' if self.notes == 1 else 's'})"

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "model": self.model, "track": self.track, "name": self.name, "first": self.first, "last": self.last,
            "notes": self.notes, "reason": self.reason,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Selling:
    """May the piece be sold, as far as the models that made it go? ``bound``: parts of non-commercial weights;
    ``unclear``: parts of weights whose card gives no clear answer.
    """

    bound: tuple[Part, ...] = ()
    unclear: tuple[Part, ...] = ()

    @property
    def answer(self) -> str:
        """``no``, ``unclear`` or ``yes``."""
        return "no" if self.bound else "unclear" if self.unclear else "yes"

    def sentence(self) -> str:
        """The answer in plain words, with what to replace."""
        if self.answer != "yes":
            parts = self.bound or self.unclear
            told = "; ".join(f"{part.where()}, which {part.model} made" for part in parts[:4])
            more = f" and {len(parts) - 4} more" if len(parts) > 4 else ""
            if self.bound:
                return f"Not for sale as it is: replace {told}{more}; such weights may not be used commercially."
            return f"Not sure about selling: no clear licence stands behind {told}{more}."
        return "No model that wrote in this piece forbids selling it."

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "answer": self.answer, "sentence": self.sentence(),
            "bound": [part.to_dict() for part in self.bound], "unclear": [part.to_dict() for part in self.unclear],
        }  # fmt: skip

    def check(self) -> None:
        """Refuse a commercial export; raises :class:`BadRequest` with the reason where the answer is no."""
        if self.bound:
            raise BadRequest(self.sentence())


def standing(terms: Mapping[str, str]) -> str:
    """``yes``, ``no`` or ``unclear``: what a card's answers say of selling (``sell`` and ``weights_licence``)."""
    sell = terms.get("sell", "")
    if sell.startswith("No"):
        return "no"
    if sell.startswith("Yes"):
        return "yes"
    return "no" if _BOUND.search(terms.get("weights_licence", "")) else "unclear"


def terms_of(model: str) -> dict[str, str]:
    """What the card of a model of this installation says, for notes without a record of their run."""
    from workbench.hub.registry import Registry

    registry = Registry.load(weights="pop")  # whatever is offered here, it may have written in the piece
    return rights(registry.get(model).card) if model in registry else dict(UNKNOWN)


def selling(score: Score, events: Iterable[Event], sounds: Mapping[str, Run] | None = None) -> Selling:
    """What the piece as it stands inherits.

    Args:
        score: the piece.
        events: its log, or nothing where there is none.
        sounds: sound in it that models made: its name -> the run.
    """
    events = list(events)
    by_run, known = writers(score, events), runs(events)
    times = TimeMap(score)
    places: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    counts: Counter[tuple[str, str, str]] = Counter()
    cards: dict[str, dict[str, str]] = {}
    for track, note in score.all_notes():
        if "model:" not in note.author:
            continue
        run = known.get(by_run.get((track.id, note.id), ""))
        model = run.model if run else note.author.split("model:", 1)[1]
        terms = dict(run.rights) if run and run.rights else cards.get(model)
        if terms is None:
            terms = cards[model] = terms_of(model)
        if standing(terms) == "yes":
            continue
        key = (model, track.id, terms.get("sell", "") or UNKNOWN["sell"])
        counts[key] += 1
        places[key].append(note.start)
        cards.setdefault(model, terms)
    parts: dict[str, list[Part]] = {"no": [], "unclear": []}
    for (model, track_id, reason), starts in places.items():
        name = score.track(track_id).name or track_id
        bars = [times.bar_at(tick).number for tick in (min(starts), max(starts))]
        part = Part(model, track_id, name, bars[0], bars[1], counts[model, track_id, reason], reason)
        parts[standing({**cards[model], "sell": reason})].append(part)
    for name, run in (sounds or {}).items():
        answer = standing(run.rights)
        if answer != "yes":
            parts[answer].append(Part(run.model, "", name, 0, 0, 0, run.rights.get("sell", "") or UNKNOWN["sell"]))
    return Selling(tuple(parts["no"]), tuple(parts["unclear"]))
