"""From a score to the bytes of a MIDI file of type 1.

The first track holds what belongs to the whole piece; then comes one track a track, each on a channel of its own.
On one tick the order is fixed: ends of notes, raw messages, texts, bank, instrument, controllers, bends, beginnings
of notes; so a setting on a tick holds for the notes that begin there.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import replace

from workbench.score.lanes import TEXT_KINDS, Meter, Raw
from workbench.score.midi.channel import BANK, FIELDS
from workbench.score.score import Note, Score, Track

_DRUMS = 9
_MELODIC = (*range(9), *range(10, 16))
DEFAULT_RELEASE = 64  # release velocity where the file names no other in ``meta["release"]``
_LONGEST_DELTA = 0x0FFFFFFF
_OFF, _NAME, _RAW, _TEXT, _BANK, _PROGRAM, _CONTROL, _BEND, _ON, _TOUCH = range(10)
_META_OF = {kind: number for number, kind in enumerate(TEXT_KINDS, start=1)}

Message = tuple[int, int, bytes]  # tick, place among the messages of the tick, bytes


def to_bytes(score: Score, texts: Sequence[str]) -> bytes:
    """The file; ``texts`` become text messages at its beginning unless the piece already says them."""
    tracks = [voice for track in score.tracks for voice in _voices(track)]
    places = channels(tracks)
    with_ports = any(port for port, _ in places)
    release = score.meta.get("release", "")
    chunks = [_chunk(_piece(score, texts))]
    for track, (port, channel) in zip(tracks, places, strict=True):
        chunks.append(_chunk(_track(track, channel, port if with_ports else None, release)))
    return struct.pack(">4sIHHH", b"MThd", 6, 1, len(chunks), score.ppq) + b"".join(chunks)


def channels(tracks: Iterable[Track]) -> list[tuple[int, int]]:
    """Port and channel (both from 0) of each track: 15 melodic tracks a port, each drum track on channel 10 of one."""
    drums = melodic = 0
    places = []
    for track in tracks:
        if track.is_drum:
            places.append((drums, _DRUMS))
            drums += 1
        else:
            places.append((melodic // 15, _MELODIC[melodic % 15]))
            melodic += 1
    return places


def _voices(track: Track) -> list[Track]:
    """The track itself, or several if a note lies within another one of its pitch.

    On one channel a note end belongs to the note that began first, so the outer note would end with the inner one.
    Inner notes go to a second track of the same name and settings. Files never need this when they come back.
    """
    voices: list[dict[str, Note]] = [{}]
    ends: list[dict[int, int]] = [{}]
    for note in sorted(track.notes.values(), key=lambda note: (note.start, note.duration)):
        place = next((at for at, last in enumerate(ends) if last.get(note.pitch, 0) <= note.end), len(ends))
        if place == len(ends):
            voices.append({})
            ends.append({})
        voices[place][note.id] = note
        ends[place][note.pitch] = note.end
    if len(voices) == 1:
        return [track]
    raws = [raw for raw in track.raws if raw.data[0] != "f"]
    return [replace(track, notes=voices[0])] + [
        replace(track, notes=notes, raws=raws, texts=[]) for notes in voices[1:]
    ]


def _piece(score: Score, texts: Sequence[str]) -> list[Message]:
    said = {event.text for event in score.texts if event.kind == "text"}
    out = [(0, _NAME, _text("name", score.title))] if score.title else []
    for raw in score.raws:
        # A sequence number must stand before everything else.
        out.append((raw.tick, _OFF if raw.data.startswith("ff00") else _RAW, _raw(raw, 0)))
    for meter in _with_pickup(score):
        fields = (meter.numerator, meter.denominator.bit_length() - 1, meter.clocks, meter.thirty_seconds)
        out.append((meter.tick, _TEXT, b"\xff\x58\x04" + bytes(fields)))
    for key in score.keys:
        out.append((key.tick, _TEXT, b"\xff\x59\x02" + struct.pack("bB", key.fifths, key.mode == "minor")))
    for tempo in score.tempos:
        out.append((tempo.tick, _TEXT, b"\xff\x51\x03" + tempo.us_per_quarter.to_bytes(3, "big")))
    out += [(event.tick, _TEXT, _text(event.kind, event.text)) for event in score.texts]
    out += [(0, _TEXT, _text("text", text)) for text in dict.fromkeys(texts) if text not in said]
    return out


def _with_pickup(score: Score) -> list[Meter]:
    """The metres; a pickup, which MIDI has no word for, becomes a short first bar where a metre can express it."""
    starts = [meter.tick for meter in score.meters[:2]]
    if not score.pickup or starts[:1] != [0] or starts[1:] == [0]:
        return score.meters
    first = score.meters[0]
    for denominator in (first.denominator, 1, 2, 4, 8, 16, 32, 64):
        numerator, rest = divmod(score.pickup * denominator, 4 * score.ppq)
        if not rest and 1 <= numerator <= 255:
            later = [meter for meter in score.meters[1:] if meter.tick > score.pickup]
            at = next(meter for meter in reversed(score.meters) if meter.tick <= score.pickup)
            short = Meter(0, numerator, denominator, first.clocks, first.thirty_seconds)
            return [short, Meter(score.pickup, at.numerator, at.denominator, at.clocks, at.thirty_seconds), *later]
    return score.meters


def _track(track: Track, channel: int, port: int | None, release: str) -> list[Message]:
    out: list[Message] = [] if port is None else [(0, _OFF, bytes((0xFF, 0x21, 1, port)))]
    if track.name:
        out.append((0, _NAME, _text("name", track.name)))
    if track.program:
        out.append((0, _PROGRAM, bytes((0xC0 | channel, track.program))))
    for number, (name, usual) in FIELDS.items():
        if getattr(track, name) != usual:
            out.append((0, _CONTROL, bytes((0xB0 | channel, number, getattr(track, name)))))
    for raw in track.raws:
        rank = {"a": _TOUCH, "c": _PROGRAM, "d": _BEND}.get(raw.data[0], _RAW)
        out.append((raw.tick, rank, _raw(raw, channel)))
    out += [(event.tick, _TEXT, _text(event.kind, event.text)) for event in track.texts]
    for change in track.programs:
        out.append((change.tick, _PROGRAM, bytes((0xC0 | channel, change.program))))
    for control in track.controls:
        rank = _BANK if control.number in BANK else _CONTROL
        out.append((control.tick, rank, bytes((0xB0 | channel, control.number, control.value))))
    for bend in track.bends:
        value = bend.value + 8192
        out.append((bend.tick, _BEND, bytes((0xE0 | channel, value & 0x7F, value >> 7))))
    on, off = 0x90 | channel, 0x80 | channel
    speed = min(int(release), 127) if release.isascii() and release.isdigit() and len(release) < 4 else DEFAULT_RELEASE
    by_note = release == "velocity"
    # Notes of one pitch and start begin in the order of their ends, so that pairing first in, first out finds them.
    for note in sorted(track.notes.values(), key=lambda note: (note.start, note.pitch, note.duration)):
        out.append((note.start, _ON, bytes((on, note.pitch, note.velocity))))
        out.append(
            (note.end, _OFF if note.duration else _ON, bytes((off, note.pitch, note.velocity if by_note else speed)))
        )
    return out


def _text(kind: str, text: str) -> bytes:
    data = text.encode()
    return bytes((0xFF, _META_OF[kind])) + varlen(len(data)) + data


def _raw(raw: Raw, channel: int) -> bytes:
    """The bytes of a raw message in a file: its channel set, or the length of an exclusive message put in."""
    data = bytes.fromhex(raw.data)
    if data[0] in (0xF0, 0xF7):
        return data[:1] + varlen(len(data) - 1) + data[1:]
    return data if data[0] == 0xFF else bytes((data[0] & 0xF0 | channel,)) + data[1:]


def varlen(value: int) -> bytes:
    """A number of at most 28 bits in MIDI's variable length: seven bits a byte, high ones first."""
    out = [value & 0x7F]
    while value := value >> 7:
        out.append(value & 0x7F | 0x80)
    return bytes(reversed(out))


def _chunk(messages: list[Message]) -> bytes:
    """A track chunk; the end mark stands at the last message, or where a raw end mark (``ff2f00``) says."""
    messages.sort(key=lambda message: message[:2])
    out = bytearray()
    now = end = 0
    for tick, _, data in messages:
        end = tick
        if data == b"\xff\x2f\x00":
            continue
        delta, now = tick - now, tick
        while delta > _LONGEST_DELTA:  # an empty text carries a gap that one number cannot
            out += varlen(_LONGEST_DELTA) + b"\xff\x01\x00"
            delta -= _LONGEST_DELTA
        if delta < 0x80:
            out.append(delta)
        else:
            out += varlen(delta)
        out += data
    out += varlen(min(end - now, _LONGEST_DELTA)) + b"\xff\x2f\x00"
    return b"MTrk" + struct.pack(">I", len(out)) + bytes(out)
