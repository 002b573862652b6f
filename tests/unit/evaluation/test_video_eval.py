"""The measure of cuts: what counts as found, and that made videos say truly where they are joined."""

from __future__ import annotations

import numpy as np

from workbench.evaluation.video_eval import Outcome, matched, summary
from workbench.evaluation.video_scenes import FPS, HEIGHT, WIDTH, edit


def test_a_cut_serves_one_join_and_only_a_near_one() -> None:
    joins = [(1.0, 1.0), (3.0, 3.6)]
    assert matched([1.02, 3.3], joins) == (2, 0, 0)
    assert matched([1.02, 1.03, 3.3], joins) == (2, 0, 1)
    assert matched([1.2, 3.64], joins) == (1, 1, 1)
    assert matched([], joins) == (0, 2, 0)


def test_the_summary_counts_joins_not_videos() -> None:
    found = summary([Outcome("x", 0, 9, 1, 0), Outcome("x", 1, 0, 0, 2)])
    assert found["F1"] == round(18 / 21, 4)
    assert (found["joins"], found["missed"], found["false"]) == (10, 1, 2)


def test_a_made_video_changes_most_where_it_is_joined() -> None:
    made = edit(3, shots=3, soft=0.0)
    frames = np.stack([frame[::4, ::4] for frame in made.frames()])
    assert frames.shape[1:] == (HEIGHT // 4, WIDTH // 4, 3)
    assert len(frames) == made.count
    change = np.abs(np.diff(frames, axis=0)).mean(axis=(1, 2, 3))
    for start, _ in made.joins:
        place = round(start * FPS) - 1
        assert change[place] > 2 * np.median(change)
