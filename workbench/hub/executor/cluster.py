"""A Ray cluster: models run on its computers, as replicas (actors) that are spread over them.

    ray start --head --port 6379              on one computer
    ray start --address ADDRESS:6379          on the others; each has the workbench installed
    workbench --public --ray ADDRESS:6379     the page's server, on any of them

A replica takes one job at a time and streams what it makes; Stop reaches it within a step of the model. The hub's
guards, the queue and the pages stay where they are. A job whose computer is lost begins again, once, on another one
(equal request and seed give equal notes, so what a person has seen already stays); if that one is lost too, the person
is told so in a sentence. A lost replica is started again by Ray where there is room, and gets work when it answers.
"""

from __future__ import annotations

import logging
import secrets
import socket
import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from typing import Any

from workbench import __version__, resources
from workbench.errors import Unavailable
from workbench.hub.executor import NotNow, heard
from workbench.hub.executor.replica import Replica
from workbench.hub.protocol import CancelToken, Model, Partial, Progress, Result
from workbench.hub.public import PublicRules
from workbench.hub.registry import adapter_class
from workbench.hub.runtime import Loaded
from workbench.hub.spec import ModelSpec

#: How often whoever waits looks whether the work is still wanted, in seconds.
LOOK_SECONDS = 0.2
#: How long a replica may take to answer at the start, how long a job waits while none answers, and how long
#: the cluster itself may take to be reached.
START_SECONDS, PATIENCE_SECONDS, KNOCK_SECONDS = 180.0, 60.0, 5.0
#: How often a job is begun: the first time, and once more after its computer was lost.
TRIES = 2
MAX_REPLICAS = 64


@dataclass(eq=False)
class Place:
    """One replica: who it is, whether it has work, and the question it has not answered since it was lost."""

    actor: Any
    busy: bool = False
    question: Any = None
    models: set[str] = field(default_factory=set)


class Lost(Exception):
    """A replica does not answer any more. Never leaves this module."""


class Cluster:
    """Runs models on a Ray cluster; stands where :class:`workbench.hub.runtime.Runtime` stands.

    Args:
        address: of the cluster, as ``ray start`` prints it (``auto``: the one on this computer).
        replicas: how many jobs run at the same time; by default one for each processor of the cluster.
        rules: of the server.

    Raises:
        Unavailable: Ray is not installed, the cluster does not answer, or runs another version of the workbench.
    """

    def __init__(self, address: str, *, replicas: int | None = None, rules: PublicRules | None = None) -> None:
        try:
            import ray
        except ImportError as error:
            raise Unavailable(
                "A cluster needs its extra; install it with: pip install 'music-workbench[ray]'."
            ) from error
        self._ray: Any = ray
        _knock(address)
        try:
            if not ray.is_initialized():
                ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, configure_logging=False)
        except Exception as error:
            raise Unavailable(
                f"There is no Ray cluster at {address[:80]}; start one with: ray start --head."
            ) from error
        count = replicas or int(ray.cluster_resources().get("CPU", 1))
        count = max(1, min(MAX_REPLICAS, count))
        # Several threads: a cancellation and a question must not wait behind the run.
        options = {"num_cpus": 1, "max_restarts": -1, "max_task_retries": 0, "max_concurrency": 4}
        kind = self._ray.remote(scheduling_strategy="SPREAD", **options)(Replica)
        self._places = [Place(kind.remote(rules, resources.weight_set())) for _ in range(count)]
        self._lock = threading.Lock()
        self._greet()

    def _greet(self) -> None:
        """Wait until all answer; those that do not within the time are asked again later."""
        asked = {place.actor.hello.remote(): place for place in self._places}
        ready, late = self._ray.wait(list(asked), num_returns=len(asked), timeout=START_SECONDS)
        for answer in ready:
            try:
                version = self._ray.get(answer)
            except Exception as error:
                raise Unavailable("The cluster's computers cannot start the workbench; install it on each.") from error
            if version != __version__:
                raise Unavailable(
                    f"The cluster runs the workbench {version}, and this is {__version__}; use one version."
                )
        for answer in late:
            asked[answer].question = answer
        if not ready:
            raise Unavailable("No computer of the cluster answered; look at it with: ray status.")

    @property
    def size(self) -> int:
        """How many jobs can run at the same time."""
        return len(self._places)

    @property
    def loaded(self) -> tuple[str, ...]:
        """Ids of the models that some replica has in memory."""
        return tuple(sorted(set().union(*(place.models for place in self._places))))

    def peek(self, spec: ModelSpec) -> Model:
        """See :meth:`workbench.hub.executor.Executor.peek`."""
        return adapter_class(spec)(spec, {})

    def forget(self, model_id: str) -> None:
        """See :meth:`workbench.hub.executor.Executor.forget`."""
        for place in self._places:
            place.models.discard(model_id)
            place.actor.forget.remote(model_id)

    def unload_all(self) -> None:
        """See :meth:`workbench.hub.executor.Executor.unload_all`."""
        for model_id in self.loaded:
            self.forget(model_id)

    def acquire(self, spec: ModelSpec, cancel: CancelToken) -> Generator[Progress, None, Loaded]:
        """Wait for a free replica and load the model there; raises what loading raises."""
        job = f"j{secrets.token_hex(8)}"
        place = yield from self._free(spec, cancel)
        away = Away(spec, self, place, job)
        try:
            for _ in range(TRIES):
                try:
                    revision, hashes = yield from self._load(away, cancel)
                    return Loaded(spec, model=away, revision=revision, hashes=hashes)
                except Lost:
                    away.place = yield from self._next(away.place, spec, cancel)
            raise NotNow("The cluster's computers were lost while the model was being loaded; try again.")
        except BaseException:
            self._give_back(away.place)
            raise

    def release(self, slot: Loaded, *, unload: bool = False) -> None:
        """See :meth:`workbench.hub.executor.Executor.release`; a failed model was unloaded there already."""
        assert isinstance(slot.model, Away)
        self._give_back(slot.model.place)

    def _load(self, away: Away, cancel: CancelToken) -> Generator[Progress, None, tuple[str, dict[str, str]]]:
        # A name of its own: what is left of this when the model is loaded is cancelled, and the run is not meant.
        told = self._stream(away.place, f"{away.job}-load", cancel, lambda actor: actor.load, away.spec.id)
        for step in told:
            if step[0] == "loaded":
                away.place.models.add(away.spec.id)
                return step[1], step[2]
            item = heard(step)
            if isinstance(item, Progress):
                yield item
        raise Lost

    def run(self, away: Away, request: Any, seed: int, cancel: CancelToken) -> Iterator[Progress | Partial | Result]:
        """Run a model that was acquired; begins again elsewhere if its computer is lost, once."""
        seen = 0  # partial results that have been handed over
        for number in range(TRIES):
            again = seen
            try:
                told = self._stream(away.place, away.job, cancel, lambda actor: actor.run, away.spec.id, request, seed)
                for step in told:
                    item = heard(step)
                    if isinstance(item, Partial):
                        if again:  # the same notes as before the loss
                            again -= 1
                            continue
                        seen += 1
                    yield item
                return
            except Lost as lost:
                if number == TRIES - 1:
                    raise Unavailable(
                        "The computer that worked on this was lost, and so was the next; try again."
                    ) from lost
                yield Progress(None, "A computer was lost; beginning again on another one")
                away.place = yield from self._next(away.place, away.spec, cancel)
                away.job = f"j{secrets.token_hex(8)}"

    def _stream(
        self, place: Place, job: str, cancel: CancelToken, method: Callable[[Any], Any], *values: Any
    ) -> Iterator[Any]:  # fmt: skip
        """What a replica tells; whoever closes this, or a stale token, ends the work there."""
        ray, over = self._ray, False
        try:
            steps = method(place.actor).options(num_returns="streaming").remote(job, *values)
            while True:
                cancel.check()
                ready, _ = ray.wait([steps], timeout=LOOK_SECONDS)
                if not ready:
                    continue
                try:
                    told = ray.get(next(steps))
                except StopIteration:
                    over = True
                    return
                yield told
        except ray.exceptions.RayTaskError as problem:  # a mistake in the replica itself
            over = True
            raise Unavailable("The cluster could not do this; try again or choose another model.") from problem
        except ray.exceptions.RayError as problem:
            over = True
            self._mourn(place)
            raise Lost from problem
        finally:
            if not over:
                place.actor.cancel.remote(job)

    def _mourn(self, place: Place) -> None:
        """A replica is lost: it has no model in memory, and gets no work until it answers again."""
        with self._lock:
            place.models.clear()
            place.question = place.actor.hello.remote()

    def _next(self, lost: Place, spec: ModelSpec, cancel: CancelToken) -> Generator[Progress, None, Place]:
        self._give_back(lost)
        return (yield from self._free(spec, cancel))

    def _free(self, spec: ModelSpec, cancel: CancelToken) -> Generator[Progress, None, Place]:
        """A replica without work, one that has the model rather than another; reserved for the caller.

        Raises:
            NotNow: none has answered for a minute.
        """
        alone = time.monotonic()
        while True:
            cancel.check()
            with self._lock:
                there = [place for place in self._places if self._answers(place)]
                free = sorted((place for place in there if not place.busy), key=lambda at: spec.id not in at.models)
                if free:
                    free[0].busy = True
                    return free[0]
            if there:
                alone = time.monotonic()
            elif time.monotonic() - alone > PATIENCE_SECONDS:
                raise NotNow("None of the cluster's computers answers; try again in a minute.")
            yield Progress(None, "Waiting for a free computer")
            time.sleep(LOOK_SECONDS)

    def _answers(self, place: Place) -> bool:
        """Whether a replica is there; one that was lost is when it has answered."""
        if place.question is None:
            return True
        if not self._ray.wait([place.question], timeout=0)[0]:
            return False
        try:
            self._ray.get(place.question)
        except self._ray.exceptions.RayError:
            place.question = place.actor.hello.remote()
            return False
        place.question = None
        return True

    def _give_back(self, place: Place) -> None:
        with self._lock:
            place.busy = False

    def close(self) -> None:
        """End all replicas and leave the cluster."""
        for place in self._places:
            self._ray.kill(place.actor)
        self._ray.shutdown()


def _knock(address: str) -> None:
    """Whether anybody listens: Ray itself would end this whole process where nobody does."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not port.isdecimal():
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=KNOCK_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise Unavailable(f"There is no Ray cluster at {address[:80]}; start one with: ray start --head.") from error


class Away(Model):
    """A model on a replica; the quick questions are answered here."""

    def __init__(self, spec: ModelSpec, cluster: Cluster, place: Place, job: str) -> None:
        super().__init__(spec, {})
        self._quick = adapter_class(spec)(spec, {})
        self._cluster = cluster
        self.place, self.job = place, job

    def support(self, request: Any) -> Any:
        """See :meth:`workbench.hub.protocol.Model.support`."""
        return self._quick.support(request)

    def estimate_seconds(self, request: Any) -> float:
        """See :meth:`workbench.hub.protocol.Model.estimate_seconds`."""
        return self._quick.estimate_seconds(request)

    def run(self, request: Any, *, seed: int, cancel: CancelToken) -> Iterator[Progress | Partial | Result]:
        """See :meth:`workbench.hub.protocol.Model.run`."""
        yield from self._cluster.run(self, request, seed, cancel)
