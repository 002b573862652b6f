"""The workbench as HARP calls it: cards, files by Gradio's upload, work by position, stopping."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from tests.browser.app_fixtures import Server
from workbench.hub.tasks.transcribe.conformance import tune
from workbench.score.files import load
from workbench.score.timemap import TimeMap
from workbench.sound.audio import Audio
from workbench.sound.files import read_audio, write_audio

pytestmark = pytest.mark.server


class Harp:
    """The plug-in, after its own client: each call stands for itself, and has no session."""

    def __init__(self, server: Server, place: str = "") -> None:
        self.http = httpx.Client(timeout=300)
        self.base = f"{server.address}{place}/gradio_api"

    def call(self, name: str, *values: Any) -> list[Any]:
        """What an endpoint answers; raises :class:`RuntimeError` with its sentence."""
        begun = self.http.post(f"{self.base}/call/{name}", json={"data": list(values)})
        assert begun.status_code == 200, begun.text
        lines = self.http.get(f"{self.base}/call/{name}/{begun.json()['event_id']}").text.splitlines()
        event, data = [(lines[at], lines[at + 1]) for at in range(len(lines) - 1) if lines[at].startswith("event: ")][
            -1
        ]
        value = json.loads(data.removeprefix("data: "))
        if event != "event: complete":
            raise RuntimeError(value["error"])
        answer: list[Any] = value
        return answer

    def send(self, path: Path) -> dict[str, Any]:
        """Upload a file."""
        files = {"files": (path.name, path.read_bytes(), "audio/midi")}
        answer = self.http.post(f"{self.base}/upload", files=files)
        return {"path": answer.json()[0], "meta": {"_type": "gradio.FileData"}}

    def fetch(self, output: Any, folder: Path) -> Path:
        """Download a file of an answer by its address."""
        assert output["meta"]["_type"] == "gradio.FileData"
        path = folder / str(output["orig_name"])
        path.write_bytes(self.http.get(output["url"]).content)
        return path


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "tune.wav"
    write_audio(tune(), path)
    return path


def test_a_card_names_inputs_and_outputs_in_order(app: Server) -> None:
    known = {"audio_track", "midi_track", "slider", "number_box", "dropdown", "toggle", "text_box", "json"}
    for place, inputs, outputs in (
        ("", ["audio_track"], ["audio_track"] * 3),
        ("/harp/separate", ["audio_track"], ["audio_track"] * 3),
        ("/harp/transcribe", ["audio_track", "dropdown"], ["midi_track", "json"]),
        ("/harp/infill", ["midi_track", "number_box", "number_box", "toggle", "number_box"], ["midi_track"]),
    ):
        (shown,) = Harp(app, place).call("controls")
        assert set(shown) == {"card", "inputs", "outputs"}
        assert set(shown["card"]) == {"name", "description", "author", "tags"}
        assert [part["type"] for part in shown["inputs"]] == inputs
        assert [part["type"] for part in shown["outputs"]] == outputs
        assert known >= {*inputs, *outputs}
        assert all(part["label"] and part["info"] for part in (*shown["inputs"], *shown["outputs"]))


def test_separate_gives_a_file_for_each_output_and_they_sum_to_the_recording(
    app: Server, recording: Path, tmp_path: Path
) -> None:
    harp = Harp(app)
    outputs = harp.call("process", harp.send(recording))
    (shown,) = harp.call("controls")
    assert len(outputs) == len(shown["outputs"])
    stems = [read_audio(harp.fetch(output, tmp_path)) for output in outputs]
    whole: Audio = read_audio(recording)
    assert np.abs(sum(stem.samples for stem in stems) - whole.samples).max() < 1e-3


def test_transcribe_gives_notes_and_labels(app: Server, recording: Path, tmp_path: Path) -> None:
    harp = Harp(app, "/harp/transcribe")
    notes, labels = harp.call("process", harp.send(recording), "a piano")
    assert load(harp.fetch(notes, tmp_path)).score.note_count >= 4
    assert labels["meta"]["_type"] == "pyharp.LabelList"
    assert all(label["duration"] > 0 for label in labels["labels"])


def test_infill_changes_the_gap_alone(app: Server, data: Path, tmp_path: Path) -> None:
    harp = Harp(app, "/harp/infill")
    path = data / "midi/lieder_reichardt_bergmannslied.mid"
    (filled,) = harp.call("process", harp.send(path), 2.0, 3.0, False, 1.0)
    before, after = load(path).score, load(harp.fetch(filled, tmp_path)).score
    start, end = TimeMap(before).bar_range(2, 3)

    def parted(score: Any) -> tuple[list[Any], list[Any]]:
        found = sorted(
            (note.start, note.duration, note.pitch) for track in score.tracks for note in track.notes.values()
        )
        return [note for note in found if not start <= note[0] < end], [
            note for note in found if start <= note[0] < end
        ]

    assert parted(after)[0] == parted(before)[0]
    assert parted(after)[1] not in ([], parted(before)[1])


def test_only_files_that_were_sent_are_read(app: Server) -> None:
    harp = Harp(app, "/harp/infill")
    for file in (
        {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}, {"path": "/etc/passwd"}, {"path": ""}, None, "x",
        {"path": "../../etc/passwd"},
    ):  # fmt: skip
        with pytest.raises(RuntimeError):
            harp.call("process", file, 1.0, 1.0, False, 0.0)
    assert "root:" not in app.log


@pytest.fixture
def waiting(app: Server, tmp_path: Path) -> Iterator[tuple[Harp, list[str], threading.Thread]]:
    """A long recording that is being worked on."""
    rng = np.random.default_rng(1)
    path, said = tmp_path / "long.wav", list[str]()
    write_audio(Audio(rng.normal(0, 0.1, (44_100 * 120, 1)).astype(np.float32), 44_100), path)
    harp = Harp(app)

    def work() -> None:
        try:
            harp.call("process", sent)
        except RuntimeError as problem:
            said.append(str(problem))

    sent = harp.send(path)
    thread = threading.Thread(target=work)
    thread.start()
    yield Harp(app), said, thread
    thread.join(120)


def test_stop_ends_the_work_of_the_same_address(waiting: tuple[Harp, list[str], threading.Thread]) -> None:
    harp, said, thread = waiting
    for _ in range(200):
        if harp.call("cancel")[0]["stopped"]:
            break
    thread.join(60)
    assert said == ["Stopped."]
