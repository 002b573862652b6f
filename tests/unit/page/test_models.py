"""The Models page's messages: shelves, what may be chosen, fetching and taking away; and what visitors may not."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

import pytest

from tests.unit.hub.test_wheel import GAINS, NAME, make, shop, spec
from workbench.hub.hub import Hub
from workbench.hub.public import PublicRules
from workbench.hub.registry import Registry
from workbench.hub.weights import wheel
from workbench.page.session import Pages

__all__ = ["shop"]


class Asker:
    """A page that only asks about models."""

    def __init__(self, *, public: bool | PublicRules = False) -> None:
        registry = Registry.load(plugins=False, user=False)
        registry.add(spec())
        hub = Hub(registry, public=public)
        self.hub, self.pages, self.session = hub, Pages(lambda: hub), secrets.token_hex(16)

    def call(self, kind: str, **fields: Any) -> dict[str, Any]:
        return self.pages.call({"type": kind, "session": self.session, **fields})

    def pull(self, model: str) -> list[dict[str, Any]]:
        return list(self.pages.answer({"type": "pull", "id": "p1", "session": self.session, "model": model}))

    def entry(self, model: str) -> dict[str, Any]:
        found: dict[str, Any] = next(item for item in self.call("models")["models"] if item["id"] == model)
        return found


def test_every_model_stands_on_the_shelf_it_comes_from(shop: Path) -> None:
    asker = Asker()
    shelves = {item["id"]: item["shelf"] for item in asker.call("models")["models"]}
    assert shelves["infill"] == shelves["markov"] == shelves["piano-genie"] == "here"
    assert shelves["amt-small"] == shelves["amt-medium"] == shelves["amt-large"] == "hub"
    assert shelves["quieter"] == "package"
    small = asker.entry("amt-small")
    assert (small["state"], small["size"], small["download"]) == ("hub", 0, 510_000_000)
    assert (small["revision"], small["first_use"]) == ("", True)


def test_the_page_is_told_which_weights_the_owner_offers(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Asker().call("models")["weights"] == "pop"
    monkeypatch.setenv("WORKBENCH_WEIGHTS", "open")
    asker = Asker()
    reply = asker.call("models")
    assert reply["weights"] == "open"
    assert {"infill", "piano-genie"}.isdisjoint(item["id"] for item in reply["models"])
    assert asker.call("models.choices", task="infill")["choices"][0]["id"] == "infill-open"
    assert [item["id"] for item in asker.call("models.choices", task="genie")["choices"]] == ["piano-genie-open"]


def test_what_is_fetched_can_be_seen_chosen_and_taken_away(shop: Path) -> None:
    make(shop, {NAME: GAINS})
    asker = Asker()
    built_in = [{"id": "splitter", "title": "Rough split"}]
    assert asker.call("models.choices", task="separate")["choices"] == built_in
    assert asker.pull("quieter")[-1]["type"] == "pull.result"
    entry = asker.entry("quieter")
    assert (entry["state"], entry["size"], entry["revision"]) == ("ready", len(GAINS), "1.2.0")
    assert asker.call("models")["used"] == len(GAINS)
    assert asker.call("models.choices", task="separate")["choices"] == [
        *built_in, {"id": "quieter", "title": "quieter"},
    ]  # fmt: skip
    assert asker.call("models.remove", model="quieter") == {"type": "models.removed", "freed": len(GAINS)}
    assert asker.entry("quieter")["state"] == "hub"
    assert not list(wheel.root().rglob("*.npz"))


def test_the_default_is_the_first_choice_and_what_is_not_here_is_none(shop: Path) -> None:
    reply = Asker().call("models.choices", task="infill")
    assert [item["id"] for item in reply["choices"]] == ["infill", "markov", "infill-open"]
    assert reply["more"] is True


def test_what_is_part_of_the_workbench_cannot_be_removed(shop: Path) -> None:
    asker = Asker()
    reply = asker.call("models.remove", model="infill")
    assert reply["type"] == "error"
    assert "cannot be removed" in reply["text"]
    for odd in ("nobody", None, 3, "../../etc"):
        assert asker.call("models.remove", model=odd)["type"] == "error"
    assert asker.entry("infill")["state"] == "ready"


def test_visitors_of_a_public_server_can_neither_get_nor_remove(shop: Path) -> None:
    make(shop, {NAME: GAINS})
    owner = Asker()
    assert owner.pull("quieter")[-1]["type"] == "pull.result"
    visitor = Asker(public=PublicRules(models=frozenset({"infill", "quieter", "amt-small"})))
    *_, ended = visitor.pull("amt-small")
    assert ended["type"] == "pull.error"
    assert "visitors cannot pull" in ended["text"]
    assert "visitors cannot delete" in visitor.call("models.remove", model="quieter")["text"]
    assert visitor.entry("quieter")["state"] == "ready"
    reply = visitor.call("models")
    assert (reply["public"], reply["free"]) == (True, None)
    assert visitor.call("models.network")["silence"] == ""
    assert visitor.call("models.choices", task="infill")["more"] is False


def test_a_hub_that_does_not_answer_is_one_sentence(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    text = Asker().call("models.network")["silence"]
    assert "127.0.0.1 does not answer" in text
    assert text.endswith(".")


def test_a_broken_lock_file_spoils_only_the_models_that_need_it(shop: Path) -> None:
    from workbench.hub import places

    places.write_atomic(places.lock_file(), "[")
    try:
        asker = Asker()
        assert "models.lock.json" in asker.entry("amt-small")["problem"]
        assert asker.entry("infill")["state"] == "ready"
        assert [item["id"] for item in asker.call("models.choices", task="infill")["choices"]] == [
            "infill",
            "markov",
            "infill-open",
        ]
    finally:
        os.unlink(places.lock_file())
