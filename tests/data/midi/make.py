"""Writes the small MIDI files of this folder that no corpus offers: ``python tests/data/midi/make.py``.

Each is built byte by byte, for one feature; all are by the project and in the public domain (CC0).
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

END = b"\x00\xff\x2f\x00"


def varlen(value: int) -> bytes:
    """MIDI's number of variable length."""
    out = [value & 0x7F]
    while value := value >> 7:
        out.append(value & 0x7F | 0x80)
    return bytes(reversed(out))


def file(*tracks: bytes, kind: int = 1, division: int = 480) -> bytes:
    """A whole file of these tracks."""
    return struct.pack(">4sIHHh", b"MThd", 6, kind, len(tracks), division) + b"".join(map(chunk, tracks))


def chunk(data: bytes) -> bytes:
    """A track chunk."""
    return b"MTrk" + struct.pack(">I", len(data)) + data


def meta(kind: int, data: bytes, delta: int = 0) -> bytes:
    """A meta message."""
    return varlen(delta) + bytes((0xFF, kind)) + varlen(len(data)) + data


def tempo(us_per_quarter: int, delta: int = 0) -> bytes:
    """A tempo mark."""
    return meta(0x51, us_per_quarter.to_bytes(3, "big"), delta)


def meter(numerator: int, power: int, delta: int = 0) -> bytes:
    """A metre with the denominator ``2 ** power``."""
    return meta(0x58, bytes((numerator, power, 24, 8)), delta)


def note(pitch: int, length: int, delta: int = 0, channel: int = 0, velocity: int = 80) -> bytes:
    """One note, with both its messages."""
    return (
        varlen(delta) + bytes((0x90 | channel, pitch, velocity)) + varlen(length) + bytes((0x80 | channel, pitch, 64))
    )


def send(*data: int, delta: int = 0) -> bytes:
    """Any channel message."""
    return varlen(delta) + bytes(data)


def scale(channel: int = 0, length: int = 240, start: int = 60) -> bytes:
    """Eight notes of a major scale."""
    return b"".join(note(start + step, length, channel=channel) for step in (0, 2, 4, 5, 7, 9, 11, 12))


def exclusive(data: bytes, delta: int = 0) -> bytes:
    """A system exclusive message (``data`` after the 0xF0)."""
    return varlen(delta) + b"\xf0" + varlen(len(data)) + data


def type_0() -> bytes:
    """All channels in one track, with a drum channel and names by channel prefix."""
    names = meta(0x20, b"\x00") + meta(3, b"Flute") + meta(0x20, b"\x02") + meta(3, b"Bass")
    body = send(0xC0, 73) + send(0xC2, 32) + note(72, 240) + note(36, 240, channel=2) + note(38, 120, channel=9)
    return file(meta(3, b"One track") + names + tempo(600_000) + meter(3, 2) + body + END, kind=0)


def scattered_marks() -> bytes:
    """Tempo, metre, key and markers on the second and third track."""
    second = meter(6, 3) + meta(6, b"Verse") + scale() + tempo(400_001) + meta(0x59, b"\xfd\x01")
    third = scale(1) + meta(6, b"Chorus", 480) + tempo(333_333, 480) + meter(7, 3)
    return file(meta(3, b"Scattered") + END, second + END, third + END)


def texts(*names: bytes) -> bytes:
    """A file whose tracks have these names, each with a marker of the same bytes."""
    return file(*(meta(3, name) + meta(6, name) + scale(place) + END for place, name in enumerate(names)))


def shared_state() -> bytes:
    """Three tracks on one channel; the instrument is set by one of them, changed by another in the middle."""
    setup = send(0xB0, 0, 8) + send(0xC0, 40) + send(0xB0, 7, 90) + send(0xB0, 10, 20) + scale() + END
    changes = note(48, 240) + send(0xC0, 41, delta=720) + send(0xB0, 7, 70) + note(50, 240) + END
    return file(meta(3, b"Shared") + END, setup, changes, note(52, 1920) + END)


def controllers() -> bytes:
    """Sustain, volume, pan, expression, modulation, bends, pressures, an RPN and channel mode messages."""
    rpn = send(0xB0, 101, 0) + send(0xB0, 100, 0) + send(0xB0, 6, 12) + send(0xB0, 38, 0)
    body = send(0xB0, 7, 100) + send(0xB0, 10, 64) + send(0xC0, 0) + rpn + send(0xB0, 64, 127) + note(60, 240)
    body += send(0xE0, 0, 64) + send(0xE0, 127, 127, delta=10) + send(0xE0, 0, 0, delta=10) + send(0xD0, 55)
    body += send(0xA0, 60, 33) + send(0xB0, 11, 90) + send(0xB0, 1, 20) + note(62, 240) + send(0xB0, 64, 0)
    return file(tempo(500_000) + END, body + send(0xB0, 123, 0) + send(0xB0, 121, 0) + END)


def odd_notes() -> bytes:
    """Notes that overlap on one pitch, have no length, never end, or end without having begun."""
    overlap = send(0x90, 60, 10) + send(0x90, 60, 20, delta=100) + send(0x80, 60, 0, delta=100)
    overlap += send(0x80, 60, 0, delta=100) + note(62, 0) + note(62, 100) + send(0x80, 99, 0)
    return file(overlap + send(0x90, 64, 70) + note(65, 480) + b"\x60\xff\x2f\x00")


def ports() -> bytes:
    """Forty melodic tracks and two drum tracks on three ports, each with a program of its own."""
    tracks = []
    for number in range(40):
        channel = [*range(9), *range(10, 16)][number % 15]
        head = (
            meta(0x21, bytes((number // 15,))) + meta(3, f"Voice {number + 1}".encode()) + send(0xC0 | channel, number)
        )
        tracks.append(head + note(40 + number, 480, channel=channel) + END)
    for port, kit in ((0, 0), (1, 16)):
        tracks.append(meta(0x21, bytes((port,))) + send(0xC9, kit) + note(36, 60, channel=9) + END)
    return file(tempo(500_000) + END, *tracks)


def running_status() -> bytes:
    """One status byte for a whole track, kept through meta messages; note ends as velocity 0."""
    body = b"\x00\x90\x3c\x50\x60\x3c\x00" + meta(6, b"here") + b"\x00\x3e\x50\x60\x3e\x00\x00\x40\x50\x60\x40\x00"
    return file(body + END)


def unknown() -> bytes:
    """Exclusive messages (whole and in pieces), sequencer-specific data, a sequence number, unknown metas."""
    body = meta(0, b"\x00\x07") + exclusive(b"\x7e\x7f\x09\x01\xf7") + meta(0x54, b"\x60\x00\x00\x00\x00")
    body += meta(0x7F, b"\x00\x00\x41\xff\x80") + meta(0x4B, b"?!") + scale()
    pieces = exclusive(b"\x43\x12\x00") + b"\x10\xf7\x03\x01\x02\xf7" + note(60, 10)
    return file(body + END, meta(3, b"Pieces") + pieces + END)


def empty_tracks() -> bytes:
    """Named tracks without notes between tracks with notes, and one with nothing at all."""
    silent = meta(3, b"To be written") + send(0xC4, 56) + END
    return file(meta(3, b"Sketch") + END, meta(3, b"Piano") + scale() + END, silent, END, meta(3, b"Empty") + END)


def late() -> bytes:
    """The first note after five bars; nothing says tempo or metre; half a bar of silence at the end."""
    return file(note(60, 480, delta=9600) + b"\x87\x40\xff\x2f\x00")


def program_on_note() -> bytes:
    """Changes of instrument on the tick of a note: one behind it, one before, one between two notes."""
    body = note(60, 240) + note(62, 240) + send(0x90, 64, 80) + send(0xC0, 30) + send(0x80, 64, 64, delta=240)
    body += send(0xC0, 31) + note(65, 240) + send(0x90, 67, 80) + send(0xC0, 32) + send(0x90, 69, 80)
    return file(body + send(0x80, 67, 64, delta=240) + send(0x80, 69, 64) + END)


def wrapped() -> bytes:
    """A .rmi file: MIDI in a RIFF wrapping, with a title beside it."""
    inner = file(tempo(480_000) + scale() + END, kind=0)
    data = b"data" + struct.pack("<I", len(inner)) + inner + b"\x00" * (len(inner) % 2)
    parts = b"RMID" + data + b"LIST" + struct.pack("<I", 4) + b"INFO"
    return b"RIFF" + struct.pack("<I", len(parts)) + parts


def damaged(change: Callable[[bytes], bytes]) -> bytes:
    """A good file of two tracks, damaged by ``change``."""
    return change(file(tempo(500_000) + scale() + END, scale(1) + END))


def impossible() -> bytes:
    """A key of eleven sharps, tempo 0, a metre without upper number, velocity above 127."""
    marks = meta(0x59, b"\x0b\x00") + tempo(0) + meta(0x58, b"\x00\x02\x18\x08") + tempo(512_000)
    return file(marks + b"\x00\x90\x3c\xff\x60\x90\x3c\x00" + scale() + END)


FILES: dict[str, Callable[[], bytes]] = {
    "made_type_0.mid": type_0,
    "made_scattered_marks.mid": scattered_marks,
    "made_names_utf8.mid": lambda: texts(*(s.encode() for s in ("Größe", "Żółw", "ピアノ", "पियानो", "בס", "🎹"))),
    "made_names_utf16.mid": lambda: texts("Größe".encode("utf-16"), b"\xfe\xff" + "ピアノ".encode("utf-16-be")),
    "made_names_latin1.mid": lambda: texts("Flöte".encode("latin-1"), "“Élégie” – très lent".encode("cp1252")),
    "made_names_shift_jis.mid": lambda: texts("ピアノ".encode("cp932"), "旋律 メロディ".encode("cp932"), b"Bass"),
    "made_shared_state.mid": shared_state,
    "made_controllers.mid": controllers,
    "made_odd_notes.mid": odd_notes,
    "made_ports.mid": ports,
    "made_running_status.mid": running_status,
    "made_unknown_messages.mid": unknown,
    "made_empty_tracks.mid": empty_tracks,
    "made_starts_late.mid": late,
    "made_program_on_note.mid": program_on_note,
    "made_film_25.mid": lambda: file(tempo(250_000) + scale() + END, division=-(25 << 8) + 40),
    "made_film_29_97.mid": lambda: file(scale() + END, division=-(29 << 8) + 80),
    "made_wrapped.rmi": wrapped,
    "made_truncated.mid": lambda: damaged(lambda data: data[:-30]),
    "made_wrong_length.mid": lambda: damaged(lambda data: data[:18] + b"\x00\x00\x00\x10" + data[22:]),
    "made_garbage_between.mid": lambda: damaged(lambda data: b"MTrk".join(data.split(b"MTrk")[:2]) + b"\r\n?MTrk"
                                                + data.split(b"MTrk")[2]),
    "made_impossible_values.mid": impossible,
    "made_type_2.mid": lambda: file(scale() + END, scale(1) + END, kind=2),
}  # fmt: skip


def main() -> None:
    """Write all files beside this script."""
    for name, make in FILES.items():
        Path(__file__).with_name(name).write_bytes(make())


if __name__ == "__main__":
    main()
