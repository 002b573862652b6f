"""Finds the symbols of a page with the network: peaks of its maps become symbols, and its masks are kept.

The page is looked at in strips that overlap, so that memory stays small, progress can be shown and Stop is heard.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.errors import Cancelled
from workbench.nets.read_score_onnx import CHANNELS, ReadScoreRuntime
from workbench.nets.score_symbols import (
    ACCIDENTALS,
    CLEFS,
    DOTS,
    HEADS,
    KEYS,
    KINDS,
    MASK_STRIDE,
    MASKS,
    RESTS,
    SMALL_CLEFS,
    SPACE,
    TIMES,
    TUPLETS,
    Detected,
    Symbol,
)  # fmt: skip
from workbench.resources import path as resource

Array = NDArray[np.float32]

STRIP = 512  #: pixels of a page looked at at once, up and down
MARGIN = 96  #: pixels around them that are looked at too, and not used
FEWEST = 0.4  #: a peak below this is no symbol, unless the network's own file says otherwise of its kind
#: Kinds that exclude each other at one place.
_GROUPS = (HEADS, (*CLEFS, *SMALL_CLEFS), (*ACCIDENTALS, *KEYS), RESTS, (*TIMES, *TUPLETS), DOTS)
#: Boxes (width, height) in staff spaces, as fonts have them on average.
_BOXES = {
    "head_full": (1.2, 1.0), "head_half": (1.2, 1.0), "head_whole": (1.7, 1.0), "head_grace": (0.8, 0.7),
    "clef_g": (2.7, 7.0), "clef_g8": (2.7, 8.0), "clef_c": (2.8, 4.0), "clef_f": (2.8, 3.2),
    "clef_g_small": (1.9, 4.8), "clef_c_small": (1.9, 2.8), "clef_f_small": (1.9, 2.3), "rest_whole": (1.2, 0.6),
    "rest_half": (1.2, 0.6), "rest_quarter": (1.1, 3.0), "rest_8th": (1.0, 1.8), "rest_16th": (1.3, 2.7),
    "rest_32nd": (1.5, 3.7), "acc_double_flat": (1.7, 2.4), "acc_flat": (0.9, 2.4), "acc_natural": (0.7, 2.7),
    "acc_sharp": (1.0, 2.8), "acc_double_sharp": (1.0, 1.0), "key_flat": (0.9, 2.4), "key_natural": (0.7, 2.7),
    "key_sharp": (1.0, 2.8), "time_common": (1.7, 2.0), "time_cut": (1.7, 2.8), "dot": (0.4, 0.4),
    "repeat_dot": (0.4, 0.4), **dict.fromkeys(TUPLETS, (1.2, 1.5)),
}  # fmt: skip


def weights_folder() -> Path:
    """Where the network lies: the folder named by ``WORKBENCH_READ_SCORE`` if it is set, else the embedded one."""
    named = os.environ.get("WORKBENCH_READ_SCORE", "")
    return Path(named) if named else resource("models/read-score")


@lru_cache(maxsize=2)
def runtime(folder: Path) -> ReadScoreRuntime:
    """The network of a folder, loaded once."""
    return ReadScoreRuntime(folder / "model.onnx")


@lru_cache(maxsize=2)
def thresholds(folder: Path) -> Array:
    """How sure the network of a folder must be of each kind, float32 [kinds]: ``fewest`` of its ``config.json``."""
    try:
        told = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("fewest", {})
    except (OSError, ValueError):
        told = {}
    return np.array([float(told.get(kind, FEWEST)) for kind in KINDS], np.float32)


def detect(
    page: Array, progress: Callable[[float], None] | None = None, cancelled: Callable[[], bool] | None = None, *,
    folder: Path | None = None, scale: float = 1.0,
) -> Detected:  # fmt: skip
    """All symbols of a page.

    Args:
        page: float32 [H, W], 0 paper to 1 ink, upright and level, 8 pixels a staff space.
        progress: told 0.0 to 1.0.
        cancelled: asked before every strip.
        folder: of the network's files; :func:`weights_folder` without one.
        scale: source pixels to one pixel of ``page``, handed through.

    Raises:
        Cancelled: ``cancelled`` said so.
        BadFile: the network's file is damaged.
    """
    folder = folder or weights_folder()
    network = runtime(folder)
    height, width = page.shape
    even = np.pad(page, ((0, height % 2), (0, width % 2))).astype(np.float32)
    parts: list[dict[str, Array]] = []
    for top in range(0, even.shape[0], STRIP):
        if cancelled is not None and cancelled():
            raise Cancelled
        first, last = max(0, top - MARGIN), min(even.shape[0], top + STRIP + MARGIN)
        found = network.answer(even[first:last])
        rows = slice((top - first) // MASK_STRIDE, (min(top + STRIP, even.shape[0]) - first) // MASK_STRIDE)
        parts.append({name: values[:, rows].astype(np.float16) for name, values in found.items()})
        if progress is not None:
            progress(min(1.0, (top + STRIP) / even.shape[0]))
    answer = {name: np.concatenate([part[name] for part in parts], axis=1).astype(np.float32) for name in CHANNELS}
    masks = {name: np.round(answer["masks"][row] * 255).astype(np.uint8) for row, name in enumerate(MASKS)}
    return Detected(tuple(symbols(answer, thresholds(folder))), masks, scale)


def symbols(answer: dict[str, Array], fewest: Array | float = FEWEST) -> list[Symbol]:
    """The symbols that an answer of the network holds, the surest of each place; ``fewest`` may differ by kind."""
    kinds = answer["kinds"]
    kind, row, column = np.nonzero(_peaks(kinds, np.broadcast_to(np.float32(fewest), (len(kinds),))))
    sure = kinds[kind, row, column]
    kept = _surest(kind, row, column, sure)
    out = []
    for place in kept.tolist():
        out.append(_symbol(answer, KINDS[kind[place]], int(row[place]), int(column[place]), float(sure[place])))
    return out


def _peaks(maps: Array, fewest: Array) -> NDArray[np.bool_]:
    """Where a map is at least ``fewest`` (of its kind) and nowhere higher next to it, bool [kinds, H, W]."""
    out = maps >= fewest[:, None, None]
    for number in np.flatnonzero(out.any(axis=(1, 2))):
        one = np.pad(maps[number], 1)
        here = one[1:-1, 1:-1]
        for down, right in ((0, 0), (0, 1), (0, 2), (1, 0)):
            out[number] &= here > one[down : down + here.shape[0], right : right + here.shape[1]]
        for down, right in ((1, 2), (2, 0), (2, 1), (2, 2)):  # of two equal ones the first is kept
            out[number] &= here >= one[down : down + here.shape[0], right : right + here.shape[1]]
    return out


def _surest(
    kind: NDArray[np.int64], row: NDArray[np.int64], column: NDArray[np.int64], sure: Array
) -> NDArray[np.int64]:
    """Places of the peaks that no surer one of the same group overlaps."""
    group = np.array([next(g for g, names in enumerate(_GROUPS) if name in names) for name in KINDS])[kind]
    reach = np.where(group == 1, 6.0, np.where(group >= 2, 2.5, 2.2))  # a large clef may have two tops
    taken: dict[tuple[int, int, int], list[int]] = {}
    kept = []
    for place in np.argsort(-sure, kind="stable").tolist():
        g, y, x = int(group[place]), int(row[place]), int(column[place])
        near = (
            other
            for down in (-1, 0, 1)
            for right in (-1, 0, 1)
            for other in taken.get((g, y // 8 + down, x // 8 + right), ())
        )
        if all((row[o] - y) ** 2 + (column[o] - x) ** 2 > reach[place] ** 2 for o in near):
            taken.setdefault((g, y // 8, x // 8), []).append(place)
            kept.append(place)
    return np.array(kept, np.int64)


def _symbol(answer: dict[str, Array], kind: str, row: int, column: int, sure: float) -> Symbol:
    plane = answer["kinds"][KINDS.index(kind)]
    rows, columns = slice(max(0, row - 1), row + 2), slice(max(0, column - 1), column + 2)
    hill = plane[rows, columns] ** 2 + 1e-9
    y = float((hill.sum(1) * (np.arange(hill.shape[0]) + rows.start + 0.5)).sum() / hill.sum()) * MASK_STRIDE
    x = float((hill.sum(0) * (np.arange(hill.shape[1]) + columns.start + 0.5)).sum() / hill.sum()) * MASK_STRIDE
    width, height = _BOXES.get(kind, (1.6, 2.0))
    box = (width * SPACE, height * SPACE)
    if kind not in HEADS:
        return Symbol(kind, x, y, sure, *box)
    around = {
        name: answer[name][:, rows, columns].mean(axis=(1, 2)) for name in ("flags", "stem", "dots", "tie", "offset")
    }
    stem = int(np.argmax(around["stem"])) - 1
    flags = around["flags"] if stem == 0 else _along(answer, row, column, stem, around["flags"])
    return Symbol(
        kind, x, y, sure, *box, flags=int(np.argmax(flags)), stem=stem, dots=int(np.argmax(around["dots"])),
        tie=bool(around["tie"][0] > 0.5), offset=float(around["offset"][0]),
    )  # fmt: skip


def _along(answer: dict[str, Array], row: int, column: int, stem: int, at_head: Array) -> Array:
    """Probabilities of 0 to 4 flags, from a head and along its stem to the stem's end."""
    mask = answer["masks"][MASKS.index("stem")]
    height, width = mask.shape
    ahead = range(column, min(width, column + 5)) if stem > 0 else range(max(0, column - 4), column + 1)
    step, start = -stem, row - 2 * stem
    if not 0 <= start < height or not len(ahead):
        return at_head
    reach = np.clip(start + step * np.arange(6), 0, height - 1)
    x = ahead[int(np.argmax(mask[reach][:, list(ahead)].sum(axis=0)))]
    total, count, y, gap = np.log(at_head + 1e-3), 1, start, 0
    while 0 <= y < height and gap < 3:
        best = max(range(max(0, x - 1), min(width, x + 2)), key=lambda place: float(mask[y, place]))
        if mask[y, best] > 0.35:
            x, gap = best, 0
            total = total + np.log(answer["flags"][:, y, x] + 1e-3)
            count += 1
        else:
            gap += 1
        y += step
    return np.asarray(np.exp(total / count), np.float32)
