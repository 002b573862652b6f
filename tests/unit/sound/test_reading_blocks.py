"""Sound files block by block: the same sound as read whole, parts by their time, and refusals in words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from workbench.errors import BadFile, BadRequest
from workbench.sound.audio import Audio
from workbench.sound.blocks import blocks, opened, read_part, said_seconds
from workbench.sound.files import read_audio, write_audio

RATE = 44_100


@pytest.fixture(scope="module")
def sweep() -> Audio:
    """Seven seconds of a rising tone, left and right different."""
    time = np.arange(7 * RATE) / RATE
    left = 0.5 * np.sin(2 * np.pi * (200 + 40 * time) * time)
    return Audio(np.stack([left, 0.3 * left], axis=1).astype(np.float32), RATE)


@pytest.mark.parametrize("kind", ["wav", "flac", "mp3", "m4a"])
def test_blocks_are_the_sound_of_the_whole(sweep: Audio, tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"sweep.{kind}"
    write_audio(sweep, path)
    with opened(path) as (container, stream):
        assert said_seconds(container, stream) == pytest.approx(7.0, abs=0.1)
        pieces = list(blocks(container, stream))
    assert len(pieces) > 3, "it comes in pieces"
    assert [at for at, _ in pieces] == [0, *np.cumsum([len(piece) for _, piece in pieces])[:-1]]
    whole = np.concatenate([piece for _, piece in pieces])
    read = read_audio(path)
    assert np.array_equal(whole[: read.frames], read.samples)


@pytest.mark.parametrize("kind", ["wav", "flac", "mp3", "m4a"])
def test_a_part_is_where_it_was(sweep: Audio, tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"sweep.{kind}"
    write_audio(sweep, path)
    part = read_part(path, 4.25, 5.5)
    assert (part.rate, part.channels) == (RATE, 2)
    assert part.seconds == pytest.approx(1.25, abs=1e-4)
    there = sweep.samples[round(4.25 * RATE) : round(5.5 * RATE), 0]
    lags = range(-400, 401)
    match = [float(np.dot(part.samples[500:-500, 0], there[500 + lag : len(there) - 500 + lag])) for lag in lags]
    assert abs(lags[int(np.argmax(match))]) <= 2, "not a tenth of a millisecond beside its place"


def test_a_part_beyond_the_end_is_shorter_or_refused(sweep: Audio, tmp_path: Path) -> None:
    write_audio(sweep, tmp_path / "sweep.wav")
    assert read_part(tmp_path / "sweep.wav", 6.0, 60.0).seconds == pytest.approx(1.0, abs=1e-3)
    with pytest.raises(BadRequest, match="no sound in this part"):
        read_part(tmp_path / "sweep.wav", 8.0, 9.0)


def test_what_is_no_sound_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "song.wav").write_text("This is no sound at all.\n" * 100)
    with pytest.raises(BadFile, match="holiday cannot be read as sound"), opened(tmp_path / "song.wav", "holiday"):
        pass


def test_a_file_cut_in_half_gives_its_first_half(sweep: Audio, tmp_path: Path) -> None:
    write_audio(sweep, tmp_path / "sweep.mp3")
    data = (tmp_path / "sweep.mp3").read_bytes()
    (tmp_path / "half.mp3").write_bytes(data[: len(data) // 2])
    with opened(tmp_path / "half.mp3") as (container, stream):
        frames = sum(len(piece) for _, piece in blocks(container, stream))
    assert 3.0 < frames / RATE < 4.0
