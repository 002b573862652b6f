"""Recordings of the shelf as tracks of a piece: what handlers add to a score that was heard in one."""

from __future__ import annotations

from workbench.page.media import MediaItem, Shelf
from workbench.score.recorded import RecordedSound, sounds_of, with_sound
from workbench.score.score import Score, Track
from workbench.sound.blocks import read_part
from workbench.sound.given import level_of

#: The track of a whole recording.
RECORDING = "Recording"


def files_of(shelf: Shelf, score: Score) -> dict[str, str]:
    """Where the recordings lie that are heard in a piece, by the sha256 of their content."""
    wanted = {sound.sha256 for sound in sounds_of(score).values()}
    return {item.sha256: str(item.path) for item in shelf.items() if item.sha256 in wanted}


def track_id(name: str, sha256: str) -> str:
    """An id that no other track of any piece gets, so that a recording never falls to a track that is made later."""
    plain = "".join(letter for letter in name.casefold() if letter.isascii() and letter.isalnum())[:20]
    return f"{plain or 'track'}-{sha256[:12]}"


def sounds_as(score: Score, track: Track, item: MediaItem, start: float, seconds: float, gain_cb: int = 0) -> None:
    """Let a track of a score that is being made sound as a file of the shelf; the track's id becomes its own."""
    track.id = track_id(track.name, item.sha256)
    sound = RecordedSound(item.sha256, round(1_000 * start), round(1_000 * seconds), gain_cb)
    with_sound(score, track.id, sound)


def add_recording(score: Score, item: MediaItem, start: float, seconds: float) -> None:
    """Put the recording that a score was heard in before its tracks, which fall silent under it."""
    for track in score.tracks:
        track.mute = True
    track = Track("recording", RECORDING, color=len(score.tracks) % 12)
    score.tracks.insert(0, track)
    audio = read_part(item.path, start, start + seconds, item.name)
    sounds_as(score, track, item, start, audio.seconds, level_of(audio))
