"""Which part of a piece is its tune, and how much sounds at once: what decides whether chords are heard or invented."""

from __future__ import annotations

from collections.abc import Iterable

from workbench.create.drumlike import pitched
from workbench.errors import BadRequest
from workbench.score.score import Note, Score, Track

#: A part is a tune if it plays for this share of the time in which the busiest part plays.
MIN_SHARE = 0.5
#: A note that begins below a longer one still sounding belongs to the tune only within so many keys of it.
NEAR = 4


def tune_track(score: Score, tune: str | None = None) -> Track | None:
    """The part that carries the tune: the highest one that plays for half as long as the busiest; None: no notes.

    Drums that are not marked as such are passed over.

    Args:
        tune: id of the track to take instead.

    Raises:
        BadRequest: no such track, or it holds drums.
    """
    if tune is not None:
        chosen = next((track for track in score.tracks if track.id == tune), None)
        if chosen is None or chosen.is_drum:
            raise BadRequest("Chords can be found for a track of notes; choose one that is in the piece.")
        return chosen
    parts = pitched(score)
    if not parts:
        return None
    length = {track.id: _covered(track.notes.values()) for track in parts}
    busiest = max(length.values())
    able = [track for track in parts if length[track.id] >= MIN_SHARE * busiest]
    return max(able, key=lambda track: sum(note.pitch for note in track.notes.values()) / len(track.notes))


def top_line(track: Track) -> list[Note]:
    """The highest notes of a part in the order of time, without those that begin below a longer one still sounding."""
    out: list[Note] = []
    for note in sorted(track.notes.values(), key=lambda note: (note.start, -note.pitch)):
        last = out[-1] if out else None
        if last and (note.start == last.start or (note.start < last.end and note.pitch < last.pitch - NEAR)):
            continue
        out.append(note)
    return out


def at_once(score: Score) -> float:
    """Pitched notes that sound at once, on average over the time in which any sounds; 0.0: none."""
    notes = [note for track in pitched(score) for note in track.notes.values()]
    covered = _covered(notes)
    return sum(note.duration for note in notes) / covered if covered else 0.0


def _covered(notes: Iterable[Note]) -> int:
    """Ticks in which any of the notes sounds."""
    covered, reached = 0, 0
    for start, end in sorted((note.start, note.end) for note in notes):
        covered += max(0, end - max(start, reached))
        reached = max(reached, end)
    return covered
