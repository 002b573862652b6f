"""The data set of mixtures, sentences, briefs and pieces."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from workbench.create.prompt.brief import Brief
from workbench.create.prompt.dataset import write_dataset
from workbench.create.prompt.prompts import Prompts
from workbench.errors import BadRequest
from workbench.score.files import load
from workbench.score.score import Score


def test_a_data_set_is_whole_and_can_be_made_again(tmp_path: Path) -> None:
    assert write_dataset(tmp_path / "one", 3, seed=4) == 3
    rows = [json.loads(line) for line in (tmp_path / "one/train.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 3
    for row in rows:
        prompts = Prompts.from_json(row["prompts"])
        assert row["sentence"] == prompts.sentence()
        assert Brief.from_json(row["brief"]).bars > 0
        assert Score.from_dict(row["score"]).note_count == load(tmp_path / "one" / row["midi"]).score.note_count > 0
    assert (tmp_path / "one/README.md").read_text(encoding="utf-8").startswith("---\nlicense: cc0-1.0")
    write_dataset(tmp_path / "two", 1, seed=4)
    assert json.loads((tmp_path / "two/train.jsonl").read_text(encoding="utf-8")) == rows[0]
    with pytest.raises(BadRequest):
        write_dataset(tmp_path / "three", 0)
