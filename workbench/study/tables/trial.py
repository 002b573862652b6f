"""One trial as numbers: what is counted between a task's beginning and its end, and how.

Everything that a column means stands here, in the description of its field; the data dictionary of an export is
written from these.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from statistics import median
from typing import Any

from workbench.study.tables.piece import WHOSE


def _column(text: str, default: Any = 0, unit: str = "") -> Any:
    meta = {"text": text, "unit": unit}
    if callable(default):
        return field(default_factory=default, metadata=meta)
    return field(default=default, metadata=meta)


@dataclass
class Trial:
    """One person's work on one task, from its beginning to its end: a row of the table."""

    study: str = _column("id of the study", "")
    person: str = _column("the person's code in this table; the same in all its files and in no other export", "")
    session: str = _column("the sitting's code in this table", "")
    condition: str = _column("name of the condition, from the study file", "")
    position: int = _column("which of the person's trials it was, from 1")
    step: str = _column("id of the step in the study file", "")
    trial: str = _column("which trial of the step it was", "")
    task: str = _column("name of the task", "")
    practice: bool = _column("whether it was practice, which no summary counts", False)
    began: float = _column("when it began, counted from the person's first event", 0.0, "s")
    seconds: float = _column("time spent at it, pauses left out", 0.0, "s")
    ended: str = _column("how it ended: end, timeout, withdraw, or unfinished (the person left)", "unfinished")
    suggestions: int = _column("times that a model's ideas were shown")
    ideas: int = _column("ideas shown in all; one suggestion may hold several")
    heard: int = _column("different ideas listened to, each counted once")
    accepted: int = _column("suggestions of which an idea was kept, even if it was taken back later")
    accepts: int = _column("ideas kept; more than the suggestions kept where two ideas of one were")
    rejected: int = _column("ideas turned away in so many words")
    kept_at_end: int = _column("ideas kept and not taken back by the end")
    first_keep: float | None = _column(
        "time until the first idea was kept, pauses left out; empty if none was", None, "s"
    )
    edits: int = _column("changes made by hand")
    edits_after_accept: int = _column("changes made by hand to notes that a model had written")
    undos: int = _column("steps taken back")
    redos: int = _column("steps brought back")
    prompts: int = _column("requests to a model")
    corrections: int = _column("corrections of what was heard, read or seen")
    genie: int = _column("events of the eight buttons")
    plays: int = _column("times that playing began")
    exports: int = _column("times that the piece, or its stems, were saved")
    errors: int = _column("errors that were met")
    marks: int = _column("think-aloud marks")
    latency: float | None = _column("time that a model took, the middle one of the trial", None, "ms")
    notes: int | None = _column("notes in the piece at the end", None)
    notes_human: int | None = _column("of these: written by the person", None)
    notes_imported: int | None = _column("of these: from the starting material or a file", None)
    notes_model: int | None = _column("of these: written by a model", None)
    notes_shared: int | None = _column("of these: written by a person with a model", None)
    notes_model_changed: int | None = _column("notes that a model wrote, alone or not, and the person changed", None)
    piece: str = _column("hash of the piece at the end, as the log gives it", "")
    missing: int = _column("events missing from the log of these sittings (numbers that never arrived)")
    mismatches: int = _column("times that the log did not lead to the piece it says; 0 in a sound log")
    scores: dict[str, float] = field(default_factory=dict)  # columns of questionnaires and of adherence
    over_time: list[tuple[float, Counter[str]]] = field(default_factory=list)  # seconds, notes by whose
    latencies: dict[str, float] = field(default_factory=dict)  # of each run
    counts: dict[str, int] = field(default_factory=dict)  # of how many values each score is the mean

    @property
    def acceptance(self) -> float | None:
        """Share of the suggestions that were kept."""
        return self.accepted / self.suggestions if self.suggestions else None

    @property
    def undo_rate(self) -> float | None:
        """Steps taken back for each change made."""
        changes = self.edits + self.accepts
        return self.undos / changes if changes else None

    @property
    def heard_each(self) -> float | None:
        """Different ideas listened to for each suggestion."""
        return self.heard / self.suggestions if self.suggestions else None

    @property
    def share_model(self) -> float | None:
        """Share of the notes at the end, starting material left out, that a model wrote alone or with a person."""
        if self.notes is None or self.notes_model is None or self.notes_shared is None:
            return None
        own = self.notes - (self.notes_imported or 0)
        return (self.notes_model + self.notes_shared) / own if own else None

    def settle(self, notes: Counter[str] | None) -> None:
        """Fill in what is known only at the end; ``notes``: by whose they are, None if the log does not say."""
        self.latency = median(self.latencies.values()) if self.latencies else None
        if notes is not None:
            self.notes = sum(notes[name] for name in WHOSE)
            self.notes_model_changed = notes["changed"]
            self.notes_human, self.notes_imported = notes["human"], notes["imported"]
            self.notes_model, self.notes_shared = notes["model"], notes["shared"]


#: Columns that are worked out from others: name -> (what it says, unit).
DERIVED = {
    "acceptance": ("accepted / suggestions; empty without suggestions", "share"),
    "undo_rate": ("undos / (edits + accepts); empty without changes", "share"),
    "heard_each": ("heard / suggestions; empty without suggestions", "ideas"),
    "share_model": ("(notes_model + notes_shared) / (notes - notes_imported); empty without such notes", "share"),
}


def columns() -> dict[str, tuple[str, str]]:
    """Every fixed column of the table of trials: name -> (what it says, unit)."""
    own = {item.name: (item.metadata["text"], item.metadata["unit"]) for item in fields(Trial) if item.metadata}
    return {**own, **DERIVED}


def row(trial: Trial) -> dict[str, Any]:
    """One row: the fixed columns, then the scores of questionnaires and adherence by their names."""
    out = {name: getattr(trial, name) for name in columns()}
    return {**out, **{name: round(value, 6) for name, value in sorted(trial.scores.items())}}
