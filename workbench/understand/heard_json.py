"""The JSON form of a description: that of ``workbench transcribe --json``, and what an untrusted client sends back.

``{"duration", "tuning_cents", "tempo", "beats": [s], "downbeats": [s], "key": "A minor", "chords": [{"start", "end",
"label", "confidence"}], "melody": [note], "notes": [{"start", "end", "pitch", "velocity", "confidence"}], "sections":
[{"start", "end", "label", "confidence"}], "tags": {}}``, and beside it ``kind``, ``metre``, ``beat_confidence``,
``key_confidence``, ``drums``, ``curve``, ``model``, ``remarks`` and ``changed``. A note has ``cents`` where it was
heard off its pitch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from workbench.errors import BadRequest
from workbench.understand.heard import (
    MAX_ITEMS,
    Beats,
    Curve,
    Heard,
    HeardChord,
    HeardKey,
    HeardNote,
    HeardSection,
    HeardTag,
)
from workbench.understand.labels import read_key

_SPAN = {"start", "end", "confidence"}
_MAX_POINTS = 2_000_000


def to_json(heard: Heard) -> dict[str, Any]:
    """Plain numbers, texts, lists and objects; times to a microsecond, confidences to a ten-thousandth."""
    beats, curve = heard.beats, heard.curve
    out: dict[str, Any] = {
        "duration": round(heard.duration, 6), "tuning_cents": round(heard.tuning_cents, 2),
        "tempo": round(beats.tempo, 4), "beats": [round(time, 6) for time in beats.beats],
        "downbeats": [round(time, 6) for time in beats.downbeats],
        "key": heard.key.name if heard.key else None,
        "chords": [_labelled(chord) for chord in heard.chords],
        "melody": [_note(note) for note in heard.melody],
        "notes": [_note(note) for note in heard.notes],
        "sections": [_labelled(section) for section in heard.sections],
        "tags": {
            kind: [{"label": tag.label, "confidence": round(tag.confidence, 4)} for tag in found]
            for kind, found in heard.tags.items()
        },
        "kind": heard.kind, "metre": beats.metre, "beat_confidence": [round(value, 4) for value in beats.confidence],
        "key_confidence": round(heard.key.confidence, 4) if heard.key else 0.0,
        "drums": [_note(note) for note in heard.drums],
        "model": heard.model, "remarks": list(heard.remarks), "changed": list(heard.changed),
    }  # fmt: skip
    if curve is not None:
        out["curve"] = {
            "times": [round(value, 5) for value in curve.times.tolist()],
            "hertz": [round(value, 2) for value in curve.hertz.tolist()],
            "confidence": [round(value, 3) for value in curve.confidence.tolist()],
        }
    return out


def _note(note: HeardNote) -> dict[str, Any]:
    out: dict[str, Any] = {
        "start": round(note.start, 6), "end": round(note.end, 6), "pitch": note.pitch, "velocity": note.velocity,
        "confidence": round(note.confidence, 4),
    }  # fmt: skip
    if note.cents:
        out["cents"] = round(note.cents, 1)
    return out


def _labelled(item: HeardChord | HeardSection) -> dict[str, Any]:
    return {
        "start": round(item.start, 6), "end": round(item.end, 6), "label": item.label,
        "confidence": round(item.confidence, 4),
    }  # fmt: skip


def from_json(data: Any) -> Heard:
    """Read the form above; raises :class:`BadRequest` with one sentence on anything else."""
    data = _object(data, {*_FIELDS, *_BEATS, "duration", "key_confidence", "changed"}, {"duration"}, "What was heard")
    changed = _texts(data.get("changed", []), "The list of what was changed")
    fields = read_fields({name: value for name, value in data.items() if name in (*_FIELDS, *_BEATS)})
    key = fields.get("key")
    if key is not None and "key_confidence" in data:
        fields["key"] = HeardKey(key.tonic, key.mode, data["key_confidence"])
    return Heard(data["duration"], **fields, changed=changed)


def read_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of :class:`Heard` by name, each from its JSON form or as it is already.

    ``beats`` may be a :class:`Beats`, or a list of seconds with ``downbeats``, ``metre`` and the rest beside it.

    Raises:
        BadRequest: an unknown field or a value that does not fit.
    """
    unknown = values.keys() - {*_FIELDS, *_BEATS}
    if unknown:
        raise BadRequest(f"{min(map(str, unknown))[:40]!r} is nothing that can be changed in what was heard.")
    out = {name: _FIELDS[name](value) for name, value in values.items() if name in _FIELDS}
    rhythm = {name: value for name, value in values.items() if name in _BEATS}
    if isinstance(rhythm.get("beats"), Beats):
        if len(rhythm) > 1:
            raise BadRequest("Give the beats as a whole or by their parts, not both.")
        out["beats"] = rhythm["beats"]
    elif rhythm:
        if "beats" not in rhythm:
            raise BadRequest("Downbeats, metre and tempo are given together with the beats.")
        out["beats"] = Beats(
            tuple(_list(rhythm["beats"], "The beats")), tuple(_list(rhythm.get("downbeats", []), "The downbeats")),
            tuple(_list(rhythm.get("beat_confidence", []), "The beats' confidences")),
            rhythm.get("tempo", 0.0), rhythm.get("metre", 4),
        )  # fmt: skip
    return out


def _object(data: Any, known: set[str], needed: set[str], what: str) -> Mapping[str, Any]:
    if not isinstance(data, Mapping) or not needed <= data.keys() <= known:
        odd = sorted(map(str, data.keys() ^ known & data.keys())) if isinstance(data, Mapping) else []
        detail = f": {odd[0][:40]}" if odd else ""
        raise BadRequest(f"{what} must be an object with {', '.join(sorted(needed))}{detail}.")
    return data


def _list(value: Any, what: str) -> list[Any]:
    if not isinstance(value, (list, tuple)) or len(value) > MAX_ITEMS:
        raise BadRequest(f"{what} must be a list of at most {MAX_ITEMS:,} items.")
    return list(value)


def _texts(value: Any, what: str) -> tuple[str, ...]:
    found = _list(value, what)
    if len(found) > 100 or not all(isinstance(text, str) and len(text) <= 500 for text in found):
        raise BadRequest(f"{what} must be a list of at most 100 short texts.")
    return tuple(found)


def _many(kind: type, needed: set[str], known: set[str], what: str, **fixed: Any) -> Callable[[Any], tuple[Any, ...]]:
    """A reader of a list of ``kind``, from objects or from what is one already."""

    def read(value: Any) -> tuple[Any, ...]:
        out = []
        for item in _list(value, f"The list of every {what}"):
            if isinstance(item, kind):
                out.append(item)
            else:
                out.append(kind(**_object(item, known, needed, f"A {what}"), **fixed))
        return tuple(out)

    return read


_NOTE = ({"start", "end", "pitch"}, _SPAN | {"pitch", "velocity", "cents"})


def _key(value: Any) -> HeardKey | None:
    return value if value is None or isinstance(value, HeardKey) else HeardKey(*read_key(value))


def _curve(value: Any) -> Curve | None:
    if value is None or isinstance(value, Curve):
        return value
    parts = {"times", "hertz", "confidence"}
    data = _object(value, parts, parts, "A pitch curve")
    if not all(isinstance(data[name], (list, tuple)) and len(data[name]) <= _MAX_POINTS for name in parts):
        raise BadRequest("A pitch curve must be made of lists of numbers.")
    return Curve(data["times"], data["hertz"], data["confidence"])


def _tags(value: Any) -> dict[str, tuple[HeardTag, ...]]:
    if not isinstance(value, Mapping) or len(value) > 50 or not all(isinstance(kind, str) for kind in value):
        raise BadRequest("Tags must be an object of lists.")
    read = _many(HeardTag, {"label", "confidence"}, {"label", "confidence"}, "tag")
    return {kind: read(found) for kind, found in value.items()}


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 100:
        raise BadRequest("The kind of a recording and its model must be short texts.")
    return value


def _same(value: Any) -> Any:
    return value


#: Field -> how it is read. ``Heard`` and its parts check the values.
_FIELDS: dict[str, Callable[[Any], Any]] = {
    "tuning_cents": _same, "key": _key,
    "chords": _many(HeardChord, {"start", "end", "label"}, _SPAN | {"label"}, "chord"),
    "melody": _many(HeardNote, *_NOTE, "note"), "notes": _many(HeardNote, *_NOTE, "note"),
    "drums": _many(HeardNote, *_NOTE, "note", drum=True),
    "sections": _many(HeardSection, {"start", "end", "label"}, _SPAN | {"label"}, "section"),
    "tags": _tags, "curve": _curve, "kind": _text, "model": _text,
    "remarks": lambda value: _texts(value, "The remarks"),
}  # fmt: skip
_BEATS = ("beats", "downbeats", "beat_confidence", "tempo", "metre")
