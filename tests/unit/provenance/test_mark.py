"""The inaudible mark: it is found in what people make of a file, not where it is not, and it lies under the music."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.unit.sound.scores import band, peak_decibels
from workbench.cli import main
from workbench.deliver.mixdown import write_mix
from workbench.deliver.stems import export_stems
from workbench.provenance.mark import choice
from workbench.provenance.mark.detect import SURE, bound, detect
from workbench.provenance.mark.embed import mark_of, marked
from workbench.score.score import Note, Score
from workbench.sound.audio import Audio
from workbench.sound.files import read_audio, read_note, write_audio
from workbench.sound.render import render_all

ROOT = Path(__file__).resolve().parents[3]


def composed(author: str = "model:markov", repeats: int = 6) -> Score:
    """The band, its four bars again and again, in which one track is a model's."""
    score = band()
    length = max(note.end for _, note in score.all_notes())
    for track in score.tracks:
        notes = list(track.notes.values())
        for turn in range(repeats):
            for note in notes:
                name, who = f"{note.id}-{turn}", author if track is score.tracks[0] else note.author
                track.notes[name] = Note(
                    name, note.start + turn * length, note.duration, note.pitch, note.velocity, who
                )
            if not turn:
                for note in notes:
                    del track.notes[note.id]
    return score


@pytest.fixture(scope="module")
def plain() -> Audio:
    mix = render_all(composed())[1]
    return Audio(np.ascontiguousarray(mix.samples[: 20 * mix.rate]), mix.rate)


@pytest.fixture(scope="module")
def with_mark(plain: Audio) -> Audio:
    return marked(plain)


def test_it_survives_what_people_do_to_files(with_mark: Audio, plain: Audio, tmp_path: Path) -> None:
    start, rate = 31_337, with_mark.rate
    cut = Audio(np.ascontiguousarray(with_mark.samples[start:]), rate)
    for kind in (".mp3", ".m4a"):
        write_audio(cut, tmp_path / f"piece{kind}", bit_rate=128_000)
        assert detect(read_audio(tmp_path / f"piece{kind}")).found, kind
    mono = Audio(cut.mono()[:, None].copy(), rate)
    slow = mono.resampled(48_000).resampled(44_100).resampled(22_050)
    for changed in (mono, slow, Audio(slow.samples * np.float32(-0.05), slow.rate)):
        assert detect(changed).p < 1e-12
    assert not detect(plain).found
    assert not detect(with_mark, "another key").found


def test_the_mark_is_the_same_however_the_piece_is_cut_up(plain: Audio) -> None:
    def read(start: int, end: int) -> np.ndarray:
        piece = plain.samples[start:end]
        return np.concatenate([piece, np.zeros((end - start - len(piece), 2), np.float32)])

    whole = mark_of(read, 0, 100_000, 44_100)
    parts = [
        mark_of(read, start, end, 44_100) for start, end in ((0, 1), (1, 40_000), (40_000, 99_999), (99_999, 100_000))
    ]
    assert peak_decibels(whole - np.concatenate(parts)) < -120


def test_silence_stays_silent_and_nothing_sounds_before_the_music() -> None:
    rate = 44_100
    samples = np.zeros((4 * rate, 2), np.float32)
    assert not marked(Audio(samples, rate)).samples.any()
    rng = np.random.default_rng(1)
    samples[2 * rate : 3 * rate] = 0.1 * rng.standard_normal((rate, 2))
    mark = marked(Audio(samples, rate)).samples - samples
    assert not mark[: 2 * rate - rate // 40].any()
    assert not mark[3 * rate + rate // 40 :].any()
    inside = mark[2 * rate : 3 * rate]
    assert inside.any()
    assert 20 < 10 * np.log10(np.mean(samples[2 * rate : 3 * rate] ** 2) / np.mean(inside**2)) < 60


def test_sounds_without_a_mark_look_as_the_bound_says() -> None:
    """Chance alone gives small p-values no more often than they say: in noise, a tone and a loop of three seconds."""
    rng = np.random.default_rng(2)
    rate, time = 22_050, np.arange(20 * 22_050) / 22_050
    loop = np.tile(rng.standard_normal(3 * rate), 7)[: len(time)]
    sounds = [loop, np.sin(2 * np.pi * 1_000 * time), *(rng.standard_normal(len(time)) for _ in range(20))]
    chances = [detect(Audio(sound.astype(np.float32)[:, None] * np.float32(0.1), rate)).p for sound in sounds]
    assert min(chances) > SURE
    assert bound(6.0, 1) == pytest.approx(2 * np.exp(-18))


def test_what_is_handed_over_carries_it_as_a_stem_of_its_own(tmp_path: Path) -> None:
    score = composed(repeats=3)
    manifest = export_stems(score, tmp_path / "out")
    mix = read_audio(tmp_path / "out/mix.wav")
    stems = [read_audio(path) for path in sorted((tmp_path / "out/stems").iterdir())]
    assert len(stems) == 5
    assert peak_decibels(np.sum([stem.samples.astype(np.float64) for stem in stems], axis=0) - mix.samples) < -120
    assert manifest["mark"]["hidden"]
    assert manifest["mark"]["stem"] == "stems/05-mark.wav"
    assert manifest["mark"]["stem"] in (tmp_path / "out/project.rpp").read_text()
    seen = detect(mix)
    assert seen.found
    assert "a model wrote some of it" in seen.sentence()
    assert main(["mark", "--detect", str(tmp_path / "out/mix.wav")]) == 0
    write_mix(score, tmp_path / "part.mp3", loop=(960 * 8, 960 * 30))
    assert detect(read_audio(tmp_path / "part.mp3")).found


def test_a_persons_own_music_carries_none(tmp_path: Path) -> None:
    manifest = export_stems(composed("human", 1), tmp_path / "out")
    assert manifest["mark"] == {"hidden": False, "because": "No model wrote any of this."}
    assert len(list((tmp_path / "out/stems").iterdir())) == 4


def test_only_the_owner_leaves_it_out_and_the_file_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    assert main(["mark", "--off", ""]) == 1
    assert choice.stated().on
    assert main(["mark", "--off", "films of our own house"]) == 0
    score = composed(repeats=1)
    manifest = export_stems(score, tmp_path / "out")
    assert not manifest["mark"]["hidden"]
    assert "films of our own house" in manifest["mark"]["because"]
    write_mix(score, tmp_path / "mix.flac", note="Ours.")
    assert read_note(tmp_path / "mix.flac") == "Ours. The inaudible mark was left out: films of our own house"
    assert main(["mark", "--on"]) == 0
    assert choice.stated().on
    score.save(tmp_path / "piece.wbz")
    assert main(["stems", str(tmp_path / "piece.wbz"), "-o", str(tmp_path / "two"), "--no-mark", "a test"]) == 0
    assert "a test" in json.loads((tmp_path / "two/manifest.json").read_text())["mark"]["because"]
    assert "mark" in capsys.readouterr().out


def test_a_recording_is_marked_by_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(3)
    tone = np.sin(2 * np.pi * 220 * np.arange(8 * 32_000) / 32_000) * 0.3
    sound = (tone + 0.02 * rng.standard_normal(len(tone))).astype(np.float32)[:, None]
    write_audio(Audio(sound, 32_000), tmp_path / "in.wav")
    assert main(["mark", str(tmp_path / "in.wav"), "-o", str(tmp_path / "out.mp3")]) == 0
    assert main(["mark", "--detect", str(tmp_path / "out.mp3"), "--json"]) == 0
    told = capsys.readouterr().out
    assert json.loads(told[told.index("{") :])["found"]
    write_audio(Audio(np.zeros((44_100, 1), np.float32), 44_100), tmp_path / "quiet.wav")
    assert main(["mark", str(tmp_path / "quiet.wav"), "-o", str(tmp_path / "no.wav")]) == 0
    assert not (tmp_path / "no.wav").exists()
    assert main(["mark", "--detect", str(tmp_path / "quiet.wav")]) == 0
    assert "hardly any sound" in capsys.readouterr().out
