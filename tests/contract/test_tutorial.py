"""The tutorial of models/README.md works as it is printed."""

from __future__ import annotations

import hashlib
import re
import sys
import tomllib
from types import ModuleType

import pytest

from workbench import resources
from workbench.hub.conformance import check
from workbench.hub.registry import Registry, built_in_adapters
from workbench.hub.spec import spec_from_table


def block(language: str, number: int = 0) -> str:
    text = resources.path("models/README.md").read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)[number]


def test_the_thirty_lines_are_thirty_and_pass_the_public_suite(monkeypatch: pytest.MonkeyPatch) -> None:
    code = block("python")
    assert len([line for line in code.splitlines() if line.strip()]) <= 30
    module = ModuleType("first_steps")
    monkeypatch.setitem(sys.modules, "first_steps", module)
    exec(compile(code, "first_steps.py", "exec"), module.__dict__)
    registry = Registry.load(plugins=False)
    registry.add(module.SPEC)
    rows = list(check(module.SPEC, registry))
    assert [row.text for row in rows if not row.passed] == []
    assert [row.name for row in rows] == [
        "card complete", "region", "locks", "seed", "cancel", "empty input", "memory",
    ]  # fmt: skip


def test_the_entry_point_of_the_tutorial_names_the_group_and_the_spec() -> None:
    data = tomllib.loads(block("toml"))
    assert data["project"]["entry-points"]["workbench.models"] == {"first-steps": "first_steps:SPEC"}


def test_the_workbench_toml_of_the_tutorial_is_valid() -> None:
    digest = hashlib.sha256(b"{}").hexdigest()
    table = tomllib.loads(block("toml", 1).replace("<sha256>", digest))
    spec = spec_from_table("bold", {**table, "repo": "owner/bold", "revision": "a" * 40}, built_in_adapters())
    assert spec.files == {"config.json": digest}
