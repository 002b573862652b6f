"""Recursive filters against scipy's, whole, in pieces of any length, and with numbers that change."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import lfilter

from workbench.sound.recursive import Recursive, biquads


@pytest.mark.parametrize(
    ("b", "a"),
    [([0.3], [1, -0.7]), ([2.0, 0.5], [4.0, -1.0, 0.5]), ([1, -2, 1], [1, -1.99, 0.9901]), ([1, 2, 3, 4], [1, 0.2])],
)
@pytest.mark.parametrize("pieces", [[5_000], [1, 2, 61, 64, 65, 2_048, 2_759], [0, 5_000]])
def test_a_filter_goes_on_where_it_stopped(b: list[float], a: list[float], pieces: list[int]) -> None:
    signal = np.random.default_rng(1).normal(size=(2, 5_000)).astype(np.float32)
    own = Recursive(b, a, 2)
    ends = np.cumsum(pieces)
    found = [own.process(signal[:, end - count : end]) for end, count in zip(ends, pieces, strict=True)]
    expected = lfilter(b, a, signal.astype(np.float64))
    np.testing.assert_allclose(np.concatenate(found, axis=1), expected, rtol=0, atol=1e-8 * np.abs(expected).max())


def test_a_filter_whose_numbers_change_with_every_block() -> None:
    random = np.random.default_rng(2)
    signal, blocks = random.normal(size=128 * 40 - 7), 40
    omega = random.uniform(0.02, 1.5, blocks)
    cos, alpha = np.cos(omega), np.sin(omega) / 3
    b = np.stack([(1 - cos) / 2, 1 - cos, (1 - cos) / 2]) / (1 + alpha)
    a = np.stack([1 + alpha, -2 * cos, 1 - alpha]) / (1 + alpha)
    state, expected = np.array([0.25, -0.5]), []
    for block in range(blocks):
        piece, state = lfilter(b[:, block], a[:, block], signal[block * 128 : (block + 1) * 128], zi=state)
        expected.append(piece)
    found, _ = biquads(signal, b, a, np.array([0.25, -0.5]), 128)
    np.testing.assert_allclose(found, np.concatenate(expected), rtol=0, atol=1e-9)
    first, memory = biquads(signal[:2_560], b[:, :20], a[:, :20], np.array([0.25, -0.5]), 128)
    second, _ = biquads(signal[2_560:], b[:, 20:], a[:, 20:], memory, 128)
    np.testing.assert_allclose(np.concatenate([first, second]), found, rtol=0, atol=1e-12)
