"""The form of a piece: as a person says it in words, or as a given length asks for.

    form_of("intro verse chorus verse chorus ending")
    form_of("pop", seconds=120, tempo=96)
    form_of("intro 4, verse 16, chorus 8")

How the form of music that is there already is found (``sections_of``) stands in
:mod:`workbench.create.compose.found_sections`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from workbench.create.compose.found_sections import sections_of
from workbench.create.compose.section import KINDS, MAX_BARS, WORDS, Section, climax
from workbench.errors import BadRequest

__all__ = ["PRESETS", "Section", "form_of", "sections_of"]

MAX_SECTIONS = 40
#: Forms that have a name, the shortest of each first.
PRESETS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "pop": (
        "verse chorus",
        "intro verse chorus ending",
        "intro verse build chorus ending",
        "intro verse chorus verse chorus ending",
        "intro verse chorus verse chorus bridge chorus ending",
        "intro verse build chorus verse build chorus bridge chorus ending",
        "intro verse verse build chorus verse build chorus bridge chorus chorus ending",
        "intro verse verse build chorus chorus verse verse build chorus bridge break chorus chorus chorus ending",
    ),
    "standard": (
        "verse verse",
        "intro verse verse ending",
        "intro verse verse bridge verse ending",
        "intro verse verse bridge verse verse bridge verse ending",
        "intro verse verse bridge verse verse verse bridge verse bridge verse ending",
    ),
    "dance": (
        "build chorus",
        "intro build chorus ending",
        "intro verse build chorus break chorus ending",
        "intro verse build chorus break build chorus ending",
        "intro verse build chorus chorus bridge break build chorus chorus ending",
        "intro verse verse build chorus chorus break verse bridge build chorus chorus chorus ending",
    ),
})  # fmt: skip
_PRESET_WORDS = MappingProxyType({
    "song": "pop", "aaba": "standard", "jazz": "standard", "standard": "standard", "pop": "pop", "dance": "dance",
    "club": "dance", "house": "dance", "techno": "dance",
})  # fmt: skip
#: How many bars a section may have, by liking: eight, four and sixteen come first.
_LENGTHS = (8, 4, 16, 12, 2, 6, 10, 14)
#: Bars that a form of a given name has where nobody says, and a contrast in it: about two minutes.
USUAL = 52
#: Seconds a piece may have.
SECONDS = (8, 900)
#: Bars of the tune, or of its verse and of its chorus.
Phrase = int | Mapping[str, int]


def form_of(
    form: str | Iterable[str] = "",
    *,
    bars: int | None = None,
    seconds: float | None = None,
    tempo: float = 120.0,
    beats: float = 4.0,
    phrase: Phrase = 8,
) -> tuple[Section, ...]:
    """The sections of a piece, one after another from bar 1.

    Args:
        form: section names ("intro verse chorus", each with its bars behind it if they matter: "verse 16"), a name of
            :data:`PRESETS`, or nothing: a pop song of the length asked for.
        bars: how many bars in all; the sections that name no bars are stretched or cut to fit, by phrases.
        seconds: instead, how long it lasts.
        tempo, beats: quarters a minute and quarters a bar, for ``seconds``.
        phrase: bars of the tune, or of its verse and its chorus: verses and choruses have as many.

    Raises:
        BadRequest: an unknown word, a length that cannot be met, or both lengths at once.
    """
    if bars is not None and seconds is not None:
        raise BadRequest("Say how many bars the piece has or how many seconds, not both.")
    if seconds is not None:
        if not SECONDS[0] <= seconds <= SECONDS[1]:
            raise BadRequest(f"A piece can last {SECONDS[0]} to {SECONDS[1]} seconds.")
        bars = max(2, round(seconds * tempo / 60.0 / beats))
    if bars is not None and (type(bars) is not int or not 2 <= bars <= MAX_BARS):
        raise BadRequest(f"A piece can have 2 to {MAX_BARS} bars.")
    words = form.split() if isinstance(form, str) else [word for item in form for word in str(item).split()]
    text = re.sub(r"[^a-z0-9 ]+", " ", re.sub(r"pre-", "pre", " ".join(words).casefold())).split()
    text = [word for word in text if word not in ("bar", "bars", "and", "then")]
    if not text or (len(text) == 1 and text[0] in _PRESET_WORDS):
        preset = PRESETS[_PRESET_WORDS[text[0]] if text else "pop"]
        return _placed(_of_length(preset, bars, phrase))
    return _placed(_stretched(_read(text, phrase), bars))


def _read(words: Sequence[str], phrase: Phrase) -> list[tuple[str, int, bool]]:
    """Kind, bars and whether they were named, of each section."""
    out: list[tuple[str, int, bool]] = []
    for word in words:
        if word.isdecimal() and out and not out[-1][2]:
            if not 1 <= int(word) <= 64:
                raise BadRequest("A section can have 1 to 64 bars.")
            out[-1] = (out[-1][0], int(word), True)
            continue
        letters = list(word) if word not in WORDS and re.fullmatch(r"[abc]{2,12}", word) else [word]
        for letter in letters:
            kind = WORDS.get(letter, letter)
            if kind not in KINDS:
                raise BadRequest(
                    f"There is no section {word[:30]!r}; a form is made of {', '.join(KINDS)}, "
                    f"or is one of {', '.join(PRESETS)}."
                )
            out.append((kind, _usual(kind, phrase), False))
    if len(out) > MAX_SECTIONS:
        raise BadRequest(f"A form has at most {MAX_SECTIONS} sections.")
    return out


def _usual(kind: str, phrase: Phrase) -> int:
    """A section's bars where nobody says: those of the tune for verse and chorus."""
    if kind not in ("verse", "chorus"):
        return KINDS[kind][0]
    return phrase if isinstance(phrase, int) else phrase.get(kind, KINDS[kind][0])


def _of_length(preset: Sequence[str], bars: int | None, phrase: Phrase) -> list[tuple[str, int]]:
    """The form of a preset whose usual length is nearest, then made to fit."""
    forms = [_read(text.split(), phrase) for text in preset]
    if bars is None:
        whole = [form for form in forms if any(kind in ("bridge", "break") for kind, _, _ in form)]
        return _stretched(min(whole, key=lambda form: abs(sum(size for _, size, _ in form) - USUAL)), None)
    nearest = min(forms, key=lambda form: abs(sum(size for _, size, _ in form) - bars))
    return _stretched(nearest, bars)


def _stretched(form: Sequence[tuple[str, int, bool]], bars: int | None) -> list[tuple[str, int]]:
    """Sections made longer or shorter until they have ``bars`` in all.

    By whole phrases of four first, then of two, at last bar by bar at the ending: nobody hears an odd bar there.
    """
    sizes = [size for _, size, _ in form]
    free = [place for place, (_, _, named) in enumerate(form) if not named]
    last = max((place for place, (kind, _, _) in enumerate(form) if kind == "chorus"), default=-1)
    if bars is None:
        return [(kind, size) for kind, size, _ in form]
    if bars < len(form) or (not free and sum(sizes) != bars):
        raise BadRequest(f"This form does not fit into {bars} bars; name fewer sections or leave out their bars.")
    for step in (4, 2, 1):
        while abs(bars - sum(sizes)) >= step:
            grow = step if bars > sum(sizes) else -step
            able = [place for place in free if 1 <= sizes[place] + grow <= 64]
            if step > 1:
                able = [place for place in able if sizes[place] + grow >= 2]
            elif any(form[place][0] in ("ending", "intro") and sizes[place] + grow >= 1 for place in able):
                able = [place for place in able if form[place][0] in ("ending", "intro")]
            if not able:
                break

            # The section that would then be the least unlike its usual length, among those the last one; but the last
            # chorus, the high point, is not made shorter.
            def oddness(place: int, grow: int = grow) -> tuple[bool, float, int, int]:
                size = sizes[place] + grow
                rank = _LENGTHS.index(size) if size in _LENGTHS else len(_LENGTHS)
                usual = form[place][1]
                return (grow < 0 and place == last, max(size / usual, usual / size), rank, -place)

            sizes[min(able, key=oddness)] += grow
    if sum(sizes) != bars:
        raise BadRequest(f"This form does not fit into {bars} bars; name fewer sections or leave out their bars.")
    return [(kind, size) for (kind, _, _), size in zip(form, sizes, strict=True)]


def _placed(form: Sequence[tuple[str, int]]) -> tuple[Section, ...]:
    """Sections with first bars and energies: what comes back has a little more, the last chorus has all."""
    total = sum(size for _, size in form)
    if total > MAX_BARS:
        raise BadRequest(f"A piece can have 2 to {MAX_BARS} bars.")
    out: list[Section] = []
    seen: dict[str, int] = {}
    at = 1
    for kind, size in form:
        energy = KINDS[kind][1] + 5 * min(2, seen.get(kind, 0))
        seen[kind] = seen.get(kind, 0) + 1
        out.append(Section(kind, at, size, min(95, energy)))
        at += size
    top = climax(out)
    if top is not None:
        out[top] = replace(out[top], energy=100)
    return tuple(out)
