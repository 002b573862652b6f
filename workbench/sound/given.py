"""The sound of tracks that are heard as they were recorded, read from the files that a piece names."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from workbench.score.project import Medium, pieces_of
from workbench.score.recorded import RecordedSound, sounds_of
from workbench.score.score import Score
from workbench.sound.audio import Audio
from workbench.sound.blocks import read_part

#: How loud a finished recording is brought to, root mean square before the common gain of the mix: about that of a
#: small band on the workbench's own instruments. Its highest sample stays below what the browser's player, which steps
#: everything up by 9 dB, can play without its limiter.
MIX_LEVEL, MIX_PEAK = 0.085, 0.35
#: Most that it is made louder or softer, in hundredths of a decibel.
_FURTHEST = 4_000


def given_of(score: Score, files: Mapping[str, str | Path]) -> dict[str, Audio]:
    """The sound of each track that is heard as it was recorded, by the track's id.

    Args:
        score: the piece.
        files: where recordings lie, by the sha256 of their content. A track whose file is not there plays its notes.

    Raises:
        BadFile: a file that cannot be read.
    """
    wanted = sounds_of(score)
    return {own: _part(files[sound.sha256], sound) for own, sound in wanted.items() if sound.sha256 in files}


def given_in(score: Score, media: Mapping[str, Medium]) -> dict[str, Audio]:
    """As :func:`given_of`, from the media of a project."""
    with files_in(score, media) as files:
        return given_of(score, files)


@contextmanager
def files_in(score: Score, media: Mapping[str, Medium]) -> Iterator[dict[str, str]]:
    """The recordings that are heard in a piece, of a project's media, as files for a while: by their sha256."""
    wanted = {sound.sha256 for sound in sounds_of(score).values()}
    files: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="workbench-given-") as folder:
        for number, medium in enumerate(media.values() if wanted else ()):
            path, digest = Path(folder) / str(number), hashlib.sha256()
            with path.open("wb") as file:
                for piece in pieces_of(medium):
                    digest.update(piece)
                    file.write(piece)
            if digest.hexdigest() in wanted:
                files[digest.hexdigest()] = str(path)
            else:
                path.unlink()
        yield files


def _part(path: str | Path, sound: RecordedSound) -> Audio:
    audio = read_part(path, sound.start, sound.start + sound.seconds, "The recording")
    return Audio(audio.samples * np.float32(sound.gain), audio.rate)


def level_of(recording: Audio) -> int:
    """By how much a finished recording is made louder to stand among tracks, in hundredths of a decibel; 0 for none."""
    level = float(np.sqrt(np.mean(np.square(recording.samples, dtype=np.float64)))) if recording.frames else 0.0
    if level < 1e-5:
        return 0
    gain = min(MIX_LEVEL / level, MIX_PEAK / float(np.abs(recording.samples).max()))
    return int(np.clip(np.floor(2_000 * np.log10(gain)), -_FURTHEST, _FURTHEST))
