"""One simulated person at work: real changes of a real piece, told as the page and the server tell them.

The piece has a melody from a file and an empty second track. The person writes and moves notes, asks a (made-up) model
for ideas, listens, keeps or turns away, and takes steps back. Every change goes through
:class:`~workbench.score.document.Document`, so hashes and authors are true and the session can be replayed.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.provenance.run import Run
from workbench.score import edits
from workbench.score.document import Document
from workbench.score.events import EventLog
from workbench.score.operations import Operation
from workbench.score.score import Note, Region, Score, Track, fresh_ids

BAR = 4 * 960
BARS = 8
_SCALE = (60, 62, 64, 65, 67, 69, 71, 72)
#: The page sends what happened at every full second; then it travels for so long, in milliseconds.
_TRAVEL_MS = (20, 180)


@dataclass
class TrialTruth:
    """What really happened in one simulated trial; times in seconds of the person's own life.

    ``heard``: different ideas listened to; ``edits_after``: changes of notes that a model had written; ``notes``: by
    author at the end; ``digest``: hash of the piece at the end.
    """

    person: str
    condition: str
    trial: int
    suggestions: int = 0
    ideas: int = 0
    heard: int = 0
    accepted: int = 0
    rejected: int = 0
    edits: int = 0
    edits_after: int = 0
    undos: int = 0
    redos: int = 0
    seconds: float = 0.0
    first_keep: float | None = None
    notes: Counter[str] = field(default_factory=Counter)
    digest: str = ""
    finished: bool = True


def opening() -> Score:
    """The piece that every trial begins with: eight bars of melody from a file, and a track to fill."""
    melody = Track("t1", "Melody")
    for number in range(BARS * 2):
        pitch = _SCALE[(number * 3) % 8]
        melody.notes[f"n{number + 1}"] = Note(f"n{number + 1}", number * BAR // 2, 960, pitch, author="imported")
    return Score("Simulated", tracks=[melody, Track("t2", "Second voice", program=48)])


class Player:
    """A person, the clocks between which they live, and what is told of them.

    Args:
        study: its id; ``session`` and ``person``: theirs.
        rng: where chance comes from.
        start: the moment at which the sitting begins, in milliseconds since 1970.
    """

    def __init__(self, study: str, session: str, person: str, rng: random.Random, start: int) -> None:
        self.now, self.rng = start, rng
        self.events: list[dict[str, Any]] = []
        self._frame = {"v": 1, "study": study, "session": session, "person": person}
        self._skew = rng.randint(-240_000, 240_000)  # how wrong the person's own clock is
        self._client, self._server = 0, start
        self.document = Document(opening(), EventLog(clock=lambda: self.now))

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += max(1, round(seconds * 1000))

    def tell(
        self, kind: str, payload: Mapping[str, Any], *, source: str = "person", cause: int | None = None,
        before: str | None = None, after: str | None = None, run: str | None = None, latency: int | None = None,
        page: bool = True,
    ) -> int:  # fmt: skip
        """Put one event into the log; ``page``: the page tells of it, with its own clock. Returns its number."""
        seq = len(self.events)
        arrives = (self.now // 1000 + 1) * 1000 + self.rng.randint(*_TRAVEL_MS) if page else self.now
        self._server = max(self._server, arrives)
        client: dict[str, int | None] = {"client_seq": None, "client_time": None}
        if page:
            client = {"client_seq": self._client, "client_time": self.now + self._skew}
            self._client += 1
        self.events.append({
            **self._frame, "seq": seq, **client, "server_time": self._server, "kind": kind, "source": source,
            "cause": cause, "before": before, "after": after, "run": run, "latency": latency, "payload": dict(payload),
        })  # fmt: skip
        return seq

    def system(self, kind: str, payload: Mapping[str, Any]) -> int:
        """What the server itself tells, after everything that has reached it."""
        self.now = max(self.now, self._server)
        return self.tell(kind, payload, source="system", page=False)

    def open(self) -> None:
        """Begin with a fresh piece."""
        self.document = Document(opening(), EventLog(clock=lambda: self.now))
        digest, score = self.document.hash, self.document.score.to_dict()
        self.tell("open", {"reason": "start", "revision": 0, "hash": digest, "score": score}, after=digest)

    def change(self, operation: Operation, kind: str = "edit", cause: int | None = None, **facts: Any) -> int:
        """Change the piece, and tell of it."""
        before, source = self.document.hash, "model" if kind == "accept" else "person"
        event = self.document.apply(operation, "user", kind=kind, **facts)
        run = next(iter(facts.get("runs", ())), None)
        payload = {"operation": operation, "revision": event["payload"]["revision"], **facts}
        return self.tell(
            kind, payload, source=source, cause=cause, before=before, after=self.document.hash, run=run
        )  # fmt: skip

    def turn(self, kind: str) -> None:
        """Take a step back (``undo``), or bring it back (``redo``)."""
        before = self.document.hash
        operation = self.document.undo() if kind == "undo" else self.document.redo()
        payload = {"operation": operation, "revision": self.document.revision}
        self.tell(kind, payload, before=before, after=self.document.hash)

    # what a person does

    def write(self) -> None:
        """Write a note of one's own into the second track."""
        track = self.document.score.track("t2")
        (name,) = fresh_ids(track.notes, "n", 1)
        start = self.rng.randrange(BARS * 8) * BAR // 8
        self.change(edits.add_notes("t2", [Note(name, start, 480, self.rng.choice(_SCALE))]))

    def touch(self, model_notes: bool) -> bool:
        """Move a note: one that a kept idea brought, or one of the melody; False if there is none."""
        track = "t2" if model_notes else "t1"
        there = self.document.score.track(track).sorted_notes()
        names = [note.id for note in there if "model:" in note.author or not model_notes]
        if not names:
            return False
        name = self.rng.choice(names)
        up = 1 if self.document.score.track(track).notes[name].pitch < 80 else -1
        self.change(edits.move_notes(self.document.score, track, [name], 0, up))
        return True

    def ask(self, model: str, ideas: int, latency: int, adherence: float) -> tuple[int, Run]:
        """Ask a model for ideas and be shown them; returns the number of the event, and the run."""
        first = self.rng.randrange(BARS)
        self.tell("prompt", {"kind": "fill", "first": first, "request": {"bars": 1}, "model": model})
        self.wait(latency / 1000)
        run = Run(
            f"r{self.rng.getrandbits(64):016x}", "infill", model, "embedded", self.rng.getrandbits(32),
            {"first_bar": first + 1}, {"score": self.document.hash}, seconds=latency / 1000,
        )  # fmt: skip
        asked = self.tell("run", run.to_dict(), source="model", run=run.id, latency=latency)
        facts = {"id": f"j{len(self.events)}", "run": run.id, "first": first, "ideas": ideas}
        card = {"adherence": {"density": round(adherence, 3)}}
        return self.tell("suggest", {**facts, **card}, source="model", cause=asked, run=run.id, latency=latency), run

    def hear(self, shown: int, run: Run, idea: int) -> None:
        """Listen to one of the ideas."""
        self.tell("audition", {"what": idea, "runs": {run.id: []}}, cause=shown, run=run.id)

    def keep(self, shown: int, run: Run, idea: int) -> None:
        """Keep one of the ideas: four notes of the model instead of what the bar held in the second track."""
        first = int(run.settings["first_bar"]) - 1
        region = Region(first * BAR, (first + 1) * BAR, ("t2",))
        names = fresh_ids(self.document.score.track("t2").notes, "n", 4)
        notes = [
            Note(name, region.start + place * 960, 900, self.rng.choice(_SCALE), author=f"model:{run.model}")
            for place, name in enumerate(names)
        ]
        operation = edits.replace_region(self.document.score, region, {"t2": notes})
        self.change(operation, "accept", shown, name="fill", idea=str(idea), runs={run.id: []})

    def turn_away(self, shown: int, run: Run, idea: int) -> None:
        """Say no to an idea."""
        self.tell("reject", {"idea": idea, "run": run.id}, cause=shown, run=run.id)


def davidson(a: float, b: float, ties: float) -> tuple[float, float, float]:
    """Chances that A wins, B wins, or neither, by strengths on a logarithmic scale and the weight of ties."""
    first, second = math.exp(a), math.exp(b)
    both = ties * math.sqrt(first * second)
    total = first + second + both
    return first / total, second / total, both / total
