"""A style at a glance: one bar of its groove, small enough for a card."""

from __future__ import annotations

from typing import Any

from workbench.create.compose.style import GROOVE_A, PPQ, Pattern, Style

#: A bar is told in so many steps, whatever its metre: fine enough for a swung eighth.
WHOLE = 1000
#: Rows of a drum kit, from below, by General MIDI keys; whatever is in none of them is told with the cymbals.
KICK, SNARE, CYMBALS = 0, 1, 2
_ROWS = {35: KICK, 36: KICK, 37: SNARE, 38: SNARE, 39: SNARE, 40: SNARE}
#: No card shows more strokes of one part than this.
MOST_NOTES = 64


def miniature(style: Style) -> list[dict[str, Any]]:
    """The first bar of ``Groove A``, part by part.

    Returns:
        For each part that plays there ``part`` (its name), ``is_drum`` and ``notes``: ``[start, length, height]``,
        start and length in thousandths of the bar; height: a MIDI pitch, for drums 0 (kick), 1 (snare), 2 (cymbals).
    """
    bar = 4 * PPQ * style.metre[0] // style.metre[1]
    out: list[dict[str, Any]] = []
    for part in style.parts:
        groove = part.sections.get(GROOVE_A) or next(iter(part.sections.values()), None)
        if groove is None:
            continue
        notes = _notes(groove, bar, part.is_drum)
        if notes:
            out.append({"part": part.name, "is_drum": part.is_drum, "notes": notes})
    return out


def _notes(pattern: Pattern, bar: int, drums: bool) -> list[list[int]]:
    """The notes of the first bar in which something is played, each place once."""
    first = min((note.tick // bar for note in pattern.notes), default=0) * bar
    seen: dict[tuple[int, int], int] = {}
    for note in pattern.notes:
        at = note.tick - first
        if not 0 <= at < bar:
            continue
        key = (round(WHOLE * at / bar), _ROWS.get(note.pitch, CYMBALS) if drums else note.pitch)
        length = max(1, round(WHOLE * min(note.duration, bar - at) / bar))
        seen[key] = max(seen.get(key, 0), length)
    return [[start, length, height] for (start, height), length in sorted(seen.items())][:MOST_NOTES]
