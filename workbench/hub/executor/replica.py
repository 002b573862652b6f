"""What runs on a computer of a Ray cluster: a hub of its own, which loads models and runs one job at a time."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from workbench import __version__, resources
from workbench.errors import Cancelled, WorkbenchError
from workbench.hub.executor import Told, telling
from workbench.hub.hub import Hub
from workbench.hub.protocol import CancelScope, CancelToken
from workbench.hub.public import PublicRules
from workbench.hub.registry import Registry

MAX_REMEMBERED = 1_000


class Replica:
    """The actor. Several of its methods run at the same time, in threads.

    Args:
        rules: those of the server that it works for.
        weights: the set of weights that the server offers; this process is its own, so it is set here for all of it.
    """

    def __init__(self, rules: PublicRules | None, weights: str) -> None:
        if weights != resources.weight_set():
            os.environ["WORKBENCH_WEIGHTS"] = weights
        self._hub = Hub(Registry.load(), public=rules or False)
        self._scopes: dict[str, CancelScope] = {}
        self._lock = threading.Lock()

    def hello(self) -> str:
        """It is there: the version of the workbench that is installed here."""
        return __version__

    def process(self) -> int:
        """The process on its computer, for whoever looks after the cluster."""
        return os.getpid()

    def cancel(self, job: str) -> None:
        """End a job at its next step; one that has not begun yet does not begin."""
        self._scope(job).cancel()

    def forget(self, model_id: str) -> None:
        """Free a model's memory."""
        self._hub.runtime.forget(model_id)

    def load(self, job: str, model_id: str) -> Iterator[Told]:
        """Load a model: tells of progress, at last ``("loaded", revision, hashes)``."""
        spec, token = self._hub.registry.find(model_id), self._token(job)
        loading = self._hub.runtime.acquire(spec, token)
        try:
            while True:
                try:
                    step = next(loading)
                except StopIteration as end:
                    slot = end.value
                    break
                yield "item", step
            self._hub.runtime.release(slot)
            yield "loaded", slot.revision, dict(slot.hashes)
        except WorkbenchError as problem:
            yield "error", type(problem).__name__, str(problem)

    def run(self, job: str, model_id: str, request: Any, seed: int) -> Iterator[Told]:
        """Run a model that :meth:`load` has loaded; tells what it yields."""
        spec, token = self._hub.registry.find(model_id), self._token(job)
        try:
            slot = yield from self._loaded(spec, token)
        except WorkbenchError as problem:
            yield "error", type(problem).__name__, str(problem)
            return
        model = slot.model
        model.ask = lambda name, more, number: self._hub.run(name, more, seed=number, cancel=token)
        healthy = False
        try:
            with closing(iter(model.run(request, seed=seed, cancel=token))) as work:
                for told in telling(_checked(work, token)):
                    yield told
                    healthy = told[0] == "item" or told[1] == Cancelled.__name__
        finally:
            model.ask = None
            self._hub.runtime.release(slot, unload=not healthy)
            with self._lock:
                self._scopes.pop(job, None)

    def _loaded(self, spec: Any, token: CancelToken) -> Any:
        loading = self._hub.runtime.acquire(spec, token)
        while True:
            try:
                yield "item", next(loading)
            except StopIteration as end:
                return end.value

    def _scope(self, job: str) -> CancelScope:
        with self._lock:
            while len(self._scopes) > MAX_REMEMBERED:
                self._scopes.pop(next(iter(self._scopes)))
            return self._scopes.setdefault(job, CancelScope())

    def _token(self, job: str) -> CancelToken:
        """Stale from the first cancellation on, also if that came before the job."""
        return CancelToken(((self._scope(job), 0),))


def _checked(work: Any, token: CancelToken) -> Iterator[Any]:
    for item in work:
        token.check()
        yield item
