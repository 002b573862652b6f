"""Listening on the page: a recording looked through, with what a person is told of it."""

from __future__ import annotations

import secrets
import struct
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.unit.page.ears import PITCHES, SPEC, SPLITTER
from workbench.hub.hub import Hub
from workbench.hub.public import PublicRules
from workbench.hub.registry import Registry
from workbench.page.session import Pages
from workbench.score.score import Score
from workbench.score.timemap import TimeMap
from workbench.sound.audio import Audio
from workbench.sound.files import read_audio, write_audio

RATE = 22_050


class Listener:
    """A page with recordings on its shelf."""

    def __init__(self, folder: Path, *, public: bool | PublicRules = False) -> None:
        registry = Registry()
        registry.add(SPEC)
        registry.add(SPLITTER)
        for name in ("singing", "listener"):
            registry.add(replace(SPEC, id=name, default=False))
        hub = Hub(registry, public=public)
        self.pages, self.session, self.folder = Pages(lambda: hub, hub.rules), secrets.token_hex(16), folder

    def bring(self, samples: NDArray[Any], name: str = "hum.wav") -> str:
        """Put a mono recording on the shelf; gives its id."""
        write_audio(Audio(samples.astype(np.float32)[:, None], RATE), self.folder / "brought.wav", subtype="pcm16")
        return self.bring_file(self.folder / "brought.wav", name)

    def bring_file(self, path: Path, name: str) -> str:
        """Put a file on the shelf; gives its id."""
        data = path.read_bytes()
        with self.pages.page({"session": self.session}).media.begin(name, len(data)) as arrival:
            arrival.write(data)
            return arrival.finish().id

    def job(self, name: str, **fields: Any) -> list[dict[str, Any]]:
        """Everything that a job says."""
        return list(self.pages.answer({"type": name, "id": "j1", "session": self.session, **fields}))

    def call(self, kind: str, **fields: Any) -> dict[str, Any]:
        """The reply to a call."""
        return self.pages.call({"type": kind, "session": self.session, **fields})


def tone(pitch: float, seconds: float, level: float = 0.5) -> NDArray[Any]:
    """A tone at a MIDI pitch."""
    time = np.arange(round(seconds * RATE)) / RATE
    return level * np.sin(2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * time)


def read_png(path: Path) -> NDArray[np.uint8]:
    """Grey values of a PNG without filters."""
    data = path.read_bytes()
    width, height, depth, colours = struct.unpack(">IIBB", data[16:26])
    assert (data[:8], depth, colours) == (b"\x89PNG\r\n\x1a\n", 8, 0)
    at, packed = 8, b""
    while at < len(data):
        size, name = struct.unpack(">I4s", data[at : at + 8])
        assert zlib.crc32(data[at + 4 : at + 8 + size]) == struct.unpack(">I", data[at + 8 + size : at + 12 + size])[0]
        packed += data[at + 8 : at + 8 + size] if name == b"IDAT" else b""
        at += 12 + size
    return np.frombuffer(zlib.decompress(packed), np.uint8).reshape(height, width + 1)[:, 1:]


def test_a_recording_is_drawn_where_it_sounds(tmp_path: Path) -> None:
    page = Listener(tmp_path)
    sound = np.concatenate([tone(60, 2.0), np.zeros(RATE), tone(67, 1.0, 0.25)])
    said = page.job("recording", media=page.bring(sound))
    result = said[-1]
    assert result["type"] == "recording.result"
    assert result["seconds"] == pytest.approx(4.0)
    peaks = np.array(result["peaks"])
    assert len(peaks) in (160, 161)
    assert peaks[10:70].min() > 250
    assert peaks[85:115].max() == 0
    assert 120 < peaks[130:150].mean() < 135
    picture = read_png(Path(result["path"]))
    at = result["columns_per_second"]
    loudest = result["highest"] - picture.argmax(axis=0)
    assert set(loudest[round(0.5 * at) : round(1.5 * at)]) == {60}
    assert set(loudest[round(3.3 * at) : round(3.7 * at)]) == {67}
    assert picture[:, round(2.5 * at)].max() == 0
    assert result["clipped"] == 0


def test_clipping_and_silence_are_told(tmp_path: Path) -> None:
    page = Listener(tmp_path)
    loud = page.job("recording", media=page.bring(np.clip(tone(60, 1.0, 4.0), -1, 1)))[-1]
    assert loud["clipped"] > 0.5
    silent = page.job("recording", media=page.bring(np.zeros(RATE)))[-1]
    assert silent["loudest"] < 0.001


def test_what_cannot_be_heard_gets_one_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    page = Listener(tmp_path, public=PublicRules(max_minutes=1))
    (tmp_path / "score.mid").write_bytes(b"MThd" + bytes(60))
    head = b"\0\0\0\x20ftypisom\0\0\2\0isomiso2mp41" + bytes(2_000)
    (tmp_path / "broken.mp4").write_bytes(head)
    cases = {
        page.bring_file(tmp_path / "score.mid", "score.mid"): "score.mid is no recording",
        page.bring_file(tmp_path / "broken.mp4", "broken.mp4"): "broken.mp4 cannot be read as sound",
        page.bring(np.zeros(61 * RATE), "long.wav"): "long.wav is longer than 1 minutes",
        "0" * 32: "no longer here",
    }
    for media, sentence in cases.items():
        said = page.job("recording", media=media)[-1]
        assert said["type"] == "recording.error"
        assert sentence in said["text"]
    assert list(Path(page.pages.exports.folder).iterdir()) == []


def heard_by(page: Listener, **fields: Any) -> dict[str, Any]:
    """What a job ends with, after eight notes of four seconds."""
    return page.job("listen", media=page.bring(tone(60, 4.0)), **fields)[-1]


def splice(field: str, at: int, remove: int, *add: Any) -> dict[str, Any]:
    return {"field": field, "at": at, "remove": remove, "add": list(add)}


def test_what_is_heard_is_kept_put_right_and_made_into_a_piece(tmp_path: Path) -> None:
    page = Listener(tmp_path)
    result = heard_by(page, kind="singing")
    assert result["type"] == "listen.result"
    heard = result["heard"]
    assert [note["pitch"] for note in heard["notes"]] == list(PITCHES)
    assert (heard["key"], heard["tempo"], heard["duration"]) == ("C major", 120.0, 4.0)
    better = {**heard["melody"][3], "pitch": 66, "confidence": 1.0}
    changes = [
        splice("melody", 3, 1, better), splice("melody", 7, 1), splice("notes", 3, 1, better), splice("notes", 7, 1),
        {"field": "beats", "value": {"beats": [0.0, 1.0, 2.0, 3.0], "downbeats": [0.0], "tempo": 60.0, "metre": 4}},
        splice("chords", 1, 1, {"start": 2.0, "end": 4.0, "label": "F:maj", "confidence": 1.0}),
    ]  # fmt: skip
    assert page.call("listen.correct", id=result["hearing"], changes=changes)["known"] is True
    made = page.call("listen.score", id=result["hearing"], title="My hum")
    score = Score.from_dict(made["score"])
    assert score.title == "My hum"
    (track,) = score.tracks
    time = TimeMap(score)
    notes = sorted(track.notes.values(), key=lambda note: note.start)
    assert [note.pitch for note in notes] == [60, 62, 64, 66, 67, 65, 64]
    assert [time.seconds(note.start) for note in notes] == pytest.approx([0, 0.5, 1, 1.5, 2, 2.5, 3], abs=0.001)
    assert [note.start / score.ppq for note in notes] == pytest.approx([0, 0.5, 1, 1.5, 2, 2.5, 3], abs=0.002)
    assert [chord.root for chord in score.chords] == [0, 5]
    kinds = [event["kind"] for event in page.pages.page({"session": page.session}).log.events]
    assert kinds == ["run", "listen", "listen"], "the run, the listening and the correction stand in the log"


def test_corrections_that_do_not_fit_are_refused_and_change_nothing(tmp_path: Path) -> None:
    page = Listener(tmp_path)
    result = heard_by(page)
    note = result["heard"]["notes"][0]
    for changes, sentence in (
        ([splice("notes", 7, 5)], "does not fit"),
        ([splice("notes", 0, 1, {**note, "pitch": 200})], "pitch"),
        ([splice("notes", 0, 0, {**note, "end": 99.0})], "end within"),
        ([splice("curve", 0, 0)], "nothing that can be put right"),
        ([{"field": "beats", "value": {"beats": [1.0, 0.5]}}], "rise"),
        ("all of it", "list"),
    ):
        reply = page.call("listen.correct", id=result["hearing"], changes=changes)
        assert reply["type"] == "error"
        assert sentence in reply["text"]
    made = page.call("listen.score", id=result["hearing"])
    assert sum(len(track["notes"]) for track in made["score"]["tracks"]) == len(PITCHES)


def test_a_server_that_has_forgotten_takes_the_whole_description_again(tmp_path: Path) -> None:
    page = Listener(tmp_path)
    result = heard_by(page)
    other = Listener(tmp_path)
    assert other.call("listen.correct", id=result["hearing"], changes=[])["known"] is False
    assert other.call("listen.score", id=result["hearing"])["known"] is False
    fewer = {**result["heard"], "melody": result["heard"]["melody"][:3]}
    assert other.call("listen.keep", id=result["hearing"], heard=fewer)["known"] is True
    made = other.call("listen.score", id=result["hearing"])
    assert len(made["score"]["tracks"][0]["notes"]) == 3
    assert "duration" in other.call("listen.keep", id=result["hearing"], heard={})["text"]
    assert "name of something heard" in other.call("listen.keep", id="me", heard=fewer)["text"]


def test_a_part_alone_is_listened_to(tmp_path: Path) -> None:
    page = Listener(tmp_path)
    media = page.bring(tone(60, 6.0))
    result = page.job("listen", media=media, start=1.0, end=3.25)[-1]
    assert result["heard"]["duration"] == pytest.approx(2.25, abs=1e-4)
    assert len(result["heard"]["notes"]) == 4
    for part in ({"start": 3.0, "end": 1.0}, {"start": "0"}, {"start": -1.0}):
        assert "begins before it ends" in page.job("listen", media=media, **part)[-1]["text"]
    assert "no sound in this part" in page.job("listen", media=media, start=50.0, end=60.0)[-1]["text"]


def test_beats_that_were_clicked_are_known_and_not_guessed(tmp_path: Path) -> None:
    page = Listener(tmp_path)
    heard = heard_by(page, click={"tempo": 90, "metre": 3, "first": 0.3})["heard"]
    assert heard["beats"][0] == pytest.approx(0.3)
    assert np.diff(heard["beats"]) == pytest.approx(2 / 3, abs=1e-5)
    assert heard["downbeats"] == heard["beats"][::3]
    assert (heard["tempo"], heard["metre"]) == (90, 3)
    assert "make no sense" in heard_by(page, click={"tempo": 0, "metre": 4, "first": 0})["text"]


def test_a_visitor_is_held_to_the_minutes_of_a_public_server(tmp_path: Path) -> None:
    page = Listener(tmp_path, public=PublicRules(max_minutes=1, models=frozenset({"ears"})))
    media = page.bring(np.zeros(90 * RATE), "long.wav")
    assert "1 minutes can be listened to at once" in page.job("listen", media=media)[-1]["text"]
    assert page.job("listen", media=media, start=0.0, end=20.0)[-1]["type"] == "listen.result"


def test_stems_come_onto_the_shelf_and_are_the_recording_together(tmp_path: Path) -> None:
    page = Listener(tmp_path)
    media = page.bring(np.concatenate([tone(60, 1.0, 0.8), tone(67, 1.0, 0.1)]), "song.mp3")
    result = page.job("separate", media=media)[-1]
    assert result["type"] == "separate.result"
    assert [stem["name"] for stem in result["stems"]] == ["bass", "other", "rest"]
    assert [stem["item"]["name"] for stem in result["stems"]][:2] == ["song (bass).flac", "song (other).flac"]
    shelf = page.pages.page({"session": page.session}).media
    sounds = [read_audio(shelf.get(stem["item"]["id"]).path).samples for stem in result["stems"]]
    source = read_audio(shelf.get(media).path).samples
    assert float(np.abs(sum(sounds) - source).max()) < 10 ** (-90 / 20)
    loud, quiet = (np.array(result["stems"][1]["peaks"])[part].mean() for part in (slice(5, 35), slice(45, 75)))
    assert loud == pytest.approx(8 * quiet, rel=0.1)
    heard = page.job("listen", media=result["stems"][0]["item"]["id"])[-1]
    assert heard["type"] == "listen.result", "a stem can be listened to like any recording"
    assert "no recording" in page.job("separate", media=page.bring_file(_midi(tmp_path), "a.mid"))[-1]["text"]


def test_everything_about_a_recording_comes_in_one_zip(tmp_path: Path) -> None:
    page = Listener(tmp_path)
    result = page.job("stems", media=page.bring(tone(60, 4.0), "My song.mp3"))[-1]
    assert result["type"] == "stems.result", result
    assert result["name"] == "My-song-stems.zip"
    with zipfile.ZipFile(result["path"]) as archive:
        names = {name.partition("/")[2] for name in archive.namelist()}
    assert {"mix.wav", "score.mid", "tempo.json", "manifest.json", "project.rpp"} <= names
    assert sum(name.startswith("stems/") for name in names) == 3
    assert sorted(Path(result["path"]).parent.iterdir()) == [Path(result["path"])]


def _midi(folder: Path) -> Path:
    (folder / "score.mid").write_bytes(b"MThd" + bytes(60))
    return folder / "score.mid"
