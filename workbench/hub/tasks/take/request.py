"""What can be asked of a model that makes another recording of a piece, from words and perhaps from its tune."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.errors import BadRequest
from workbench.hub.tasks.base import TaskRequest
from workbench.hub.tasks.recordings import samples_hash

#: Shortest and longest take, in seconds.
SECONDS = (1.0, 30.0)
MAX_WORDS = 1_000
RATES = (8_000, 192_000)


@dataclass(frozen=True)
class TakeRequest(TaskRequest):
    """Make a recording.

    Attributes:
        words: what it is to be like, 1 to 1,000 characters.
        seconds: how long it is, 1 to 30.
        melody: ``workbench.sound.Audio`` whose tune it follows, or None.
        piece: ``workbench.sound.Audio`` of the piece that it is another take of, as the workbench plays it, or None.
        rate: sample rate of the answer, in Hz.
    """

    words: str
    seconds: float
    melody: Any = None
    piece: Any = None
    rate: int = 44_100
    document_revision: int = 0

    def __post_init__(self) -> None:
        if not isinstance(self.words, str) or not self.words.strip() or len(self.words) > MAX_WORDS:
            raise BadRequest(f"Say in 1 to {MAX_WORDS:,} characters what the recording shall be like.")
        if type(self.seconds) not in (int, float) or not SECONDS[0] <= self.seconds <= SECONDS[1]:
            raise BadRequest(f"A take of a model is {SECONDS[0]:g} to {SECONDS[1]:g} seconds long.")
        if type(self.rate) is not int or not RATES[0] <= self.rate <= RATES[1]:
            raise BadRequest(f"The sample rate of a take is {RATES[0]:,} to {RATES[1]:,} Hz.")

    @property
    def frames(self) -> int:
        """How many samples the answer has."""
        return round(self.seconds * self.rate)

    def inputs(self) -> dict[str, str]:
        """The tune and the piece by the sha256 of their samples, where there are any."""
        given = {"melody": self.melody, "piece": self.piece}
        return {name: samples_hash(sound) for name, sound in given.items() if sound is not None}

    def settings(self) -> dict[str, Any]:
        """JSON form of everything but the sounds."""
        return {"task": "take", "words": self.words, "seconds": self.seconds, "rate": self.rate}
