"""The card of a composed piece, and briefs that try harder where a line is not met."""

from __future__ import annotations

from itertools import pairwise

import pytest

from workbench.create.prompt.adhere import measure, try_harder
from workbench.create.prompt.brief import Brief
from workbench.create.prompt.card import Line
from workbench.create.prompt.plan import make_brief, revised
from workbench.create.prompt.prompts import Prompt, Prompts
from workbench.create.prompt.write import write
from workbench.score.lanes import Tempo
from workbench.score.score import Note, Score, Track
from workbench.understand.video.watched import Watched
from workbench.understand.words import read_words

PITCHES = (64, 62, 60, 62, 64, 67, 65, 64, 62, 65, 69, 67, 65, 62, 64, 60) * 2


def tune() -> Score:
    score = Score(ppq=960, tempos=[Tempo(0, 500_000)])
    track = Track("t1", name="Tune", program=73)
    for at, pitch in enumerate(PITCHES):
        track.notes[f"n{at}"] = Note(f"n{at}", at * 960, 900, pitch, 100)
    score.tracks = [track]
    return score


WATCHED = Watched(
    18.0, 25.0, 64, 36, cuts=(4.1, 9.7, 13.2), motion=tuple((0.5 * at, (at % 18) / 18) for at in range(36))
)
PROMPTS = Prompts((
    Prompt("words", read_words("with piano, loud")), Prompt("notes", tune()), Prompt("video", WATCHED),
))  # fmt: skip


@pytest.fixture(scope="module")
def composed() -> tuple[Brief, Score]:
    brief = make_brief(PROMPTS, seed=1, fixed={"alternatives": 1})
    steps = list(write(brief, PROMPTS))
    assert steps[-1].composed is not None
    return brief, steps[-1].composed.score


def test_every_prompt_has_its_lines(composed: tuple[Brief, Score]) -> None:
    brief, score = composed
    card = measure(brief, PROMPTS, score)
    assert {line.measure for line in card.of("video")} == {"cuts", "length", "loudness and motion"}
    assert {line.measure for line in card.of("words")} >= {"instruments", "loudness"}
    melody, length = card.line("notes", "melody"), card.line("video", "length")
    assert melody is not None
    assert length is not None
    assert (melody.value, melody.sentence) == (1.0, "Your melody is there note for note.")
    assert length.met
    assert all(0 <= line.chance <= 1 for line in card.prompts)


def test_a_piece_made_without_a_prompt_does_not_obey_it(composed: tuple[Brief, Score]) -> None:
    brief, _ = composed
    alone = PROMPTS.without("notes").without("video")
    steps = list(write(make_brief(alone, seed=1, fixed={"alternatives": 1}), alone))
    assert steps[-1].composed is not None
    card = measure(brief, PROMPTS, steps[-1].composed.score)
    melody, length = card.line("notes", "melody"), card.line("video", "length")
    assert melody is not None
    assert length is not None
    assert melody.value < 0.5
    assert not length.met


def test_a_prompt_without_strength_is_not_measured(composed: tuple[Brief, Score]) -> None:
    brief, score = composed
    weak = Prompts((Prompt("words", read_words("120 bpm"), strength=0),))
    assert measure(brief, weak, score).prompts == ()


@pytest.mark.parametrize(
    ("measured", "asked", "got"),
    [("density", 12.0, 6.0), ("loudness", 0.9, 0.5), ("brightness", 0.2, 0.6), ("energy", 0.9, 0.4)],
)
def test_trying_harder_moves_the_brief_towards_what_was_asked(
    composed: tuple[Brief, Score], measured: str, asked: float, got: float
) -> None:
    brief, _ = composed
    line = Line("words", measured, 0.2, 0.8, "Not yet.", picture="bars", asked=((0, asked),), got=((0, got),))
    better = try_harder(brief, line)
    assert Brief.from_json(better.to_json()).seed != brief.seed
    assert better.sections[0].first_bar == 1
    name = {"energy": "loudness", "brightness": "high"}.get(measured, measured)
    before, after = getattr(brief.feel, name), getattr(better.feel, name)
    usual = {"density": 6.0, "loudness": 0.6, "high": 77.0}[name]
    before = usual if before is None else before
    assert (after - before) * (asked - got) > 0


def test_trying_harder_puts_who_is_missing_into_the_band(composed: tuple[Brief, Score]) -> None:
    brief, _ = composed
    line = Line("words", "instruments", 0.0, 1.0, "There is no church organ in it.", picture="bars",
                asked=((0, 1),), got=((0, 0),), labels=("church organ",))  # fmt: skip
    better = try_harder(brief, line)
    assert any(16 <= item.program < 24 for item in better.instruments)
    assert [item.part for item in better.instruments] == [item.part for item in brief.instruments]


def test_missed_cuts_are_struck_and_met_lines_leave_the_brief_alone(composed: tuple[Brief, Score]) -> None:
    brief, _ = composed
    missed = Line("video", "cuts", 0.5, 0.9, "Half.", picture="marks", asked=((4.1, 1), (7.3, 1)), got=((4.1, 0.5),))
    assert any(abs(time - 7.3) < 1e-6 for time, _, _ in try_harder(brief, missed).accents)
    met = Line("video", "cuts", 1.0, 0.9, "All.")
    same = try_harder(brief, met)
    assert same.corrected(seed=brief.seed) == brief
    assert same.seed != brief.seed


def test_a_curve_of_few_points_swells_in_small_steps(composed: tuple[Brief, Score]) -> None:
    brief, _ = composed
    drawn = revised(brief, PROMPTS, {"dynamics": [[0.0, 0.1], [18.0, 1.0]]})
    assert drawn.sections[0].energy < drawn.sections[-1].energy
    steps = list(write(drawn, PROMPTS))
    assert steps[-1].composed is not None
    lane = [control.value for control in steps[-1].composed.score.tracks[0].controls if control.number == 11][:-2]
    assert len(lane) > 40
    assert max(after - before for before, after in pairwise(lane)) <= 3
