"""The widgets without a browser: what Python can do with them, and what a saved notebook keeps."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from workbench import resources
from workbench.create.infill.fill import infill
from workbench.errors import BadOperation, BadRequest
from workbench.jupyter import ListenPage, PianoGenie, PianoRoll, PromptPage, StemMixer, assets
from workbench.jupyter.picture import PALETTE, roll_svg, shown_bars
from workbench.jupyter.saved import MAX_BYTES, SECONDS, beginning, saved_html, short_sound
from workbench.jupyter.take import read_take
from workbench.jupyter.widgets import ScoreWidget
from workbench.provenance.writers import runs_behind
from workbench.score import edits
from workbench.score.score import Note, Score, Track
from workbench.score.timemap import TimeMap
from workbench.sound.files import read_audio

ROOT = Path(__file__).parents[3]


@pytest.fixture
def score() -> Score:
    track = Track("t1", "Piano", notes={f"n{i}": Note(f"n{i}", 960 * i, 960, 60 + i % 12) for i in range(40)})
    drums = Track("t2", "Drums", is_drum=True, color=3, notes={"d1": Note("d1", 0, 240, 36)})
    return Score("A <tune> & more", tracks=[track, drums])


def big(count: int) -> Score:
    track = Track("t1", notes={f"n{i}": Note(f"n{i}", 120 * i, 110, 40 + (i * 7) % 50) for i in range(count)})
    return Score("Long", tracks=[track])


def test_the_score_that_was_given_is_the_one_that_changes(score: Score) -> None:
    roll = PianoRoll(score)
    assert roll.score is score
    heard = []
    roll.on_change(heard.append)
    roll.apply(edits.remove_notes(score, "t1", ["n0"]))
    roll.undo()
    roll.redo()
    assert "n0" not in score.track("t1").notes
    assert [change.kind for change in heard] == ["edit", "undo", "redo"]
    assert roll.revision == roll.document.revision == 3
    assert [event["kind"] for event in roll.document.log.events] == ["edit", "undo", "redo"]
    with pytest.raises(BadOperation):
        roll.redo()


def test_an_idea_that_is_kept_names_its_run_and_is_one_step_of_undo(score: Score) -> None:
    roll, before = PianoRoll(score), score.copy()
    idea = infill(score, (2, 3), tracks=["Piano"], model="markov", seed=2)[0]
    roll.accept(idea)
    assert score == idea.score()
    assert [run.id for run in runs_behind(score, roll.document.log.events)] == [idea.run]
    roll.undo()
    assert score == before
    assert runs_behind(score, roll.document.log.events) == []


def test_another_score_can_be_put_into_the_widget(score: Score) -> None:
    roll = PianoRoll()
    assert roll.score.note_count == 0
    roll.score = score
    assert roll.score is score
    assert not roll.document.can_undo


def test_a_file_can_be_opened_by_its_name() -> None:
    assert PianoRoll(ROOT / "assets/pieces/opening.wbz").score.note_count > 100
    assert PianoRoll(str(ROOT / "assets/pieces/opening.wbz")).score.title


def test_widgets_share_a_document_only_if_asked(score: Score) -> None:
    roll, twin = PianoRoll(score), PianoRoll(score.copy())
    mixer = StemMixer(roll)
    assert mixer.score is roll.score
    assert mixer.app == roll.app != twin.app
    roll.apply(edits.remove_notes(score, "t1", ["n0"]))
    assert (mixer.score.note_count, twin.score.note_count) == (40, 41)


def test_a_closed_widget_hears_nothing_more_and_its_document_lives_on(score: Score) -> None:
    roll = PianoRoll(score)
    roll.close()
    roll.document.apply(edits.remove_notes(score, "t1", ["n0"]))
    assert roll.revision == 0
    assert roll.score.note_count == 40
    roll.close()  # twice does no harm


def test_the_widgets_state_stays_small_whatever_it_shows() -> None:
    """A notebook that saves the state of its widgets must not carry the piece and the program in it."""
    assert len(json.dumps({key: str(value) for key, value in PianoRoll(big(5_000)).get_state().items()})) < 10_000


def test_the_picture_is_drawn_in_the_colours_of_the_browser() -> None:
    source = (ROOT / "workbench/web/src/ui/palette.ts").read_text(encoding="utf-8")
    light = source.split("const LIGHT")[1].split("];")[0]
    assert tuple(re.findall(r'\["\w+", "(#\w+)", "(#\w+)"', light)) == PALETTE


def test_the_picture_shows_every_note_and_survives_a_hostile_title(score: Score) -> None:
    svg = ElementTree.fromstring(roll_svg(score))
    space = "{http://www.w3.org/2000/svg}"
    assert svg.findtext(f"{space}title") == "A <tune> & more"
    boxes = {path.get("fill"): path.get("d", "").count("M") for path in svg.iter(f"{space}path")}
    assert boxes[PALETTE[0][0]] == 40
    assert boxes[PALETTE[3][0]] == 1
    numbers = [int(text.text or "") for text in svg.iter(f"{space}text")]
    assert numbers == list(range(1, len(TimeMap(score).bars()) + 1))


@pytest.mark.parametrize("empty", [Score(), Score("No notes", tracks=[Track("t1")])])
def test_an_empty_piece_has_a_picture_and_no_sound(empty: Score) -> None:
    ElementTree.fromstring(roll_svg(empty))
    assert short_sound(empty) == b""
    assert "<audio" not in saved_html(empty, "a")


def test_a_long_piece_shows_its_beginning_and_stays_small() -> None:
    long = big(20_000)
    html = saved_html(long, "a", b"x" * 105_000)  # as long as the sound ever gets
    assert len(html) < MAX_BYTES < 400_000
    assert f"the first {shown_bars(long)} bars" in html
    assert 1 < shown_bars(long) < len(TimeMap(long).bars())


def test_a_title_cannot_break_out_of_the_saved_page() -> None:
    html = saved_html(Score('"><script>alert(1)</script>'), "a")
    assert "<script" not in html
    assert "<script" not in base64.b64decode(re.findall(r"svg\+xml;base64,([\w+/=]+)", html)[0]).decode()


def test_the_sound_is_the_first_seconds_and_fades(score: Score) -> None:
    data = short_sound(score)
    assert len(data) < 105_000
    audio = read_audio(data)
    assert SECONDS <= audio.seconds < SECONDS + 1
    assert abs(audio.samples[: audio.rate]).max() > 0.05
    assert abs(audio.samples[-200:]).max() < 0.02


def test_the_beginning_holds_what_begins_there(score: Score) -> None:
    first = beginning(score, 2.25)  # 120 quarters a minute: four and a half quarters
    assert set(first.track("t1").notes) == {"n0", "n1", "n2", "n3", "n4"}
    assert first.track("t1").notes["n4"].duration == 480
    assert score.track("t1").notes["n4"].duration == 960


TAKE: dict[str, Any] = {
    "number": 1, "song": None, "tidy": None, "backing": None,
    "layers": [
        {
            "seed": 1, "changes": [], "pedals": [{"time": 0.1, "down": True}, {"time": 0.9, "down": False}],
            "presses": [
                {"time": 0.5, "release": 1.0, "button": 3, "place": 3, "velocity": 90, "pitch": 64, "chord": None},
                {"time": 0.0, "release": 0.25, "button": 2, "place": 2, "velocity": 70, "pitch": 60, "chord": None},
            ],
        }
    ],
}  # fmt: skip


def test_a_take_on_the_genie_is_a_score_in_python() -> None:
    genie = PianoGenie()
    genie.take = json.dumps(TAKE)
    (take,) = genie.takes
    notes = take.tracks[0].sorted_notes()
    assert [(note.start, note.duration, note.pitch, note.velocity) for note in notes] == [
        (0, 480, 60, 70), (960, 960, 64, 90),
    ]  # fmt: skip
    assert {note.author for note in notes} == {"human+model:piano-genie"}
    assert [(event.number, event.value) for event in take.tracks[0].controls] == [(64, 127), (64, 0)]
    assert genie.score.note_count == 0


def test_a_notebook_is_given_the_weights_that_the_owner_offers(monkeypatch: pytest.MonkeyPatch) -> None:
    own, free = (resources.path(f"models/{name}/model.safetensors") for name in ("piano-genie", "piano-genie-open"))
    assert assets.read("genie.safetensors") == own.read_bytes()
    monkeypatch.setenv("WORKBENCH_WEIGHTS", "open")
    assert assets.read("genie.safetensors") == free.read_bytes()
    assert base64.b64encode(free.read_bytes()) in (assets.read("genie.html") or b"")
    assert assets.read("genie-closed.safetensors") is None


def test_a_take_says_which_weights_it_was_played_on() -> None:
    for named, told in (("piano-genie-open", "piano-genie-open"), ("piano-genie", "piano-genie"), (7, "piano-genie")):
        layers = [{**TAKE["layers"][0], "model": named}]
        take = read_take(json.dumps({**TAKE, "layers": layers}), "Take")
        assert {note.author for note in take.tracks[0].sorted_notes()} == {f"human+model:{told}"}


def test_a_take_played_with_the_groove_is_in_its_tempo() -> None:
    take = read_take(json.dumps({**TAKE, "backing": {"bpm": 90, "style": "beat", "chords": []}}), "Take")
    second = take.tracks[0].sorted_notes()[1]
    assert second.start == round(0.5 * 960 * 90 / 60)
    assert TimeMap(take).seconds(second.start) == pytest.approx(0.5, abs=0.001)


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"layers": 5}', '{"layers": [{"presses": [{}], "pedals": []}]}'])
def test_what_is_no_take_is_refused_in_words(text: str) -> None:
    with pytest.raises(BadRequest):
        read_take(text, "Take")


def test_import_of_the_package_brings_no_widgets(score: Score) -> None:
    import subprocess
    import sys

    code = "import workbench, sys; print([m for m in ('anywidget', 'ipywidgets', 'numpy') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("widget", [PromptPage, ListenPage])
def test_the_prompt_and_listen_pages_show_the_piece_that_other_widgets_show(
    widget: type[ScoreWidget], score: Score
) -> None:
    page = widget(score)
    assert page.score is score
    assert assets.read(page.bundle), "the page it shows is among the browser's files"
    assert PianoRoll(page).document is page.document, "what is kept in it can be edited beside it"
