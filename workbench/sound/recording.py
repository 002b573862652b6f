"""A score recorded to disk: each track's stem block by block, their sum, and the one gain that goes to all.

Stems are rendered one after the other, six seconds at a time, and written as they are; the mix is their running
sum. When all are there the loudness of the mix says the gain, which every block gets as it is read. So the memory
this takes depends neither on the length of the piece nor on the number of its tracks.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from workbench.errors import BadRequest, Cancelled, Unavailable
from workbench.fsutil import because, check_space
from workbench.score.score import Score, Track
from workbench.score.timemap import TimeMap
from workbench.sound.audio import Audio
from workbench.sound.limits import OWN, Limits
from workbench.sound.loudness import Meter, common_gain
from workbench.sound.mixer import Dry, Strip, heard
from workbench.sound.playing import BLOCK, Playing, longest_frames
from workbench.sound.sequence import played_notes
from workbench.sound.table import TABLE
from workbench.sound.tape import FRAME_BYTES, Block, DiskTape, MemoryTape, Tape

DEFAULT_RATE = 44_100
RATES = (44_100, 48_000)
#: A recording that surely takes less than this stays in memory, in bytes.
MEMORY_BYTES = 64_000_000
#: How long the fade is where sound ends at a given time, in seconds.
FADE_SECONDS = 0.03
#: The share of the work that is making the stems; the rest is the loudness of their sum.
RENDERING = 0.95

Progress = Callable[[float], None]
Stop = Callable[[], bool]


@dataclass(slots=True, eq=False)
class Recording:
    """A recorded score. All blocks are float32 [frames, 2] at the common gain.

    ``frames``: the length of the mix and of every stem; ``stems``: one for each track, None where it is silent;
    ``loudness`` (LUFS, minus infinity for silence) and ``true_peak`` (linear) are those of the mix.
    """

    rate: int
    frames: int
    gain: np.float32
    loudness: float
    true_peak: float
    total: Tape
    stems: list[Tape | None]

    def read_mix(self, start: int, end: int) -> Block:
        """The mix from one frame to another; silence behind its end."""
        samples = self.total.read(start, end)
        samples *= self.gain
        samples[max(0, self.frames - start) :] = 0
        return samples

    def mix_blocks(self) -> Iterator[Block]:
        """The mix from start to end."""
        for start in range(0, self.frames, BLOCK):
            yield self.read_mix(start, min(start + BLOCK, self.frames))

    def stem_blocks(self, number: int) -> Iterator[Block]:
        """One track's stem from start to end."""
        tape = self.stems[number]
        for start in range(0, self.frames, BLOCK):
            end = min(start + BLOCK, self.frames)
            samples = np.zeros((end - start, 2), np.float32) if tape is None else tape.read(start, end)
            samples *= self.gain
            yield samples

    def array(self, number: int | None = None, space: Block | None = None) -> Block:
        """A whole stem, or the mix, float32 [frames, 2]; its tape is used up. ``space``: zeros to put it in."""
        tape = self.total if number is None else self.stems[number]
        if space is None and isinstance(tape, MemoryTape) and len(tape.samples) >= self.frames:
            samples = tape.samples[: self.frames]
            samples *= self.gain
        else:
            blocks = self.mix_blocks() if number is None else self.stem_blocks(number)
            samples = np.zeros((self.frames, 2), np.float32) if space is None else space
            for place, block in enumerate(blocks if tape is not None else ()):
                samples[place * BLOCK : place * BLOCK + len(block)] = block
        if number is not None:
            self.drop(number)
        return samples

    def drop(self, number: int) -> None:
        """Give the space of one stem back."""
        tape, self.stems[number] = self.stems[number], None
        if tape is not None:
            tape.close()


#: Called after each block of a track with the track's number, the block's first frame and its samples, float32
#: [2, frames], before the common gain.
Listener = Callable[[int, int, Block], None]


@contextmanager
def recorded(
    score: Score,
    *,
    rate: int = DEFAULT_RATE,
    whole_bars: bool = False,
    ends: float | None = None,
    stems: bool = True,
    limits: Limits = OWN,
    folder: str | Path | None = None,
    memory_bytes: int = MEMORY_BYTES,
    given: Mapping[str, Audio] | None = None,
    listener: Listener | None = None,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> Iterator[Recording]:
    """Record a score; at the end of the ``with`` all space is given back.

    Args:
        score: what to play. Muted and empty tracks cost nothing.
        rate: 44,100 or 48,000 Hz.
        whole_bars: silence is added up to a bar line.
        ends: seconds after which everything has faded out, such as the length of a video; left out: as it rings.
        stems: whether the stems are kept; without them there is the mix alone.
        limits: how much sound may be made.
        folder: where the space is taken; by default the system's temporary folder.
        memory_bytes: a recording that is smaller stays in memory.
        given: sound that stands for a track, by the track's id, such as the voice that a band was made for: it begins
            where the score does, and is heard as it is, whatever notes the track has; the track's volume (100: as
            it is), its place from left to right and its muted ranges hold for it.
        listener: hears every block as it is made.
        progress: called with 0.0 to 1.0 as the work goes on.
        stop: asked before each voice; where it answers True the work ends with :class:`Cancelled`.

    Raises:
        BadRequest: more than the limits allow, or another rate.
        Cancelled: ``stop`` said so.
        Unavailable: the disk is full or cannot be written.
    """
    plan = plan_of(score, rate, whole_bars=whole_bars, ends=ends, limits=limits, given=given)
    needed = plan.frames * FRAME_BYTES * (1 + (len(plan.tracks) if stems else 0))
    place = str(folder) if folder is not None else None
    on_disk = needed > memory_bytes
    if on_disk:
        check_space(place or _temporary_folder(), needed)
    with ExitStack() as stack:

        def tape() -> Tape:
            if not on_disk:
                return MemoryTape(plan.frames)
            return DiskTape(stack.enter_context(tempfile.TemporaryFile("w+b", buffering=0, dir=place)))

        try:
            made = _record(plan, tape, stems, listener, progress or (lambda share: None), stop)
            yield made
        except OSError as error:
            raise Unavailable(f"The sound cannot be written{because(error)}") from error


def _temporary_folder() -> str:
    try:
        return tempfile.gettempdir()
    except OSError as error:
        raise Unavailable("No temporary folder can be written; free some space on the disk and try again.") from error


@dataclass(frozen=True, slots=True)
class Plan:
    """What a recording will be: the tracks that sound, by number, and how many frames at most."""

    score: Score
    times: TimeMap
    rate: int
    tracks: dict[int, Track]
    frames: int
    whole_bars: bool
    given: Mapping[str, Audio] = field(default_factory=dict)
    exact: bool = False

    def faded(self, samples: Block, position: int) -> Block:
        """A block as it is heard where the sound ends at a given time: the last moment of it fades."""
        fade = max(1, round(FADE_SECONDS * self.rate))
        if not self.exact or position + samples.shape[1] <= self.frames - fade:
            return samples
        left = self.frames - np.arange(position, position + samples.shape[1])
        return samples * np.clip(left / fade, 0.0, 1.0).astype(np.float32)

    def end(self, frames: int) -> int:
        """The length of the mix where sound ends after ``frames`` frames."""
        if self.exact:
            return self.frames
        end = max(1, frames, int(np.ceil(self.times.seconds(self.score.end) * self.rate)))
        return bar_line(self.times, end, self.rate) if self.whole_bars else end


def plan_of(
    score: Score, rate: int, *, whole_bars: bool = False, ends: float | None = None, limits: Limits = OWN,
    given: Mapping[str, Audio] | None = None,
) -> Plan:  # fmt: skip
    """Look at a score without playing it; raises :class:`BadRequest` where it is too much or the rate another one."""
    if rate not in RATES:
        raise BadRequest("Sound can be made at 44100 or 48000 samples a second.")
    times = TimeMap(score)
    audible = heard(score)
    given = {own: sound for own, sound in (given or {}).items() if own in audible}
    tracks = {
        number: track for number, track in enumerate(score.tracks)
        if (track.notes or track.id in given) and track.id in audible
    }  # fmt: skip
    seconds = times.seconds(score.end)
    limits.check(seconds, len(tracks))
    offsets = (
        note.end for track in tracks.values() if track.id not in given for note in played_notes(score, track, times)
    )
    last = max(offsets, default=0.0)
    longest = max((sound.seconds for sound in given.values()), default=0.0)
    limits.check(max(last, longest), len(tracks))
    frames = max(longest_frames(last, rate) if tracks else 1, int(np.ceil(max(seconds, longest) * rate)))
    if whole_bars:
        # What was just allowed may become longer by a bar, and a bar may last for hours.
        line = bar_line(times, frames, rate)
        limits.check((line - frames) / rate, max(1, len(score.tracks)))
        frames = line
    if ends is not None:
        limits.check(ends, max(1, len(score.tracks)))
        frames = max(1, round(ends * rate))
    return Plan(score, times, rate, tracks, frames, whole_bars, given, ends is not None)


def _record(
    plan: Plan, tape: Callable[[], Tape], keep: bool, listener: Listener | None, progress: Progress, stop: Stop | None
) -> Recording:
    total = tape()
    stems: list[Tape | None] = [None] * len(plan.score.tracks)
    end, peak = 0, 0.0
    for done, (number, track) in enumerate(plan.tracks.items()):
        if stop is not None and stop():
            raise Cancelled("Stopped.")
        stem = tape() if keep else None
        position = 0
        for samples, frames in _stem(plan, track, stop):
            if samples is not None:
                samples = plan.faded(samples, position)
                peak = max(peak, float(samples.max()), -float(samples.min()))
                if listener is not None:
                    listener(number, position, samples)
                total.add(position, samples)
                if stem is not None:
                    stem.put(position, samples)
            position += frames
            progress(RENDERING * (done + min(1.0, position / plan.frames)) / len(plan.tracks))
        stems[number] = stem
        end = max(end, position)
    end = plan.end(end)
    meter = Meter(plan.rate)
    for start in range(0, end, BLOCK):
        if stop is not None and stop():
            raise Cancelled("Stopped.")
        meter.feed(total.read(start, min(start + BLOCK, end)))
        progress(RENDERING + (1 - RENDERING) * start / end)
    wanted, highest = common_gain(meter, total.read, peak)
    gain = np.float32(wanted)
    progress(1.0)
    return Recording(plan.rate, end, gain, meter.lufs(float(gain)), highest * float(gain), total, stems)


def _stem(plan: Plan, track: Track, stop: Stop | None) -> Iterator[tuple[Block | None, int]]:
    """A track's stem before the common gain: blocks float32 [2, frames] (None: silence) with their lengths."""
    if track.id in plan.given:
        own = Strip(track, plan.times, plan.rate, recorded=True)
        for block, length in _as_given(plan.given[track.id].resampled(plan.rate), plan.frames, stop):
            yield own.process(Dry(block[0], block[1]), length), length
        return
    playing = Playing(played_notes(plan.score, track, plan.times), track.is_drum, plan.rate, stop)
    strip = Strip(track, plan.times, plan.rate)
    tail = int(TABLE["room"]["tail_seconds"] * plan.rate)
    position = 0
    while position < plan.frames and (not playing.over or position < playing.sounding + tail):
        frames = min(BLOCK, plan.frames - position)
        dry = playing.block(frames)
        if playing.over:
            frames = min(frames, playing.sounding + tail - position)
            dry = None if dry is None else dry.cut(frames)
        yield strip.process(dry, frames), frames
        position += frames


def _as_given(sound: Audio, frames: int, stop: Stop | None) -> Iterator[tuple[Block, int]]:
    """Sound that stands for a track, in the form of :func:`_stem`; more than two channels become one."""
    samples = sound.samples if sound.channels == 2 else np.repeat(sound.mono()[:, None], 2, axis=1)
    for start in range(0, min(frames, len(samples)), BLOCK):
        if stop is not None and stop():
            raise Cancelled("Stopped.")
        block = np.ascontiguousarray(samples[start : min(start + BLOCK, frames)].T)
        yield block, block.shape[1]


def bar_line(times: TimeMap, frames: int, rate: int) -> int:
    """The frame of the first bar line that does not come before frame ``frames``."""
    bar = times.bar_at(times.tick(frames / rate))
    start = round(times.seconds(bar.start) * rate)
    return start if start >= frames else max(frames, round(times.seconds(bar.end) * rate))
