"""Instruments that a person names, as players of a style that suits the piece.

Who asks for bass, piano and drums under a tune asks for a band. A style of the piece's metre and tempo has a part for
each of them; the part keeps its notes and is given the instrument's sound.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from workbench.create.compose.joining import band_request
from workbench.create.compose.remetre import DOTTED, beats_of
from workbench.create.compose.style import Part, Style
from workbench.create.compose.styles import find_style, style_names
from workbench.create.drumlike import drumlike
from workbench.hub.tasks.arrange.request import HUMANISE, ArrangeRequest
from workbench.hub.tasks.infill.controls import InfillControls
from workbench.hub.tasks.infill.request import NewTrack
from workbench.score.score import Score
from workbench.score.timemap import TimeMap

#: Styles that suit most tunes, each with a part for the usual instruments.
PLAIN = ("pop-ballad", "folk-picking", "country", "rock", "waltz", "lullaby", "gospel-six")
#: General MIDI programs, up to and with the last, by what their players do in a band; what is not here plays single
#: notes and has no part in a style.
_ROLES: tuple[tuple[int, int, str], ...] = (
    (0, 7, "keys"), (16, 23, "keys"), (24, 31, "guitar"), (32, 39, "bass"), (43, 43, "bass"), (46, 46, "keys"),
    (48, 54, "pad"), (58, 58, "bass"), (61, 63, "pad"), (88, 95, "pad"),
)  # fmt: skip
#: Who plays what has no part of its own in a style, in the order of preference.
_STANDS_IN = {"keys": ("keys", "guitar", "pad"), "guitar": ("guitar", "keys"), "pad": ("pad", "keys"),
              "bass": ("bass",), "drums": ("drums",)}  # fmt: skip
#: What a borrowed part costs, in octaves of tempo.
_BORROWED = 0.5
#: Distorted guitars play fifths; no other guitar does.
_DISTORTED = (29, 30)
_QUARTER = 500_000


def role_of(program: int, is_drum: bool = False) -> str | None:
    """What an instrument does in a band; None: it plays single notes."""
    if is_drum:
        return "drums"
    return next((role for low, high, role in _ROLES if low <= program <= high), None)


def players(score: Score, tracks: Sequence[NewTrack]) -> tuple[Style, tuple[Part, ...]] | None:
    """The style that suits a piece and has a part for each of these tracks, and the parts in the tracks' order.

    None: one of them plays no part in any style.
    """
    best: tuple[float, Style, tuple[Part, ...]] | None = None
    for name in PLAIN:
        style = find_style(name) if name in style_names() else None
        found = None if style is None else _cast(style, tracks)
        if style is None or found is None:
            continue
        cost = found[0] + _distance(style, score)
        if best is None or cost < best[0]:
            best = (cost, style, found[1])
    return None if best is None else (best[1], best[2])


def _cast(style: Style, tracks: Sequence[NewTrack]) -> tuple[float, tuple[Part, ...]] | None:
    """A part for each track and what is borrowed for it."""
    cost, chosen = 0.0, list[Part]()
    for track in tracks:
        role = role_of(track.program, track.is_drum)
        free = [part for part in style.parts if part not in chosen]
        kinds = _STANDS_IN.get(role or "", ())
        part = next((own for kind in kinds for own in free if own.role == kind), None)
        if part is None:
            return None
        cost += _BORROWED * (part.role != role)
        if role == "guitar" and (part.program in _DISTORTED) != (track.program in _DISTORTED):
            cost += _BORROWED
        chosen.append(part)
    return cost, tuple(chosen)


def _distance(style: Style, score: Score) -> float:
    """How far the piece is from a style: metres of other beats count more than any tempo."""
    metre = (score.meters[0].numerator, score.meters[0].denominator) if score.meters else (4, 4)
    tempo = 60_000_000 / (score.tempos[0].us_per_quarter if score.tempos else _QUARTER)
    have, want = beats_of(style.metre), beats_of(metre)
    other = 8.0 * ((have[1] == DOTTED) != (want[1] == DOTTED))
    other += 4.0 * (have[0] % 3 != want[0] % 3 and have[0] != want[0])
    return other + abs(math.log2(tempo / style.tempo[1]))


def players_request(
    score: Score, tracks: Sequence[NewTrack], bars: tuple[int, int], *, count: int = 1, humanise: int = HUMANISE,
    controls: InfillControls | Mapping[str, Any] | None = None,
) -> ArrangeRequest | None:  # fmt: skip
    """The request for a style whose parts these instruments play; None: one of them plays no part in any style."""
    found = players(score, tracks)
    if found is None:
        return None
    style, parts = found
    request = band_request(
        score, style.id, bars, parts=[part.name for part in parts], count=count, humanise=humanise, controls=controls
    )  # fmt: skip
    sounds = {part.name: track for part, track in zip(parts, tracks, strict=True)}
    return replace(
        request,
        parts=tuple(
            replace(track, name=sounds[track.part].name, program=sounds[track.part].program) for track in request.parts
        ),
    )


def own_roles(score: Score) -> frozenset[str]:
    """Which of drums and bass a piece has already: an instrument of that kind that plays in half of its bars."""
    time = TimeMap(score)
    bars = {time.bar_at(note.start).number for _, note in score.all_notes()}
    out = set()
    for track in score.tracks:
        role = role_of(track.program, drumlike(track, score.ppq))
        played = {time.bar_at(note.start).number for note in track.notes.values()}
        if role in ("drums", "bass") and 2 * len(played) >= len(bars) > 0:
            out.add(role)
    return frozenset(out)
