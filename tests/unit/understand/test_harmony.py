"""Chords and keys: from notes, and from what a listening network says frame by frame."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.errors import BadFile
from workbench.nets.harmony import FILE, HarmonyRuntime
from workbench.understand import harmony
from workbench.understand.frames import Frames
from workbench.understand.heard import Beats, HeardNote
from workbench.understand.labels import read_chord

BEAT = 0.5
TONES = {"maj": (0, 4, 7), "min": (0, 3, 7), "7": (0, 4, 7, 10), "maj7": (0, 4, 7, 11), "min7": (0, 3, 7, 10)}


def played(chords: list[tuple[int, str]], beats: int = 4) -> list[HeardNote]:
    """Each chord for so many beats, struck on each beat, with a bass an octave and more below."""
    out = []
    for number, (root, kind) in enumerate(chords):
        for beat in range(beats):
            start = (number * beats + beat) * BEAT
            tones = [root % 12 + 36, *(60 + (root + step) % 12 for step in TONES[kind])]
            out += [HeardNote(start, start + 0.48, pitch, 80) for pitch in tones]
    return out


def beats_of(count: int) -> Beats:
    times = tuple(number * BEAT for number in range(count))
    return Beats(times, times[::4])


def frames_of(notes: list[HeardNote], seconds: float, noise: float = 0.1) -> Frames:
    """Activations of a network that hears notes well enough and has no idea of chords."""
    rng = np.random.default_rng(0)
    count = round(seconds * 50) + 1

    def rows(columns: int, level: float = noise) -> np.ndarray:
        return rng.uniform(0, level, (count, columns)).astype(np.float16)

    onset, frame = rows(88), rows(88)
    for note in notes:
        first, last = round(note.start * 50), round(note.end * 50)
        onset[first : first + 2, note.pitch - 21] = 0.8
        frame[first:last, note.pitch - 21] = 0.75
    root, kind = np.full((count, 13), 1 / 13, np.float16), np.full((count, 8), 1 / 8, np.float16)
    return Frames(
        onset, frame, rows(88), rows(88), rows(88), rows(6), rows(2), root, kind, rows(1)[:, 0],
        np.zeros(count, np.float32), 0.0, seconds,
    )  # fmt: skip


@pytest.mark.parametrize("up", [0, 1, 6, 11])
def test_plain_chords_in_every_key_change_where_they_are_played(up: int) -> None:
    wanted = [(0, "maj"), (9, "min"), (5, "maj"), (7, "maj"), (0, "maj")]
    found = harmony.chords_of_notes(played([(root + up, kind) for root, kind in wanted]), beats_of(20))
    got = [read_chord(chord.label) for chord in found]
    assert [(root, kind) for root, kind, _ in got if (root, kind)] == [((r + up) % 12, k) for r, k in wanted]
    assert [chord.start for chord in found] == pytest.approx([0, 2, 4, 6, 8], abs=0.05)
    assert all(chord.confidence > 0.6 for chord in found)


def test_sevenths_are_told_from_triads() -> None:
    found = harmony.chords_of_notes(played([(2, "min7"), (7, "7"), (0, "maj7"), (0, "maj7")]), beats_of(16))
    assert [chord.label for chord in found] == ["D:min7", "G:7", "C:maj7"]


def test_chords_of_a_recording_come_from_what_sounds_and_cover_all_of_it() -> None:
    notes = played([(9, "min"), (2, "min"), (4, "maj"), (9, "min")])
    heard = harmony.hear_harmony(frames_of(notes, 8.0), beats_of(16))
    assert [chord.label for chord in heard.chords if chord.end - chord.start > 0.3] == [
        "A:min",
        "D:min",
        "E:maj",
        "A:min",
    ]
    assert heard.chords[0].start == 0.0
    assert heard.chords[-1].end == pytest.approx(8.0)
    assert all(after.start == before.end for before, after in zip(heard.chords, heard.chords[1:], strict=False))
    assert heard.key is not None
    assert heard.key.name == "A minor"


def test_without_beats_chords_are_found_all_the_same() -> None:
    notes = played([(0, "maj"), (5, "maj"), (7, "maj"), (0, "maj")])
    found = harmony.chords_of(frames_of(notes, 8.0), Beats())
    long = [chord.label for chord in found if chord.end - chord.start > 1]
    assert long == ["C:maj", "F:maj", "G:maj", "C:maj"]


def test_silence_has_neither_chord_nor_key() -> None:
    heard = harmony.hear_harmony(frames_of([], 6.0, noise=0.02), Beats())
    assert heard.key is None
    assert [chord.label for chord in heard.chords] == ["N"]
    assert harmony.harmony_of_notes([], Beats()) == harmony.Harmony()


@pytest.mark.parametrize(("degrees", "tonic", "name"), [
    ((0, 4, 7, 12, 11, 7, 9, 5, 2, 7, 4, 0), 62, "D major"),
    ((0, 3, 7, 8, 7, 5, 3, 2, -1, 2, 0, 0), 67, "G minor"),
])  # fmt: skip
def test_the_key_of_a_sung_tune(degrees: tuple[int, ...], tonic: int, name: str) -> None:
    notes = [HeardNote(0.5 * at, 0.5 * at + 0.45, tonic + step) for at, step in enumerate(degrees)]
    found = harmony.key_of_notes(notes)
    assert found is not None
    assert found.name == name


def test_drums_have_no_harmony() -> None:
    drums = [HeardNote(0.5 * at, 0.5 * at + 0.1, 36, drum=True) for at in range(16)]
    assert harmony.key_of_notes(drums) is None
    assert harmony.chords_of_notes(drums, beats_of(16)) == ()


def test_a_change_of_key_is_found() -> None:
    cadence = [(0, "maj"), (5, "maj"), (7, "7"), (0, "maj")]
    notes = played(cadence * 6 + [(root + 3, kind) for root, kind in cadence * 6])
    heard = harmony.harmony_of_notes(notes, beats_of(192))
    assert [key.name for _, _, key in heard.keys] == ["C major", "Eb major"]
    assert heard.keys[0][1] == pytest.approx(48.0, abs=9.0)


def test_slow_beats_are_halved_and_bars_known() -> None:
    spans = harmony.spans_of(Beats((0.6, 2.0, 3.4, 4.8), (0.6, 3.4), metre=2), 6.0)
    assert (np.diff(spans.edges) <= harmony.SLOW).all()
    assert spans.edges[0] == 0.0
    assert spans.edges[-1] == 6.0
    assert {0.6, 2.0, 3.4, 4.8} <= set(np.round(spans.edges, 6).tolist())
    assert spans.place[list(np.round(spans.edges, 6)).index(3.4)] == 0


def test_damaged_tables_are_one_sentence(tmp_path) -> None:
    (tmp_path / FILE).write_bytes(b"no tensors")
    with pytest.raises(BadFile, match="hears chords"):
        HarmonyRuntime.load(tmp_path)
