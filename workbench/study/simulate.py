"""Simulated people in a study, with everything about them known: for trying out a study before anybody has come,
for its statistical power, and for tests of what is counted afterwards.

    planted = Planted(people=12, arms=(Arm("plain", accept=0.2), Arm("careful", accept=0.5)), seed=1)
    truth = simulate(planted, open_sink("somewhere"))
    truth.trials[0].accepted

Shares are planted *exactly* where people do not differ (``spread`` 0): of all suggestions of an arm, just that share
is kept, only which ones is chance. Sessions go through the real sink, with real operations on real pieces.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from workbench.errors import BadRequest
from workbench.study.simplayer import Player, TrialTruth, davidson

#: 1 March 2027, 9 o'clock, in milliseconds since 1970: when the first simulated person comes.
START_MS = 1_803_805_200_000
VERSION = "simulated"


class Writes(Protocol):
    """The part of a sink that is needed here."""

    def append(self, session: str, events: Sequence[Any]) -> None:
        """Keep events of a session."""


@dataclass(frozen=True)
class Arm:
    """What people do under one condition.

    ``accept``: share of suggestions that are kept; ``undo``: steps taken back for each change; ``seconds``: length of
    a trial; ``suggestions`` and ``edits``: how many in a trial; ``after``: share of the edits that go to notes of the
    model (where there are any); ``ideas``: shown at once; ``latency_ms``: of the model; ``rating``: how people answer
    questions, 0 to 1; ``adherence``: what the model's card says of its ideas, 0 to 1; ``model``: its name.
    """

    name: str
    accept: float = 0.3
    undo: float = 0.1
    seconds: float = 240.0
    suggestions: int = 8
    edits: int = 10
    after: float = 0.3
    ideas: int = 3
    latency_ms: int = 900
    rating: float = 0.6
    adherence: float = 0.8
    model: str = "markov"


@dataclass(frozen=True)
class Planted:
    """A study to simulate.

    ``trials``: of every person under each arm; ``spread``: how much people differ in how readily they keep a
    suggestion (standard deviation in logits; 0: shares come out exactly); ``strengths``: of what is compared by ear, on
    a logarithmic scale, by name; ``ties``: the weight of "no difference" (Davidson's nu); ``votes``: of every person;
    ``drop_outs``: people who leave in the middle of a trial; ``questionnaires``: instrument -> ids of its items and
    highest answer.
    """

    people: int = 24
    arms: tuple[Arm, ...] = (Arm("plain"), Arm("careful", accept=0.5))
    trials: int = 1
    spread: float = 0.0
    strengths: Mapping[str, float] = field(default_factory=dict)
    ties: float = 0.4
    votes: int = 6
    drop_outs: int = 0
    questionnaires: Mapping[str, tuple[tuple[str, ...], int]] = field(default_factory=dict)
    study: str = "simulated"
    seed: int = 0

    def __post_init__(self) -> None:
        if self.people < 1 or not self.arms or not 0 <= self.drop_outs <= self.people:
            raise BadRequest("A simulated study needs people and conditions, and no more drop-outs than people.")


@dataclass
class Truth:
    """What really happened; ``votes``: (A, B, choice) in order; ``dropped``: ids of the people who left."""

    trials: list[TrialTruth] = field(default_factory=list)
    votes: list[tuple[str, str, str]] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    people: list[str] = field(default_factory=list)

    def rate(self, condition: str) -> float:
        """Share of the suggestions under a condition that were kept."""
        own = [trial for trial in self.trials if trial.condition == condition]
        return sum(trial.accepted for trial in own) / sum(trial.suggestions for trial in own)

    def undo_rate(self, condition: str) -> float:
        """Steps taken back for each change (edit or kept idea) under a condition."""
        own = [trial for trial in self.trials if trial.condition == condition]
        return sum(trial.undos for trial in own) / sum(trial.accepted + trial.edits for trial in own)


def simulate(planted: Planted, sink: Writes) -> Truth:
    """Let simulated people take part, and write what would have been logged; the same seed gives the same log.

    Args:
        planted: who does what.
        sink: where it goes, of :func:`workbench.study.log.sinks.open_sink`.
    """
    truth = Truth()
    for events in sessions(planted, truth):
        for first in range(0, len(events), 200):  # as a server does, not all at once
            sink.append(events[0]["session"], events[first : first + 200])
    return truth


def sessions(planted: Planted, truth: Truth) -> Iterator[list[dict[str, Any]]]:
    """The events of one person's sitting after another; ``truth`` is filled in on the way."""
    rng = random.Random(f"study {planted.seed}")
    quotas = {arm.name: _Quota(planted, arm, rng) for arm in planted.arms}
    leaving = set(rng.sample(range(planted.people), planted.drop_outs))
    for number in range(planted.people):
        person = hashlib.sha256(f"{planted.seed} {number}".encode()).hexdigest()[:32]
        session = hashlib.sha256(f"sitting {planted.seed} {number}".encode()).hexdigest()[:32]
        player = Player(planted.study, session, person, rng, START_MS + number * 3_600_000)
        truth.people.append(person)
        _Sitting(planted, truth, quotas, player, person, number).run(number in leaving)
        yield player.events


class _Quota:
    """Which of an arm's suggestions are kept, and which of its changes taken back: an exact share, in random order."""

    def __init__(self, planted: Planted, arm: Arm, rng: random.Random) -> None:
        shown = planted.people * planted.trials * arm.suggestions
        kept = round(arm.accept * shown)
        changes = kept + planted.people * planted.trials * arm.edits
        self._keeps = _shuffled(kept, shown, rng)
        self._undos = _shuffled(round(arm.undo * changes), changes, rng)
        self._arm, self._spread, self._rng = arm, planted.spread, rng

    def keep(self, leaning: float) -> bool:
        """Whether the next suggestion is kept; ``leaning``: the person's own, in standard deviations."""
        if not self._spread:
            return self._keeps.pop()
        share = min(max(self._arm.accept, 1e-6), 1 - 1e-6)
        logit = math.log(share / (1 - share)) + self._spread * leaning
        return self._rng.random() < 1 / (1 + math.exp(-logit))

    def undo(self) -> bool:
        """Whether the change just made is taken back."""
        return self._undos.pop() if self._undos else self._rng.random() < self._arm.undo


def _shuffled(yes: int, of: int, rng: random.Random) -> list[bool]:
    out = [place < yes for place in range(of)]
    rng.shuffle(out)
    return out


class _Sitting:
    """One person's way through the study."""

    def __init__(
        self, planted: Planted, truth: Truth, quotas: Mapping[str, _Quota], player: Player, person: str, number: int
    ) -> None:
        self.planted, self.truth, self.quotas, self.player = planted, truth, quotas, player
        self.person, self.rng = person, player.rng
        self.leaning = self.rng.gauss(0, 1)
        arms = planted.arms
        self.order = [arms[(number + place) % len(arms)] for place in range(len(arms))]  # a Latin square's row

    def run(self, leaves: bool) -> None:
        """From consent to the end, or until they leave."""
        player, planted = self.player, self.planted
        order = [arm.name for arm in self.order]
        about = {"version": VERSION, "freeze": "0" * 64, "condition": order[0], "order": order}
        player.tell("session", {"action": "begin", **about}, source="system", page=False)
        player.wait(self.rng.uniform(20, 60))
        agreed = {"version": 1, "text_sha256": hashlib.sha256(b"simulated").hexdigest(), "agreed": {"take_part": True}}
        player.tell("consent", agreed, page=False)
        trials = [(arm, trial) for arm in self.order for trial in range(1, planted.trials + 1)]
        last = self.rng.randrange(len(trials)) if leaves else len(trials)
        for place, (arm, trial) in enumerate(trials):
            self._trial(arm, trial, place + 1, stops=place == last)
            if place == last:
                self.truth.dropped.append(self.person)
                return
            self._questions(arm, place + 1)
        self._votes()
        player.system("session", {"action": "end", **about})

    def _trial(self, arm: Arm, trial: int, place: int, stops: bool) -> None:
        player, rng = self.player, self.rng
        real = TrialTruth(self.person, arm.name, trial)
        self.truth.trials.append(real)
        about = {"step": f"make-{place}", "trial": trial, "condition": arm.name, "task": "make"}
        player.system("task", {**about, "action": "begin"})
        began = player.now
        player.open()
        todo = ["suggest"] * arm.suggestions + ["edit"] * arm.edits
        rng.shuffle(todo)
        if stops:
            del todo[len(todo) // 2 :]
        pause = arm.seconds / (arm.suggestions + arm.edits + 1)
        for what in todo:
            player.wait(max(0.2, rng.uniform(0.5, 1.5) * pause - (arm.latency_ms / 1000 if what == "suggest" else 0)))
            if what == "edit":
                self._edit(arm, real)
            elif self._suggestion(arm, real) and real.first_keep is None:
                real.first_keep = (player.now - began) / 1000
        real.notes = Counter(note.author for _, note in player.document.score.all_notes())
        real.digest = player.document.hash
        if stops:
            real.finished = False
            real.seconds = (player.now - began) / 1000
            return
        player.wait(pause)
        player.system("task", {**about, "action": "end"})
        real.seconds = (player.now - began) / 1000

    def _edit(self, arm: Arm, real: TrialTruth) -> None:
        player, rng = self.player, self.rng
        if rng.random() < arm.after and player.touch(model_notes=True):
            real.edits_after += 1
        elif rng.random() < 0.5:
            player.write()
        else:
            player.touch(model_notes=False)
        real.edits += 1
        self._perhaps_undo(arm, real)

    def _suggestion(self, arm: Arm, real: TrialTruth) -> bool:
        """Ask, listen, decide; whether an idea was kept."""
        player, rng = self.player, self.rng
        shown, run = player.ask(arm.model, arm.ideas, arm.latency_ms, arm.adherence)
        real.suggestions += 1
        real.ideas += arm.ideas
        heard = rng.sample(range(1, arm.ideas + 1), rng.randint(1, arm.ideas))
        for idea in [*heard, heard[0]]:  # the first one twice: it counts once
            player.wait(0.5)
            player.hear(shown, run, idea)
        real.heard += len(heard)
        if self.quotas[arm.name].keep(self.leaning):
            player.keep(shown, run, heard[-1])
            real.accepted += 1
            self._perhaps_undo(arm, real)
            return True
        if rng.random() < 0.7:
            player.turn_away(shown, run, heard[-1])
            real.rejected += 1
        return False

    def _perhaps_undo(self, arm: Arm, real: TrialTruth) -> None:
        if not self.quotas[arm.name].undo():
            return
        self.player.turn("undo")
        real.undos += 1
        if self.rng.random() < 0.2:
            self.player.turn("redo")
            real.redos += 1

    def _questions(self, arm: Arm, place: int) -> None:
        for instrument, (items, highest) in self.planted.questionnaires.items():
            answers = {
                item: min(highest, max(1, round(self.rng.gauss(1 + arm.rating * (highest - 1), 0.8)))) for item in items
            }
            self.player.wait(self.rng.uniform(20, 60))
            self.player.tell(
                "survey", {"step": f"questions-{place}", "instrument": instrument, "answers": answers}, page=False
            )

    def _votes(self) -> None:
        names = sorted(self.planted.strengths)
        if len(names) < 2:
            return
        for number in range(self.planted.votes):
            a, b = self.rng.sample(names, 2)
            chances = davidson(self.planted.strengths[a], self.planted.strengths[b], self.planted.ties)
            (choice,) = self.rng.choices(("a", "b", "tie"), chances)
            self.player.wait(self.rng.uniform(12, 40))
            heard = {"a": round(self.rng.uniform(5, 15), 1), "b": round(self.rng.uniform(5, 15), 1)}
            told = {"step": "compare", "pair": f"pair-{number + 1}", "a": a, "b": b, "choice": choice, "heard": heard}
            self.player.tell("vote", {**told, "reasons": []})
            self.truth.votes.append((a, b, choice))
