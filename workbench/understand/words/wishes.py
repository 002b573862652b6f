"""What a person's words ask for: frozen, validated values with a JSON form.

Each understood stretch of the text is a :class:`Chip`; the other fields of :class:`Wishes` are what all chips together
come to. A person takes a chip away with :meth:`Wishes.without_chip` and puts a field right with
:meth:`Wishes.corrected`; both give new wishes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from workbench.errors import BadRequest
from workbench.score.instruments import DRUMS
from workbench.understand.heard import number, whole
from workbench.understand.words.meanings import meanings

#: Characters of a text that are read.
MAX_CHARACTERS = 2_000
MAX_CHIPS = 400
LANGUAGES = ("en", "es", "de", "zh", "pt")
#: What a chip may be about.
CHIP_KINDS = (
    "tempo", "tempo word", "length", "bars", "metre", "key", "mode", "style", "instrument", "without", "only", "mood",
    "not", "not style", "energy", "density", "loudness", "brightness", "form", "shape",
)  # fmt: skip
MOODS = (
    "calm", "happy", "sad", "dark", "tense", "romantic", "dreamy", "epic", "playful", "angry", "mysterious",
    "nostalgic", "hopeful", "solemn", "warm", "cool", "exciting",
)  # fmt: skip
#: How loud and full a piece is from its beginning to its end.
SHAPES = ("", "build", "fade", "arc", "steady")
DENOMINATORS = (1, 2, 4, 8, 16)


@dataclass(frozen=True, slots=True)
class Chip:
    """One understood stretch of a text.

    ``start``, ``end``: characters of the text, the end excluded. ``kind``: one of :data:`CHIP_KINDS`. ``value``: what
    was understood, as a short text in the form that :mod:`workbench.understand.words.combine` reads. ``sentence``: the
    same for people.
    """

    id: str
    start: int
    end: int
    kind: str
    value: str
    sentence: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", whole(self.start, 0, MAX_CHARACTERS, "The start of a word"))
        object.__setattr__(self, "end", whole(self.end, self.start, MAX_CHARACTERS, "The end of a word"))
        if self.kind not in CHIP_KINDS:
            raise BadRequest(f"{str(self.kind)[:30]!r} is nothing that words can be about.")
        for name, most in (("id", 40), ("value", 300), ("sentence", 400)):
            _text(getattr(self, name), most, f"The {name} of a word")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a text asks for; what it does not speak of is None, "" or empty.

    Attributes:
        text: as it was written, at most :data:`MAX_CHARACTERS`; ``language``: one of :data:`LANGUAGES`, the likeliest.
        seconds, bars: how long the piece is to be.
        tempo: beats a minute; ``tempo_word``: the word it was estimated from, in English ("slow", "andante"): then a
            style's own tempo range may say better how fast that is. Empty where a number was given.
        metre: beats a bar and which note value a beat is.
        tonic: pitch class, 0 = C; ``mode``: "major" or "minor".
        style: id of a style of the library.
        instruments: General MIDI programs 0 to 127, 128 for drums, in the order of the text; ``only``: these and no
            others. ``without``: what must not play, by its plain name ("drums", "strings"); :meth:`unwanted` tells
            whether a program is among it.
        moods: of :data:`MOODS`; ``not_moods``, ``not_styles``: what it must not be.
        energy, density, loudness: 0 (least) to 1; ``brightness``: 0 (low register) to 1 (high).
        form: section names that :func:`workbench.create.compose.form.form_of` reads; ``shape``: of :data:`SHAPES`.
        chips: every understood stretch by its place in the text; ``not_understood``: words that say nothing here.
        remarks: sentences about contradictions ("slow" and "180 bpm": the number counts).
        refused: one friendly sentence where something cannot be done; the rest of the text is read all the same.
        changed: fields that a person has put right.
    """

    text: str = ""
    language: str = "en"
    seconds: float | None = None
    bars: int | None = None
    tempo: float | None = None
    tempo_word: str = ""
    metre: tuple[int, int] | None = None
    tonic: int | None = None
    mode: str = ""
    style: str = ""
    instruments: tuple[int, ...] = ()
    only: bool = False
    without: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    not_moods: tuple[str, ...] = ()
    not_styles: tuple[str, ...] = ()
    energy: float | None = None
    density: float | None = None
    loudness: float | None = None
    brightness: float | None = None
    form: str = ""
    shape: str = ""
    chips: tuple[Chip, ...] = ()
    not_understood: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    refused: str = ""
    changed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        put = object.__setattr__
        for name, most in (
            ("text", MAX_CHARACTERS),
            ("tempo_word", 40),
            ("style", 40),
            ("form", 300),
            ("refused", 400),
        ):
            _text(getattr(self, name), most, f"The {name.replace('_', ' ')} of a wish")
        for name, low, high in _RANGES:
            value = getattr(self, name)
            put(self, name, None if value is None else number(value, low, high, f"The {name} that words ask for"))
        put(self, "bars", None if self.bars is None else whole(self.bars, 1, 400, "The number of bars"))
        put(self, "tonic", None if self.tonic is None else whole(self.tonic, 0, 11, "A key's tonic"))
        if self.metre is not None:
            put(self, "metre", _metre(self.metre))
        for name, known in (("language", LANGUAGES), ("mode", ("", "major", "minor")), ("shape", SHAPES)):
            _among(getattr(self, name), known, f"The {name} of a wish")
        programs = [whole(value, 0, DRUMS, "An instrument") for value in _list(self.instruments, 200, "instruments")]
        put(self, "instruments", tuple(dict.fromkeys(programs)))
        if not isinstance(self.only, bool):
            raise BadRequest("Whether only these instruments play is either true or false.")
        for name in ("without", "not_understood", "remarks", "changed"):
            texts = _list(getattr(self, name), MAX_CHIPS, name.replace("_", " "))
            put(self, name, tuple(_text(value, 400, f"Each of {name.replace('_', ' ')}") for value in texts))
        for name in self.without:
            _among(name, tuple(meanings().instruments), "What must not play")
        styles = ("", *sorted({genre.style for genre in meanings().genres.values()}))
        _among(self.style, styles, "A style")
        unwanted = _list(self.not_styles, 60, "unwanted styles")
        put(self, "not_styles", tuple(_among(style, styles[1:], "A style") for style in unwanted))
        for name in ("moods", "not_moods"):
            put(self, name, tuple(_among(mood, MOODS, "A mood") for mood in _list(getattr(self, name), 40, "moods")))
        put(self, "chips", tuple(_list(self.chips, MAX_CHIPS, "understood words")))
        if not all(isinstance(chip, Chip) for chip in self.chips):
            raise BadRequest("The understood words must be chips.")
        if len({chip.id for chip in self.chips}) < len(self.chips):
            raise BadRequest("Each understood word needs an id of its own.")

    def unwanted(self, program: int) -> bool:
        """Whether this program (128: drums) must not play."""
        known = meanings().instruments
        return program not in self.instruments and any(
            program in known[name].covers for name in self.without if name in known
        )

    def without_chip(self, id: str) -> Wishes:
        """The same as if this stretch of the text were not there; fields that a person put right stay.

        Raises:
            BadRequest: there is no such chip.
        """
        from workbench.understand.words.combine import combine

        left = tuple(chip for chip in self.chips if chip.id != id)
        if len(left) == len(self.chips):
            raise BadRequest(f"There is no understood word {str(id)[:40]!r} to take away.")
        new = combine(self.text, self.language, left, self.not_understood, self.refused)
        return replace(new, changed=self.changed, **{name: getattr(self, name) for name in self.changed})

    def corrected(self, **changes: Any) -> Wishes:
        """The same with fields put right: ``corrected(tempo=96, instruments=[0, 40])``.

        Raises:
            BadRequest: a field that is not there to be changed, or a value that does not fit.
        """
        unknown = changes.keys() - CHANGEABLE
        if unknown:
            raise BadRequest(f"{min(map(str, unknown))[:40]!r} is nothing that can be changed in what was read.")
        changed = tuple(sorted({*self.changed, *changes}))
        if "tempo" in changes and "tempo_word" not in changes:
            changes, changed = {**changes, "tempo_word": ""}, tuple(sorted({*changed, "tempo_word"}))
        return replace(self, **changes, changed=changed)

    def to_json(self) -> dict[str, Any]:
        """All fields by name, in plain JSON."""
        out = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}
        return {**out, "chips": [asdict(chip) for chip in self.chips]}

    @classmethod
    def from_json(cls, data: Any) -> Wishes:
        """Read that form, also of an untrusted client; raises :class:`BadRequest` with one sentence."""
        known = {one.name for one in fields(cls)}
        if not isinstance(data, Mapping) or not data.keys() <= known:
            raise BadRequest("What words ask for must be an object with the fields that the reader of words writes.")
        chips = [_chip(chip) for chip in _list(data.get("chips", []), MAX_CHIPS, "understood words")]
        changed = _list(data.get("changed", []), len(CHANGEABLE), "changed fields")
        for name in changed:
            _among(name, sorted(CHANGEABLE), "A changed field")
        return cls(**{**data, "chips": tuple(chips), "changed": tuple(changed)})


#: Fields with the least and the most that they may be.
_RANGES = (
    ("seconds", 1.0, 3_600.0), ("tempo", 10.0, 400.0), ("energy", 0.0, 1.0), ("density", 0.0, 1.0),
    ("loudness", 0.0, 1.0), ("brightness", 0.0, 1.0),
)  # fmt: skip
#: Fields that :meth:`Wishes.corrected` takes.
CHANGEABLE = {one.name for one in fields(Wishes)} - {
    "text", "language", "chips", "not_understood", "remarks", "refused", "changed",
}  # fmt: skip


def _text(value: Any, most: int, what: str) -> str:
    if not isinstance(value, str) or len(value) > most:
        raise BadRequest(f"{what} must be a text of at most {most} characters.")
    return value


def _among(value: Any, known: Sequence[str], what: str) -> str:
    if not isinstance(value, str) or value not in known:
        raise BadRequest(f"{what} must be one of {', '.join(filter(None, known))}.")
    return value


def _list(value: Any, most: int, what: str) -> list[Any]:
    if not isinstance(value, (list, tuple)) or len(value) > most:
        raise BadRequest(f"The list of {what} must be a list of at most {most} items.")
    return list(value)


def _metre(value: Any) -> tuple[int, int]:
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise BadRequest("A metre is two numbers, such as 3 and 4.")
    beats, unit = whole(value[0], 1, 32, "The beats of a bar"), whole(value[1], 1, 16, "The unit of a metre")
    if unit not in DENOMINATORS:
        raise BadRequest("The unit of a metre is 1, 2, 4, 8 or 16.")
    return beats, unit


def _chip(value: Any) -> Chip:
    names = {one.name for one in fields(Chip)}
    if isinstance(value, Chip):
        return value
    if not isinstance(value, Mapping) or value.keys() != names:
        raise BadRequest(f"An understood word has {', '.join(sorted(names))}.")
    return Chip(**value)
