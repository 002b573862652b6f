"""Part writing: which pitches the rules leave."""

from __future__ import annotations

import numpy as np

from workbench.create.infill.transformer.voices import Voices
from workbench.tokens import grid12 as g

FREE = np.arange(g.N_PITCH) < 128


def _voices() -> Voices:
    """Soprano G to A over an alto that has sounded C: a fifth that must not move to a fifth."""
    out = Voices((0, 1, 2))
    out.add(0, 0, 12, 67)
    out.add(0, 12, 12, 69)
    out.add(1, 0, 12, 60)
    return out


def test_a_parallel_fifth_is_left_out_and_so_is_crossing() -> None:
    left = np.flatnonzero(_voices().narrow(1, 12, FREE))
    assert 62 not in left, "D under A would move in parallel with C under G"
    assert 60 in left, "a voice that stays makes no parallel"
    assert left.max() == 69


def test_a_bass_may_not_double_the_motion_of_the_soprano() -> None:
    voices = _voices()
    voices.add(2, 0, 12, 43)  # G two octaves below the soprano's
    left = np.flatnonzero(voices.narrow(2, 12, FREE))
    assert not {45, 57, 33} & set(left.tolist())
    assert left.max() <= 69


def test_where_no_pitch_keeps_the_rules_a_voice_still_sounds() -> None:
    only = np.zeros(g.N_PITCH, dtype=bool)
    only[62] = True
    assert (_voices().narrow(1, 12, only) == only).all()
    only[80] = True  # crossing is the lesser evil
    assert np.flatnonzero(_voices().narrow(1, 12, only)).tolist() == [80]


def test_voices_move_with_the_tune_and_stop_when_it_rests() -> None:
    voices = Voices((0, 1))
    for tick, length in ((0, 12), (12, 6), (18, 6), (24, 12), (48, 12)):
        voices.add(0, tick, length, 70)
    rows = voices.rhythm((1,), 0, 96, g.Bars.regular(48, 2))
    assert rows.tolist() == [[0, 1, 12], [12, 1, 12], [24, 1, 12], [48, 1, 12]]
    assert len(Voices((1,)).rhythm((1,), 0, 96, g.Bars.regular(48, 2))) == 0


def test_a_part_of_chords_is_no_voice_but_a_line_is() -> None:
    line = np.array([[0, 0, 70, 10, 8], [12, 0, 72, 10, 8]], dtype=np.int64)
    chords = np.array([[0, 1, 60, 10, 8], [0, 1, 57, 10, 8], [12, 1, 55, 10, 8]], dtype=np.int64)
    voices = Voices.of(np.concatenate([line, chords]), [2])
    assert np.flatnonzero(voices.narrow(2, 12, FREE)).max() == 72, "under the tune, but not under the chords"
