"""Round trip of MusicXML files: pitch, onset and duration of every note, by an independent count.

    python -m tests.bench.musicxml DIR [--limit N] [--seed S] [--music21]

Every ``.mxl``, ``.musicxml`` and ``.xml`` file below DIR (or N of them drawn with seed S) is read by the
workbench and by the few lines below, which walk the XML with ElementTree alone: divisions, backup and forward,
chords, ties, grace notes, transposition. Then the score is written, and the written file is walked in the same
way. With ``--music21`` every bar is also read by music21's parsers, and what stands where (onset, duration, pitch,
grace notes, cues, lengths, places of marks) is compared, with the seconds that both took. Prints every difference and
the totals; the exit code is 1 if anything differs.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import xml.etree.ElementTree as ET
import zipfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.score.musicxml import parts
from workbench.score.musicxml.files import read_musicxml, write_musicxml
from workbench.score.musicxml.source import read_root
from workbench.score.notation.parts import Part
from workbench.score.score import Score

#: (part, onset in quarters, sounding pitch or -1 for unpitched, duration in quarters)
Fact = tuple[int, Fraction, int, Fraction]
_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


def xml_of(path: Path) -> bytes:
    """The score's XML, out of its archive if it is in one."""
    if not zipfile.is_zipfile(path):
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        container = ET.fromstring(archive.read("META-INF/container.xml"))
        return archive.read(container.find(".//rootfile").attrib["full-path"])  # type: ignore[union-attr]


class PartWalk:
    """One part, bar by bar, with the cursor in quarters; knows nothing of the workbench's reader."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.divisions = Fraction(1)
        self.shift = 0
        self.bars: list[Fraction] = []
        # Written notes: bar, onset in it, pitch, duration, stops a tie, starts one, voice
        self.notes: list[tuple[int, Fraction, int, Fraction, bool, bool, str]] = []

    def bar(self, measure: ET.Element) -> None:
        cursor = reached = onset = Fraction(0)
        for item in measure:
            length = Fraction(item.findtext("duration") or 0) / self.divisions
            if item.tag == "attributes":
                self.divisions = Fraction(item.findtext("divisions") or self.divisions)
                if (transpose := item.find("transpose")) is not None:
                    self.shift = int(transpose.findtext("chromatic") or 0)
                    self.shift += 12 * int(transpose.findtext("octave-change") or 0)
            elif item.tag == "backup":
                cursor = max(Fraction(0), cursor - length)
            elif item.tag == "forward":
                cursor += length
            elif item.tag == "note":
                if item.find("chord") is None:
                    onset = cursor
                    cursor += length
                if item.find("rest") is None and item.find("cue") is None:
                    self._note(item, onset, length)
            reached = max(reached, cursor)
        self.bars.append(reached)

    def _note(self, item: ET.Element, onset: Fraction, length: Fraction) -> None:
        pitch = -1
        if (place := item.find("pitch")) is not None:
            pitch = _STEPS[place.findtext("step") or ""] + 12 * (int(place.findtext("octave") or 0) + 1)
            pitch += round(float(place.findtext("alter") or 0)) + self.shift
        ties = {tie.get("type") for tie in item.findall("tie")}
        if item.find("grace") is not None:
            ties, length = set(), Fraction(0)
        voice = f"{item.findtext('staff')}/{item.findtext('voice')}"
        self.notes.append((len(self.bars), onset, pitch, length, "stop" in ties, "start" in ties, voice))

    def merged(self, starts: list[Fraction]) -> list[Fact]:
        """Facts with tied notes made one."""
        out: list[list] = []
        waiting: list[tuple[int, str, list]] = []
        timed = sorted(((starts[bar] + at, *rest) for bar, at, *rest in self.notes), key=lambda item: item[0])
        for onset, pitch, length, stops, begins, voice in timed:
            ends_here = [w for w in waiting if stops and w[0] == pitch and w[2][1] + w[2][3] == onset]
            ends_here.sort(key=lambda w: w[1] != voice)
            if ends_here:
                waiting.remove(ends_here[0])
                fact = ends_here[0][2]
                fact[3] += length
            else:
                fact = [self.number, onset, pitch, length]
                out.append(fact)
            if begins:
                waiting.append((pitch, voice, fact))
        return [tuple(fact) for fact in out]  # type: ignore[misc]


def walk(root: ET.Element) -> list[Fact]:
    """Every sounding note of a partwise score."""
    walks = []
    for number, part in enumerate(root.findall("part")):
        one = PartWalk(number)
        for measure in part.findall("measure"):
            one.bar(measure)
        walks.append(one)
    starts = [Fraction(0)]
    for index in range(max(len(one.bars) for one in walks)):
        starts.append(starts[-1] + max(one.bars[index] for one in walks if index < len(one.bars)))
    return [fact for one in walks for fact in one.merged(starts)]


def facts_of(score: Score) -> list[Fact]:
    """The same facts of a document whose tracks are the parts; unpitched tracks lose their pitch."""
    ppq = score.ppq
    return [
        (number, Fraction(note.start, ppq), -1 if track.is_drum else note.pitch, Fraction(note.duration, ppq))
        for number, track in enumerate(score.tracks)
        for note in track.notes.values()
    ]


def difference(truth: list[Fact], found: list[Fact]) -> str:
    """Empty if both hold the same notes, else how many differ and the first of each kind."""
    lost, extra = Counter(truth) - Counter(found), Counter(found) - Counter(truth)
    if not lost and not extra:
        return ""
    shown = [f"{kind} {part}: onset {onset} pitch {pitch} duration {length}"
             for kind, facts in (("lost", lost), ("extra", extra))
             for part, onset, pitch, length in sorted(facts)[:2]]  # fmt: skip
    return f"{lost.total()} lost, {extra.total()} extra: " + "; ".join(shown)


def bars_of(parts: list[Part]) -> list[tuple]:
    """What stands where in every bar, of either reader."""
    return [
        (part.id, index, bar.length, bar.rest_length, bar.cues, [(at, mark.tag) for at, mark in bar.marks],
         sorted((n.offset, n.duration, -1 if n.pitch is None else n.pitch, n.microtone, n.grace) for n in bar.notes))
        for part in parts
        for index, bar in enumerate(part.measures)
    ]  # fmt: skip


def against_music21(path: Path) -> tuple[str, int, float, float, list[str]]:
    """Name, notes, seconds of music21 and of the workbench for the parts, and the first bar that differs."""
    from tests.bench import music21_parts

    root = read_root(path.read_bytes())
    begun = time.perf_counter()
    truth = music21_parts.read_parts(root)
    between = time.perf_counter()
    found = parts.read_parts(root)
    done = time.perf_counter()
    pairs = zip(bars_of(truth), bars_of(found), strict=True)
    wrong = [
        f"bar {one[1]} of {one[0]}: music21 {one[2:]} workbench {other[2:]}" for one, other in pairs if one != other
    ]
    notes = sum(len(bar.notes) for part in truth for bar in part.measures)
    return path.name, notes, between - begun, done - between, wrong[:2]


def check(path: Path) -> tuple[str, int, int, float, float, list[str]]:
    """Name, notes, grace notes, seconds to read and to write, and what is wrong."""
    wrong: list[str] = []
    notes, graces, reading, writing = 0, 0, 0.0, 0.0
    try:
        truth = walk(ET.fromstring(xml_of(path)))
        notes, graces = len(truth), sum(fact[3] == 0 for fact in truth)
        begun = time.perf_counter()
        score, _ = read_musicxml(path.read_bytes(), path.name)
        reading = time.perf_counter() - begun
        if text := difference(truth, facts_of(score)):
            wrong.append(f"read: {text}")
        begun = time.perf_counter()
        written, report = write_musicxml(score)
        writing = time.perf_counter() - begun
        if text := difference(truth, walk(ET.fromstring(written.encode()))):
            wrong.append(f"written: {text}; report: {report}")
    except WorkbenchError as error:
        wrong.append(f"refused: {error}")
    return path.name, notes, graces, reading, writing, wrong


def main() -> int:
    """Check every file; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("directory", type=Path)
    parser.add_argument("--limit", type=int, default=0, help="draw this many files at random")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--music21", action="store_true", help="compare every bar with music21's reading, too")
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    kinds = (".mxl", ".musicxml", ".xml")
    paths = sorted(path for path in options.directory.rglob("*") if path.suffix.lower() in kinds)
    if options.limit and options.limit < len(paths):
        paths = sorted(random.Random(options.seed).sample(paths, options.limit))
    totals: Counter[str] = Counter()
    read_seconds = write_seconds = 0.0
    with ProcessPoolExecutor(options.workers) as pool:
        for name, notes, graces, reading, writing, wrong in pool.map(check, paths):
            totals.update(files=1, notes=notes, graces=graces, wrong=int(bool(wrong)))
            read_seconds += reading
            write_seconds += writing
            for line in wrong:
                print(f"{name}: {line}", flush=True)
    print(
        f"{totals['files']} files, {totals['notes']} notes ({totals['graces']} grace notes); "
        f"{totals['wrong']} files differ; read in {read_seconds:.0f} s, written in {write_seconds:.0f} s"
    )
    if options.music21:
        theirs_s = ours_s = 0.0
        read = 0
        with ProcessPoolExecutor(options.workers) as pool:
            for name, notes, theirs, ours, differs in pool.map(against_music21, paths):
                theirs_s, ours_s, read = theirs_s + theirs, ours_s + ours, read + notes
                totals.update(wrong=int(bool(differs)), bars_differ=int(bool(differs)))
                for line in differs:
                    print(f"{name}: {line[:600]}", flush=True)
        print(
            f"music21: {read} written notes, {totals['bars_differ']} files differ; "
            f"parts in {theirs_s:.1f} s by music21, {ours_s:.1f} s here (a ratio of {theirs_s / max(ours_s, 1e-9):.1f})"
        )
    return 1 if totals["wrong"] or not totals["files"] else 0


if __name__ == "__main__":
    sys.exit(main())
