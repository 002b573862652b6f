"""Entries: what is refused, what is left out, and what each sentence names."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.unit.hub.rogues import spec
from workbench.errors import BadFile, BadRequest, Unavailable
from workbench.hub import places
from workbench.hub.protocol import CancelToken
from workbench.hub.registry import Registry, adapter_class, chosen
from workbench.hub.repositories import to_toml
from workbench.hub.spec import spec_from_table
from workbench.hub.weights import resolve as weights

ADAPTERS = {"markov": "workbench.create.infill.markov.model:MarkovInfiller"}
CARD = {
    "summary": "A model.", "code_licence": "MIT", "weights_licence": "MIT", "outputs_licence": "none",
    "sell": "Yes, freely.", "training_data": [{"name": "Songs", "licence": "CC0-1.0", "amount": "3 hours"}],
    "links": ["https://example.org"],
}  # fmt: skip
HUB = {"repo": "owner/name", "revision": "a" * 40, "files": {"model.safetensors": "b" * 64}}
WHEEL = {"wheel": {"package": "some-weights", "version": "1.0"}, "files": {"weights/m.onnx": "b" * 64}}


def table(**changes: Any) -> dict[str, Any]:
    data = {"task": "infill", "adapter": "markov", "card": CARD, **changes}
    return {name: value for name, value in data.items() if value is not None}


def test_the_built_in_registry_loads_and_every_task_has_an_embedded_default() -> None:
    registry = Registry.load(plugins=False)
    assert registry.problems == []
    assert registry.find("infill").id == "infill"
    for entry in registry:
        default = registry.default(entry.task)
        assert default is not None
        assert default.embedded


def test_an_entry_is_read_whole() -> None:
    entry = spec_from_table("far", table(**HUB, memory_mb=900, extra="hub", capabilities={"drums": True}), ADAPTERS)
    assert entry.revision == "a" * 40
    assert not entry.embedded
    assert entry.card.training_data[0].amount == "3 hours"
    assert entry.to_dict()["repo"] == "owner/name"
    assert entry.author == "model:far"


def test_an_entry_may_leave_its_commit_to_be_pinned_or_name_a_package() -> None:
    unpinned = spec_from_table("far", table(repo="owner/name", size_mb=510), ADAPTERS)
    assert unpinned.unpinned
    assert not unpinned.embedded
    assert (unpinned.revision, unpinned.size_mb) == ("", 510)
    packed = spec_from_table("near", table(**WHEEL), ADAPTERS)
    assert packed.revision == "1.0"
    assert not packed.embedded
    assert packed.to_dict()["wheel"]["package"] == "some-weights"


@pytest.mark.parametrize(
    "changes",
    [
        {"task": None}, {"adapter": "os:system"}, {"adapter": ["markov"]}, {"card": None}, {"speed": ""}, {"more": 1},
        {"embedded": "markov", "repo": "a/b"}, {"embedded": "../x"}, {"embedded": "/etc"},
        {**HUB, "revision": "main"}, {**HUB, "revision": "abc"}, {**HUB, "repo": "name"}, {**HUB, "repo": "../../x"},
        {**HUB, "files": {}}, {**HUB, "files": {"model.safetensors": ""}}, {**HUB, "files": {"m": "xyz"}},
        {**HUB, "files": {"../m": "b" * 64}}, {**HUB, "files": {"/m": "b" * 64}}, {**HUB, "files": {"c:\\m": "b" * 64}},
        {**HUB, "default": True}, {"embedded": "x", "files": {"model.onnx": ""}}, {"files": {"a": ""}},
        {**HUB, "files": {"~/m": "b" * 64}}, {**HUB, "files": {"a/" * 2_500 + "m": "b" * 64}},
        {**HUB, "files": {"m" * 256: "b" * 64}}, {**HUB, "files": {"aux.bin": "b" * 64}},
        {**HUB, "files": {"a/NUL": "b" * 64}}, {**HUB, "files": {"com1.safetensors": "b" * 64}},
        {**HUB, "files": {"a/./m": "b" * 64}}, {**HUB, "files": {"a//m": "b" * 64}}, {**HUB, "files": {"m.": "b" * 64}},
        {**HUB, "files": {"a /m": "b" * 64}}, {**HUB, "files": {"m|x": "b" * 64}},
        {**WHEEL, "repo": "a/b"}, {**WHEEL, "files": {}}, {**WHEEL, "files": {"m.onnx": ""}}, {**WHEEL, "wheel": "m"},
        {**WHEEL, "wheel": {"package": "m"}}, {**WHEEL, "wheel": {"package": "m", "version": ">=1"}},
        {**WHEEL, "wheel": {"package": "-r evil", "version": "1"}}, {**WHEEL, "wheel": {"package": "m", "version": 1}},
        {**WHEEL, "wheel": {"package": "m", "version": "1", "sha256": "abc"}}, {**WHEEL, "default": True},
        {"extra": "torch"}, {"memory_mb": 0}, {"memory_mb": "9"}, {"memory_mb": 1.5}, {"default": 1},
        {"card": {**CARD, "sell": "Perhaps"}}, {"card": {**CARD, "summary": " "}}, {"card": {**CARD, "odd": 1}},
        {"card": {**CARD, "links": ["javascript:alert(1)"]}}, {"card": {**CARD, "training_data": [{"name": "x"}]}},
        {"card": {key: value for key, value in CARD.items() if key != "training_data"}},
        {"card": {**CARD, "summary": "x\x1b[2J"}},
    ],
)  # fmt: skip
def test_a_bad_entry_is_refused_by_name(changes: dict[str, Any]) -> None:
    with pytest.raises(BadFile, match="'far'") as caught:
        spec_from_table("far", table(**changes), ADAPTERS)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("name", ["", "a b", "../x", "x" * 65, "a/b"])
def test_a_model_s_name_is_plain(name: str) -> None:
    with pytest.raises(BadFile):
        spec_from_table(name, table(), ADAPTERS)


def test_duplicates_are_refused() -> None:
    with pytest.raises(BadFile, match="two models called 'rogue-fine'"):
        Registry([spec("fine"), spec("fine")])
    with pytest.raises(BadFile, match="default for infill"):
        Registry([spec("fine", default=True), spec("deaf", default=True)])


def test_the_owner_chooses_which_embedded_weights_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [spec("fine", default=True, weights="pop"), spec("deaf", weights="open"), spec("greedy")]
    assert [s.id for s in chosen(both, "pop") if s.default] == ["rogue-fine"]
    assert len(chosen(both, "pop")) == 3
    free = Registry(chosen(both, "open"))
    assert [s.id for s in free] == ["rogue-deaf", "rogue-greedy"]
    assert free.find("infill").id == "rogue-deaf"
    monkeypatch.setenv("WORKBENCH_WEIGHTS", "none")
    with pytest.raises(BadFile, match="'none'; choose one of open, pop"):
        Registry.load(plugins=False)


def test_a_broken_line_of_ones_own_list_is_left_out_and_named() -> None:
    places.write_atomic(
        places.user_registry(),
        to_toml(["models", "mine"], table(**HUB)) + to_toml(["models", "broken"], table(adapter="evil")),
    )
    registry = Registry.load(plugins=False)
    assert "mine" in registry
    assert registry.get("mine").origin == "added"
    assert "broken" not in registry
    assert len(registry.problems) == 1
    assert "'broken'" in registry.problems[0]


@pytest.mark.parametrize("text", ["[[[", "models = 3", "[adapters]\nx = 'os:system'\n", "\xff"])
def test_a_broken_list_of_ones_own_does_not_keep_the_workbench_from_starting(text: str) -> None:
    path = places.user_registry()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("latin-1"))
    registry = Registry.load(plugins=False)
    assert "markov" in registry
    assert len(registry.problems) == 1


def test_a_written_entry_reads_back() -> None:
    import tomllib

    entry = table(**HUB, title='A "quoted" title, ü', capabilities={"max_bars": 64, "share": 0.5, "drums": True})
    assert tomllib.loads(to_toml(["models", "a.b"], entry))["models"]["a.b"] == entry


class Point:
    """An entry point as ``importlib.metadata`` gives it."""

    def __init__(self, offered: Any) -> None:
        self.name, self._offered = "extra", offered

    def load(self) -> Any:
        if isinstance(self._offered, Exception):
            raise self._offered
        return self._offered


def offer(monkeypatch: pytest.MonkeyPatch, offered: Any) -> Registry:
    monkeypatch.setattr(metadata, "entry_points", lambda group: [Point(offered)] if group == "workbench.models" else [])
    return Registry.load()


def test_a_plugin_offers_models(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "rogue-fine" in offer(monkeypatch, spec("fine"))
    assert "rogue-fine" in offer(monkeypatch, lambda: [spec("fine"), spec("deaf")])


@pytest.mark.parametrize("offered", [ImportError("gone"), RuntimeError("no"), [3], 5, spec("fine", model_id="markov")])
def test_a_broken_plugin_is_named_and_left_out(monkeypatch: pytest.MonkeyPatch, offered: Any) -> None:
    registry = offer(monkeypatch, offered)
    assert len(registry.problems) == 1
    assert registry.get("markov").origin == "built-in"


def test_unknown_models_list_the_choices() -> None:
    with pytest.raises(BadRequest, match="markov"):
        Registry.load(plugins=False).get("nobody")


@pytest.mark.parametrize("adapter", ["tests.unit.hub.rogues:BAR", "tests.unit.hub.rogues:Nobody", "no.such:Thing"])
def test_an_adapter_must_be_a_model(adapter: str) -> None:
    with pytest.raises(Unavailable):
        adapter_class(SimpleNamespace(id="x", adapter=adapter, extra=""))  # type: ignore[arg-type]


def test_a_local_folder_takes_the_place_of_the_weights(tmp_path: Path) -> None:
    entry = spec_from_table("far", table(**HUB), ADAPTERS)
    (tmp_path / "model.safetensors").write_bytes(b"my own")
    work = weights.resolve(entry, CancelToken.never(), local=tmp_path)
    with pytest.raises(StopIteration) as end:
        next(work)
    assert end.value.value.origin == "local"
    assert end.value.value.revision.startswith("local-")
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(Unavailable, match=r"lacks the file model\.safetensors"):
        next(weights.resolve(entry, CancelToken.never(), local=tmp_path))


def test_an_embedded_file_that_changed_is_noticed() -> None:
    changed = spec_from_table("markov2", table(embedded="markov", files={"config.json": "0" * 64}), ADAPTERS)
    assert [state.state for state in weights.verify(changed, CancelToken.never())] == ["wrong"]
    with pytest.raises(Unavailable, match="has changed"):
        next(weights.resolve(changed, CancelToken.never()))
