"""Edited test videos of which every join is known: procedural shots as phones make them, and pieces of a real film.

A shot is one of: a textured view under a moving, shaking or zooming hand camera; things that move before it; somebody
who talks before a still background; a view whose exposure changes or that is lit by flashes; a whip pan; or a stretch
of a film without a cut. Shots are joined by hard cuts, cross-fades and fades through black.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
#: Width and height of the pictures made, and pictures a second.
WIDTH, HEIGHT, FPS = 192, 108, 25
KINDS = ("camera", "shake", "things", "talk", "exposure", "flash", "whip")


@dataclass(frozen=True, slots=True)
class Edit:
    """A made video: ``frames`` gives float32 [H, W, 3] (0 to 1) in turn; ``joins``: (start, end) seconds of each join.

    A hard cut starts and ends at the first picture of the new shot.
    """

    frames: Callable[[], Iterator[Floats]]
    joins: tuple[tuple[float, float], ...]
    count: int


def noise(rng: np.random.Generator, height: int, width: int) -> Floats:
    """A texture of several octaves, float32 [height, width], 0 to 1."""
    out = np.zeros((height, width), np.float32)
    for octave in (4, 8, 16, 32, 64, 128):
        rows, columns = max(2, octave * height // width), octave
        grid = rng.standard_normal((rows + 2, columns + 2)).astype(np.float32)
        out += resized(grid, height, width) * (1.0 / octave**0.8)
    low, high = np.quantile(out, (0.02, 0.98))
    return np.asarray(np.clip((out - low) / (high - low), 0, 1), np.float32)


def resized(picture: Floats, height: int, width: int) -> Floats:
    """A picture at another size, linearly."""
    return sampled(picture, *np.meshgrid(
        np.linspace(0, picture.shape[0] - 1.001, height, dtype=np.float32),
        np.linspace(0, picture.shape[1] - 1.001, width, dtype=np.float32), indexing="ij",
    ))  # fmt: skip


def sampled(picture: Floats, rows: Floats, columns: Floats) -> Floats:
    """A picture at any points, linearly; points outside take the edge."""
    rows = np.clip(rows, 0, picture.shape[0] - 1.001)
    columns = np.clip(columns, 0, picture.shape[1] - 1.001)
    i, j = rows.astype(np.int32), columns.astype(np.int32)
    a, b = rows - i, columns - j
    if picture.ndim == 3:
        a, b = a[..., None], b[..., None]
    top = picture[i, j] * (1 - b) + picture[i, j + 1] * b
    below = picture[i + 1, j] * (1 - b) + picture[i + 1, j + 1] * b
    return np.asarray(top * (1 - a) + below * a, np.float32)


def view(rng: np.random.Generator) -> Floats:
    """A place to film: a coloured texture with shapes on it, twice as large as a picture."""
    height, width = 2 * HEIGHT, 2 * WIDTH
    first, second, third = (rng.uniform(0.05, 0.95, 3).astype(np.float32) for _ in range(3))
    base, over = noise(rng, height, width)[..., None], noise(rng, height, width)[..., None]
    out = first * (1 - base) + second * base
    out = out * (1 - 0.5 * over) + 0.5 * over * third
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    for _ in range(int(rng.integers(3, 14))):
        y, x = rng.uniform(0, height), rng.uniform(0, width)
        a, b = rng.uniform(10, 80, 2)
        inside = (np.abs(rows - y) < a) & (np.abs(columns - x) < b)
        if rng.random() < 0.5:
            inside = ((rows - y) / a) ** 2 + ((columns - x) / b) ** 2 < 1
        out[inside] = 0.35 * out[inside] + 0.65 * rng.uniform(0, 1, 3).astype(np.float32)
    return np.asarray(out, np.float32)


def _smooth(rng: np.random.Generator, count: int, size: float, seconds: float) -> Floats:
    """A wandering value, float32 [count], about ``size`` far within ``seconds``."""
    width = max(1, int(seconds * FPS))
    steps = np.convolve(rng.standard_normal(count + 2 * width), np.hanning(2 * width + 1), "same")[
        width : width + count
    ]
    return np.asarray(steps / (np.std(steps) + 1e-9) * size, np.float32)


def shot(rng: np.random.Generator, kind: str, count: int, place: Floats | None = None) -> Iterator[Floats]:
    """One shot of ``count`` pictures of the kind named; ``place``: what is filmed."""
    place = view(rng) if place is None else place
    rows, columns = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    drift = rng.uniform(-25, 25, 2) if kind in ("camera", "things", "exposure") else rng.uniform(-5, 5, 2)
    shake = {"shake": 5.0, "talk": 0.4}.get(kind, 1.2)
    y = HEIGHT / 2 + rng.uniform(-40, 40) + np.arange(count) / FPS * drift[0] + _smooth(rng, count, shake, 0.15)
    x = WIDTH / 2 + rng.uniform(-60, 60) + np.arange(count) / FPS * drift[1] + _smooth(rng, count, shake, 0.15)
    turn = _smooth(rng, count, 0.03 if kind == "shake" else 0.005, 0.3)
    zoom = 1 + (np.arange(count) / count - 0.5) * rng.uniform(-0.3, 0.3) * (kind in ("camera", "things"))
    gain = np.ones(count, np.float32)
    if kind == "exposure":
        middle, length = rng.uniform(0.3, 0.7) * count, rng.uniform(0.1, 0.6) * FPS
        gain = 1 + rng.choice([-0.55, 0.6]) / (1 + np.exp(-(np.arange(count) - middle) / length))
    if kind == "whip":
        middle, reach = rng.uniform(0.4, 0.6) * count, rng.choice([-150, 150])
        x = x - reach / 2 + reach / (1 + np.exp(-(np.arange(count) - middle) / 1.5))
    flashes = set()
    if kind == "flash":
        for first in rng.integers(5, count - 5, 2):
            flashes |= set(range(int(first), int(first) + int(rng.integers(1, 4))))
    movers = _movers(rng, kind, count)
    for index in range(count):
        r, c = (rows - HEIGHT / 2) * zoom[index], (columns - WIDTH / 2) * zoom[index]
        cos, sin = np.cos(turn[index]), np.sin(turn[index])
        picture = sampled(place, r * cos - c * sin + y[index] + HEIGHT / 2, r * sin + c * cos + x[index] + WIDTH / 2)
        for draw in movers:
            draw(picture, rows, columns, index)
        picture = picture * gain[index]
        if index in flashes:
            picture = 0.35 * picture + 0.65
        yield np.clip(picture + rng.normal(0, 0.012, picture.shape).astype(np.float32), 0, 1)


def _movers(rng: np.random.Generator, kind: str, count: int) -> list[Callable[..., None]]:
    """What moves in front: a few things, or a head whose mouth opens and shuts."""
    if kind == "things":
        return [_mover(rng, count) for _ in range(int(rng.integers(1, 4)))]
    if kind == "talk":
        return [_talker(rng, count)]
    return []


def _mover(rng: np.random.Generator, count: int) -> Callable[..., None]:
    colour, size = rng.uniform(0, 1, 3).astype(np.float32), rng.uniform(12, 40)
    y, x = HEIGHT / 2 + _smooth(rng, count, 40, 0.8), WIDTH / 2 + _smooth(rng, count, 80, 0.8)

    def draw(picture: Floats, rows: Floats, columns: Floats, index: int) -> None:
        picture[(rows - y[index]) ** 2 + (columns - x[index]) ** 2 < size**2] = colour

    return draw


def _talker(rng: np.random.Generator, count: int) -> Callable[..., None]:
    skin = np.asarray([0.8, 0.6, 0.5], np.float32) * rng.uniform(0.4, 1.1)
    y, x = HEIGHT * 0.5 + _smooth(rng, count, 3, 0.4), WIDTH * 0.5 + _smooth(rng, count, 5, 0.5)
    mouth = 3 + 5 * np.abs(np.sin(np.arange(count) / FPS * 2 * np.pi * 3))

    def draw(picture: Floats, rows: Floats, columns: Floats, index: int) -> None:
        r, c = rows - y[index], columns - x[index]
        picture[(np.abs(c) < 90) & (r > 62)] = np.float32(0.3) * skin
        picture[(r / 62) ** 2 + (c / 46) ** 2 < 1] = skin
        picture[((r - 25) / mouth[index]) ** 2 + (c / 16) ** 2 < 1] = np.float32(0.3) * skin
        for side in (-17, 17):
            picture[((r + 15) / 5) ** 2 + ((c - side) / 8) ** 2 < 1] = 0.15

    return draw


def film(path: Path, cuts: tuple[float, ...], rng: np.random.Generator, count: int) -> list[Floats] | None:
    """A stretch of a film without a cut, ``count`` pictures at its own rate; None where no shot is long enough."""
    import av

    edges = [0.0, *cuts, 1e9]
    with av.open(str(path)) as container:
        rate = float(container.streams.video[0].average_rate or FPS)
        length = count / rate
        end = (container.duration or 0) / 1e6 - 0.2
        fits = [(a + 0.1, min(b, end) - 0.1) for a, b in pairwise(edges)]
        fits = [(a, b) for a, b in fits if b - a > length]
        if not fits:
            return None
        low, high = fits[int(rng.integers(len(fits)))]
        start = rng.uniform(low, high - length)
        out: list[Floats] = []
        for frame in container.decode(video=0):
            if frame.time is not None and frame.time >= start:
                small: Any = frame.reformat(WIDTH, HEIGHT, "rgb24")
                out.append(small.to_ndarray().astype(np.float32) / 255)
                if len(out) == count:
                    return out
    return None


def edit(
    seed: int, *, shots: int = 8, soft: float = 0.25, real: tuple[Path, tuple[float, ...]] | None = None
) -> Edit:  # fmt: skip
    """A video of ``shots`` shots of 1.5 to 5 seconds.

    Args:
        seed: of everything.
        shots: how many.
        soft: share of joins that are cross-fades or fades through black.
        real: a film and its cuts, from which some shots are taken.
    """
    plan = np.random.default_rng(seed)
    kinds = [str(plan.choice([*KINDS, "film", "film"] if real else KINDS)) for _ in range(shots)]
    counts = [int(plan.uniform(1.5, 5.0) * FPS) for _ in range(shots)]
    soft_joins = [plan.random() < soft for _ in range(shots - 1)]
    lengths = [int(plan.uniform(0.3, 1.0) * FPS) if one else 0 for one in soft_joins]
    dark = [bool(plan.random() < 0.35) for _ in soft_joins]
    same = [bool(plan.random() < 0.2) for _ in range(shots)]  # the same place, filmed anew
    total, joins = counts[0], []
    for index, length in enumerate(lengths):
        joins.append(((total - length) / FPS, total / FPS))
        total += counts[index + 1] - length

    def frames() -> Iterator[Floats]:
        tail: list[Floats] = []
        place: Floats | None = None
        for index in range(shots):
            rng = np.random.default_rng([seed, index])
            place = place if same[index] and place is not None else view(rng)
            taken = film(*real, rng, counts[index]) if real and kinds[index] == "film" else None
            source = iter(taken) if taken else shot(rng, kinds[index].replace("film", "camera"), counts[index], place)
            ahead = lengths[index] if index < len(lengths) else 0
            held: list[Floats] = []
            for number, picture in enumerate(source):
                if tail:
                    share = (number + 1) / (lengths[index - 1] + 1)
                    picture = _joined(tail.pop(0), picture, share, dark[index - 1])
                if number < counts[index] - ahead:
                    yield picture
                else:
                    held.append(picture)
            tail = held

    return Edit(frames, tuple(joins), total)


def _joined(old: Floats, new: Floats, share: float, dark: bool) -> Floats:
    if dark:
        return old * max(0.0, 1 - 2 * share) if share < 0.5 else new * (2 * share - 1)
    return old * (1 - share) + new * share


def write(
    made: Edit, path: Path, *, codec: str = "libx264", rotation: int = 0, uneven: int | None = None,
    options: dict[str, str] | None = None,
) -> tuple[float, ...]:  # fmt: skip
    """Encode a made video; returns the presentation time of every picture in seconds.

    Args:
        made: what to write.
        path: where; its ending says the container.
        codec: of the picture.
        rotation: degrees clockwise that a player is told to turn it.
        uneven: seed of a varying frame rate; without it the rate is constant.
        options: of the encoder.
    """
    import av

    rng = np.random.default_rng(uneven)
    places = np.arange(made.count) / FPS
    if uneven is not None:
        places = places + rng.uniform(-0.3, 0.3, made.count) / FPS
        places -= places[0]
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=FPS, options=options or {"preset": "veryfast", "crf": "25"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 90_000)
        if rotation:
            stream.set_display_rotation(-rotation)
        for place, picture in zip(places, made.frames(), strict=True):
            frame = av.VideoFrame.from_ndarray(np.rint(picture * 255).astype(np.uint8), "rgb24")
            frame.pts, frame.time_base = round(place * 90_000), Fraction(1, 90_000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return tuple(float(place) for place in places)
