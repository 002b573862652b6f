"""Motion without the camera's own, moments where nothing is cut, and a mood that follows light and motion."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.unit.understand.video.clips import HEIGHT, WIDTH, scene
from workbench.evaluation.video_scenes import resized
from workbench.understand.video.moments import APART, FROM_CUT, moments
from workbench.understand.video.mood import mood
from workbench.understand.video.motion import Step, motion_curve, movement

PLACE = resized(scene(4).mean(axis=2).astype(np.float32), 200, 300)


def seen(down: float, right: float, *, thing: float | None = None, gain: float = 1.0) -> NDArray[np.float32]:
    """A place filmed from (down, right), with a bright thing at ``thing`` pixels from the left."""
    rows, columns = np.mgrid[: HEIGHT // 2, : WIDTH // 2]
    y, x = rows + 60 + down, columns + 90 + right
    i, j = np.floor(y).astype(int), np.floor(x).astype(int)
    a, b = y - i, x - j
    top = PLACE[i, j] * (1 - b) + PLACE[i, j + 1] * b
    out = top * (1 - a) + (PLACE[i + 1, j] * (1 - b) + PLACE[i + 1, j + 1] * b) * a
    if thing is not None:
        out[(rows - 24) ** 2 + (columns - thing) ** 2 < 81] = 240
    return np.asarray(out * gain, np.float32)


@pytest.mark.parametrize(("down", "right"), [(1.5, 0.7), (-4.0, 6.0), (0.3, -9.4)])
def test_the_cameras_own_movement_is_taken_away(down: float, right: float) -> None:
    moved, camera = movement(seen(0, 0), seen(down, right))
    assert camera == pytest.approx(np.hypot(down, right), abs=0.5)
    assert moved < 0.05


def test_what_moves_by_itself_is_left_however_the_camera_shakes() -> None:
    shaken, camera = movement(seen(0, 0, thing=30), seen(3, -4, thing=38))
    near, _ = movement(seen(0, 0, thing=30), seen(0, 0, thing=32))
    far, _ = movement(seen(0, 0, thing=30), seen(0, 0, thing=38))
    assert camera == pytest.approx(5, abs=0.7)
    assert far > near > 0.02
    assert shaken > near


def test_a_change_of_exposure_is_no_motion() -> None:
    moved, _ = movement(seen(0, 0), seen(1, 1, gain=0.8))
    assert moved < 0.05


def test_no_motion_is_taken_across_a_cut() -> None:
    steps = [Step(i / 10, (i + 1) / 10, 5.0 if i == 10 else 0.01, 0.0) for i in range(20)]
    assert max(value for _, value in motion_curve(steps, ())) > 0.5
    assert max(value for _, value in motion_curve(steps, (1.05,))) < 0.3


def test_moments_are_peaks_changes_of_light_and_beginnings_of_speech_well_apart() -> None:
    times = np.arange(0, 40, 0.1)
    motion = 0.1 + 0.7 * np.exp(-(((times - 8) / 0.4) ** 2)) + 0.4 * np.exp(-(((times - 9) / 0.3) ** 2))
    light = np.where(times < 20, 0.3, 0.6)
    found = moments(
        list(zip(times, motion, strict=True)), list(zip(times, light, strict=True)), [(30.0, 33.0)], (15.0,), 40.0
    )
    for due in (8.0, 20.0, 30.0):
        assert min(abs(time - due) for time in found) < 0.3
    assert all(after - before >= APART for before, after in pairwise(found))
    assert all(abs(time - 15.0) >= FROM_CUT for time in found)
    assert moments([(t, 0.2) for t in times], [(t, 0.5) for t in times], (), (), 40.0) == ()


def test_the_mood_follows_light_colour_and_motion() -> None:
    night = mood([0.05] * 9, [0.1] * 9, [(0.1, -0.3)] * 9, 0.0)
    party = mood([0.7] * 9, [0.7] * 9, [(0.5, 0.3)] * 9, 30.0)
    assert night["dark"] > 0.7 > 0.3 > night["energetic"]
    assert party["energetic"] > 0.8 > 0.2 > party["sad"]
    assert night["cool"] > night["warm"]
    assert all(0 <= value <= 1 for value in (*night.values(), *party.values()))
