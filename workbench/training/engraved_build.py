"""The pages that the score reader learns from and is judged by, on disk: engraved once, read many times.

``python -m workbench.training.engraved_build train 0 600`` engraves for 600 seconds, with seed 0, from works of the
training side. One ``.npz`` a page: ``picture`` uint8 [H, W] at 12 pixels a staff space, ``masks`` uint8 [7, H/2, W/2],
``symbols`` float32 [n, 10] (kind, x, y in staff spaces, flags, stem, dots, tie, offset, the stem's far end and place).
"""

from __future__ import annotations

import random
import sys
import time
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from workbench.errors import BadFile
from workbench.nets.score_symbols import KINDS, MASKS
from workbench.training.collect import openscore_work
from workbench.training.corpora import data_dir, train_dir
from workbench.training.engraved import UNSEEN_FONT, EngravedPage, engrave, random_layout
from workbench.training.engraved_labels import mask_images
from workbench.training.engraved_random import random_mei
from workbench.training.engraved_svg import UNITS
from workbench.training.splits import split

PICTURE = 12.0  #: pixels a staff space of the stored pictures
MASK = 6.0  #: of the stored masks
_LARGEST = 14_000_000  #: bytes of MusicXML; longer pieces take minutes to set
#: How often each source is drawn.
SHARES = {"song": 0.22, "piano": 0.24, "voice": 0.05, "quartet": 0.06, "lead": 0.10, "part": 0.05, "random": 0.28}


def folder(side: str) -> Path:
    """Where the pages of one side of the split lie."""
    path = train_dir() / "read-score" / side
    path.mkdir(parents=True, exist_ok=True)
    return path


def scores(side: str) -> dict[str, list[Path]]:
    """MusicXML files of works on one side, by kind of source."""
    root = data_dir()
    lieder = [
        p for p in sorted(root.glob("openscore_lieder_mxl/**/*.mxl")) if _on(f"lieder/{openscore_work(p.stem)}", side)
    ]
    quartets = [
        path for path in sorted(root.glob("openscore_quartets_mxl/**/*.mxl"))
        if _on(f"quartets/{openscore_work(path.stem)}", side)
    ]  # fmt: skip
    lead = [
        path for path in sorted(root.glob("open_ewld_xml/**/*.musicxml"))
        if _on(f"ewld/{''.join(c for c in path.stem.lower() if c.isascii() and c.isalnum()) or path.stem}", side)
    ]  # fmt: skip
    orchestra = sorted((root / "openscore_orchestra_xml").glob("**/*.musicxml"))
    parts = [
        path for path in orchestra
        if path.stat().st_size < _LARGEST
        and _on("orchestra/" + "/".join(path.relative_to(root / "openscore_orchestra_xml").parts[:2]), side)
    ]  # fmt: skip
    return {"song": lieder, "piano": lieder, "voice": lieder, "quartet": quartets, "lead": lead, "part": parts}


def _on(work: str, side: str) -> bool:
    return split(work) == side


def document(path: Path) -> str:
    """The text of a MusicXML file, compressed or not; raises :class:`BadFile`."""
    if path.suffix != ".mxl":
        return path.read_text(encoding="utf-8")
    try:
        with zipfile.ZipFile(path) as archive:
            name = next(n for n in archive.namelist() if n.endswith("xml") and not n.startswith("META-INF"))
            return archive.read(name).decode("utf-8")
    except (zipfile.BadZipFile, StopIteration, UnicodeDecodeError) as error:
        raise BadFile(f"{path.name} cannot be opened.") from error


def only_parts(text: str, choose: Callable[[list[int]], list[int]]) -> str:
    """A MusicXML score with some of its parts; ``choose`` gets the staves of each part and names those kept."""
    root = ET.fromstring(text)
    parts = root.findall("part")
    staves = [max([1, *(int(found.text or "1") for found in part.iter("staves"))]) for part in parts]
    kept = {parts[place].get("id") for place in choose(staves)}
    for part in parts:
        if part.get("id") not in kept:
            root.remove(part)
    listed = root.find("part-list")
    for entry in list(listed) if listed is not None else []:
        if listed is not None and (entry.tag == "part-group" or entry.get("id") not in kept):
            listed.remove(entry)
    return ET.tostring(root, encoding="unicode")


def source(kind: str, files: dict[str, list[Path]], chance: random.Random) -> str:
    """The text of one document of a kind; raises :class:`BadFile`."""
    if kind == "random":
        return random_mei(chance)
    text = document(chance.choice(files[kind]))
    if kind == "piano":
        return only_parts(text, lambda staves: [place for place, count in enumerate(staves) if count > 1][:1] or [0])
    if kind == "voice":
        return only_parts(text, lambda staves: [0])
    if kind == "part":
        return only_parts(text, lambda staves: [chance.randrange(len(staves))])
    return text


def arrays(page: EngravedPage) -> dict[str, np.ndarray]:
    """What is stored of a page."""
    height, width = (-(-side // 2) for side in page.picture.shape)
    masks = mask_images(page.drawing, UNITS / MASK, (height, width))
    rows = [
        (
            KINDS.index(label.kind), label.x / UNITS, label.y / UNITS, label.flags, label.stem, label.dots, label.tie,
            label.offset, label.tip / UNITS, label.stem_x / UNITS,
        )
        for label in page.labels
    ]  # fmt: skip
    return {
        "picture": page.picture,
        "masks": np.stack([masks[name] for name in MASKS]),
        "symbols": np.array(rows, np.float32).reshape(-1, 10),
    }


def documents(side: str, seed: int, font: str | None = None) -> Iterator[tuple[str, EngravedPage]]:
    """Pages without end, at 12 pixels a staff space, each with the kind of its source."""
    chance, files = random.Random(f"{side} {seed}"), scores(side)
    while True:
        kind = chance.choices(list(SHARES), list(SHARES.values()))[0]
        if kind != "random" and not files[kind]:
            continue
        try:
            text = source(kind, files, chance)
            for page in engrave(text, random_layout(chance, font), pages=3, scale=PICTURE, chance=chance):
                if len(page.labels) > 8 and page.staves:
                    yield kind, page
        except (BadFile, ET.ParseError, OSError, ValueError, KeyError, StopIteration):
            continue  # a document that Verovio or its reader cannot follow teaches nothing


def build(side: str, seed: int, seconds: float, font: str | None = None) -> int:
    """Engrave for a time; returns how many pages."""
    target, end, count = folder(side if font is None else f"{side}-{font.lower()}"), time.monotonic() + seconds, 0
    for kind, page in documents(side, seed, font):
        partial = target / f".{seed}.npz"
        np.savez_compressed(partial, **arrays(page))  # type: ignore[arg-type]
        partial.replace(target / f"{kind}-{seed:03d}-{count:05d}.npz")
        count += 1
        if time.monotonic() > end:
            break
    return count


if __name__ == "__main__":
    print(build(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), UNSEEN_FONT if "unseen" in sys.argv else None))
