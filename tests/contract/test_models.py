"""Every registered model passes the public suite, and the suite itself finds what it looks for."""

from __future__ import annotations

import pytest

from tests.unit.hub.rogues import spec
from workbench.hub.conformance import check, importable
from workbench.hub.registry import Registry
from workbench.hub.repositories import layout_problems
from workbench.hub.spec import Embedded, ModelSpec

EMBEDDED = [entry for entry in Registry.load(plugins=False, user=False) if entry.embedded]


@pytest.mark.parametrize("entry", EMBEDDED, ids=lambda entry: entry.id)
def test_every_embedded_model_passes_the_public_suite(entry: ModelSpec) -> None:
    assert importable(entry)
    rows = list(check(entry))
    assert [row.text for row in rows if not row.passed] == []
    assert len(rows) >= 2


@pytest.mark.parametrize("entry", [e for e in EMBEDDED if isinstance(e.source, Embedded)], ids=lambda entry: entry.id)
def test_every_embedded_model_can_be_pushed_as_it_lies_there(entry: ModelSpec) -> None:
    assert layout_problems(entry) == []


@pytest.mark.parametrize(
    ("how", "rule"),
    [
        ("outside", "region"), ("wrong_tracks", "region"), ("raises_mid_way", "locks"), ("deaf", "cancel"),
        ("fine", "cancel"), ("prepare_raises", "region"), ("unsupported", "region"),
    ],
)  # fmt: skip
def test_the_suite_finds_a_model_that_misbehaves(how: str, rule: str) -> None:
    failed = {row.name for row in check(spec(how)) if not row.passed}
    assert rule in failed


def test_the_suite_finds_chance_without_a_seed() -> None:
    failed = {row.name: row.text for row in check(spec("chance", adapter="Chance")) if not row.passed}
    assert "another result" in failed["seed"]


def test_a_good_model_passes() -> None:
    assert all(row.passed for row in check(spec("good", adapter="Good")))
