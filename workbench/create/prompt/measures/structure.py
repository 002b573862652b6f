"""Does it have the form that was asked for: which sections are alike, and where new ones begin.

The sections of the piece are found in its notes (:mod:`workbench.create.compose.found_sections`), with its section
names taken away, so that what is compared is the music and not the plan.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from workbench.create.compose.form import form_of
from workbench.create.compose.found_sections import sections_of
from workbench.create.prompt.card import Line
from workbench.create.prompt.piece import Piece
from workbench.errors import BadRequest
from workbench.score.score import Score
from workbench.score.timemap import TimeMap

#: A section: where it begins and ends, as shares of the whole, and its letter.
Part = tuple[float, float, str]
#: Bars by which a beginning may be off.
BARS = 1.0
TARGET = 0.7
#: Points at which letters are compared.
POINTS = 200


def asked_of_words(form: str, bars: int) -> list[Part]:
    """The form that words name, stretched over so many bars; empty where it cannot be."""
    try:
        sections = form_of(form, bars=bars)
    except BadRequest:
        return []
    return [((part.first_bar - 1) / bars, part.last_bar / bars, part.kind) for part in sections]


def asked_of_score(score: Score) -> list[Part]:
    """The sections of a piece that was given."""
    return parts_of(score)


def parts_of(score: Score) -> list[Part]:
    """The sections that the notes of a piece have, whatever its markers say."""
    plain = score.copy()
    plain.texts = [text for text in plain.texts if text.kind != "marker"]
    found = sections_of(plain)
    if not found:
        return []
    first, last = found[0].first_bar, found[-1].last_bar + 1
    whole = last - first
    return [((part.first_bar - first) / whole, (part.last_bar + 1 - first) / whole, part.label) for part in found]


def boundaries(asked: Sequence[Part], got: Sequence[Part], near: float) -> float:
    """F measure of where sections begin, the first apart; ``near``: as a share of the whole."""
    want, have = [part[0] for part in asked[1:]], [part[0] for part in got[1:]]
    if not want or not have:
        return 0.0
    pairs = sum(any(abs(one - other) <= near + 1e-9 for other in have) for one in want)
    back = sum(any(abs(one - other) <= near + 1e-9 for other in want) for one in have)
    recall, precision = pairs / len(want), back / len(have)
    return 2 * recall * precision / max(1e-9, recall + precision)


def alike(asked: Sequence[Part], got: Sequence[Part]) -> float:
    """F measure of which moments are of one letter (Levy and Sandler, 2008)."""
    want, have = _letters(asked), _letters(got)
    same_asked = want[:, None] == want[None, :]
    same_got = have[:, None] == have[None, :]
    both = float((same_asked & same_got).sum())
    return 2 * both / float(same_asked.sum() + same_got.sum())


def _letters(parts: Sequence[Part]) -> np.ndarray:
    names = {name: number for number, name in enumerate(dict.fromkeys(part[2] for part in parts))}
    out = np.zeros(POINTS, int)
    for start, end, name in parts:
        out[round(start * POINTS) : round(end * POINTS)] = names[name]
    return out


def measure(slot: str, asked: Sequence[Part], piece: Piece) -> list[Line]:
    """The line of a prompt that gives the structure; none where it has but one section."""
    if len(asked) < 2:
        return []
    got = parts_of(piece.score)
    bars = max(1, len(piece.times.bars()))
    value = 0.5 * boundaries(asked, got, BARS / bars) + 0.5 * (alike(asked, got) if got else 0.0)
    said = "Its parts follow each other as you asked." if value >= TARGET else (
        f"Of its form not everything is heard: you asked for {len(asked)} parts, one hears {len(got)}."
    )  # fmt: skip
    seconds = piece.times.seconds(TimeMap(piece.score).bars()[-1].end) if bars else piece.seconds
    return [
        Line(slot, "structure", value, TARGET, said, 0.35, "score", "marks",
             tuple((start * seconds, 1.0) for start, _, _ in asked),
             tuple((start * seconds, 0.5) for start, _, _ in got))
    ]  # fmt: skip
