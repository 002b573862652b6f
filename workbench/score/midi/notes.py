"""From the messages of a MIDI file to a score.

A track of a score has one instrument, so each pair of track and channel on which notes play becomes a track.
Channels carry state (instrument, volume, pedal ...) that every track on them shares; each gets its own copy, so
that what a note sounds with stays the same. Messages count in playing order: by tick, then track, then place.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from workbench.errors import BadFile
from workbench.score.lanes import DEFAULT_TEMPO, MAX_TEXT, SCORE_LANES, TRACK_LANES, Key, Meter, Raw, Tempo, Text
from workbench.score.midi import channel as midi_channel
from workbench.score.midi.read import Chunk, MidiFile
from workbench.score.midi.text import decoder
from workbench.score.midi.write import DEFAULT_RELEASE, varlen
from workbench.score.score import MAX_TRACKS, Note, Score, Track

MAX_SECONDS = 12 * 3_600
MAX_COPIES = 400_000  # channel messages handed to several tracks
MAX_RAW = 60_000  # bytes of one exclusive or unknown message
_NAME_LIMIT = 1_000
#: How the text begins with which a file says who made it; a new file gets a new one, so it is left out of the piece.
STATEMENT = b"music-workbench-manifest:"
#: Text metas (type 1 to 9) in the document's words.
_TEXTS = ("", "text", "copyright", "name", "instrument", "lyric", "marker", "cue", "program", "device")
_WHOLE_PIECE = ("copyright", "marker", "cue")

Part = tuple[int, int, int]  # chunk, port, channel
Timed = tuple[int, int, int, Any]  # tick, chunk, place in the chunk, event
Own = tuple[int, Part | None, Text | Raw]  # place in the chunk, the part that a channel prefix names, event


@dataclass(slots=True)
class _Found:
    """What the chunks hold, sorted by where it belongs."""

    notes: dict[Part, list[midi_channel.Sounding]] = field(default_factory=lambda: defaultdict(list))
    states: dict[tuple[int, int], list[midi_channel.State]] = field(default_factory=lambda: defaultdict(list))
    sets: dict[int, set[tuple[int, int]]] = field(default_factory=lambda: defaultdict(set))  # channels a chunk sets
    names: dict[int, list[tuple[int, int, str]]] = field(default_factory=lambda: defaultdict(list))
    lanes: dict[str, list[Timed]] = field(default_factory=lambda: defaultdict(list))
    releases: Counter[tuple[int, bool]] = field(default_factory=Counter)  # release velocity, whether it is the note's
    own: dict[int, list[Own]] = field(default_factory=lambda: defaultdict(list))


def build(midi: MidiFile, tally: Counter[str]) -> Score:
    """The score of a file; counts what is changed or left out in ``tally``. Raises :class:`BadFile` beyond limits."""
    score = Score(ppq=1, tempos=[], meters=[])
    decode = decoder(
        payload
        for chunk in midi.chunks
        for _, status, kind, payload in chunk.events
        if status == 0xFF and 1 <= kind <= 9
    )
    found = _Found()
    for number, chunk in enumerate(midi.chunks):
        _sort_out(number, chunk, found, decode, tally)
    _set_time(midi.division, score, found.lanes, tally)
    score.texts = _merged(found.lanes["texts"], tally)
    _set_release(score, found.releases, tally)
    _add_tracks(midi, score, found, tally)
    end, last = max(chunk.end for chunk in midi.chunks), _last_tick(score)
    if _seconds(score, last) > MAX_SECONDS:
        raise BadFile(
            f"This MIDI file lasts longer than {MAX_SECONDS // 3600} hours; cut it into shorter pieces first."
        )
    if _seconds(score, end) > MAX_SECONDS:
        tally["silence"] += 1
    elif end > last:  # silence at the end is part of the piece
        score.raws.append(Raw(end, "ff2f00"))
    return score


def _sort_out(number: int, chunk: Chunk, found: _Found, decode: Callable[[bytes], str], tally: Counter[str]) -> None:
    """Distribute one chunk's messages; pair note-ons and note-offs first in, first out by channel and pitch."""
    port, prefix = 0, -1
    pending: dict[tuple[int, int, int], deque[midi_channel.Sounding]] = defaultdict(deque)
    for place, (tick, status, first, second) in enumerate(chunk.events):
        if status < 0xF0:
            channel, prefix = status & 15, -1
            if status >= 0xA0:
                found.sets[number].add((port, channel))
                found.states[port, channel].append((tick, number, place, status & 0xF0, first, second))
            elif status >= 0x90 and second:
                note = midi_channel.Sounding(tick, place, first, second)
                found.notes[number, port, channel].append(note)
                pending[port, channel, first].append(note)
            elif waiting := pending.get((port, channel, first)):
                note = waiting.popleft()
                note.end = tick
                if status < 0x90:
                    found.releases[second, second == note.velocity] += 1
            else:
                tally["stray-off"] += 1
        elif status == 0xFF and first == 0x21 and len(second) == 1 and second[0] < 128:
            tally["ports"] += second[0] > 0
            port = second[0]
        elif status == 0xFF and first == 0x20 and len(second) == 1 and second[0] < 16:
            tally["ports"] += 1
            prefix = second[0]
        else:
            home = (number, port, prefix) if prefix >= 0 else None
            _place_other(number, place, (tick, status, first, second), home, found, decode, tally)
    for waiting in pending.values():
        for note in waiting:
            note.end = chunk.end
            tally["unended"] += 1


def _place_other(
    number: int,
    place: int,
    event: tuple[int, int, int, bytes],
    home: Part | None,
    found: _Found,
    decode: Callable[[bytes], str],
    tally: Counter[str],
) -> None:
    """A meta or exclusive message: into the lanes of the piece, or of the chunk that it stands in."""
    tick, status, kind, data = event
    if status == 0xFF and kind == 1 and data.startswith(STATEMENT):
        return
    if not _possible(status, kind, data):
        tally["invalid"] += 1
    elif len(data) > MAX_RAW:
        tally["large"] += 1
    elif status != 0xFF:
        found.own[number].append((place, None, Raw(tick, f"{status:02x}{data.hex()}")))
    elif 1 <= kind <= 9 and len(data) <= MAX_TEXT:
        text = _clean(data, decode, tally)
        value = Text(tick, _TEXTS[kind], text)
        if kind == 3 and not text:
            return  # an empty name says as much as none
        if kind == 3 and not home:
            found.names[number].append((place, tick, text))
        elif value.kind in _WHOLE_PIECE:
            found.lanes["texts"].append((tick, number, place, value))
        else:
            found.own[number].append((place, home, value))
    elif kind in (0x51, 0x58, 0x59):
        lane, mark = _mark(tick, kind, data)
        if mark is None:
            tally["invalid"] += 1
        else:
            found.lanes[lane].append((tick, number, place, mark))
    else:
        found.own[number].append((place, home, Raw(tick, f"ff{kind:02x}{varlen(len(data)).hex()}{data.hex()}")))


def _possible(status: int, kind: int, data: bytes) -> bool:
    """Whether other programs can read the message: they stop at impossible ones, so these are not written again."""
    if status != 0xFF:
        # The format lets a 0xF7 message hold any bytes, but widespread readers (mido) stop at such a file.
        return not any(byte >= 0x80 for byte in data.removesuffix(b"\xf7"))
    if kind == 0x54:  # start in film time: hours with frame rate, minutes, seconds, frames, hundredths of one
        return len(data) == 5 and data[0] < 0x80 and data[1] < 60 and data[2] < 60 and data[4] < 100
    return kind not in (0x20, 0x21) and (kind != 0 or len(data) in (0, 2))


def _set_release(score: Score, releases: Counter[tuple[int, bool]], tally: Counter[str]) -> None:
    """Release velocities that say nothing are a fact about the file: one for all notes, or each note's velocity."""
    values = {value for value, _ in releases}
    if len(values) == 1 and values != {DEFAULT_RELEASE}:
        score.meta["release"] = str(values.pop())
    elif len(values) > 1 and all(same for _, same in releases):
        score.meta["release"] = "velocity"
    elif not values <= {0, DEFAULT_RELEASE}:
        tally["release"] += releases.total()


def _clean(data: bytes, decode: Callable[[bytes], str], tally: Counter[str]) -> str:
    bare = data.rstrip(b"\0") if len(data) % 2 or data[:2] not in (b"\xff\xfe", b"\xfe\xff") else data
    tally["text"] += bare != data
    text = decode(bare)
    tally["encoding"] += text.encode() != bare
    stripped = text.rstrip("\0")  # what ends UTF-16 texts; in UTF-8 it would not come back
    tally["text"] += stripped != text
    return stripped


def _mark(tick: int, kind: int, data: bytes) -> tuple[str, Tempo | Meter | Key | None]:
    """A tempo, metre or key with its lane; None in its place where its bytes are impossible."""
    if kind == 0x51:
        value = int.from_bytes(data, "big")
        return "tempos", Tempo(tick, value) if len(data) == 3 and value else None
    if kind == 0x58:
        fits = len(data) == 4 and data[0] and data[1] <= 8
        return "meters", Meter(tick, data[0], 1 << data[1], data[2], data[3]) if fits else None
    fifths = int.from_bytes(data[:1], "big", signed=True)
    fits = len(data) == 2 and -7 <= fifths <= 7 and data[1] < 2
    return "keys", Key(tick, fifths, ("major", "minor")[data[1]]) if fits else None


def _merged(events: list[Timed], tally: Counter[str]) -> list[Any]:
    """Marks from all chunks in playing order; one that only repeats the mark before it on the same tick is dropped."""
    out: list[Any] = []
    for _, _, _, event in sorted(events, key=lambda item: item[:3]):
        if out and out[-1] == event:
            tally["repeated"] += 1
        else:
            out.append(event)
    return out


def _set_time(division: int, score: Score, lanes: dict[str, list[Timed]], tally: Counter[str]) -> None:
    """Ticks to the quarter, tempo, metre and key of the piece."""
    score.tempos = _merged(lanes["tempos"], tally)
    score.meters = _merged(lanes["meters"], tally)
    score.keys = _merged(lanes["keys"], tally)
    if division > 0:
        score.ppq = division
        return
    # Film frames: ticks are fractions of a second whatever the tempo says. A quarter of half a second (or of a
    # whole one, where half a second is no whole number of ticks) has a whole number of microseconds and ticks.
    # "29" means 30000/1001 frames a second, for which the quarter is 1001/1000 as long.
    frames, ticks = -(division >> 8), division & 0xFF
    per_second = (30 if frames == 29 else frames) * ticks
    halves = per_second % 2 == 0
    score.ppq = per_second // 2 if halves else per_second
    quarter = DEFAULT_TEMPO if halves else 2 * DEFAULT_TEMPO
    tally["smpte"] += 1
    tally["smpte-tempo"] += len(score.tempos)
    score.tempos = [Tempo(0, quarter * 1001 // 1000 if frames == 29 else quarter)]


def _seconds(score: Score, end: int) -> float:
    total, tick, tempo = 0, 0, DEFAULT_TEMPO
    for change in score.tempos:
        total += (change.tick - tick) * tempo
        tick, tempo = change.tick, change.us_per_quarter
    return (total + max(end - tick, 0) * tempo) / score.ppq / 1e6


def _last_tick(score: Score) -> int:
    lanes = [getattr(score, name) for name in SCORE_LANES]
    lanes += [getattr(track, name) for track in score.tracks for name in TRACK_LANES]
    return max(score.end, *(int(lane[-1].tick) for lane in lanes if lane), 0)


def _add_tracks(midi: MidiFile, score: Score, found: _Found, tally: Counter[str]) -> None:
    """Make the tracks, give them their notes, channel states, names, texts and raw messages."""
    parts = sorted(found.notes)
    users = Counter(part[1:] for part in parts)
    tally["shared"] += sum(count for count in users.values() if count > 1)
    by_chunk: dict[int, list[Part]] = defaultdict(list)
    for part in parts:
        by_chunk[part[0]].append(part)
    copied, next_note = 0, 1
    for number in range(len(midi.chunks)):
        mine = by_chunk[number]
        name = _name(found, number, tally)
        conductor = number == 0 and (midi.type == 0 or not mine)
        if conductor:
            score.title = name
        elif not mine:
            spare = _spare(number, name, found, users)
            if spare is None:
                tally["empty"] += 1
                continue
            mine = [spare]
            users[spare[1:]] += 1
        tally["split"] += len(mine) > 1
        tracks: dict[Part, Track] = {}
        for part in mine:
            states = found.states.get(part[1:], [])
            copied += len(states)
            if copied > MAX_COPIES or len(score.tracks) == MAX_TRACKS:
                raise BadFile(
                    f"This MIDI file has more than {MAX_TRACKS:,} tracks, or too many on one channel; merge some."
                )
            track = Track(
                f"t{len(score.tracks) + 1}", "" if conductor and len(mine) > 1 else name, is_drum=part[2] == 9
            )
            track.color = len(score.tracks) % 256
            midi_channel.settle(track, number, found.notes.get(part, []), states, tally)
            next_note = _add_notes(track, found.notes.get(part, []), next_note)
            score.tracks.append(track)
            tracks[part] = track
        _add_own(score, found.own[number], tracks, conductor, number == 0, tally)
    score.texts.sort(key=lambda event: event.tick)
    score.raws.sort(key=lambda event: event.tick)
    tally["unused"] += sum(len(states) for key, states in found.states.items() if not users[key])


def _add_own(
    score: Score, events: list[Own], tracks: dict[Part, Track], conductor: bool, first: bool, tally: Counter[str]
) -> None:
    """Place a chunk's texts and raw messages: in the track that a channel prefix names, its first, or the piece."""
    named: set[str] = set()
    for _, home, event in sorted(events, key=lambda item: item[0]):
        track = tracks.get(home) if home else None
        if track and isinstance(event, Text) and event.kind == "name" and track.id not in named:
            named.add(track.id)
            track.name = event.text[:_NAME_LIMIT]
            tally["moved"] += event.tick > 0
            tally["text"] += len(event.text) > _NAME_LIMIT
            continue
        if track is None and not conductor:
            track = next(iter(tracks.values()))
        if isinstance(event, Text):
            (track or score).texts.append(event)
        elif track is None or first:  # exclusive messages of the first chunk speak to the whole set-up
            score.raws.append(event)
        else:
            track.raws.append(event)
    for track in tracks.values():
        track.raws.sort(key=lambda event: event.tick)
        track.texts.sort(key=lambda event: event.tick)


def _name(found: _Found, number: int, tally: Counter[str]) -> str:
    """The chunk's first name; later ones stay texts of the track."""
    names = found.names[number]
    for place, tick, text in names[1:]:
        found.own[number].append((place, None, Text(tick, "name", text)))
    if not names:
        return ""
    _, tick, text = names[0]
    tally["moved"] += tick > 0
    tally["text"] += len(text) > _NAME_LIMIT
    return text[:_NAME_LIMIT]


def _spare(number: int, name: str, found: _Found, users: Counter[tuple[int, int]]) -> Part | None:
    """The part that stands for a chunk without notes: on its lowest channel that nobody uses yet, if it sets one."""
    if free := sorted(key for key in found.sets[number] if not users[key]):
        return (number, *free[0])
    return (number, -1, 0) if name or found.own[number] else None


def _add_notes(track: Track, notes: list[midi_channel.Sounding], number: int) -> int:
    """Fill the track's notes in canonical order; ids count through the whole piece."""
    for note in sorted(notes, key=lambda note: (note.start, note.pitch)):
        name = f"n{number}"
        track.notes[name] = Note(name, note.start, note.end - note.start, note.pitch, note.velocity, "imported")
        number += 1
    return number
