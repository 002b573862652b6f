"""A page learns what its person keeps only from what it brings along; the server keeps nothing of it."""

from __future__ import annotations

from typing import Any

from workbench.create.taste.traits import TRAITS
from workbench.hub.hub import Hub
from workbench.hub.registry import Registry
from workbench.page.session import Pages

SESSION = "c" * 32


def offered() -> list[dict[str, float]]:
    middle = dict.fromkeys(TRAITS, 0.0)
    return [{**middle, "density": 1.0}, {**middle, "density": 0.9}, {**middle, "density": -1.0}]


def test_choices_rank_what_comes_next_and_forgetting_is_to_bring_nothing() -> None:
    hub = Hub(Registry.load(plugins=False, user=False))
    pages = Pages(lambda: hub, None)

    def ask(**more: Any) -> dict[str, Any]:
        return pages.call({"type": "taste", "session": SESSION, **more})

    taste = ask(taste=None)["taste"]
    assert ask(taste=taste, offered=offered())["order"] == [0, 1, 2]
    for _ in range(6):
        taste = ask(taste=taste, offered=offered(), kept=2)["taste"]
    reply = ask(taste=taste, offered=offered())
    assert reply["order"] == [2, 1, 0]
    assert {"trait": "density", "sentence": "You keep ideas with fewer notes."} in reply["statements"]
    struck = ask(taste=taste, offered=offered(), strike="density")
    assert (struck["order"], struck["statements"], struck["struck"]) == ([0, 1, 2], [], ["density"])
    assert ask(taste=None, offered=offered())["order"] == [0, 1, 2]


def test_what_is_no_taste_is_refused_in_a_sentence() -> None:
    hub = Hub(Registry.load(plugins=False, user=False))
    pages = Pages(lambda: hub, None)
    for bad in ({"taste": {"version": 9}}, {"taste": None, "kept": 7, "offered": offered()}, {"taste": 5},
                {"taste": None, "kept": "one", "offered": []}, {"taste": None, "offered": "all"},
                {"taste": None, "strike": "mood"}):  # fmt: skip
        reply = pages.call({"type": "taste", "session": SESSION, **bad})
        assert reply["type"] == "error"
        assert reply["text"].endswith(".")
    strange = [{"density": "x"}, 5, {"density": float("nan")}]
    assert pages.call({"type": "taste", "session": SESSION, "taste": None, "offered": strange})["order"] == [0, 1, 2]
