"""Curves drawn into the plan: the band plays more where more was drawn, the tune stays, and the card says how far."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.create.prompt.mixtures import recording, tune
from workbench.create.prompt.adhere import measure
from workbench.create.prompt.brief import Brief
from workbench.create.prompt.fullness import factor, value_of
from workbench.create.prompt.harder import try_harder
from workbench.create.prompt.plan import make_brief, revised
from workbench.create.prompt.prompts import Prompt, Prompts
from workbench.create.prompt.write import write
from workbench.score.score import Score
from workbench.score.timemap import TimeMap

HILL = [[0.0, 0.1], [16.0, 1.0], [32.0, 0.1]]
GIVEN = Prompts((Prompt("notes", tune(bars=8)), Prompt("recording", recording(tempo=104))), seconds=32.0)


def drawn(rows: list[list[float]]) -> tuple[Brief, Score]:
    brief = revised(make_brief(GIVEN, fixed={"alternatives": 1}), GIVEN, {"density": rows})
    made = [step.composed for step in write(brief, GIVEN)][-1]
    assert made is not None
    return brief, made.score


def notes_between(score: Score, start: float, end: float, name: str = "") -> int:
    times = TimeMap(score)
    return sum(
        start <= times.seconds(note.start) < end
        for track in score.tracks
        if not name or track.name == name
        for note in track.notes.values()
    )


def test_the_band_plays_more_where_more_was_drawn_and_the_tune_stays_as_it_was() -> None:
    brief, score = drawn(HILL)
    ends = notes_between(score, 0, 6) + notes_between(score, 24, 30)
    assert notes_between(score, 10, 22) > 2 * ends
    middle = max(brief.sections, key=lambda part: min(part.end, 22.0) - max(part.start, 10.0))
    first = brief.sections[0]
    assert middle.energy > first.energy + 20
    assert len(middle.instruments) > len(first.instruments), "who plays follows what is drawn"
    flat = drawn([[0.0, 0.5], [32.0, 0.5]])[1]
    assert notes_between(score, 0, 32, "Tune") == notes_between(flat, 0, 32, "Tune") > 0


def test_the_card_tells_how_far_a_drawn_curve_is_followed_and_can_try_harder() -> None:
    brief, score = drawn(HILL)
    card = measure(brief, Prompts(()), score)
    line = card.line("plan", "density drawn")
    assert line is not None
    assert line.met
    assert len(line.asked) == len(line.got) > 50
    other = measure(replace(brief, density=((0.0, 1.0), (16.0, 0.1), (32.0, 1.0))), Prompts(()), score)
    wrong = other.line("plan", "density drawn")
    assert wrong is not None
    assert wrong.value < 0.1, "the same piece does not follow another curve"
    again = try_harder(replace(brief, density=((0.0, 0.4), (32.0, 0.6))), wrong)
    assert again.density[0][1] < 0.4 < 0.6 < again.density[-1][1]
    assert measure(replace(brief, density=()), Prompts(()), score).of("plan") == (), "nothing drawn, nothing measured"


def test_what_was_drawn_stays_when_the_whole_piece_is_planned_anew() -> None:
    brief = revised(make_brief(GIVEN), GIVEN, {"density": HILL})
    slower = revised(brief, GIVEN, {"tempo": 80})
    assert [value for _, value in slower.density] == [0.1, 1.0, 0.1]
    assert slower.density[-1][0] == pytest.approx(slower.seconds, abs=0.1)
    assert [part.energy for part in slower.sections] != [part.energy for part in make_brief(GIVEN).sections]


@pytest.mark.parametrize("value", [0.0, 0.2, 0.5, 0.7, 1.0])
def test_a_number_of_notes_stands_for_the_value_that_means_it(value: float) -> None:
    assert value_of(factor(value)) == pytest.approx(value)
