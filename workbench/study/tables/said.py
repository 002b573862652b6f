"""A summary in words and plain numbers: for the terminal, for a file, and for the researcher's page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.study.tables.estimate import Estimate
    from workbench.study.tables.summary import Condition, Summary


def figure(estimate: Estimate | None, unit: str = "") -> str:
    """``31 % (25 to 38)``, ``42 s (30 to 55)``, or a dash where nothing is known."""
    if estimate is None:
        return "–"
    value, rest = _number(estimate.value, unit), ""
    if estimate.low is not None and estimate.high is not None:
        rest = f" ({_bare(estimate.low, unit)} to {_bare(estimate.high, unit)})"
    return value + rest


def _bare(value: float, unit: str) -> str:
    if unit == "share":
        return f"{100 * value:.0f}"
    return f"{value:.0f}" if abs(value) >= 20 else f"{value:.2g}" if abs(value) < 1 else f"{value:.1f}"


def _number(value: float, unit: str) -> str:
    if unit == "share":
        return f"{100 * value:.1f} %"
    return f"{_bare(value, unit)} {unit}".rstrip()


def headline(summary: Summary) -> str:
    """One line on a study."""
    count = len(summary.people)
    if not count:
        return "Nobody has taken part yet."
    people = f"{count} {'person' if count == 1 else 'people'}"
    states = [(summary.count("finished"), "finished"), (summary.count("withdrew"), "withdrew")]
    parts = [people, *(f"{number} {name}" for number, name in states if number), f"{len(summary.trials)} trials"]
    line = ", ".join(parts)
    kept = summary.everything.acceptance
    return f"{line}; {figure(kept, 'share')} of suggestions kept" if kept else line


def lines(summary: Summary) -> list[str]:
    """The whole summary as lines of text."""
    from workbench.study.tables.summary import MEASURES

    out = [headline(summary) + "."]
    shown = summary.conditions if len(summary.conditions) > 1 else (summary.everything,)
    for condition in shown if summary.trials else ():
        out += ["", f"{condition.name or 'All trials'} ({condition.trials} trials of {condition.people} people)"]
        for name, (what, unit, _) in MEASURES.items():
            if (estimate := condition.figures[name]) is not None:
                out.append(f"  {what}: {figure(estimate, unit)}")
        out += [f"  {name}: {figure(estimate)}" for name, estimate in condition.scores.items()]
    if summary.answers:
        out += ["", "Before the first task"]
        out += [f"  {name}: {figure(estimate)}" for name, estimate in summary.answers.items()]
    out += _compared(summary)
    if summary.remarks:
        out += ["", *summary.remarks]
    return out


def _compared(summary: Summary) -> list[str]:
    found = summary.comparison
    if not found.votes:
        return []
    out = ["", f"Compared by ear ({found.votes} votes of {found.people} people; log strength, Davidson's model)"]
    for one in found.strengths:
        if one.value is not None:
            between = "" if one.low is None else f" ({one.low:+.2f} to {one.high:+.2f})"
            out.append(f"  {one.name}: {one.value:+.2f}{between}, {one.votes} votes")
    if found.first is not None:
        out.append(f"  What was played as A won {100 * found.first:.0f} % of the decided votes.")
    return [*out, *(f"  {remark}" for remark in found.remarks)]


def to_json(summary: Summary) -> dict[str, Any]:
    """Plain JSON of a summary, without any person."""
    from dataclasses import asdict

    return {
        "study": summary.study, "people": len(summary.people),
        **{state: summary.count(state) for state in ("finished", "unfinished", "withdrew")},
        "trials": len(summary.trials), "conditions": [_condition(one) for one in summary.conditions],
        "everything": _condition(summary.everything), "comparison": asdict(summary.comparison),
        "answers": {name: one.to_json() for name, one in summary.answers.items()}, "remarks": list(summary.remarks),
    }  # fmt: skip


def _condition(one: Condition) -> dict[str, Any]:
    figures = {name: None if figure is None else figure.to_json() for name, figure in one.figures.items()}
    scores = {name: figure.to_json() for name, figure in one.scores.items()}
    return {
        "name": one.name, "trials": one.trials, "people": one.people, "unfinished": one.unfinished,
        "figures": figures, "scores": scores,
    }  # fmt: skip
