"""What an exported piece says of its makers: every run that wrote a note of it, and which notes no record tells of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from workbench.provenance.run import runs
from workbench.provenance.writers import writers
from workbench.score.events import Event
from workbench.score.score import Score


def written_by(score: Score, events: Iterable[Event]) -> dict[str, Any]:
    """Entries of a manifest, ready for JSON.

    Args:
        score: the piece.
        events: its log, or nothing where there is none (a MIDI file that somebody sent).

    Returns:
        ``runs``: the record of every run that wrote a note of the piece as it stands, in the order in which they ran,
        each with ``notes``: how many by track. ``unrecorded``: notes that a model wrote without a record here, how
        many by author. ``made_from``, where it was made on the Prompt page: what from (slot, name, sha256, whose).
    """
    events = list(events)
    found = writers(score, events)
    notes = Counter((run, track_id) for (track_id, _), run in found.items())
    unrecorded = Counter(
        note.author
        for track in score.tracks
        for note in track.notes.values()
        if "model:" in note.author and (track.id, note.id) not in found
    )
    return {
        "runs": [
            {**run.to_dict(), "notes": {track: count for (owner, track), count in notes.items() if owner == name}}
            for name, run in runs(events).items()
            if any(owner == name for owner, _ in notes)
        ],
        "unrecorded": dict(sorted(unrecorded.items())),
        **_made_from(events),
    }  # fmt: skip


def _made_from(events: list[Event]) -> dict[str, Any]:
    """What was given for the piece that was kept last."""
    told = [event["payload"] for event in events if event["kind"] == "prompt"]
    kept = [facts.get("given") for facts in told if isinstance(facts, dict) and facts.get("action") == "keep"]
    return {"made_from": kept[-1]} if kept and isinstance(kept[-1], list) else {}
