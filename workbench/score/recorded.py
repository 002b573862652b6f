"""Tracks that sound as they were recorded: a piece's facts name the recording, and whether it or the notes are heard.

The fact ``sound.<track id>`` of a score is one line, ``<sha256> <start> <length> <gain> recorded|notes``: the file by
the hash of its content, where in it the sound begins and how long it lasts (milliseconds), how much louder it is played
(hundredths of a decibel), and what the track sounds as. The sound begins where the score does. The file itself lies on
the page's shelf, and in a project among its media.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from workbench.score.score import Score

#: What the names of such facts begin with.
FACT = "sound."
_LINE = re.compile(r"([0-9a-f]{64}) (\d{1,9}) (\d{1,9}) (-?\d{1,4}) (recorded|notes)\Z")


@dataclass(frozen=True, slots=True)
class RecordedSound:
    """The recording behind a track.

    ``sha256``: of the file. ``start_ms``, ``length_ms``: the part of it, in milliseconds. ``gain_cb``: hundredths of a
    decibel. ``heard``: the recording sounds; otherwise the track's notes do.
    """

    sha256: str
    start_ms: int
    length_ms: int
    gain_cb: int = 0
    heard: bool = True

    @property
    def start(self) -> float:
        """Where in the file it begins, in seconds."""
        return self.start_ms / 1_000

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.length_ms / 1_000

    @property
    def gain(self) -> float:
        """Linear."""
        return float(10 ** (self.gain_cb / 2_000))

    def line(self) -> str:
        """As it stands in the piece's facts."""
        state = "recorded" if self.heard else "notes"
        return f"{self.sha256} {self.start_ms} {self.length_ms} {self.gain_cb} {state}"

    @classmethod
    def read(cls, line: str) -> RecordedSound | None:
        """The sound that a fact names, None where it names none."""
        found = _LINE.match(line)
        if found is None:
            return None
        digest, start, length, gain, state = found.groups()
        return cls(digest, int(start), int(length), int(gain), state == "recorded")


def sounds_of(score: Score, *, heard_only: bool = True) -> dict[str, RecordedSound]:
    """The recordings behind a piece's tracks, by the tracks' ids, in the order of the tracks.

    Args:
        score: the piece.
        heard_only: leave out those whose notes are heard instead.
    """
    found = ((track.id, RecordedSound.read(score.meta.get(FACT + track.id, ""))) for track in score.tracks)
    return {own: sound for own, sound in found if sound is not None and (sound.heard or not heard_only)}


def with_sound(score: Score, track_id: str, sound: RecordedSound) -> None:
    """Let a track of a score that is being made sound as it was recorded; raises :class:`BadDocument` without it."""
    score.track(track_id)
    score.meta = {**score.meta, FACT + track_id: sound.line()}


def as_notes(score: Score, track_id: str) -> dict[str, str]:
    """The piece's facts with a track's notes heard in place of its recording."""
    sound = sounds_of(score, heard_only=False)[track_id]
    return {**score.meta, FACT + track_id: replace(sound, heard=False).line()}
