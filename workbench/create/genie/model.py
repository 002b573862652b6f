"""The Genie as a model of the hub: a task of its own, whose request is a list of presses.

A player in a browser or notebook uses :class:`~workbench.create.genie.play.GeniePlayer` or its twin directly; the
hub is for whole lists: the command line, studies and replays, where seed, settings and revision are recorded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from workbench.create.genie.chords import PlayChord
from workbench.create.genie.play import GeniePlayer, chord_spans, perform, read_presses
from workbench.create.genie.rules import GenieSettings
from workbench.errors import Unavailable
from workbench.hub.protocol import Alternative, CancelToken, Model, Partial, Progress, Result
from workbench.hub.spec import ModelSpec
from workbench.hub.tasks.infill.request import Task, register
from workbench.nets.genie_numpy import GenieDecoder
from workbench.score.score import Note

TRACK_ID = "t1"
#: Notes that are handed over at a time.
BATCH = 64


@dataclass(frozen=True)
class GenieRequest:
    """Play a list of presses; arguments as those of :func:`workbench.create.genie.play.decode`, checked at once.

    Raises:
        BadRequest: presses, chords or settings that cannot be.
    """

    presses: Any
    chords: str | Sequence[PlayChord] | None = None
    play: GenieSettings = field(default_factory=GenieSettings)
    document_revision: int = 0

    def __post_init__(self) -> None:
        line = read_presses(self.presses, self.play)
        object.__setattr__(self, "presses", tuple({**asdict(press)} for press in line))
        end = max((press.release for press in line), default=0.0)
        object.__setattr__(self, "chords", tuple(chord_spans(self.chords, end)))

    def inputs(self) -> dict[str, str]:
        """Nothing beside the settings, which hold the presses."""
        return {}

    def settings(self) -> dict[str, Any]:
        """JSON form of everything."""
        chords = [asdict(chord) for chord in self.chords or () if isinstance(chord, PlayChord)]
        return {"task": "genie", "presses": list(self.presses), "chords": chords, "play": asdict(self.play)}


class PianoGenie(Model):
    """Plays with the shipped decoder."""

    _decoder: GenieDecoder | None = None

    def estimate_seconds(self, request: Any) -> float:
        """A quarter of a millisecond a press."""
        return 0.05 + 0.00025 * len(request.presses)

    def prepare(self) -> None:
        """Load the decoder."""
        if self._decoder is None:
            path: Path | None = self.files.get("model.safetensors")
            if path is None:
                raise Unavailable("The Piano Genie's weights are missing; pull the model again.")
            self._decoder = GenieDecoder.load(path)

    def release(self) -> None:
        """Let go of the decoder."""
        self._decoder = None

    def run(self, request: GenieRequest, *, seed: int, cancel: CancelToken) -> Iterator[Progress | Partial | Result]:
        """One alternative, 64 notes at a time."""
        self.prepare()
        player = GeniePlayer(request.play, seed, self._decoder)
        line = read_presses(list(request.presses), request.play)
        batch: list[Note] = []
        for place, note in enumerate(perform(player, line, list(request.chords or ())), start=1):  # type: ignore[arg-type]
            cancel.check()
            batch.append(note)
            if len(batch) == BATCH or place == len(line):
                yield Partial(0, TRACK_ID, tuple(batch))
                yield Progress(place / len(line))
                batch = []


class GenieGuard:
    """What holds for every performance: one note a press, at the press's time, inside the range."""

    def __init__(self, request: GenieRequest, spec: ModelSpec) -> None:
        self.request, self.spec = request, spec
        self._notes: list[Note] = []

    @property
    def full(self) -> bool:
        """Whether every press has its note."""
        return len(self._notes) >= len(self.request.presses)

    def partial(self, partial: Any) -> Partial | None:
        """Keep the notes that are notes; None if there are none."""
        low, high = self.request.play.low, self.request.play.high
        fresh = [note for note in partial.notes if isinstance(note, Note) and low <= note.pitch <= high]
        fresh = fresh[: len(self.request.presses) - len(self._notes)]
        self._notes += fresh
        return Partial(0, TRACK_ID, tuple(fresh)) if fresh else None

    def result(self, result: Result | None, *, seed: int, revision: str) -> tuple[Alternative, ...]:
        """The performance, with all that is needed to make it again."""
        missing = len(self.request.presses) - len(self._notes)
        remarks = (f"{missing} presses have no note, because the model gave none.",) if missing else ()
        return (
            Alternative(
                notes={TRACK_ID: tuple(self._notes)}, seed=seed, settings=self.request.settings(),
                model_id=self.spec.id, revision=revision, remarks=remarks,
            ),
        )  # fmt: skip


GENIE = register(Task("genie", GenieRequest, "workbench.create.genie.model:GenieGuard"))
