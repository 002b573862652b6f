"""Recordings by models on the page: what is said before, made with a tiny model, kept with its licence, thrown away."""

from __future__ import annotations

import json
import secrets
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.unit.create import musicgen_tiny
from tests.unit.create.test_takes import MELODY, SMALL, hub_with
from tests.unit.page.test_prompt import tune
from tests.unit.page.test_prompt_compose import Maker
from workbench.create.takes import musicgen
from workbench.errors import BadRequest
from workbench.page.composed import compose
from workbench.page.session import Pages
from workbench.page.taken import another_recording
from workbench.provenance.verify import verify
from workbench.score import Score
from workbench.score.files import encode
from workbench.score.project import open_project
from workbench.sound.files import read_audio


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Maker:
    """A page with one idea, on a server that has the tiny model and no graphics card."""
    monkeypatch.setattr(musicgen, "_has_gpu", lambda: False)
    folder = tmp_path / "model"
    folder.mkdir()
    hub = hub_with(folder, musicgen_tiny.repository())
    maker = Maker(tmp_path)
    maker.pages, maker.session = Pages(lambda: hub, hub.rules), secrets.token_hex(16)
    maker.give("words", text="12 seconds, in C major")
    maker.give("notes", media=maker.bring("four.mid", encode(tune(), ".mid")))
    maker.told("brief.make", seed=3)
    maker.told("brief.change", changes={"alternatives": 1})
    maker.result("compose")
    return maker


def opened(page: Maker) -> None:
    """The idea becomes the page's piece."""
    score = page.call("compose.ideas")["alternatives"][0]["score"]
    page.call("open", score=Score.from_dict(score).to_dict(), revision=0, hash="", reason="start")


def project_of(page: Maker) -> Path:
    return Path(page.result("export", kind="wbz")["path"])


def selling_of(path: Path) -> str:
    """What the statement inside a project says of selling it."""
    with zipfile.ZipFile(path) as archive:
        answer: str = json.loads(archive.read("manifest.json"))["selling"]["answer"]
    return answer


def test_time_licence_and_size_are_said_before_anything_begins(page: Maker) -> None:
    told = page.call("take.offers", alternative=0, seconds=12)
    melody, small = (next(one for one in told["offers"] if one["id"] == name) for name in (MELODY, SMALL))
    assert told["longest"] == pytest.approx(12, abs=0.2)
    assert melody["answer"] == small["answer"] == "no"
    assert melody["sell"].startswith("No")
    assert (melody["tune"], small["tune"]) == (True, False)
    assert 400 < melody["seconds"] < 600
    assert melody["seconds"] > 2 * small["seconds"]
    assert (melody["fetch"], small["fetch"]) == (0, 2_370_000_000)
    assert "C major" in told["words"]


def test_a_take_is_measured_kept_with_its_licence_and_thrown_away(page: Maker) -> None:
    said = page.job("take", alternative=0, model=MELODY, seconds=3, seed=4)
    assert said[-1]["type"] == "take.result", said[-1]
    (taken,) = said[-1]["state"]["takes"]
    assert any(step.get("done") for step in said[:-1])
    assert taken["title"] == "MusicGen, following the tune"
    assert taken["answer"] == "no"
    assert taken["instead"] == ""
    assert {line["measure"] for line in taken["card"]["prompts"]} >= {"key", "melody heard"}
    assert all(line["taken"] == "audio" for line in taken["card"]["prompts"])
    opened(page)
    assert not any(name.endswith(".flac") for name in page.pages.page({"session": page.session}).project().media)
    assert page.call("makers")["answer"] == "yes"
    page.told("take.keep", take=taken["sha256"])
    makers = page.call("makers")
    assert makers["answer"] == "no"
    assert "MusicGen" in makers["sentence"]
    assert makers["replace"] == []
    kept = project_of(page)
    assert selling_of(kept) == "no"
    assert any(name.endswith(".flac") for name in open_project(kept).media)
    assert page.told("take.drop", take=taken["sha256"])["takes"] == []
    assert page.call("makers")["answer"] == "yes"
    reopened = Maker(page.folder)
    reopened.pages = page.pages
    reopened.call("import", id=reopened.bring("song.wbz", kept.read_bytes()))
    (there,) = reopened.told("prompt.state")["takes"]
    assert (there["sha256"], there["kept"], there["answer"]) == (taken["sha256"], True, "no")


def test_a_model_that_cannot_be_had_is_told_and_our_own_sound_stands_in(page: Maker) -> None:
    (taken,) = page.result("take", alternative=0, model=SMALL, seconds=2)["state"]["takes"]
    assert "HF_HUB_OFFLINE" in taken["instead"]
    assert taken["answer"] == "yes"
    assert "no recording by a model" in taken["remarks"][0]
    page.result("compose")
    assert page.told("prompt.state")["takes"] == []  # nobody kept it, and what it was a take of is gone


def test_a_wrong_wish_is_one_sentence(page: Maker) -> None:
    wishes: list[dict[str, Any]] = [
        {"model": "infill"},
        {"model": "none"},
        {"alternative": 7},
        {"seconds": 90},
        {"seed": -1},
    ]
    for wrong in wishes:
        last = page.job("take", **{"alternative": 0, "model": MELODY, "seconds": 2, **wrong})[-1]
        assert last["type"] == "take.error", wrong
        assert last["text"].endswith("."), last
        assert "Something went wrong" not in last["text"]
    assert page.call("take.keep", take="0" * 64)["type"] == "error"


def test_a_folder_holds_the_take_with_its_own_card_rows_and_licence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(musicgen, "_has_gpu", lambda: False)
    (tmp_path / "model").mkdir()
    hub = hub_with(tmp_path / "model", musicgen_tiny.repository())
    made = compose("a waltz in G major, 4 seconds", count=1, seed=2, hub=hub)
    with pytest.raises(BadRequest, match="makes no recordings"):
        another_recording(made, "infill", hub=hub)
    told: list[Any] = []
    recording = another_recording(made, MELODY, seconds=2.0, seed=2, hub=hub, progress=told.append)
    assert any(step.done for step in told)
    manifest = made.save(tmp_path / "waltz", recording=recording, card=False)
    assert read_audio(tmp_path / "waltz" / "take.wav").seconds == pytest.approx(2.0, abs=0.01)
    assert manifest["selling"]["answer"] == manifest["take"]["answer"] == "no"
    assert "take.wav" in manifest["selling"]["sentence"]
    assert "take.wav" in manifest["files"]
    card = json.loads((tmp_path / "waltz" / "card.json").read_text())
    assert "key" in {line["measure"] for line in card["take"]["prompts"]}
    assert card["take"]["sell"].startswith("No")
    assert verify(tmp_path / "waltz" / "mix.wav").manifest["selling"]["answer"] == "yes"  # it holds nothing of the take


def test_a_take_that_would_take_too_long_is_refused_before_anything_is_played(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(musicgen, "_has_gpu", lambda: False)
    hub = hub_with(tmp_path, {})
    made = compose("a waltz, 30 seconds", count=1, seed=2, hub=hub)
    with monkeypatch.context() as patch:
        patch.setattr(hub.runtime, "acquire", lambda *_: pytest.fail("weights were asked for"))
        with pytest.raises(BadRequest, match="15 seconds or fewer"):
            another_recording(made, MELODY, seconds=30.0, hub=hub)
    assert another_recording(made, MELODY, hub=hub).sound.seconds == 15  # as much as fits; our own sound stands in
