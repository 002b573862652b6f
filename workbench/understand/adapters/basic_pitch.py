"""Basic Pitch (Bittner et al., 2022, arXiv:2203.09893): notes of any instrument from a very small network.

The network is the ONNX file of Spotify's package, run by onnxruntime. It looks at windows of 43,844 samples at
22,050 Hz and says for every 256 samples and each of 88 keys how likely a note sounds and how likely one begins. How
the windows are joined and how notes are read off was written from the paper: windows lie a whole number of frames
apart, so that every frame has an exact time.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import BadFile, Unavailable
from workbench.hub.protocol import Alternative, CancelToken, Model, Partial, Progress, Result, Support
from workbench.hub.tasks.transcribe.request import TranscribeRequest
from workbench.sound.audio import Audio
from workbench.understand.adapters.following import followed, one_network
from workbench.understand.adapters.onnx_session import OnnxNetwork
from workbench.understand.adapters.within import within
from workbench.understand.heard import Heard, HeardNote

RATE, HOP = 22_050, 256
#: Frames a second.
FPS = RATE / HOP
WINDOW, FRAMES, KEYS, LOWEST = 43_844, 172, 88, 21
#: Frames that are thrown away at either end of a window, where the network sees too little.
MARGIN = 15
#: Frames that a window adds.
STEP = FRAMES - 2 * MARGIN - 1
BATCH = 4

#: From these a note begins and goes on, as the model was published.
ONSET, FRAME = 0.5, 0.3
#: A note is longer than this many frames (128 ms), and ends where it was silent for that many.
SHORTEST = PATIENCE = 11

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Event:
    """One note in frames of 256 samples: ``[start, end)``, MIDI ``pitch``, mean frame probability ``strength``."""

    start: int
    end: int
    pitch: int
    strength: float


class BasicPitchNetwork:
    """The loaded network. Raises :class:`BadFile` where the file is another one."""

    INPUT, NOTE, ONSET = "serving_default_input_2:0", "StatefulPartitionedCall:1", "StatefulPartitionedCall:2"

    def __init__(self, path: Path) -> None:
        self._network = OnnxNetwork(path, {self.INPUT: (None, WINDOW, 1)}, (self.NOTE, self.ONSET))

    def blocks(self, audio: Audio) -> Iterator[tuple[float, Floats, Floats]]:
        """Yield ``(share done, note, onset)``, both float32 [frames, 88], window after window, :data:`FPS` a second.

        Frame ``n`` of all of them together lies at ``n / FPS`` seconds; there are ``ceil(seconds * FPS)``.
        """
        sound = audio.resampled(RATE).mono()
        total = math.ceil(len(sound) / HOP)
        for first in range(0, total, STEP * BATCH):
            starts = range(first, min(total, first + STEP * BATCH), STEP)
            windows = np.stack([_window(sound, (start - MARGIN) * HOP) for start in starts])[:, :, None]
            note, onset = self._network.run({self.INPUT: windows})
            if note.shape != (len(windows), FRAMES, KEYS) or onset.shape != note.shape:
                raise BadFile("The network of Basic Pitch gave an answer of another shape; pull it again.")
            kept = slice(MARGIN, MARGIN + STEP)
            left = total - first
            yield (
                min(1.0, (first + STEP * len(starts)) / total),
                _clean(note[:, kept].reshape(-1, KEYS)[:left]), _clean(onset[:, kept].reshape(-1, KEYS)[:left]),
            )  # fmt: skip


def _window(sound: Floats, start: int) -> Floats:
    """The samples from ``start`` on, silence where there are none."""
    out = np.zeros(WINDOW, np.float32)
    low, high = max(0, start), min(len(sound), start + WINDOW)
    if high > low:
        out[low - start : high - start] = sound[low:high]
    return out


def _clean(probabilities: NDArray[Any]) -> Floats:
    return np.asarray(np.clip(np.nan_to_num(probabilities, nan=0.0), 0.0, 1.0), np.float32)


def hear(audio: Audio, network: BasicPitchNetwork) -> Iterator[float | tuple[HeardNote, ...]]:
    """Yield the share of the work done after each block, and last the notes, by start and pitch."""
    notes, onsets = [np.zeros((0, KEYS), np.float32)], [np.zeros((0, KEYS), np.float32)]
    for done, note, onset in network.blocks(audio):
        notes.append(note)
        onsets.append(onset)
        yield done
    events = notes_from(np.concatenate(notes), np.concatenate(onsets))
    yield tuple(
        HeardNote(
            event.start / FPS, event.end / FPS, event.pitch, velocity=max(1, min(127, round(127 * event.strength))),
            confidence=min(1.0, event.strength),
        )
        for event in events
    )  # fmt: skip


def notes_from(note: Floats, onset: Floats, *, begin: float = ONSET, go_on: float = FRAME) -> list[Event]:
    """Read notes off the two arrays [frames, 88], by start and pitch.

    A note begins at a peak of the onsets (or of a sudden rise of the notes) and lasts while the key's probability
    stays above ``go_on``, gaps shorter than :data:`PATIENCE` frames included. What it takes is taken from its
    neighbours a semitone away too. Then whatever still sounds strongly without an onset becomes notes, strongest first.
    """
    frames = len(note)
    if frames < 3:
        return []
    starts = _with_rises(onset, note)
    left = note.copy()
    events = []
    middle = starts[1:-1]
    peaks = (middle > starts[:-2]) & (middle > starts[2:]) & (middle >= begin)
    for before, key in np.argwhere(peaks)[::-1]:
        start = int(before) + 1
        end = _lasts(left[start + 1 : frames - 1, key], go_on) + start + 1
        if end - start > SHORTEST:
            _take(left, start, end, key)
            events.append(Event(start, end, int(key) + LOWEST, float(note[start:end, key].mean())))
    flat = np.flatnonzero(left > go_on)
    for place in flat[np.argsort(-left.reshape(-1)[flat], kind="stable")]:
        top, key = divmod(int(place), KEYS)
        if left[top, key] <= go_on:
            continue
        after, taken_after = _lasts_and_reached(left[top + 1 : frames - 1, key], go_on)
        ahead, taken_before = _lasts_and_reached(left[1:top, key][::-1], go_on)
        start, end = top - ahead, top + after
        left[top, key] = 0.0
        _take(left, top - taken_before, top, key)
        _take(left, top + 1, top + 1 + taken_after, key)
        if end - start > SHORTEST:
            events.append(Event(start, end, key + LOWEST, float(note[start:end, key].mean())))
    return sorted(events, key=lambda event: (event.start, event.pitch))


def _with_rises(onset: Floats, note: Floats) -> Floats:
    """Onsets, and where ``note`` rises within one and two frames, scaled to the strongest onset."""
    rise = np.zeros_like(note)
    rise[2:] = np.maximum(0.0, np.minimum(note[2:] - note[1:-1], note[2:] - note[:-2]))
    highest = float(rise.max())
    return np.maximum(onset, rise * (float(onset.max()) / highest)) if highest > 0 else onset


def _lasts_and_reached(column: Floats, go_on: float) -> tuple[int, int]:
    """``(frames a note lasts, frames looked at)`` from the start of ``column`` on."""
    silent = 0
    for place, value in enumerate(column):
        silent = silent + 1 if value < go_on else 0
        if silent == PATIENCE:
            return place + 1 - silent, place + 1
    return len(column) - silent, len(column)


def _lasts(column: Floats, go_on: float) -> int:
    return _lasts_and_reached(column, go_on)[0]


def _take(left: Floats, start: int, end: int, key: int) -> None:
    left[start:end, max(0, key - 1) : key + 2] = 0.0


class BasicPitch(Model):
    """Adapter of Basic Pitch for the hub: notes alone."""

    _network: BasicPitchNetwork | None = None

    def prepare(self) -> None:
        """Load the network; raises :class:`BadFile` if it is another one."""
        if self._network is None:
            found = one_network(self.files, self.spec.id)
            self._network = BasicPitchNetwork(found)

    def release(self) -> None:
        """Let go of the network."""
        self._network = None

    def support(self, request: TranscribeRequest) -> Support:
        """Any recording, but neither drums nor a tuning of the singer's own."""
        if request.kind == "singing" and request.tuning != "as sung":
            return Support.partial("This model hears notes of the piano's tuning; the singer's own is not looked at.")
        return Support.full()

    def estimate_seconds(self, request: TranscribeRequest) -> float:
        """Wall-clock seconds on a laptop core."""
        return 0.5 + 0.04 * float(request.audio.seconds)

    def run(
        self, request: TranscribeRequest, *, seed: int, cancel: CancelToken
    ) -> Iterator[Progress | Partial | Result]:
        """Yield progress, then the notes."""
        self.prepare()
        if self._network is None:
            raise Unavailable("The model was unloaded while it was needed; try again.")
        audio: Audio = request.audio
        notes: tuple[HeardNote, ...] = yield from followed(hear(audio, self._network), cancel, (), share=0.95)
        value = Heard(audio.seconds, notes=within(notes, audio.seconds)).to_json()
        yield Result((Alternative(value={name: value[name] for name in ("duration", "notes")}),))
