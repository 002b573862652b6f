"""The one call: ``read_words("a calm waltz for piano, no drums, a minute and a half")``."""

from __future__ import annotations

import re

from workbench.understand.words.combine import combine
from workbench.understand.words.wishes import MAX_CHARACTERS, Chip, Wishes

_BPM = re.compile(r"(\d{2,3})\s*bpm\b", re.IGNORECASE)
_SECONDS = re.compile(r"(\d{1,4})[\s-]*(?:seconds|second|secs|sec|s)\b", re.IGNORECASE)


def read_words(text: str) -> Wishes:
    """What a text asks for, in any of the five languages; at most :data:`MAX_CHARACTERS` of it are read."""
    text = text[:MAX_CHARACTERS]
    chips: list[Chip] = []
    for found in _BPM.finditer(text):
        if 20 <= float(found[1]) <= 320:
            sentence = f"Tempo: {found[1]} beats a minute"
            chips.append(Chip(f"tempo-{found.start()}", found.start(), found.end(), "tempo", found[1], sentence))
    for found in _SECONDS.finditer(text):
        if 1 <= float(found[1]) <= 3_600:
            sentence = f"Length: {found[1]} seconds"
            chips.append(Chip(f"length-{found.start()}", found.start(), found.end(), "length", found[1], sentence))
    return combine(text, "en", sorted(chips, key=lambda chip: chip.start), (), "")
