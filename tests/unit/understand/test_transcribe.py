"""From any file to a description: what cannot be heard is one sentence, what can be is heard, and models are joined."""

from __future__ import annotations

import json
import wave
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from tests.unit.hub.rogues import hub, spec
from workbench.cli import main
from workbench.errors import BadRequest, Cancelled, Unavailable, WorkbenchError
from workbench.hub.hub import Hub
from workbench.hub.protocol import Alternative, CancelScope, Model, Partial, Progress, Result
from workbench.score.files import load
from workbench.score.score import Note
from workbench.sound.audio import Audio
from workbench.sound.files import write_audio
from workbench.understand.heard import Curve, HeardNote
from workbench.understand.kind import is_voice
from workbench.understand.transcribe import overlaid, transcribe

RATE = 22_050


class Ear(Model):
    """Hears a note a second, a beat every half second, and remembers what it was given."""

    given: ClassVar[list[Any]] = []

    def run(self, request: Any, *, seed: int, cancel: Any) -> Any:
        self.given.append(request)
        seconds = request.audio.seconds
        notes = [
            {"start": float(start), "end": min(seconds, start + 0.5), "pitch": 60 + start % 12}
            for start in range(int(np.ceil(seconds)))
        ]
        yield Progress(0.5)
        cancel.check()
        yield Partial(0, "heard", (Note("n1", 0, 500, 60),))
        beats = [0.5 * index for index in range(int(2 * seconds))]
        value = {"notes": notes, "beats": beats, "downbeats": beats[::4], "key": "A minor", "kind": "band"}
        if "notes only" in self.spec.title:
            value = {"notes": [{"start": 0, "end": 0.05, "pitch": 72}]}
        yield Result((Alternative(value=value, remarks=("It was heard.",)),))


def ears() -> Hub:
    usual = replace(spec("ear", task="transcribe", default=True), adapter=f"{__name__}:Ear")
    other = replace(spec("other", task="transcribe"), adapter=f"{__name__}:Ear", title="notes only")
    voices = spec("voices", task="separate")
    return hub(usual, other, voices)


def tune(seconds: float = 2.0, rate: int = RATE, channels: int = 2, level: float = 0.3) -> Audio:
    time = np.arange(round(seconds * rate)) / rate
    wave_ = level * np.sin(2 * np.pi * 440 * time) + 0.05 * np.random.default_rng(1).standard_normal(len(time))
    return Audio(np.repeat(wave_[:, None], channels, axis=1).astype(np.float32), rate)


def sound(path: Path, audio: Audio) -> Path:
    write_audio(audio, path)
    return path


def half(path: Path) -> Path:
    whole = sound(path, tune(4.0)).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    return path


def named(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def bare_wave(path: Path, channels: int) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((tune(1.0, channels=channels).samples * 32_000).astype("<i2").tobytes())
    return path


def silent_film(path: Path) -> Path:
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 64
        for _ in range(5):
            picture = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("make", "seconds", "word"),
    [
        (lambda at: sound(at / "a.wav", tune()), 2.0, ""),
        (lambda at: sound(at / "a.flac", tune(channels=1)), 2.0, ""),
        (lambda at: sound(at / "a.mp3", tune()), 2.0, ""),
        (lambda at: sound(at / "a.m4a", tune()), 2.0, ""),
        (lambda at: sound(at / "a.wav", Audio(np.clip(tune().samples * 9, -1, 1), RATE)), 2.0, "cut off"),
        (lambda at: sound(at / "a.wav", tune(rate=8_000)), 2.0, "telephone"),
        (lambda at: sound(at / "a.wav", tune(rate=96_000)), 2.0, ""),
        (lambda at: bare_wave(at / "a.wav", 6), 1.0, ""),
        (lambda at: sound(at / "a.wav", tune(0.2)), 0.2, ""),
        (lambda at: sound(at / "a.wav", tune(level=0.001).__class__(tune().samples * 0.01, RATE)), 2.0, "quiet"),
        (lambda at: half(at / "a.wav"), 2.0, ""),
    ],
)  # fmt: skip
def test_whatever_holds_sound_is_heard(make: Callable[[Path], Path], seconds: float, word: str, tmp_path: Path) -> None:
    heard = transcribe(make(tmp_path), hub=ears())
    assert heard.duration == pytest.approx(seconds, abs=0.06)
    assert heard.notes
    assert heard.beats.beats == () or heard.beats.beats[0] == 0
    assert heard.picture is not None
    said = [remark for remark in heard.remarks if remark != "It was heard."]
    assert ([word in remark for remark in said] == [True]) if word else said == []


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda at: sound(at / "a.wav", Audio(np.zeros((RATE, 2), np.float32), RATE)), "silent"),
        (lambda at: sound(at / "a.wav", tune(0.05)), "shorter"),
        (lambda at: named(at / "a.wav", b"These are words, and no sound at all.\n" * 20), "cannot be read as sound"),
        (lambda at: named(at / "a.mp3", b""), "empty"),
        (lambda at: silent_film(at / "a.mp4"), "no sound"),
        (lambda at: at / "missing.wav", "no file"),
    ],
)
def test_what_holds_none_is_refused_in_one_sentence_and_nothing_is_written(
    make: Callable[[Path], Path], word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = make(tmp_path)
    with pytest.raises(WorkbenchError, match=word) as caught:
        transcribe(path, hub=ears())
    assert str(caught.value).endswith(".")
    before = sorted(tmp_path.iterdir())
    for command in (
        ["transcribe", str(path), "-o", str(tmp_path / "out.mid")],
        ["stems", str(path), "-o", str(tmp_path / "out")],
    ):
        assert main(command) == 1
        assert word in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == before


def test_progress_partial_notes_and_runs_are_told_as_they_come() -> None:
    shares: list[float] = []
    partials: list[Partial] = []
    runs: list[Any] = []
    transcribe(tune(), hub=ears(), progress=shares.append, partial=partials.append, ended=runs.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert partials[0].notes[0].duration == 500
    assert [run.spec.id for run in runs] == ["rogue-ear"]


def test_another_model_brings_its_notes_and_the_rest_stays() -> None:
    heard = transcribe(tune(), "piano", model="rogue-other", hub=ears())
    assert [note.pitch for note in heard.notes] == [72]
    assert heard.model == "rogue-other"
    assert heard.beats.tempo == 120
    assert heard.key is not None
    assert {note.author for _, note in heard.score().all_notes()} == {"model:rogue-other"}
    assert Ear.given[-1].kind == "band"  # what the first one found out
    with pytest.raises(BadRequest, match="does separate"):
        transcribe(tune(), model="rogue-voices", hub=ears())


def test_what_one_model_tells_lies_over_what_the_other_told() -> None:
    below = {"notes": [1], "melody": [1], "beats": [2], "model": "a", "duration": 5, "kind": "singing"}
    assert overlaid(below, {"notes": [3], "model": "b", "duration": 6}) == {
        "notes": [3], "melody": [3], "beats": [2], "model": "b", "duration": 5, "kind": "singing",
    }  # fmt: skip
    assert overlaid(below, {"beats": [4], "model": "b"})["model"] == "a"


def test_stop_ends_it_and_unknown_kinds_are_refused() -> None:
    scope = CancelScope()
    token = scope.start()
    with pytest.raises(Cancelled):
        transcribe(tune(), hub=ears(), cancel=token, progress=lambda share: scope.cancel())
    with pytest.raises(BadRequest, match="auto, singing, piano, band"):
        transcribe(tune(), "opera", hub=ears())


def test_a_hub_without_ears_says_so() -> None:
    with pytest.raises((BadRequest, Unavailable)):
        transcribe(tune(), hub=hub(spec("voices", task="separate")))


def test_the_command_writes_a_score_and_all_that_was_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("workbench.hub.shared.shared_hub", lambda rules=False: ears())
    path = sound(tmp_path / "Song.wav", tune(3.0))
    for name in ("out.mid", "out.musicxml", "out.wbz"):
        assert main(["transcribe", str(path), "-o", str(tmp_path / name), "--json", str(tmp_path / "out.json")]) == 0
        assert "3.0 seconds heard as band, 3 notes, A minor, 120 beats a minute" in capsys.readouterr().out
        score = load(tmp_path / name).score
        assert score.note_count == 3
        assert score.title == "Song"
    heard = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert heard["key"] == "A minor"
    assert [note["pitch"] for note in heard["notes"]] == [60, 61, 62]
    log = list(load(tmp_path / "out.wbz").events)
    assert [event["payload"]["model"] for event in log if event["kind"] == "run"] == ["rogue-ear"]
    assert main(["transcribe", str(path)]) == 1
    assert main(["transcribe", str(path), "-o", "a.xyz"]) == 1
    gone = tmp_path / "gone" / "out.json"
    assert main(["transcribe", str(path), "-o", str(tmp_path / "never.mid"), "--json", str(gone)]) == 1
    assert not (tmp_path / "never.mid").exists()


def curve(wobble: float) -> tuple[Curve, tuple[HeardNote, ...]]:
    times = np.arange(300) / 100
    hertz = 220 * 2 ** (wobble / 1_200 * np.sin(2 * np.pi * 5 * times))
    return Curve(times, hertz, np.ones(300)), tuple(HeardNote(float(at), at + 0.9, 57) for at in range(3))


def test_a_pitch_that_moves_is_a_voice_and_one_that_stands_is_none() -> None:
    assert is_voice(*curve(40))
    assert not is_voice(*curve(2))
    assert not is_voice(curve(40)[0], ())
