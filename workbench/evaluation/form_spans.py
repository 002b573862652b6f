"""The spans that the evaluation in forms hides: held-out pieces of several sets, each turned into one form."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from workbench.tokens import grid12 as g
from workbench.tokens import rows as r
from workbench.training import forms, grid_pieces
from workbench.training.grid_pieces import GridPiece
from workbench.training.infill_bits import Span, spans_of

MANY = 6  #: parts from which on a piece counts as one of many tracks
#: Spans of one piece at most.
PER_PIECE = 8

Shape = Callable[[GridPiece], GridPiece | None]


def spans_in_form(
    form: str, count: int, load: Callable[[str], Sequence[GridPiece]] | None = None
) -> list[Span]:  # fmt: skip
    """Up to ``count`` hidden spans of four bars in that form: one of every piece before any piece gives a second.

    The sets of the form take turns, test works come before validation works; a piece's id decides where its spans
    lie and how it is played.

    Args:
        load: the held-out pieces of a set; default: from the corpora.

    Raises:
        KeyError: no form of that name.
    """
    shape, names = FORMS[form]
    pieces = _in_turn([(load or held_out)(name) for name in names])
    places = [
        spans_of([found], PER_PIECE, seed=_number(found.id)) for piece in pieces if (found := shape(piece)) is not None
    ]
    return [found[nth] for nth in range(PER_PIECE) for found in places if nth < len(found)][:count]


def held_out(name: str) -> list[GridPiece]:
    """Test pieces of a set, then its validation pieces; ``pop909_drums`` is POP909 over held-out Groove drums."""
    if name != "pop909_drums":
        return [*grid_pieces.load(name, "test"), *grid_pieces.load(name, "valid")]
    grooves = [piece for piece in held_out("groove") if len(piece.notes) >= 64]
    songs = held_out("pop909_main")
    return [grid_pieces.lay_drums(song, grooves[place % len(grooves)]) for place, song in enumerate(songs)]


def _in_turn(sets: Sequence[Sequence[GridPiece]]) -> Iterator[GridPiece]:
    for place in range(max((len(found) for found in sets), default=0)):
        for found in sets:
            if place < len(found):
                yield found[place]


def _number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")


def _played(piece: GridPiece) -> GridPiece:
    return forms.played(forms.merged(piece), np.random.default_rng(_number(piece.id)))


def _without_beat(piece: GridPiece) -> GridPiece:
    if piece.id.startswith("giantmidi"):  # a recording: it never had one
        return piece
    return forms.without_beat(forms.merged(piece), np.random.default_rng(_number(piece.id)))


def _sheet(piece: GridPiece) -> GridPiece | None:
    found = forms.lead_sheet(piece)
    return found if len(np.unique(found.notes[:, r.SLOT])) == 2 else None


def _many(piece: GridPiece) -> GridPiece | None:
    return piece if len(np.unique(piece.notes[:, r.SLOT])) >= MANY else None


def _drums(piece: GridPiece) -> GridPiece | None:
    found = forms.drums_alone(piece)
    return found if (found.notes[:, r.SLOT] == g.DRUM_SLOT).all() else None


#: Form by what makes it of a piece (None: the piece cannot take it) and by the sets whose pieces it is made of.
FORMS: dict[str, tuple[Shape, tuple[str, ...]]] = {
    "merged": (forms.merged, ("pop909_main",)),
    "split": (forms.split, ("pop909_main",)),
    "type 0": (forms.type0, ("pop909_drums", "freedoom")),
    "lead sheet": (_sheet, ("pop909_main", "ewld")),
    "played": (_played, ("pop909_main",)),
    "played without a beat": (_without_beat, ("pop909_main", "giantmidi")),
    "scores": (lambda piece: piece, ("lieder", "quartets", "polish")),
    "many tracks": (_many, ("freedoom", "orchestra", "polish")),
    "drums alone": (_drums, ("groove", "pop909_drums")),
}
