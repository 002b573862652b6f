"""The golden file of operations: what Python does today must be what the file says (and what TypeScript does)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from workbench.errors import BadOperation
from workbench.score import Score
from workbench.score.canonical import dumps_json, project_hash
from workbench.score.operations import apply, inverse
from workbench.score.timemap import TimeMap

GOLDEN = json.loads((Path(__file__).parent / "operations.json").read_text(encoding="utf-8"))


def test_every_sequence_gives_the_golden_hashes() -> None:
    for number, sequence in enumerate(GOLDEN["sequences"]):
        score = Score.from_dict(GOLDEN["starts"][sequence["start"]])
        for step in sequence["steps"]:
            if "refused" in step:
                before = project_hash(score)
                with pytest.raises(BadOperation):
                    apply(score, step["op"])
                assert project_hash(score) == before, f"a refused operation changed sequence {number}"
            else:
                apply(score, step["op"])
                assert project_hash(score).startswith(step["hash"]), f"sequence {number}"
        assert project_hash(score) == sequence["hash"]


def test_undoing_every_sequence_gives_the_start() -> None:
    for sequence in GOLDEN["sequences"]:
        score = Score.from_dict(GOLDEN["starts"][sequence["start"]])
        begin = project_hash(score)
        applied = [step["op"] for step in sequence["steps"] if "hash" in step]
        for operation in applied:
            apply(score, operation)
        for operation in reversed(applied):
            apply(score, inverse(operation))
        assert project_hash(score) == begin


def test_the_golden_scores_are_canonical() -> None:
    for start in GOLDEN["starts"]:
        assert dumps_json(Score.from_dict(start).to_dict()) == dumps_json(start)


def test_time_maps() -> None:
    for start, expected in zip(GOLDEN["starts"], GOLDEN["maps"], strict=True):
        time = TimeMap(Score.from_dict(start))
        bars = [[bar.number, bar.start, bar.end, bar.numerator, bar.denominator] for bar in time.bars(20_000)[:40]]
        assert bars == expected["bars"]
        for tick, second in expected["seconds"]:
            assert time.seconds(tick) == pytest.approx(second, rel=1e-12)
        assert [[second, time.tick(second)] for second, _ in expected["ticks"]] == expected["ticks"]
        assert [[item[0], *time.beat_position(item[0])] for item in expected["beats"]] == expected["beats"]
