"""The tables of a study as plain rows: trials, people, votes, answers, scores, and notes by author over time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from workbench.study.tables.compared import label
from workbench.study.tables.piece import WHOSE
from workbench.study.tables.pseudonyms import Pseudonyms
from workbench.study.tables.summary import Summary
from workbench.study.tables.trial import columns, row

Row = dict[str, Any]

#: What the columns of the other tables say: table -> column -> (what it says, unit).
COLUMNS: dict[str, dict[str, tuple[str, str]]] = {
    "trials": columns(),
    "people": {
        "person": ("the person's code in this export", ""),
        "state": ("finished, withdrew, or unfinished", ""),
        "order": ("conditions in the order in which the person had them", ""),
        "sittings": ("number of sittings", ""),
        "trials": ("number of trials begun, practice left out", ""),
        "last_step": ("id of the last step of the study with a trial", ""),
        "minutes": ("from the first event to the last, absence included", "min"),
        "events": ("events in the log", ""),
        "missing": ("events that never arrived", ""),
        "errors": ("errors that were met", ""),
    },
    "votes": {
        "person": ("the person's code in this export", ""),
        "session": ("the sitting's code in this export", ""),
        "step": ("id of the step in the study file", ""),
        "pair": ("id of the pair", ""),
        "a": ("what stood behind A", ""),
        "b": ("what stood behind B", ""),
        "choice": ("a, b, tie, or neither (both are bad)", ""),
        "heard_a": ("time that A was listened to", "s"),
        "heard_b": ("time that B was listened to", "s"),
        "reasons": ("reasons ticked, separated by semicolons", ""),
    },
    "answers": {
        "person": ("the person's code in this export", ""),
        "session": ("the sitting's code in this export", ""),
        "position": ("which of the person's trials it followed, 0: before the first", ""),
        "condition": ("the condition of that trial", ""),
        "step": ("id of the step in the study file", ""),
        "instrument": ("name of the questionnaire", ""),
        "item": ("id of the question", ""),
        "value": ("the answer as a number, where it is one", ""),
        "text": ("the answer as text, where it is one", ""),
    },
    "scores": {
        "person": ("the person's code in this export", ""),
        "session": ("the sitting's code in this export", ""),
        "position": ("which of the person's trials it followed, 0: before the first", ""),
        "condition": ("the condition of that trial", ""),
        "instrument": ("name of the questionnaire", ""),
        "score": ("name of the score", ""),
        "value": ("the score, on the questionnaire's own scale", ""),
    },
    "authorship": {
        "person": ("the person's code in this export", ""),
        "condition": ("the trial's condition", ""),
        "position": ("which of the person's trials it was", ""),
        "seconds": ("time into the trial, pauses left out", "s"),
        **{name: (f"notes in the piece then: {text}", "") for name, text in zip(
            WHOSE, ("written by the person", "from the starting material or a file", "written by a model",
                    "written by a person with a model"), strict=True)},
    },
}  # fmt: skip


def tables(summary: Summary, names: Pseudonyms) -> dict[str, list[Row]]:
    """Every table by name, its rows with the codes of one export in the order of those codes."""
    made = {name: make(summary) for name, make in _MAKERS.items()}
    return {name: _ordered([names.row(one) for one in rows]) for name, rows in made.items()}


def _ordered(rows: list[Row]) -> list[Row]:
    """By person: the order in which people came says who they are."""
    return sorted(rows, key=lambda one: str(one["person"]))  # stable: a person's own rows keep their order


def _trials(summary: Summary) -> list[Row]:
    return [row(trial) for trial in summary.trials]


def _people(summary: Summary) -> list[Row]:
    out = []
    for one in summary.people:
        own = [trial for trial in one.trials if not trial.practice]
        # Of somebody who withdrew no more is kept than that there was such a person.
        gone = one.state == "withdrew"
        out.append({
            "person": one.person, "state": one.state, "order": "; ".join(one.order), "sittings": len(one.sittings),
            "trials": None if gone else len(own), "last_step": "" if gone else one.step,
            "minutes": None if gone else round((one.last - one.began) / 60_000, 2),
            "events": None if gone else one.events, "missing": None if gone else one.missing,
            "errors": None if gone else one.errors,
        })  # fmt: skip
    return out


def _votes(summary: Summary) -> list[Row]:
    out = []
    for one in summary.people:
        for vote in one.votes if one.state != "withdrew" else ():
            heard = vote["heard"] if isinstance(vote.get("heard"), Mapping) else {}
            reasons = vote["reasons"] if isinstance(vote.get("reasons"), (list, tuple)) else ()
            out.append({
                "person": one.person, "session": vote["session"], "step": str(vote.get("step", "")),
                "pair": str(vote.get("pair", "")), "a": label(vote.get("a")), "b": label(vote.get("b")),
                "choice": str(vote.get("choice", "")), "heard_a": number(heard.get("a")),
                "heard_b": number(heard.get("b")), "reasons": "; ".join(str(reason) for reason in reasons),
            })  # fmt: skip
    return out


def _answers(summary: Summary) -> list[Row]:
    out = []
    for one in summary.people:
        conditions = {trial.position: trial.condition for trial in one.trials}
        for answer in one.answers if one.state != "withdrew" else ():
            items = answer["answers"] if isinstance(answer["answers"], Mapping) else {}
            about = {"person": one.person, "condition": conditions.get(answer["position"], "")}
            about |= {name: answer[name] for name in ("session", "position", "step", "instrument")}
            for item, value in items.items():
                text = "" if number(value) is not None else _text(value)
                out.append({**about, "item": str(item), "value": number(value), "text": text})
    return [{name: row[name] for name in COLUMNS["answers"]} for row in out]


def _scores(summary: Summary) -> list[Row]:
    out = []
    for one in summary.people:
        conditions = {trial.position: trial.condition for trial in one.trials}
        for answer in one.answers if one.state != "withdrew" else ():
            for name, value in answer.get("scores", {}).items():
                out.append({
                    "person": one.person, "session": answer["session"], "position": answer["position"],
                    "condition": conditions.get(answer["position"], ""), "instrument": answer["instrument"],
                    "score": name, "value": round(value, 6),
                })  # fmt: skip
    return out


def _authorship(summary: Summary) -> list[Row]:
    return [
        {
            "person": trial.person, "condition": trial.condition, "position": trial.position,
            "seconds": round(seconds, 3), **{name: notes[name] for name in WHOSE},
        }
        for trial in summary.trials
        for seconds, notes in trial.over_time
    ]  # fmt: skip


_MAKERS: dict[str, Callable[[Summary], list[Row]]] = {
    "trials": _trials, "people": _people, "votes": _votes, "answers": _answers, "scores": _scores,
    "authorship": _authorship,
}  # fmt: skip


def number(value: Any) -> float | None:
    """An answer as a number, if it is one (true and false are 1 and 0)."""
    return float(value) if isinstance(value, (int, float)) else None


def _text(value: Any) -> str:
    return "; ".join(map(str, value)) if isinstance(value, (list, tuple)) else "" if value is None else str(value)
