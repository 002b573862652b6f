"""A band for a voice in plain words, of any of the five languages: "soft bossa without drums, with a guitar".

Words name the style, or the instruments or the mood that choose one, who must not play, and how full and loud the band
is; the voice decides its tempo, key, metre and length. What nothing was made of is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from workbench.create.compose.joining import meant
from workbench.create.compose.style import Part
from workbench.create.compose.styles import load_style, style_names
from workbench.create.prompt.styling import BY_MOOD, USUAL, by_words, family_of
from workbench.errors import BadRequest
from workbench.score.instruments import DRUMS
from workbench.understand.words import Wishes, read_words

#: What the voice itself decides, by the kind of a chip.
_SUNG = {
    "tempo": "tempo", "tempo word": "tempo", "length": "length", "bars": "length", "metre": "metre", "key": "key",
    "mode": "key", "form": "form", "shape": "form",
}  # fmt: skip
_NOTHING = "Name a style, instruments or a mood for the band, such as: soft bossa without drums."


@dataclass(frozen=True, slots=True)
class WordedBand:
    """A band as words asked for it.

    ``style``: its id; ``title``: its name. ``parts``: names of the parts that play, empty for all. ``controls``: wishes
    as for a fill. ``missing``: programs (128: drums) that were asked for and that the style has not. ``sung``: what was
    asked for and is the voice's to decide: ``tempo``, ``length``, ``metre``, ``key``, ``form``. ``remarks``: sentences
    on wishes that contradict each other. ``not_understood``: words that said nothing.
    """

    style: str
    title: str
    parts: tuple[str, ...] = ()
    controls: Mapping[str, int] = field(default_factory=dict)
    missing: tuple[int, ...] = ()
    sung: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    not_understood: tuple[str, ...] = ()


def band_in_words(text: str) -> WordedBand:
    """The band that words ask for.

    Raises:
        BadRequest: they name no band, or something that cannot be done.
    """
    wishes = read_words(text)
    if wishes.refused:
        raise BadRequest(wishes.refused)
    small = meant(text) if not wishes.style else None  # the names of small bands, such as "jazz"
    named = bool(wishes.style or small)
    moody = any(mood in wishes.moods for mood, _ in BY_MOOD)
    if not named and not wishes.instruments and not moody and not wishes.without:
        raise BadRequest(f"Nothing was understood of {text.strip()[:40]!r}. {_NOTHING}")
    if small:
        style, parts = small
    else:
        by_hand = not named and any(program != DRUMS for program in wishes.instruments)
        style = load_style(_covering(wishes) if by_hand else by_words(wishes, 0))
        parts = tuple(style.parts)
    playing = [part for part in parts if not wishes.unwanted(DRUMS if part.is_drum else part.program)]
    missing = [program for program in wishes.instruments if not any(_plays(part, program) for part in style.parts)]
    if wishes.only or not (named or moody):
        asked = [part for part in playing if any(_plays(part, program) for program in wishes.instruments)]
        playing = asked or playing
    if not playing:
        raise BadRequest(f"Nobody would be left to play in {style.title}; leave fewer instruments out.")
    names = tuple(part.name for part in playing)
    controls = {
        name: round(100 * value) for name, value in (("density", wishes.density), ("loudness", wishes.loudness))
        if value is not None
    }  # fmt: skip
    return WordedBand(
        style.id, style.title, () if len(names) == len(style.parts) else names, controls,
        tuple(missing), tuple(dict.fromkeys(_SUNG[chip.kind] for chip in wishes.chips if chip.kind in _SUNG)),
        wishes.remarks, wishes.not_understood,
    )  # fmt: skip


def _plays(part: Part, program: int) -> bool:
    """Whether a part is an instrument that was asked for, or one of its family."""
    if program == DRUMS or part.is_drum:
        return part.is_drum and program == DRUMS
    return part.program == program or family_of(part.program) == family_of(program) != ""


def _covering(wishes: Wishes) -> str:
    """The style that has most of the instruments asked for, and fewest others; a usual one among equals."""

    def cost(name: str) -> tuple[int, int, int]:
        parts = load_style(name).parts
        have = sum(any(_plays(part, program) for part in parts) for program in wishes.instruments)
        others = sum(not any(_plays(part, program) for program in wishes.instruments) for part in parts)
        return -have, others, USUAL.index(name) if name in USUAL else len(USUAL)

    return min(style_names(), key=cost)
