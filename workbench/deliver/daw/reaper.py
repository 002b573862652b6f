"""A Reaper project over exported stems: tempo map, markers, and for each track its sound and its notes.

The file is lines of plain text, blocks in angle brackets (Cockos, *State Chunk Definitions*). Tempo points hold the
time in seconds, quarters a minute, shape 1 (no slope) and the metre as ``65536 * lower + upper``. A track's notes
stand on a second, muted track, ready for an instrument of one's own. Volume and pan are neutral: the stems are mixed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workbench.deliver.daw.timeline import GREY, MARK, Lane, lanes, markers, metres, plain, tempos
from workbench.score.score import Score, Track
from workbench.score.timemap import TimeMap

#: Added to a colour to say that it was chosen.
_CHOSEN = 0x1000000
_ALL_NOTES_OFF = "b0 7b 00"


def reaper_project(score: Score, stems: Sequence[str], *, rate: int, frames: int, mark: str = "") -> str:
    """The text of an ``.rpp`` file.

    Args:
        score: the piece.
        stems: path of each track's WAV file, relative to the project file.
        rate: of the stems, in Hz.
        frames: length of the stems; every item begins at 0 and has this length.
        mark: path of the inaudible mark's WAV file, if there is one.
    """
    times = TimeMap(score)
    seconds = frames / rate
    end = times.tick(seconds)
    lines = ['<REAPER_PROJECT 0.1 "6.0" 0', f"  PROJOFFS 0 {-1 if score.pickup else 0} 0"]
    points = list(_tempo_points(score, times, end))
    first_metre = metres(score, end)[0]
    lines += [f"  TEMPO {_number(tempos(score)[0][1])} {first_metre[1]} {first_metre[2]}", f"  SAMPLERATE {rate} 0 0"]
    if title := plain(score.title):
        lines.append(f"  TITLE {quoted(title)}")
    lines += [
        f"  MARKER {number} {_number(times.seconds(tick))} {quoted(text)} 0"
        for number, (tick, text) in enumerate(markers(score), 1)
    ]
    lines += ["  <TEMPOENVEX", "    ACT 1 -1", "    VIS 1 0 1", *points, "  >"]
    for lane in lanes(score, stems):
        lines += _stem_track(lane, seconds)
        lines += _midi_track(lane, seconds, score.ppq, end)
    if mark:
        lines += _stem_track(Lane(Track("mark"), MARK, mark, GREY), seconds)
    return "\n".join([*lines, ">", ""])


def quoted(text: str) -> str:
    """Text between the first of ``"``, ``'`` and a backtick that it does not hold (Reaper's rule)."""
    for mark in ('"', "'", "`"):
        if mark not in text:
            return f"{mark}{text}{mark}"
    return "`" + text.replace("`", "'") + "`"


def _number(value: float) -> str:
    return f"{value:.12f}"


def _tempo_points(score: Score, times: TimeMap, end: int) -> Iterator[str]:
    """One line for every tick on which tempo or metre change."""
    bpm = dict(tempos(score))
    signature = {tick: (upper, lower) for tick, upper, lower in metres(score, end)}
    now = bpm[0]
    for tick in sorted(bpm.keys() | signature.keys()):
        now = bpm.get(tick, now)
        line = f"    PT {_number(times.seconds(tick))} {_number(now)} 1"
        if tick in signature:
            upper, lower = signature[tick]
            line += f" {65536 * lower + upper} 0 1"
        yield line


def _track(lane: Lane, name: str, muted: bool) -> list[str]:
    red, green, blue = bytes.fromhex(lane.colour)
    return [
        "  <TRACK", f"    NAME {quoted(name)}", f"    PEAKCOL {_CHOSEN + (blue << 16) + (green << 8) + red}",
        "    VOLPAN 1 0 -1 -1 1", f"    MUTESOLO {int(muted)} 0 0", "    NCHAN 2",
    ]  # fmt: skip


def _item(name: str, seconds: float) -> list[str]:
    return [
        "    <ITEM", "      POSITION 0", f"      LENGTH {_number(seconds)}", "      LOOP 0",
        f"      NAME {quoted(name)}",
    ]  # fmt: skip


def _stem_track(lane: Lane, seconds: float) -> list[str]:
    source = ["      <SOURCE WAVE", f"        FILE {quoted(lane.stem)}", "      >"]
    return [*_track(lane, lane.name, False), *_item(lane.name, seconds), *source, "    >", "  >"]


def _midi_track(lane: Lane, seconds: float, ppq: int, end: int) -> list[str]:
    name = f"{lane.name} (notes)"
    source = ["      <SOURCE MIDI", f"        HASDATA 1 {ppq} QN"]
    last = 0
    for tick, message in _messages(lane.track):
        source.append(f"        E {tick - last} {message}")
        last = tick
    source += [f"        E {max(0, end - last)} {_ALL_NOTES_OFF}", "      >"]
    return [*_track(lane, name, True), *_item(name, seconds), *source, "    >", "  >"]


def _messages(track: Track) -> list[tuple[int, str]]:
    """Tick and bytes (hexadecimal) of the track's MIDI messages; on one tick ends of notes come first."""
    channel = 9 if track.is_drum else 0
    found = [(0, 1, f"c{channel:x} {track.program:02x} 00")]
    found += [(item.tick, 1, f"c{channel:x} {item.program:02x} 00") for item in track.programs]
    found += [(item.tick, 2, f"b{channel:x} {item.number:02x} {item.value:02x}") for item in track.controls]
    for item in track.bends:
        value = item.value + 8192
        found.append((item.tick, 2, f"e{channel:x} {value & 127:02x} {value >> 7:02x}"))
    for note in track.sorted_notes():
        found.append((note.start, 3, f"9{channel:x} {note.pitch:02x} {note.velocity:02x}"))
        found.append((note.start + max(1, note.duration), 0, f"8{channel:x} {note.pitch:02x} 00"))
    return [(tick, message) for tick, _, message in sorted(found, key=lambda event: event[:2])]
