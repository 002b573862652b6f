"""The public suite that every model must pass: ``workbench models check ID``.

What is checked beside the card is the task's to say, in a :class:`Suite` of its own. It runs a model on small requests,
once *without* the hub's guard, to see what the model does of its own accord, and once through the hub, to see what a
person gets. A row says in plain words what was found. Chance, stopping and memory are checked alike for every task.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.errors import Cancelled, WorkbenchError
from workbench.hub.card import Card
from workbench.hub.estimates import SpeedBook
from workbench.hub.hub import Hub
from workbench.hub.protocol import Alternative, CancelScope, CancelToken, Level, Model, Partial, Progress, Result
from workbench.hub.registry import Registry, adapter_class
from workbench.hub.spec import ModelSpec
from workbench.hub.tasks.base import TaskRequest
from workbench.hub.tasks.table import load, task

#: How many yields a model may still make after Stop, to hand over the notes of the step it was in.
YIELDS_AFTER_STOP = 4
#: Memory above the entry's own figure that is forgiven, in MB: the interpreter's own growth.
SPARE_MB = 64
#: Yields after which a model counts as endless on the small requests of a suite.
MAX_STEPS = 20_000


@dataclass(frozen=True, slots=True)
class Row:
    """One finding: the rule's name, whether it holds, and a plain sentence."""

    name: str
    passed: bool
    text: str

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {"name": self.name, "passed": self.passed, "text": self.text}


def check(spec: ModelSpec, registry: Registry | None = None) -> Iterator[Row]:
    """Run the suite on one model, yielding rows as they come. Unexpected failures are rows too, not exceptions."""
    yield _row("card complete", lambda: _card(spec.card))
    try:
        kind = task(spec.task)
    except WorkbenchError as error:
        yield Row("task", False, str(error))
        return
    if not kind.conformance:
        yield Row("task", True, f"There is no further public suite for {spec.task} yet.")
        return
    bench = Bench(spec, registry)
    suite: Suite = load(kind.conformance)(bench)
    for name, rule in suite.rules().items():
        yield _row(name, rule)
    bench.close()


class Failed(Exception):
    """A rule does not hold; the text says how."""


def _row(name: str, rule: Callable[[], str]) -> Row:
    try:
        return Row(name, True, rule())
    except Failed as error:
        return Row(name, False, str(error))
    except WorkbenchError as error:
        return Row(name, False, str(error))
    except Exception as error:
        return Row(name, False, f"The model failed ({type(error).__name__}).")


def _card(card: Card) -> str:
    for name in ("summary", "code_licence", "weights_licence", "outputs_licence", "sell"):
        if not getattr(card, name).strip():
            raise Failed(f"The card says nothing about {name.replace('_', ' ')}.")
    if not card.training_data and not card.weights_licence.startswith("none"):
        raise Failed("The card names no training data, though the model has weights.")
    return f"The card is complete; may one sell the results: {card.sell.split('.')[0].split(',')[0]}."


class Bench:
    """One model under test, loaded once by a hub of its own."""

    def __init__(self, spec: ModelSpec, registry: Registry | None = None) -> None:
        self.spec = spec
        alone = Registry([spec])
        if registry is not None:
            alone.local = dict(registry.local)
        self.hub = Hub(alone, memory_budget_mb=max(spec.memory_mb, 1), speeds=SpeedBook())
        self._before = _memory_mb()

    def close(self) -> None:
        """Let the model go."""
        self.hub.runtime.unload_all()

    def supports(self, request: TaskRequest) -> bool:
        """Whether the model says that it can meet a request, in part at least."""
        return self.hub.support(self.spec.id, request).level is not Level.UNSUPPORTED

    def grown_mb(self) -> int:
        """How much this process has grown since the bench was made, in MB."""
        return max(0, _memory_mb() - self._before)

    def run(self, request: TaskRequest, *, seed: int, cancel: CancelToken | None = None) -> tuple[Alternative, ...]:
        """What a person gets."""
        ideas: tuple[Alternative, ...] = ()
        for item in self.hub.run(self.spec.id, request, seed=seed, cancel=cancel or CancelToken.never()):
            if isinstance(item, Result):
                ideas = item.alternatives
        return ideas

    def raw(self, request: TaskRequest, *, seed: int, cancel: CancelToken | None = None) -> Iterator[Any]:
        """What the model yields, with nobody in between; raises :class:`Failed` where it does not end."""
        never = CancelToken.never()
        loading = self.hub.runtime.acquire(self.spec, never)
        while True:
            try:
                next(loading)
            except StopIteration as end:
                slot = end.value
                break
        model: Model = slot.model
        work: Any = model.run(request.copied(), seed=seed, cancel=cancel or never)
        try:
            for step, item in enumerate(work):
                if step >= MAX_STEPS:
                    raise Failed("It does not come to an end.")
                yield item
        finally:
            with contextlib.suppress(Exception):  # a model that refuses to be closed has shown what it is already
                work.close()
            self.hub.runtime.release(slot)


class Suite:
    """The rules of one task. A task's own class gives :meth:`request` and adds rules of its own to :meth:`rules`."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench

    def request(self, size: int = 1) -> TaskRequest:
        """A request that the model supports; a larger ``size`` (1, 2, 4) is more work."""
        raise NotImplementedError(f"{type(self).__name__} has no request.")

    def rules(self) -> Mapping[str, Callable[[], str]]:
        """The rules by their plain names, in order; each gives a sentence or raises :class:`Failed` with one."""
        return {"seed": self.seed, "cancel": self.cancel, "memory": self.memory}

    def trace(self, ideas: tuple[Alternative, ...]) -> Any:
        """What must come again from the same seed, as plain JSON."""
        return [[idea.operation, idea.value, _notes(idea)] for idea in ideas]

    def seed(self) -> str:
        """Equal seeds give equal results, also after other runs and after loading again."""
        request = self.request()
        first = _digest(self.trace(self.bench.run(request, seed=7)))
        self.bench.run(request, seed=8)
        if _digest(self.trace(self.bench.run(request, seed=7))) != first:
            raise Failed("The same seed gave another result.")
        self.bench.close()
        if _digest(self.trace(self.bench.run(request, seed=7))) != first:
            raise Failed("The same seed gave another result after the model was loaded again.")
        return "The same seed gives the same result, byte for byte."

    def cancel(self) -> str:
        """After Stop the model yields nothing but, at most, the step it was in."""
        scope, steps = CancelScope(), 0
        try:
            for item in self.bench.raw(self.request(2), seed=1, cancel=scope.start()):
                if scope.generation:
                    steps += 1
                    if steps > YIELDS_AFTER_STOP:
                        raise Failed("It goes on after Stop.")
                elif isinstance(item, (Partial, Progress, Result)):
                    scope.cancel()
        except Cancelled:
            pass
        else:
            if steps or not scope.generation:
                raise Failed("It does not look at the token: call cancel.check() once a step.")
        gone = CancelScope()
        token = gone.start()
        gone.cancel()
        try:
            self.bench.run(self.request(), seed=1, cancel=token)
        except Cancelled:
            return "It stops within one step."
        raise Failed("A run that was stopped before it began wrote something.")

    def memory(self) -> str:
        """The growth of this process stays within the entry's figure."""
        self.bench.run(self.request(4), seed=1)
        grown, allowed = self.bench.grown_mb(), self.bench.spec.memory_mb
        if grown > allowed + SPARE_MB:
            raise Failed(f"It took {grown} MB, and its entry says {allowed}.")
        return f"It stays within {allowed} MB (grew by {grown})."

    def ends(self, request: TaskRequest) -> None:
        """Run a request at the edge of what can be asked: it must end in a result or in one clear sentence."""
        try:
            self.bench.run(request, seed=1)
        except Cancelled as error:
            raise Failed("It stopped although nobody pressed Stop.") from error
        except WorkbenchError as error:
            if "failed (" in str(error):
                raise


def _notes(idea: Alternative) -> dict[str, list[dict[str, Any]]]:
    return {track: [note.to_dict() for note in notes] for track, notes in idea.notes.items()}


def _digest(trace: Any) -> str:
    return hashlib.sha256(json.dumps(trace, sort_keys=True).encode()).hexdigest()


def _memory_mb() -> int:
    """Largest resident size of this process so far in MB; 0 where the system does not tell (Windows)."""
    try:
        import resource
    except ImportError:
        return 0
    peak: int = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (1_000_000 if sys.platform == "darwin" else 1_000)


def importable(spec: ModelSpec) -> bool:
    """Whether the adapter's class can be had in this installation (its extra may be missing)."""
    try:
        adapter_class(spec)
    except WorkbenchError:
        return False
    return True
