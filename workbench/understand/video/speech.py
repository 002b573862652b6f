"""Where somebody talks in the sound of a video: Silero's network where it is on this computer, else a plain rule.

The rule knows what tells talk from music and from wind: syllables, three to eight a second, that rise far above the
gaps between them; a pitch that is there in some frames and not in others, and that glides while it is. It misses
whispering and talk under loud music.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from workbench.errors import Cancelled, WorkbenchError
from workbench.hub.protocol import CancelToken, Result
from workbench.hub.tasks.speech.request import SpeechRequest
from workbench.sound.audio import Audio
from workbench.understand.spans import spans

if TYPE_CHECKING:
    from workbench.hub.hub import Hub

Floats = NDArray[np.float64]

#: The network that hears voices, used only where its file is here already: nothing is fetched by looking at a video.
NETWORK = "silero-vad"
RATE, HOP, SIZE = 16_000, 256, 1_024
FPS = RATE / HOP
#: Seconds over which syllables are counted.
WINDOW = 1.2
_BLOCK = 4_096
#: Doubt that talk must overcome: a band that plays is heard far more often than talk that is as like music as it.
CARE = 0.8
#: Logistic weights of the syllables' depth (dB), of how often voice comes and goes, and of glide; and their middles,
#: between what two recordings of bands and made-up talk gave. There was no recorded talk to fit them to.
WEIGHTS, MIDDLES = np.array([0.25, 2.0, 8.0]), np.array([15.0, 0.5, 0.5])


def speech_spans(
    audio: Audio, *, hub: Hub | None = None, cancelled: Callable[[], bool] | None = None
) -> tuple[tuple[tuple[float, float], ...], bool]:
    """Stretches of talk, (start, end) in seconds from the sound's beginning, and whether the network heard them.

    Raises:
        Cancelled: ``cancelled`` said so.
    """
    heard = _by_network(audio, hub, cancelled)
    if heard is not None:
        return heard, True
    sure = talk(audio, cancelled)
    return tuple((start, end) for start, end, _ in spans(sure, FPS, audio.seconds)), False


def _by_network(
    audio: Audio, hub: Hub | None, cancelled: Callable[[], bool] | None
) -> tuple[tuple[float, float], ...] | None:
    """What Silero's network hears; None where it is not on this computer or may not be used."""
    from workbench.hub.shared import shared_hub
    from workbench.hub.weights.resolve import verify

    hub = hub or shared_hub()
    if NETWORK not in hub.registry:
        return None
    spec = hub.registry.get(NETWORK)
    never = CancelToken.never()
    try:
        if any(state.state not in ("ok", "unpinned") for state in verify(spec, never)):
            return None
        for item in hub.run(NETWORK, SpeechRequest(audio), seed=0, cancel=never):
            if cancelled is not None and cancelled():
                raise Cancelled("Stopped.")
            if isinstance(item, Result) and item.alternatives and not item.fallback_reason:
                rows = item.alternatives[0].value["speech"]
                return tuple((float(row["start"]), float(row["end"])) for row in rows)
    except Cancelled:
        raise
    except WorkbenchError:
        return None
    return None


def talk(audio: Audio, cancelled: Callable[[], bool] | None = None) -> Floats:
    """How likely each frame (62.5 a second) is talk, by the rule: float64 [frames], 0 to 1."""
    sound = audio.resampled(RATE).mono()
    if len(sound) < SIZE:
        return np.zeros(0)
    parts = list(_frames(sound, cancelled))
    level, voiced, pitch = (np.concatenate(column) for column in zip(*parts, strict=True))
    width = int(WINDOW * FPS) | 1
    floor = max(-60.0, float(np.quantile(level, 0.05)))
    loud = level > floor + 8
    smooth = np.convolve(np.pad(level, 2, mode="edge"), np.ones(5) / 5, "valid")
    windows = _windows(smooth, width)
    depth = np.quantile(windows, 0.9, axis=1) - np.quantile(windows, 0.1, axis=1)
    both = voiced & loud
    share = _windows(both.astype(np.float64), width).mean(axis=1)
    changes = _windows(np.abs(np.diff(both.astype(np.float64), prepend=0)), width).sum(axis=1) / WINDOW
    turns = np.clip(changes / 6, 0, 1) * np.clip(share / 0.25, 0, 1) * np.clip((1.0 - share) / 0.1, 0, 1)
    step = np.abs(np.diff(np.log2(pitch), prepend=np.log2(pitch[0]))) * 12
    held = both & np.concatenate([[False], both[:-1]])
    gliding = held & (step > 0.06) & (step < 1.5)
    glide = _windows(gliding.astype(float), width).sum(axis=1) / (_windows(held.astype(float), width).sum(axis=1) + 3)
    odds = (np.stack([np.clip(depth, 0, 25), turns, glide], axis=1) - MIDDLES) @ WEIGHTS - CARE
    sure = 1 / (1 + np.exp(-_windows(odds, width).mean(axis=1)))
    # A window says that talk is about; its own level says when it begins and ends.
    about = _windows(loud.astype(float), int(0.35 * FPS) | 1).max(axis=1)
    return np.asarray(sure * about * np.clip(share / 0.12, 0, 1))


def _windows(values: Floats, width: int) -> Floats:
    """A window about each place, [frames, width], edges repeated."""
    return np.lib.stride_tricks.sliding_window_view(np.pad(values, width // 2, mode="edge"), width)


def _frames(
    sound: NDArray[np.float32], cancelled: Callable[[], bool] | None
) -> Iterator[tuple[Floats, NDArray[np.bool_], Floats]]:
    """In blocks: the level of each frame in dB between 200 and 4,000 Hz, whether it is voiced, and its pitch in Hz."""
    count = (len(sound) - SIZE) // HOP + 1
    window = np.hanning(SIZE).astype(np.float32)
    own = np.fft.irfft(np.abs(np.fft.rfft(window, 2 * SIZE)) ** 2)
    low, high = RATE // 400, RATE // 75
    bins = np.fft.rfftfreq(2 * SIZE, 1 / RATE)
    band, tone = (bins > 200) & (bins < 4_000), (bins > 70) & (bins < 1_600)
    for first in range(0, count, _BLOCK):
        if cancelled is not None and cancelled():
            raise Cancelled("Stopped.")
        rows = min(_BLOCK, count - first)
        part = sound[first * HOP : (first + rows - 1) * HOP + SIZE]
        frames = np.lib.stride_tricks.sliding_window_view(part, SIZE)[::HOP] * window
        power = np.abs(np.fft.rfft(frames, 2 * SIZE, axis=1)) ** 2
        level = 10 * np.log10(power[:, band].sum(axis=1) / SIZE**2 + 1e-10)
        alike = np.fft.irfft(power * tone, axis=1)[:, : high + 1]
        alike /= alike[:, :1] + 1e-9
        alike /= own[: high + 1] / own[0]
        lag = alike[:, low:].argmax(axis=1) + low
        peak = alike[np.arange(rows), lag]
        side = [alike[np.arange(rows), np.clip(lag + by, 0, high)] for by in (-1, 1)]
        bend = np.clip((side[0] - side[1]) / (2 * (side[0] + side[1] - 2 * peak) - 1e-9), -0.5, 0.5)
        yield level, peak > 0.6, RATE / (lag + bend)
