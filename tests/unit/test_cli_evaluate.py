"""``workbench evaluate``: what stands on the cards can be measured again, and the same numbers come twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from workbench import resources
from workbench.cli import main
from workbench.commands import evaluate
from workbench.commands.evaluate import Evaluation, differences, evaluations, measure
from workbench.errors import Unavailable


def test_every_measurement_names_a_script_or_module_that_is_there() -> None:
    found = evaluations()
    assert len(found) > 10
    for one in found.values():
        if one.command[0] == "-m":
            path = (
                resources.path("models").parent
                / "workbench"
                / f"{one.command[1].split('.', 1)[1].replace('.', '/')}.py"
            )
        else:
            path = Path(one.command[0])
        assert path.is_file(), one.id
        assert set(one.needs) <= set(evaluate._NEEDS)
    cards = {path.parent.name for path in resources.path("models").glob("*/evaluate.py")}
    assert cards <= {one.card for one in found.values()}, "each model that can be measured is"


def test_without_a_name_it_lists_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate"]) == 0
    assert "infill-bits" in capsys.readouterr().out


def test_an_unknown_one_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "nothing"]) == 1
    assert "There is no measurement 'nothing'" in capsys.readouterr().err


def test_what_needs_data_is_left_out_and_said_without_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WORKBENCH_DATA_DIR", raising=False)
    assert main(["evaluate", "chords"]) == 0
    assert "left out, since it needs the training data" in capsys.readouterr().out


def test_words_give_the_same_numbers_twice(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["evaluate", "words", "--twice", "-o", str(tmp_path)]) == 0
    assert "the same numbers twice" in capsys.readouterr().out
    kept = json.loads((tmp_path / "words.json").read_text(encoding="utf-8"))
    assert kept["printed"]
    assert {"workbench", "numpy", "python"} <= kept["on"].keys()


def script(folder: Path, text: str) -> Evaluation:
    path = folder / "evaluate.py"
    path.write_text(text, encoding="utf-8")
    return Evaluation("mine", "card", "about", (str(path), "{out}"), (str(path), "{out}"), (), 1.0)


def test_other_numbers_are_found_and_times_are_not(tmp_path: Path) -> None:
    one = script(
        tmp_path,
        "import json, sys, time\n"
        "json.dump({'f1': [0.5, time.time_ns()], 'seconds': time.time()}, open(sys.argv[1], 'w'))\n"
        "print('F1 0.5'); print('took', time.time(), 'seconds'); print('loss', time.time_ns())\n",
    )
    apart = differences(measure(one, quick=False, out=None), measure(one, quick=False, out=None))
    assert len(apart) == 2
    assert apart[0].startswith("f1[1]: ")
    assert apart[1].startswith("loss ")


def test_a_failed_one_says_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="The measurement mine failed: ValueError: no data"):
        measure(script(tmp_path, "raise ValueError('no data')"), quick=True, out=None)
