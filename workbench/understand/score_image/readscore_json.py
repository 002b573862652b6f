"""The JSON form of what was read in a score.

``beat`` counts quarters from 1, ``duration`` counts quarters; both are numbers, and ``[numerator, denominator]`` is
understood as well. ``clef`` is ``G``, ``F``, ``C3`` (the line counts from below), ``G8`` (an octave lower) and so on;
``key`` the number of sharps (negative: flats); ``time`` two numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from workbench.errors import BadRequest
from workbench.understand.heard import number, whole
from workbench.understand.score_image.readscore import ReadScore
from workbench.understand.score_image.written import (
    CLEF_MIDDLES,
    MAX_EVENTS,
    MAX_PAGES,
    ReadBar,
    ReadEvent,
    ReadPage,
    ReadPart,
    ReadStaff,
    ReadSystem,
    box_of,
    natural,
    quarters,
    spell_pitch,
    spelled,
    step_of,
)


def to_json(score: ReadScore) -> dict[str, Any]:
    """The JSON form; lengths to a millionth of a quarter, boxes to a tenth of a pixel."""
    return {
        "pages": [
            {
                "width": page.width,
                "height": page.height,
                "number": page.number,
                "turned": page.turned,
                "systems": [
                    {
                        "box": _box(system.box),
                        "bars": [_bar(bar) for bar in system.bars],
                        "staves": [_staff(staff) for staff in system.staves],
                    }
                    for system in page.systems
                ],
            }
            for page in score.pages
        ],
        "parts": [{"name": part.name, "program": part.program} for part in score.parts],
        "remarks": list(score.remarks),
        "model": score.model,
        "title": score.title,
    }


def _box(box: tuple[float, float, float, float]) -> list[float]:
    return [round(value, 1) for value in box]


def _number(value: Fraction) -> float | int:
    return int(value) if value.denominator == 1 else round(float(value), 6)


def _bar(bar: ReadBar) -> dict[str, Any]:
    return {
        "measure": bar.measure, "length": _number(bar.length), "time": list(bar.time), "key": bar.key,
        "box": _box(bar.box), "repeat_start": bar.repeat_start, "repeat_end": bar.repeat_end,
    }  # fmt: skip


def _staff(staff: ReadStaff) -> dict[str, Any]:
    return {
        "clef": staff.clef,
        "key": staff.key,
        "time": list(staff.time),
        "part": staff.part,
        "box": _box(staff.box),
        "clefs": [[measure, _number(1 + onset), clef] for measure, onset, clef in staff.clefs],
        "events": [_event(event) for event in staff.events],
    }


def _event(event: ReadEvent) -> dict[str, Any]:
    return {
        "id": event.id, "measure": event.measure, "beat": _number(1 + event.onset), "pitches": list(event.pitches),
        "names": list(event.names), "signs": list(event.signs), "duration": _number(event.duration),
        "rest": event.rest, "tie": event.tie, "grace": event.grace, "voice": event.voice,
        "confidence": round(event.confidence, 3), "box": _box(event.box), "changed": event.changed,
    }  # fmt: skip


def from_json(data: Any) -> ReadScore:
    """Read the JSON form; raises :class:`BadRequest` with one sentence."""
    data = _record(data, "What was read in a score")
    pages = tuple(_read_page(page) for page in _items(data.get("pages"), MAX_PAGES, "pages"))
    parts = tuple(
        ReadPart(_text(part.get("name", ""), "A part's name"), whole(part.get("program", 0), 0, 127, "A program"))
        for part in map(_part, _items(data.get("parts", []), 100, "parts"))
    )
    score = ReadScore(
        pages, parts, tuple(_text(remark, "A remark") for remark in _items(data.get("remarks", []), 100, "remarks")),
        _text(data.get("model", ""), "A model's id"), _text(data.get("title", ""), "A title"),
    )  # fmt: skip
    seen: set[str] = set()
    for count, event in enumerate(score.events()):
        if event.id in seen or count >= MAX_EVENTS:
            raise BadRequest(f"A score's events need ids of their own, and there may be at most {MAX_EVENTS:,}.")
        seen.add(event.id)
    top = max((staff.part for page in pages for system in page.systems for staff in system.staves), default=-1)
    if top >= len(parts):
        names = [ReadPart(f"Part {number}") for number in range(len(parts) + 1, top + 2)]
        score = ReadScore(pages, (*parts, *names), score.remarks, score.model, score.title)
    return score


def _record(data: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise BadRequest(f"{what} must be an object with named fields.")
    return data


def _part(data: Any) -> Mapping[str, Any]:
    return _record(data, "A part")


def _items(value: Any, limit: int, what: str) -> list[Any]:
    if not isinstance(value, (list, tuple)) or len(value) > limit:
        raise BadRequest(f"A score's {what} must be a list of at most {limit:,}.")
    return list(value)


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str) or len(value) > 1_000 or not value.replace("\n", " ").isprintable():
        raise BadRequest(f"{what} must be a text of at most 1,000 characters.")
    return value


def _flag(value: Any, what: str) -> bool:
    if not isinstance(value, bool):
        raise BadRequest(f"{what} must be true or false.")
    return value


def read_clef(value: Any) -> str:
    """A clef's name; raises :class:`BadRequest`."""
    if value not in CLEF_MIDDLES:
        raise BadRequest(f"A clef is one of {', '.join(CLEF_MIDDLES)}, not {str(value)[:20]!r}.")
    return str(value)


def read_time(value: Any) -> tuple[int, int]:
    """A time signature as two numbers; raises :class:`BadRequest`."""
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise BadRequest("A time signature is two numbers, such as [3, 4].")
    upper = whole(value[0], 1, 64, "A time signature's upper number")
    lower = whole(value[1], 1, 64, "A time signature's lower number")
    if lower & (lower - 1):
        raise BadRequest("A time signature's lower number must be 1, 2, 4, 8, 16, 32 or 64.")
    return upper, lower


def _read_page(data: Any) -> ReadPage:
    data = _record(data, "A page")
    systems = tuple(_read_system(system) for system in _items(data.get("systems"), 100, "systems"))
    width, height = (whole(data.get(name, 0), 0, 100_000, f"A page's {name}") for name in ("width", "height"))
    page = whole(data.get("number", 0), 0, 100_000, "A page's number")
    return ReadPage(width, height, systems, page, _flag(data.get("turned", False), "Whether a page was turned"))


def _read_system(data: Any) -> ReadSystem:
    data = _record(data, "A system")
    bars = tuple(_read_bar(bar) for bar in _items(data.get("bars", []), 1_000, "bars"))
    staves = tuple(_read_staff(staff) for staff in _items(data.get("staves"), 60, "staves"))
    return ReadSystem(staves, bars, box_of(data.get("box", (0, 0, 0, 0))))


def _read_bar(data: Any) -> ReadBar:
    data = _record(data, "A bar")
    return ReadBar(
        whole(data.get("measure"), 0, 100_000, "A bar's number"), quarters(data.get("length"), "A bar's length"),
        read_time(data.get("time")), whole(data.get("key", 0), -7, 7, "A key"), box_of(data.get("box", (0, 0, 0, 0))),
        _flag(data.get("repeat_start", False), "A repeat"), _flag(data.get("repeat_end", False), "A repeat"),
    )  # fmt: skip


def _read_staff(data: Any) -> ReadStaff:
    data = _record(data, "A staff")
    key = whole(data.get("key"), -7, 7, "A key")
    clefs = []
    for change in _items(data.get("clefs", []), 1_000, "clef changes"):
        if not isinstance(change, (list, tuple)) or len(change) != 3:
            raise BadRequest("A change of clef is a bar, a beat and a clef.")
        onset = quarters(change[1], "A beat", 1) - 1
        clefs.append((whole(change[0], 0, 100_000, "A bar's number"), onset, read_clef(change[2])))
    return ReadStaff(
        read_clef(data.get("clef")), key, read_time(data.get("time")), whole(data.get("part", 0), 0, 99, "A part"),
        box_of(data.get("box", (0, 0, 0, 0))),
        tuple(read_event(event, key) for event in _items(data.get("events"), MAX_EVENTS, "events")), tuple(clefs),
    )  # fmt: skip


def read_event(data: Any, key: int) -> ReadEvent:
    """One event; notes without names are spelled in the key; raises :class:`BadRequest`."""
    data = _record(data, "An event")
    ident = data.get("id")
    if not isinstance(ident, str) or not 0 < len(ident) <= 40 or not (ident.isascii() and ident.isalnum()):
        raise BadRequest("An event's id must be 1 to 40 letters and digits.")
    pitches = read_pitches(data.get("pitches", []))
    names = data.get("names") or [spelled(step := spell_pitch(p, key), p - natural(step)) for p in pitches]
    signs = data.get("signs") or [None] * len(pitches)
    if not isinstance(names, (list, tuple)) or not isinstance(signs, (list, tuple)):
        raise BadRequest("An event's names and accidentals must be lists.")
    if not len(names) == len(signs) == len(pitches):
        raise BadRequest("An event needs as many names and accidentals as pitches.")
    for name, pitch in zip(names, pitches, strict=True):
        if abs(pitch - natural(step_of(name))) > 2:
            raise BadRequest(f"{str(name)[:20]} is not the name of MIDI pitch {pitch}.")
    grace = _flag(data.get("grace", False), "A grace note")
    return ReadEvent(
        ident, whole(data.get("measure"), 0, 100_000, "A bar's number"),
        quarters(data.get("beat"), "A beat", 1) - 1, quarters(data.get("duration"), "A duration"), pitches,
        tuple(names), tuple(None if sign is None else whole(sign, -2, 2, "An accidental") for sign in signs),
        _flag(data.get("tie", False), "A tie"), grace, whole(data.get("voice", 1), 1, 16, "A voice"),
        number(data.get("confidence", 1.0), 0.0, 1.0, "A confidence"), box_of(data.get("box", (0, 0, 0, 0))),
        _flag(data.get("changed", False), "A change"),
    )  # fmt: skip


def read_pitches(value: Any) -> tuple[int, ...]:
    """MIDI pitches in rising order, each once; raises :class:`BadRequest`."""
    given = _items(value, 40, "pitches")
    pitches = tuple(sorted({whole(pitch, 0, 127, "A pitch") for pitch in given}))
    if len(pitches) < len(given) or list(pitches) != [int(p) for p in given]:
        raise BadRequest("The pitches of a chord must rise.")
    return pitches
