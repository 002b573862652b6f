"""Does it do what the words ask: tempo, key, length, who plays and who must not, how full, loud, high and lively.

Moods are not measured: what is measured are the things that stand for them (major or minor, tempo, loudness, register
and the number of notes), and the sentences say so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from workbench.create.prompt.card import Line
from workbench.create.prompt.measures.shares import few, listed, off_by, within
from workbench.create.prompt.measures.video import follows, length
from workbench.create.prompt.piece import LOUD_FPS, Piece
from workbench.score.instruments import DRUMS, family, program_name
from workbench.understand.labels import key_name

if TYPE_CHECKING:
    from workbench.understand.words.wishes import Wishes

#: How far a tempo may be off, as a share, where a number was given and where a word was; and where it is another.
NUMBER, WORD = (0.04, 0.20), (0.15, 0.45)
#: How far a level may be off, 0 to 1, and where it is another.
LEVEL = (0.18, 0.50)
#: Seconds that a length may be off, as a share, and where it is another.
LENGTH = (0.04, 0.35)
#: What is measured for each level: least and most, in between by the logarithm where it is a ratio.
RATE, TEMPO, VELOCITY, PITCH = (1.2, 14.0), (56.0, 168.0), (38.0, 112.0), (48.0, 78.0)
#: Notes that an instrument plays at least, a bar, to be there.
PLAYS = 0.25
#: Loudness over the piece for each shape: points of (share of the time, loudness).
SHAPES = {
    "build": ((0.0, 0.2), (0.85, 1.0), (1.0, 1.0)), "fade": ((0.0, 1.0), (1.0, 0.1)),
    "arc": ((0.0, 0.2), (0.6, 1.0), (1.0, 0.2)),
}  # fmt: skip
#: Levels by name: the words for little and for much of them, and what stands for them.
LEVELS = {
    "energy": ("calm", "lively", "tempo, loudness and the number of notes"),
    "density": ("sparse", "full", "the number of notes"),
    "loudness": ("soft", "loud", "how hard the notes are played"),
    "brightness": ("low", "high", "how high the notes lie"),
}
#: Of so many nearest styles of the library the asked one must be one, and from which place on it is another.
NEAREST = (3, 14)


def measure(wishes: Wishes, piece: Piece) -> list[Line]:
    """A line for everything that the words ask for."""
    parts: tuple[Callable[[Wishes, Piece], list[Line]], ...] = (
        _tempo, _length, _key, _metre, _played, _not_played, _levels, _shape, _style,
    )  # fmt: skip
    return [line for part in parts for line in part(wishes, piece)] if piece.notes else []


def _line(name: str, value: float, target: float, said: str, chance: float, asked: float, got: float,
          unit: str, taken: str = "score") -> Line:  # fmt: skip
    return Line("words", name, value, target, said, chance, taken, "bars", ((0, asked),), ((0, got),), (unit,))


def _tempo(wishes: Wishes, piece: Piece) -> list[Line]:
    if not wishes.tempo or piece.tempo <= 0:
        return []
    got = piece.tempo / _quarters_a_beat(piece)
    by_word = bool(wishes.tempo_word)
    value = within(off_by(wishes.tempo, got), *(WORD if by_word else NUMBER))
    asked = f'for "{wishes.tempo_word}", about {wishes.tempo:.0f}' if by_word else f"for {wishes.tempo:g}"
    return [_line("tempo", value, 1.0, f"It goes at {got:.0f} beats a minute; you asked {asked}.",
                  0.4 if by_word else 0.2, wishes.tempo, got, "beats a minute")]  # fmt: skip


def _quarters_a_beat(piece: Piece) -> float:
    """How many quarters a beat has: half a bar's dots count in 6/8 and its like."""
    bars = piece.times.bars()
    bar = bars[len(bars) // 2] if bars else None
    return 1.5 if bar is not None and bar.denominator == 8 and bar.numerator % 3 == 0 else 1.0


def _length(wishes: Wishes, piece: Piece) -> list[Line]:
    out = []
    if wishes.seconds:
        allowed, lost = (share * wishes.seconds for share in LENGTH)
        out.append(length("words", wishes.seconds, piece, "you asked", allowed, lost))
    if wishes.bars and not wishes.seconds:
        bars = len(piece.times.bars()) - (1 if piece.score.pickup else 0)
        value = within(off_by(wishes.bars, bars), 0.0, LENGTH[1])
        out.append(_line("bars", value, 1.0, f"It has {bars} bars; you asked for {wishes.bars}.", 0.2,
                         float(wishes.bars), float(bars), "bars"))  # fmt: skip
    return out


def _key(wishes: Wishes, piece: Piece) -> list[Line]:
    key = piece.harmony.key if piece.harmony is not None else None
    if key is None or (wishes.tonic is None and not wishes.mode):
        return []
    same = (wishes.tonic is None or key.tonic == wishes.tonic) and (not wishes.mode or key.mode == wishes.mode)
    if wishes.tonic is None:
        said = f"It is heard in {key.mode}{', as you asked' if same else f'; you asked for {wishes.mode}'}."
        return [Line("words", "mode", float(same), 1.0, said, 0.55, "audio")]
    asked = key_name(wishes.tonic, wishes.mode or key.mode)
    said = f"It is heard in {key.name}{', as you asked' if same else f'; you asked for {asked}'}."
    return [Line("words", "key", float(same), 1.0, said, 0.08, "audio")]


def _metre(wishes: Wishes, piece: Piece) -> list[Line]:
    bars = piece.times.bars()
    if wishes.metre is None or not bars:
        return []
    right = [(bar.numerator, bar.denominator) == tuple(wishes.metre) for bar in bars]
    value, bar = sum(right) / len(right), bars[len(bars) // 2]
    said = f"Its bars have {bar.numerator}/{bar.denominator}; you asked for {wishes.metre[0]}/{wishes.metre[1]}."
    return [Line("words", "metre", value, 1.0, said, 0.3)]


def players(piece: Piece) -> dict[int, int]:
    """Notes that each program plays, :data:`~workbench.score.instruments.DRUMS` for drums; idle ones left out."""
    least = max(2.0, PLAYS * len(piece.times.bars()))
    out: dict[int, int] = {}
    for track in piece.tracks:
        program = DRUMS if track.is_drum else track.program
        out[program] = out.get(program, 0) + len(track.notes)
    return {program: count for program, count in out.items() if count >= least}


def _plays(program: int, there: dict[int, int]) -> bool:
    return any(family(other) == family(program) for other in there)


def _played(wishes: Wishes, piece: Piece) -> list[Line]:
    if not wishes.instruments:
        return []
    there = players(piece)
    names = [program_name(program).lower() for program in wishes.instruments]
    right = [_plays(program, there) for program in wishes.instruments]
    missing = [name for name, found in zip(names, right, strict=True) if not found]
    value = sum(right) / len(right)
    said = f"You hear {listed(names)}, as you asked." if not missing else f"One does not hear {listed(missing)} in it."
    if wishes.only:
        wanted = {family(program) for program in wishes.instruments}
        others = [program for program in there if family(program) not in wanted]
        value *= 1 - len(others) / max(1, len(there))
        if others and not missing:
            said = f"You asked for {listed(names)} alone; {listed([program_name(p).lower() for p in others])} play too."
    bars = tuple((at, float(found)) for at, found in enumerate(right))
    return [Line("words", "instruments", value, 1.0, said, 0.3, "score", "bars",
                 tuple((at, 1.0) for at in range(len(names))), bars, tuple(names))]  # fmt: skip


def _not_played(wishes: Wishes, piece: Piece) -> list[Line]:
    if not wishes.without:
        return []
    there = players(piece)
    wrong = sorted({program_name(program) for program in there if wishes.unwanted(program)})
    value = 1.0 - sum(count for program, count in there.items() if wishes.unwanted(program)) / sum(there.values())
    value = value if not wrong else 0.5 * value
    names = listed([name.lower() for name in wishes.without])
    said = f"No {names} in it, as you asked." if not wrong else f"You did not want {listed(wrong).lower()}; it plays."
    return [Line("words", "without", value, 1.0, said, 0.4)]


def levels_of(piece: Piece) -> dict[str, float]:
    """How lively, full, loud and high a piece is, each 0 to 1, by fixed scales."""
    pitched = [note for note in piece.notes if not note.drum]
    seconds = max(piece.seconds, 1e-3)
    density = _scaled(np.log(max(len(piece.notes) / seconds, 1e-3)), *np.log(RATE))
    loud = float(np.median([note.velocity for note in piece.notes])) if piece.notes else 0.0
    loudness = _scaled(loud, *VELOCITY)
    pace = _scaled(np.log(max(piece.tempo, 1.0)), *np.log(TEMPO))
    high = float(np.median([note.pitch for note in pitched])) if pitched else 60.0
    return {
        "energy": (pace + density + loudness) / 3, "density": density, "loudness": loudness,
        "brightness": _scaled(high, *PITCH),
    }  # fmt: skip


def _scaled(value: float, least: float, most: float) -> float:
    return float(np.clip((value - least) / (most - least), 0.0, 1.0))


def _levels(wishes: Wishes, piece: Piece) -> list[Line]:
    found = levels_of(piece)
    out = []
    for name, (little, much, stands) in LEVELS.items():
        asked = getattr(wishes, name)
        if asked is None:
            continue
        got = found[name]
        # More of what was asked for more than usual is no mistake, nor is less of less.
        further = (got - asked) * (1 if asked > 0.6 else -1 if asked < 0.4 else 0) > 0
        value = 1.0 if further else within(abs(got - asked), *LEVEL)
        want = little if asked < 0.4 else much if asked > 0.6 else f"between {little} and {much}"
        if value >= 0.8:
            said = f"It is {want}, as far as {stands} can say."
        elif value >= 0.5:
            said = f"It is nearly {want}, as far as {stands} can say."
        else:
            said = f"It is not {want}, as far as {stands} can say."
        out.append(_line(name, value, 0.8, said, 0.55, asked, got, name))
    return out


def _shape(wishes: Wishes, piece: Piece) -> list[Line]:
    shape = SHAPES.get(wishes.shape)
    if shape is None or piece.audio is None or piece.seconds < 2:
        return []
    rows = [(share * piece.seconds, value) for share, value in shape]
    value, asked, got = follows(rows, piece.seconds, piece)
    verb = {"build": "grows", "fade": "fades", "arc": "grows and fades again"}[wishes.shape]
    said = f"It {verb}, as you asked." if value >= 0.6 else f"You asked that it {verb}; it does so little."
    times = np.arange(len(asked)) / LOUD_FPS
    want, have = (few(list(zip(times.tolist(), curve.tolist(), strict=True))) for curve in (asked, got))
    return [Line("words", "shape", max(0.0, value), 0.6, said, 0.2, "audio", "curve", want, have)]


def _style(wishes: Wishes, piece: Piece) -> list[Line]:
    """Whether the style that was named is among those of the library that the sound is nearest to."""
    from workbench.create.compose.styles import load_style, style_names
    from workbench.create.prompt.styling import figures_of
    from workbench.understand.style_compare import style_distance

    got = piece.style
    if got is None or wishes.style not in style_names():
        return []
    apart = {name: style_distance(figures_of(name), got) for name in style_names()}
    place = sorted(apart, key=apart.__getitem__).index(wishes.style) + 1
    value = within(place, *NEAREST)
    title = load_style(wishes.style).title
    how = "It sounds like" if value >= 1 else "It sounds somewhat like" if value > 0.4 else "It hardly sounds like"
    said = f"{how} {title}: of {len(apart)} styles it is the {place}{_th(place)} nearest."
    return [Line("words", "style", value, 1.0, said, 0.4, "audio")]


def _th(number: int) -> str:
    return {1: "st", 2: "nd", 3: "rd"}.get(number % 10 if number // 10 != 1 else 0, "th")
