"""A piece that was given, put right as a whole: its tempo, its key and its metre, higher or lower."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from workbench.errors import BadRequest
from workbench.score.lanes import Key, Meter
from workbench.score.score import Score
from workbench.understand.heard import number, whole

#: Most semitones that a piece is shifted by at once.
MOST_SEMITONES = 24


def corrected_score(score: Score, changes: Mapping[str, Any]) -> Score:
    """A copy with some of it changed.

    Args:
        score: the piece.
        changes: untrusted; ``tempo`` (times what it is), ``transpose`` (semitones), ``key`` [fifths, mode] and
            ``metre`` [numerator, denominator], both for the whole piece.

    Raises:
        BadRequest: another change, or a value that does not fit.
    """
    if unknown := changes.keys() - {"tempo", "transpose", "key", "metre"}:
        raise BadRequest(f"{min(unknown)[:40]!r} is nothing that can be put right in a music file.")
    made = score.copy()
    if "tempo" in changes:
        factor = number(changes["tempo"], 0.1, 10.0, "A tempo against what it was")
        made.tempos[:] = [
            replace(tempo, us_per_quarter=min(2**24 - 1, max(1, round(tempo.us_per_quarter / factor))))
            for tempo in made.tempos
        ]
    if "transpose" in changes:
        _transpose(made, whole(changes["transpose"], -MOST_SEMITONES, MOST_SEMITONES, "A number of semitones"))
    if "key" in changes:
        fifths, mode = _pair(changes["key"])
        if mode not in ("major", "minor"):
            raise BadRequest("A key is major or minor.")
        made.keys[:] = [Key(0, whole(fifths, -7, 7, "A key's number of sharps or flats"), mode)]
    if "metre" in changes:
        beats, unit = _pair(changes["metre"])
        if unit not in (1, 2, 4, 8, 16):
            raise BadRequest("A metre counts halves, quarters, eighths or sixteenths.")
        made.meters[:] = [Meter(0, whole(beats, 1, 24, "The beats of a bar"), unit)]
    return made


def _pair(value: Any) -> tuple[Any, Any]:
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise BadRequest("A key and a metre are two values each.")
    return value[0], value[1]


def _transpose(score: Score, semitones: int) -> None:
    pitched = [track for track in score.tracks if not track.is_drum]
    if any(not 0 <= note.pitch + semitones <= 127 for track in pitched for note in track.notes.values()):
        raise BadRequest("That would be too high or too low for some of the notes.")
    for track in pitched:
        for name, note in track.notes.items():
            track.notes[name] = replace(note, pitch=note.pitch + semitones)
    # A semitone up is seven fifths up; keys are written with as few signs as they can be.
    score.keys[:] = [replace(key, fifths=(key.fifths + 7 * semitones + 5) % 12 - 5) for key in score.keys]
    score.chords[:] = [
        replace(
            chord, root=(chord.root + semitones) % 12,
            bass=(chord.bass + semitones) % 12 if chord.bass >= 0 else -1,
        )
        for chord in score.chords
    ]  # fmt: skip
