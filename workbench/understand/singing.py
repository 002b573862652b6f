"""Singing and humming to notes: one voice by itself, with words or without.

A ladder: :func:`~workbench.understand.pitchcurve.pitch_curve` listens (sound in, numbers for every 16 ms out),
:func:`notes_of_curve` cuts the curve into notes, :func:`hear_singing` does both and says all that was found, and
:func:`sung_notes` gives the three things that most callers want. :func:`plain_notes` is the pitch network's own way
of making notes from the same curve, to compare with.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import BadRequest
from workbench.score.keys import KeyGuess, estimate_key
from workbench.sound.audio import Audio
from workbench.understand.heard import Curve, HeardKey, HeardNote
from workbench.understand.pitchcurve import PERIOD, PitchCurve, pitch_curve
from workbench.understand.sung_path import Evidence, Settings, cheapest, evidence
from workbench.understand.sung_tuning import track_tuning
from workbench.understand.voicing import note_confidence, speech_likeness

Floats = NDArray[np.float64]

#: Two ways of hearing mean the same note within so many seconds and semitones.
SAME_ONSET, SAME_PITCH = 0.08, 1.0
#: Seconds by which both ways hear a note late, and the shortest note that is told.
LATE, SHORTEST = 0.004, 0.002
TUNINGS = ("as sung", "nearest key")


@dataclass(frozen=True, slots=True, eq=False)
class Sung:
    """What was heard of a voice.

    Attributes:
        notes: in order. ``pitch`` counts semitones of the singer's own scale, ``cents`` is how far what was sung lies
            from that pitch in concert tuning, so that ``pitch + cents / 100`` is what a tuner would have shown.
        curve: the pitch; 0 Hz where no voice sounds.
        tuning_cents: the singer's tuning above concert pitch, at the middle of the take.
        drift: float64 [notes], that tuning in cents at each note.
        speech: 0 (sung) to 1 (spoken), for the whole take; see :func:`~workbench.understand.voicing.speech_likeness`.
        key: of the notes; None where there are too few to say.
        duration: seconds of the recording.
    """

    notes: tuple[HeardNote, ...]
    curve: Curve
    tuning_cents: float
    drift: Floats
    speech: float
    key: HeardKey | None
    duration: float


def sung_notes(
    audio: Audio,
    *,
    tuning: str = "as sung",
    key: HeardKey | None = None,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[tuple[HeardNote, ...], Curve, float]:
    """The notes of a voice, its pitch curve, and its tuning in cents above concert pitch.

    Args, errors: those of :func:`hear_singing`.
    """
    heard = hear_singing(audio, tuning=tuning, key=key, progress=progress, cancelled=cancelled)
    return heard.notes, heard.curve, heard.tuning_cents


def hear_singing(
    audio: Audio,
    *,
    tuning: str = "as sung",
    key: HeardKey | None = None,
    settings: Settings | None = None,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Sung:
    """Hear one voice.

    Args:
        audio: any rate, channels and length; nothing but its pitch curve is kept.
        tuning: "as sung" gives every note the nearest semitone of the singer's own tuning; "nearest key" the nearest
            note of ``key``, or of the key that the notes are in.
        key: for "nearest key".
        settings: prices of the search; those set on synthetic voices where left out.
        progress: told the share done, 0 to 1.
        cancelled: true ends the listening; what was heard so far is given.

    Raises:
        BadRequest: another ``tuning``.
    """
    if tuning not in TUNINGS:
        raise BadRequest(f"The tuning must be one of {', '.join(TUNINGS)}, not {str(tuning)[:20]!r}.")
    curve = pitch_curve(audio, progress=progress, cancelled=cancelled)
    return notes_of_curve(curve, audio.seconds, tuning=tuning, key=key, settings=settings)


def notes_of_curve(
    curve: PitchCurve,
    duration: float,
    *,
    tuning: str = "as sung",
    key: HeardKey | None = None,
    settings: Settings | None = None,
) -> Sung:
    """Cut a curve into notes; the arguments are those of :func:`hear_singing`, ``duration`` in seconds."""
    found, spans, centres, pitches, weights = found_spans(curve, settings or Settings())
    drift = track_tuning(centres, pitches, weights)
    begins, agreed = _settled(spans, pitches, plain_notes(curve))
    notes = _named(curve, found, spans, begins, agreed, drift, duration)
    guess = _key(notes) if key is None else None
    if guess is not None and guess.confidence > 0:
        key = HeardKey(guess.tonic, guess.mode, guess.confidence)
    if tuning == "nearest key" and key is not None:
        notes = tuple(_snapped(note, offset, key) for note, offset in zip(notes, drift.tolist(), strict=True))
    voiced = curve.confidence >= 0.5
    drawn = Curve(curve.times, np.where(voiced, curve.hertz, 0.0), curve.confidence)
    middle = float(np.average(drift, weights=weights)) if len(spans) else 0.0
    return Sung(
        notes,
        drawn,
        float(np.clip(middle * 100, -100, 100)),
        drift * 100,
        speech_likeness(curve, found.midi, pitches, drift, weights),
        key,
        duration,
    )


def found_spans(
    curve: PitchCurve, settings: Settings
) -> tuple[Evidence, list[tuple[int, int, float]], Floats, Floats, Floats]:
    """The evidence, the notes (first frame, frame after the last, rough pitch), and their :func:`_measured` values."""
    found = evidence(curve, settings)
    spans = cheapest(found, settings)
    # Where the singer's semitones lie is known only from notes, and helps to find them: twice is enough.
    centres, pitches, weights = _measured(found, spans)
    if len(spans):
        frames = np.arange(len(curve.midi)) * PERIOD
        spans = cheapest(found, settings, np.interp(frames, centres, track_tuning(centres, pitches, weights)))
    spans = _cleaned(found, spans, settings)
    return found, spans, *_measured(found, spans)


def _measured(found: Evidence, spans: Sequence[tuple[int, int, float]]) -> tuple[Floats, Floats, Floats]:
    """Middle in seconds, pitch (fractional MIDI) and weight (seconds) of each note.

    The pitch is the weighted median of the levelled curve without the first and last quarter of short notes (at most
    64 ms of long ones), where voices slide.
    """
    centres, pitches, weights = np.empty(len(spans)), np.empty(len(spans)), np.empty(len(spans))
    for row, (start, end, _) in enumerate(spans):
        edge = min(4, (end - start) // 4)
        inside = slice(start + edge, end - edge)
        weight = found.weight[inside] + 1e-6
        order = np.argsort(found.midi[inside])
        summed = np.cumsum(weight[order])
        pitches[row] = found.midi[inside][order][np.searchsorted(summed, summed[-1] / 2)]
        centres[row] = (start + end) / 2 * PERIOD
        weights[row] = (end - start) * PERIOD
    return centres, pitches, weights


def _cleaned(
    found: Evidence, spans: Sequence[tuple[int, int, float]], settings: Settings
) -> list[tuple[int, int, float]]:
    """Without notes that are too short, and with octave slips inside a line given to the note around them."""
    out: list[tuple[int, int, float]] = []
    for row, (start, end, pitch) in enumerate(spans):
        if out and row + 1 < len(spans) and (end - start) * PERIOD < 0.2:
            before, after = out[-1], spans[row + 1]
            leap, back = pitch - before[2], pitch - after[2]
            close = start - before[1] <= 1 and after[0] - end <= 1
            slip = leap * back > 0 and all(abs(abs(step) - 12) < 0.5 for step in (leap, back))
            if close and slip:
                out[-1] = (before[0], end, before[2])
                continue
        out.append((start, end, pitch))
    return [span for span in out if (span[1] - span[0]) * PERIOD >= settings.shortest]


def _settled(
    spans: Sequence[tuple[int, int, float]], pitches: Floats, plain: Sequence[HeardNote]
) -> tuple[Floats, Floats]:
    """When each note begins (seconds) and its pitch: where the pitch network's own way found it too, the mean of both.

    Either errs by itself, about a syllable's consonant in a reverberant room above all, and seldom to the same side.
    """
    begins = np.array([start * PERIOD for start, _, _ in spans], np.float64)
    agreed = pitches.copy()
    starts = np.array([note.start for note in plain])
    heights = np.array([note.pitch + note.cents / 100 for note in plain])
    for row, (_, end, _) in enumerate(spans):
        near = np.flatnonzero(
            (np.abs(starts - begins[row]) < SAME_ONSET) & (np.abs(heights - pitches[row]) < SAME_PITCH)
        )
        begin = begins[row]
        if len(near):
            other = near[np.abs(starts[near] - begin).argmin()]
            begin, agreed[row] = (begin + starts[other]) / 2, (pitches[row] + heights[other]) / 2
        least = begins[row - 1] + SHORTEST if row else 0.0
        begins[row] = min(max(begin - LATE, least), max(least, end * PERIOD - SHORTEST))
    return begins, agreed


def _named(
    curve: PitchCurve, found: Evidence, spans: Sequence[tuple[int, int, float]], begins: Floats, pitches: Floats,
    drift: Floats, duration: float,
) -> tuple[HeardNote, ...]:  # fmt: skip
    sure = note_confidence(curve, found, spans, pitches)
    voiced = curve.loudness[curve.confidence >= 0.5]
    loud = float(np.quantile(voiced, 0.9)) if len(voiced) else 0.0
    notes = []
    for row, (start, end, _) in enumerate(spans):
        pitch = int(np.clip(round(pitches[row] - drift[row]), 0, 127))
        level = float(np.quantile(curve.loudness[start:end], 0.8))
        begin, last = float(begins[row]), min(end * PERIOD, duration)
        if row + 1 < len(spans):
            last = min(last, float(begins[row + 1]))
        if last - begin < SHORTEST:
            continue
        cents = float(np.clip((pitches[row] - pitch) * 100, -1200, 1200))
        notes.append(
            HeardNote(begin, last, pitch, int(np.clip(round(96 + 2.2 * (level - loud)), 20, 120)), sure[row], cents)
        )
    return tuple(notes)


def _key(notes: Sequence[HeardNote]) -> KeyGuess:
    """The key of the notes, the last note counting twice: tunes end on their tonic more often than anywhere else."""
    weights = np.zeros(12)
    for note in notes:
        weights[note.pitch % 12] += min(1.5, note.end - note.start) * note.confidence
    if notes:
        weights[notes[-1].pitch % 12] += min(1.5, notes[-1].end - notes[-1].start)
    return estimate_key(weights) if len({note.pitch % 12 for note in notes}) > 2 else KeyGuess(0)


def _snapped(note: HeardNote, drift: float, key: HeardKey) -> HeardNote:
    """The note on the nearest pitch of a key."""
    scale = KeyGuess(key.tonic, key.mode).scale
    sung = note.pitch + note.cents / 100
    near = [pitch for pitch in range(max(0, note.pitch - 2), min(127, note.pitch + 2) + 1) if pitch % 12 in scale]
    pitch = min(near, key=lambda one: abs(one - (sung - drift)), default=note.pitch)
    return replace(note, pitch=pitch, cents=float(np.clip((sung - pitch) * 100, -1200, 1200)))


def plain_notes(curve: PitchCurve) -> tuple[HeardNote, ...]:
    """What ``segment_notes`` of SwiftF0 makes of the same curve: the baseline of every evaluation."""
    import swift_f0

    result: Any = swift_f0.PitchResult(curve.times, curve.hertz, curve.confidence, curve.loudness)
    notes = []
    for note in swift_f0.segment_notes(result) if len(curve.midi) else []:
        sung = 69 + 12 * float(np.log2(note.pitch_hz / 440))
        notes.append(HeardNote(note.start, note.end, round(sung), cents=(sung - round(sung)) * 100))
    return tuple(notes)
