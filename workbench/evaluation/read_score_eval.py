"""How well scores are read: F1 of (bar, pitch) and (bar, onset, pitch), per piece, on scans and engraved pages.

    python -m workbench.evaluation.read_score_eval scans FOLDER [--pieces N]      # NAME.pdf beside NAME.krn
    python -m workbench.evaluation.read_score_eval engraved FOLDER [--pieces N] [--photo] [--font Leland]

Bars are aligned by dynamic programming, since one bar line missed would count every later note as wrong; the strict
figure, bar by bar in order, stands beside it, and so does the plain baseline (no key or accidentals, onsets by place).
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import WorkbenchError
from workbench.evaluation.read_score_truth import Bar, kern_bars, read_bars
from workbench.understand.score_image.pages import open_pages
from workbench.understand.score_image.reading import read_pages

MEASURES = ("pitch", "onset", "strict pitch", "strict onset", "plain pitch", "plain onset")


def overlap(one: Bar, two: Bar, *, onset: bool) -> int:
    """How many notes two bars share, each counted once."""
    first = Counter(one if onset else [(Fraction(0), pitch) for _, pitch in one])
    second = Counter(two if onset else [(Fraction(0), pitch) for _, pitch in two])
    return sum((first & second).values())


def score_f1(truth: Sequence[Bar], read: Sequence[Bar], *, onset: bool, strict: bool = False) -> float:
    """F1 of notes by bar; bars aligned so that most notes agree, or in order where ``strict``."""
    total = sum(map(len, truth)) + sum(map(len, read))
    if strict:
        shared = sum(overlap(a, b, onset=onset) for a, b in zip(truth, read, strict=False))
        return 2 * shared / max(1, total)
    best = np.zeros((len(truth) + 1, len(read) + 1))
    for i, a in enumerate(truth, 1):
        for j, b in enumerate(read, 1):
            match = best[i - 1, j - 1] + (overlap(a, b, onset=onset) if abs(i - j) < 60 else 0)
            best[i, j] = max(match, best[i - 1, j], best[i, j - 1])
    return float(2 * best[-1, -1] / max(1, total))


def measured(truth: Sequence[Bar], pages: Sequence[NDArray[np.uint8]]) -> dict[str, float]:
    """All measures of one piece; zeros where it could not be read."""
    began = time.process_time()
    try:
        score = read_pages(pages)
    except WorkbenchError:
        return dict.fromkeys(MEASURES, 0.0) | {"seconds": time.process_time() - began}
    seconds = time.process_time() - began
    bars, plain = read_bars(score), read_bars(score, plain=True)
    out = {
        "pitch": score_f1(truth, bars, onset=False), "onset": score_f1(truth, bars, onset=True),
        "strict pitch": score_f1(truth, bars, onset=False, strict=True),
        "strict onset": score_f1(truth, bars, onset=True, strict=True),
        "plain pitch": score_f1(truth, plain, onset=False), "plain onset": score_f1(truth, plain, onset=True),
    }  # fmt: skip
    return out | {"seconds": seconds / len(pages)}


def scans(folder: Path, pieces: int | None) -> Iterator[tuple[str, dict[str, float]]]:
    """Each ``NAME.pdf`` with its ``NAME.krn``."""
    names = sorted(path for path in folder.rglob("*.pdf") if path.with_suffix(".krn").exists())
    for path in names[:pieces]:
        truth = kern_bars(path.with_suffix(".krn").read_text(encoding="utf-8", errors="replace"))
        yield path.stem, measured(truth, open_pages(path))


def engraved(
    folder: Path, pieces: int | None, font: str, *, photo: bool, seed: int = 1
) -> Iterator[tuple[str, dict[str, float]]]:
    """A page of each MusicXML file, engraved anew; ``photo``: as a telephone would see it."""
    from workbench.training.engraved import engrave, random_layout

    chance = random.Random(seed)
    for name, text in _texts(folder, pieces, chance):
        try:
            page = next(iter(engrave(text, random_layout(chance, font), pages=1, scale=14, chance=chance)))
        except (WorkbenchError, StopIteration):
            continue
        count = 1 + max((note.measure for note in page.notes), default=0)
        truth: list[Bar] = [[] for _ in range(count)]
        for note in page.notes:
            if note.pitch >= 0 and not note.grace:
                truth[note.measure].append((note.onset, note.pitch))
        picture = photographed(page.picture, chance) if photo else page.picture
        yield name, measured(truth, [picture])


def _texts(folder: Path, pieces: int | None, chance: random.Random) -> Iterator[tuple[str, str]]:
    """MusicXML files of a folder in random order: name and text."""
    import zipfile

    files = sorted(path for ending in ("*.mxl", "*.musicxml", "*.xml") for path in folder.rglob(ending))
    chance.shuffle(files)
    for path in files[:pieces]:
        if path.suffix == ".mxl":
            with zipfile.ZipFile(path) as archive:
                inner = next(name for name in archive.namelist() if name.endswith("xml") and "META-INF" not in name)
                yield path.stem, archive.read(inner).decode("utf-8", errors="replace")
        else:
            yield path.stem, path.read_text(encoding="utf-8", errors="replace")


def photographed(picture: NDArray[np.uint8], chance: random.Random) -> NDArray[np.uint8]:
    """A picture as a telephone sees it: turned by 2 degrees, in perspective, in shadow, blurred, JPEG at 60."""
    from io import BytesIO

    from PIL import Image, ImageFilter

    image = Image.fromarray(picture).rotate(
        chance.choice((-2.0, 2.0)), Image.Resampling.BICUBIC, expand=True, fillcolor=255
    )
    width, height = image.size
    lean = 0.02 * width
    corners = (-lean, 0, lean, height, width - lean, height, width + lean, 0)
    image = image.transform(image.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC, fillcolor=255)
    image = image.filter(ImageFilter.GaussianBlur(0.9))
    shade = np.linspace(1.0, 0.5, width)[None, :] * np.linspace(0.85, 1.0, height)[:, None]
    dim = Image.fromarray((np.asarray(image) * shade).clip(0, 255).astype(np.uint8))
    buffer = BytesIO()
    dim.save(buffer, "JPEG", quality=60)
    return np.asarray(Image.open(buffer))


def table(rows: Sequence[tuple[str, dict[str, float]]]) -> str:
    """A line a piece, then mean, standard deviation and worst tenth."""
    names = (*MEASURES, "seconds")
    lines = ["| piece | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for name, row in rows:
        lines.append(f"| {name} | " + " | ".join(f"{row[key]:.3f}" for key in names) + " |")
    if rows:
        values = np.array([[row[key] for key in names] for _, row in rows])
        told = {"mean": values.mean(0), "spread": values.std(0), "worst tenth": np.percentile(values, 10, axis=0)}
        for what, line in told.items():
            lines.append(f"| **{what}** | " + " | ".join(f"{value:.3f}" for value in line) + " |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table of one set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", choices=("scans", "engraved"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pieces", type=int)
    parser.add_argument("--photo", action="store_true")
    parser.add_argument("--font", default="Leland")
    given: Any = parser.parse_args(arguments)
    found = (
        scans(given.folder, given.pieces)
        if given.set == "scans"
        else engraved(given.folder, given.pieces, given.font, photo=given.photo)
    )
    rows: list[tuple[str, dict[str, float]]] = []
    for row in found:
        rows.append(row)
        print(row[0], {key: round(value, 3) for key, value in row[1].items()}, flush=True)
    print(table(rows))


if __name__ == "__main__":
    main()
