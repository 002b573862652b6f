"""Do MIDI files survive being opened and saved?  ``python tests/bench/roundtrip.py DIR [DIR ...]``

Every MIDI file below each DIR is read and written by the workbench, and both the original and the copy are walked
message by message with mido, which shares no code with our reader. Compared are, as multisets:

- notes: tick, length, pitch, velocity, drum or melodic, and the program and bank that they sound with;
- the volume, pan, room, expression, pedal and bend in force at each note;
- tempos (microseconds a quarter), metres, keys, markers and all other texts, and where the piece ends.

A difference must be covered by a remark of the import report, with its count; otherwise it is unexplained, and the
exit code is 1. mido's view of damaged files is not the truth, so files that mido refuses are only counted.
"""

from __future__ import annotations

import argparse
import io
import sys
import time
from collections import Counter, defaultdict, deque
from pathlib import Path

import mido

from workbench.errors import WorkbenchError
from workbench.score.midi.files import read_midi, write_midi
from workbench.score.report import ImportReport

SUFFIXES = {".mid", ".midi", ".kar", ".rmi"}
TEXTS = {
    "text": 1, "copyright": 2, "instrument_name": 4, "lyrics": 5, "marker": 6, "cue_marker": 7, "program_name": 8,
    "device_name": 9,
}  # fmt: skip
STATES = {7: 100, 10: 64, 91: 40, 11: 127, 64: 0, "bend": 0}  # what holds when nothing is said
#: Which remarks may explain a difference in which list.
REASONS = {
    "notes": ("program-mixed", "clipped", "after-end"),
    "settings": ("program-mixed", "clipped", "after-end"),
    "tempos": ("repeated", "invalid", "smpte", "smpte-tempo"),
    "meters": ("repeated", "invalid"),
    "keys": ("repeated", "invalid"),
    "markers": ("repeated", "encoding", "text"),
    "texts": ("repeated", "encoding", "text"),
    "names": ("encoding", "text", "empty"),
    "end": ("damaged", "truncated", "after-end", "program-order", "silence"),
}


#: What mido sees in a file: each list as a multiset.
Walk = dict[str, Counter]


def walk(data: bytes) -> Walk:
    """Walk all messages in playing order (tick, then track, then place)."""
    midi = mido.MidiFile(file=io.BytesIO(data), clip=True, charset="latin-1")
    messages, ends = [], []
    for number, track in enumerate(midi.tracks):
        tick, port = 0, 0
        for place, message in enumerate(track):
            tick += message.time
            if message.type == "midi_port":
                port = message.port
            messages.append((tick, number, place, port, message))
        ends.append(tick)
    messages.sort(key=lambda item: item[:3])
    found: Walk = {name: Counter() for name in REASONS}
    found["end"][max(ends, default=0)] += 1
    states: dict = defaultdict(lambda: dict(STATES))
    banks: dict = defaultdict(lambda: [0, 0])
    sounds: dict = defaultdict(lambda: (0, 0, 0))
    pending: dict = defaultdict(deque)
    started: list = []
    now = 0

    def close_tick() -> None:
        for note in started:
            note["state"] = tuple(states[note["channel"]].values())
        started.clear()

    def finish(note: dict, tick: int) -> None:
        kind = "drum" if note["channel"][1] == 9 else "melodic"
        key = (note["tick"], tick - note["tick"], note["pitch"], note["velocity"], kind, note["sound"])
        found["notes"][key] += 1
        finished.append((note, key[:5]))

    finished: list = []
    for tick, number, _place, port, message in messages:
        if tick != now:
            close_tick()
            now = tick
        if message.is_meta:
            note_meta(found, tick, message)
            continue
        if not hasattr(message, "channel"):
            continue
        channel = (port, message.channel)
        if message.type == "note_on" and message.velocity:
            note = {"tick": tick, "channel": channel, "pitch": message.note, "velocity": message.velocity,
                    "sound": sounds[channel]}  # fmt: skip
            pending[number, channel, message.note].append(note)
            started.append(note)
        elif message.type in ("note_on", "note_off"):
            if waiting := pending[number, channel, message.note]:
                finish(waiting.popleft(), tick)
        elif message.type == "program_change":
            sounds[channel] = (*banks[channel], message.program)
        elif message.type == "pitchwheel":
            states[channel]["bend"] = message.pitch
        elif message.type == "control_change":
            if message.control in (0, 32):
                banks[channel][message.control // 32] = message.value
            if message.control in STATES:
                states[channel][message.control] = message.value
    close_tick()
    for (number, _, _), waiting in pending.items():
        for note in waiting:
            finish(note, ends[number])
    for note, key in finished:
        found["settings"][(*key, note["state"])] += 1
    return found


def note_meta(found: Walk, tick: int, message: mido.MetaMessage) -> None:
    """Add one meta message to the list it belongs to."""
    if message.type == "set_tempo":
        found["tempos"][tick, message.tempo] += 1
    elif message.type == "time_signature":
        key = (message.numerator, message.denominator, message.clocks_per_click, message.notated_32nd_notes_per_beat)
        found["meters"][(tick, *key)] += 1
    elif message.type == "key_signature":
        found["keys"][tick, message.key] += 1
    elif message.type == "track_name":
        if message.name:
            found["names"][message.name] += 1
    elif message.type in TEXTS:
        text = getattr(message, "name" if message.type.endswith("_name") else "text")
        found["markers" if message.type == "marker" else "texts"][tick, message.type, text] += 1


def compare(before: Walk, after: Walk, report: ImportReport) -> dict[str, tuple[int, list]]:
    """Differences by list that the report does not explain: how many, and examples (only before, only after)."""
    out = {}
    for name, reasons in REASONS.items():
        old, new = before[name], after[name]
        lost, added = old - new, new - old
        if name == "names":  # a track that becomes several hands its name to each
            lost, added = Counter(set(old) - set(new)), Counter(set(new) - set(old))
        allowed = sum(report.count(reason) for reason in reasons)
        rest = max(lost.total(), added.total()) - allowed
        if rest > 0:
            out[name] = (rest, [list(lost)[:2], list(added)[:2]])
    return out


def is_midi(path: Path) -> bool:
    """Whether the path names a MIDI file."""
    return path.suffix.lower() in SUFFIXES and path.is_file()


def main() -> int:
    """Run over the folders of the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=Path, nargs="+")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only each N-th file (default: all)")
    options = parser.parse_args()
    paths = sorted(path for folder in options.directory for path in folder.rglob("*") if is_midi(path))
    paths = paths[:: options.every]
    totals: Counter = Counter()
    remarks: Counter = Counter()
    remark_files: Counter = Counter()
    refused: Counter = Counter()
    unexplained: list[str] = []
    seconds = 0.0
    for path in paths:
        data = path.read_bytes()
        began = time.perf_counter()
        try:
            score, report = read_midi(data)
            copy = write_midi(score)
        except WorkbenchError as error:
            refused[str(error)] += 1
            continue
        seconds += time.perf_counter() - began
        totals["files"] += 1
        for remark in report:
            remarks[remark.kind] += remark.count
            remark_files[remark.kind] += 1
        if write_midi(read_midi(copy)[0]) != copy:
            unexplained.append(f"{path}: saving a second time changes the file")
        try:
            before = walk(data)
        except Exception as error:  # whatever mido raises on a file that it cannot read
            refused[f"(mido) {type(error).__name__}: {str(error)[:60]}"] += 1
            continue
        after = walk(copy)
        for name in REASONS:
            totals[name] += before[name].total()
        for name, (count, examples) in compare(before, after, report).items():
            unexplained.append(f"{path}: {count} in {name}: {examples}")
    print("compared: " + ", ".join(f"{totals[name]:,} {name}" for name in ("files", *REASONS) if name != "end"))
    for kind, count in remarks.most_common():
        print(f"  reported {kind}: {count:,} in {remark_files[kind]:,} files")
    for reason, count in refused.most_common():
        print(f"  not compared: {count:,} files: {reason}")
    if seconds:
        print(f"throughput: {totals['notes'] / seconds:,.0f} notes a second read and written")
    print(f"unexplained differences: {len(unexplained)}")
    print("\n".join(line[:600] for line in unexplained[:40]))
    return bool(unexplained)


if __name__ == "__main__":
    sys.exit(main())
