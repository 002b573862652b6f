"""What stands in a score by its own encoding: bars of (onset in quarters, MIDI pitch), from Humdrum kern or MusicXML.

Tied notes count each, as they are printed; grace notes do not. Humdrum: https://www.humdrum.org/rep/kern/.
"""

from __future__ import annotations

import re
from fractions import Fraction

from workbench.errors import BadFile
from workbench.understand.score_image.readscore import ReadScore

#: A bar: onset from its start in quarters, and MIDI pitch, of every printed notehead.
Bar = list[tuple[Fraction, int]]
_STEPS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}


def kern_bars(text: str) -> list[Bar]:
    """The bars of a kern file in printed order.

    Raises:
        BadFile: it is none.
    """
    bars: list[Bar] = [[]]
    kinds: list[str] = []
    ends: list[Fraction] = []
    now = start = Fraction(0)
    for line in text.splitlines():
        if not line or line.startswith("!"):
            continue
        tokens = line.split("\t")
        if tokens[0].startswith("**"):
            kinds, ends = tokens, [Fraction(0)] * len(tokens)
        elif not kinds:
            raise BadFile("This is not a kern file.")
        elif tokens[0].startswith("="):
            now = max([now, *(end for end, kind in zip(ends, kinds, strict=True) if kind == "**kern")])
            if bars[-1] or now > start:  # a bar of rests alone is one too
                bars.append([])
            start = now
            ends = [now] * len(ends)
        elif tokens[0].startswith("*"):
            kinds, ends = _spines(tokens, kinds, ends)
        else:
            now = _row(tokens, kinds, ends, now, start, bars[-1])
    while bars and not bars[-1]:
        bars.pop()
    return bars


def _spines(tokens: list[str], kinds: list[str], ends: list[Fraction]) -> tuple[list[str], list[Fraction]]:
    """Spines after a line that may split, join or end some."""
    out_kinds: list[str] = []
    out_ends: list[Fraction] = []
    joining = False
    for token, kind, end in zip(tokens, kinds, ends, strict=True):
        if token == "*v" and joining:
            out_ends[-1] = max(out_ends[-1], end)
            continue
        joining = token == "*v"
        if token == "*-":
            continue
        for _ in range(2 if token == "*^" else 1):
            out_kinds.append(kind)
            out_ends.append(end)
    return out_kinds, out_ends


def _row(
    tokens: list[str], kinds: list[str], ends: list[Fraction], now: Fraction, start: Fraction, bar: Bar
) -> Fraction:
    """A line of notes into the bar; returns the time of the next line."""
    for place, (token, kind) in enumerate(zip(tokens, kinds, strict=True)):
        if kind != "**kern" or token == ".":
            continue
        length = None
        for part in token.split(" "):
            if "q" in part or "Q" in part:
                continue
            length = re.search(r"(\d+)(?:%(\d+))?(\.*)", part) or length  # a chord's first note may tell for all
            if length is None:
                continue
            value = int(length[1])
            quarters = Fraction(4 * int(length[2] or 1), value) if value else Fraction(8)
            quarters *= 2 - Fraction(1, 2 ** len(length[3]))
            ends[place] = now + quarters
            pitch = re.search(r"([a-gA-G])\1*", part)
            if pitch and "r" not in part:
                letter = pitch[0][0]
                octave = 4 + len(pitch[0]) - 1 if letter.islower() else 3 - (len(pitch[0]) - 1)
                alter = part.count("#") - part.count("-")
                bar.append((now - start, 12 * (octave + 1) + _STEPS[letter.lower()] + alter))
    later = [end for end, kind in zip(ends, kinds, strict=True) if kind == "**kern" and end > now]
    return min(later, default=now)


def read_bars(score: ReadScore, *, plain: bool = False) -> list[Bar]:
    """The bars that were read, those of rests alone too, as on the other side.

    ``plain``: the baseline beside it, from the same noteheads: no key and no accidental, and the onset from where a
    note stands between the bar lines, to the nearest half quarter.
    """
    from workbench.understand.score_image.written import natural, step_of

    bars = {bar.measure: bar for bar in score.bars()}
    out: dict[int, Bar] = {measure: [] for measure in bars}
    for event in score.events():
        if event.grace or event.measure not in bars:
            continue
        onset, pitches = event.onset, list(event.pitches)
        if plain:
            left, _, width, _ = bars[event.measure].box
            share = (event.box[0] - left) / max(1.0, width)
            onset = Fraction(max(0, round(2 * share * float(bars[event.measure].length))), 2)
            pitches = [natural(step_of(name)) for name in event.names]
        out[event.measure] += [(onset, pitch) for pitch in pitches]
    return [out[measure] for measure in sorted(out)]
