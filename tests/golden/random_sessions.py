"""Random logged sessions, from a seed: pieces opened and opened again, changes, steps back, and things besides."""

from __future__ import annotations

import random
from typing import Any

from random_edits import random_operation, random_score

from workbench.score.canonical import project_hash
from workbench.score.document import Document
from workbench.study.log.schema import event

CODE = {"open": "system", "edit": "person", "accept": "person", "undo": "person", "redo": "person"}


class _Writer:
    """Numbers events as a recorder does, with a clock of its own."""

    def __init__(self, rng: random.Random, name: str) -> None:
        self.rng, self.name = rng, name
        self.events: list[dict[str, Any]] = []
        self.clock = 1_790_000_000_000
        self.told = 0

    def put(self, kind: str, payload: dict[str, Any], **facts: Any) -> int:
        self.clock += self.rng.choice((3, 40, 900, 4_000, 60_000))
        mine = kind != "session"
        made = event(
            session=self.name, person="p", seq=len(self.events), server_time=self.clock + self.rng.randrange(1_500),
            kind=kind, source=CODE.get(kind, "person"), payload=payload, client_seq=self.told if mine else None,
            client_time=self.clock if mine else None, **facts,
        )  # fmt: skip
        self.told += mine
        self.events.append(made)
        return int(made["seq"])


def random_session(rng: random.Random, name: str, steps: int) -> tuple[list[dict[str, Any]], str]:
    """The events of one session, and the hash of the piece that it ends with."""
    out, document = _Writer(rng, name), Document()
    out.put("session", {"action": "begin"})
    for step in range(steps):
        before = document.hash if step else None
        kind = (
            "open" if not step or rng.random() < 0.05 else rng.choice(("edit", "edit", "accept", "undo", "redo", "x"))
        )
        if kind == "open":
            score = random_score(rng)
            document.open(score, reason="file", revision=step)
            out.put("open", {"score": score.to_dict(), "revision": step, "hash": project_hash(score)}, before=before,
                    after=document.hash)  # fmt: skip
        elif kind in ("edit", "accept"):
            operation = random_operation(rng, document.score)
            document.apply(operation)
            out.put(kind, {"operation": operation}, before=before, after=document.hash)
        elif (kind == "undo" and document.can_undo) or (kind == "redo" and document.can_redo):
            operation = document.undo() if kind == "undo" else document.redo()
            out.put(kind, {"operation": operation}, before=before, after=document.hash)
        elif rng.random() < 0.2:
            out.put("open", {"reason": "restored", "hash": document.hash}, before=before, after=before)
        else:
            out.put(rng.choice(("select", "transport", "audition", "export")), {"n": step}, before=before, after=before)
    return out.events, document.hash
