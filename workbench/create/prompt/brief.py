"""The brief: what a piece is to be, merged from all prompts; plain values that a person may edit before it is written.

Bars and beats count from 1; beats are those of the metre's denominator (6/8 has six), and may be fractions. Times are
seconds from the start of the piece; tempos are quarters a minute.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from workbench.create.compose.section import KINDS, MAX_BARS
from workbench.create.prompt.prompts import SECONDS, SLOTS, fields_of, names_of
from workbench.errors import BadRequest
from workbench.understand.heard import number, whole

VERSION = 1
#: What happens to the tune: kept note by note, varied, or newly written where nobody gave one.
MELODIES = ("faithful", "varied", "new")
#: Most rows of a curve, of anchors, of chords.
MAX_ROWS = 20_000
#: Slowest and fastest tempo.
TEMPOS = (20.0, 400.0)
MAX_INSTRUMENTS = 32
Rows = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Melody:
    """``source``: the slot whose tune is told, "" for a new one. ``how``: one of :data:`MELODIES`."""

    source: str = ""
    how: str = "new"

    def __post_init__(self) -> None:
        if self.how not in MELODIES or self.source not in ("", *SLOTS) or (self.how == "new") != (not self.source):
            raise BadRequest("A melody is faithful or varied from a prompt, or new.")


@dataclass(frozen=True)
class Instrument:
    """``part``: the part of the style that it plays, and its track's name; ``program``: General MIDI, 0 to 127."""

    part: str
    program: int
    drums: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.part, str) or not 1 <= len(self.part) <= 100 or type(self.drums) is not bool:
            raise BadRequest("An instrument plays a part with a name.")
        whole(self.program, 0, 127, "An instrument's program")


@dataclass(frozen=True)
class BriefSection:
    """A section of the piece.

    Attributes:
        kind: as of :data:`workbench.create.compose.section.KINDS`.
        first_bar, bars: where it lies.
        energy: 0 to 100.
        start, end: when it sounds, seconds.
        tune: first bar (from 1) and number of bars of the tune that it tells, (0, 0) for none.
        instruments: parts of the style that play in it.
        label: equal labels hold the same music.
    """

    kind: str
    first_bar: int
    bars: int
    energy: int
    start: float = 0.0
    end: float = 0.0
    tune: tuple[int, int] = (0, 0)
    instruments: tuple[str, ...] = ()
    label: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise BadRequest(f"A section must be one of {', '.join(KINDS)}.")
        whole(self.first_bar, 1, MAX_BARS, "A section's first bar")
        whole(self.bars, 1, MAX_BARS, "A section's number of bars")
        whole(self.energy, 0, 100, "A section's energy")
        for value in (self.start, self.end):
            number(value, 0.0, 10 * SECONDS[1], "A section's time in seconds")
        if len(self.tune) != 2:
            raise BadRequest("A section tells a first bar and a number of bars of the tune.")
        for value in self.tune:
            whole(value, 0, MAX_BARS, "A bar of the tune")
        object.__setattr__(self, "tune", tuple(self.tune))
        object.__setattr__(self, "instruments", names_of(self.instruments))

    @property
    def last_bar(self) -> int:
        """The last bar, included."""
        return self.first_bar + self.bars - 1


@dataclass(frozen=True)
class Conflict:
    """Two prompts that asked for different things: the rule that decided, and the sentence that says so."""

    rule: str
    sentence: str

    def __post_init__(self) -> None:
        if not all(isinstance(text, str) and len(text) <= 1_000 for text in (self.rule, self.sentence)):
            raise BadRequest("A conflict is a rule and a sentence.")


@dataclass(frozen=True)
class Feel:
    """How the band plays; None where nothing was asked for.

    Attributes:
        swing: where the second of two eighths falls in its beat, 0.5 to 0.75.
        density: notes and drum strokes a second, of all parts together.
        low, high: MIDI pitches between which most notes lie.
        loudness: 0 (as soft as can be) to 1; ``dynamics``: likewise, how far soft and loud lie apart.
    """

    swing: float | None = None
    density: float | None = None
    low: float | None = None
    high: float | None = None
    loudness: float | None = None
    dynamics: float | None = None

    def __post_init__(self) -> None:
        for name, (least, most) in _FEEL.items():
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, number(value, least, most, f"The {name} of a brief"))


_FEEL = {
    "swing": (0.4, 0.75), "density": (0.0, 60.0), "low": (0.0, 127.0), "high": (0.0, 127.0), "loudness": (0.0, 1.0),
    "dynamics": (0.0, 1.0),
}  # fmt: skip


@dataclass(frozen=True)
class Brief:
    """What is to be written; see the module for what bars, beats and times mean.

    Attributes:
        seconds: how long the piece is; ``exact``: to the millisecond, for a video or where a length was asked for.
        bars: how many; ``metre``: numerator and denominator.
        tempo: quarters a minute as the piece goes before it is bent; ``tempos``: rows of bar, beat and tempo from
            there on, what becomes of it.
        tonic: pitch class, 0 = C; ``mode``: major or minor.
        style: id of a style of the library.
        melody: whose tune is told, and how.
        sections: from bar 1 on without a gap.
        instruments: all that play, by the parts of the style.
        chords: rows of bar, beat and symbol, each until the next.
        dynamics, density: curves, rows of seconds and 0 to 1.
        sync: rows of seconds, bar and beat: what must sound when. ``accents``: likewise, where a cut falls on no beat.
        feel: how the band plays.
        locked: dimensions of the style that were locked. ``drawn``: curves that a person drew.
        conflicts: what was decided between prompts. ``remarks``: other plain sentences.
        alternatives: how many are to be written; ``seed``: of the first.
    """

    seconds: float
    bars: int
    tempo: float
    metre: tuple[int, int] = (4, 4)
    tonic: int = 0
    mode: str = "major"
    style: str = "pop-ballad"
    melody: Melody = Melody()
    sections: tuple[BriefSection, ...] = ()
    instruments: tuple[Instrument, ...] = ()
    chords: tuple[tuple[int, float, str], ...] = ()
    tempos: tuple[tuple[int, float, float], ...] = ()
    dynamics: Rows = ()
    density: Rows = ()
    sync: tuple[tuple[float, int, float], ...] = ()
    accents: tuple[tuple[float, int, float], ...] = ()
    feel: Feel = Feel()
    locked: tuple[str, ...] = ()
    drawn: tuple[str, ...] = ()
    exact: bool = False
    conflicts: tuple[Conflict, ...] = ()
    remarks: tuple[str, ...] = ()
    alternatives: int = 2
    seed: int = 0
    version: int = field(default=VERSION)

    def __post_init__(self) -> None:
        number(self.seconds, 1.0, SECONDS[1] + 1.0, "The length of the piece in seconds")
        whole(self.bars, 1, MAX_BARS, "The number of bars")
        number(self.tempo, *TEMPOS, "The tempo")
        object.__setattr__(self, "metre", tuple(self.metre))
        if len(self.metre) != 2 or self.metre[1] not in (1, 2, 4, 8, 16, 32):
            raise BadRequest("A metre is a number of beats over 2, 4, 8 or 16.")
        whole(self.metre[0], 1, 24, "The beats of a metre")
        whole(self.tonic, 0, 11, "A key's tonic")
        if self.mode not in ("major", "minor"):
            raise BadRequest("A key's mode must be major or minor.")
        whole(self.alternatives, 1, 8, "The number of alternatives")
        whole(self.seed, 0, 2**31, "The seed")
        if self.version != VERSION or type(self.exact) is not bool:
            raise BadRequest("This brief is of another version; make it anew.")
        if not isinstance(self.style, str) or len(self.style) > 100:
            raise BadRequest("A style is named by its id.")
        self._check_sections()
        if len(self.instruments) > MAX_INSTRUMENTS:
            raise BadRequest(f"A piece has at most {MAX_INSTRUMENTS} instruments.")
        for name in ("dynamics", "density"):
            object.__setattr__(self, name, curve_of(getattr(self, name)))
        for name in ("sync", "accents"):
            object.__setattr__(self, name, _anchors(getattr(self, name)))
        object.__setattr__(self, "chords", _chords(self.chords))
        object.__setattr__(self, "tempos", _tempos(self.tempos))

    def _check_sections(self) -> None:
        at = 1
        for section in self.sections:
            if section.first_bar != at:
                raise BadRequest("The sections of a brief follow each other from bar 1 on without a gap.")
            at += section.bars
        if self.sections and at != self.bars + 1:
            raise BadRequest(f"The sections have {at - 1} bars, and the piece {self.bars}; make them equal.")

    @property
    def bar_quarters(self) -> float:
        """Quarters a bar."""
        return 4.0 * self.metre[0] / self.metre[1]

    @property
    def key_name(self) -> str:
        """Such as ``A minor``."""
        from workbench.understand.labels import key_name

        return key_name(self.tonic, self.mode)

    def corrected(self, **changes: Any) -> Brief:
        """The same with some of it changed; values as they are here or in the JSON form.

        Raises:
            BadRequest: a field that is not there, or a value that does not fit.
        """
        return replace(self, **_read({name: changes[name] for name in changes}))

    def to_json(self) -> dict[str, Any]:
        """By name; times and tempos to a ten-thousandth."""
        return {
            "version": self.version, "seconds": round(self.seconds, 4), "exact": self.exact, "bars": self.bars,
            "tempo": round(self.tempo, 4), "tempos": [[bar, round(beat, 4), round(tempo, 4)] for bar, beat, tempo in
                                                      self.tempos],
            "metre": list(self.metre), "tonic": self.tonic, "mode": self.mode, "style": self.style,
            "melody": {"source": self.melody.source, "how": self.melody.how},
            "sections": [
                {"kind": part.kind, "first_bar": part.first_bar, "bars": part.bars, "energy": part.energy,
                 "start": round(part.start, 4), "end": round(part.end, 4), "tune": list(part.tune),
                 "instruments": list(part.instruments), "label": part.label} for part in self.sections
            ],
            "instruments": [{"part": item.part, "program": item.program, "drums": item.drums}
                            for item in self.instruments],
            "chords": [[bar, round(beat, 4), symbol] for bar, beat, symbol in self.chords],
            "dynamics": [[round(at, 4), round(value, 4)] for at, value in self.dynamics],
            "density": [[round(at, 4), round(value, 4)] for at, value in self.density],
            "sync": [[round(at, 4), bar, round(beat, 4)] for at, bar, beat in self.sync],
            "accents": [[round(at, 4), bar, round(beat, 4)] for at, bar, beat in self.accents],
            "feel": {name: getattr(self.feel, name) for name in _FEEL}, "locked": list(self.locked),
            "drawn": list(self.drawn),
            "conflicts": [{"rule": item.rule, "sentence": item.sentence} for item in self.conflicts],
            "remarks": list(self.remarks), "alternatives": self.alternatives, "seed": self.seed,
        }  # fmt: skip

    @classmethod
    def from_json(cls, data: Any) -> Brief:
        """Read the JSON form, whoever wrote it; raises :class:`BadRequest` with one sentence."""
        data = fields_of(data, {"seconds", "bars", "tempo"}, set(cls.__dataclass_fields__), "A brief")
        return cls(**_read(data))


def _read(data: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a brief, each from its JSON form or as it is already; raises :class:`BadRequest`."""
    unknown = data.keys() - Brief.__dataclass_fields__.keys()
    if unknown:
        raise BadRequest(f"{min(map(str, unknown))[:40]!r} is no part of a brief.")
    out = dict(data)
    for name in ("metre",):
        if name in out:
            out[name] = tuple(_list(out[name], "A metre"))
    if isinstance(out.get("melody"), Mapping):
        out["melody"] = Melody(**fields_of(out["melody"], {"source", "how"}, set(), "A melody"))
    if isinstance(out.get("feel"), Mapping):
        out["feel"] = Feel(**fields_of(out["feel"], set(), set(_FEEL), "A feel"))
    for name, kind, needed, more in (
        ("sections", BriefSection, {"kind", "first_bar", "bars", "energy"}, set(BriefSection.__dataclass_fields__)),
        ("instruments", Instrument, {"part", "program"}, {"drums"}),
        ("conflicts", Conflict, {"rule", "sentence"}, set()),
    ):  # fmt: skip
        if name in out:
            rows = _list(out[name], f"The {name}")
            out[name] = tuple(row if isinstance(row, kind) else _made(kind, row, needed, more) for row in rows)
    for name in ("tempos", "dynamics", "density", "sync", "accents", "chords"):
        if name in out:
            out[name] = tuple(tuple(_list(row, f"A row of {name}")) for row in _list(out[name], f"The {name}"))
    for name in ("locked", "drawn", "remarks"):
        if name in out:
            out[name] = names_of([str(text)[:300] for text in _list(out[name], f"The {name}")], 1_000)
    return out


def _made(kind: Any, row: Any, needed: set[str], more: set[str]) -> Any:
    row = dict(fields_of(row, needed, more, "A row of a brief"))
    if "tune" in row:
        row["tune"] = tuple(_list(row["tune"], "The bars of a tune"))
    return kind(**row)


def _list(value: Any, what: str) -> list[Any]:
    if not isinstance(value, (list, tuple)) or len(value) > MAX_ROWS:
        raise BadRequest(f"{what} must be a list of at most {MAX_ROWS:,}.")
    return list(value)


def curve_of(rows: Any) -> Rows:
    """A curve from rows of rising seconds and values 0 to 1; raises :class:`BadRequest`."""
    out = []
    for row in _list(rows, "A curve"):
        if len(row) != 2:
            raise BadRequest("A curve is made of rows of a time and a value.")
        out.append((number(row[0], 0.0, 10 * SECONDS[1], "The time of a curve"), number(row[1], 0.0, 1.0, "A curve")))
    if any(after[0] < before[0] for before, after in pairwise(out)):
        raise BadRequest("The times of a curve must rise.")
    return tuple(out)


def _anchors(rows: Any) -> tuple[tuple[float, int, float], ...]:
    out = []
    for row in _list(rows, "The anchors"):
        if len(row) != 3:
            raise BadRequest("An anchor is a time, a bar and a beat.")
        out.append((
            number(row[0], 0.0, 10 * SECONDS[1], "The time of an anchor"),
            whole(row[1], 1, MAX_BARS + 1, "The bar of an anchor"), number(row[2], 1.0, 25.0, "The beat of an anchor"),
        ))  # fmt: skip
    for before, after in pairwise(out):
        if after[0] <= before[0] or after[1:] <= before[1:]:
            raise BadRequest("Anchors must rise in time and in the piece.")
    return tuple(out)


def _chords(rows: Any) -> tuple[tuple[int, float, str], ...]:
    from workbench.hub.tasks.genie.chords import parse_symbol

    out = []
    for row in _list(rows, "The chords"):
        if len(row) != 3 or not isinstance(row[2], str) or len(row[2]) > 20:
            raise BadRequest("A chord is a bar, a beat and a symbol.")
        if not parse_symbol(row[2]).quality:
            raise BadRequest(f"There is no chord {row[2][:20]!r}; write chords like C, Am, F#m7, Bb or G7.")
        out.append((whole(row[0], 1, MAX_BARS, "The bar of a chord"), number(row[1], 1.0, 25.0, "The beat"), row[2]))
    if any(after[:2] <= before[:2] for before, after in pairwise(out)):
        raise BadRequest("Chords must follow each other in the piece.")
    return tuple(out)


def _tempos(rows: Any) -> tuple[tuple[int, float, float], ...]:
    out = []
    for row in _list(rows, "The tempos"):
        if len(row) != 3:
            raise BadRequest("A change of tempo is a bar, a beat and a tempo.")
        out.append((
            whole(row[0], 1, MAX_BARS, "The bar of a tempo"), number(row[1], 1.0, 25.0, "The beat of a tempo"),
            number(row[2], TEMPOS[0] / 2, 2 * TEMPOS[1], "A tempo"),
        ))  # fmt: skip
    if any(after[:2] <= before[:2] for before, after in pairwise(out)):
        raise BadRequest("Changes of tempo must follow each other in the piece.")
    return tuple(out)
