"""Drums on a melodic channel are told from instruments, and are neither the tune nor heard for chords."""

from __future__ import annotations

from workbench import Score
from workbench.create.compose.players import own_roles
from workbench.create.compose.tune import tune_track
from workbench.create.drumlike import drumlike
from workbench.create.found_chords import find_chords
from workbench.score.score import Note, Track

PPQ = 960


def track(name: str, rows: list[tuple[int, int, int]]) -> Track:
    """A part on a melodic channel; rows: onset and length in ticks, key."""
    out = Track(name.lower().replace(" ", "-"), name=name)
    out.notes = {f"n{at}": Note(f"n{at}", *row, 80) for at, row in enumerate(rows)}
    return out


def a_kit(bars: int = 8) -> Track:
    rows = []
    for eighth in range(8 * bars):
        at = eighth * PPQ // 2
        rows.append((at, PPQ // 2, 42))
        if eighth % 4 == 0:
            rows.append((at, PPQ // 2, 36))
        if eighth % 4 == 2:
            rows.append((at, PPQ // 2, 38))
    return track("Part 1", rows)


def a_tune(bars: int = 8) -> Track:
    return track("Tune", [(at * PPQ, PPQ, (33, 36, 40, 43)[at % 4]) for at in range(4 * bars)])


def power_chords(bars: int = 8) -> Track:
    rows = [(at * PPQ // 2, 300, (35, 37, 39, 40)[at // 8 % 4] + up) for at in range(8 * bars) for up in (0, 7, 12)]
    return track("Guitar", rows)


def test_a_kit_is_told_by_its_notes_and_a_low_guitar_is_no_kit() -> None:
    assert drumlike(a_kit(), PPQ)
    assert not drumlike(power_chords(), PPQ)
    assert not drumlike(a_tune(), PPQ)


def test_the_tune_is_not_the_hi_hat() -> None:
    score = Score(ppq=PPQ)
    score.tracks += [a_kit(), a_tune()]
    chosen = tune_track(score)
    assert chosen is not None
    assert chosen.name == "Tune"
    assert "drums" in own_roles(score)


def test_drums_say_nothing_of_chords() -> None:
    alone, both = Score(ppq=PPQ), Score(ppq=PPQ)
    alone.tracks += [a_tune()]
    both.tracks += [a_kit(), a_tune()]
    assert find_chords(both) == find_chords(alone)
