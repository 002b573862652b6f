"""Every mixture of the six kinds of prompt becomes a whole piece."""

from __future__ import annotations

from itertools import combinations

import pytest

from tests.unit.create.prompt.mixtures import prompts
from workbench.create.prompt.brief import Brief
from workbench.create.prompt.plan import make_brief
from workbench.create.prompt.prompts import SLOTS
from workbench.create.prompt.write import write
from workbench.score.score import Score
from workbench.score.timemap import TimeMap

SUBSETS = [slots for size in range(len(SLOTS) + 1) for slots in combinations(SLOTS, size)]


@pytest.mark.parametrize("slots", SUBSETS, ids="+".join)
def test_every_mixture_becomes_a_piece(slots: tuple[str, ...]) -> None:
    mixture = prompts(*slots)
    brief = make_brief(mixture, seed=len(slots))
    assert Brief.from_json(brief.to_json()).to_json() == brief.to_json()
    made = [step.composed for step in write(brief, mixture, count=1)][-1]
    assert made is not None
    score = made.score
    assert Score.from_dict(score.to_dict()).note_count == score.note_count > 20
    end = TimeMap(score).seconds(max(note.end for track in score.tracks for note in track.notes.values()))
    assert end <= brief.seconds + 0.01
    if "video" in slots:
        assert end == pytest.approx(12.0, abs=0.05)
    assert len(made.runs) == len(brief.sections)
    for sentence in made.remarks:
        assert sentence.endswith(".")
