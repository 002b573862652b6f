"""What the score reader learns from: crops of engraved pages, turned, bent, printed badly and photographed.

``crops`` runs in a process of its own and makes batches without end from the pages that
:mod:`workbench.training.engraved_build` left on disk.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from workbench.nets.score_symbols import DOTS, HEADS, KINDS, MASK_STRIDE, SPACE
from workbench.training.engraved_build import MASK, PICTURE

SIDE = 256  #: pixels of a crop, 8 a staff space
CELLS = SIDE // MASK_STRIDE
IGNORED = 255  #: where nothing is said about flags and the like
_WIDE = {"clef_g": 1.4, "clef_g8": 1.4, "clef_c": 1.4, "clef_f": 1.4}
_DOTS = np.array([KINDS.index(kind) for kind in DOTS])
_HEAD = np.array([KINDS.index(kind) for kind in HEADS])


@dataclass(frozen=True)
class View:
    """How a crop looks at a page: its middle in staff spaces, turned and stretched, and bent like paper."""

    x: float
    y: float
    matrix: np.ndarray  # [2, 2], staff spaces to one pixel of the crop
    bend: float
    wave: float
    phase: float

    def page(self, places: np.ndarray) -> np.ndarray:
        """Staff spaces on the page of places in the crop, [n, 2] of pixels x, y."""
        out: np.ndarray = (places - SIDE / 2) @ self.matrix.T + np.array([self.x, self.y])
        out[:, 1] += self.bend * np.sin(places[:, 0] * self.wave + self.phase)
        return out

    def crop(self, places: np.ndarray) -> np.ndarray:
        """Pixels of the crop of places on the page, [n, 2] of staff spaces."""
        inverse = np.linalg.inv(self.matrix).T
        out: np.ndarray = (places - np.array([self.x, self.y])) @ inverse + SIDE / 2
        for _ in range(3):
            moved = places - np.array([self.x, self.y])
            moved[:, 1] -= self.bend * np.sin(out[:, 0] * self.wave + self.phase)
            out = moved @ inverse + SIDE / 2
        return out


def random_view(symbols: np.ndarray, weight: np.ndarray, size: tuple[float, float], rng: np.random.Generator) -> View:
    """A view of a page of ``size`` (height, width in staff spaces), most often around a rare symbol."""
    if rng.random() < 0.75:
        x, y = symbols[rng.choice(len(symbols), p=weight), 1:3] + rng.uniform(-12, 12, 2)
    else:
        y, x = rng.uniform(0, size[0]), rng.uniform(0, size[1])
    turn = math.radians(float(np.clip(rng.normal(0, 0.8), -2.5, 2.5)))
    zoom = math.exp(rng.uniform(-0.16, 0.16)) / SPACE
    stretch = math.exp(rng.normal(0, 0.03))
    turned = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    shear = np.array([[1.0, rng.normal(0, 0.01)], [0.0, 1.0]])
    matrix = turned @ shear @ np.diag([zoom * stretch, zoom / stretch])
    bend = rng.exponential(0.25) if rng.random() < 0.4 else 0.0
    return View(float(x), float(y), matrix, min(bend, 0.8), rng.uniform(0.004, 0.02), rng.uniform(0, 6.3))


def _sample(image: torch.Tensor, places: np.ndarray, per_space: float, side: int) -> torch.Tensor:
    """Values of [channels, H, W] at places [side * side, 2] in staff spaces, [channels, side, side]; 0 outside."""
    height, width = image.shape[1:]
    grid = torch.from_numpy((places * per_space).astype(np.float32))
    scaled = grid * torch.tensor([2.0 / width, 2.0 / height]) - 1.0
    return F.grid_sample(
        image[None], scaled.view(1, side, side, 2), mode="bilinear", padding_mode="zeros", align_corners=False
    )[0]


def _grid(side: int, stride: int) -> np.ndarray:
    rows, columns = np.mgrid[0:side, 0:side].astype(np.float64)
    return np.stack([(columns.ravel() + 0.5) * stride, (rows.ravel() + 0.5) * stride], axis=1)


_PIXELS, _CELLS = _grid(SIDE, 1), _grid(CELLS, MASK_STRIDE)


def look(
    picture: np.ndarray, masks: np.ndarray, symbols: np.ndarray, view: View, rng: np.random.Generator
) -> tuple[torch.Tensor, ...]:
    """The crop's ink, float32 [SIDE, SIDE], and its masks, uint8 [7, CELLS, CELLS]."""
    places = view.page(_PIXELS)
    low = np.maximum(np.floor(places.min(0) * PICTURE).astype(int) - 4, 0)
    high = np.maximum(np.ceil(places.max(0) * PICTURE).astype(int) + 4, low + 8)
    patch = picture[low[1] : high[1], low[0] : high[0]]
    if min(patch.shape) < 8:
        patch, low = np.full((8, 8), 255, np.uint8), np.zeros(2, int)
    if rng.random() < 0.5:
        patch = dotted(patch, symbols[np.isin(symbols[:, 0], _DOTS), 1:3] * PICTURE - low, rng)
    ink = torch.from_numpy(1.0 - patch.astype(np.float32) / 255.0)
    if rng.random() < 0.6:
        ink = printed(ink, rng)
    ink = _sample(ink[None], places - low / PICTURE, PICTURE, SIDE)[0]
    found = _sample(torch.from_numpy(masks).float(), view.page(_CELLS), MASK, CELLS)
    return photographed(ink, rng), found.round().to(torch.uint8)


def dotted(patch: np.ndarray, places: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The picture with larger dots, as old type has them; ``places``: their middles in its pixels, x and y."""
    out, radius = patch.copy(), float(rng.uniform(0.2, 0.34)) * PICTURE
    for x, y in places:
        top, left = max(0, int(y - radius)), max(0, int(x - radius))
        part = out[top : int(y + radius) + 2, left : int(x + radius) + 2]
        if part.size:
            rows, columns = np.ogrid[0 : part.shape[0], 0 : part.shape[1]]
            far = np.hypot(rows + top + 0.5 - y, columns + left + 0.5 - x)
            np.minimum(part, (255 * np.clip(far - radius + 0.5, 0, 1)).astype(np.uint8), out=part)
    return out


def printed(ink: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """Old print, or a scan in black and white: ragged edges, more ink than meant (rarely less), specks."""
    height, width = ink.shape
    generator = torch.Generator().manual_seed(int(rng.integers(1 << 31)))
    soft = _blur(ink, int(rng.integers(0, 3)))
    noise = torch.zeros_like(ink)
    for step, weight in ((2, rng.uniform(0, 0.3)), (6, rng.uniform(0, 0.2))):
        coarse = torch.randn(1, 1, height // step + 2, width // step + 2, generator=generator)
        noise += float(weight) * F.interpolate(coarse, (height, width), mode="bilinear")[0, 0]
    threshold = rng.uniform(0.2, 0.5) if rng.random() < 0.85 else rng.uniform(0.5, 0.65)
    hardness = rng.choice((4.0, 10.0, 40.0))
    out = torch.sigmoid((soft + noise * (soft > 0.02) - threshold) * float(hardness)) * (soft > 0.02)
    if rng.random() < 0.3:
        specks = torch.rand(height // 3 + 1, width // 3 + 1, generator=generator) < rng.uniform(0.0005, 0.004)
        out = torch.maximum(out, F.interpolate(specks.float()[None, None], (height, width))[0, 0])
    return out


def photographed(ink: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """What camera and scanner add: blur, shade, the other side shining through, noise, JPEG."""
    if rng.random() < 0.1:
        ink = torch.maximum(ink, float(rng.uniform(0.05, 0.3)) * _blur(ink.flip(1), 2))
    if rng.random() < 0.35:
        ink = _blur(ink, 1) if rng.random() < 0.7 else _blur(ink, 2) * 0.5 + ink * 0.5
    if rng.random() < 0.12:
        ratio = float(rng.uniform(0.5, 0.8))
        small = F.interpolate(ink[None, None], scale_factor=ratio, mode="bilinear", antialias=True)
        ink = F.interpolate(small, (SIDE, SIDE), mode="bilinear")[0, 0]
    if rng.random() < 0.5:
        steps = torch.linspace(-1, 1, SIDE)
        shade = float(rng.normal(0, 0.12)) * steps[None] + float(rng.normal(0, 0.12)) * steps[:, None]
        ink = ink * float(rng.uniform(0.55, 1.0)) * (1 + shade) + float(rng.uniform(0, 0.12)) * (1 + shade)
    if rng.random() < 0.4:
        generator = torch.Generator().manual_seed(int(rng.integers(1 << 31)))
        ink = ink + float(rng.exponential(0.03)) * torch.randn(ink.shape, generator=generator)
    ink = ink.clamp(0, 1)
    return _jpeg(ink, int(rng.integers(20, 80))) if rng.random() < 0.2 else ink


def _jpeg(ink: torch.Tensor, quality: int) -> torch.Tensor:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(((1 - ink.numpy()) * 255).astype(np.uint8)).save(buffer, "JPEG", quality=quality)
    with Image.open(buffer) as image:
        return 1 - torch.from_numpy(np.array(image, np.float32)) / 255


def _blur(ink: torch.Tensor, radius: int) -> torch.Tensor:
    if radius == 0:
        return ink
    size = 2 * radius + 1
    return F.avg_pool2d(ink[None, None], size, 1, radius, count_include_pad=False)[0, 0]


def targets(symbols: np.ndarray, view: View) -> dict[str, np.ndarray]:
    """What the network should say about symbols (rows of a stored page), in cells of two pixels.

    ``kinds`` uint8 [43, CELLS, CELLS], 255 at a symbol's own cell, a slope around it; ``flags``, ``stem``, ``dots``,
    ``tie`` uint8 classes or ``IGNORED``; ``offset`` float32, valid where ``stem`` is.
    """
    kinds = np.zeros((len(KINDS), CELLS, CELLS), np.uint8)
    out = {name: np.full((CELLS, CELLS), IGNORED, np.uint8) for name in ("flags", "stem", "dots", "tie")}
    offset = np.zeros((CELLS, CELLS), np.float32)
    places = view.crop(symbols[:, 1:3].astype(np.float64)) / MASK_STRIDE
    tips = view.crop(np.stack([symbols[:, 9], symbols[:, 8]], 1).astype(np.float64)) / MASK_STRIDE
    roots = view.crop(np.stack([symbols[:, 9], symbols[:, 2]], 1).astype(np.float64)) / MASK_STRIDE
    head = np.isin(symbols[:, 0].astype(int), _HEAD)
    near = ((places > -2) & (places < CELLS + 2)).all(1) | (head & ((tips > -2) & (tips < CELLS + 2)).all(1))
    for row in np.flatnonzero(near & head & (symbols[:, 4] != 0)):  # stems first, heads over them
        steps = int(2 * np.abs(tips[row] - roots[row]).max()) + 2
        line = roots[row] + np.linspace(0, 1, steps)[:, None] * (tips[row] - roots[row])
        column, line_row = np.floor(line[:, 0]).astype(int), np.floor(line[:, 1]).astype(int)
        for aside in (-1, 0, 1):
            inside = (column + aside >= 0) & (column + aside < CELLS) & (line_row >= 0) & (line_row < CELLS)
            out["flags"][line_row[inside], column[inside] + aside] = symbols[row, 3]
    for row in np.flatnonzero(near):
        x, y = places[row]
        column, line_row = math.floor(x), math.floor(y)
        if not (0 <= column < CELLS and 0 <= line_row < CELLS):
            continue
        kind = int(symbols[row, 0])
        _splat(kinds[kind], x, y, _WIDE.get(KINDS[kind], 0.9))
        if head[row]:
            around = np.s_[max(0, line_row - 1) : line_row + 2, max(0, column - 1) : column + 2]
            out["flags"][around] = symbols[row, 3]
            out["stem"][around] = symbols[row, 4] + 1
            out["dots"][around] = symbols[row, 5]
            out["tie"][around] = symbols[row, 6]
            offset[around] = symbols[row, 7]
    return {"kinds": kinds, **out, "offset": offset}


def _splat(plane: np.ndarray, x: float, y: float, sigma: float) -> None:
    column, row, reach = math.floor(x), math.floor(y), 2 if sigma < 1 else 4
    top, left = max(0, row - reach), max(0, column - reach)
    rows = np.arange(top, min(CELLS, row + reach + 1)) + 0.5 - y
    columns = np.arange(left, min(CELLS, column + reach + 1)) + 0.5 - x
    hill = 254 * np.exp(-(rows[:, None] ** 2 + columns[None] ** 2) / (2 * sigma * sigma))
    part = plane[top : top + len(rows), left : left + len(columns)]
    np.maximum(part, hill.astype(np.uint8), out=part)
    plane[row, column] = 255


def rarity(folder: Path, sample: int = 300, seed: int = 0) -> np.ndarray:
    """How much more often each kind of symbol (rows: kind, columns: flags 0 to 4) should be looked at, [kinds, 5]."""
    files = sorted(folder.glob("[a-z]*.npz"))
    rng = np.random.default_rng(seed)
    count = np.ones((len(KINDS), 5))
    for place in rng.permutation(len(files))[:sample]:
        with np.load(files[place]) as page:
            symbols = page["symbols"].astype(int)
        np.add.at(count, (symbols[:, 0], np.clip(symbols[:, 3], 0, 4)), 1)
    often: np.ndarray = (count / count.sum()) ** -0.6
    return often


def crops(folder: Path, size: int, seed: int, each: int = 6) -> Iterator[dict[str, Any]]:
    """Batches of ``size`` crops without end; each page that is opened gives ``each``."""
    torch.set_num_threads(1)
    rng = np.random.default_rng(seed)
    weights = rarity(folder)
    waiting: list[dict[str, Any]] = []
    while True:
        files = sorted(folder.glob("[a-z]*.npz"))  # more pages may come while a network learns
        for place in rng.permutation(len(files))[:400]:
            with np.load(files[place]) as page:
                picture, masks, symbols = page["picture"], page["masks"], page["symbols"]
            weight = weights[symbols[:, 0].astype(int), np.clip(symbols[:, 3], 0, 4).astype(int)]
            weight = weight / weight.sum()
            size_spaces = (picture.shape[0] / PICTURE, picture.shape[1] / PICTURE)
            for _ in range(each):
                view = random_view(symbols, weight, size_spaces, rng)
                ink, found = look(picture, masks, symbols, view, rng)
                waiting.append({"ink": ink.numpy(), "masks": found.numpy(), **targets(symbols, view)})
            while len(waiting) >= 4 * size:
                picked = sorted(rng.permutation(len(waiting))[:size].tolist(), reverse=True)
                batch = [waiting.pop(place) for place in picked]
                yield {name: np.stack([crop[name] for crop in batch]) for name in batch[0]}
