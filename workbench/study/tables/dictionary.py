"""The data dictionary of an export: every column of every table and every field of the log, in a sentence each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

from workbench.hub.tasks.infill.preference import FIELDS
from workbench.study.tables.rows import COLUMNS
from workbench.study.tables.summary import MEASURES, Summary

#: What each file of an export is.
FILES = {
    "README.md": "this description",
    "tables/trials.csv, .parquet": "one row a trial: the table for the analysis",
    "tables/people.csv, .parquet": "one row a person: how far they came",
    "tables/votes.csv, .parquet": "one row a comparison by ear",
    "tables/answers.csv, .parquet": "one row an answer to a question",
    "tables/scores.csv, .parquet": "one row a score of a questionnaire",
    "tables/authorship.csv, .parquet": "notes by whose they are, every 15 seconds of every trial",
    "tables/mixed_models.py, .R": "mixed models to run on trials.csv",
    "events.jsonl": "the interaction log, one event a line, with codes instead of ids; it can be replayed",
    "summary.json, summary.txt": "the summary, for programs and for people",
    "study.yaml": "the study file, where it was given",
    "freeze.json": "the freeze file: version, weights, seeds and browsers the study was held to, where it was given",
    "version.json": "the workbench that made this; versions of the study file and freeze files it ran under",
    "checksums.sha256": "SHA-256 of every other file (check with: sha256sum -c checksums.sha256)",
}
#: The file of ``workbench study preferences``, which lies in no archive: it is made only of what people agreed to.
PREFERENCES = "preferences (workbench study preferences)"
#: Every field of an event.
EVENT = {
    "v": "version of the schema",
    "study": "id of the study",
    "session": "the sitting's code in this export",
    "person": "the person's code in this export",
    "seq": "number of the event in its sitting: 0, 1, 2 ...; one that is missing never arrived",
    "client_seq": "the page's own number of the event; empty for what the server wrote",
    "client_time": "the page's clock in ms, from its first event of the sitting",
    "server_time": "the server's clock in ms, from the person's first event",
    "kind": "what kind of event it is; see below",
    "source": "person, model, or system",
    "cause": "seq of the event that led to this one",
    "before": "hash of the piece before (SHA-256 of its canonical JSON)",
    "after": "hash of the piece after",
    "run": "id of the run of a model that this is about",
    "latency": "time that the model took, in ms",
    "payload": "what else there is to say, by kind",
}
#: Every kind of event, and the fields of its payload.
PAYLOADS: dict[str, tuple[str, dict[str, str]]] = {
    "session": ("a sitting begins, ends, or is taken up again", {
        "action": "begin, end, resume", "version": "of the study", "freeze": "hash of the freeze file",
        "condition": "the first or only condition", "order": "conditions in the person's order",
    }),
    "consent": ("the person agrees", {
        "version": "of the text", "text_sha256": "of the text that was shown", "agreed": "box -> whether it was ticked",
    }),
    "task": ("a task begins, ends, or pauses", {
        "step": "id of the step in the study file", "trial": "which trial of it", "condition": "its condition",
        "action": "begin, end, timeout, pause, resume, withdraw", "task": "name of the task",
        "practice": "whether it is practice",
    }),
    "open": ("a piece is begun, opened, or sent again", {
        "reason": "why", "revision": "number of the state", "hash": "of the piece", "score": "the whole piece",
    }),
    "import": ("a file is read", {"sha256": "of the file", "kind": "of file"}),
    "edit": ("a change by hand", {
        "operation": "the change, with old and new values", "revision": "number of the state it led to",
    }),
    "undo": ("a step is taken back", {"operation": "the change that did so", "revision": "as above"}),
    "redo": ("a step is brought back", {"operation": "the change that did so", "revision": "as above"}),
    "select": ("notes, bars or a track are chosen", {
        "track": "id of the track", "count": "number of notes", "notes": "their ids", "marks": "gaps that are marked",
        "loop": "ticks that repeat",
    }),
    "transport": ("playing begins or stops", {"action": "play, stop", "tick": "where"}),
    "prompt": ("a model is asked", {"kind": "for what", "request": "settings", "seed": "", "model": "which",
        "first": "number of the first idea",
    }),
    "correction": ("what was heard, read or seen is put right", {"what": "which part", "old": "", "new": ""}),
    "run": ("a model worked", {
        "id": "of the run", "task": "", "model": "", "revision": "of the weights", "weights": "file -> SHA-256",
        "seed": "", "settings": "", "inputs": "name -> SHA-256", "seconds": "", "outcome": "", "rights": "",
    }),
    "suggest": ("ideas are shown", {
        "run": "id of the run", "ideas": "how many", "first": "number of the first idea", "id": "of the request",
        "adherence": "name of a prompt -> how far the ideas follow it, 0 to 1",
    }),
    "audition": ("an idea is listened to", {"what": "number of the idea, or original", "runs": "run -> tracks"}),
    "accept": ("an idea is kept", {
        "operation": "the change", "revision": "as above", "name": "of what was done", "idea": "which",
        "runs": "run -> tracks that it wrote", "adherence": "slot and measure -> how far the idea does it, 0 to 1",
    }),
    "reject": ("an idea is turned away", {"idea": "which", "run": "id of the run"}),
    "edited": ("notes of a kept idea were changed by hand", {
        "notes": "how many", "of": "how many the idea had", "edit": "seq of the change",
    }),
    "genie": ("the eight buttons", {"gesture": "what was pressed", "take": "which take"}),
    "listen": ("a recording was heard by the workbench", {"kind": "singing, piano, band"}),
    "stems": ("stems are mixed or saved", {"what": "how"}),
    "export": ("the piece is saved", {"format": "as what"}),
    "error": ("something went wrong", {
        "message": "doing what", "text": "what the person was told", "kind": "of the event that was not understood",
    }),
    "survey": ("a questionnaire is answered", {
        "step": "id of the step", "instrument": "name", "answers": "id of the question -> answer",
    }),
    "vote": ("two things were compared by ear", {
        "step": "id of the step", "pair": "id of the pair", "a": "what stood behind A", "b": "what stood behind B",
        "choice": "a, b, tie, neither", "heard": "side -> seconds listened", "reasons": "those ticked",
    }),
    "mark": ("a think-aloud mark", {"text": "what was written", "at": "where"}),
    "check": ("page and server agree on the piece", {"hash": "of the piece", "revision": "number of the state"}),
}  # fmt: skip

_NOTHING: Mapping[str, Collection[str]] = MappingProxyType({})


def dictionary(summary: Summary, told: Mapping[str, Collection[str]] = _NOTHING) -> list[dict[str, Any]]:
    """One row a column or field: file, name, what it says, and its unit.

    Args:
        summary: of the study.
        told: kind of event -> names in its payloads, as they stand in the log; those not described here are listed too.
    """
    out = [
        {"file": f"tables/{table}", "name": name, "meaning": text, "unit": unit}
        for table, columns in COLUMNS.items()
        for name, (text, unit) in columns.items()
    ]
    out += [
        {"file": "tables/trials", "name": name, "meaning": _score(name), "unit": ""}
        for name in sorted({name for trial in summary.trials for name in trial.scores})
    ]
    out += [{"file": "events.jsonl", "name": name, "meaning": text, "unit": ""} for name, text in EVENT.items()]
    for kind, (text, fields) in PAYLOADS.items():
        out.append({"file": "events.jsonl", "name": f"kind={kind}", "meaning": text, "unit": ""})
        out += [
            {"file": "events.jsonl", "name": f"{kind}.payload.{name}", "meaning": meaning or name, "unit": ""}
            for name, meaning in fields.items()
        ]
    out += [{"file": PREFERENCES, "name": name, "meaning": text, "unit": ""} for name, text in FIELDS.items()]
    out += [
        {"file": "events.jsonl", "name": f"{kind}.payload.{name}", "meaning": "told beside it by the page", "unit": ""}
        for kind, names in sorted(told.items())
        for name in sorted({*names} - PAYLOADS.get(kind, ("", {}))[1].keys())
    ]
    return out


def _score(name: str) -> str:
    if name.startswith("adherence_"):
        return "how far the ideas that were shown or kept follow this prompt, 0 to 1, mean of the trial"
    return "score of the questionnaire that followed the trial, on its own scale"


def readme(summary: Summary, remarks: list[str]) -> str:
    """The description that lies in an export."""
    files = "\n".join(f"| `{name}` | {text} |" for name, text in FILES.items())
    measures = "\n".join(f"- **{name}**: {what}{f' ({unit})' if unit else ''}." for name, (what, unit, _) in
                         MEASURES.items())  # fmt: skip
    doubts = "\n".join(f"- {remark}" for remark in (*summary.remarks, *remarks)) or "- None."
    return f"""# Data of the study {summary.study or "without a name"}

| file | what it is |
|---|---|
{files}

`dictionary.csv` says what every column and every field is.

**People** have codes (P01 ...) that were made for this export alone: the same person has the same code in all of its
files, and another in every other export. Nothing here leads back to the ids in the log. All times are counted from the
first event of a person. People who withdrew appear as one row of `people.csv` that says so, and nowhere else. What
people typed (answers, prompts, marks) is here as they typed it: look through it before you publish this.

A text that begins with `=`, `+`, `-` or `@` has an apostrophe before it in the CSV files, so that no spreadsheet runs
it; the Parquet files hold it as it was.

## The figures

{measures}

Shares and means are taken over all trials of a condition; intervals hold 95 % and come from drawing the people anew
1,000 times. Preferences: Davidson's model (Bradley-Terry with ties; "neither" counts as a tie), shown from 30 votes.

## What is missing or doubtful

{doubts}
"""
