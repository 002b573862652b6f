"""Scores of the questionnaires that people answered, into the trials they followed.

Built-in ones are scored as their authors define (:mod:`workbench.study.plan.scoring`). A question of a study's own
counts by itself, under its instrument's and its own id, where its answer is a number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.errors import BadRequest
from workbench.study.tables.cut import PersonLog


def add_scores(found: Sequence[PersonLog]) -> list[str]:
    """Score every answered questionnaire: into its entry (``scores``), and into the trial before it.

    Returns:
        Sentences on what could not be scored.
    """
    unscored: dict[str, int] = {}
    for person in found:
        trials = {trial.position: trial for trial in person.trials}
        for answer in person.answers:
            scores = scores_of(answer["instrument"], answer["answers"])
            if scores is None:
                unscored[answer["instrument"]] = unscored.get(answer["instrument"], 0) + 1
            answer["scores"] = scores or {}
            if (trial := trials.get(answer["position"])) is not None:
                trial.scores.update(answer["scores"])
    return [
        f"{count} of the answered questionnaires {name!r} could not be scored, because answers are missing."
        for name, count in sorted(unscored.items())
    ]


def scores_of(instrument: str, answers: Any) -> dict[str, float] | None:
    """The scores of one answered questionnaire; None if answers are missing or make no sense."""
    from workbench.study.plan.instruments import INSTRUMENTS
    from workbench.study.plan.scoring import score

    if not isinstance(answers, Mapping):
        return None
    if instrument in INSTRUMENTS:
        try:
            return score(instrument, answers)
        except (BadRequest, KeyError, TypeError, ValueError, ZeroDivisionError):
            return None
    return {
        f"{instrument or 'own'}_{item}": float(value)
        for item, value in answers.items()
        if isinstance(value, (int, float)) and abs(value) < 1e15
    }
