"""The traps of the training archives, each in a small file made here."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import mido
import numpy as np
import pytest

from workbench.errors import Unavailable
from workbench.score.lanes import QUALITIES
from workbench.training import collect, corpora, pop909
from workbench.training.corpora import DRUMS, DURATION, ONSET, PITCH, PPQ, PROGRAM, TRACK

sys.path.insert(0, str(Path(__file__).parent))
from conftest import tune, write_midi


def tempo(bpm: float, time: int = 0) -> mido.MetaMessage:
    return mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm), time=time)


def meter(numerator: int, denominator: int, time: int = 0) -> mido.MetaMessage:
    return mido.MetaMessage("time_signature", numerator=numerator, denominator=denominator, time=time)


def test_tempo_off_track_0_counts(folders: Path) -> None:
    write_midi(folders / "freedoom_midi/musics/D_ONE.mid", [[], tune()], meta={1: [tempo(60), tempo(120, 960)]})
    (piece,) = corpora.pieces("freedoom")
    np.testing.assert_allclose(piece.beats[:5], [0, 1, 2, 2.5, 3])


def test_a_tempo_change_inside_a_beat_keeps_later_beats_in_time(folders: Path) -> None:
    write_midi(folders / "freedoom_midi/musics/a.mid", [tune()], meta={0: [tempo(60), tempo(120, 720)]})
    (piece,) = corpora.pieces("freedoom")
    np.testing.assert_allclose(piece.beats[:4], [0, 1, 1.75, 2.25])
    assert piece.seconds(np.array([0, 240, 960])).tolist() == [0, 0.5, 1.75]


def test_metre_comes_from_all_tracks_without_repeats(folders: Path) -> None:
    change = {0: [meter(3, 4)], 1: [meter(3, 4), meter(4, 4, 2880)], 2: [meter(4, 4, 2880)]}
    write_midi(
        folders / "openscore_lieder/midi/x__lc1.mid", [[], tune(), tune()], meta=change, names=["", "Voice", "Piano"]
    )
    (piece,) = corpora.pieces("lieder")
    assert piece.meters.tolist() == [[0, 3, 4], [2880, 4, 4]]
    assert piece.downbeats.tolist()[:4] == [0, 1440, 2880, 4800]
    assert piece.work == "lieder/lc1"
    assert piece.tracks == ("Voice", "Piano")  # a track without notes is no part


def test_ticks_become_480_a_beat_and_drums_are_marked(folders: Path) -> None:
    write_midi(folders / "groove/data/groove/d1/s/1.mid", [tune(step=48)], ppq=96, channel=9)
    (piece,) = corpora.pieces("groove")
    assert piece.notes[:3, ONSET].tolist() == [0, 240, 480]
    assert set(piece.notes[:, PROGRAM].tolist()) == {DRUMS}
    assert piece.licence == "CC-BY-4.0"


def test_unreadable_and_empty_files_are_left_out(folders: Path) -> None:
    folder = folders / "freedoom_midi/musics"
    write_midi(folder / "good.mid", [tune()])
    write_midi(folder / "empty.mid", [[]])
    (folder / "bad.mid").write_bytes(b"MThd\x00\x00\x00\x06\x00\x01")
    assert [piece.id for piece in corpora.pieces("freedoom")] == ["freedoom/good"]


def test_a_cache_is_read_without_the_archive(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_midi(folders / "freedoom_midi/musics/good.mid", [tune()])
    (first,) = corpora.pieces("freedoom")
    monkeypatch.delenv("WORKBENCH_DATA_DIR")
    (again,) = corpora.pieces("freedoom")
    for name in ("notes", "beats", "downbeats", "meters", "chords"):
        np.testing.assert_array_equal(getattr(first, name), getattr(again, name))
    with pytest.raises(Unavailable, match="WORKBENCH_DATA_DIR"):
        list(corpora.pieces("polish"))


@pytest.mark.parametrize(
    ("work", "names"),
    [
        (collect.giantmidi_work, ["Bach_X_id7_mov_1", "Bach_X_id7_cut_no_2", "Bach_X_id7_a", "Bach_X_id7"]),
        (collect.openscore_work, ["Schubert__Lied__lc77", "Other__Title__lc77"]),
        (collect.polish_work, ["pl-a__kern__1_chopin--mazurka-7-1", "pl-b__kern__9_chopin--mazurka-7-1"]),
    ],
)
def test_versions_of_a_work_share_its_name(work: object, names: list[str]) -> None:
    assert len({work(name) for name in names}) == 1  # type: ignore[operator]


def test_the_same_folk_tune_in_two_books_is_one_work(folders: Path) -> None:
    for name, title in (("a__1_0", "The White Cockade"), ("b__2_3", "The white cockade."), ("b__2_4", "Another")):
        write_midi(folders / f"music21_corpus/abc_midi/{name}.mid", [tune()], names=[title])
    works = [piece.work for piece in corpora.pieces("folk")]
    assert works[0] == works[1] != works[2]


@pytest.mark.parametrize(
    ("pitches", "root", "quality"),
    [
        ((48, 52, 55), 0, "maj"), ((57, 60, 64), 9, "min"), ((55, 59, 62, 65), 7, "7"), ((52, 55, 60), 0, "maj"),
        ((53, 57, 60, 64), 5, "maj7"), ((59, 62, 65, 69), 11, "hdim7"), ((50, 53, 57, 60), 2, "min7"),
        ((48, 53, 55), 0, "sus4"), ((48, 52, 56), 0, "aug"), ((59, 62, 65), 11, "dim"),
    ],
)  # fmt: skip
def test_chords_are_named_from_their_notes(pitches: tuple[int, ...], root: int, quality: str) -> None:
    found, number, bass = pop909.name_chord(pitches)
    assert (found, list(QUALITIES)[number], bass) == (root, quality, pitches[0] % 12)


def test_what_is_no_chord_is_not_named() -> None:
    assert pop909.name_chord([60, 72])[0] == -1
    assert pop909.name_chord([60, 61, 62, 63, 64])[0] == -1


def write_pop909(data: Path, *, first_beat: float, beat: float, shift: int) -> None:
    """One song as ``pop909_main`` (a file whose metre is 1/4) and its quantised twin, ``shift`` beats later."""
    notes = tune(start=480 * 2, count=64)
    bpm = 60 / beat
    late = [(tick + round(first_beat / beat * 480), length, pitch) for tick, length, pitch in notes]
    song = data / "pop909/POP909/007"
    write_midi(song / "007.mid", [late, [], late[::4]], names=["MELODY", "BRIDGE", "PIANO"],
               meta={0: [tempo(bpm), meter(1, 4)]})  # fmt: skip
    lines = [f"{first_beat + beat * n} {float(n % 2 == 0)} {float(n % 4 == 2)}" for n in range(2, 40)]
    (song / "beat_midi.txt").write_text("\n".join(lines) + "\n")
    chords = [(480 * 4 * bar, 480 * 4, pitch) for bar in range(8) for pitch in ((48, 52, 55), (45, 48, 52))[bar % 2]]
    moved = [(tick + 480 * shift, length, pitch) for tick, length, pitch in notes]
    late_chords = [(tick + 480 * (2 + shift), length, pitch) for tick, length, pitch in chords]
    write_midi(data / "pop909_cl/POP909_processed/007.mid", [moved, late_chords], names=["piano", "chords"],
               meta={0: [tempo(100)]})  # fmt: skip


def test_pop909_stands_on_its_annotated_beats_with_the_twins_chords(folders: Path) -> None:
    write_pop909(folders, first_beat=0.3, beat=0.5, shift=6)
    (piece,) = corpora.pieces("pop909_main")
    assert piece.work == "pop909/007"
    assert set(np.diff(piece.downbeats).tolist()) == {4 * PPQ}
    first = piece.notes[0]
    assert first[ONSET] in piece.downbeats  # the song begins on the first marked downbeat
    assert float(piece.seconds(first[ONSET])) == pytest.approx(1.3, abs=0.01)
    assert piece.beats[0] <= 1.3
    assert piece.tracks == ("MELODY", "PIANO")
    assert {int(track) for track in piece.notes[:, TRACK]} == {0, 1}
    assert piece.meters.tolist() == [[0, 4, 4]]
    assert piece.chords[0].tolist()[1:] == [4 * PPQ, 0, 0, 0]
    assert int(piece.chords[0, 0]) == int(first[ONSET])
    assert piece.chords[1].tolist()[2:] == [9, 1, 9]


def test_pop909_twins_fall_on_one_side(folders: Path) -> None:
    write_pop909(folders, first_beat=0.0, beat=0.6, shift=2)
    (main,), (twin,) = corpora.pieces("pop909_main"), corpora.pieces("pop909_cl")
    assert main.split == twin.split
    assert len(twin.notes) == 64  # the chords are labels, not music
    assert (twin.notes[:, DURATION] == 240).all()


def test_chords_of_another_song_are_not_taken(folders: Path) -> None:
    write_pop909(folders, first_beat=0.0, beat=0.6, shift=2)
    rng = np.random.default_rng(0)
    other = [
        (int(tick), 240, int(pitch))
        for tick, pitch in zip(rng.integers(0, 12000, 60), rng.integers(30, 90, 60), strict=True)
    ]
    write_midi(folders / "pop909_cl/POP909_processed/007.mid", [other, [(0, 1920, 48), (0, 1920, 52), (0, 1920, 55)]])
    (piece,) = corpora.pieces("pop909_main")
    assert len(piece.chords) == 0


def test_beats_reach_beyond_the_notes_on_both_sides() -> None:
    beats, marks = pop909.extend(np.arange(10, 20) * 0.5, np.arange(10) % 4 == 1, 3.2, 12.0)
    assert beats[0] <= 3.2
    assert beats[-1] > 12.0
    assert marks[0]
    np.testing.assert_allclose(np.diff(beats), 0.5)
    assert set(np.diff(np.flatnonzero(marks)).tolist()) == {4}


def test_notes_are_in_order(folders: Path) -> None:
    write_midi(folders / "freedoom_midi/musics/a.mid", [tune(seed=1), tune(seed=3)])
    (piece,) = corpora.pieces("freedoom")
    keys = [tuple(row) for row in piece.notes[:, [ONSET, PITCH, TRACK]].tolist()]
    assert keys == sorted(keys)


def test_a_piece_with_keys_that_no_piano_has_is_left_out(folders: Path) -> None:
    for name in ("a", "b"):
        write_midi(folders / f"freedoom_midi/musics/{name}.mid", [tune()])
    whole = list(corpora.pieces("freedoom"))
    broken = whole[0].notes.copy()
    broken[0, corpora.PITCH] = -42
    cache = corpora.train_dir() / "corpora" / f"freedoom.v{corpora.CACHE_VERSION}.npz"
    corpora.save([replace(whole[0], notes=broken), *whole[1:]], cache)
    assert [piece.id for piece in corpora.pieces("freedoom")] == ["freedoom/b"]
