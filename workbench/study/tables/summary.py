"""The summary of a study: every figure a researcher asks for first, each with its interval and what it rests on.

    summary = summarize("study-logs")
    summary.condition("careful").acceptance      # Estimate(value=0.5, low=0.43, high=0.57, people=24, count=192)
    print(summary.text())

People who withdrew are counted and otherwise left out; practice is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.study.tables.compared import Comparison, compare
from workbench.study.tables.cut import PersonLog, people, trials
from workbench.study.tables.estimate import Estimate, ratio
from workbench.study.tables.loading import Loaded, loaded
from workbench.study.tables.trial import Trial

Parts = Callable[[Trial], tuple[float, float]]


def _when(value: float | None) -> tuple[float, float]:
    return (0.0, 0.0) if value is None else (value, 1.0)


#: The figures of a condition: name -> (what it says, unit, numerator and denominator of one trial).
MEASURES: dict[str, tuple[str, str, Parts]] = {
    "acceptance": ("suggestions kept", "share", lambda t: (t.accepted, t.suggestions)),
    "first_keep": ("time to the first keep", "s", lambda t: _when(t.first_keep)),
    "edits_after_accept": (
        "changes by hand to a model's notes, for each idea kept", "", lambda t: (t.edits_after_accept, t.accepts),
    ),
    "heard_each": ("ideas heard, for each suggestion", "", lambda t: (t.heard, t.suggestions)),
    "undo_rate": ("steps taken back, for each change", "share", lambda t: (t.undos, t.edits + t.accepts)),
    "share_model": (
        "notes by a model at the end, of all but the starting material", "share",
        lambda t: (0.0, 0.0) if t.share_model is None else (
            (t.notes_model or 0) + (t.notes_shared or 0), (t.notes or 0) - (t.notes_imported or 0)
        ),
    ),
    "seconds": ("time spent", "s", lambda t: (t.seconds, 1.0)),
    "latency": ("a model's time to answer, middle of a trial", "ms", lambda t: _when(t.latency)),
}  # fmt: skip


@dataclass(frozen=True)
class Condition:
    """What was found under one condition; ``figures``: by the names of :data:`MEASURES`, None where nothing is known.

    ``scores``: questionnaires and adherence, by name; ``trials`` and ``people``: how many.
    """

    name: str
    trials: int
    people: int
    unfinished: int
    figures: Mapping[str, Estimate | None]
    scores: Mapping[str, Estimate]

    @property
    def acceptance(self) -> Estimate | None:
        """Share of the suggestions that were kept."""
        return self.figures["acceptance"]


@dataclass(frozen=True)
class Summary:
    """All that is said of a study; the people in it are still those of the log, no table names them so.

    ``remarks``: sentences on what is missing or doubtful.
    """

    study: str
    people: tuple[PersonLog, ...]
    trials: tuple[Trial, ...]
    conditions: tuple[Condition, ...]
    everything: Condition
    comparison: Comparison
    answers: Mapping[str, Estimate]
    remarks: tuple[str, ...]

    def condition(self, name: str) -> Condition:
        """The condition of this name; raises :class:`KeyError` if nobody had it."""
        for one in self.conditions:
            if one.name == name:
                return one
        raise KeyError(name)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the conditions, in order."""
        return tuple(one.name for one in self.conditions)

    def count(self, state: str) -> int:
        """How many people ``finished``, ``withdrew`` or are ``unfinished``."""
        return sum(person.state == state for person in self.people)


def summarize(where: Any) -> Summary:
    """The summary of a study's logs.

    Args:
        where: as for :func:`workbench.study.log.sinks.open_sink` (a folder, ``sqlite:FILE``, ``hub:OWNER/DATASET``),
            or sessions that were loaded before.

    Raises:
        WorkbenchError: nothing can be read there.
    """
    return summary_of(loaded(where))


def summary_of(logs: Loaded) -> Summary:
    """The summary of sessions that were loaded."""
    from workbench.study.tables.questionnaires import add_scores

    found = people(logs.sessions)
    remarks = [*logs.problems, *add_scores(found)]
    kept = tuple(trials(found))
    remarks += _remarks(found, kept)
    names = sorted({trial.condition for trial in kept})
    comparison = compare(
        (person.person, vote) for person in found if person.state != "withdrew" for vote in person.votes
    )
    return Summary(
        _named(found), tuple(found), kept, tuple(_condition(name, [t for t in kept if t.condition == name])
        for name in names), _condition("", kept), comparison, _alone(found), tuple(remarks),
    )  # fmt: skip


def _named(found: Sequence[PersonLog]) -> str:
    studies = sorted({person.study for person in found if person.study})
    return ", ".join(studies)


def _condition(name: str, own: Sequence[Trial]) -> Condition:
    scores = sorted({score for trial in own for score in trial.scores})
    return Condition(
        name, len(own), len({trial.person for trial in own}), sum(trial.ended == "unfinished" for trial in own),
        {measure: by_person(own, parts) for measure, (_, _, parts) in MEASURES.items()},
        {score: found for score in scores if (found := by_person(own, _score(score))) is not None},
    )  # fmt: skip


def _score(name: str) -> Parts:
    return lambda trial: _when(trial.scores.get(name))


def by_person(own: Iterable[Trial], parts: Parts) -> Estimate | None:
    """A figure over trials, its interval over people."""
    sums: dict[str, tuple[float, float]] = {}
    for trial in own:
        before, part = sums.get(trial.person, (0.0, 0.0)), parts(trial)
        sums[trial.person] = (before[0] + part[0], before[1] + part[1])
    return ratio(list(sums.values()))


def _alone(found: Sequence[PersonLog]) -> dict[str, Estimate]:
    """Scores of questionnaires that belong to no trial, because they came before the first."""
    values: dict[str, list[tuple[float, float]]] = {}
    for person in found:
        for answer in person.answers if person.state != "withdrew" else ():
            for name, value in answer.get("scores", {}).items() if not answer["position"] else ():
                values.setdefault(name, []).append((value, 1.0))
    return {name: estimate for name, parts in sorted(values.items()) if (estimate := ratio(parts)) is not None}


def _remarks(found: Sequence[PersonLog], kept: Sequence[Trial]) -> list[str]:
    """Sentences on what is missing or doubtful."""
    out = []
    missing = [person for person in found if person.missing]
    if missing:
        total = sum(person.missing for person in missing)
        out.append(
            f"{_many(total, 'event')} of {_many(len(missing), 'person', 'people')} never arrived; "
            "what was counted there is too low."
        )
    broken = [trial for trial in kept if trial.mismatches]
    if broken:
        out.append(f"In {_many(len(broken), 'trial')} the log does not lead to the piece that it says.")
    unknown = [trial for trial in kept if trial.notes is None]
    if unknown and len(unknown) < len(kept):
        out.append(f"Who wrote the notes of {_many(len(unknown), 'trial')} is not known, because the log has gaps.")
    if len({version for person in found for version in person.versions}) > 1:
        out.append("The study ran with more than one version of its file.")
    if any(freeze.endswith(" differs") for person in found for freeze in person.freezes):
        out.append("Somebody took part while something differed from the freeze file.")
    if len({freeze for person in found for freeze in person.freezes}) > 1:
        out.append("The study ran under more than one freeze file.")
    if len({person.study for person in found if person.study}) > 1:
        out.append("The log holds more than one study; they are counted together.")
    withdrew = sum(person.state == "withdrew" for person in found)
    if withdrew:
        out.append(f"{_many(withdrew, 'person', 'people')} withdrew; nothing of theirs is counted.")
    if not kept:
        out.append("There is no trial yet, so there is nothing to count.")
    return out


def _many(count: int, one: str, more: str = "") -> str:
    return f"{count:,} {one if count == 1 else more or one + 's'}"
