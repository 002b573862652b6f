"""What comes back: variations keep notes to the tick, long gaps return to earlier parts."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.create.infill.transformer.bridge import GridScore
from workbench.create.infill.transformer.form import LONG, Form
from workbench.create.infill.transformer.kept import clipped, heard_as, varied
from workbench.hub.tasks.infill.request import InfillRequest
from workbench.score.score import Note, Region, Score, Track

BAR = 3840


def _score(bars: int, tracks: int = 1) -> Score:
    """``bars`` bars of eighths that lie a few ticks off the grid, as a played tune does."""
    score = Score()
    for number in range(tracks):
        track = Track(f"t{number + 1}")
        for place in range(bars * 8):
            name = f"n{place + 1}"
            track.notes[name] = Note(name, place * 480 + 3, 450, 60 + place % 5 + 12 * number, 70 + place % 9)
        score.tracks.append(track)
    return score


def _grid(score: Score, start: int, end: int, tracks: tuple[str, ...] = ("t1",)) -> GridScore:
    return GridScore(InfillRequest(score, (Region(start, end, tracks),)))


@pytest.mark.parametrize(("closeness", "share"), [(0, 0.0), (50, 0.5), (100, 0.94)])
def test_a_variation_keeps_its_share_of_the_beats_to_the_tick(closeness: int, share: float) -> None:
    grid = _grid(_score(8), 0, 4 * BAR)
    kept = varied(grid, "t1", (0, 4 * 48), closeness, np.random.default_rng(1))
    stood = {(n.start, n.duration, n.pitch, n.velocity) for n in grid.gone["t1"]}
    assert {(n.start, n.duration, n.pitch, n.velocity) for n in kept.notes} <= stood
    assert len(kept.notes) / len(stood) == pytest.approx(share, abs=0.07)
    assert len(kept.closed) < 16, "something can change"
    for start, end in kept.closed:
        inside = [row for row in heard_as(kept, grid, False) if start <= row[0] < end]
        assert len(inside) == 2


def test_kept_notes_end_with_the_gap_unless_they_may_hang_over() -> None:
    grid = _grid(_score(2), 0, BAR)
    kept = varied(grid, "t1", (0, 48), 100, np.random.default_rng(0))
    assert max(note.end for note in clipped(kept, 2_000).notes) <= 2_000
    assert clipped(kept, None) is kept


def test_a_short_gap_has_no_form_and_a_long_one_comes_home() -> None:
    score = _score(8)
    assert not Form.drawn(_grid(score, 8 * BAR, (8 + LONG - 1) * BAR), 8 * 48, (8 + LONG - 1) * 48, 0.0, _dice()).parts
    grid = _grid(score, 8 * BAR, 40 * BAR)
    form = Form.drawn(grid, 8 * 48, 40 * 48, 0.1, _dice())  # a little surprise: no strain comes over again whole
    assert [(part.start, part.end) for part in form.parts] == [(48 * at, 48 * (at + 8)) for at in (8, 16, 24, 32)]
    assert form.parts[-1].source == 0, "the last part returns to the opening"
    for part in form.parts:
        assert part.source is None or part.source < part.start
    form.plan(grid, form.parts[-1], ["t1"], {}, _dice())
    kept = form.returned(grid, form.parts[-1], "t1", score.track("t1").sorted_notes())
    assert 0.5 < len(kept.notes) / 64 < 0.9
    moved = {(note.start - 32 * BAR, note.pitch) for note in kept.notes}
    assert moved <= {(note.start, note.pitch) for note in score.track("t1").notes.values()}
    assert max(note.start for note in kept.notes) < 39 * BAR, "the last bar leads on"


def test_a_strain_comes_twice_whole_and_a_new_one_may_end_as_the_first() -> None:
    score = _score(8)
    grid = _grid(score, 8 * BAR, 40 * BAR)
    forms = [Form.drawn(grid, 8 * 48, 40 * 48, 0.0, np.random.default_rng(seed)) for seed in range(30)]
    danced = [form for form in forms if any(part.whole for part in form.parts)]
    assert len(danced) > 10
    for form in danced:
        assert [part.source for part in form.parts] == [0, None, 16 * 48, 0], "A, A B B A"
        again = form.parts[0]
        form.plan(grid, again, ["t1"], {}, _dice())
        kept = form.returned(grid, again, "t1", score.track("t1").sorted_notes())
        assert len(kept.notes) == score.note_count
        assert {note.start - 8 * BAR for note in kept.notes} == {n.start for n in score.track("t1").notes.values()}
    tails = [part.tail for form in danced for part in form.parts if part.tail is not None]
    assert 0 < len(tails) < len(danced)
    assert all(20 * 48 <= tail < 24 * 48 for tail in tails)
    form = next(form for form in danced if form.parts[1].tail is not None)
    form.plan(grid, form.parts[1], ["t1"], {}, _dice())
    ended = form.returned(grid, form.parts[1], "t1", score.track("t1").sorted_notes())
    assert ended.notes
    assert min(note.start for note in ended.notes) >= form.parts[1].tail / 12 * 960  # type: ignore[operator]


def test_an_accompaniment_returns_only_where_its_tune_does() -> None:
    score = _score(40, tracks=2)
    tune = score.track("t2")
    tune.notes = {
        name: Note(name, note.start, note.duration, 70 + int(note.start // 480) * 7 % 13, 80)
        for name, note in tune.notes.items()
    }
    grid = _grid(score, 8 * BAR, 40 * BAR)
    assert all(part.source is None for part in Form.drawn(grid, 8 * 48, 40 * 48, -1.0, _dice()).parts)


def _dice() -> np.random.Generator:
    return np.random.default_rng(3)
