"""The Standard MIDI File as chunks and messages: bytes in, ticks and numbers out.

Source: *Standard MIDI Files 1.0* (MIDI Association, RP-001) and *RMID* (RIFF wrapping). Read here by hand and not
with mido because mido raises on files that people have and that can be saved: impossible key signatures, values
above 127, wrong chunk lengths, bytes between chunks, missing end marks. It also builds an object a message, which
makes the largest files slow; here a message is a tuple. Tests and benchmarks use mido as the independent truth.

Nothing is left out silently: each repair is counted under a kind of :mod:`workbench.score.midi.remarks`.
"""

from __future__ import annotations

import struct
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from workbench.errors import BadFile
from workbench.score.lanes import MAX_TICK
from workbench.score.score import MAX_NOTES

MAX_BYTES = 8 * 1024 * 1024
MAX_OTHERS = 400_000  # messages that are not notes
MAX_CHUNKS = 4_096
_FIRST_BYTES = 4_096  # how far into the file its beginning is looked for

#: tick, status, then two data bytes (channel messages) or type and payload (0xFF meta; 0xF0 and 0xF7 exclusive).
Event = tuple[int, int, int, Any]


@dataclass(slots=True)
class Chunk:
    """One track chunk: messages in file order with absolute ticks, and the tick of its end mark."""

    events: list[Event] = field(default_factory=list)
    end: int = 0


@dataclass(slots=True)
class MidiFile:
    """A file's type (0 or 1), division (as in the header, signed: negative for film frames) and tracks."""

    type: int
    division: int
    chunks: list[Chunk]


def read_chunks(data: bytes, tally: Counter[str]) -> MidiFile:
    """Read the bytes of a MIDI file; count each repair in ``tally``.

    Raises :class:`BadFile` for what is not MIDI, is too large, or holds several independent pieces (type 2).
    """
    if not data:
        raise BadFile("This file is empty; choose another one.")
    if len(data) > MAX_BYTES:
        raise BadFile(f"This MIDI file is larger than {MAX_BYTES // 2**20} MB; split it into shorter pieces first.")
    data = _unwrap(data, tally)
    begin = data.find(b"MThd", 0, _FIRST_BYTES)
    if begin < 0:
        raise BadFile("This is not a MIDI file, whatever its name says; export it as MIDI again.")
    tally["garbage"] += begin
    if len(data) < begin + 14:
        raise BadFile("This MIDI file breaks off in its first line; it must be copied or exported again.")
    length, kind, stated, division = struct.unpack(">IHHh", data[begin + 4 : begin + 14])
    if division == 0 or (division < 0 and (-(division >> 8) not in (24, 25, 29, 30) or not division & 0xFF)):
        raise BadFile("This MIDI file does not say how fast its time runs; export it again from where it was made.")
    at = begin + 8 + (length if 6 <= length <= 256 else 6)
    reader = _Reader(data, tally)
    chunks = reader.chunks(at)
    if not chunks:
        raise BadFile("This MIDI file holds no tracks; export it again from where it was made.")
    if kind == 2 and len(chunks) > 1:
        raise BadFile("This MIDI file holds several independent pieces (type 2); save them as separate files first.")
    tally["type"] = int(kind > 2 or (kind == 0 and len(chunks) > 1))
    tally["header"] += abs(stated - len(chunks))
    return MidiFile(0 if len(chunks) == 1 and kind in (0, 2) else 1, division, chunks)


def _unwrap(data: bytes, tally: Counter[str]) -> bytes:
    """The MIDI file inside a RIFF wrapping (.rmi); other data as it is."""
    if data[:4] != b"RIFF" or data[8:12] != b"RMID":
        return data
    at, inner, others = 12, b"", 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        if data[at : at + 4] == b"data" and not inner:
            inner = data[at + 8 : at + 8 + size]
        else:
            others += 1
        at += 8 + size + size % 2
    tally["riff"] = 1 + others
    return inner


class _Damage(Exception):
    """The byte at this place (``args[0]``) cannot begin or continue a message."""


class _Reader:
    """Reads track chunks one after another; the budgets of notes and messages hold for the whole file."""

    def __init__(self, data: bytes, tally: Counter[str]) -> None:
        self.data, self.tally = data, tally
        self.notes = self.others = 0

    def chunks(self, at: int) -> list[Chunk]:
        """All tracks from byte ``at`` on."""
        data, skipped = self.data, 0
        found: list[Chunk] = []
        while at < len(data):
            name = data[at : at + 4]
            if name == b"MTrk" and at + 8 <= len(data):
                if len(found) == MAX_CHUNKS:
                    raise BadFile(f"This MIDI file has more than {MAX_CHUNKS:,} tracks; merge some of them first.")
                chunk, at = self.track(at + 8, int.from_bytes(data[at + 4 : at + 8], "big"))
                found.append(chunk)
                continue
            stop = at + 8 + int.from_bytes(data[at + 4 : at + 8], "big")
            if name.isalnum() and len(name) == 4 and stop <= len(data) and data[stop : stop + 4] in (b"", b"MTrk"):
                self.tally["alien"] += 1
                at = stop
                continue
            following = data.find(b"MTrk", at + 1)
            stop = len(data) if following < 0 else following
            skipped, at = skipped + stop - at, stop
        self.tally["garbage"] += skipped
        return found

    def track(self, start: int, stated: int) -> tuple[Chunk, int]:
        """Read the track whose messages begin at byte ``start``; return it and where the next chunk may begin."""
        data, stop, spent = self.data, start + stated, (self.notes, self.others)
        chunk, at, state = self.messages_from(start, stop)
        if state == "damaged":
            inner = data.find(b"MTrk", start, min(at + 4, stop))
            if inner >= 0:  # the stated length reaches into the next track
                self.tally["length"] += 1
                stop, (self.notes, self.others) = inner, spent
                chunk, at, state = self.messages_from(start, stop)
        if state != "end":
            self.tally[state] += 1
        if at > stop or (state == "end" and at < stop and data[at : at + 4] in (b"", b"MTrk")):
            self.tally["length"] += 1
            return chunk, at
        if state == "end":
            self.tally["after-end"] += min(stop, len(data)) - at
        if state == "damaged" and data[stop : stop + 4] not in (b"", b"MTrk"):
            following = data.find(b"MTrk", at)
            stop = len(data) if following < 0 else following
        return chunk, stop

    def messages_from(self, start: int, stop: int) -> tuple[Chunk, int, str]:
        """Messages from byte ``start`` to the end mark, the byte behind them, and how the reading ended.

        It ends at the end mark (``end``), at the stated end ``stop`` if a chunk or nothing follows there (``no-end``),
        at the end of the file (``truncated``) or at a byte that cannot be (``damaged``). Data bytes above 127 are
        lowered to 127 (some programs write velocity 128), but when the track is damaged later, the first of them
        was where the damage began, and the track ends there.
        """
        chunk = Chunk()
        clips: list[int] = []
        try:
            at, state = self._fill(chunk, start, stop, clips)
        except IndexError:
            at, state = len(self.data), "truncated"
        except _Damage as damage:
            at, state = damage.args[0], "damaged"
        if state == "damaged" and clips:
            del chunk.events[clips[0] :]
            clips.clear()
        self.tally["clipped"] += len(clips)
        if state != "end":
            chunk.end = chunk.events[-1][0] if chunk.events else 0
        return chunk, at, state

    def _fill(self, chunk: Chunk, at: int, stop: int, clips: list[int]) -> tuple[int, str]:
        data, events = self.data, chunk.events
        tick = running = 0
        at_boundary = data[stop : stop + 4] in (b"", b"MTrk")
        while True:
            if at >= stop and at_boundary:
                if at == stop:
                    return at, "no-end"
                raise _Damage(stop)
            began = at
            delta = data[at]
            at += 1
            if delta >= 0x80:
                delta, at = _number(data, at - 1)
            tick += delta
            if tick > MAX_TICK:
                raise BadFile("This MIDI file lasts far too long to be music; it may be damaged.")
            status = data[at]
            if status < 0x80:
                if not running:
                    raise _Damage(began)
                status = running
            else:
                at += 1
            if status < 0xF0:
                running = status
                first = data[at]
                if 0xC0 <= status < 0xE0:
                    second = 0
                    at += 1
                else:
                    second = data[at + 1]
                    at += 2
                if first >= 0x80 or second >= 0x80:
                    clips.append(len(events))
                    first, second = min(first, 127), min(second, 127)
                if status >= 0xA0:
                    self.others += 1
                elif second and status >= 0x90:
                    self.notes += 1
                events.append((tick, status, first, second))
            elif status in (0xFF, 0xF0, 0xF7):
                self.others += 1
                kind = 0
                if status == 0xFF:
                    kind = data[at]
                    at += 1
                size, at = _number(data, at)
                if at + size > len(data):
                    raise IndexError
                if at + size > stop and at_boundary:
                    raise _Damage(began)
                if status == 0xFF and kind == 0x2F:
                    chunk.end = tick
                    return at + size, "end"
                events.append((tick, status, kind, data[at : at + size]))
                at += size
            else:  # live messages: song position and quarter frame carry data, the others are one byte
                self.others += 1
                self.tally["system"] += 1
                at += {0xF1: 1, 0xF2: 2, 0xF3: 1}.get(status, 0)
            if self.others > MAX_OTHERS:
                raise BadFile(
                    f"This MIDI file has more than {MAX_OTHERS:,} controllers and marks; thin them out first."
                )
            if self.notes > MAX_NOTES:
                raise BadFile(f"This MIDI file has more than {MAX_NOTES:,} notes; split it into shorter pieces first.")


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A number of variable length (at most four bytes, 28 bits) and the byte behind it."""
    value = 0
    for place in range(at, at + 4):
        value = value << 7 | data[place] & 0x7F
        if data[place] < 0x80:
            return value, place + 1
    raise _Damage(at)
