"""Write the pieces that ship with the workbench: the one the app opens on, and the templates to start from.

The music is the project's own and in the public domain (CC0 1.0). Run ``python assets/pieces/make_pieces.py``.

A line of music is written as ``pitch:length`` words: pitch is a name with an octave (``C4`` = 60), ``.`` is a rest,
several pitches are joined by ``+``; length is in sixteenths of a bar of four quarters.
"""

from __future__ import annotations

from pathlib import Path

from workbench.score import Note, Score, Track
from workbench.score.lanes import Chord, Key, Tempo
from workbench.score.project import Project, write_project

HERE = Path(__file__).parent
STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
SIXTEENTH = 240


def pitch(name: str) -> int:
    """MIDI pitch of ``C4``, ``F#3``, ``Bb5``."""
    letter, rest = name[0], name[1:]
    sharp = rest.count("#") - rest.count("b")
    return 12 * (int(rest.lstrip("#b")) + 1) + STEPS[letter] + sharp


def line(text: str, velocity: int, *, accent: int = 0, gate: float = 1.0) -> list[tuple[int, int, int, int]]:
    """(start, duration, pitch, velocity) of every note; beats one and three are louder by ``accent``."""
    out, now = [], 0
    for word in text.replace("|", " ").split():
        names, length = word.split(":")
        ticks = int(length) * SIXTEENTH
        for name in names.split("+") if names != "." else []:
            strong = accent if now % (8 * SIXTEENTH) == 0 else 0
            out.append((now, round(ticks * gate), pitch(name), velocity + strong))
        now += ticks
    return out


def drums(bars: int, patterns: dict[int, tuple[str, int]]) -> list[tuple[int, int, int, int]]:
    """A pattern of 16 steps a bar for each drum: ``x`` a hit, ``o`` a soft one."""
    out = []
    for bar in range(bars):
        for drum, (steps, velocity) in patterns.items():
            for step, sign in enumerate(steps):
                if sign != ".":
                    loud = velocity if sign == "x" else velocity - 24
                    out.append(((bar * 16 + step) * SIXTEENTH, SIXTEENTH, drum, loud))
    return sorted(out)


def track(
    number: int, name: str, program: int, notes: list[tuple[int, int, int, int]], **settings: int | bool
) -> Track:
    """A track with ids in order."""
    made = Track(f"t{number}", name, program, color=number - 1, **settings)  # type: ignore[arg-type]
    for index, (start, duration, key, velocity) in enumerate(sorted(notes), 1):
        made.notes[f"n{index}"] = Note(f"n{index}", start, duration, key, velocity, "imported")
    return made


def opening() -> Score:
    """Four bars that loop: a tune on the vibraphone over electric piano, bass and drums."""
    melody = """G4:2 C5:2 E5:4 D5:2 C5:2 G4:4 | A4:2 C5:2 E5:4 D5:6 C5:2
                A4:2 C5:2 F5:4 E5:2 D5:2 C5:4 | D5:4 B4:4 G4:6 .:2"""
    keys = """C4+E4+G4+B4:6 C4+E4+G4:6 E4+G4:4 | A3+C4+E4+G4:6 A3+C4+E4:6 C4+E4:4
              A3+C4+E4+F4:6 A3+C4+F4:6 C4+F4:4 | G3+B3+D4+F4:6 G3+B3+D4:6 B3+D4+F4:4"""
    bass = """C2:6 C2:2 G2:4 E2:4 | A1:6 A1:2 E2:4 A2:4 | F2:6 F2:2 C3:4 A2:4 | G2:6 G2:2 D2:4 B1:4"""
    kit = drums(4, {36: ("x.....x.x.......", 92), 38: ("....x.......x..o", 84), 42: ("x.o.x.o.x.o.x.o.", 66)})
    score = Score("Morning, four bars", tempos=[Tempo(0, 625_000)], keys=[Key(0, 0, "major")])
    score.tracks = [
        track(1, "Melody", 11, line(melody, 86, accent=4), volume=112, pan=70),
        track(2, "Keys", 4, line(keys, 64, accent=6), volume=92, pan=50),
        track(3, "Bass", 33, line(bass, 84, accent=8), volume=104),
        track(4, "Drums", 0, kit, is_drum=True, volume=96),
    ]
    bar = 16 * SIXTEENTH
    roots = [(0, "maj7"), (9, "min7"), (5, "maj7"), (7, "7")]
    score.chords = [Chord(index * bar, bar, root, quality) for index, (root, quality) in enumerate(roots)]
    score.meta = {"licence": "CC0 1.0", "composer": "The workbench's authors"}
    return score


def template(title: str, tempo: int, tracks: list[tuple[str, int, int]]) -> Score:
    """An empty piece with its instruments in place: (name, program or -1 for drums, pan)."""
    score = Score(title, tempos=[Tempo(0, round(60_000_000 / tempo))], keys=[Key(0, 0, "major")])
    for number, (name, program, pan) in enumerate(tracks, 1):
        score.tracks.append(track(number, name, max(program, 0), [], is_drum=program < 0, pan=pan))
    score.meta = {"licence": "CC0 1.0"}
    return score


TEMPLATES: dict[str, tuple[str, int, list[tuple[str, int, int]]]] = {
    "template-band": ("Band", 100, [("Melody", 80, 64), ("Guitar", 25, 44), ("Bass", 33, 64), ("Drums", -1, 64)]),
    "template-piano": ("Piano", 92, [("Right hand", 0, 70), ("Left hand", 0, 58)]),
    "template-quartet": (
        "String quartet", 84, [("Violin 1", 40, 40), ("Violin 2", 40, 56), ("Viola", 41, 72), ("Cello", 42, 88)],
    ),
    "template-choir": ("Four voices", 76, [("Soprano", 52, 44), ("Alto", 52, 58), ("Tenor", 52, 70), ("Bass", 52, 84)]),
    "template-empty": ("Empty piece", 100, [("Track 1", 0, 64)]),
    "template-beat": ("Beat", 86, [("Keys", 4, 56), ("Bass", 38, 64), ("Pad", 89, 72), ("Drums", -1, 64)]),
}  # fmt: skip


def pieces() -> dict[str, Score]:
    """Every shipped piece by file name."""
    return {"opening": opening(), **{name: template(*facts) for name, facts in TEMPLATES.items()}}


def main() -> None:
    """Write every piece as a project file beside this script."""
    for name, score in pieces().items():
        (HERE / f"{name}.wbz").write_bytes(write_project(Project(score)))
        print(name, score.note_count)


if __name__ == "__main__":
    main()
