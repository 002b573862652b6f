"""The forms in which people bring music: the same notes, other tracks, hands, times and keys."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.tokens import grid12 as g
from workbench.tokens import rows as r
from workbench.training import forms, infill_copying, sheets
from workbench.training import infill_windows as w
from workbench.training.grid_pieces import GridPiece

BARS = 16
#: C and G by turns, a bar each: melody, broken chord, bass, and drums on every beat.
ROOTS = (0, 7)


def _song(drums: bool = True) -> GridPiece:
    rows = []
    for bar in range(BARS):
        root = ROOTS[bar % 2]
        for beat in range(4):
            tick = 48 * bar + 12 * beat
            rows.append((tick, 0, 72 + (root + (0, 4, 7, 4)[beat]) % 12, 10, 9))
            rows.append((tick + 6, 1, 60 + (root + (4, 7, 0, 4)[beat]) % 12, 5, 7))
            if drums:
                rows.append((tick, g.DRUM_SLOT, 128 + (36, 38)[beat % 2] - g.FIRST_DRUM, 0, 10))
        rows.append((48 * bar, 2, 36 + root, 18, 8))
    programs = np.full(g.N_SLOT, g.NO_PROGRAM)
    programs[:3] = 73, 0, 32
    if drums:
        programs[g.DRUM_SLOT] = g.DRUM_PROGRAM
    return GridPiece("song", "song", r.sort_notes(np.array(rows, np.int64)), programs, g.Bars.regular(48, BARS))


def _sounds(notes: np.ndarray) -> list[tuple[int, int]]:
    return sorted({(int(tick), int(pitch)) for tick, _, pitch, *_ in notes})


def _slots(piece: GridPiece) -> set[int]:
    return set(piece.notes[:, r.SLOT].tolist())


def test_merging_keeps_every_key_and_leaves_one_part_and_the_drums() -> None:
    song = _song()
    one = forms.merged(song)
    assert _sounds(one.notes) == _sounds(song.notes)
    assert _slots(one) == {0, g.DRUM_SLOT}
    assert one.programs[0] == 0
    assert (one.programs[1 : g.DRUM_SLOT] == g.NO_PROGRAM).all()


def test_a_merged_key_is_let_go_before_it_is_struck_again() -> None:
    long = np.array([(0, 0, 60, 18, 9), (24, 1, 60, 10, 9)], np.int64)
    programs = np.full(g.N_SLOT, g.NO_PROGRAM)
    programs[:2] = 0
    one = forms.merged(GridPiece("a", "a", long, programs, g.Bars.regular(48, 2)))
    assert [g.DURATION_TICKS[d] for d in one.notes[:, r.DURATION]] == [24, 12]


def test_two_hands_are_the_same_piano_music_parted_near_the_middle() -> None:
    hands = forms.split(_song(drums=False))
    assert _slots(hands) == {0, 1}
    assert _sounds(hands.notes) == _sounds(_song(drums=False).notes)
    right, left = (hands.notes[hands.notes[:, r.SLOT] == slot, r.PITCH] for slot in (0, 1))
    assert right.min() >= 52
    assert left.max() < 68
    assert (left < 48).sum() == BARS, "the bass is the left hand's"


def test_parts_of_one_instrument_are_one_track_in_a_type_0_file() -> None:
    song = _song()
    song.programs[2] = 0
    assert _slots(forms.type0(song)) == {0, 1, g.DRUM_SLOT}
    assert forms.type0(song).programs[:2].tolist() == [73, 0]
    nameless = forms.type0(_song(), named=False)
    assert nameless.programs[:3].tolist() == [0, 0, 0]
    assert _sounds(nameless.notes) == _sounds(song.notes)


def test_a_doubled_part_is_heard_from_two_instruments() -> None:
    song = _song()
    for seed in range(8):
        double = forms.in_form(song, "doubled", np.random.default_rng(seed))
        assert len(double.notes) > len(song.notes)
        assert {pitch % 12 for _, pitch in _sounds(double.notes)} == {pitch % 12 for _, pitch in _sounds(song.notes)}
        assert set(_sounds(song.notes)) <= set(_sounds(double.notes))


def test_played_notes_lie_about_their_beats_and_off_the_grid() -> None:
    song = _song()
    played = forms.in_form(song, "played", np.random.default_rng(3))
    assert played.bars is song.bars
    assert 0.2 < (played.notes[:, r.TICK] % 6 != 0).mean() < 0.9
    nearest = np.abs(played.notes[:, r.TICK][:, None] - song.notes[:, r.TICK][None]).min(axis=1)
    assert nearest.max() <= 4


def test_without_a_beat_bars_mean_nothing_but_the_order_stays() -> None:
    song = _song(drums=False)
    found = [forms.in_form(song, "without a beat", np.random.default_rng(seed)) for seed in range(6)]
    lengths = {int(piece.notes[-1, r.TICK]) for piece in found}
    assert len(lengths) == 6
    for piece in found:
        assert piece.bars.starts[-1] > piece.notes[-1, r.TICK]
        bass = piece.notes[piece.notes[:, r.PITCH] < 48]
        assert (bass[:, r.PITCH] % 12).tolist() == [ROOTS[bar % 2] for bar in range(BARS)]


def test_a_lead_sheet_is_the_tune_over_the_chords_that_sound() -> None:
    sheet = forms.lead_sheet(_song())
    assert _slots(sheet) == {0, 1}
    tune, chords = (sheet.notes[sheet.notes[:, r.SLOT] == slot] for slot in (0, 1))
    assert _sounds(tune) == _sounds(_song().notes[_song().notes[:, r.SLOT] == 0])
    for bar in range(BARS):
        inside = chords[chords[:, r.TICK] // 48 == bar]
        assert {(int(pitch) - ROOTS[bar % 2]) % 12 for pitch in inside[:, r.PITCH]} == {0, 4, 7}
    assert _slots(forms.lead_sheet(_song(), chords=False)) == {0}


def test_written_chords_come_before_told_ones_with_their_bass() -> None:
    song = _song()
    written = np.array([(0, 48 * BARS, 5, 0, 9)], np.int64)  # F over A, all the way
    song = GridPiece(song.id, song.work, song.notes, song.programs, song.bars, written)
    chords = forms.lead_sheet(song).notes
    chords = chords[chords[:, r.SLOT] == 1]
    assert {int(pitch) % 12 for pitch in chords[:, r.PITCH]} == {5, 9, 0}
    assert chords[:, r.PITCH].min() % 12 == 9
    up = forms.transposed(song, 2)
    assert up.chords[0].tolist() == [0, 48 * BARS, 7, 0, 11]


def test_the_tune_is_no_ornament_high_above() -> None:
    song = _song()
    bells = np.array([(0, 0, 100, 5, 9)], np.int64)
    moved = song.notes.copy()
    moved[moved[:, r.SLOT] < g.DRUM_SLOT, r.SLOT] += 1
    piece = GridPiece("b", "b", r.sort_notes(np.concatenate([moved, bells])), song.programs, song.bars)
    assert sheets.tune_slot(piece) == 1
    assert sheets.tune_slot(forms.drums_alone(song)) == -1


def test_drums_by_another_name_are_keys_of_a_melodic_part() -> None:
    other = forms.in_form(_song(), "drums by another name", np.random.default_rng(1))
    assert g.DRUM_SLOT not in _slots(other)
    assert {36, 38} <= set(other.notes[:, r.PITCH].tolist())
    assert len(other.notes) == len(_song().notes)


def test_drums_alone_are_all_strokes_and_a_song_without_drums_stays() -> None:
    alone = forms.drums_alone(_song())
    assert _slots(alone) == {g.DRUM_SLOT}
    assert len(alone.notes) == 4 * BARS
    quiet = _song(drums=False)
    assert forms.drums_alone(quiet) is quiet


def test_a_transposed_song_comes_out_the_same_in_c() -> None:
    song = _song()
    for semitones in (-5, 3, 7):
        moved = forms.transposed(song, semitones)
        assert (
            w.context_shift(moved.notes, moved.notes) % 12 == (w.context_shift(song.notes, song.notes) - semitones) % 12
        )
        drums = moved.notes[:, r.SLOT] == g.DRUM_SLOT
        assert _sounds(moved.notes[drums]) == _sounds(song.notes[song.notes[:, r.SLOT] == g.DRUM_SLOT])


@pytest.mark.parametrize("form", forms.SHARES)
def test_every_form_is_sorted_decided_by_its_seed_and_fit_for_training(form: str) -> None:
    song = _song()
    before = song.notes.copy()
    first, again = (forms.in_form(song, form, np.random.default_rng(5)) for _ in range(2))
    assert (first.notes == again.notes).all()
    assert (song.notes == before).all(), "the piece itself stays"
    assert (r.sort_notes(first.notes) == first.notes).all()
    if form != "drums by another name":  # whose instrument may be unknown
        assert set(np.flatnonzero(first.programs != g.NO_PROGRAM).tolist()) == _slots(first)
    prompt = w.random_prompt(first, 0, 200, "gap", np.random.default_rng(1))
    assert sum(len(gap.notes) for gap in prompt.gaps) > 0


def test_shares_are_shares_and_every_form_is_drawn() -> None:
    assert sum(forms.SHARES.values()) == pytest.approx(1)
    rng = np.random.default_rng(0)
    kinds = {tuple(sorted(_slots(forms.draw(_song(), rng)))) for _ in range(200)}
    assert {(0,), (g.DRUM_SLOT,), (0, 1), (0, g.DRUM_SLOT), (0, 1, 2, g.DRUM_SLOT)} <= kinds


def test_windows_come_in_forms_and_one_seed_gives_the_same() -> None:
    def batch(seed: int, in_forms: bool = True) -> r.Arrays:
        return w.Windows({"lieder": [_song()]}, 160, np.random.default_rng(seed), in_forms).batch(12)

    assert all((batch(4)[name] == value).all() for name, value in batch(4).items())
    assert len(np.unique(batch(4)["program"])) > len(np.unique(batch(4, in_forms=False)["program"]))


def test_runs_of_a_song_are_known_in_every_form_it_is_learnt_in() -> None:
    song = _song(drums=False)
    song.notes[:, r.PITCH] += np.random.default_rng(1).integers(0, 9, len(song.notes))  # lines of their own
    song = GridPiece(song.id, song.work, r.sort_notes(song.notes), song.programs, song.bars)
    plain, known = infill_copying.index([song]), infill_copying.index_in_forms([song])
    for form in (song, forms.merged(song), forms.split(song)):
        assert np.isin(infill_copying.runs(form.notes), known).all()
    assert not np.isin(infill_copying.runs(forms.merged(song).notes), plain).all()
