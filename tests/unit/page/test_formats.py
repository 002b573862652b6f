"""One table of formats: whoever opens or saves a piece offers and takes the same files."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import get_args

import av
import pytest

from tests.unit.score.notation import NOTATION
from workbench.cli import main
from workbench.deliver import formats
from workbench.errors import BadRequest
from workbench.page import costs, exports, work
from workbench.score import formats as scores
from workbench.score.files import encode, load
from workbench.score.score import Note, Score, Track

SCRIPTS = Path(__file__).resolve().parents[3] / "workbench" / "web" / "src"


def tune() -> Score:
    track = Track("t1", "Piano")
    for number in range(16):
        track.notes[f"n{number}"] = Note(f"n{number}", 960 * number, 960, 60 + number % 8, 80, "human")
    return Score("Tune", tracks=[track])


@pytest.mark.parametrize("ending", scores.SAVES)
def test_whatever_is_saved_is_told_by_its_content_and_opens_again(ending):
    data = encode(tune(), ending)
    form = scores.saved_as(ending)
    assert form is not None
    assert scores.sniff(data) == form.name
    assert load(data).score.note_count == 16


def test_every_format_that_is_offered_can_be_opened():
    assert [item.name for item in scores.FORMATS if item.read is None] == ["project"]  # which project.py opens
    for path in NOTATION.iterdir():
        assert not scores.sniff(path.read_bytes()) or path.suffix in scores.READS


@pytest.mark.parametrize("command", ["infill", "continue", "vary", "accompany"])
@pytest.mark.parametrize("ending", scores.SAVES)
def test_every_command_writes_every_kind_of_score(command, ending, tmp_path):
    (tmp_path / "in.wbz").write_bytes(encode(tune(), ".wbz"))
    more = {"infill": ["--from", "2", "--to", "2"], "continue": ["--bars", "1"], "vary": ["--from", "2", "--to", "2"],
            "accompany": ["--style", "piano"]}[command]  # fmt: skip
    out = tmp_path / f"out{ending}"
    assert main([command, str(tmp_path / "in.wbz"), *more, "--model", "markov", "-o", str(out)]) == 0
    assert load(out).score.note_count >= 16 - 4


def test_a_file_that_no_one_writes_is_refused_with_the_same_words(tmp_path, capsys):
    (tmp_path / "in.wbz").write_bytes(encode(tune(), ".wbz"))
    said = set()
    for command in (["infill", "--from", "2", "--to", "2"], ["continue", "--bars", "1"]):
        arguments = [command[0], str(tmp_path / "in.wbz"), *command[1:], "-o", str(tmp_path / "out.mp4")]
        assert main(arguments) == 1
        said.add(capsys.readouterr().err.split(",")[0])
    assert said == {f"The output must end in one of {scores.WRITES[0]}"}
    with pytest.raises(BadRequest, match="must end in one of"):
        formats.check_sound(tmp_path / "out.mid")


def test_exports_endpoints_and_the_browser_take_their_kinds_from_the_table():
    assert exports.KINDS is formats.KINDS
    assert set(get_args(formats.SoundKind)) == set(formats.SOUNDS)
    script = (SCRIPTS / "host" / "formats.ts").read_text(encoding="utf-8")
    assert script == formats.typescript(), "run python -m workbench.deliver.formats > workbench/web/src/host/formats.ts"


def test_a_page_can_ask_for_a_video_of_either_shape(tmp_path):
    score, told = tune(), []
    for name in list(score.tracks[0].notes)[2:]:
        del score.tracks[0].notes[name]
    made = exports.Exports(tmp_path).make(score, "mp4", {"shape": "16:9"}, told.append, lambda: False)
    assert made.name == "Tune.mp4"
    with av.open(str(made)) as film:
        assert (film.streams.video[0].width, film.streams.video[0].height) == (1_280, 720)
    assert told[-1] == 1.0
    assert told == sorted(told)
    with pytest.raises(BadRequest, match="9:16 or 16:9"):
        exports.Exports(tmp_path / "more").make(score, "mp4", {"shape": "1:1"}, told.append, lambda: False)


def test_every_kind_has_a_cost_and_asking_for_it_blocks_nobody():
    page = SimpleNamespace(lock=threading.Lock(), document=SimpleNamespace(score=tune()))
    guesses = {}

    def ask():
        for kind in formats.KINDS:
            guesses[kind] = costs.export(SimpleNamespace(page=page, message={"kind": kind}))

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(20)
    assert set(guesses) == set(formats.KINDS), "a lock was taken twice"
    assert guesses["mp4"] > guesses["mp3"] > guesses["mid"] > 0


def test_no_script_or_command_keeps_a_list_of_its_own():
    package = SCRIPTS.parents[1]
    for path in (*package.joinpath("commands").rglob("*.py"), *package.joinpath("page").rglob("*.py")):
        assert '".mid",' not in path.read_text(encoding="utf-8"), path
    for path in SCRIPTS.rglob("*.ts"):
        assert ".mid," not in path.read_text(encoding="utf-8") or path.name == "formats.ts", path


def test_a_file_without_a_note_opens_and_the_page_says_so(tmp_path):
    said = {}
    for name, score in (("empty", Score("Empty", tracks=[Track("t1", "Piano")])), ("tune", tune())):
        path = tmp_path / f"{name}.mid"
        path.write_bytes(encode(score, ".mid"))
        made = work.read({"path": str(path), "name": path.name, "limits": None}, None, None)
        said[name] = "There are no notes in this file." in made["remarks"]
    assert said == {"empty": True, "tune": False}
