"""From a new study to its start: the example, a rehearsal, what is frozen, and the documents."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.study.planned import CONDITIONS, HEAD, STEPS
from workbench.cli import main
from workbench.errors import BadFile, BadRequest, Unavailable
from workbench.study import freeze, rehearse
from workbench.study.documents import documents, to_html
from workbench.study.plan.flow import Sitting
from workbench.study.plan.load import load_study, parse_study
from workbench.ui.browsergate import unfit

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:{0}) Gecko/20100101 Firefox/{0}"
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{0} Safari/537.36"
SAFARI = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/{0} Safari/605.1.15"
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "study.yaml"
    path.write_text(HEAD + CONDITIONS + STEPS)
    return path


def test_the_example_is_written_once_and_rehearses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.yaml"
    assert main(["study", "new", str(path)]) == 0
    assert main(["study", "new", str(path)]) == 1
    assert main(["study", "rehearse", str(path), "--people", "4"]) == 0
    told = capsys.readouterr()
    assert "No dead ends" in told.out
    assert "csi, network against chain" in told.out
    assert "there already" in told.err


def test_a_rehearsal_balances_comes_back_and_is_the_same_every_time(file: Path) -> None:
    study = load_study(file)
    first, again = rehearse.rehearse(study, 6, seed=5), rehearse.rehearse(study, 6, seed=5)
    assert first.lines() == again.lines()
    assert first.problems == []
    assert first.returned == 1
    assert "differ by speed" in " ".join(first.warnings)
    counted = [line.split() for line in first.lines()]
    assert ["a", "3", "3"] in counted
    assert ["b", "3", "3"] in counted
    assert all(1 < minutes < 10 for minutes in first.minutes)


def test_a_dead_end_is_found_and_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = Sitting.answer

    def stuck(self: Sitting, key: str, data: dict) -> None:  # type: ignore[type-arg]
        if key == "whose.2":
            raise BadRequest("No way on.")
        usual(self, key, data)

    monkeypatch.setattr(Sitting, "answer", stuck)
    done = rehearse.rehearse(load_study(file), 4)
    assert "no further than 'whose.2': No way on." in done.problems[0]
    assert "Nobody reached end." in done.problems


def test_what_was_frozen_is_held_against_what_is_there(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = load_study(file)
    assert freeze.check(study) == ("", [])
    digest = freeze.freeze(study)
    assert freeze.check(study) == (digest, [])
    file.write_text(file.read_text().replace("version: 1.0", "version: 1.1"))
    told = freeze.check(load_study(file))[1]
    assert told == ["The study's version was 1.0, and is 1.1.", "The study's file was changed after it was frozen."]


def test_every_kind_of_difference_has_its_sentence(file: Path) -> None:
    here = freeze.found(load_study(file))
    assert "markov" in here["models"]
    assert here["models"]["listener"]["files"]
    locked = json.loads(json.dumps(here))
    locked["packages"]["numpy"] = "1.0"
    locked["models"]["listener"]["files"] = {"model.onnx": "0" * 64}
    locked["browsers"]["safari"] = 1
    locked["material"]["gone.mid"] = "0" * 64
    told = freeze.differences(locked, here)
    assert told == [
        "The file gone.mid is not there any more.",
        f"The package numpy was 1.0, and is {here['packages']['numpy']}.",
        "The weights of the model listener are others than when the study was frozen.",
        "The browser safari was 1, and is 16.",
    ]


def test_a_model_that_is_not_here_is_asked_for_before_anybody_comes(file: Path) -> None:
    text = file.read_text().replace("infill: markov", "infill: amt-large")
    study = parse_study(text, file)
    with pytest.raises(Unavailable, match="models pull amt-large"):
        freeze.found(study)
    assert any("amt-large" in text for text in rehearse.rehearse(study, 2).warnings)


def test_the_documents_say_what_the_file_says(file: Path) -> None:
    made = documents(load_study(file))
    sheet = made["information-sheet"]
    assert "- [ ] I take part." in sheet
    assert "everything that was kept of you is then deleted" in sheet
    assert "365 days" in made["data-management"]
    assert "(to be written)" in made["preregistration"]
    assert "Within people" in made["preregistration"]


def test_documents_as_pages_run_nobody_s_markup() -> None:
    page = to_html("# A <b>title</b>\n\n- one *thing*\n- two\n\nA <script>text</script>\n")
    assert "<script>" not in page
    assert page.count("<li>") == 2
    assert "<em>thing</em>" in page
    assert page.index("</ul>") < page.index("A &lt;script&gt;")


def test_documents_are_written_by_command(file: Path, tmp_path: Path) -> None:
    assert main(["study", "documents", str(file), "-o", str(tmp_path / "out")]) == 0
    assert len(list((tmp_path / "out").iterdir())) == 6


@pytest.mark.parametrize(
    ("agent", "fits"),
    [
        (FIREFOX.format("121.0"), True), (FIREFOX.format("120.0"), False), (CHROME.format("120.0.0.0"), True),
        (CHROME.format("119.0.0.0"), False), (SAFARI.format("17.1"), True), (SAFARI.format("16.6"), False),
        (PHONE, False), ("something new", True),
    ],
)  # fmt: skip
def test_old_browsers_and_phones_are_told_why_they_may_not(agent: str, fits: bool) -> None:
    limits = {"chromium": 120, "firefox": 121, "safari": 17, "phones": 0}
    assert (unfit(limits, agent) == "") is fits


def test_a_study_that_differs_from_its_lock_starts_only_if_it_must(file: Path) -> None:
    digest = freeze.freeze(load_study(file))
    file.write_text(file.read_text().replace("title: A little", "title: Another"))
    study = load_study(file)
    with pytest.raises(BadFile, match="file was changed after it was frozen"):
        freeze.started(study)
    assert freeze.started(study, anyway=True) == (digest, ["The study's file was changed after it was frozen."])


def test_in_a_rehearsal_somebody_withdraws_and_nothing_of_them_stays(file: Path) -> None:
    done = rehearse.rehearse(load_study(file), 12, seed=2)
    assert done.withdrew == 1
    assert done.problems == []
