"""The parts of a piece by how it resembles itself: where something new begins, and what comes back.

Bars are compared with bars, by harmony (in order within the bar), register, drums and loudness. A part begins where a
checkerboard over the similarities finds two blocks (Foote, "Automatic audio segmentation using a measure of audio
novelty", ICME 2000) or where a repetition begins or ends (the lag structure of Serra et al., 2014); the best division
into parts is found by dynamic programming with a liking for 4, 8 and 16 bars. Parts that can be laid over each other
get the same letter, after McFee and Ellis ("Analyzing song structure with spectral clustering", ISMIR 2014).
"""

from __future__ import annotations

import string
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from workbench.understand.heard import Beats, HeardSection

if TYPE_CHECKING:
    from workbench.understand.frames import Frames

Array = NDArray[np.float64]
#: Parts of a bar that harmony is told apart in.
STEPS = 4
#: Bars that the checkerboard sees on either side, and the longest part in bars.
SIDE, LONGEST = 8, 24
#: What a boundary costs; what a part of so many bars is liked, others of an even or odd number.
COST, LIKED, EVEN, ODD = 1.2, {4: 0.6, 8: 1.2, 12: 0.6, 16: 1.0}, -0.4, -1.0
#: Parts whose bars resemble each other at least this much have the same letter.
ALIKE = 0.6
#: Fewest bars that can have parts.
FEWEST = 4


def sections_of(frames: Frames, beats: Beats) -> tuple[HeardSection, ...]:
    """The parts of a recording, each with a letter and how surely it begins there.

    Args:
        frames: what the listening network heard.
        beats: its beats; parts begin on downbeats. Without downbeats, every ``metre``-th beat is taken for one, and
            without beats every two seconds.

    Returns:
        Parts that follow each other from the first to the end of the music; one part ``A`` where there are fewer than
        four bars; nothing for silence.
    """
    seconds = frames.duration
    bars = bar_lines(beats, seconds)
    harmony, sound = bar_features(frames, bars)
    found = parts(harmony, sound)
    return tuple(
        HeardSection(float(bars[start]), float(bars[end]), letter, round(sure, 3))
        for start, end, letter, sure in found
        if bars[end] - bars[start] > 0.01
    )


def bar_lines(beats: Beats, seconds: float) -> Array:
    """Where bars begin, and the end of the last: float64 [bars + 1], seconds."""
    lines = list(beats.downbeats)
    if len(lines) < FEWEST:
        lines = list(beats.beats[:: beats.metre])
    if len(lines) < FEWEST:
        lines = np.arange(0.0, max(seconds, 0.02), 2.0).tolist()
    step = float(np.median(np.diff(lines))) if len(lines) > 1 else seconds
    if lines[0] > 0.5 * step:
        lines = [0.0, *lines]
    else:
        lines[0] = 0.0
    while seconds - lines[-1] > 1.5 * step:
        lines.append(lines[-1] + step)
    if seconds - lines[-1] < 0.5 * step and len(lines) > 1:
        lines[-1] = seconds
    else:
        lines.append(seconds)
    return np.array(lines)


def bar_features(frames: Frames, bars: Array) -> tuple[Array, Array]:
    """What bars are compared by.

    Returns:
        harmony: [bars, STEPS * 12], pitch classes in the parts of each bar; sound: [bars, 8 + 6 + 2], octaves, drums,
        how many notes begin, and loudness in tens of decibels.
    """
    frame = np.asarray(frames.frame, np.float32)
    classes = np.zeros((len(frame), 12), np.float32)
    for key in range(frame.shape[1]):
        classes[:, (key + 21) % 12] += frame[:, key]
    octaves = np.add.reduceat(frame, np.arange(0, 88, 12), axis=1)
    rows = np.concatenate(
        [
            octaves, np.asarray(frames.drums, np.float32) * 4,
            np.asarray(frames.onset, np.float32).sum(axis=1, keepdims=True) * 2,
            np.asarray(frames.level, np.float32)[:, None] / 10,
        ],
        axis=1,
    )  # fmt: skip
    finer = np.interp(np.arange((len(bars) - 1) * STEPS + 1) / STEPS, np.arange(len(bars)), bars)
    harmony = _means(classes, finer, frames.fps).reshape(len(bars) - 1, STEPS * 12)
    return harmony, _means(rows, bars, frames.fps)


def _means(rows: NDArray[np.float32], lines: Array, fps: float) -> Array:
    """The mean row between each two lines (seconds): float64 [lines - 1, columns]."""
    total = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0, dtype=np.float64)])
    places = np.clip(np.round(lines * fps).astype(int), 0, len(rows))
    count = np.maximum(1, np.diff(places))[:, None]
    return np.asarray((total[places[1:]] - total[places[:-1]]) / count)


def similarity(harmony: Array, sound: Array) -> tuple[Array, Array]:
    """How alike bars are: [bars, bars] by harmony in order, -1 to 1, and by sound, 0 to 1."""
    centred = harmony - harmony.mean(axis=0)
    centred /= np.linalg.norm(centred, axis=1, keepdims=True) + 1e-6
    spread = sound.std(axis=0)
    scaled = sound / np.maximum(spread, 0.25 * float(spread.max(initial=0.0)) + 1e-6)
    far = ((scaled[:, None] - scaled[None]) ** 2).sum(axis=2)
    middle = float(np.median(far)) if len(far) > 1 else 1.0
    return centred @ centred.T, np.exp(-far / max(1e-6, middle))


def novelty(harmony: Array, sound: Array) -> Array:
    """How much each bar begins something new, in standard deviations above the mean: float64 [bars]."""
    bars = len(harmony)
    side = min(SIDE, max(1, bars // 2))
    taper = np.exp(-0.5 * ((np.arange(-side, side) + 0.5) / (0.5 * side)) ** 2)
    sign = np.sign(np.arange(-side, side) + 0.5)
    kernel = np.outer(taper * sign, taper * sign)
    out = np.zeros(bars)
    for matrix, weight in ((harmony, 0.5), (sound, 1.0)):
        padded = np.pad(matrix, side, mode="reflect") if bars > side else np.pad(matrix, side, mode="edge")
        curve = np.array([(padded[bar : bar + 2 * side, bar : bar + 2 * side] * kernel).sum() for bar in range(bars)])
        out += weight * _standard(np.maximum(curve, 0.0))
    out += 0.8 * _standard(_repeats(harmony))
    return _standard(out)


def _repeats(harmony: Array) -> Array:
    """How much the repetitions that a bar is part of begin or end there: [bars]."""
    bars = len(harmony)
    lagged = np.zeros((bars, bars))
    for bar in range(bars):
        lagged[bar] = harmony[bar, (bar + np.arange(bars)) % bars]
    lagged = np.maximum(lagged, 0.0) ** 2
    width = 3
    before = np.stack([lagged[np.maximum(0, np.arange(bars) - 1 - k)] for k in range(width)]).mean(axis=0)
    after = np.stack([lagged[np.minimum(bars - 1, np.arange(bars) + k)] for k in range(width)]).mean(axis=0)
    change = np.linalg.norm(after - before, axis=1)
    change[0] = 0.0
    return np.asarray(change)


def _standard(values: Array) -> Array:
    return np.asarray((values - values.mean()) / (values.std() + 1e-9))


def parts(harmony: Array, sound: Array) -> list[tuple[int, int, str, float]]:
    """Parts as (first bar, bar after the last, letter, confidence of its beginning) from features of bars."""
    bars = len(harmony)
    if bars < FEWEST:
        return [(0, bars, "A", 1.0)] if bars else []
    alike, same_sound = similarity(harmony, sound)
    new = novelty(alike, same_sound)
    lines = divided(new)
    letters = lettered(lines, alike, same_sound)
    out = []
    for start, end, letter in zip(lines[:-1], lines[1:], letters, strict=True):
        sure = 1.0 if start == 0 else float(1 / (1 + np.exp(-(new[start] - 0.7))))
        out.append((start, end, letter, sure))
    return out


def divided(new: Array) -> list[int]:
    """The bars at which parts begin, with the end: the division that novelty and the liking of lengths favour most."""
    bars = len(new)
    best = np.full(bars + 1, -np.inf)
    came = np.zeros(bars + 1, int)
    best[0] = 0.0
    for end in range(1, bars + 1):
        for start in range(max(0, end - LONGEST), end):
            length = end - start
            # A beginning before the first downbeat and an ending may be of any length.
            free = start == 0 or end == bars
            liked = LIKED.get(length, EVEN if length % 2 == 0 else ODD) - (0.8 if length < 4 and not free else 0.0)
            score = best[start] + (max(liked, -0.2) if free else liked)
            if end < bars:
                score += float(new[end]) - COST
            if score > best[end]:
                best[end], came[end] = score, start
    lines = [bars]
    while lines[-1]:
        lines.append(int(came[lines[-1]]))
    return lines[::-1]


def lettered(lines: list[int], alike: Array, same_sound: Array) -> list[str]:
    """A letter a part, in the order of their first appearance; the same for parts that resemble each other."""
    spans = list(pairwise(lines))
    names: list[str] = []
    firsts: list[list[tuple[int, int]]] = []
    for span in spans:
        scores = [np.mean([_resemble(span, other, alike, same_sound) for other in group]) for group in firsts]
        if scores and max(scores) >= ALIKE:
            which = int(np.argmax(scores))
        else:
            which = len(firsts)
            firsts.append([])
        firsts[which].append(span)
        letters = string.ascii_uppercase
        names.append(letters[which % 26] + (str(which // 26 + 1) if which >= 26 else ""))
    return names


def _resemble(one: tuple[int, int], other: tuple[int, int], alike: Array, same_sound: Array) -> float:
    """How well two parts can be laid over each other, about 0 to 1: harmony bar by bar, and the sound."""
    (a, b), (c, d) = one, other
    short, long = sorted((b - a, d - c))
    if long > 2 * short + 1:
        return 0.0
    if b - a > d - c:
        (a, b), (c, d) = (c, d), (a, b)
    best = max(float(np.mean([alike[a + k, c + shift + k] for k in range(short)])) for shift in range(long - short + 1))
    return 0.75 * best + 0.25 * float(same_sound[a:b, c:d].mean()) + 0.15
