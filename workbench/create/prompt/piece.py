"""A finished piece as the card hears it: rendered once, listened to once, and read off its score where that is exact.

Nothing here knows what was planned. ``Piece(score)`` renders by itself; an ``Audio`` made elsewhere (a take of a
model that makes sound, say) may be given in its place. Everything is worked out when it is first asked for.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from workbench.errors import BadRequest, Unavailable
from workbench.score.score import Note, Score, Track
from workbench.score.timemap import TimeMap
from workbench.understand.heard import SAME, Beats, Heard, HeardNote
from workbench.understand.style import Style, style_of
from workbench.understand.style_compare import tempo_ratio

if TYPE_CHECKING:
    from workbench.sound.audio import Audio
    from workbench.understand.frames import Frames
    from workbench.understand.harmony import Harmony

Floats = npt.NDArray[np.float64]

#: Loudness is told so many times a second, each time over so many seconds around.
LOUD_FPS, LOUD_WINDOW = 10.0, 0.8
#: How loudness grows with pressure (Stevens's power law), and how soft against the loudest counts as silence.
LOUDNESS_POWER, SILENT_DB = 0.6, -50.0
#: Frames a second of the strengths of onsets.
ONSET_FPS = 100.0
#: Levels at which a tempo may be counted.
LEVELS = (0.5, 1.0, 2.0)


class Piece:
    """A piece, its sound, and what the listening layer hears in it."""

    def __init__(self, score: Score, audio: Audio | None = None) -> None:
        self.score = score
        self._audio = audio
        self.times = TimeMap(score)

    @cached_property
    def tracks(self) -> tuple[Track, ...]:
        """Tracks that sound: not muted, and soloed if any is."""
        solo = any(track.solo for track in self.score.tracks)
        return tuple(
            track for track in self.score.tracks
            if track.notes and track.volume > 0 and not track.mute and (track.solo or not solo)
        )  # fmt: skip

    @cached_property
    def seconds(self) -> float:
        """When the last note ends."""
        return self.times.seconds(max((note.end for track in self.tracks for note in track.notes.values()), default=0))

    @cached_property
    def audio(self) -> Audio | None:
        """The sound; None where there is nothing to hear."""
        if self._audio is not None:
            return self._audio
        if not self.tracks:
            return None
        from workbench.sound.render import render_all

        return render_all(self.score)[1]

    @cached_property
    def frames(self) -> Frames | None:
        """What the listening network says; None for silence and without the network's library."""
        if self.audio is None or not np.abs(self.audio.samples).max(initial=0.0) > 1e-4:
            return None
        from workbench.understand.frames import hear_frames

        try:
            return hear_frames(self.audio)
        except (BadRequest, Unavailable):
            return None

    @cached_property
    def harmony(self) -> Harmony | None:
        """Chords and keys heard in the sound."""
        from workbench.understand.harmony import hear_harmony

        return None if self.frames is None else hear_harmony(self.frames, self.beats)

    @cached_property
    def heard(self) -> Heard | None:
        """The description of the sound, without its melody and its sections."""
        if self.frames is None or self.harmony is None:
            return None
        from workbench.understand.model import inside, until
        from workbench.understand.note_pulse import hear_beats
        from workbench.understand.notes import drums_of, notes_of
        from workbench.understand.tags import tags_of

        duration = float(self.frames.duration)
        notes = inside(notes_of(self.frames), duration)
        drums = inside(drums_of(self.frames), duration)
        beats = until(hear_beats(self.frames, notes), duration)
        return Heard(
            duration, self.frames.tuning_cents, beats, self.harmony.key, inside(self.harmony.chords, duration),
            notes=notes, drums=drums, tags=tags_of(self.frames, beats, self.harmony.key, notes, drums),
        )  # fmt: skip

    @cached_property
    def style(self) -> Style | None:
        """The style of the sound, its tempo counted at the level at which the score counts it."""
        if self.heard is None:
            return None
        found = style_of(self.heard)
        if found.tempo <= 0 or self.tempo <= 0:
            return found
        ratio = tempo_ratio(self.tempo, found.tempo)
        level = min(LEVELS, key=lambda factor: abs(np.log(ratio * factor)))
        return found.corrected(
            tempo=found.tempo * level, density=found.density / level, strokes=found.strokes / level,
            chord_beats=found.chord_beats * level,
        )  # fmt: skip

    @cached_property
    def tempo(self) -> float:
        """Quarters a minute that the score has on average, from its first note to its last; 0 without notes."""
        starts = [note.start for track in self.tracks for note in track.notes.values()]
        if not starts or max(starts) <= min(starts):
            return 0.0
        first, last = min(starts), max(starts)
        return (last - first) / self.score.ppq * 60.0 / (self.times.seconds(last) - self.times.seconds(first))

    @cached_property
    def beats(self) -> Beats:
        """The beats that the score has, exactly; downbeats begin its bars."""
        beats: list[float] = []
        ones: list[float] = []
        bars = self.times.bars()
        for bar in bars:
            count = bar.numerator // 3 if bar.denominator >= 8 and bar.numerator % 3 == 0 else bar.numerator
            for number in range(count):
                time = self.times.seconds(bar.start + (bar.end - bar.start) * number // count)
                if beats and time - beats[-1] < 10 * SAME:
                    continue
                beats.append(time)
                if number == 0:
                    ones.append(time)
        metre = bars[len(bars) // 2].numerator if bars else 4
        metre = metre // 3 if bars and bars[0].denominator >= 8 and metre % 3 == 0 else metre
        return Beats(tuple(beats), tuple(ones), metre=min(12, max(1, metre)))

    @cached_property
    def notes(self) -> tuple[HeardNote, ...]:
        """All notes that sound, in seconds, exactly as the score has them."""
        out = []
        for track in self.tracks:
            for note in track.notes.values():
                start, end = self.times.seconds(note.start), self.times.seconds(note.end)
                if note.velocity > 0:
                    out.append(HeardNote(start, max(end, start + SAME), note.pitch, note.velocity, drum=track.is_drum))
        return tuple(sorted(out, key=lambda note: (note.start, note.pitch)))

    def quarter(self, note: Note) -> float:
        """Where a note begins, in quarters from the start."""
        return note.start / self.score.ppq

    def at_quarter(self, quarter: float) -> float:
        """Seconds of a place in quarters from the start."""
        return self.times.seconds(max(0, round(quarter * self.score.ppq)))

    @cached_property
    def loudness(self) -> Floats:
        """How loud it sounds, float64 [n], :data:`LOUD_FPS` a second; 0 (silence) to 1 (its loudest)."""
        return loudness_of(self.audio) if self.audio is not None else np.zeros(0)

    @cached_property
    def onsets(self) -> Floats:
        """How strongly something begins, float64 [n], :data:`ONSET_FPS` a second; 1 is the strongest tenth."""
        return onsets_of(self.audio) if self.audio is not None else np.zeros(0)


def loudness_of(audio: Audio) -> Floats:
    """Loudness over time as an ear weighs it, 0 to 1, :data:`LOUD_FPS` a second."""
    hop = round(audio.rate / LOUD_FPS)
    count = audio.frames // hop
    if count < 1:
        return np.zeros(0)
    power = np.square(audio.mono()[: count * hop], dtype=np.float64).reshape(count, hop).mean(axis=1)
    width = max(1, round(LOUD_WINDOW * LOUD_FPS))
    window = np.hanning(width + 2)[1:-1]
    weight = np.convolve(np.ones(count), window, "same")
    level = np.sqrt(np.convolve(power, window, "same") / weight)
    loudest = float(np.quantile(level, 0.98))
    if loudest <= 0:
        return np.zeros(count)
    share = np.where(level < loudest * 10 ** (SILENT_DB / 20), 0.0, level / loudest)
    return np.asarray(np.minimum(share, 1.0) ** LOUDNESS_POWER, np.float64)


def onsets_of(audio: Audio) -> Floats:
    """The strength of onsets after Bello and others (2005): how much louder the bands become, in decibels above 0.

    float64 [n], :data:`ONSET_FPS` a second; frame i tells of an onset at i / ``ONSET_FPS`` seconds.
    """
    size, hop = 1 << (round(0.046 * audio.rate) - 1).bit_length(), round(audio.rate / ONSET_FPS)
    mono = np.concatenate([np.zeros(size // 2, np.float32), audio.mono(), np.zeros(size, np.float32)])
    count = audio.frames // hop
    if count < 3:
        return np.zeros(count)
    window = np.hanning(size).astype(np.float32)
    edges = np.geomspace(60.0, min(12_000.0, audio.rate / 2.1), 25) * size / audio.rate
    cuts = np.unique(np.round(edges).astype(int))
    bands = np.empty((count, len(cuts) - 1), np.float32)
    for first in range(0, count, 256):
        starts = np.arange(first, min(first + 256, count)) * hop
        power = np.square(np.abs(np.fft.rfft(np.stack([mono[at : at + size] for at in starts]) * window, axis=1)))
        bands[first : first + len(starts)] = np.add.reduceat(power[:, : cuts[-1]], cuts[:-1], axis=1)
    level = 10.0 * np.log10(bands + 1e-4 * float(bands.max(initial=1e-9)))
    rise = np.maximum(level[2:] - level[:-2], 0.0).mean(axis=1)
    strength = np.concatenate([[0.0], rise, [0.0]])
    top = float(np.quantile(strength, 0.99))
    return np.asarray(np.minimum(strength / top, 1.0) if top > 0 else strength, np.float64)
