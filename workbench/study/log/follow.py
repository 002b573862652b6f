"""From what a page and its server tell into the interaction log: causes, hashes of the piece before and after.

A page tells what a person does with its own numbers; the server tells what its models and files did. A follower keeps
the piece beside them, so that every change stands in the log with the hash of the piece before and after it, and
remembers which run was asked for by which prompt, shown by which suggestion and kept by which acceptance::

    prompt -> run -> suggest -> audition, accept, reject        accept -> edited, undo
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from workbench.errors import BadDocument, BadOperation
from workbench.score.canonical import project_hash
from workbench.score.operations import Operation, apply
from workbench.score.score import Score
from workbench.study.log.recorder import Recorder
from workbench.study.log.schema import CHANGES, Event

#: What a page may tell of; the rest is written by whoever did it.
TOLD = (
    "open", "edit", "undo", "redo", "accept", "select", "transport", "prompt", "correction", "suggest", "audition",
    "reject", "genie", "listen", "stems", "export", "error", "session",
)  # fmt: skip
#: What the server's own events are called here (:mod:`workbench.score.events`); changes come from the page.
SERVED = ("run", "import", "listen", "stems", "export", "prompt", "suggest", "error")
SOURCES = {"user": "person", "model": "model", "system": "system", "person": "person"}
#: Longest text that is kept of one value that is no part of a piece: recordings written out as text are longer.
MAX_TEXT = 20_000
_MOST_STEPS = 10_000


class Follower:
    """What turns tellings into events.

    Args:
        recorder: where they go.
        past: what the session's log holds already, when it goes on.
    """

    def __init__(self, recorder: Recorder, past: Iterable[Event] = ()) -> None:
        self.recorder = recorder
        self._score: Score | None = None
        self._hash: str | None = None
        self._runs: dict[str, int] = {}
        self._suggestions: dict[str, int] = {}
        self._kept: dict[tuple[str, str], int] = {}  # a suggestion's note -> the event that kept it
        self._sizes: dict[int, int] = {}
        self._made_by: dict[int, str] = {}
        self._undo: list[int] = []
        self._redo: list[int] = []
        self._asked: int | None = None
        for event in past:
            self._recall(event)

    @property
    def lost(self) -> bool:
        """Whether the piece is not known here: the page must tell it whole."""
        return self._score is None

    def _recall(self, event: Event) -> None:
        """Bring what is remembered to where it stood after an event of the log."""
        kind, payload = event["kind"], event["payload"]
        if kind == "open":
            self._open(payload)
        elif kind in CHANGES:
            self._change(kind, payload.get("operation"))
            self._remember(event)
        elif kind in ("run", "suggest", "prompt"):
            self._remember(event)

    def take(
        self, kind: Any, payload: Any, source: Any = "user", client_seq: int | None = None,
        client_time: int | None = None,
    ) -> int:  # fmt: skip
        """Record one thing that a page tells; untrusted. What makes no sense is recorded as an ``error``, so that the
        page's count has no hole."""
        facts: dict[str, Any] = {"client_seq": client_seq, "client_time": client_time}
        if kind not in TOLD or not isinstance(payload, dict):
            return self._error("This cannot be understood.", str(kind)[:40], facts)
        who = SOURCES.get(str(source), "person")
        before = self._hash
        if kind == "open":
            payload = self._open(payload)
            return self._put(kind, who, payload, before=before, after=self._hash, **facts)
        if kind in CHANGES:
            return self._take_change(kind, who, payload, facts)
        payload = scrubbed(payload)
        run = run_of(payload)
        if kind == "suggest":
            cause = self._runs.get(run or "")
        elif kind in ("audition", "reject"):
            cause = self._suggestions.get(run or "")
        else:
            cause = None
        facts |= {"cause": cause, "run": run if kind in ("suggest", "audition", "reject") else None}
        if kind in ("audition", "reject", "suggest", "select", "genie"):
            facts |= {"before": before, "after": before}
        return self._put(kind, who, payload, **facts)

    def tell(self, kind: str, source: str, payload: Mapping[str, Any], names: Iterable[str] = ()) -> int | None:
        """Record what the server did for the person, by the event of the page's own log; None for what a page tells.

        Args:
            kind: of :data:`workbench.score.events.KINDS`.
            source: ``user``, ``model`` or ``system``.
            payload: of the event.
            names: of the person's files, which are left out of sentences.
        """
        if kind not in SERVED or "client_n" in payload or "client_time" in payload:
            return None
        facts: dict[str, Any] = {}
        plain = scrubbed(payload, names)
        if kind in ("prompt", "listen") and str(payload.get("action")) == "correct":
            kind = "correction"
        if kind == "run":
            seconds = payload.get("seconds", 0)
            facts = {"run": payload.get("id"), "cause": self._asked, "latency": max(0, round(1000 * seconds))}
        elif kind == "suggest":
            facts = {"run": run_of(plain), "cause": self._runs.get(run_of(plain) or "")}
        elif isinstance(payload.get("run"), str) and payload["run"] in self._runs:
            facts = {"run": payload["run"], "cause": self._runs[payload["run"]]}
        return self._put(kind, SOURCES.get(source, "system"), plain, **facts)

    def _put(self, kind: str, source: str, payload: dict[str, Any], **facts: Any) -> int:
        try:
            seq = self.recorder.record(kind, source, payload, **facts)
        except BadDocument as problem:
            return self._error(str(problem), kind, {key: facts.get(key) for key in ("client_seq", "client_time")})
        if kind not in CHANGES:
            self._remember({"kind": kind, "payload": payload, "seq": seq, "run": facts.get("run")})
        return seq

    def _error(self, text: str, kind: str, facts: Mapping[str, Any]) -> int:
        return self.recorder.record("error", "system", {"message": "log", "kind": kind, "text": text}, **facts)

    def _take_change(self, kind: str, who: str, payload: dict[str, Any], facts: dict[str, Any]) -> int:
        before, operation = self._hash, payload.get("operation")
        changed = self._change(kind, operation)
        cause: int | None = None
        run = run_of(payload)
        if kind == "accept":
            cause = self._suggestions.get(run or "", self._runs.get(run or ""))
        elif kind in ("undo", "redo"):
            stack = self._undo if kind == "undo" else self._redo
            cause = stack[-1] if stack else None
        after = self._hash if changed else None
        with self.recorder.gathering():
            facts |= {"cause": cause, "before": before, "after": after}
            seq = self._put(kind, who, payload, run=run if kind == "accept" else None, **facts)
            touched = self._touched(operation) if kind == "edit" and who == "person" and changed else {}
            for accept, count in touched.items():
                made = {"notes": count, "of": self._sizes.get(accept, count), "edit": seq}
                self._put("edited", who, made, cause=accept, run=self._made_by.get(accept), before=after, after=after)
        self._remember({"kind": kind, "payload": payload, "seq": seq, "cause": cause, "run": run})
        return seq

    def _open(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Another piece, or the same one again; gives the payload as it can be kept."""
        given = payload.get("score")
        try:
            if given is not None:
                self._score = Score.from_dict(given)
            elif self._score is not None and payload.get("hash") not in (None, self._hash):
                self._score = None
        except (BadDocument, TypeError, ValueError, KeyError):
            self._score, payload = None, {key: value for key, value in payload.items() if key != "score"}
        self._hash = project_hash(self._score) if self._score is not None else None
        if given is not None:
            self._kept.clear()
            self._undo, self._redo = [], []
        return payload if self._hash is None else {**payload, "hash": self._hash}

    def _change(self, kind: str, operation: Any) -> bool:
        if self._score is None:
            return False
        try:
            apply(self._score, operation)
        except (BadOperation, TypeError, KeyError):
            self._score = self._hash = None
            return False
        self._hash = project_hash(self._score)
        return True

    def _remember(self, event: Mapping[str, Any]) -> None:
        kind, payload, seq = event["kind"], event["payload"], event["seq"]
        run = event.get("run")
        if kind == "prompt":
            self._asked = seq
        elif kind == "run" and isinstance(run, str):
            self._runs[run] = seq
        elif kind == "suggest":
            for name in runs_of(payload):
                self._suggestions[name] = seq
        elif kind in ("edit", "accept"):
            self._undo = [*self._undo[-_MOST_STEPS:], seq]
            self._redo.clear()
            if kind == "accept":
                added = list(added_notes(payload.get("operation")))
                self._kept.update(dict.fromkeys(added, seq))
                self._sizes[seq] = len(added)
                if isinstance(run, str):
                    self._made_by[seq] = run
        elif kind == "undo" and self._undo:
            step = self._undo.pop()
            self._redo.append(step)
            self._kept = {note: by for note, by in self._kept.items() if by != step}
        elif kind == "redo" and self._redo:
            step = self._redo.pop()
            self._undo.append(step)
            if step in self._sizes:
                self._kept.update(dict.fromkeys(added_notes(payload.get("operation")), step))

    def _touched(self, operation: Any) -> dict[int, int]:
        """The kept suggestions whose notes an operation changes or takes away -> how many of them."""
        found: dict[int, int] = {}
        for note in dict.fromkeys(changed_notes(operation)):
            if (accept := self._kept.get(note)) is not None:
                found[accept] = found.get(accept, 0) + 1
        return found


def runs_of(payload: Mapping[str, Any]) -> list[str]:
    """The model runs that an event names, as ``run``, ``runs`` or in its facts."""
    run, runs = payload.get("run"), payload.get("runs")
    found = [run] if isinstance(run, str) and run else []
    if isinstance(runs, (dict, list)):
        found += [name for name in runs if isinstance(name, str)]
    return found


def run_of(payload: Mapping[str, Any]) -> str | None:
    """The first of :func:`runs_of`, as an id that the log can hold."""
    found = runs_of(payload)
    return found[0][:128] if found else None


def scrubbed(payload: Mapping[str, Any], names: Iterable[str] = ()) -> dict[str, Any]:
    """An event's payload without what is nobody's business: files' names, their places, and sound or pictures written
    out as text."""
    known = sorted((name for name in names if len(name) > 2), key=len, reverse=True)

    def clean(value: Any, depth: int = 0) -> Any:
        if isinstance(value, str):
            if value.startswith(("data:", "blob:", "file:")) or len(value) > MAX_TEXT:
                return "…"
            for name in known:
                value = value.replace(name, "…")
            return value
        if isinstance(value, dict) and depth < 64:
            return {key: clean(item, depth + 1) for key, item in value.items() if key not in ("path", "url", "file")}
        if isinstance(value, list) and depth < 64:
            return [clean(item, depth + 1) for item in value]
        return value

    made: dict[str, Any] = clean(dict(payload))
    return made


def added_notes(operation: Any) -> Iterator[tuple[str, str]]:
    """(track, note) of what an operation brings into the piece."""
    for track, note, new in _notes(operation):
        if new is True:
            yield track, note


def changed_notes(operation: Any) -> Iterator[tuple[str, str]]:
    """(track, note) of what an operation changes or takes away."""
    for track, note, new in _notes(operation):
        if new is not True:
            yield track, note


def _notes(operation: Any) -> Iterator[tuple[str, str, bool]]:
    """(track, note, whether it is new) of all notes that an operation concerns; it has been applied, so it is sound."""
    found: Operation = operation if isinstance(operation, dict) else {}
    kind = found.get("op")
    if kind == "compound":
        for part in found["ops"]:
            yield from _notes(part)
    elif kind in ("add_notes", "remove_notes"):
        yield from ((found["track"], note["id"], kind == "add_notes") for note in found["notes"])
    elif kind in ("add_track", "remove_track"):
        content = found["content"]
        yield from ((content["id"], note["id"], kind == "add_track") for note in content.get("notes", []))
    elif kind == "replace_region":
        removed, added = found["removed"], found["added"]
        for track in {*removed, *added}:
            old, new = removed.get(track, []), added.get(track, [])
            yield from ((track, note["id"], False) for note in old if note not in new)
            yield from ((track, note["id"], True) for note in new if note not in old)
    elif "changes" in found:
        yield from ((found["track"], change["id"], False) for change in found["changes"])
