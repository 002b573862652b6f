"""Rendering: every track of a score becomes a stem, and the stems add up to the mix.

The instruments are those of the shipped soundfonts (:mod:`.soundfont`, :mod:`.voices`), the mixer is
:mod:`.mixer`. Loudness is set once, over the mix, and the same gain goes to every stem. Nothing here depends on
chance: the same score gives the same samples.
"""

from __future__ import annotations

import tempfile
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.errors import BadRequest, Cancelled
from workbench.score.score import Score, Track
from workbench.score.timemap import TimeMap
from workbench.sound.audio import Audio
from workbench.sound.instruments import soundfont as sf
from workbench.sound.instruments.voices import Memory, Voice, build_voice, voice_key
from workbench.sound.loudness import mix_gain
from workbench.sound.mixer import Dry, heard, stem_samples
from workbench.sound.sequence import Played, played_notes
from workbench.sound.table import TABLE

DEFAULT_RATE = 44_100
MAX_MINUTES = 30
#: Above this many bytes the samples of all stems together live in a temporary file instead of memory.
SPILL_BYTES = 1_000_000_000
#: Release of a drum that another one of its group cuts off (timecents), as in the browser's synthesiser.
CHOKE_CENTS = -2_320

#: Fade at both ends of an excerpt: short enough to leave a stroke on the first beat its edge.
EXCERPT_FADE_SECONDS = 0.002
#: Samples at their pitch that are kept for a track's other velocity layers, in frames.
MEMORY_FRAMES = 30_000_000

Progress = Callable[[float], None]
Stop = Callable[[], bool]


@dataclass(frozen=True, slots=True, eq=False)
class Stem:
    """One track's sound: float32 stereo, as long as the mix. ``name`` is the track's, or its instrument's."""

    track_id: str
    name: str
    audio: Audio


def render_stems(
    score: Score, *, rate: int = DEFAULT_RATE, progress: Progress | None = None, stop: Stop | None = None
) -> list[Stem]:
    """One stem a track (silent for muted and empty ones), all of the same length, at the mix's common gain.

    Args:
        score: what to play.
        rate: 44,100 or 48,000 Hz.
        progress: called with 0.0 to 1.0 as the work goes on.
        stop: asked before each voice; where it answers True the work ends with :class:`Cancelled`.

    Raises:
        BadRequest: the piece is longer than 30 minutes, or the rate is another one.
        Cancelled: ``stop`` said so.
    """
    return render_all(score, rate=rate, progress=progress, stop=stop)[0]


def render_all(
    score: Score,
    *,
    rate: int = DEFAULT_RATE,
    whole_bars: bool = False,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> tuple[list[Stem], Audio]:
    """Stems and mix in one go; see :func:`render_stems`. ``whole_bars``: silence is added up to a bar line."""
    return _stems_and_mix(score, rate, progress, stop, whole_bars=whole_bars)


def mix(stems: Sequence[Stem]) -> Audio:
    """The sum of the stems; raises :class:`BadRequest` if there is none or their rates or lengths differ."""
    if not stems:
        raise BadRequest("There is no track to mix; add one first.")
    first = stems[0].audio
    if any(stem.audio.rate != first.rate or stem.audio.frames != first.frames for stem in stems):
        raise BadRequest("These stems do not belong together: their rates or lengths differ.")
    total = np.zeros((first.frames, 2), np.float64 if first.frames < 1 << 22 else np.float32)
    for stem in stems:
        total += stem.audio.samples
    return Audio(total.astype(np.float32), first.rate)


def render(
    score: Score, *, rate: int = DEFAULT_RATE, progress: Progress | None = None, stop: Stop | None = None
) -> Audio:
    """The mix of a score, stereo, at -16 LUFS and a true peak of at most -1 dB; see :func:`render_stems`."""
    _, total = _stems_and_mix(score, rate, progress, stop, keep=False)
    return total


def _stems_and_mix(
    score: Score,
    rate: int,
    progress: Progress | None,
    stop: Stop | None,
    *,
    keep: bool = True,
    whole_bars: bool = False,
) -> tuple[list[Stem], Audio]:
    if rate not in (44_100, 48_000):
        raise BadRequest("Sound can be made at 44100 or 48000 samples a second.")
    times = TimeMap(score)
    audible = heard(score)
    played = {track.id: played_notes(score, track, times) for track in score.tracks if track.id in audible}
    last = max((note.end for notes in played.values() for note in notes), default=0.0)
    if last > MAX_MINUTES * 60:
        raise BadRequest(f"This piece lasts {last / 60:.0f} minutes; sound can be made of at most {MAX_MINUTES}.")
    frames = int(np.ceil((last + TABLE["max_tail_seconds"] + TABLE["room"]["tail_seconds"]) * rate))
    if whole_bars:
        frames = bar_line(times, frames, rate)
    store = _Store(len(score.tracks) if keep else 0, frames)
    total = np.zeros((2, frames), np.float32)
    end, peak = 1, 0.0
    for number, track in enumerate(score.tracks):
        if stop is not None and stop():
            raise Cancelled("Stopped.")
        notes = played.get(track.id)
        if notes:
            dry, sounding = dry_track(notes, track.is_drum, frames, rate, stop)
            length = min(frames, sounding + int(TABLE["room"]["tail_seconds"] * rate))
            dry = _shortened(dry, length)
            samples = stem_samples(track, dry, times, rate, total)
            store.put(number, samples)
            end = max(end, length)
            peak = max(peak, float(samples.max()), -float(samples.min()))
        if progress is not None:
            progress((number + 1) / (len(score.tracks) + 1))
    end = max(end, int(np.ceil(times.seconds(score.end) * rate)))
    if whole_bars:
        end = bar_line(times, end, rate)
    total = total[:, :end]
    gain = np.float32(mix_gain(total.T, rate, peak))
    total *= gain
    stems = [
        Stem(track.id, stem_name(track), Audio(store.take(number, end, gain), rate))
        for number, track in enumerate(score.tracks if keep else [])
    ]
    if progress is not None:
        progress(1.0)
    return stems, Audio(total.T, rate)


def bar_line(times: TimeMap, frames: int, rate: int) -> int:
    """The frame of the first bar line that does not come before frame ``frames``."""
    bar = times.bar_at(times.tick(frames / rate))
    start = round(times.seconds(bar.start) * rate)
    return start if start >= frames else max(frames, round(times.seconds(bar.end) * rate))


def excerpt(audio: Audio, first: float, last: float) -> Audio:
    """The sound from ``first`` to ``last`` (seconds), silence where it is over, faded for a moment against clicks."""
    start, end = round(first * audio.rate), max(round(first * audio.rate) + 1, round(last * audio.rate))
    samples = np.zeros((end - start, audio.channels), np.float32)
    part = audio.samples[start:end]
    samples[: len(part)] = part
    fade = min(len(samples) // 2, round(EXCERPT_FADE_SECONDS * audio.rate))
    slope = np.linspace(0, 1, fade, endpoint=False, dtype=np.float32)[:, None]
    if start:
        samples[:fade] *= slope
    samples[len(samples) - fade :] *= 1 - slope
    return Audio(samples, audio.rate)


def stem_name(track: Track) -> str:
    """The track's name, or what it plays."""
    from workbench.score.instruments import GM_PROGRAMS

    return track.name.strip() or ("Drums" if track.is_drum else GM_PROGRAMS[track.program])


class _Store:
    """The stems' samples while they are made, in memory or in a temporary file that vanishes by itself."""

    def __init__(self, count: int, frames: int) -> None:
        self.frames = frames
        self.space: NDArray[np.float32] | None = None
        if count * frames * 8 > SPILL_BYTES:
            with tempfile.TemporaryFile() as file:
                self.space = np.memmap(file, np.float32, "w+", shape=(count, 2, frames))
        self.samples: dict[int, NDArray[np.float32]] = {}
        self.keep = count > 0

    def put(self, number: int, samples: NDArray[np.float32]) -> None:
        """Keep one stem, float32 [2, at most frames]."""
        if not self.keep:
            return
        if self.space is not None:
            self.space[number, :, : samples.shape[1]] = samples
            samples = self.space[number]
        self.samples[number] = samples

    def take(self, number: int, end: int, gain: np.float32) -> NDArray[np.float32]:
        """One stem times ``gain``, float32 [end, 2]; silence where none was put."""
        samples = self.samples.pop(number, None)
        if samples is None:
            return np.zeros((end, 2), np.float32)
        whole = samples[:, :end]
        if whole.shape[1] < end:
            whole = np.zeros((2, end), np.float32)
            whole[:, : samples.shape[1]] = samples
        whole *= gain
        return whole.T


def _shortened(dry: Dry, frames: int) -> Dry:
    left = dry.left[:frames]
    return Dry(left, left if dry.right is dry.left else dry.right[:frames])


@dataclass(frozen=True, slots=True)
class _Strike:
    """One zone sounding for one note: first frame, frames held, velocity."""

    start: int
    held: int
    velocity: int


def dry_track(
    notes: Sequence[Played], is_drum: bool, frames: int, rate: int, stop: Stop | None = None
) -> tuple[Dry, int]:
    """The notes of a track as their instruments play them, and the number of frames that are not silent.

    Voices are built once for all notes that share them (see :mod:`.voices`) and as long as the longest needs.

    Args:
        notes: what sounds when.
        is_drum: whether programs are drum kits.
        frames: length of the result; what rings longer is cut off.
        rate: in Hz.
        stop: asked before each voice; where it answers True the work ends with :class:`Cancelled`.
    """
    groups: dict[tuple[tuple[int, int, int], bool], list[_Strike]] = defaultdict(list)
    zones: dict[tuple[int, int, int], sf.Zone] = {}
    for zone, note, end, choked in _choked(notes, is_drum):
        key = voice_key(zone, note.key, note.velocity)
        zones[key] = zone
        start = round(note.start * rate)
        groups[key, choked].append(_Strike(start, max(1, round(end * rate) - start), note.velocity))
    middle = np.zeros(frames, np.float32)
    sides: tuple[NDArray[np.float32], NDArray[np.float32]] | None = None
    sounding = 0
    memory: Memory = {}
    for (key, choked), strikes in groups.items():
        if stop is not None and stop():
            raise Cancelled("Stopped.")
        if sum(asked for asked, _ in memory.values()) > MEMORY_FRAMES:
            memory.clear()
        longest = max(strike.held for strike in strikes)
        cents = CHOKE_CENTS if choked else None
        voice = build_voice(zones[key], key[1], strikes[0].velocity, longest, rate, release_cents=cents, memory=memory)
        if voice.pan == 0:
            sounding = max(sounding, _add(voice, strikes, [(middle, 1.0)]))
            continue
        if sides is None:
            sides = np.zeros(frames, np.float32), np.zeros(frames, np.float32)
        angle = (voice.pan + 500) / 1_000 * np.pi / 2
        sounding = max(sounding, _add(voice, strikes, [(sides[0], np.cos(angle)), (sides[1], np.sin(angle))]))
    middle *= np.float32(np.sqrt(0.5))
    if sides is None:
        return Dry(middle, middle), sounding
    sides[0][:] += middle
    sides[1][:] += middle
    return Dry(*sides), sounding


def _choked(notes: Sequence[Played], is_drum: bool) -> Iterator[tuple[sf.Zone, Played, float, bool]]:
    """Every zone of every note with the time it stops, and whether another drum of its group stopped it."""
    sounding: list[tuple[sf.Zone, Played]] = []
    found: dict[tuple[int, int, int], list[sf.Zone]] = {}  # a drum kit has hundreds of zones to look through
    classes: dict[int, list[float]] = defaultdict(list)
    for note in notes:
        struck = note.program, note.key, note.velocity
        if struck not in found:
            found[struck] = sf.zones(note.program, is_drum, note.key, note.velocity)
        for zone in found[struck]:
            sounding.append((zone, note))
            if group := zone.generators[sf.EXCLUSIVE_CLASS]:
                classes[group].append(note.start)
    for starts in classes.values():
        starts.sort()
    for zone, note in sounding:
        group = zone.generators[sf.EXCLUSIVE_CLASS]
        starts = classes[group] if group else []
        after = bisect_right(starts, note.start)
        # A group's next stroke also cuts what still rings after its key went up, so it always decides the end.
        if after < len(starts):
            yield zone, note, starts[after], True
        else:
            yield zone, note, note.end, False


def _add(voice: Voice, strikes: Sequence[_Strike], targets: Sequence[tuple[NDArray[np.float32], float]]) -> int:
    """Add every note of a voice to the buffers it goes to; returns the frame after the last sounding one."""
    last = 0
    for strike in strikes:
        position = strike.start
        for piece in voice.note(strike.held, strike.velocity):
            for buffer, gain in targets:
                room_left = buffer[position : position + len(piece)]
                room_left += piece[: len(room_left)] if gain == 1.0 else piece[: len(room_left)] * np.float32(gain)
            position += len(piece)
        last = max(last, min(position, len(targets[0][0])))
    return last
