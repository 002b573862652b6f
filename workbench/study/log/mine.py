"""What is kept about one person: counted, said in plain sentences, and as a file to take away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from workbench.study.log.schema import Event, to_lines
from workbench.study.log.sinks import Sink

#: What each kind of event is called in a sentence, one and several.
WORDS = {
    "session": ("time you came or went", "times you came or went"),
    "consent": ("time you said what may be kept", "times you said what may be kept"),
    "open": ("piece you worked on, with its notes and its title", "pieces you worked on, with their notes and titles"),
    "import": ("file you opened (its notes, not its name)", "files you opened (their notes, not their names)"),
    "edit": ("change of the music", "changes of the music"),
    "undo": ("step taken back", "steps taken back"),
    "redo": ("step brought back", "steps brought back"),
    "select": ("selection", "selections"),
    "transport": ("press of Play or Stop", "presses of Play and Stop"),
    "prompt": ("wish to a model, with the words you typed", "wishes to models, with the words you typed"),
    "correction": ("correction of what a model had heard or read", "corrections of what models had heard or read"),
    "run": ("run of a model", "runs of models"),
    "suggest": ("set of ideas you were shown", "sets of ideas you were shown"),
    "audition": ("idea you listened to", "ideas you listened to"),
    "accept": ("idea you kept", "ideas you kept"),
    "reject": ("idea you turned down", "ideas you turned down"),
    "edited": ("kept idea that you changed afterwards", "kept ideas that you changed afterwards"),
    "genie": ("take on the eight buttons, every press with its note",
              "takes on the eight buttons, every press with its note"),
    "listen": ("recording that a model listened to (what it heard, not the sound)",
               "recordings that a model listened to (what it heard, not the sound)"),
    "stems": ("recording taken apart (not its sound)", "recordings taken apart (not their sound)"),
    "export": ("file you took away (its kind)", "files you took away (their kinds)"),
    "error": ("message that something had gone wrong", "messages that something had gone wrong"),
    "survey": ("page of answers", "pages of answers"),
    "vote": ("choice between two sounds", "choices between two sounds"),
    "task": ("beginning or end of a task", "beginnings and ends of tasks"),
    "mark": ("thought you noted", "thoughts you noted"),
    "check": ("comparison of your piece with the server's copy", "comparisons of your piece with the server's copy"),
}  # fmt: skip


def mine(events: Iterable[Event], keep_days: int | None = None) -> dict[str, Any]:
    """What is kept about the person whose events these are.

    Args:
        events: all of theirs.
        keep_days: after how many days they are deleted by themselves; None: when the owner does.

    Returns:
        ::

            {"count": 214, "bytes": 81234,
             "statements": ["Two visits: on 3 May 2027 and on 4 May 2027 ...", "12 changes of the music", ...],
             "sessions": [{"begin": ms, "end": ms, "count": 120, "kinds": {"edit": 12, ...}}, ...],
             "agreed": {"version": "1", "boxes": {"log": true}} | null, "keep_days": 90 | null}
    """
    found = list(events)
    sessions: dict[str, list[Event]] = {}
    for event in found:
        sessions.setdefault(event["session"], []).append(event)
    visits = [
        {
            "begin": min(item["server_time"] for item in part), "end": max(item["server_time"] for item in part),
            "count": len(part), "kinds": dict(Counter(item["kind"] for item in part)),
        }
        for part in sessions.values()
    ]  # fmt: skip
    visits.sort(key=lambda visit: visit["begin"])
    consents = [event for event in found if event["kind"] == "consent"]
    last = max(consents, key=lambda event: event["server_time"])["payload"] if consents else None
    return {
        "count": len(found), "bytes": len(to_lines(found)), "statements": statements(found, visits, keep_days),
        "sessions": visits, "keep_days": keep_days,
        "agreed": None if last is None else {"version": last.get("version"), "boxes": last.get("agreed")},
    }  # fmt: skip


def statements(events: list[Event], visits: list[dict[str, Any]], keep_days: int | None) -> list[str]:
    """The same in plain sentences."""
    if not events:
        return []
    days = list(dict.fromkeys(_day(visit["begin"]) for visit in visits))
    shown = " and ".join([", ".join(days[:-1]), days[-1]]) if len(days) > 1 else days[0]
    out = [f"You were here {'once' if len(visits) == 1 else f'{len(visits)} times'}: on {shown}."]
    counts = Counter(event["kind"] for event in events)
    out += [f"{count:,} {WORDS[kind][count != 1]}" for kind, count in counts.most_common()]
    out.append(
        "It is kept under a made-up name that only the owner's secret links to you. Neither your network address nor a "
        "recording of sound or video is in it."
    )
    if keep_days is not None:
        out.append(f"It is deleted by itself {keep_days} days after your last visit.")
    return out


def _day(time_ms: int) -> str:
    moment = datetime.fromtimestamp(time_ms / 1000, UTC)
    return f"{moment.day} {moment:%B %Y}"


def of_person(sink: Sink, person: str) -> list[Event]:
    """All events of one person, session by session and in order."""
    found = [event for event in sink.about(person) if event["person"] == person]
    return sorted(found, key=lambda event: (event["session"], event["seq"]))
