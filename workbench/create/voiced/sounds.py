"""A recorded voice moved onto an even beat, brought to the level of a band, and sung again as a choir."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from workbench.errors import BadRequest
from workbench.sound.audio import Audio
from workbench.sound.psola import resung

if TYPE_CHECKING:
    from workbench.score.score import Note
    from workbench.score.timemap import TimeMap
    from workbench.understand.heard import Curve, Heard, HeardChord, HeardNote, HeardSection

    _Spanned = TypeVar("_Spanned", HeardNote, HeardChord, HeardSection)

#: The level that a voice is brought to where it is sung, root mean square before the common gain of the mix: that of a
#: tune on the workbench's own instruments.
LEVEL = 0.055
#: A choir's voices come a little later and are tuned a little otherwise than the first: seconds, cents.
LATE, DETUNED = 0.022, 7.0
#: How far a voice is moved before its throat no longer sounds like one, in semitones.
FURTHEST = 13
#: How long before its note a voice begins to slide there, in seconds.
SCOOP = 0.03
#: How loud each of a choir's other voices is beside the first.
CHOIR = 0.6


def levelled(voice: Audio, curve: Curve | None) -> Audio:
    """The voice, mono, at :data:`LEVEL` where it sings (where anything sounds, if no pitch was found)."""
    sound = voice.mono()
    sung = np.abs(sound) > 0
    if curve is not None and len(curve.times) > 1 and (curve.hertz > 0).any():
        sung = np.interp(np.arange(len(sound)) / voice.rate, curve.times, curve.hertz > 0) > 0.5
    level = float(np.sqrt(np.mean(np.square(sound[sung], dtype=np.float64)))) if sung.any() else 0.0
    if level < 1e-6:
        raise BadRequest("This recording is silent where a voice should be; record it again, nearer to the microphone.")
    gain = min(LEVEL / level, 0.98 / max(1e-9, float(np.abs(sound).max())))
    return Audio((sound * np.float32(gain))[:, None], voice.rate)


def tightened(voice: Audio, heard: Heard) -> tuple[Audio, Heard]:
    """The voice, and all that was heard, moved onto beats of one length (the median of the sung ones).

    Raises:
        BadRequest: fewer than three beats were heard.
    """
    beats = np.array(heard.beats.beats)
    if len(beats) < 3:
        raise BadRequest("Too few beats were heard to move the voice onto an even one; tap along first.")
    even = beats[0] + np.arange(len(beats)) * float(np.median(np.diff(beats)))
    length = max(heard.duration, voice.seconds)
    before = [0.0] if beats[0] > 0 else []
    after = [length - float(beats[-1])] if length > beats[-1] else []
    source = np.concatenate([before, beats, beats[-1] + after])
    target = np.concatenate([before, even, even[-1] + after])

    def moved(seconds: float) -> float:
        return float(np.interp(seconds, source, target))

    def spans(items: Sequence[_Spanned]) -> tuple[_Spanned, ...]:
        return tuple(replace(item, start=moved(item.start), end=moved(item.end)) for item in items)

    curve = heard.curve
    if curve is not None and len(curve.times):
        sound = resung(voice.mono(), voice.rate, curve.times, curve.hertz, warp=(source.tolist(), target.tolist()))
        curve = replace(curve, times=np.interp(curve.times, source, target))
    else:
        sound = resung(voice.mono(), voice.rate, [0.0], [0.0], warp=(source.tolist(), target.tolist()))
    found = replace(
        heard, duration=float(target[-1]), curve=curve,
        beats=replace(
            heard.beats, beats=tuple(even.tolist()), downbeats=tuple(even[one] for one in heard.beats.ones), tempo=0.0
        ),
        chords=spans(heard.chords), melody=spans(heard.melody), notes=spans(heard.notes), drums=spans(heard.drums),
        sections=spans(heard.sections),
    )  # fmt: skip
    return Audio(sound[:, None], voice.rate), found


def choir_voice(
    voice: Audio, curve: Curve, tune: Sequence[Note], part: Sequence[Note], times: TimeMap, seed: int
) -> Audio:
    """The recorded voice sung again on the notes of another part.

    Args:
        voice: mono.
        curve: its pitch.
        tune: the notes that it sings.
        part: the notes that it shall sing; a part too far away is sung an octave nearer.
        times: of the score that both stand in.
        seed: of how much later and otherwise tuned it comes.
    """
    rng = np.random.default_rng(seed)
    ratio = np.ones(len(curve.times))
    for start, end, interval in _intervals(tune, part, times):
        octaves = np.ceil(max(0.0, abs(interval) - FURTHEST) / 12)
        shift = interval - 12 * octaves * np.sign(interval)
        ratio[(curve.times >= start) & (curve.times < end)] = 2.0 ** (shift / 12)
    ratio *= 2.0 ** (rng.normal(0, DETUNED) / 1200)
    sound = resung(voice.mono(), voice.rate, curve.times, curve.hertz, ratio=np.clip(ratio, 0.25, 4.0))
    late = round(abs(rng.normal(0, LATE)) * voice.rate)
    out: NDArray[np.float32] = np.concatenate([np.zeros(late, np.float32), sound])
    return Audio((out * np.float32(CHOIR))[:, None], voice.rate)


def _intervals(tune: Sequence[Note], part: Sequence[Note], times: TimeMap) -> list[tuple[float, float, float]]:
    """From when to when, in seconds, by how many semitones: a sung note is cut where the part moves on under it."""
    others = sorted(part, key=lambda note: note.start)
    sung = sorted(tune, key=lambda note: note.start)
    out: list[tuple[float, float, float]] = []
    for note in sung:
        under = [other for other in others if other.start <= note.start][-1:] or others[:1]
        inside = [other for other in others if note.start < other.start < note.end]
        for other in (*under, *inside):
            start = times.seconds(max(note.start, other.start)) - SCOOP
            if out:
                out[-1] = (out[-1][0], start, out[-1][2])
            out.append((start, times.seconds(note.end) + 1.0, float(other.pitch - note.pitch)))
    return out
