"""All chips of a text together: the fields of :class:`Wishes`, and what contradicts what.

Values of chips, by kind: ``tempo`` beats a minute; ``tempo word``, ``style``, ``not style``, ``instrument``,
``without``: names in ``meanings.toml``; ``length`` seconds; ``bars``; ``metre`` "3/4"; ``key`` "A minor"; ``mode``;
``only`` nothing; ``mood`` a name, with "very " or "slightly " before it; ``not`` a mood; ``energy``, ``density``,
``loudness`` and ``brightness`` 0 to 1; ``form`` names of sections; ``shape`` one of the shapes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from workbench.errors import BadRequest
from workbench.understand.labels import read_key
from workbench.understand.words.meanings import LEVELS, meanings
from workbench.understand.words.wishes import Chip, Wishes

#: How much further from the middle "very" goes, and how much less far "slightly".
STRENGTHS = {"very": 1.3, "slightly": 0.5}
#: Levels asked for that lie further apart than this contradict each other.
APART = 0.45
#: A tempo word and a number contradict each other beyond this ratio.
OFF = 1.45


def combine(text: str, language: str, chips: Sequence[Chip], not_understood: Sequence[str], refused: str) -> Wishes:
    """What these chips ask for together; of two that cannot both be met, a number counts, or else the later one.

    Raises:
        BadRequest: a chip's value is none that its kind can have.
    """
    try:
        return _combined(text, language, chips, not_understood, refused)
    except (KeyError, ValueError) as error:
        raise BadRequest("An understood word holds a value that its kind cannot have.") from error


def _combined(text: str, language: str, chips: Sequence[Chip], not_understood: Sequence[str], refused: str) -> Wishes:
    by_kind: dict[str, list[Chip]] = {}
    for chip in chips:
        by_kind.setdefault(chip.kind, []).append(chip)
    values = {kind: [chip.value for chip in found] for kind, found in by_kind.items()}
    remarks: list[str] = []
    fields: dict[str, Any] = {
        **_tempo(values, remarks), **_length(values, remarks), **_key(values, remarks), **_style(values, remarks),
        **_instruments(chips, remarks), **_levels(by_kind, remarks),
    }  # fmt: skip
    for kind in ("form", "shape"):
        if kind in values:
            fields[kind] = values[kind][-1]
    moods = [value.split(" ")[-1] for value in values.get("mood", ())]
    refusals = [mood for mood in values.get("not", ()) if mood not in moods]
    return Wishes(
        text, language, moods=tuple(dict.fromkeys(moods)), not_moods=tuple(dict.fromkeys(refusals)),
        chips=tuple(chips), not_understood=tuple(not_understood), remarks=tuple(remarks), refused=refused, **fields,
    )  # fmt: skip


def strengthened(value: float, strength: str) -> float:
    """A level further from or nearer to the middle: "very" or "slightly"; the result stays within 0.02 and 0.98."""
    return min(0.98, max(0.02, 0.5 + (value - 0.5) * STRENGTHS.get(strength, 1.0)))


def _tempo(values: dict[str, list[str]], remarks: list[str]) -> dict[str, Any]:
    words, numbers = values.get("tempo word", []), [float(value) for value in values.get("tempo", ())]
    known = meanings().tempos
    if len(words) > 1 and _ratio(known[words[0]], known[words[-1]]) > OFF:
        remarks.append(f"You wrote {words[0]} and {words[-1]}: I took {words[-1]}.")
    if not numbers:
        return {"tempo": known[words[-1]], "tempo_word": words[-1]} if words else {}
    if words and _ratio(known[words[-1]], numbers[-1]) > OFF:
        remarks.append(f"You wrote {words[-1]} and {numbers[-1]:g} beats a minute: the number counts.")
    if len(set(numbers)) > 1:
        remarks.append(f"You wrote more than one tempo: I took {numbers[-1]:g} beats a minute.")
    return {"tempo": numbers[-1]}


def _ratio(one: float, other: float) -> float:
    return max(one, other) / min(one, other)


def _length(values: dict[str, list[str]], remarks: list[str]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    if lengths := [float(value) for value in values.get("length", ())]:
        out["seconds"] = lengths[-1]
        if len(set(lengths)) > 1:
            remarks.append(f"You wrote more than one length: I took {lengths[-1]:g} seconds.")
    if bars := values.get("bars"):
        out["bars"] = int(bars[-1])
    return out


def _key(values: dict[str, list[str]], remarks: list[str]) -> dict[str, Any]:
    keys, modes = values.get("key", []), values.get("mode", [])
    if not keys:
        if len(set(modes)) > 1:
            remarks.append(f"You wrote major and minor: I took {modes[-1]}.")
        return {"mode": modes[-1]} if modes else {}
    tonic, mode = read_key(keys[-1])
    if len(set(keys)) > 1:
        remarks.append(f"You named more than one key: I took {keys[-1]}.")
    elif modes and modes[-1] != mode:
        remarks.append(f"You wrote {keys[-1]} and {modes[-1]}: the key counts.")
    return {"tonic": tonic, "mode": mode}


def _style(values: dict[str, list[str]], remarks: list[str]) -> dict[str, Any]:
    # "No metal" forbids metal, not the rock that would stand in for it.
    avoided = [meanings().genres[value] for value in values.get("not style", ())]
    refused = tuple(dict.fromkeys(genre.style for genre in avoided if not genre.nearest))
    named = [meanings().genres[value] for value in dict.fromkeys(values.get("style", ()))]
    named = [genre for genre in named if genre.style not in refused]
    metres = values.get("metre", []) or [genre.metre for genre in named if genre.metre]
    out: dict[str, Any] = {"not_styles": refused}
    if metres:
        beats, _, unit = metres[-1].partition("/")
        out["metre"] = (int(beats), int(unit))
        if len(set(metres)) > 1:
            remarks.append(f"You named more than one metre: I took {metres[-1]}.")
        for genre in named:
            if genre.metre and genre.metre != metres[-1]:
                remarks.append(f"A {genre.name} is in {genre.metre}, and you wrote {metres[-1]}: I took {metres[-1]}.")
    if named:
        # A "jazzy waltz" is jazz in three: what only brings its metre steps back.
        chosen = next((genre for genre in named if not genre.metre), named[0])
        out["style"] = chosen.style
        others = [genre.name for genre in named if genre.style != chosen.style and not genre.metre]
        if others:
            remarks.append(f"You named {chosen.name} and {others[0]}: I took {chosen.name}.")
    return out


def _instruments(chips: Sequence[Chip], remarks: list[str]) -> dict[str, Any]:
    known = meanings().instruments
    wanted: dict[str, int] = {}
    without: dict[str, int] = {}
    for place, chip in enumerate(chips):
        if chip.kind == "instrument":
            wanted[chip.value] = place
        elif chip.kind == "without":
            without[chip.value] = place
    for name in sorted(set(wanted) & set(without)):
        with_it = wanted[name] > without[name]
        remarks.append(f"You asked for {name} and for none: I took the later one, {'with' if with_it else 'without'}.")
        (without if with_it else wanted).pop(name)
    # "No guitar but a ukulele": a name that was asked for stays, though a wider one forbids it.
    programs = tuple(program for name in wanted for program in known[name].plays)
    return {
        "instruments": programs, "without": tuple(without),
        "only": any(chip.kind == "only" for chip in chips) and bool(programs),
    }  # fmt: skip


def _levels(by_kind: dict[str, list[Chip]], remarks: list[str]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    moods = [(*_strength(chip.value), chip) for chip in by_kind.get("mood", ())]
    for level in LEVELS:
        said = [float(chip.value) for chip in by_kind.get(level, ())]
        meant = [
            strengthened(meanings().moods[mood][level], strength)
            for strength, mood, _ in moods if level in meanings().moods[mood]
        ]  # fmt: skip
        if said:
            out[level] = round(sum(said) / len(said), 3)
        elif meant:
            out[level] = round(sum(meant) / len(meant), 3)
        both = [*said, *(meant if not said else [])]
        if both and max(both) - min(both) > APART:
            remarks.append(f"Your words ask for much and for little {_PLAIN[level]}: I met them in the middle.")
    return out


_PLAIN = {"energy": "energy", "density": "going on", "loudness": "volume", "brightness": "height"}


def _strength(value: str) -> tuple[str, str]:
    strength, _, mood = value.rpartition(" ")
    return strength, mood
