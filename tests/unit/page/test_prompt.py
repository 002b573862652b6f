"""The Prompt page on the server: what is given is understood, used, put right, kept, and refused in one sentence."""

from __future__ import annotations

import json
import secrets
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.unit.page.ears import SPEC
from workbench.hub.hub import Hub
from workbench.hub.registry import Registry
from workbench.page.promptdesk import MEMBER
from workbench.page.session import Pages
from workbench.score import Note, Score, Track
from workbench.score.files import encode
from workbench.score.project import open_project
from workbench.sound.audio import Audio
from workbench.sound.files import write_audio


class Giver:
    """A page on which things are given."""

    def __init__(self, folder: Path) -> None:
        registry = Registry()
        registry.add(SPEC)
        for name in ("singing", "listener"):
            registry.add(replace(SPEC, id=name, default=False))
        hub = Hub(registry)
        self.pages, self.session, self.folder = Pages(lambda: hub, hub.rules), secrets.token_hex(16), folder

    def bring(self, name: str, data: bytes) -> str:
        """Put a file on the shelf; gives its id."""
        with self.pages.page({"session": self.session}).media.begin(name, len(data)) as arrival:
            arrival.write(data)
            return arrival.finish().id

    def call(self, kind: str, **fields: Any) -> dict[str, Any]:
        """The reply to a call."""
        return self.pages.call({"type": kind, "session": self.session, **fields})

    def told(self, kind: str, **fields: Any) -> dict[str, Any]:
        """The state that a call leads to."""
        reply = self.call(kind, **fields)
        assert reply["type"] == "prompt.told", reply
        state: dict[str, Any] = reply["state"]
        return state

    def give(self, slot: str, **fields: Any) -> dict[str, Any]:
        """The last message of giving something."""
        message = {"type": "prompt.add", "id": "j1", "session": self.session, "slot": slot, **fields}
        return list(self.pages.answer(message))[-1]

    def open(self) -> None:
        """Tell the server of an empty piece."""
        self.call("open", score=Score().to_dict(), revision=0, hash="", reason="start")


@pytest.fixture
def page(tmp_path: Path) -> Giver:
    return Giver(tmp_path)


def tune() -> Score:
    """Four notes."""
    track = Track("t1", "Tune", 0)
    for number, pitch in enumerate((60, 62, 64, 67), 1):
        track.notes[f"n{number}"] = Note(f"n{number}", 960 * (number - 1), 960, pitch, 80, "imported")
    return Score(title="Four notes", tracks=[track])


def hum(folder: Path) -> bytes:
    """Two seconds of a tone, as WAV."""
    time = np.arange(44_100) / 22_050
    write_audio(Audio((0.3 * np.sin(2_000 * time)).astype(np.float32)[:, None], 22_050), folder / "hum.wav")
    return (folder / "hum.wav").read_bytes()


def said(state: dict[str, Any]) -> str:
    return "".join(text for text, _ in state["sentence"])


def test_words_and_notes_are_understood_and_the_line_at_the_top_says_so(page: Giver) -> None:
    first = page.give("words", text="30 seconds, 96 bpm")
    assert first["type"] == "prompt.add.result"
    assert {chip["kind"] for chip in first["state"]["items"][0]["understood"]["chips"]} == {"length", "tempo"}
    state = page.give("notes", media=page.bring("four.mid", encode(tune(), ".mid")))["state"]
    assert [item["slot"] for item in state["items"]] == ["words", "notes"]
    assert "understood" not in state["items"][0]  # the page knows it already
    assert len(state["items"][1]["understood"]["tracks"][0]["notes"]) == 4
    assert state["items"][1]["roles"] == ["tune", "chords"]
    assert "the tune from your notes" in said(state)


def test_a_voice_is_heard_and_a_recording_gives_its_style(page: Giver, tmp_path: Path) -> None:
    media = page.bring("hum.wav", hum(tmp_path))
    voice = page.give("voice", media=media)["state"]["items"][0]
    assert [note["pitch"] for note in voice["understood"]["melody"]] == [60, 62, 64, 65]
    assert voice["media"] == media
    assert voice["style"] is None
    recording = page.give("recording", media=media)["state"]["items"][1]
    assert recording["style"]["mode"] == "major"
    assert recording["roles"] == ["style"]


def test_how_a_thing_is_used_can_be_changed_and_stays_when_it_is_given_again(page: Giver) -> None:
    media = page.bring("four.mid", encode(tune(), ".mid"))
    page.give("notes", media=media)
    state = page.told("prompt.change", slot="notes", roles=["chords"], strength=40)
    assert (state["items"][0]["roles"], state["items"][0]["strength"]) == (["chords"], 40)
    assert "the chords of your notes" in said(state)
    again = page.give("notes", media=media)["state"]["items"][0]
    assert (again["roles"], again["strength"]) == (["chords"], 40)
    state = page.told("prompt.change", seconds=20, faithful=False)
    assert (state["seconds"], state["faithful"]) == (20, False)
    assert page.told("prompt.remove", slot="notes")["items"] == []


def test_corrections_change_what_is_understood(page: Giver, tmp_path: Path) -> None:
    wishes = page.give("words", text="30 seconds, 96 bpm")["state"]["items"][0]["understood"]
    chip = next(chip for chip in wishes["chips"] if chip["kind"] == "length")
    assert (wishes["seconds"], wishes["tempo"]) == (30, 96)
    state = page.told("prompt.correct", slot="words", what="understood", changes={"without": chip["id"]})
    assert (state["items"][0]["understood"]["seconds"], state["items"][0]["understood"]["tempo"]) == (None, 96)
    page.give("voice", media=page.bring("hum.wav", hum(tmp_path)))
    changes = [{"field": "melody", "at": 0, "remove": 1, "add": []}]
    state = page.told("prompt.correct", slot="voice", what="understood", changes=changes)
    assert [note["pitch"] for note in state["items"][1]["understood"]["melody"]] == [62, 64, 65]
    page.give("notes", media=page.bring("four.mid", encode(tune(), ".mid")))
    changes = {"transpose": 2, "tempo": 2, "metre": [3, 4], "key": [2, "major"]}
    score = page.told("prompt.correct", slot="notes", what="understood", changes=changes)["items"][2]["understood"]
    assert [note["pitch"] for note in score["tracks"][0]["notes"]] == [62, 64, 66, 69]
    assert score["tempos"][0]["us_per_quarter"] == 250_000
    assert (score["meters"][0]["numerator"], score["keys"][0]["fifths"]) == (3, 2)


def test_a_correction_is_taken_back_by_the_description_before_it(page: Giver, tmp_path: Path) -> None:
    before = page.give("words", text="30 seconds, 96 bpm")["state"]["items"][0]["understood"]
    page.told("prompt.correct", slot="words", what="understood", changes={"without": before["chips"][0]["id"]})
    state = page.told("prompt.correct", slot="words", what="understood", changes={"restore": before})
    assert state["items"][0]["understood"] == before
    score = page.give("notes", media=page.bring("four.mid", encode(tune(), ".mid")))["state"]["items"][1]["understood"]
    page.told("prompt.correct", slot="notes", what="understood", changes={"transpose": 2})
    state = page.told("prompt.correct", slot="notes", what="understood", changes={"restore": score})
    assert state["items"][1]["understood"]["tracks"] == score["tracks"]
    style = page.give("recording", media=page.bring("hum.wav", hum(tmp_path)))["state"]["items"][1]["style"]
    page.told("prompt.correct", slot="recording", what="style", changes={"tempo": 96})
    state = page.told("prompt.correct", slot="recording", what="style", changes={"restore": style})
    assert state["items"][1]["style"] == style


def test_a_style_follows_what_was_heard_until_it_is_put_right_itself(page: Giver, tmp_path: Path) -> None:
    page.give("recording", media=page.bring("hum.wav", hum(tmp_path)))
    changes = [{"field": "key", "value": "A minor"}]
    item = page.told("prompt.correct", slot="recording", what="understood", changes=changes)["items"][0]
    assert item["style"]["mode"] == "minor"
    page.told("prompt.correct", slot="recording", what="style", changes={"tempo": 96})
    changes = [{"field": "key", "value": "C major"}]
    item = page.told("prompt.correct", slot="recording", what="understood", changes=changes)["items"][0]
    assert (item["understood"]["key"], item["style"]["mode"], item["style"]["tempo"]) == ("C major", "minor", 96)


def test_a_style_is_put_right_and_locked(page: Giver, tmp_path: Path) -> None:
    page.give("recording", media=page.bring("hum.wav", hum(tmp_path)))
    state = page.told("prompt.correct", slot="recording", what="style", changes={"tempo": 96})
    assert state["items"][0]["style"]["tempo"] == 96
    state = page.told("prompt.change", slot="recording", locked=["tempo"], rights="mine")
    assert (state["items"][0]["locked"], state["items"][0]["rights"]) == (["tempo"], "mine")


@pytest.mark.parametrize(
    ("slot", "fields", "sentence"),
    [
        ("voice", {"media": "four.mid"}, "four.mid cannot go there; choose a sound file"),
        ("notes", {"media": "hum.wav"}, "hum.wav cannot go there; choose a MIDI"),
        ("notes", {"media": "broken.mid"}, "This MIDI file does not say how fast"),
        ("voice", {"media": "broken.mp4"}, "broken.mp4 cannot be read as sound"),
        ("voice", {"media": "0" * 32}, "no longer here"),
        ("voice", {}, "no longer here"),
        ("words", {"text": "x" * 2_001}, "too long: at most 2,000"),
        ("words", {"text": "  "}, "Write a few words"),
        ("words", {"text": 7}, "Write a few words"),
        ("piano", {"text": "x"}, "one of the six places"),
    ],
)
def test_what_cannot_be_used_gets_one_sentence_and_the_others_stay(
    page: Giver, tmp_path: Path, slot: str, fields: dict[str, Any], sentence: str
) -> None:
    files = {
        "four.mid": encode(tune(), ".mid"), "hum.wav": hum(tmp_path), "broken.mid": b"MThd" + bytes(60),
        "broken.mp4": b"\0\0\0\x20ftypisom\0\0\2\0isomiso2mp41" + bytes(2_000),
    }  # fmt: skip
    page.give("notes", media=page.bring("good.mid", files["four.mid"]))
    if fields.get("media") in files:
        fields = {"media": page.bring(fields["media"], files[fields["media"]])}
    answer = page.give(slot, **fields)
    assert answer["type"] == "prompt.add.error"
    assert sentence in answer["text"]
    assert answer["text"].count("\n") == 0
    state = page.told("prompt.state")
    assert [item["slot"] for item in state["items"]] == ["notes"]
    assert state["items"][0]["name"] == "good.mid"


def test_a_score_without_notes_is_refused(page: Giver) -> None:
    assert "no notes" in page.give("notes", media=page.bring("empty.mid", encode(Score(), ".mid")))["text"]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("prompt.change", {"slot": "voice", "strength": 5}),
        ("prompt.change", {"slot": "words", "strength": 101}),
        ("prompt.change", {"slot": "words", "roles": ["timing"]}),
        ("prompt.change", {"slot": "words", "roles": "tune"}),
        ("prompt.change", {"seconds": "long"}),
        ("prompt.change", {"faithful": 1}),
        ("prompt.change", {"slot": "words", "rights": "stolen"}),
        ("prompt.correct", {"slot": "words", "what": "understood", "changes": {"without": "nothing"}}),
        ("prompt.correct", {"slot": "words", "what": "style", "changes": {"tempo": 3}}),
        ("prompt.correct", {"slot": "words", "what": "understood", "changes": [1]}),
        ("prompt.correct", {"slot": "words", "what": "understood", "changes": {"restore": {"text": 3}}}),
        ("prompt.remove", {"slot": 3}),
        ("prompt.keep", {"state": {"items": [{"slot": "words", "kind": "heard", "understood": {}}]}}),
        ("prompt.keep", {"state": {"items": 3}}),
        ("prompt.keep", {"state": {"items": [], "files": {"voice": "../etc"}}}),
    ],
)
def test_a_message_that_makes_no_sense_changes_nothing(page: Giver, kind: str, fields: dict[str, Any]) -> None:
    before = page.give("words", text="calm piano")["state"]
    answer = page.call(kind, **fields)
    assert answer["type"] == "error"
    assert 10 < len(answer["text"]) < 300
    assert page.told("prompt.state") == before


def test_stop_leaves_the_slot_as_it_was(page: Giver, tmp_path: Path) -> None:
    message = {
        "type": "prompt.add", "id": "j1", "session": page.session, "slot": "voice",
        "media": page.bring("hum.wav", hum(tmp_path)),
    }  # fmt: skip
    work = page.pages.answer(message)
    next(work)
    page.call("stop", id="j1")
    last = list(work)[-1]
    assert (last["type"], last["stopped"]) == ("prompt.add.error", True)
    assert page.told("prompt.state")["items"] == []


def test_a_server_that_has_forgotten_is_told_by_the_page(page: Giver, tmp_path: Path) -> None:
    page.give("words", text="calm, 20 seconds")
    page.give("voice", media=page.bring("hum.wav", hum(tmp_path)))
    page.told("prompt.change", slot="voice", strength=70)
    kept = json.loads(json.dumps(page.told("prompt.state")))
    page.session = secrets.token_hex(16)
    assert page.told("prompt.state")["items"] == []
    state = page.told("prompt.keep", state=kept)
    assert [item["media"] for item in state["items"]] == ["", ""]  # its file is gone, what was understood is not
    kept["items"][1]["media"] = ""
    assert state == kept


def test_a_page_that_was_reloaded_has_what_it_had(page: Giver, tmp_path: Path) -> None:
    page.give("voice", media=page.bring("hum.wav", hum(tmp_path)))
    before, was = page.told("prompt.state"), page.session
    page.session = secrets.token_hex(16)
    assert page.told("prompt.state", was=was) == before
    page.session = secrets.token_hex(16)
    assert page.told("prompt.state", was=secrets.token_hex(16))["items"] == []


def test_a_page_that_was_reloaded_has_its_files_on_whichever_tab_it_comes_back(page: Giver, tmp_path: Path) -> None:
    media, was = page.bring("hum.wav", hum(tmp_path)), page.session
    page.session = secrets.token_hex(16)
    assert page.call("media", was=secrets.token_hex(16))["items"] == []
    assert [item["id"] for item in page.call("media", was=was)["items"]] == [media]
    assert [item["id"] for item in page.call("media", was=was)["items"]] == [media]  # asked again, they stay


def test_a_project_carries_what_its_piece_was_made_from(page: Giver, tmp_path: Path) -> None:
    page.open()
    page.give("words", text="calm, 20 seconds")
    page.give("voice", media=page.bring("hum.wav", hum(tmp_path)))
    before = page.told("prompt.state")
    made = list(page.pages.answer({"type": "export", "id": "j2", "session": page.session, "kind": "wbz"}))[-1]
    with zipfile.ZipFile(made["path"]) as archive:
        assert f"media/{MEMBER}" in archive.namelist()
    assert set(open_project(made["path"]).media) == {"hum.wav", MEMBER}
    page.session = secrets.token_hex(16)
    reply = page.call("import", id=page.bring("song.wbz", Path(made["path"]).read_bytes()))
    assert (reply["type"], reply["report"]) == ("open", [])
    after = page.told("prompt.state")
    assert after["items"][1]["media"]  # the voice lies on the new page's shelf again
    for state in (before, after):
        state["items"][1].pop("media")
    assert after == before


def test_a_page_of_a_picture_that_is_gone_is_one_sentence(page: Giver) -> None:
    answer = page.call("prompt.page", page=0)
    assert answer["text"] == "The picture is no longer here; what was understood of it is kept."


def test_the_pages_of_a_picture_are_drawn_once(page: Giver, monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench.understand.score_image import read

    drawn: list[object] = []
    draw = read.page_images
    monkeypatch.setattr(read, "page_images", lambda *given, **named: drawn.append(given) or draw(*given, **named))
    media = page.call("prompt.example", slot="picture")["media"]
    assert page.give("picture", media=media)["type"] == "prompt.add.result"
    first = page.call("prompt.page", page=0)
    assert first["type"] == "prompt.page"
    assert page.call("prompt.page", page=0) == first
    assert page.call("prompt.page", page=1)["text"] == "The picture has no such page."
    assert len(drawn) == 1


def test_examples_ship_for_every_slot(page: Giver) -> None:
    assert page.give("words", text=page.call("prompt.example", slot="words")["text"])["type"] == "prompt.add.result"
    for slot in ("voice", "recording", "picture", "video", "notes"):
        media = page.call("prompt.example", slot=slot)["media"]
        assert page.call("prompt.example", slot=slot)["media"] == media  # a second tap brings no second file
    kinds = {item["name"]: item["kind"] for item in page.call("media")["items"]}
    assert sorted(kinds.values()) == ["picture", "score", "sound", "sound", "video"]
    assert page.give("notes", media=page.call("prompt.example", slot="notes")["media"])["type"] == "prompt.add.result"
