"""How well symbols are found: F1 by kind on engraved pages of works and of a font that were never learnt from.

A symbol is right if one of its kind lies within .4 staff spaces. Beside the network stands a plain baseline for full
noteheads: the staff lines are taken out by the length of their vertical runs, and an ellipse is laid over every place.
"""

from __future__ import annotations

import io
import json
import math
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.nets.score_symbols import KINDS, SPACE, Symbol
from workbench.training.engraved_build import PICTURE
from workbench.understand.score_image.detect import detect, thresholds

Array = NDArray[np.float32]
NEAR = 0.4 * SPACE  #: pixels
Page = tuple[Array, tuple[Symbol, ...]]  #: ink at 8 pixels a space, and what is there


def stored_page(path: Path) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Picture and rows of symbols of a page that :mod:`workbench.training.engraved_build` left."""
    with np.load(path) as page:
        return page["picture"], page["symbols"]


def as_it_is(path: Path) -> Page:
    """The page at 8 pixels a staff space."""
    from PIL import Image

    picture, rows = stored_page(path)
    size = tuple(round(side * SPACE / PICTURE) for side in picture.shape[::-1])
    ink = np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BOX), np.float32)
    return 1 - ink / np.float32(255), _symbols(rows, rows[:, 1:3].astype(np.float64) * SPACE)


def photographed(path: Path) -> Page:
    """The page as a phone sees it: turned by 2 degrees, in perspective, with a shadow, blurred, as JPEG.

    The shadow is divided out by the paper's brightness around, as reading a picture does before the network sees it.
    """
    import torch
    from PIL import Image
    from torch.nn import functional as F

    picture, rows = stored_page(path)
    rng = np.random.default_rng(len(rows))
    height, width = (round(side * SPACE / PICTURE) for side in picture.shape)
    turn = math.radians(2.0) * rng.choice((-1, 1))
    tilt = rng.uniform(-0.03, 0.03, 2) / np.array([width, height])
    back = np.array([
        [math.cos(turn), -math.sin(turn), 0.0], [math.sin(turn), math.cos(turn), 0.0], [tilt[0], tilt[1], 1.0],
    ])  # fmt: skip
    middle = np.array([width / 2, height / 2])

    def through(matrix: NDArray[np.float64], places: NDArray[np.float64]) -> NDArray[np.float64]:
        moved = np.concatenate([places - middle, np.ones((len(places), 1))], axis=1) @ matrix.T
        return np.asarray(moved[:, :2] / moved[:, 2:] + middle)

    y, x = np.mgrid[0:height, 0:width] + 0.5
    grid = through(back, np.stack([x.ravel(), y.ravel()], axis=1)) / np.array([width, height]) * 2 - 1
    ink = torch.from_numpy(1 - picture.astype(np.float32) / 255)[None, None]
    places = torch.from_numpy(grid.astype(np.float32)).view(1, height, width, 2)
    seen = F.grid_sample(F.avg_pool2d(ink, 3, 1, 1), places, align_corners=False)[0, 0].numpy()
    light = 0.9 - 0.45 / (1 + np.exp((x * math.cos(1) + y * math.sin(1) - 0.6 * width) / (0.08 * width)))
    paper = (1 - 0.85 * seen) * light + rng.normal(0, 0.02, seen.shape)
    buffer = io.BytesIO()
    Image.fromarray((paper.clip(0, 1) * 255).astype(np.uint8)).save(buffer, "JPEG", quality=40)
    with Image.open(buffer) as image:
        taken = torch.from_numpy(np.array(image, np.float32))[None, None] / 255
    around = F.avg_pool2d(F.max_pool2d(taken, 25, 1, 12), 25, 1, 12, count_include_pad=False)
    flat = (1 - taken / around.clamp(min=0.05)).clamp(0, 1)[0, 0].numpy()
    found = through(np.linalg.inv(back), rows[:, 1:3].astype(np.float64) * SPACE)
    return flat, _symbols(rows, found)


def _symbols(rows: NDArray[np.float32], places: NDArray[np.float64]) -> tuple[Symbol, ...]:
    return tuple(
        Symbol(
            KINDS[int(row[0])],
            float(x),
            float(y),
            flags=int(row[3]),
            stem=int(row[4]),
            dots=int(row[5]),
            tie=bool(row[6]),
        )
        for row, (x, y) in zip(rows, places, strict=True)
    )


def pairs(true: Sequence[Symbol], found: Sequence[Symbol]) -> list[tuple[Symbol, Symbol]]:
    """Each true symbol with a found one of its kind near it; the nearest pairs first, none used twice."""
    if not true or not found:
        return []
    kinds = {kind: number for number, kind in enumerate(KINDS)}
    a = np.array([(s.x, s.y, 1e6 * kinds[s.kind]) for s in true])
    b = np.array([(s.x, s.y, 1e6 * kinds[s.kind]) for s in found])
    far = np.abs(a[:, None] - b[None]).max(axis=2)
    out, used_a, used_b = [], set(), set()
    for place in np.argsort(far, axis=None):
        i, j = divmod(int(place), len(b))
        if far[i, j] > NEAR:
            break
        if i not in used_a and j not in used_b:
            used_a.add(i)
            used_b.add(j)
            out.append((true[i], found[j]))
    return out


def plain_heads(ink: Array) -> tuple[Symbol, ...]:
    """The baseline: full noteheads where an ellipse is filled once the staff lines are out."""
    dark = ink > 0.4
    up = np.zeros(dark.shape, np.int32)
    for row in range(dark.shape[0]):  # length of the vertical run through each pixel
        up[row] = np.where(dark[row], (up[row - 1] if row else 0) + 1, 0)
    run = up.copy()
    for row in range(dark.shape[0] - 2, -1, -1):
        run[row] = np.where(dark[row] & dark[row + 1], run[row + 1], run[row])
    body = (run > 3).astype(np.float64)
    y, x = np.mgrid[-4:5, -5:6]
    inside = ((x / 4.4) ** 2 + ((y + 0.3 * x * 0.5) / 3.3) ** 2 <= 1).astype(np.float64)
    kernel = np.where(inside > 0, 1 / inside.sum(), -0.5 / (inside == 0).sum())
    shape = tuple(side + 16 for side in body.shape)
    score = np.fft.irfft2(np.fft.rfft2(body, shape) * np.fft.rfft2(kernel[::-1, ::-1], shape), shape)
    score = score[4 : 4 + body.shape[0], 5 : 5 + body.shape[1]]
    out: list[Symbol] = []
    for place in np.argsort(-score, axis=None)[: int((score > 0.62).sum())]:
        row, column = divmod(int(place), score.shape[1])
        if all(abs(s.y - row) > 3.5 or abs(s.x - column) > 6 for s in out):
            out.append(Symbol("head_full", column + 0.5, row + 0.5))
    return tuple(out)


def measure(files: Sequence[Path], view: Callable[[Path], Page], folder: Path) -> dict[str, object]:
    """Figures of a set of pages.

    Returns:
        ``kinds``: by kind (true, found, right); ``heads``: mean, spread and worst tenth of the F1 of noteheads by page;
        ``plain``: the same of full noteheads by the baseline, ``full`` by the network; ``flags``, ``stem``, ``dots``,
        ``tie``: share right of the heads found; ``seconds``: of CPU for a page; ``pixels``: millions a page.
    """
    true, found, right = Counter[str](), Counter[str](), Counter[str]()
    rates: dict[str, list[float]] = {"heads": [], "full": [], "plain": []}
    same: dict[str, list[bool]] = {"flags": [], "stem": [], "dots": [], "tie": []}
    spent, pixels = 0.0, 0
    for path in files:
        ink, symbols = view(path)
        begin = time.process_time()
        got = detect(ink, folder=folder).symbols
        spent, pixels = spent + time.process_time() - begin, pixels + ink.size
        matched = pairs(symbols, got)
        true.update(s.kind for s in symbols)
        found.update(s.kind for s in got)
        right.update(s.kind for s, _ in matched)
        heads = [pair for pair in matched if pair[0].kind.startswith("head_")]
        for name, values in same.items():
            values += [getattr(a, name) == getattr(b, name) for a, b in heads]
        if _heads(symbols):
            rates["heads"].append(_f1(_heads(symbols), _heads(got), len(heads)))
        full = [s for s in symbols if s.kind == "head_full"], [s for s in got if s.kind == "head_full"]
        if full[0]:
            plain = plain_heads(ink)
            rates["full"].append(_f1(len(full[0]), len(full[1]), sum(a.kind == "head_full" for a, _ in heads)))
            rates["plain"].append(_f1(len(full[0]), len(plain), len(pairs(full[0], plain))))
    return {
        "pages": len(files),
        "kinds": {kind: (true[kind], found[kind], right[kind]) for kind in KINDS if true[kind] or found[kind]},
        **{name: _spread(values) for name, values in rates.items()},
        **{name: round(float(np.mean(values)), 4) for name, values in same.items()},
        "seconds": round(spent / max(1, len(files)), 2),
        "pixels": round(pixels / max(1, len(files)) / 1e6, 2),
    }


def fit(files: Sequence[Path], folder: Path) -> dict[str, float]:
    """How sure the network must be of each kind, so that F1 on these pages (clean and photographed) is highest.

    A kind that is seldom there stays near .4. The answer belongs into ``config.json`` as ``fewest``.
    """
    config = folder / "config.json"
    told = json.loads(config.read_text(encoding="utf-8"))
    lowest = {**told, "fewest": dict.fromkeys(KINDS, 0.15)}
    config.write_text(json.dumps(lowest), encoding="utf-8")
    thresholds.cache_clear()
    true, right, wrong = Counter[str](), {k: list[float]() for k in KINDS}, {k: list[float]() for k in KINDS}
    try:
        for path in files:
            for view in (as_it_is, photographed):
                ink, symbols = view(path)
                got = detect(ink, folder=folder).symbols
                matched = {id(b) for _, b in pairs(symbols, got)}
                true.update(s.kind for s in symbols)
                for s in got:
                    (right if id(s) in matched else wrong)[s.kind].append(s.confidence)
    finally:
        config.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
        thresholds.cache_clear()
    levels = np.arange(0.2, 0.71, 0.05)
    out = {}
    for kind in KINDS:
        hits = np.array([(np.array(right[kind]) >= level).sum() for level in levels])
        misses = np.array([(np.array(wrong[kind]) >= level).sum() for level in levels])
        f1 = 2 * hits / np.maximum(1, true[kind] + hits + misses)
        best = f1 >= f1.max() - 0.003
        level = float(levels[best][np.argmin(np.abs(levels[best] - 0.4))])
        seen = true[kind] / (true[kind] + 20)
        out[kind] = round(seen * level + (1 - seen) * 0.4, 2)
    return out


def _heads(symbols: Sequence[Symbol]) -> int:
    return sum(symbol.kind.startswith("head_") for symbol in symbols)


def _f1(true: int, found: int, right: int) -> float:
    return 2 * right / max(1, true + found)


def _spread(values: Sequence[float]) -> tuple[float, float, float]:
    worst = sorted(values)[: max(1, len(values) // 10)]
    return round(float(np.mean(values)), 3), round(float(np.std(values)), 3), round(float(np.mean(worst)), 3)


def main(folder: Path, pages: Path, count: int = 24) -> None:
    """Print all figures; ``pages`` holds ``test`` (fonts learnt from) and ``test-leland`` (one that was not)."""
    sets: dict[str, tuple[str, Callable[[Path], Page]]] = {
        "works not learnt from": ("test", as_it_is),
        "and a font not learnt from": ("test-leland", as_it_is),
        "the same, photographed": ("test-leland", photographed),
    }
    for name, (side, view) in sets.items():
        files = sorted((pages / side).glob("[a-z]*.npz"))
        picked = [files[place] for place in np.random.default_rng(0).permutation(len(files))[:count]]
        print(json.dumps({"set": name, **measure(picked, view, folder)}), flush=True)
