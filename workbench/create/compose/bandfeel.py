"""How a style's parts are played as people do: which drummers its are, how strictly, and within what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workbench.create.compose.feel import humanise
from workbench.create.compose.style import Style
from workbench.score.score import Note
from workbench.score.timemap import Bar, TimeMap

#: Which drummers a style's are, by its id; others play rock. And styles that a machine plays.
_FAMILIES = {
    "funk": "funk", "trap": "funk", "disco": "funk", "lullaby": "rock", "swing": "jazz", "shuffle": "jazz",
    "bossa": "latin", "samba": "latin", "reggae": "latin", "tango": "latin",
}  # fmt: skip
_MACHINES = ("house", "trap", "chiptune")
#: A note of a band leaves its place by less than this share of a quarter, half a step of the grid on which bands are
#: written (twelve to the quarter): read back on that grid, every note stands where the style has it.
NEAR = 1 / 24
#: Phrases swell over so many bars.
PHRASE = 8


def family_of(style: Style) -> str:
    """Whose drumming a style's drums are: rock, funk, jazz or latin."""
    return _FAMILIES.get(style.id, "rock")


def strength_of(style: Style, humanise: int) -> int:
    """How far a style is played as people do, 0 to 100, where ``humanise`` is wished: machines hardly are."""
    return humanise // 4 if style.id in _MACHINES else humanise


def roles_of(style: Style) -> dict[str, str]:
    """What each part of a style is played like, by its name; see :data:`workbench.create.compose.feel.ROLES`."""
    return {part.name: {"drums": "drums", "bass": "bass"}.get(part.role, "chords") for part in style.parts}


def as_played(
    style: Style, notes: Mapping[str, Sequence[Note]], bars: Sequence[Bar], time: TimeMap, humanised: int, seed: int
) -> dict[str, tuple[Note, ...]]:
    """A band's parts, fitted on the grid, as a band plays them: onsets, ends and velocities change by little.

    Args:
        style: whose parts they are.
        notes: by the part's name.
        bars: in which they play; nothing leaves them.
        time: bars and tempo of the piece.
        humanised: 0 (on the grid) to 100.
        seed: equal seeds give equal playing.
    """
    strength = strength_of(style, humanised)
    if not strength:
        return {name: tuple(own) for name, own in notes.items()}
    phrases = [
        (bars[at].start, bars[min(at + PHRASE, len(bars)) - 1].end) for at in range(0, len(bars), PHRASE)
    ]  # fmt: skip
    roles = roles_of(style)
    played = humanise(
        notes, time, roles={name: roles[name] for name in notes}, family=family_of(style), strength=strength,
        seed=seed, span=(bars[0].start, bars[-1].end), phrases=phrases, farthest=NEAR * time.ppq,
    )  # fmt: skip
    return {name: tuple(own) for name, own in played.items()}
