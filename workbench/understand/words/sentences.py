"""The plain sentence of every chip."""

from __future__ import annotations

from workbench.understand.words.meanings import meanings

_LEVELS = {
    "energy": ("Energy", "low", "high"), "density": ("Notes", "few", "many"), "loudness": ("Volume", "quiet", "loud"),
    "brightness": ("Register", "low", "high"),
}  # fmt: skip
_SHAPES = {
    "build": "It grows from the beginning to the end", "fade": "It fades away towards the end",
    "arc": "It rises to the middle and falls again", "steady": "It stays the same throughout",
}  # fmt: skip


def sentence(kind: str, value: str, read_as: str = "") -> str:
    """What a chip says to people; ``read_as``: the word that a misspelt one was read as."""
    said = _said(kind, value)
    return f"{said} (read as {read_as})" if read_as else said


def _said(kind: str, value: str) -> str:
    if kind == "tempo":
        return f"Tempo: {value} beats a minute"
    if kind == "tempo word":
        return f"Tempo: {value}, about {meanings().tempos[value]:g} beats a minute"
    if kind == "length":
        return f"Length: {_lasting(float(value))}"
    if kind == "bars":
        return f"Length: {value} bar{'' if value == '1' else 's'}"
    if kind == "style":
        genre = meanings().genres[value]
        close = f", the closest there is to {genre.name}" if genre.nearest else ""
        return f"Style: {meanings().genres[genre.style].name if genre.nearest else genre.name}{close}"
    if kind in _LEVELS:
        name, low, high = _LEVELS[kind]
        level = float(value)
        return f"{name}: {'medium' if 0.4 < level < 0.6 else high if level > 0.5 else low}"
    if kind == "shape":
        return _SHAPES[value]
    if kind == "form":
        return f"Form: {value}"
    plain = {
        "metre": "Metre", "key": "Key", "mode": "Mode", "instrument": "Instrument", "without": "Without",
        "mood": "Mood", "not": "Not", "not style": "Not",
    }  # fmt: skip
    shown = meanings().genres[value].name if kind == "not style" else value
    return f"{plain[kind]}: {shown}" if kind in plain else "No other instruments"


def _lasting(seconds: float) -> str:
    whole, rest = divmod(round(seconds), 60)
    if seconds < 60:
        return f"{seconds:g} second{'' if seconds == 1 else 's'}"
    minutes = f"{whole} minute{'' if whole == 1 else 's'}"
    return f"{minutes} {rest} seconds" if rest else minutes
