"""Does it sound like the recording: how fast, major or minor, how dense, who plays; and whatever was locked.

Both styles are heard by the same ears: that of the recording when it was understood (and perhaps put right by a
person), that of the piece in its rendered sound.
"""

from __future__ import annotations

from collections.abc import Sequence

from workbench.create.prompt.card import Line
from workbench.create.prompt.measures.shares import listed, off_by, within
from workbench.create.prompt.piece import Piece
from workbench.understand.style import DIMENSIONS, Style
from workbench.understand.style_compare import DENSITIES, density_class, same_family

#: How far the tempo may be off, as a share, and from where on it is no longer the same at all.
TEMPO, TEMPO_LOST = 0.04, 0.20
#: Dimensions that are always told, and what a piece that knows nothing of the recording gets for each (measured by
#: :mod:`workbench.evaluation.compose_eval` on clips that were handed to the wrong piece).
MARKS = {"tempo": 0.19, "mode": 0.55, "density": 0.45, "instruments": 0.45}
#: Figure -> how far it may be off without being another style, and where it is another one for sure.
ROOM = {
    "metre": (0.0, 1.0), "strokes": (1.0, 4.0), "voices": (0.8, 3.0), "low": (5.0, 18.0), "middle": (4.0, 16.0),
    "high": (5.0, 18.0), "loudness": (12.0, 45.0), "dynamics": (10.0, 35.0), "swing": (0.04, 0.14),
    "chord_beats": (0.6, 4.0), "sevenths": (0.2, 0.7),
}  # fmt: skip


def measure(slot: str, asked: Style, locked: Sequence[str], piece: Piece) -> list[Line]:
    """The lines of a prompt that gives the style; none where nothing is heard in the piece."""
    got = piece.style
    if got is None:
        return []
    out = [line for line in (tempo(slot, asked, got), _mode(slot, asked, got), _density(slot, asked, got),
                             _families(slot, asked, got)) if line is not None]  # fmt: skip
    told = {line.measure for line in out}
    return out + [_locked(slot, name, asked, got) for name in locked if name in DIMENSIONS and name not in told]


def tempo(slot: str, asked: Style, got: Style) -> Line | None:
    """How near the tempo comes."""
    if asked.tempo <= 0:
        return None
    value = within(off_by(asked.tempo, got.tempo), TEMPO, TEMPO_LOST)
    said = f"It goes at {got.tempo:.0f} beats a minute; your recording goes at {asked.tempo:.0f}."
    return Line(slot, "tempo", value, 1.0, said, MARKS["tempo"], "audio", "bars", ((0, asked.tempo),),
                ((0, got.tempo),), ("beats a minute",))  # fmt: skip


def _mode(slot: str, asked: Style, got: Style) -> Line | None:
    if not asked.mode:
        return None
    same = asked.mode == got.mode
    mode = got.mode or "no key"
    said = f"It is in {mode}, as your recording is." if same else (
        f"It is in {mode}, while your recording is in {asked.mode}."
    )  # fmt: skip
    return Line(slot, "mode", float(same), 1.0, said, MARKS["mode"], "audio")


def _density(slot: str, asked: Style, got: Style) -> Line:
    want, have = density_class(asked.rate), density_class(got.rate)
    apart = abs(DENSITIES.index(want) - DENSITIES.index(have))
    value = 1.0 if not apart else 0.5 * within(off_by(asked.rate, got.rate), 0.15, 0.6)
    how = "It is as full of notes as your recording" if not apart else (
        "It has fewer notes than your recording" if got.rate < asked.rate else "It has more notes than your recording"
    )  # fmt: skip
    return Line(
        slot, "density", value, 1.0, f"{how}: {got.rate:.1f} a second, yours {asked.rate:.1f}.", MARKS["density"],
        "audio", "bars", ((0, asked.rate),), ((0, got.rate),), ("notes a second",),
    )  # fmt: skip


def _families(slot: str, asked: Style, got: Style) -> Line | None:
    if not asked.instruments:
        return None
    value, have = same_family(asked, got), set(got.instruments)
    shared = [name for name in asked.instruments if name in have]
    missing = [name for name in asked.instruments if name not in have]
    if not missing:
        said = f"Like your recording it has {listed(shared)}."
    elif not shared:
        said = f"One does not hear the {listed(missing)} of your recording."
    else:
        said = f"Like your recording it has {listed(shared)}; one does not hear its {listed(missing)}."
    names = tuple(dict.fromkeys((*asked.instruments, *got.instruments)))
    return Line(
        slot, "instruments", value, 0.5, said, MARKS["instruments"], "audio", "bars",
        tuple((at, float(name in asked.instruments)) for at, name in enumerate(names)),
        tuple((at, float(name in have)) for at, name in enumerate(names)), names,
    )  # fmt: skip


def _locked(slot: str, name: str, asked: Style, got: Style) -> Line:
    """A dimension that was locked: the mean of how near each of its figures comes."""
    words, figures = DIMENSIONS[name]
    values = [within(abs(getattr(asked, one) - getattr(got, one)), *ROOM[one]) for one in figures]
    value = sum(values) / len(values)
    how = "is as" if value >= 0.8 else "is nearly as" if value >= 0.5 else "is not as"
    return Line(
        slot, name, value, 0.8, f"You locked {words}: it {how} in your recording.", 0.3, "audio", "bars",
        tuple((at, float(getattr(asked, one))) for at, one in enumerate(figures)),
        tuple((at, float(getattr(got, one))) for at, one in enumerate(figures)),
        tuple(one.replace("_", " ") for one in figures),
    )  # fmt: skip
