"""The small copy for the page: upright, on the same clock, small, and easy to jump about in."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from tests.unit.understand.video.clips import clip
from workbench.errors import BadFile, Cancelled
from workbench.understand.video.proxy import proxy
from workbench.understand.video.watch import watch


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_it_stands_upright_whatever_the_phone_did(tmp_path: Path, rotation: int) -> None:
    corner = np.full((96, 160, 3), 40, np.uint8)
    corner[:24, :40] = 230  # upper left as stored
    path = clip(tmp_path / "x.mp4", frames=[corner] * 10, rotation=rotation)
    with av.open(str(proxy(path, tmp_path / "small"))) as container:
        frame = next(container.decode(video=0))
        shown = frame.to_ndarray(format="gray")
    assert frame.rotation == 0
    assert shown.shape == ((96, 160) if rotation % 180 == 0 else (160, 96))
    bright = {0: shown[:20, :20], 90: shown[:20, -20:], 180: shown[-20:, -20:], 270: shown[-20:, :20]}
    assert bright[rotation].mean() > 180
    assert shown.mean() < 80


def test_it_keeps_the_clock_of_what_was_seen(tmp_path: Path) -> None:
    path = clip(tmp_path / "x.mkv", codec="libx265", shots=3, uneven=True, start=1.5)
    small = proxy(path, tmp_path / "small")
    assert watch(small).cuts == pytest.approx(watch(path).cuts, abs=0.04)
    with av.open(str(small)) as container:
        stream = container.streams.video[0]
        assert not stream.start_time
        assert stream.codec_context.name == "h264"
        keys = [float(one.pts * stream.time_base) for one in container.demux(stream) if one.is_keyframe]
    assert max(np.diff(keys)) < 1.0


def test_a_large_picture_becomes_small(tmp_path: Path) -> None:
    wide = np.random.default_rng(0).integers(0, 255, (72, 128, 3)).repeat(10, 0).repeat(10, 1).astype(np.uint8)
    with av.open(str(proxy(clip(tmp_path / "x.mp4", frames=[wide] * 4), tmp_path / "y.mp4"))) as container:
        assert (container.streams.video[0].width, container.streams.video[0].height) == (640, 360)


def test_failures_leave_nothing(tmp_path: Path) -> None:
    path = clip(tmp_path / "x.mp4")
    with pytest.raises(Cancelled):
        proxy(path, tmp_path / "y.mp4", cancelled=lambda: True)
    (tmp_path / "z.mp4").write_bytes(b"nothing" * 99)
    with pytest.raises(BadFile):
        proxy(tmp_path / "z.mp4", tmp_path / "y.mp4")
    assert {one.name for one in tmp_path.iterdir()} == {"x.mp4", "z.mp4"}


def test_it_sounds_as_the_video_does_and_when_it_does(tmp_path: Path) -> None:
    sound = np.zeros((96_000, 2), np.float32)
    sound[48_000:50_400] = 0.5 * np.sin(np.arange(2_400)[:, None] * 0.2)  # a beep after one second
    path = clip(tmp_path / "x.mp4", seconds=1.0, shots=2, codec="libx265", sound=sound)
    small = proxy(path, tmp_path / "small")
    for file in (path, small):
        with av.open(str(file)) as container:
            frames = list(container.decode(audio=0))
        assert frames[0].time is not None
        heard = np.concatenate([np.abs(frame.to_ndarray()).max(0) for frame in frames])
        begins = float(frames[0].time) + int(np.argmax(heard > 0.1)) / frames[0].sample_rate
        assert begins == pytest.approx(1.0, abs=0.03)


def test_sound_before_the_first_picture_is_left_out(tmp_path: Path) -> None:
    sound = np.full((72_000, 2), 0.2, np.float32)
    path = clip(tmp_path / "x.mkv", sound=sound, start=0.5)
    with av.open(str(proxy(path, tmp_path / "small"))) as container:
        times = [frame.time for frame in container.decode(audio=0)]
    assert times[0] == pytest.approx(0.0, abs=0.05)
    assert times[-1] == pytest.approx(1.0, abs=0.1)
