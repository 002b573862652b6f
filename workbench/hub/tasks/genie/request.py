"""What can be asked of the Genie: a list of presses, chords to play over, and how to play."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from workbench.errors import BadRequest
from workbench.hub.tasks.base import TaskRequest
from workbench.hub.tasks.genie.chords import PlayChord, parse_chords

MODES = ("steady", "replayable")
CHORD_RULES = ("off", "hint", "soft", "hard")
#: How many buttons a person may have.
BUTTON_COUNTS = (8, 4, 1)
#: MIDI pitches of a piano's ends, and the largest leap between them in semitones.
LOWEST_KEY, HIGHEST_KEY, MAX_LEAP = 21, 108, 88
MAX_PRESSES = 50_000
MAX_SECONDS = 36_000.0
DEFAULT_SECONDS = 0.25  # length of a press without a release
#: The track that a performance is.
TRACK_ID, TRACK_NAME = "t1", "Piano Genie"


@dataclass(frozen=True)
class GenieSettings:
    """How the Genie plays.

    Attributes:
        temperature: 0 (always the likeliest key) to 2.
        mode: ``steady`` or ``replayable`` (the same buttons bring back the same tune).
        direction: the tune goes up when the button does, and down when it does.
        loyal: the same button again is the same key again.
        max_leap: largest leap in semitones, 0 = any.
        low, high: MIDI pitches of the lowest and highest key.
        scale: pitch classes that may sound; empty = all.
        chords: ``off`` (not even told to the network), ``hint`` (told), ``soft`` (told, other notes rarer) or
            ``hard`` (chord tones only).
        buttons: 8, 4, or 1 (one switch: the Genie moves by itself, the person gives the rhythm).
    """

    temperature: float = 0.6
    mode: str = "steady"
    direction: bool = True
    loyal: bool = True
    max_leap: int = 12
    low: int = 21
    high: int = 108
    scale: tuple[int, ...] = ()
    chords: str = "soft"
    buttons: int = 8

    def __post_init__(self) -> None:
        if not (isinstance(self.temperature, int | float) and 0 <= self.temperature <= 2):
            raise BadRequest("The temperature must be between 0 and 2.")
        if self.mode not in MODES:
            raise BadRequest(f"The mode must be {' or '.join(MODES)}.")
        if self.chords not in CHORD_RULES:
            raise BadRequest(f"The rule for chords must be one of {', '.join(CHORD_RULES)}.")
        if self.buttons not in BUTTON_COUNTS:
            raise BadRequest("The Genie has 8, 4 or 1 buttons.")
        if not LOWEST_KEY <= self.low <= self.high <= HIGHEST_KEY:
            raise BadRequest("The range must lie within the piano, from 21 (lowest A) to 108 (highest C).")
        if not 0 <= self.max_leap <= MAX_LEAP:
            raise BadRequest("The largest leap must be between 0 (any) and 88 semitones.")
        if any(type(step) is not int or not 0 <= step <= 11 for step in self.scale):
            raise BadRequest("A scale is a list of pitch classes from 0 (C) to 11 (B).")


@dataclass(frozen=True)
class Press:
    """One press: seconds from the start, button (0 to 7, or fewer), seconds of the release, MIDI velocity."""

    time: float
    button: int
    release: float
    velocity: int = 80


@dataclass(frozen=True)
class GenieRequest(TaskRequest):
    """Play a list of presses; arguments as those of :func:`workbench.create.genie.play.decode`, checked at once.

    Raises:
        BadRequest: presses, chords or settings that cannot be.
    """

    presses: Any
    chords: str | Sequence[PlayChord] | None = None
    play: GenieSettings = field(default_factory=GenieSettings)
    document_revision: int = 0

    def __post_init__(self) -> None:
        line = read_presses(self.presses, self.play)
        object.__setattr__(self, "presses", tuple({**asdict(press)} for press in line))
        end = max((press.release for press in line), default=0.0)
        object.__setattr__(self, "chords", tuple(chord_spans(self.chords, end)))

    def settings(self) -> dict[str, Any]:
        """JSON form of everything."""
        chords = [asdict(chord) for chord in self.chords or () if isinstance(chord, PlayChord)]
        return {"task": "genie", "presses": list(self.presses), "chords": chords, "play": asdict(self.play)}


def read_presses(data: Any, settings: GenieSettings) -> list[Press]:
    """Check a list of ``{"time", "button", "release", "velocity"}`` and put it in the order of time.

    ``release`` and ``velocity`` may be missing; presses at the same time keep their order.

    Raises:
        BadRequest: anything else, or more than 50,000 presses or ten hours.
    """
    if not isinstance(data, Sequence) or isinstance(data, str | bytes):
        raise BadRequest('The presses must be a list of {"time": seconds, "button": number}.')
    if len(data) > MAX_PRESSES:
        raise BadRequest(f"There may be at most {MAX_PRESSES:,} presses.")
    out = []
    for item in data:
        if not isinstance(item, Mapping) or "time" not in item or (settings.buttons > 1 and "button" not in item):
            raise BadRequest('Each press needs a "time" in seconds and a "button".')
        time = _number(item["time"], "A press's time")
        release = item.get("release")
        end = time + DEFAULT_SECONDS if release is None else _number(release, "A press's release")
        velocity = item.get("velocity", 80)
        button = item.get("button", 0)
        if type(velocity) is not int or not 1 <= velocity <= 127:
            raise BadRequest("A press's velocity must be a whole number from 1 to 127.")
        if settings.buttons > 1 and (type(button) is not int or not 0 <= button < settings.buttons):
            raise BadRequest(f"A press's button must be a whole number from 0 to {settings.buttons - 1}.")
        if end < time:
            raise BadRequest("A press cannot be released before it begins.")
        out.append(Press(time, button, end, velocity))
    return sorted(out, key=lambda press: press.time)


def _number(value: Any, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_SECONDS:
        raise BadRequest(f"{what} must be a number of seconds from 0 to {MAX_SECONDS:,.0f}.")
    return float(value)


def chord_spans(chords: str | Sequence[PlayChord] | None, end: float) -> list[PlayChord]:
    """Chords in the order of time; a text is read as two seconds a chord, repeated up to ``end`` seconds."""
    return parse_chords(chords, until=end) if isinstance(chords, str) else sorted(chords or (), key=_time)


def _time(chord: PlayChord) -> float:
    return chord.time
