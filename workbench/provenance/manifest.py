"""What an exported piece says of its makers, and the one manifest that travels inside every kind of file.

A manifest is a JSON object::

    {"manifest": "music-workbench", "version": 2, "software": {"name", "version"}, "time", "title", "kind",
     "score_sha256", "payload_sha256", "sentence", "source_type",
     "authors", "edited", "edits", "runs", "unrecorded", "licences", "selling", "inputs", ...}

Where it lies in a file is told in :mod:`workbench.provenance.carriers`, how the file is sealed in
:mod:`workbench.provenance.seal`. A manifest read from a file is a stranger's until it has been checked.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import workbench
from workbench.errors import BadFile
from workbench.provenance.authorship import edited, models, shares, statement
from workbench.provenance.licences import selling, terms_of
from workbench.provenance.rights import inputs_of
from workbench.provenance.run import Run, runs
from workbench.provenance.sourcetype import source_type
from workbench.provenance.writers import writers
from workbench.score.canonical import project_hash
from workbench.score.events import CHANGES, Event, is_plain
from workbench.score.score import Score

NAME, VERSION = "music-workbench", 2
#: How a manifest begins inside a file.
BEGINNING = b'{"manifest":"music-workbench","version":'
#: Most bytes of a manifest inside a file.
MAX_BYTES = 2 * 2**20
#: From this many characters on, the settings of a run stand in an embedded manifest by their hash alone.
LONG_SETTINGS = 8_000
MAX_RUNS = 200


def written_by(
    score: Score, events: Iterable[Event], *, sounds: Mapping[str, Run] | None = None,
    given: Iterable[Mapping[str, Any]] = (),
) -> dict[str, Any]:  # fmt: skip
    """Entries of a manifest, ready for JSON.

    Args:
        score: the piece.
        events: its log, or nothing where there is none (a MIDI file that somebody sent).
        sounds: sound in the export that models made: its name -> the run.
        given: what it was made from, beyond what the log tells (:func:`workbench.provenance.rights.inputs_of`).

    Returns:
        ``runs``: the record of every run that wrote a note of the piece as it stands, in the order in which they ran,
        each with ``notes``: how many by track. ``unrecorded``: notes that a model wrote without a record here, how
        many by author. ``made_from``, where it was made on the Prompt page: what from (slot, name, sha256, whose).
        ``authors``: shares of notes and time; ``edited``: notes that were changed, and by whom; ``edits``: how many
        changes the log tells of, by kind; ``licences``: of each model, with its training data; ``selling``: what the
        piece inherits from them; ``inputs``: what went in and whose it is; ``source_type``: IPTC's word for it.
    """
    events = list(events)
    found, known = writers(score, events), runs(events)
    notes = Counter((run, track_id) for (track_id, _), run in found.items())
    unrecorded = Counter(
        note.author
        for track in score.tracks
        for note in track.notes.values()
        if "model:" in note.author and (track.id, note.id) not in found
    )
    wrote = {name: run for name, run in known.items() if any(owner == name for owner, _ in notes)}
    behind = [*wrote.values(), *(sounds or {}).values()]
    licences = {run.model: dict(run.rights) for run in behind if run.rights}
    return {
        "runs": [
            {**run.to_dict(), "notes": {track: count for (owner, track), count in notes.items() if owner == name}}
            for name, run in wrote.items()
        ],
        "unrecorded": dict(sorted(unrecorded.items())),
        **_made_from(events),
        "authors": shares(score), "edited": edited(score),
        "edits": dict(sorted(Counter(event["kind"] for event in events if event["kind"] in CHANGES).items())),
        "licences": {name: licences.get(name) or terms_of(name) for name in sorted({*models(score), *licences})},
        "selling": selling(score, events, sounds).to_dict(), "inputs": inputs_of(events, given),
        "source_type": source_type(score, events),
    }  # fmt: skip


def _made_from(events: list[Event]) -> dict[str, Any]:
    """What was given for the piece that was kept last."""
    told = [event["payload"] for event in events if event["kind"] == "prompt"]
    kept = [facts.get("given") for facts in told if isinstance(facts, dict) and facts.get("action") == "keep"]
    return {"made_from": kept[-1]} if kept and isinstance(kept[-1], list) else {}


def manifest_of(
    score: Score, facts: Mapping[str, Any] | None = None, *, kind: str, sentence: str = ""
) -> dict[str, Any]:
    """The manifest for one file of a piece.

    Args:
        score: the piece.
        facts: what :func:`written_by` gave (perhaps with more); left out: of a piece without a log.
        kind: of the file: ``wav``, ``mid`` ...
        sentence: who wrote what, in plain words; by default counted from the notes.
    """
    known = written_by(score, ()) if facts is None else dict(facts)
    known["runs"] = [short(run) for run in known.get("runs", ())][-MAX_RUNS:]
    return {
        "manifest": NAME, "version": VERSION,
        "software": {"name": "Music Workbench", "version": workbench.__version__},
        "time": now(), "title": score.title[:500], "kind": kind, "score_sha256": project_hash(score),
        "sentence": sentence or statement(score), **known,
    }  # fmt: skip


def short(run: Mapping[str, Any]) -> dict[str, Any]:
    """A run's record for a manifest inside a file: very long settings stand there by their hash."""
    out = dict(run)
    for name in ("settings", "reported"):
        text = json.dumps(out.get(name, {}), sort_keys=True)
        if len(text) > LONG_SETTINGS:
            out[name] = {"sha256": hashlib.sha256(text.encode()).hexdigest()}
    return out


def undated(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """A manifest without the time and, in its runs, without their ids and how long they took."""
    out = {name: value for name, value in manifest.items() if name != "time"}
    out["runs"] = [{k: v for k, v in run.items() if k not in ("id", "seconds")} for run in manifest.get("runs", ())]
    return out


def now() -> str:
    """The time in UTC to the second; ``SOURCE_DATE_EPOCH`` sets it, so that a file can be made again to the byte."""
    told = os.environ.get("SOURCE_DATE_EPOCH", "")
    seconds = int(told) if told.isascii() and told.isdigit() and len(told) < 12 else int(time.time())
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def packed(manifest: Mapping[str, Any]) -> bytes:
    """The manifest as it stands in files: ASCII without line ends, ``<``, ``>`` and ``&`` escaped."""
    text = json.dumps(manifest, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text.encode("ascii")


def unpacked(data: bytes, limit: int = MAX_BYTES) -> dict[str, Any]:
    """Read a manifest from a file, whoever wrote it.

    Raises:
        BadFile: it is too large or too deep, or no manifest of ours.
    """
    if len(data) > limit:
        raise BadFile("The statement in this file is too large to be read.")
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadFile("The statement in this file is damaged and cannot be read.") from error
    if not isinstance(value, dict) or not is_plain(value, 2 * limit) or value.get("manifest", NAME) != NAME:
        raise BadFile("The statement in this file is not one that the workbench writes.")
    if type(value.get("version")) is not int:
        raise BadFile("The statement in this file is not one that the workbench writes.")
    if value["version"] > VERSION:
        raise BadFile("The statement in this file is from a newer version of the workbench; update it to read it.")
    return value
