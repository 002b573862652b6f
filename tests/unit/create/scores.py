"""Small pieces for the tests of models: a band in any key, and random scores of every kind."""

from __future__ import annotations

import random

from hypothesis import strategies as st

from workbench.score.lanes import Chord, Key, Meter
from workbench.score.score import Note, Region, Score, Track

PPQ = 480
BAR = 4 * PPQ
PROGRESSION = (0, 5, 3, 4)  # degrees of the major scale, a bar each: I vi IV V
MAJOR = (0, 2, 4, 5, 7, 9, 11)


def add(track: Track, start: int, duration: int, pitch: int, velocity: int = 80, locked: bool = False) -> None:
    """Add a note with the next free id."""
    name = f"n{len(track.notes) + 1}"
    track.notes[name] = Note(name, start, duration, pitch, velocity, "imported", locked=locked)


def degree(tonic: int, step: int, octave: int) -> int:
    """MIDI pitch of a scale step of the major key of ``tonic``."""
    return 12 * (octave + 1 + step // 7) + tonic + MAJOR[step % 7]


def band(bars: int = 16, tonic: int = 7) -> Score:
    """Melody (quarters and eighths), chords on every half, bass in eighths, drums; all in the key of ``tonic``."""
    melody, chords = Track("t1", name="Melody", program=73), Track("t2", name="Piano", program=0)
    bass, drums = Track("t3", name="Bass", program=33), Track("t4", name="Drums", is_drum=True)
    tune = random.Random(5)
    for bar in range(bars):
        start, root = bar * BAR, PROGRESSION[bar % 4]
        step = root + (0, 2, 4)[bar // 4 % 3]
        for place in (0, 1, 1.5, 2, 3):
            add(melody, start + round(place * PPQ), PPQ // (2 if place in (1, 1.5) else 1), degree(tonic, step, 5), 90)
            step = min(root + 6, max(root - 2, step + tune.choice((-1, 1, 1, -2, 2))))
        for half in (0, 2):
            for third in (0, 2, 4):
                add(chords, start + half * PPQ, 2 * PPQ - 20, degree(tonic, root + third, 4), 64)
        for eighth in range(8):
            add(bass, start + eighth * PPQ // 2, PPQ // 2 - 20, degree(tonic, root % 7, 2), 75)
            add(drums, start + eighth * PPQ // 2, 60, 42, 70)
        for beat in range(4):
            add(drums, start + beat * PPQ, 60, 38 if beat % 2 else 36, 100)
    return Score("Band", PPQ, tracks=[melody, chords, bass, drums])


@st.composite
def random_scores(draw: st.DrawFn) -> Score:
    """Scores of all kinds: odd resolutions, metres and pickups, drums, locks, overlaps, grace notes, empty tracks."""
    ppq = draw(st.sampled_from((24, 96, 220, 480, 960, 1)))
    score = Score("", ppq, pickup=draw(st.sampled_from((0, 0, ppq))))
    score.meters = [Meter(0, *draw(st.sampled_from(((4, 4), (3, 4), (6, 8), (5, 8), (2, 2)))))]
    if draw(st.booleans()):
        score.meters.append(Meter(draw(st.integers(1, 20 * ppq)), 3, 4))
    if draw(st.booleans()):
        score.keys = [Key(0, draw(st.integers(-7, 7)), draw(st.sampled_from(("major", "minor"))))]
    if draw(st.booleans()):
        score.chords = [Chord(0, 8 * ppq, draw(st.integers(0, 11)), draw(st.sampled_from(("maj", "min7", "dim"))))]
    dice = random.Random(draw(st.integers(0, 2**32)))
    for number in range(draw(st.integers(1, 4))):
        track = Track(f"t{number + 1}", name=f"Track {number + 1}", program=dice.randrange(128))
        track.is_drum, track.locked = dice.random() < 0.25, number > 0 and dice.random() < 0.15
        shape = dice.choice(("empty", "melody", "chords", "wild", "wild"))
        for index in range(0 if shape == "empty" else dice.randrange(1, 60)):
            start = dice.randrange(24 * ppq) if shape == "wild" else index * max(1, ppq // 2)
            length = dice.choice((0, 1, ppq // 4, ppq, 5 * ppq)) if shape == "wild" else max(1, ppq // 2)
            lowest = 35 if track.is_drum else dice.randrange(30, 90)
            for extra in range(3 if shape == "chords" else 1):
                pitch = dice.randrange(35, 60) if track.is_drum else min(127, lowest + 4 * extra)
                add(track, start, length, pitch, dice.randrange(1, 128), dice.random() < 0.1)
        score.tracks.append(track)
    return score


@st.composite
def random_regions(draw: st.DrawFn, score: Score) -> tuple[Region, ...]:
    """One to three regions of a score that do not overlap in a track; at least one track is not locked."""
    names = [track.id for track in score.tracks]
    edges = sorted(draw(st.lists(st.integers(0, 30 * score.ppq), min_size=2, max_size=6, unique=True)))
    out = []
    for start, end in list(zip(edges[::2], edges[1::2], strict=False))[:3]:
        chosen = draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
        out.append(Region(start, end, tuple(chosen if "t1" in chosen else [*chosen, "t1"])))
    return tuple(out)
