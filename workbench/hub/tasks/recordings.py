"""What the tasks about recordings share: the recording's hash, and descriptions of what was heard put in order.

A description is the JSON form of ``workbench transcribe --json`` (seconds, MIDI pitches, chord labels in the syntax of
mir_eval); :func:`in_order` makes sure of every field, whatever a model wrote into it.
"""

from __future__ import annotations

import hashlib
import math
import re
from bisect import bisect_left
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

MAX_NOTES = 200_000
_MAX_POINTS = 2_000_000
#: Shortest note, chord or section and shortest beat, in seconds.
_SHORTEST, _SHORTEST_BEAT = 0.001, 0.01
_CHORD = re.compile(
    r"(N|X|[A-G][#b]{0,2}(:(maj|min|dim|aug|7|maj7|min7|dim7|hdim7|minmaj7|maj6|min6|9|maj9|min9|sus2|sus4|5|sus4\(b7\)"
    r"|aug\(b7\)))?(/[#b]{0,2}[1-79])?)\Z"
)
_KEY = re.compile(r"[A-G][#b]? (major|minor)\Z")


def samples_hash(audio: Any) -> str:
    """The sha256 of a recording's samples (float32, frame by frame)."""
    return hashlib.sha256(np.ascontiguousarray(audio.samples, dtype=np.float32).tobytes()).hexdigest()


def in_order(value: Any, duration: float) -> tuple[dict[str, Any], list[str]]:
    """The fields of a description that are as they should be, and sentences on what had to be left out.

    Args:
        value: what a model gave; only its known fields are looked at, and those it has not are not added.
        duration: of the recording, in seconds: what lies outside is clipped or left out.
    """
    given = value if isinstance(value, Mapping) else {}
    out: dict[str, Any] = {"duration": duration}
    remarks: list[str] = []
    for name in ("notes", "melody", "drums"):
        if name in given:
            out[name], lost = _spans(given[name], duration, _note, MAX_NOTES)
            out[name].sort(key=lambda note: (note["start"], note["pitch"], note["end"]))
            if lost:
                what = {"drums": "drum strokes"}.get(name, "notes")
                remarks.append(f"{lost} {what} were outside the recording, or no notes at all, and were left out.")
    for name, read in (("chords", _chord), ("sections", _section)):
        if name in given:
            found, lost = _spans(given[name], duration, read, MAX_NOTES)
            out[name] = _one_by_one(found)
            if lost:
                remarks.append(f"{lost} {name} were outside the recording, or none at all, and were left out.")
    if "beats" in given:
        out |= _beats(given, duration)
    if "tuning_cents" in given:
        out["tuning_cents"] = _number(given["tuning_cents"], -100.0, 100.0, 0.0)
    if "key" in given:
        known = isinstance(given["key"], str) and _KEY.match(given["key"])
        out["key"] = given["key"] if known else None
        out["key_confidence"] = _number(given.get("key_confidence"), 0.0, 1.0, 0.5) if known else 0.0
    if isinstance(given.get("kind"), str) and given["kind"] in ("singing", "piano", "band"):
        out["kind"] = given["kind"]
    if isinstance(given.get("tags"), Mapping):
        out["tags"] = {str(kind)[:100]: _tags(found) for kind, found in list(given["tags"].items())[:50]}
    if (curve := _curve(given.get("curve"))) is not None:
        out["curve"] = curve
    return out, remarks


def _number(value: Any, low: float, high: float, instead: float) -> float:
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return instead
    return min(high, max(low, found)) if math.isfinite(found) else instead


def _seconds(value: Any) -> float:
    """A time in seconds, NaN where it is none."""
    try:
        return math.nan if isinstance(value, (bool, str)) else float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def _items(value: Any, most: int) -> list[Any]:
    return list(value[:most]) if isinstance(value, (list, tuple)) else []


def _spans(
    value: Any, duration: float, read: Callable[[Mapping[str, Any]], dict[str, Any] | None], most: int
) -> tuple[list[dict[str, Any]], int]:
    """Items with a start and an end inside the recording, and how many were none."""
    out, lost = [], 0
    for item in _items(value, most):
        if not isinstance(item, Mapping):
            lost += 1
            continue
        start, end = _seconds(item.get("start")), _seconds(item.get("end"))
        numbers = not math.isnan(start + end)
        start, end = max(0.0, start), min(duration, end)
        more = read(item) if numbers and end - start >= _SHORTEST else None
        if more is None:
            lost += 1
        else:
            sure = _number(item.get("confidence"), 0.0, 1.0, 0.5)
            out.append({"start": start, "end": end, **more, "confidence": sure})
    return out, lost


def _note(item: Mapping[str, Any]) -> dict[str, Any] | None:
    pitch = item.get("pitch")
    if type(pitch) is not int or not 0 <= pitch <= 127:
        return None
    velocity = item.get("velocity", 80)
    velocity = min(127, max(1, velocity)) if type(velocity) is int else 80
    cents = _number(item.get("cents", 0.0), -1_200.0, 1_200.0, 0.0)
    return {"pitch": pitch, "velocity": velocity, **({"cents": cents} if cents else {})}


def _chord(item: Mapping[str, Any]) -> dict[str, Any] | None:
    label = item.get("label")
    return {"label": label} if isinstance(label, str) and _CHORD.match(label) else None


def _section(item: Mapping[str, Any]) -> dict[str, Any] | None:
    label = item.get("label")
    fine = isinstance(label, str) and 1 <= len(label) <= 100 and label.isprintable()
    return {"label": label} if fine else None


def _one_by_one(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """In the order of time, each ended where the next one starts."""
    out: list[dict[str, Any]] = []
    for item in sorted(items, key=lambda item: item["start"]):
        if out and out[-1]["end"] > item["start"]:
            out[-1]["end"] = item["start"]
            if out[-1]["end"] - out[-1]["start"] < _SHORTEST:
                out.pop()
        out.append(item)
    return out


def _beats(given: Mapping[str, Any], duration: float) -> dict[str, Any]:
    """Beats that rise, downbeats that are some of them, a confidence each, tempo and metre."""
    sure = _items(given.get("beat_confidence"), MAX_NOTES)
    pairs = [
        (time, _number(sure[index], 0.0, 1.0, 0.5) if index < len(sure) else 0.5)
        for index, time in enumerate(map(_seconds, _items(given["beats"], MAX_NOTES)))
        if 0.0 <= time <= duration
    ]
    beats: list[float] = []
    confidence: list[float] = []
    for time, how in sorted(pairs, key=lambda pair: pair[0]):
        if not beats or time - beats[-1] >= _SHORTEST_BEAT:
            beats.append(time)
            confidence.append(how)
    downbeats = []
    for time in map(_seconds, _items(given.get("downbeats"), MAX_NOTES)):
        place = bisect_left(beats, time - _SHORTEST)
        if place < len(beats) and abs(beats[place] - time) <= _SHORTEST:
            downbeats.append(beats[place])
    metre = given.get("metre", 4)
    return {
        "beats": beats, "downbeats": sorted(set(downbeats)), "beat_confidence": confidence,
        "tempo": _number(given.get("tempo"), 0.0, 6_000.0, 0.0),
        "metre": metre if type(metre) is int and 1 <= metre <= 12 else 4,
    }  # fmt: skip


def _tags(value: Any) -> list[dict[str, Any]]:
    found = [item for item in _items(value, 100) if isinstance(item, Mapping)]
    return [
        {"label": item["label"], "confidence": _number(item.get("confidence"), 0.0, 1.0, 0.5)}
        for item in found if _section(item) is not None
    ]  # fmt: skip


def _curve(value: Any) -> dict[str, list[float]] | None:
    """A pitch curve of rising times; None where it is none."""
    if not isinstance(value, Mapping):
        return None
    try:
        rows = [np.asarray(value[name], dtype=np.float64) for name in ("times", "hertz", "confidence")]
    except (KeyError, TypeError, ValueError):
        return None
    times, hertz, sure = rows
    if times.ndim != 1 or not times.shape == hertz.shape == sure.shape or len(times) > _MAX_POINTS:
        return None
    fine = np.isfinite(times).all() and (np.diff(times) > 0).all() and (times >= 0).all()
    if not fine:
        return None
    hertz = np.clip(np.nan_to_num(hertz, nan=0.0, posinf=0.0, neginf=0.0), 0.0, 20_000.0)
    sure = np.clip(np.nan_to_num(sure, nan=0.0), 0.0, 1.0)
    return {"times": times.tolist(), "hertz": hertz.tolist(), "confidence": sure.tolist()}
