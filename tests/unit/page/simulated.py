"""A person at a page, simulated: the page owns its piece and tells the server by the app's own messages."""

from __future__ import annotations

import itertools
import random
import secrets
from collections import Counter
from pathlib import Path
from typing import Any

from tests.golden.random_edits import random_operation
from workbench.errors import BadOperation
from workbench.page.session import Pages
from workbench.score.document import Document
from workbench.score.operations import Operation, apply, inverse
from workbench.score.score import Score

HISTORY = 200
#: What a simulated person does, and how often.
DEEDS = {
    "edit": 30, "undo": 12, "redo": 8, "fill": 3, "accept": 6, "reject": 3, "audition": 5, "select": 4, "play": 3,
    "import": 2, "keep": 2, "reload": 3, "drift": 2, "lose": 2, "rest": 8, "nonsense": 2, "note": 3,
}  # fmt: skip


class Person:
    """One person and their page.

    Args:
        pages: the server.
        rng: what they do.
        score: the piece the page begins with.
        folder: where their files are.
        lossy: how often an answer of the server is lost.
    """

    def __init__(self, pages: Pages, rng: random.Random, score: Score, folder: Path, lossy: float = 0.0) -> None:
        self.lossy = lossy
        self.pages, self.rng, self.score, self.folder = pages, rng, score, folder
        self.revision = 0
        self.undo: list[Operation] = []
        self.redo: list[Operation] = []
        self.ideas: list[tuple[str, Operation]] = []  # run and operation
        self.deeds: Counter[str] = Counter()
        #: Kinds of what was done, in order, since the log began.
        self.told: list[str] = []
        self._jobs = itertools.count(1)
        self._load("start")

    @property
    def hash(self) -> str:
        """Hash of the piece as the page has it."""
        return Document(self.score).hash

    @property
    def page(self) -> Any:
        """The server's side."""
        return self.pages.page({"session": self.session})

    def call(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Send one message."""
        return self.pages.call({"type": kind, "session": self.session, **fields})

    def act(self) -> None:
        """Do something, whatever comes to mind."""
        deed = self.rng.choices(list(DEEDS), list(DEEDS.values()))[0]
        getattr(self, f"do_{deed}")()
        if self.rng.random() < 0.5:
            self.send()

    def _load(self, reason: str, was: str = "") -> None:
        """The page is loaded, with nothing sent yet."""
        self.session = secrets.token_hex(16)
        self._numbers = itertools.count(1)
        self._waiting: list[tuple[str, dict[str, Any]]] = []
        self._open(reason, was)

    def _made(self, entry: dict[str, Any]) -> dict[str, Any]:
        return {**entry, "n": next(self._numbers), "time": 1_700_000_000_000}

    def _open(self, reason: str, was: str = "") -> None:
        """Send the whole document."""
        message = {
            "score": self.score.to_dict(), "revision": self.revision, "hash": self.hash, "reason": reason,
            "undo": self.undo[-HISTORY:], "redo": self.redo[-HISTORY:], "was": was,
        }  # fmt: skip
        reply = self.call("open", **self._made(message))
        assert (reply["type"], reply.get("hash")) == ("ack", self.hash), reply

    def _change(self, kind: str, operation: Operation, source: str = "user", **facts: Any) -> None:
        self.revision += 1
        change = {"kind": kind, "operation": operation, "revision": self.revision, "source": source, "facts": facts}
        self._waiting.append(("change", self._made(change)))
        self.told.append(kind)

    def log(self, kind: str, /, **payload: Any) -> None:
        """Tell of something that is no change."""
        self._waiting.append(("event", self._made({"kind": kind, "payload": payload})))
        self.told.append(kind)

    def send(self, rest: bool = False) -> None:
        """Everything that waits goes out; after a mismatch the whole document does."""
        waiting, self._waiting = self._waiting, []
        changes = [entry for kind, entry in waiting if kind == "change"]
        events = [entry for kind, entry in waiting if kind == "event"]
        if not changes and not rest:
            if events:
                assert self.call("events", events=events)["type"] == "ack"
            return
        message: dict[str, Any] = {
            "base": changes[0]["revision"] - 1 if changes else self.revision, "changes": changes, "events": events
        }  # fmt: skip
        if rest:
            message["hash"] = self.hash
        reply = self.call("ops", **message)
        if reply["type"] == "need":
            self.deeds["mismatch"] += 1
            self._open("mismatch")
        if self.rng.random() < self.lossy:
            self.call("ops", **message)  # once more, as if the answer had been lost
            self._open("mismatch")

    # what they do

    def do_edit(self) -> None:
        operation = random_operation(self.rng, self.score)
        try:
            apply(self.score, operation)
        except BadOperation:
            return
        self.undo.append(operation)
        self.redo.clear()
        self._change("edit", operation)

    def do_undo(self) -> None:
        if self.undo:
            step = self.undo.pop()
            apply(self.score, inverse(step))
            self.redo.append(step)
            self._change("undo", inverse(step))

    def do_redo(self) -> None:
        if self.redo:
            step = self.redo.pop()
            apply(self.score, step)
            self.undo.append(step)
            self._change("redo", step)

    def do_fill(self) -> None:
        self.send()
        track = self.rng.choice(self.score.tracks)
        start = self.rng.randrange(4) * 4 * self.score.ppq
        gap = {"start": start, "end": start + 4 * self.score.ppq, "tracks": [track.id]}
        message = {
            "type": "fill", "session": self.session, "id": f"f{next(self._jobs)}", "seed": self.rng.randrange(1_000),
            "model": "markov", "revision": self.revision, "request": {"regions": [gap], "count": 2},
        }  # fmt: skip
        last = list(self.pages.answer(message))[-1]
        if last["type"] != "fill.result":
            assert last["text"].endswith(".")
            return
        self.deeds["fill"] += 1
        self.ideas = [(last["run"], idea["operation"]) for idea in last["alternatives"]]
        self.log("suggest", id=message["id"], run=last["run"], ideas=len(self.ideas))

    def do_accept(self) -> None:
        if not self.ideas:
            return
        run, operation = self.ideas.pop(0)
        try:
            apply(self.score, operation)
        except BadOperation:  # made for a piece that is no longer so
            return
        self.undo.append(operation)
        self.redo.clear()
        self.ideas = []
        self.deeds["accept"] += 1
        self._change("accept", operation, "model", name="fill", idea="1", runs={run: []})

    def do_reject(self) -> None:
        if self.ideas:
            self.log("reject", run=self.ideas.pop()[0])

    def do_audition(self) -> None:
        if self.ideas:
            self.log("audition", run=self.ideas[0][0])

    def do_select(self) -> None:
        self.log("select", notes=self.rng.randrange(9))

    def do_play(self) -> None:
        self.log("transport", action="play", tick=0)

    def do_note(self) -> None:
        self.log("prompt", kind="template", name="八木節 \U0001d11e")

    def do_nonsense(self) -> None:
        """What no page says, and what must not get into a log."""
        for event in ({"kind": "edit", "payload": {}}, {"kind": "run", "payload": {"id": "r1"}}, {"kind": "accept"}):
            self.call("events", events=[event])
        self.call("ops", base=self.revision, changes=[{"operation": {"op": "no"}}], events=7)

    def do_import(self) -> None:
        """Open a file: MIDI, or a project that somebody else saved."""
        score = Score.from_dict(self.score.to_dict())
        score.title = f"file {self.rng.randrange(1_000)}"
        path = self.folder / f"{secrets.token_hex(8)}{self.rng.choice(['.mid', '.wbz'])}"
        score.save(path)
        self._import(path)

    def do_keep(self) -> None:
        """Save the project and, at once or never, open it again."""
        self.send()
        job = {"type": "export", "session": self.session, "id": f"e{next(self._jobs)}", "kind": "wbz", "options": {}}
        *_, result = self.pages.answer(job)
        assert result["type"] == "export.result", result
        self.deeds["keep"] += 1
        if self.rng.random() < 0.5:
            self.deeds["continue"] += 1
            self._import(Path(result["path"]), goes_on=True)

    def _import(self, path: Path, goes_on: bool = False) -> None:
        self.send()
        data = path.read_bytes()
        with self.page.media.begin(path.name, len(data)) as arrival:
            arrival.write(data)
            item = arrival.finish()
        reply = self.call("import", id=item.id)
        assert reply["type"] == "open", reply
        assert not goes_on or not reply["report"]
        self.score = Score.from_dict(reply["score"])
        self.revision += 1
        self.undo, self.redo, self.ideas = [], [], []
        self.deeds["import"] += 1
        self._open("file")

    def do_reload(self) -> None:
        """The page is loaded again: it remembers its piece and some steps, and whom it was."""
        self.send()
        self.undo, self.redo = self.undo[-HISTORY:], self.redo[-HISTORY:]
        self.deeds["reload"] += 1
        self._load("restored", self.session if self.rng.random() < 0.7 else "")

    def do_drift(self) -> None:
        """Server and page no longer have the same piece."""
        self.send()
        document = self.page.document
        document.score.title = "not what the page has"
        self.send(rest=True)
        self.send(rest=True)

    def do_lose(self) -> None:
        """Changes are lost on the way."""
        lost = [entry for entry in self._waiting if entry[0] == "change"]
        self._waiting = [entry for entry in self._waiting if entry[0] != "change"]
        self.deeds["lost"] += len(lost)
        self.send(rest=True)

    def do_rest(self) -> None:
        self.send(rest=True)
