"""What keeps a tune that was given in front of its band: who plays it, how loud the band is, and who stays beneath it.

The ear takes the highest and loudest line that goes on for the tune. So nobody who plays chords lies above the tune or
in the same notes while it sounds, and a plucked or struck tune, which fades as soon as it is played, gets more room.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from workbench.create.compose.layout import TUNE
from workbench.create.compose.style import Style
from workbench.create.prompt.brief import Brief
from workbench.create.prompt.thickness import Parts, fades
from workbench.score.score import Note, Track
from workbench.score.timemap import TimeMap
from workbench.sound.mixer import family_gain, gain_of
from workbench.sound.playing import dry_track
from workbench.sound.sequence import Played

#: How far the tune is to stand above all who play chords with it, decibels: where its notes go on, and where they fade,
#: so that their ends are still heard. Measured on rendered pieces, the leading voice is then the tune for 8 to 9 tenths
#: of the time; with the band as loud as the tune, for 3 to 7.
ABOVE, ABOVE_FADING = 5.0, 10.0
#: The band's volume as a share of its own, at most and where there is nothing to weigh, and at least.
BEHIND, LEAST = 0.7, 0.4
#: Notes are weighed by a note of the same instrument and octave, held for so many seconds this hard.
HELD, STRUCK = 0.5, 90
#: Frames a second of the sound that is weighed.
RATE = 44_100
#: Semitones under the tune that stay free, and the lowest key to which chords are moved for it.
FREE, FLOOR = 3, 45
#: Notes of a tune that fades which last longer than this (seconds) are held by somebody of the band, so much louder.
LONG, SINGING = 0.6, 1.2
#: How much softer what cannot be moved is played.
SOFTER = 0.75


def behind(tracks: Sequence[Track], tune: str, bass: Collection[str], times: TimeMap) -> float:
    """The band's volume as a share of its own that leaves the tune in front.

    Args:
        tracks: of the piece, each at its own volume.
        tune: the name of the track that tells the tune.
        bass: names of tracks that lie below every tune, and are not weighed; nor are drums.
        times: of the piece.
    """
    told = next((track for track in tracks if track.name == tune and track.notes), None)
    rest = [track for track in tracks if not track.is_drum and track.name != tune and track.name not in bass]
    if told is None:
        return BEHIND
    spans = np.array(sorted((note.start, note.end) for note in told.notes.values()), np.int64)
    own, others = _power(told, spans, times), sum(_power(track, spans, times) for track in rest)
    if others <= 0 or own <= 0:
        return BEHIND
    wanted = (ABOVE_FADING if fades(told.program) else ABOVE) - 10 * math.log10(own / others)
    return min(BEHIND, max(LEAST, 10 ** (-wanted / 40)))  # volume counts twice: (value / 127) ** 2


def _power(track: Track, spans: npt.NDArray[np.int64], times: TimeMap) -> float:
    """The energy that a track's notes have while the tune sounds, in no unit."""
    total, gain = 0.0, (family_gain(track) * gain_of(track.volume)) ** 2
    for note in track.notes.values():
        shared = int(np.maximum(np.minimum(spans[:, 1], note.end) - np.maximum(spans[:, 0], note.start), 0).sum())
        if shared:
            seconds = times.seconds(note.start + shared) - times.seconds(note.start)
            held = min(seconds, HELD) if fades(track.program) else seconds
            total += gain * held * strength(track.program, note.pitch // 12) * (note.velocity / STRUCK) ** 4
    return total


@functools.lru_cache(maxsize=512)
def strength(program: int, octave: int) -> float:
    """The mean square of a note's sound, struck :data:`STRUCK` and held for :data:`HELD` seconds."""
    frames = round(HELD * RATE)
    note = Played(0.0, HELD, min(127, 12 * octave + 5), STRUCK, program)
    dry = dry_track([note], False, frames, RATE)[0]
    return float(np.square(dry.left, dtype=np.float64).mean() + np.square(dry.right, dtype=np.float64).mean())


def carrier(programs: Sequence[int]) -> int:
    """Of some programs the one that carries a tune best: the first whose notes go on, else the first."""
    return next((program for program in programs if not fades(program)), programs[0])


def beneath(parts: Mapping[str, Sequence[Note]], tune: Sequence[Note], style: Style) -> Parts:
    """The band's notes with chords below the tune, by octaves; what would be too low for that is played softer.

    Args:
        parts: notes by part, in ticks of the piece.
        tune: the notes of the told tune around them.
        style: whose parts they are; drums, bass and what is no part of it (second voices) stay as they are.
    """
    out: Parts = {name: list(notes) for name, notes in parts.items()}
    if not tune:
        return out
    rows = np.array(sorted((note.start, note.end, note.pitch) for note in tune), np.int64)
    for part in style.parts:
        if part.is_drum or part.role == "bass" or part.name not in out:
            continue
        taken: set[tuple[int, int]] = set()
        kept: list[Note] = []
        for note in out[part.name]:
            # What ends as the tune begins, give or take a sixteenth's half, does not sound with it.
            over = (rows[:, 0] < note.end - note.duration // 8) & (rows[:, 1] > note.start)
            pitch, top = note.pitch, int(rows[over, 2].min()) - FREE if over.any() else 127
            while pitch > top and pitch - 12 >= FLOOR:
                pitch -= 12
            velocity = note.velocity if pitch <= top else max(1, round(SOFTER * note.velocity))
            if (note.start, pitch) not in taken:
                taken.add((note.start, pitch))
                kept.append(replace(note, pitch=pitch, velocity=velocity))
        out[part.name] = kept
    return out


def held(
    parts: Mapping[str, Sequence[Note]], tune: Sequence[Note], brief: Brief, style: Style, times: TimeMap
) -> Parts:
    """The band's notes with one who can hold notes singing along with the long ones of a tune that fades.

    Args:
        parts: notes by part, in ticks of the piece.
        tune: the notes of the told tune in them.
        brief: who plays what.
        style: whose parts they are.
        times: of the piece.
    """
    out: Parts = {name: list(notes) for name, notes in parts.items()}
    programs = {item.part: item.program for item in brief.instruments}
    if not fades(programs.get(TUNE, 73)):
        return out
    singers = [
        part.name for role in ("pad", "keys") for part in style.parts
        if part.role == role and out.get(part.name) and not fades(programs.get(part.name, part.program))
    ]  # fmt: skip
    long = [note for note in tune if times.seconds(note.end) - times.seconds(note.start) >= LONG]
    for name in singers[:1]:
        spans = [(note.start, note.end) for note in long]
        own = [note for note in out[name] if not any(note.start < end and start < note.end for start, end in spans)]
        out[name] = own + [replace(note, velocity=min(127, round(SINGING * note.velocity))) for note in long]
    return out
