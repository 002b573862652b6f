"""What the entries of the vocabularies mean for the music, from ``meanings.toml``."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

FOLDER = Path(__file__).parent
LEVELS = ("energy", "density", "loudness", "brightness")


@dataclass(frozen=True, slots=True)
class Genre:
    """``style``: id in the library. ``name``: for people. ``metre``: as "3/4", or "". ``nearest``: only close to it."""

    style: str
    name: str
    metre: str
    nearest: bool


@dataclass(frozen=True, slots=True)
class Instrument:
    """``plays``: the programs that play it, 128 for drums. ``covers``: all that "no ..." forbids."""

    plays: tuple[int, ...]
    covers: frozenset[int]


@dataclass(frozen=True, slots=True)
class Meanings:
    """All of them by name. ``moods`` and ``levels``: 0 to 1 by level; a mood's ``mode`` in ``modes``."""

    tempos: Mapping[str, float]
    moods: Mapping[str, Mapping[str, float]]
    modes: Mapping[str, str]
    levels: Mapping[str, Mapping[str, float]]
    genres: Mapping[str, Genre]
    instruments: Mapping[str, Instrument]


@functools.cache
def meanings() -> Meanings:
    """The file's content, read once."""
    data = tomllib.loads((FOLDER / "meanings.toml").read_text(encoding="utf-8"))
    return Meanings(
        MappingProxyType({name: float(bpm) for name, bpm in data["tempo"].items()}),
        MappingProxyType({name: _levels(entry) for name, entry in data["mood"].items()}),
        MappingProxyType({name: entry.get("mode", "") for name, entry in data["mood"].items()}),
        MappingProxyType({name: _levels(entry) for name, entry in data["level"].items()}),
        MappingProxyType({name: _genre(name, entry) for name, entry in data["style"].items()}),
        MappingProxyType({name: _instrument(entry) for name, entry in data["instrument"].items()}),
    )


def _levels(entry: Mapping[str, Any]) -> Mapping[str, float]:
    return {level: float(entry[level]) for level in LEVELS if level in entry}


def _genre(name: str, entry: Mapping[str, Any]) -> Genre:
    shown = entry.get("name", name.replace("-", " "))
    return Genre(entry.get("style", name), shown, entry.get("metre", ""), bool(entry.get("nearest", False)))


def _instrument(entry: Mapping[str, Any]) -> Instrument:
    covers: set[int] = set(entry["plays"])
    for span in entry.get("covers", "").split():
        first, _, last = span.partition("-")
        covers |= set(range(int(first), int(last or first) + 1))
    return Instrument(tuple(entry["plays"]), frozenset(covers))
