"""Collects the pieces of an archive: which reader each set has, and what a work is in it.

Files that cannot be read are left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from workbench.training import pop909, same_works, score_readers
from workbench.training.pieces import Corpus, Piece
from workbench.training.readers import read_file

MIN_NOTES = 8
#: Sets that came later, in order: their pieces take the work ids of the same music in those before (``same_works``),
#: which therefore must be there when they are read.
FIRST = ("pop909_main", "lieder", "quartets", "polish", "freedoom", "folk", "giantmidi")
LATER = ("orchestra", "ewld", "mutopia")


def read_corpus(corpus: Corpus, folder: Path, others: Callable[[str], Iterable[Piece]]) -> list[Piece]:
    """All readable pieces of an archive with at least eight notes, sorted by id; ``others`` reads another corpus."""
    readers: dict[str, Callable[[Path], Iterable[Piece | None]]] = {
        "pop909_main": pop909.read_main,
        "pop909_cl": pop909.read_cl,
        "groove": lambda root: _files(corpus, root / "data" / "groove", "**/*.mid", groove_work),
        "freedoom": lambda root: _files(corpus, root / "musics", "*.mid", str.lower),
        "giantmidi": lambda root: _files(corpus, root, "**/*.mid", giantmidi_work),
        "lieder": lambda root: _files(corpus, root / "midi", "*.mid", openscore_work),
        "quartets": lambda root: _files(corpus, root / "midi", "*.mid", openscore_work),
        "polish": lambda root: _files(corpus, root / "midi_converted", "*.mid", polish_work),
        "folk": lambda root: read_folk(root / "abc_midi"),
        "orchestra": score_readers.read_orchestra,
        "ewld": score_readers.read_ewld,
        "mutopia": score_readers.read_mutopia,
    }
    found = [piece for piece in readers[corpus.name](folder) if piece is not None and len(piece.notes) >= MIN_NOTES]
    found.sort(key=lambda piece: piece.id)
    if corpus.name in LATER:
        earlier = (*FIRST, *LATER[: LATER.index(corpus.name)])
        found = same_works.linked(found, (piece for name in earlier for piece in others(name)))
    return found


def groove_work(stem: str) -> str:
    """The recording; the same groove played at another time is another work."""
    return stem


def giantmidi_work(stem: str) -> str:
    """All movements and cuts of one recording are one work."""
    return re.sub(r"_((mov|cut_no)_\d+|[a-z])$", "", stem)


def openscore_work(stem: str) -> str:
    """The score's number, ``lc...`` or ``sq...``, which the MusicXML shares."""
    match = re.search(r"(lc|sq)\d+$", stem)
    return match.group(0) if match else stem


def polish_work(stem: str) -> str:
    """Composer and title: editions and copies of one piece in several libraries are one work."""
    return stem.rsplit("_", 1)[-1]


def read_folk(folder: Path) -> Iterable[Piece | None]:
    """Folk tunes; the title (the track's name) is the work, because the same tune stands in several books."""
    for path in sorted(folder.glob("*.mid")):
        piece = read_file(path, f"folk/{path.stem}", f"folk/{path.stem}", "folk")
        if piece is not None:
            title = re.sub(r"[^a-z0-9]", "", piece.tracks[0].lower()) or path.stem
            piece = replace(piece, work=f"folk/{title}")
        yield piece


def _files(corpus: Corpus, folder: Path, pattern: str, work: Callable[[str], str]) -> Iterable[Piece | None]:
    for path in sorted(folder.glob(pattern)):
        name = "/".join(path.relative_to(folder).with_suffix("").parts)
        stem = name if corpus.name == "groove" else path.stem
        yield read_file(path, f"{corpus.name}/{name}", f"{corpus.name}/{work(stem)}", corpus.name)
