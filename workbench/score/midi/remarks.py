"""The sentences with which a MIDI import names what it changed or left out, by kind and in the order they are shown."""

from __future__ import annotations

from collections import Counter

from workbench.score.report import ImportReport

SENTENCES: dict[str, str] = {
    # the container
    "riff": "The file was wrapped as .rmi; only the MIDI inside it was taken, parts seen: {n}.",
    "type": "The file's header names a type that does not fit its tracks; they were read as parallel ones.",
    "header": "The file's header promises another number of tracks than there are (difference: {n}).",
    "garbage": "Bytes between the tracks that are not MIDI were skipped: {n}.",
    "alien": "Parts of the file that are not tracks were left out: {n}.",
    "length": "Tracks whose stated length was wrong were read up to their end mark: {n}.",
    "no-end": "Tracks without an end mark were ended after their last message: {n}.",
    "after-end": "Bytes after a track's end mark were left out: {n}.",
    "silence": "A silence of hours behind the last note was left out.",
    "truncated": "The file ends too early; tracks that were read as far as they go: {n}.",
    "damaged": "Tracks damaged half-way were read up to the damage: {n}.",
    "clipped": "Values above 127 were lowered to 127: {n}.",
    "system": "Live messages that do not belong in a file were left out: {n}.",
    "smpte": "The file counts time in film frames; its timing is kept exactly, in quarters of about half a second.",
    "smpte-tempo": "Tempo marks say nothing in a file that counts film frames and were left out: {n}.",
    "invalid": "Tempo, metre, key, port or other marks with impossible values were left out: {n}.",
    "large": "Single messages or texts of more than 60,000 bytes were left out: {n}.",
    # notes
    "unended": "Notes that never end were ended with their track: {n}.",
    "stray-off": "Note ends without a note were left out: {n}.",
    "release": "The speed with which keys were released was not kept, notes: {n}.",
    # channels and tracks
    "split": "Tracks that play on several channels became one track a channel: {n}.",
    "shared": "Tracks that shared a channel got one of their own with a copy of its settings: {n}.",
    "ports": "Ports and channel prefixes are assigned anew when the piece is saved: {n}.",
    "unused": "Settings of channels on which nothing plays were left out: {n}.",
    "empty": "Tracks with nothing in them were left out: {n}.",
    "moved": "Names, volume, pan, room and instrument set before a track's first note now stand at its start: {n}.",
    "superseded": "Settings replaced by others before a track's first note were left out: {n}.",
    "program-order": "Changes of instrument or bank were moved one tick later, behind a note on the same tick: {n}.",
    "program-mixed": "Notes between two changes of instrument on one tick now play with another of them: {n}.",
    "repeated": "Tempo, metre, key and text marks repeated in several tracks were kept once, left out: {n}.",
    # text
    "encoding": "Texts in an older encoding were read as their letters suggest and are saved in UTF-8: {n}.",
    "text": "Texts with padding, or too long for a name, were shortened: {n}.",
}  # fmt: skip


def to_report(tally: Counter[str]) -> ImportReport:
    """The report of a tally of kinds (keys of :data:`SENTENCES`); kinds with a value of 0 are left out."""
    report = ImportReport()
    for kind, sentence in SENTENCES.items():
        report.add(kind, tally[kind], sentence.format(n=f"{tally[kind]:,}"))
    return report
