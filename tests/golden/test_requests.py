"""Same requests, same seeds, same notes: a change of the code that should not change the music does not."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


def _maker() -> Any:
    spec = importlib.util.spec_from_file_location("make_requests", HERE / "make_requests.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MAKER = _maker()
RECORD: dict[str, Any] = json.loads((HERE / "requests.json").read_text(encoding="utf-8"))


def test_the_record_has_every_request() -> None:
    assert set(RECORD) == set(MAKER.REQUESTS)
    assert all(any(idea.values()) for ideas in RECORD.values() for idea in ideas)


@pytest.mark.parametrize("name", sorted(RECORD))
def test_the_same_notes_come_again(name: str) -> None:
    assert MAKER.answer(name) == RECORD[name]
