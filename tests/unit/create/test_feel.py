"""The feel: played as people do, within the bounds that make it safe."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from workbench.create.compose.feel import humanise
from workbench.errors import BadFile, BadRequest
from workbench.nets.feel_table import FeelTable, shipped
from workbench.score.lanes import Tempo
from workbench.score.score import Note, Score
from workbench.score.timemap import TimeMap

STEP = 240


def drums(bars: int = 8) -> list[Note]:
    out = []
    for step in range(bars * 16):
        keys = [42] + [36] * (step % 16 in (0, 8)) + [38] * (step % 8 == 4)
        out += [Note(f"n{step}.{key}", step * STEP, 120, key, 70) for key in keys]
    return out


def chords(bars: int = 8) -> list[Note]:
    return [
        Note(f"c{beat}.{pitch}", beat * 960, 960, pitch, 70) for beat in range(4 * bars) for pitch in (48, 60, 64, 67)
    ]


def play(strength: int = 100, seed: int = 0, bars: int = 8, **more: object) -> dict[str, list[Note]]:
    parts = {"drums": drums(bars), "keys": chords(bars)}
    roles = {"drums": "drums", "keys": "chords"}
    return humanise(parts, TimeMap(Score()), roles=roles, strength=strength, seed=seed, **more)  # type: ignore[arg-type]


def test_feel_off_is_on_the_grid() -> None:
    assert play(0) == {"drums": drums(), "keys": chords()}


def test_players_are_a_few_hundredths_of_a_second_off_and_never_alike() -> None:
    played = {note.id: note for note in play()["drums"]}
    late = np.array([played[note.id].start - note.start for note in drums()]) * 500 / 960
    assert 8 < late.std() < 35, "milliseconds, as drummers are"
    assert np.abs(late).max() <= 60
    velocities = [played[note.id].velocity for note in drums()]
    assert len(set(velocities)) > 10
    assert play(seed=1) != play(seed=0) == play(seed=0)


def test_half_the_strength_is_half_the_way() -> None:
    full = {note.id: note.start for note in play(100)["drums"]}
    half = {note.id: note.start for note in play(50)["drums"]}
    wide = [(full[note.id] - note.start, half[note.id] - note.start) for note in drums()]
    free = [(a, b) for a, b in wide if 20 < abs(a) < 90]
    assert len(free) > 30
    assert all(abs(a / 2 - b) <= 1 for a, b in free)


def test_onsets_keep_their_order_and_what_ended_before_the_next_note_still_does() -> None:
    line = [Note(f"b{step}", step * STEP, STEP, 40 + step % 5, 80) for step in range(128)]
    played = humanise({"bass": line}, TimeMap(Score()), roles={"bass": "bass"}, strength=100, seed=3)["bass"]
    for before, after in pairwise(played):
        assert before.start < after.start
        assert before.end <= after.start
    assert [note.id for note in played] == [note.id for note in line]
    assert [note.pitch for note in played] == [note.pitch for note in line]


def test_nothing_leaves_the_region() -> None:
    start, end = 8 * 960, 16 * 960
    inside = [note for note in drums() if start <= note.start < end]
    for seed in range(8):
        played = humanise(
            {"d": inside}, TimeMap(Score()), roles={"d": "drums"}, strength=100, seed=seed, span=(start, end)
        )["d"]
        assert all(start <= note.start and note.end <= end for note in played)


def test_a_section_made_again_leaves_the_others_as_they_were() -> None:
    whole, shorter = play(bars=8)["drums"], play(bars=5)["drums"]
    by_id = {note.id: note for note in whole}
    assert all(by_id[note.id] == note for note in shorter if note.start < 4 * 4 * 960)


def test_the_band_drifts_together_and_does_not_tremble() -> None:
    """A quarter later a player is still on the same side: white noise would not be."""
    together = []
    for seed in range(12):
        played = {note.id: note for note in play(seed=seed, bars=16)["drums"]}
        late = np.zeros(16 * 16)
        for note in drums(16):
            late[note.start // STEP] += played[note.id].start - note.start
        together.append(float(np.corrcoef(late[:-4], late[4:])[0, 1]))
    assert np.mean(together) > 0.2


def test_flat_drums_get_the_accents_of_players() -> None:
    played = play(100, composed=False)["drums"]
    hat = [note.velocity for note in played if note.pitch == 42]
    on, off = np.mean(hat[0::4]), np.mean(hat[1::2])
    assert on > off + 5, "a hat is struck harder on the beat than between"


def test_faster_music_moves_by_as_many_milliseconds_and_so_by_more_ticks() -> None:
    slow = humanise({"d": drums()}, TimeMap(Score()), roles={"d": "drums"}, strength=40)["d"]
    fast_score = Score(tempos=[Tempo(0, 250_000)])
    fast = humanise({"d": drums()}, TimeMap(fast_score), roles={"d": "drums"}, strength=40)["d"]
    own = {note.id: note.start for note in drums()}
    spread = [np.std([note.start - own[note.id] for note in notes]) for notes in (slow, fast)]
    assert 1.5 < spread[1] / spread[0] < 2.2


@pytest.mark.parametrize("wrong", [{"strength": 101}, {"strength": -1}, {"family": "polka"}, {"roles": {"d": "spoon"}}])
def test_what_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(BadRequest):
        humanise({"d": drums(1)}, TimeMap(Score()), **{"roles": {"d": "drums"}, **wrong})  # type: ignore[arg-type]


def test_the_table_comes_back_as_it_was_saved_and_a_damaged_one_is_said(tmp_path) -> None:  # type: ignore[no-untyped-def]
    shipped().save(tmp_path / "feel.safetensors")
    again = FeelTable.load(tmp_path / "feel.safetensors")
    assert np.allclose(again.ms, shipped().ms)
    assert np.allclose(again.velocity, shipped().velocity)
    (tmp_path / "feel.safetensors").write_bytes(b"nothing of the kind")
    with pytest.raises(BadFile, match="table of the feel"):
        FeelTable.load(tmp_path / "feel.safetensors")
