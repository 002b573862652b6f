"""The owner's two sets of weights, from the switch to what is written: with ``open`` no pop song was learnt from."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from workbench import resources
from workbench.create.infill.transformer.model import RUNS_FILE, VOICES_FILE, tables
from workbench.errors import BadFile
from workbench.evaluation.weight_sets import cost, table
from workbench.hub.registry import Registry

#: Fills a bar as the command line does, and says what the manifest of the result names.
_FILL = """
import json, sys
from workbench.cli import main
from workbench.score.files import load
from workbench.provenance.manifest import written_by
assert main(["--weights", "open", "infill", sys.argv[1], "--from", "3", "--to", "3", "-o", "out.wbz"]) == 0
found = load("out.wbz")
told = written_by(found.score, found.events)
print(json.dumps(told))
"""


def test_what_is_filled_under_open_names_open_sets_alone(tmp_path: Path) -> None:
    """From a fresh process, as a person starts it."""
    piece = str(resources.path("assets/pieces/opening.wbz"))
    done = subprocess.run(
        [sys.executable, "-c", _FILL, piece], cwd=tmp_path, capture_output=True, text=True,
        env={**os.environ, "WORKBENCH_WEIGHTS": "pop"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = done.stdout.splitlines()[-1]
    assert "infill-open" in told
    assert "OpenScore Lieder" in told
    assert "POP909" not in told
    assert {run["model"] for run in json.loads(told)["runs"]} == {"infill-open"}


def test_an_unknown_set_is_refused_in_one_sentence() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "workbench", "models", "list"], capture_output=True, text=True,
        env={**os.environ, "WORKBENCH_WEIGHTS": "free"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "There are no weights called 'free'; choose one of open, pop.\n")


def test_each_pop_model_has_an_open_counterpart_that_learnt_no_pop_song() -> None:
    everything, free = (Registry.load(plugins=False, user=False, weights=name) for name in ("pop", "open"))
    pop = [spec for spec in everything if spec.weights == "pop"]
    assert {spec.id for spec in pop} == {"infill", "piano-genie"}
    for spec in pop:
        assert spec.default
        assert spec.id not in free
        counterpart = free.default(spec.task)
        assert counterpart is not None
        assert (counterpart.id, counterpart.weights) == (f"{spec.id}-open", "open")
        assert counterpart.capabilities == spec.capabilities
        assert {source.name for source in counterpart.card.training_data}.isdisjoint({"POP909", "Open EWLD"})
        assert {source.name for source in spec.card.training_data} & {"POP909"}
    tasks = {spec.task for spec in everything}
    assert [everything.default(task) is None for task in tasks] == [free.default(task) is None for task in tasks]


def test_tables_that_are_shared_lie_in_the_other_models_folder(tmp_path: Path) -> None:
    free = resources.path("models/infill-open")
    for name in (RUNS_FILE, VOICES_FILE):
        assert tables(free, name) == resources.path(f"models/infill/{name}")
    assert tables(free, "chords.safetensors") == free / "chords.safetensors"
    (tmp_path / "config.json").write_text('{"tables": {"voices.safetensors": "../../elsewhere"}}')
    assert tables(tmp_path, RUNS_FILE) == tmp_path / RUNS_FILE
    with pytest.raises(BadFile):
        tables(tmp_path, VOICES_FILE)


def test_the_cost_is_by_work_and_its_table_says_how_far_it_spreads() -> None:
    pop = [("a", 10.0, 10), ("a", 10.0, 10), ("b", 20.0, 10)]
    free = [("a", 15.0, 10), ("a", 15.0, 10), ("b", 40.0, 10)]
    found = cost(pop, free)
    assert (found.works, found.notes) == (2, 30)
    assert (found.pop, found.open) == (pytest.approx(4 / 3, abs=1e-3), pytest.approx(7 / 3, abs=1e-3))
    assert (found.mean, found.low, found.high, found.worst) == (1.25, 0.5, 2.0, 2.0)
    assert "| two | 2, 30 | 1.33 | 2.33 | +1.25 (+0.50 to +2.00) | +2.00 |" in table({"two": found})
