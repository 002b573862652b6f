"""The catalogue that both languages read: the names of instruments and drums are Python's own."""

from __future__ import annotations

import json
from pathlib import Path

from workbench.score.instruments import FAMILIES, GM_PROGRAMS, drum_name

CATALOGUE = json.loads((Path(__file__).parents[2] / "workbench/web/public/strings.en.json").read_text(encoding="utf-8"))


def test_instruments_have_the_same_names_in_both_languages() -> None:
    assert [CATALOGUE[f"program.{number}"] for number in range(128)] == list(GM_PROGRAMS)
    assert [CATALOGUE[f"family.{number}"] for number in range(16)] == list(FAMILIES)
    assert [CATALOGUE[f"drum.{key}"] for key in range(27, 88)] == [drum_name(key) for key in range(27, 88)]
