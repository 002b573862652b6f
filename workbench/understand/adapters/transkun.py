"""Transkun for solo piano: the most exact notes there are here, and the slowest (:mod:`workbench.nets.transkun`).

Sound is heard in windows of sixteen seconds, eight apart; of each the notes count that begin in its middle, and one
that sounds beyond its end is followed into the next.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from workbench.errors import Unavailable
from workbench.hub.protocol import Alternative, CancelToken, Model, Partial, Progress, Result, Support
from workbench.hub.tasks.transcribe.request import TranscribeRequest
from workbench.sound.audio import Audio
from workbench.understand.adapters.following import followed
from workbench.understand.adapters.tensors import read_tensors
from workbench.understand.adapters.within import within
from workbench.understand.heard import Heard, HeardNote

if TYPE_CHECKING:
    from workbench.nets.transkun import Transkun

#: Seconds of a window, and from one to the next; notes count from ``MARGIN`` on.
WINDOW, STEP = 16.0, 8.0
MARGIN = (WINDOW - STEP) / 2
_SHORTEST = 0.01


def hear(audio: Audio, network: Transkun) -> Iterator[float | tuple[HeardNote, ...]]:
    """Yield the share of the work done after each window, and last the notes, by start and pitch."""
    from workbench.nets.transkun import RATE

    sound = np.ascontiguousarray(audio.resampled(RATE).samples.T)
    size, step = round(WINDOW * RATE), round(STEP * RATE)
    starts = range(-round(MARGIN * RATE), max(1, sound.shape[1] - round(MARGIN * RATE)), step)
    done: list[HeardNote] = []
    still: dict[int, HeardNote] = {}  # by pitch: what sounded on at the end of the window before
    for number, start in enumerate(starts):
        low, high = max(0, start), min(sound.shape[1], start + size)
        piece = np.zeros((sound.shape[0], size), np.float32)
        piece[:, low - start : high - start] = sound[:, low:high]
        offset = start / RATE
        begin = 0.0 if number == 0 else offset + MARGIN
        last = number + 1 == len(starts)
        end = np.inf if last else offset + MARGIN + STEP
        following: dict[int, HeardNote] = {}
        for note, open_end in _notes(network, piece, offset):
            held = still.get(note.pitch)
            if held is not None and note.start < held.end - 0.05 and note.start < begin:
                note, starts_here = _held(held, note.end), True
                del still[note.pitch]
            else:
                starts_here = begin <= note.start < end
            if starts_here and open_end and not last:
                following[note.pitch] = note
            elif starts_here:
                done.append(note)
        done += still.values()
        still = following
        yield (number + 1) / len(starts)
    yield tuple(sorted((*done, *still.values()), key=lambda note: (note.start, note.pitch)))


def _held(note: HeardNote, end: float) -> HeardNote:
    return HeardNote(note.start, max(note.end, end), note.pitch, note.velocity, note.confidence)


def _notes(network: Transkun, piece: NDArray[np.float32], offset: float) -> Iterator[tuple[HeardNote, bool]]:
    """Notes of one window, and whether each sounds on at its end; ``offset``: seconds at which the window begins."""
    import torch

    from workbench.nets.transkun import HOP, RATE, ROWS, best_intervals

    if not np.abs(piece).max(initial=0.0) > 0:
        return
    with torch.inference_mode():
        context = network.hear(torch.from_numpy(piece))
        for row, pitch in enumerate(ROWS):
            if pitch < 0:  # the pedals are heard, but lengths are those of the keys
                continue
            score = np.nan_to_num(network.score(context[row]).numpy())
            spans = best_intervals(score, 0)
            if not spans:
                continue
            first, final = (context[row, [span[side] for span in spans]] for side in (0, 1))
            velocity, shift, inside = (part.numpy() for part in network.attributes(first, final))
            before = 0.0
            for place, (b, e) in enumerate(spans):
                start = max(before, offset + (b + float(shift[place, 0])) * HOP / RATE, 0.0)
                before = max(start + _SHORTEST, offset + (e + float(shift[place, 1])) * HOP / RATE)
                sure = float(1 / (1 + np.exp(-np.clip(score[e, b], -30, 30))))
                note = HeardNote(start, before, pitch, min(127, max(1, int(velocity[place]))), sure)
                yield note, e >= len(score) - 2 and not inside[place, 1]


class TranskunPiano(Model):
    """Adapter of Transkun for the hub: the notes of a piano."""

    _network: Transkun | None = None

    def prepare(self) -> None:
        """Load the weights; raises :class:`BadFile` if they are of another kind."""
        if self._network is None:
            from workbench.nets.transkun import Transkun

            self._network = Transkun(read_tensors(p for n, p in self.files.items() if n.endswith(".safetensors")))

    def release(self) -> None:
        """Let go of the weights."""
        self._network = None

    def support(self, request: TranscribeRequest) -> Support:
        """It knows the piano and nothing else."""
        if request.kind == "singing":
            return Support.no("This model hears pianos; choose another for singing.")
        if request.kind == "band":
            return Support.partial("This model hears pianos; of a band it writes down what sounds like one.")
        return Support.full()

    def estimate_seconds(self, request: TranscribeRequest) -> float:
        """Wall-clock seconds on a laptop core."""
        return 3.0 + 1.1 * float(request.audio.seconds)

    def run(
        self, request: TranscribeRequest, *, seed: int, cancel: CancelToken
    ) -> Iterator[Progress | Partial | Result]:
        """Yield progress a window, then the notes."""
        self.prepare()
        if self._network is None:
            raise Unavailable("The model was unloaded while it was needed; try again.")
        audio: Audio = request.audio
        notes: tuple[HeardNote, ...] = yield from followed(hear(audio, self._network), cancel, ())
        value = Heard(audio.seconds, notes=within(notes, audio.seconds), kind="piano").to_json()
        yield Result((Alternative(value={name: value[name] for name in ("duration", "notes", "kind")}),))
