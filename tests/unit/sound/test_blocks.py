"""Sound in blocks: how it is cut makes no difference, and long notes sound like short ones."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.unit.sound.scores import RATE, band, peak_decibels
from workbench.deliver.mixdown import write_mix
from workbench.errors import BadRequest, Cancelled, Unavailable
from workbench.score.lanes import Control, Silence
from workbench.score.score import Note, Score, Track
from workbench.sound import playing, recording
from workbench.sound.files import read_audio
from workbench.sound.instruments import soundfont as sf
from workbench.sound.instruments.voices import LongNote, build_voice
from workbench.sound.limits import Limits
from workbench.sound.loudness import Meter, integrated_lufs, true_peak
from workbench.sound.recording import recorded
from workbench.sound.render import render, render_all
from workbench.sound.room import PIECE


def lively() -> Score:
    """Pans, ramps, silences, a pedal, a room, notes over every seam."""
    score = Score()
    for number, program in enumerate((0, 48, 89)):
        track = Track(f"t{number}", program=program, pan=20 + 40 * number, room=90)
        for step in range(24):
            track.notes[f"n{step}"] = Note(f"n{step}", step * 900, 500 + 700 * (step % 4), 48 + (step * 7) % 24, 90)
        track.controls = [Control(tick, 7, 40 + tick % 80) for tick in range(0, 21_000, 700)]
        track.silences = [Silence(4_000, 3_000), Silence(11_000, 20)]
        score.tracks.append(track)
    drums = Track("d", is_drum=True)
    for step in range(60):
        drums.notes[f"n{step}"] = Note(f"n{step}", step * 360, 100, (36, 42, 46, 38)[step % 4], 100)
    score.tracks.append(drums)
    return score


def test_where_the_blocks_end_makes_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    stems, total = render_all(lively())
    for module in (playing, recording):
        monkeypatch.setattr(module, "BLOCK", PIECE)
    again, total_again = render_all(lively())
    assert peak_decibels(total.samples - total_again.samples) < -100
    for one, other in zip(stems, again, strict=True):
        assert peak_decibels(one.audio.samples - other.audio.samples) < -100


def test_disk_and_memory_hold_the_same_and_the_mix_alone_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    stems, total = render_all(lively())
    assert np.array_equal(render(lively()).samples, total.samples)
    with recorded(lively(), memory_bytes=0) as made:
        assert made.frames == total.frames
        assert np.array_equal(np.concatenate(list(made.mix_blocks())), total.samples)
        for number, stem in enumerate(stems):
            assert np.array_equal(np.concatenate(list(made.stem_blocks(number))), stem.audio.samples)
        assert made.loudness == pytest.approx(integrated_lufs(total.samples, RATE), abs=1e-3)
        assert made.true_peak == pytest.approx(true_peak(total.samples), rel=1e-4)


@pytest.mark.parametrize(
    ("program", "key"), [(0, 60), (0, 30), (48, 72), (89, 55), (16, 48), (62, 60), (73, 70), (95, 64), (12, 60)]
)
def test_a_note_made_as_it_sounds_is_the_one_of_a_voice(program: int, key: int) -> None:
    """Looped and unlooped samples, vibrato, filters that move, tremolo, decays to silence."""
    held = 25 * RATE + 77
    for zone in sf.zones(program, False, key, 90):
        voice = build_voice(zone, key, 90, held, RATE)
        whole = np.zeros(voice.length(held), np.float32)
        for start, piece in voice.note(held, 90, 0, len(whole)):
            whole[start : start + len(piece)] += piece
        note = LongNote(zone, key, 90, held, RATE)
        pieces = []
        while len(piece := note.read(100_003)):
            pieces.append(piece)
        made = np.concatenate(pieces) if pieces else np.zeros(0, np.float32)
        length = max(len(whole), len(made))
        difference = np.pad(whole, (0, length - len(whole))) - np.pad(made, (0, length - len(made)))
        assert np.abs(difference).max(initial=0.0) < 1e-5 * max(1e-3, np.abs(whole).max(initial=0.0))


def test_a_note_of_many_minutes_is_heard_to_its_end() -> None:
    track = Track("t1", program=16, room=0)
    track.notes["n1"] = Note("n1", 0, 5 * 60 * 1_920, 60, 100)
    samples = render(Score(tracks=[track])).samples
    late = samples[299 * RATE : 300 * RATE]
    assert peak_decibels(late) > -30
    assert peak_decibels(samples[303 * RATE :]) < -60


def test_a_meter_may_be_fed_in_any_pieces() -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, (100_000, 2)).astype(np.float32)
    meter = Meter(RATE)
    for start, end in ((0, 1), (1, 5_000), (5_000, 5_000), (5_000, 60_001), (60_001, 100_000)):
        meter.feed(noise[start:end])
    assert meter.lufs() == pytest.approx(integrated_lufs(noise, RATE), abs=1e-6)
    assert meter.lufs(0.5) == pytest.approx(integrated_lufs(noise * np.float32(0.5), RATE), abs=1e-3)
    assert meter.true_peak(lambda start, end: noise[start:end]) == pytest.approx(true_peak(noise), rel=1e-6)


def test_minutes_times_tracks_are_limited_and_silent_tracks_do_not_count() -> None:
    score = band()
    score.tracks[0].notes["late"] = Note("late", 2 * 60 * 1_920, 100, 60)
    with pytest.raises(BadRequest, match=r"4 tracks of 2\.0 minutes"), recorded(score, limits=Limits(30, 5)):
        pass
    for track in score.tracks[1:]:
        track.mute = True
    with recorded(score, limits=Limits(30, 5), memory_bytes=0) as made:
        assert [stem is not None for stem in made.stems] == [True, False, False, False]


class Full:
    """A file on a disk that takes nothing more."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __enter__(self) -> Full:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def seek(self, place: int) -> int:
        return place

    def read(self, size: int) -> bytes:
        return b""

    def write(self, data: Any) -> int:
        raise OSError(self.number, "no")


@pytest.mark.parametrize(("number", "said"), [(errno.ENOSPC, "disk is full"), (errno.EROFS, "read-only")])
def test_a_disk_that_takes_nothing_is_one_sentence(
    number: int, said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(*_: Any, **__: Any) -> Full:
        return Full(number)

    monkeypatch.setattr(recording.tempfile, "TemporaryFile", full)
    sentence = rf"^The sound cannot be written because [^.]*{said}[^.]*\.$"
    with pytest.raises(Unavailable, match=sentence), recorded(band(), memory_bytes=0):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_part_is_the_same_cut_from_the_whole(tmp_path: Path) -> None:
    score = lively()
    seconds = write_mix(score, tmp_path / "part.wav", loop=(1_920, 9_600))
    part, whole = read_audio(tmp_path / "part.wav"), render(score)
    assert seconds == pytest.approx(4.0)
    assert part.frames == 4 * RATE
    inside = slice(RATE // 100, -RATE // 100)
    assert np.array_equal(part.samples[inside], whole.samples[RATE : 5 * RATE][inside])
    assert np.abs(part.samples[0]).max() == 0
    assert np.abs(part.samples[-1]).max() < 0.02
    with pytest.raises(BadRequest, match="behind the end"):
        write_mix(score, tmp_path / "none.wav", loop=(50_000, 60_000))


def test_a_mix_that_is_stopped_leaves_nothing(tmp_path: Path) -> None:
    shares: list[float] = []
    with pytest.raises(Cancelled):
        write_mix(
            lively(), tmp_path / "x.flac", progress=shares.append, stop=lambda: bool(shares) and shares[-1] > 0.86
        )
    assert list(tmp_path.iterdir()) == []


def test_large_stems_stand_beside_the_workstations_project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import zipfile
    from xml.etree import ElementTree

    from workbench.deliver import stems

    monkeypatch.setattr(stems, "EMBED_BYTES", 1_000)
    stems.export_zip(band(), tmp_path / "band.zip")
    with zipfile.ZipFile(tmp_path / "band.zip") as archive:
        archive.extractall(tmp_path)
        assert archive.testzip() is None
    with zipfile.ZipFile(tmp_path / "band" / "project.dawproject") as project:
        assert set(project.namelist()) == {"project.xml", "metadata.xml"}
        files = list(ElementTree.fromstring(project.read("project.xml")).iter("File"))
    assert len(files) == 4
    for file in files:
        assert file.get("external") == "true"
        assert (tmp_path / "band" / str(file.get("path"))).is_file()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["band", "band.zip"]
