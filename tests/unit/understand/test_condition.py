"""What is wrong with a recording is said in a sentence, and nothing is said of a good one."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.errors import BadRequest, Cancelled
from workbench.hub.protocol import CancelScope, CancelToken
from workbench.sound.audio import Audio
from workbench.understand.condition import condition
from workbench.understand.steps import steps

RATE = 22_050


def noise(level: float = 0.1, seconds: float = 3.0, rate: int = RATE) -> Audio:
    samples = level * np.random.default_rng(1).standard_normal((round(seconds * rate), 2))
    return Audio(samples.astype(np.float32), rate)


def band_limited(above: float) -> Audio:
    audio = noise()
    spectrum = np.fft.rfft(audio.samples, axis=0)
    spectrum[int(above * audio.seconds) :] *= 1e-6
    return Audio(np.fft.irfft(spectrum, audio.frames, axis=0).astype(np.float32), RATE)


def test_a_good_recording_gets_no_remark() -> None:
    assert condition(noise()).remarks() == ()


@pytest.mark.parametrize(
    ("audio", "word"),
    [
        (Audio(np.clip(noise(0.5).samples * 4, -1, 1), RATE), "cut off"),
        (Audio(np.clip(noise(0.5).samples, -0.4, 0.4), RATE), "cut off"),
        (noise(0.0015), "quiet"),
        (band_limited(3_400), "telephone"),
        (noise(rate=8_000), "telephone"),
    ],
)
def test_bad_ones_are_named(audio: Audio, word: str) -> None:
    (remark,) = condition(audio).remarks()
    assert word in remark
    assert remark.endswith(".")


@pytest.mark.parametrize(
    ("audio", "word"),
    [
        (Audio(np.zeros((RATE, 2), np.float32), RATE), "silent"),
        (Audio(np.full((RATE, 1), 1e-4, np.float32), RATE), "silent"),
        (Audio(np.full((RATE // 20, 1), 0.5, np.float32), RATE), "shorter"),
        (Audio(np.zeros((0, 1), np.float32), RATE), "shorter"),
    ],
)
def test_what_cannot_be_heard_at_all_is_refused(audio: Audio, word: str) -> None:
    with pytest.raises(BadRequest, match=word):
        condition(audio)


def test_work_that_calls_back_becomes_steps() -> None:
    def work(tell, stopped) -> str:  # type: ignore[no-untyped-def]
        for share in (0.1, 0.1001, 0.5, 2.0):
            tell(share)
        return "made"

    shares, made = [], []

    def follow():  # type: ignore[no-untyped-def]
        made.append((yield from steps(work, CancelToken.never())))

    shares.extend(follow())
    assert made == ["made"]
    assert shares == [0.1, 0.5, 1.0]


def test_stop_ends_the_work_and_its_errors_come_through() -> None:
    scope = CancelScope()
    ended = []

    def work(tell, stopped) -> None:  # type: ignore[no-untyped-def]
        tell(0.2)
        while not stopped():
            pass
        ended.append(1)

    running = steps(work, scope.start())
    assert next(running) == 0.2
    scope.cancel()
    with pytest.raises(Cancelled):
        next(running)
    left = steps(work, CancelToken.never())
    next(left)
    left.close()
    assert ended == [1, 1]

    def broken(tell, stopped) -> None:  # type: ignore[no-untyped-def]
        raise BadRequest("No.")

    with pytest.raises(BadRequest, match="No"):
        next(steps(broken, CancelToken.never()))
