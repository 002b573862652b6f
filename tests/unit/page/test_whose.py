"""Whose is this?: a page asks before it hands a piece over, and is told bars, works and licences."""

from __future__ import annotations

import random
from dataclasses import replace

from workbench.evaluation.neighbours_eval import by_chance, copies, joined, piece
from workbench.hub.hub import Hub
from workbench.hub.registry import Registry
from workbench.page.session import Pages
from workbench.provenance.neighbours import _corpus

SESSION = "b" * 32


def test_a_copied_passage_is_shown_with_its_work_and_what_is_nobodys_is_not() -> None:
    rng = random.Random(4)
    work, line = copies(rng, 1, 14)[0]
    score = piece([
        joined(by_chance(rng, "leaps", "varied", 6), line, by_chance(rng, "leaps", "varied", 6)),
        by_chance(rng, "leaps", "varied", 24),
    ])  # fmt: skip
    for note in list(score.tracks[0].notes.values())[8:12]:
        score.tracks[0].notes[note.id] = replace(note, author="model:infill")
    hub = Hub(Registry.load(plugins=False, user=False))
    pages = Pages(lambda: hub, None)
    pages.call({"type": "open", "session": SESSION, "score": score.to_dict(), "revision": 0, "reason": "start"})
    answers = list(pages.answer({"type": "whose", "session": SESSION, "id": "w"}))
    assert answers[-1]["type"] == "whose.result"
    (found,) = answers[-1]["passages"]
    assert (found["track"], found["name"], found["by_model"]) == ("t0", "Line", 4)
    assert found["overlap"] >= 14
    assert 1 <= found["bar"] <= found["last_bar"]
    assert _corpus().works[work].title in [item["title"] for item in found["works"]]
    assert all(item["licence"] for item in found["works"])
