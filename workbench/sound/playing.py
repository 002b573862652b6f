"""A track's dry sound, made block by block: which voices sound when, and how they add up.

Voices are built once for all notes that share them and kept while there is room; a note too long for a voice is made
as it sounds. So the memory a track takes does not depend on how long the piece is.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from workbench.errors import Cancelled
from workbench.sound.instruments import soundfont as sf
from workbench.sound.instruments.voices import MAX_TAIL_SECONDS, LongNote, Memory, Voice, build_voice, voice_key
from workbench.sound.mixer import Dry
from workbench.sound.sequence import Played
from workbench.sound.table import TABLE

#: Frames of a block, some six seconds: a whole number of the room's pieces.
BLOCK = 16 * 16_384
#: Notes held for longer than this have no voice built for them, in seconds.
LONG_SECONDS = 20.0
#: Memory for a track's voices, in bytes.
VOICE_BYTES = 48_000_000
#: Samples at their pitch that are kept for a track's other velocity layers, in frames.
MEMORY_FRAMES = 8_000_000
#: Release of a drum that another one of its group cuts off (timecents), as in the browser's synthesiser.
CHOKE_CENTS = -2_320

Stop = Callable[[], bool]
Mono = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Strike:
    """One zone sounding for one note: first frame, frames held, velocity."""

    start: int
    held: int
    velocity: int


@dataclass(slots=True)
class _Group:
    """All notes of a track that share a voice, in order of time; ``choked``: others of their group cut them off."""

    zone: sf.Zone
    key: int
    choked: bool
    strikes: list[_Strike] = field(default_factory=list)
    following: int = 0  # the first strike that no block has reached yet
    ringing: list[_Strike] = field(default_factory=list)
    singing: list[tuple[_Strike, LongNote]] = field(default_factory=list)
    longest: int = 0  # frames held by the longest note that is no long one
    shortest: int = 1 << 62

    @property
    def release_cents(self) -> int | None:
        """Release time instead of the zone's own."""
        return CHOKE_CENTS if self.choked else None


class Playing:
    """A track being played: :meth:`block` gives the next stretch of its dry sound.

    Args:
        notes: what sounds when.
        is_drum: whether programs are drum kits.
        rate: in Hz.
        stop: asked before each voice; where it answers True the work ends with :class:`Cancelled`.
    """

    def __init__(self, notes: Sequence[Played], is_drum: bool, rate: int, stop: Stop | None = None) -> None:
        self._rate, self._stop = rate, stop
        self._long = int(LONG_SECONDS * rate)
        groups: dict[tuple[tuple[int, int, int], bool], _Group] = {}
        for zone, note, end, choked in _choked(notes, is_drum):
            key = voice_key(zone, note.key, note.velocity), choked
            group = groups.get(key)
            if group is None:
                group = groups[key] = _Group(zone, note.key, choked)
            group.zone = zone
            start = round(note.start * rate)
            held = max(1, round(end * rate) - start)
            group.strikes.append(_Strike(start, held, note.velocity))
            if held <= self._long:
                group.longest, group.shortest = max(group.longest, held), min(group.shortest, held)
        self._groups = list(groups.values())
        self._voices: OrderedDict[int, Voice] = OrderedDict()
        self._voice_bytes = 0
        self._memory: Memory = {}
        self._done = 0
        #: Frames up to the last one so far that a note sounds in.
        self.sounding = 0

    @property
    def over(self) -> bool:
        """Whether no note sounds any more and none follows."""
        return not any(group.ringing or group.singing or group.following < len(group.strikes) for group in self._groups)

    def block(self, frames: int) -> Dry | None:
        """The next frames of the dry sound, or None where they are silent.

        Raises:
            Cancelled: ``stop`` said so.
        """
        start, self._done = self._done, self._done + frames
        buffers = _Buffers(frames)
        for number, group in enumerate(self._groups):
            strikes = self._struck(group, start + frames)
            if not strikes and not group.singing:
                continue
            if self._stop is not None and self._stop():
                raise Cancelled("Stopped.")
            if strikes:
                self._play(number, group, strikes, start, buffers)
            if group.singing:
                self._sing(group, start, buffers)
        return buffers.dry()

    def _struck(self, group: _Group, end: int) -> list[_Strike]:
        """The notes of a group that sound before frame ``end``; long ones are set going."""
        found, group.ringing = group.ringing, []
        while group.following < len(group.strikes) and group.strikes[group.following].start < end:
            strike = group.strikes[group.following]
            group.following += 1
            if strike.held <= self._long:
                found.append(strike)
                continue
            sound = LongNote(
                group.zone, group.key, strike.velocity, strike.held, self._rate, release_cents=group.release_cents
            )
            group.singing.append((strike, sound))
        return found

    def _play(self, number: int, group: _Group, strikes: list[_Strike], start: int, buffers: _Buffers) -> None:
        voice = self._voice(number, group)
        targets = buffers.targets(voice.pan)
        for strike in strikes:
            first = max(0, start - strike.start)
            for position, piece in voice.note(
                strike.held, strike.velocity, first, start + buffers.frames - strike.start
            ):
                _add(targets, strike.start + position - start, piece)
            end = strike.start + voice.length(strike.held)
            self.sounding = max(self.sounding, end)
            if end > start + buffers.frames:
                group.ringing.append(strike)

    def _sing(self, group: _Group, start: int, buffers: _Buffers) -> None:
        still: list[tuple[_Strike, LongNote]] = []
        for strike, sound in group.singing:
            at = max(0, strike.start - start)
            piece = sound.read(buffers.frames - at)
            _add(buffers.targets(sound.pan), at, piece)
            self.sounding = max(self.sounding, start + at + len(piece))
            if len(piece) == buffers.frames - at:
                still.append((strike, sound))
        group.singing = still

    def _voice(self, number: int, group: _Group) -> Voice:
        voice = self._voices.get(number)
        if voice is not None:
            self._voices.move_to_end(number)
            return voice
        if sum(asked for asked, _ in self._memory.values()) > MEMORY_FRAMES:
            self._memory.clear()
        voice = self._voices[number] = build_voice(
            group.zone, group.key, group.strikes[0].velocity, group.longest, self._rate,
            shortest=group.shortest, release_cents=group.release_cents, memory=self._memory,
        )  # fmt: skip
        self._voice_bytes += voice.bytes
        while self._voice_bytes > VOICE_BYTES and len(self._voices) > 1:
            self._voice_bytes -= self._voices.popitem(last=False)[1].bytes
        return voice


class _Buffers:
    """What a block adds up in: the middle, and the two sides once a voice is off the middle."""

    def __init__(self, frames: int) -> None:
        self.frames = frames
        self._middle: Mono | None = None
        self._sides: tuple[Mono, Mono] | None = None

    def targets(self, pan: int) -> list[tuple[Mono, float]]:
        """The buffers that a voice goes to, with its gain in each."""
        if pan == 0:
            if self._middle is None:
                self._middle = np.zeros(self.frames, np.float32)
            return [(self._middle, 1.0)]
        if self._sides is None:
            self._sides = np.zeros(self.frames, np.float32), np.zeros(self.frames, np.float32)
        angle = (pan + 500) / 1_000 * np.pi / 2
        return [(self._sides[0], np.cos(angle)), (self._sides[1], np.sin(angle))]

    def dry(self) -> Dry | None:
        """Both channels; None where nothing was added."""
        if self._middle is not None:
            self._middle *= np.float32(np.sqrt(0.5))
        if self._sides is None:
            return None if self._middle is None else Dry(self._middle, self._middle)
        if self._middle is not None:
            self._sides[0][:] += self._middle
            self._sides[1][:] += self._middle
        return Dry(*self._sides)


def _add(targets: Sequence[tuple[Mono, float]], position: int, piece: Mono) -> None:
    """Add a piece to the buffers it goes to."""
    for buffer, gain in targets:
        room_left = buffer[position : position + len(piece)]
        room_left += piece[: len(room_left)] if gain == 1.0 else piece[: len(room_left)] * np.float32(gain)


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


def longest_frames(last: float, rate: int) -> int:
    """How many frames a track whose last note ends after ``last`` seconds can sound, its room included."""
    return int(np.ceil((last + MAX_TAIL_SECONDS + TABLE["room"]["tail_seconds"]) * rate))


def dry_track(
    notes: Sequence[Played], is_drum: bool, frames: int, rate: int, stop: Stop | None = None
) -> tuple[Dry, int]:
    """The notes of a track as their instruments play them, and the number of frames that are not silent.

    Args:
        notes: what sounds when.
        is_drum: whether programs are drum kits.
        frames: length of the result; what rings longer is cut off.
        rate: in Hz.
        stop: asked before each voice; where it answers True the work ends with :class:`Cancelled`.
    """
    playing = Playing(notes, is_drum, rate, stop)
    sides = np.zeros((2, frames), np.float32)
    for start in range(0, frames, BLOCK):
        if playing.over:
            break
        if (dry := playing.block(min(BLOCK, frames - start))) is not None:
            sides[0, start : start + BLOCK] = dry.left
            sides[1, start : start + BLOCK] = dry.right
    return Dry(sides[0], sides[1]), min(frames, playing.sounding)
