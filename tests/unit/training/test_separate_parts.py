"""What the splitting network is taught with: parts of scenes, and a loss that measures what is heard."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.training.separate_scenes import bass_line, lowest


def rows(*notes: tuple[float, float, int]) -> np.ndarray:
    return np.array([(start, end, pitch, 80, 0) for start, end, pitch in notes], np.float32)


def test_the_lowest_line_of_chords_becomes_a_bass_of_one_voice() -> None:
    notes = rows((0, 1, 48), (0.01, 1, 60), (0, 1, 64), (0.5, 2, 43), (0.5, 2, 67), (1.5, 2, 72))
    low = lowest(notes[np.argsort(notes[:, 0], kind="stable")])
    assert low.sum() == 2  # the last chord has nothing below middle C
    line = bass_line(notes[[0, 3]], np.random.default_rng(0))
    assert ((line[:, 2] >= 28) & (line[:, 2] <= 51)).all()
    assert {int(pitch) % 12 for pitch in line[:, 2]} == {0, 7}
    assert line[0, 1] <= line[1, 0]
    assert set(line[:, 4]) <= set(range(32, 40))


def test_the_loss_falls_as_shares_come_closer_and_bears_silence() -> None:
    torch = pytest.importorskip("torch")
    from workbench.training.separate_mix import LENGTH, analysed
    from workbench.training.separate_train import losses

    rng, time = np.random.default_rng(1), np.arange(LENGTH) / 44_100
    stems = np.stack([rng.normal(0, 0.05, LENGTH) * (time % 0.5 < 0.05), 0.1 * np.sin(2 * np.pi * 55 * time),
                      0.1 * np.sin(2 * np.pi * 880 * time)]).astype(np.float32)  # fmt: skip
    mixes = [analysed(stems, False, rng), analysed(np.zeros_like(stems), False, rng)]
    names = ("inputs", "power", "inner", "energy")
    y = {name: torch.from_numpy(np.stack([getattr(mix, name) for mix in mixes])) for name in names}
    right = (y["inner"] / y["power"][:, None].clamp(min=1e-12)).clamp(1e-4, 1).log()
    good, gains, _ = losses(right, y)
    even, _, _ = losses(torch.zeros_like(right), y)
    assert torch.isfinite(good)
    assert good < even - 0.5
    assert gains.min() > 10  # decibels
