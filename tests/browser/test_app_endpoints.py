"""The typed endpoints, as a program calls them."""

from __future__ import annotations

import base64
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.browser.app_fixtures import Server
from tests.unit.understand.video.clips import clip
from workbench.hub.tasks.transcribe.conformance import tune
from workbench.score.files import load
from workbench.sound.files import read_audio, write_audio

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def client(app: Server) -> Any:
    from gradio_client import Client

    return Client(app.address, verbose=False)


@pytest.fixture
def lied(data: Path) -> str:
    return base64.b64encode((data / "midi/lieder_reichardt_bergmannslied.mid").read_bytes()).decode()


def test_the_list_of_endpoints_is_complete_and_says_what_each_does(client: Any) -> None:
    listed = client.view_api(return_format="dict", print_info=False)
    named = listed["named_endpoints"]
    writing = {"/fill", "/continue_piece", "/accompany", "/harmonise", "/vary", "/arrange", "/compose", "/chords"}
    listening = {"/transcribe", "/separate", "/watch", "/read_score"}
    assert set(named) == {"/render", "/stems", *writing, *listening}, "nothing of the page's inner life is offered"
    for name, endpoint in named.items():
        assert len(endpoint["description"]) > 60, name
        assert "base64" in endpoint["description"], name
        for parameter in endpoint["parameters"]:
            assert parameter["python_type"]["type"] not in ("", "Any"), (name, parameter)
        assert all(part["python_type"]["type"] != "Any" for part in endpoint["returns"]), name


def test_render_gives_a_sound_file(client: Any, lied: str) -> None:
    audio = read_audio(client.predict(lied, "mp3", api_name="/render"))
    assert 14 < audio.seconds < 25
    assert abs(audio.samples).max() > 0.05


def test_stems_gives_a_zip_of_everything(client: Any, lied: str) -> None:
    with zipfile.ZipFile(client.predict(lied, 44100, api_name="/stems")) as archive:
        names = [name.split("/", 1)[1] for name in archive.namelist()]
    assert {"mix.wav", "score.mid", "manifest.json"} <= set(names)
    assert sum(name.startswith("stems/") and name.endswith(".wav") for name in names) == 3


def test_a_recording_is_written_down_and_taken_apart(client: Any, lied: str) -> None:
    sound = base64.b64encode(Path(client.predict(lied, "mp3", api_name="/render")).read_bytes()).decode()
    found = client.predict(sound, "piano", api_name="/transcribe")
    assert len(found["heard"]["notes"]) > 40
    assert base64.b64decode(found["midi_base64"])[:4] == b"MThd"
    with zipfile.ZipFile(client.predict(sound, "piano", api_name="/separate")) as archive:
        names = {Path(name).name for name in archive.namelist()}
    assert {"mix.wav", "score.mid", "manifest.json"} <= names


@pytest.fixture
def recording(tmp_path: Path) -> str:
    write_audio(tune(4.0), tmp_path / "tune.wav")
    return base64.b64encode((tmp_path / "tune.wav").read_bytes()).decode()


def test_separate_gives_stems_that_sum_to_the_recording(client: Any, recording: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(client.predict(recording, api_name="/separate")) as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / "recording"
    stems = [read_audio(path) for path in sorted((folder / "stems").iterdir())]
    total = sum(stem.samples.astype(float) for stem in stems)
    assert len(stems) >= 3
    assert abs(total - tune(4.0).samples).max() < 3e-5
    assert {"score.mid", "manifest.json", "tempo.json", "mix.wav"} <= {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("endpoint", ["/transcribe", "/separate"])
def test_listening_to_what_is_no_sound_is_one_sentence(client: Any, endpoint: str) -> None:
    with pytest.raises(Exception, match="cannot be read as sound"):
        client.predict(base64.b64encode(b"no sound at all" * 50).decode(), api_name=endpoint)


def test_fill_changes_the_gap_alone_and_equal_seeds_give_equal_notes(client: Any, lied: str) -> None:
    arguments = {"score_base64": lied, "first_bar": 2, "last_bar": 3, "tracks": [], "ideas": 2, "seed": 5}
    first, second = (client.predict(**arguments, api_name="/fill") for _ in range(2))
    assert len(first) == 2
    scores = [[load(base64.b64decode(idea)).score.to_dict()["tracks"] for idea in ideas] for ideas in (first, second)]
    assert scores[0] == scores[1], "the manifest inside has the time and the run, which are others"
    before = load(base64.b64decode(lied)).score
    after = load(base64.b64decode(first[0])).score
    from workbench.score.timemap import TimeMap

    start, end = TimeMap(before).bar_range(2, 3)

    def outside(score: Any) -> list[tuple[int, int, int]]:
        found = (note for track in score.tracks for note in track.notes.values())
        return sorted((note.start, note.duration, note.pitch) for note in found if not start <= note.start < end)

    assert outside(after) == outside(before)


@pytest.mark.parametrize(
    ("endpoint", "arguments", "sentence"),
    [
        ("/render", {"score_base64": "bm90IG11c2lj"}, "."),
        ("/render", {"score_base64": "***"}, "The file is not valid base64 text."),
        ("/stems", {"score_base64": ""}, "."),
        ("/fill", {"score_base64": "LIED", "first_bar": 900, "last_bar": 901, "tracks": []}, "."),
        ("/fill", {"score_base64": "LIED", "first_bar": 1, "last_bar": 1, "tracks": ["kazoo"]}, "kazoo"),
        ("/fill", {"score_base64": "LIED", "first_bar": 1, "last_bar": 1, "tracks": [], "model": "/etc/passwd"}, "."),
    ],
)
def test_what_cannot_be_done_gets_one_sentence(
    client: Any, lied: str, endpoint: str, arguments: dict[str, Any], sentence: str
) -> None:
    given = {name: lied if value == "LIED" else value for name, value in arguments.items()}
    with pytest.raises(Exception, match=r"\w") as caught:
        client.predict(**given, api_name=endpoint)
    text = str(caught.value)
    assert sentence in text
    assert "Traceback" not in text
    assert "Error(" not in text
    assert len(text) < 300
    assert text.strip().endswith((".", "?"))


def test_the_other_requests_that_write_music(client: Any, lied: str) -> None:
    old = load(base64.b64decode(lied)).score

    def made(endpoint: str, **arguments: Any) -> Any:
        (found,) = client.predict(score_base64=lied, seed=3, api_name=endpoint, **arguments)
        return load(base64.b64decode(found)).score

    assert made("/continue_piece", bars=2, tracks=[]).end > old.end
    assert len(made("/accompany", style="jazz", instruments=[]).tracks) == len(old.tracks) + 3
    assert len(made("/harmonise").tracks) == len(old.tracks) + 3
    assert made("/vary", first_bar=1, last_bar=2, tracks=[], closeness=90).note_count > 0.7 * old.note_count
    with pytest.raises(Exception, match="JSON"):
        client.predict(lied, 1, 2, [], 1, 0, "", False, "density", api_name="/fill")
    with pytest.raises(Exception, match="polka"):
        client.predict(lied, "polka", [], api_name="/accompany")


def test_chords_are_found_in_several_ways(client: Any, lied: str) -> None:
    found = client.predict(lied, 2, api_name="/chords")
    assert len(found["ways"]) == len(found["midi_base64"]) == 2
    for way, data in zip(found["ways"], found["midi_base64"], strict=True):
        score = load(base64.b64decode(data)).score
        part = next(track for track in score.tracks if track.name == "Chords")
        assert part.sorted_notes()[0].start == way["chords"][0]["tick"]


def test_compose_makes_a_folder_from_words_and_a_tune(client: Any, lied: str) -> None:
    made = client.predict(text="calm", notes_base64=lied, seconds=15, count=1, api_name="/compose")
    with zipfile.ZipFile(made) as archive:
        names = {name.partition("/")[2] for name in archive.namelist()}
    assert {"mix.wav", "score.mid", "brief.json", "card.json", "manifest.json"} <= names
    with pytest.raises(Exception, match="alternatives"):
        client.predict(text="calm", count=90, api_name="/compose")


def test_arrange_writes_a_long_piece_from_a_tune_and_from_chords_alone(client: Any, lied: str, tmp_path: Path) -> None:
    arguments = {"style": "rock", "form": "intro verse chorus ending", "seed": 2}
    for name, more in (("tune", {"score_base64": lied}), ("chords", {"chords": "C Am F G"})):
        made = client.predict(**arguments, **more, api_name="/arrange")
        path = tmp_path / f"{name}.wbz"
        path.write_bytes(base64.b64decode(made))
        score = load(path).score
        assert [text.text for text in score.texts if text.kind == "marker"] == ["Intro", "Verse", "Chorus", "Ending"]
        assert any(track.is_drum and track.notes for track in score.tracks)


def test_a_video_is_looked_at(client: Any, tmp_path: Path) -> None:
    path = clip(tmp_path / "two shots.mp4", shots=2)
    seen = client.predict(base64.b64encode(path.read_bytes()).decode(), api_name="/watch")
    assert seen["cuts"] == [pytest.approx(1.0, abs=0.02)]
    assert seen["duration"] == pytest.approx(2.0, abs=0.02)
