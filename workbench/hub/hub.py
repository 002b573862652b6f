"""The one door to every model: choose, load, run, guard, stop, fall back, tell who keeps records.

    hub = Hub(Registry.load())
    for item in hub.run("infill", request, seed=1, cancel=scope.start()):
        ...   # Progress and Partial while it works, one Result at the end

``Hub`` holds nothing that belongs to a person: the request, the seed and the token come with each call.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from typing import Any

from workbench.errors import BadFile, BadRequest, Cancelled, Unavailable, WorkbenchError
from workbench.hub import places
from workbench.hub.estimates import SpeedBook
from workbench.hub.executor import Executor, NotNow, zerogpu
from workbench.hub.protocol import Attempt, CancelToken, Level, Model, Partial, Progress, Result, Support, new_run_id
from workbench.hub.public import PublicRules, log_line
from workbench.hub.registry import Registry
from workbench.hub.runtime import DEFAULT_BUDGET_MB, Loaded, Runtime, budget_mb
from workbench.hub.spec import ModelSpec
from workbench.hub.tasks.base import TaskRequest
from workbench.hub.tasks.table import task

_log = logging.getLogger(__name__)

#: A run that takes longer than this many times its estimate, and longer than the floor, is ended.
OVERTIME_FACTOR = 30.0
OVERTIME_FLOOR_SECONDS = 300.0
MAX_SEED = 2**53 - 1  # whole in JSON and JavaScript

#: Called at the end of every attempt, before its result is handed over.
Ended = Callable[[Attempt], object]


class Hub:
    """Runs models of a registry.

    Args:
        registry: the models; ``Registry.load()`` gives this installation's.
        public: the rules of a public server; True for the default ones, False for one's own computer.
        memory_budget_mb: how much the loaded models may take together; left out: half of the computer's memory on
            one's own, less on a public server.
        speeds: remembers how fast runs were; by default a file in the person's settings, in memory when public.
        executor: where models run; by default this process, or a GPU that a Space lends.
        clock: monotonic seconds.
    """

    def __init__(
        self, registry: Registry, *, public: bool | PublicRules = False, memory_budget_mb: int | None = None,
        speeds: SpeedBook | None = None, executor: Executor | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self.registry = registry
        self.rules = PublicRules() if public is True else public or None
        self.speeds = speeds or SpeedBook(None if self.rules else places.speed_file())
        local = {} if self.rules else registry.local
        if memory_budget_mb is None:
            memory_budget_mb = DEFAULT_BUDGET_MB if self.rules else budget_mb()
        self.runtime: Executor = executor or Runtime(
            memory_budget_mb, local=local, download=self.rules is None, lent=zerogpu.lent(self._expected)
        )
        self._clock = clock

    def models(self, task_name: str | None = None) -> list[ModelSpec]:
        """The models that may be run here, of one task or of all."""
        specs = list(self.registry) if task_name is None else self.registry.for_task(task_name)
        return [spec for spec in specs if self.rules is None or self.rules.allows(spec)]

    def support(self, model_id: str, request: Any) -> Support:
        """Whether a model (or a task's default) can meet a request; never raises for a model's own mistakes."""
        spec = self._spec(model_id)
        try:
            return self._ask_support(self.runtime.peek(spec), spec, request)
        except Unavailable as error:
            return Support.no(str(error))

    def estimate_seconds(self, model_id: str, request: Any) -> float:
        """How long a run will take on this machine, in seconds, weights already loaded."""
        spec = self._spec(model_id)
        return self._expected(spec, request)

    def _expected(self, spec: ModelSpec, request: Any) -> float:
        return self._guess(self.runtime.peek(spec), request) * self.speeds.ratio(spec.id)

    def run(
        self, model_id: str, request: TaskRequest, *, seed: int, cancel: CancelToken, ended: Ended | None = None
    ) -> Iterator[Progress | Partial | Result]:
        """Run a model by its id, or a task's default by the task's name.

        Yields progress and partial results, and exactly one :class:`Result`, last. If the model cannot be had, the
        task's embedded default steps in and the result's ``fallback_reason`` says why. Closing the iterator stops
        the run like the token does. ``ended`` hears of every attempt, whatever came of it, before its result is
        handed over: who keeps records makes a :class:`~workbench.provenance.run.Run` of it.

        Raises:
            BadRequest: unknown model, a request of the wrong kind, a seed out of range, or not offered to visitors.
            Unavailable: neither the model nor an embedded one can be had, or the model failed in the middle.
            Cancelled: the token went stale; it is noticed at the next step at the latest.
        """
        spec = self._spec(model_id)
        if not isinstance(request, task(spec.task).request_class()):
            raise BadRequest(f"The model {spec.id} does {spec.task}, which is not what was asked for.")
        if type(seed) is not int or not 0 <= seed <= MAX_SEED:
            raise BadRequest("A seed is a whole number from 0 to 9,007,199,254,740,991.")
        request = request.copied()  # the document may go on changing meanwhile
        cancel.check()
        try:
            yield from self._attempt(spec, request, seed, cancel, ended)
            return
        except _CannotHave as error:
            stand_in = self.registry.default(spec.task)
            refused = self.rules is not None and stand_in is not None and not self.rules.allows(stand_in)
            if stand_in is None or stand_in.id == spec.id or refused:
                raise error.reason from error
            reason = str(error.reason)
        yield Progress(None, f"{stand_in.title or stand_in.id} steps in: {reason}")
        try:
            yield from self._attempt(stand_in, request, seed, cancel, ended, asked_for=spec.id, why=reason)
        except _CannotHave as error:
            raise error.reason from error

    def _spec(self, name: str) -> ModelSpec:
        spec = self.registry.find(name)
        if self.rules is not None:
            self.rules.check_model(spec)
        return spec

    def _attempt(
        self, spec: ModelSpec, request: TaskRequest, seed: int, cancel: CancelToken, ended: Ended | None, *,
        asked_for: str = "", why: str = "",
    ) -> Generator[Progress | Partial | Result, None, None]:  # fmt: skip
        started, told = self._clock(), False
        attempt = Attempt(new_run_id(), spec, request, seed, spec.revision, {}, "failed", 0.0, asked_for, why)

        def end(outcome: str, **more: Any) -> Attempt:
            nonlocal told
            told = True
            done = replace(attempt, outcome=outcome, seconds=self._clock() - started, **more)
            _log.info("run %s", log_line(_figures(done)))
            if ended is not None:
                ended(done)
            return done

        outcome = "failed"
        try:
            try:
                slot = yield from self.runtime.acquire(spec, cancel)
            except (Unavailable, BadFile) as error:
                raise _CannotHave(error) from error
            attempt = replace(attempt, revision=slot.revision, weights=slot.hashes)
            healthy = False
            try:
                for item in self._run_loaded(slot, request, seed, cancel):
                    if isinstance(item, Result):
                        ideas = tuple(replace(idea, run=attempt.id) for idea in item.alternatives)
                        item = replace(item, alternatives=ideas, attempt=end("done", alternatives=ideas))
                        healthy = True
                    yield item
            except (Cancelled, GeneratorExit, _CannotHave):
                healthy = True
                raise
            finally:
                self.runtime.release(slot, unload=not healthy)
        except _CannotHave:
            outcome = "unavailable"
            raise
        except (Cancelled, GeneratorExit):
            outcome = "cancelled"
            raise
        finally:
            if not told:
                end(outcome)

    def _run_loaded(
        self, slot: Loaded, request: TaskRequest, seed: int, cancel: CancelToken
    ) -> Generator[Progress | Partial | Result, None, None]:
        model, spec = slot.model, slot.spec
        assert model is not None
        kind = task(spec.task)
        part = kind.make_part(request)
        asked = part.inner if part is not None else request
        guard = kind.make_guard(asked, spec)
        theirs = asked.copied()
        support = self._ask_support(model, spec, theirs)
        if support.level is Level.UNSUPPORTED:
            raise _CannotHave(BadRequest(support.reason or f"The model {spec.id} cannot do this; choose another."))
        guessed = self._guess(model, theirs)
        expected = guessed * self.speeds.ratio(spec.id)
        limit = max(OVERTIME_FLOOR_SECONDS, OVERTIME_FACTOR * expected)
        yield Progress(0.0, support.reason, expected)
        cancel.check()
        if part is not None:
            yield from part.standing()
        final: Result | None = None
        model.ask = lambda name, more, number: self.run(name, more, seed=number, cancel=cancel)
        work = _Watched(model, spec, theirs, seed, cancel, self._clock)
        try:
            for item in work:
                cancel.check()
                if isinstance(item, Result):
                    final = item
                    break
                if isinstance(item, Partial) and (shown := guard.partial(item)) is not None:
                    yield shown
                elif isinstance(item, Progress):
                    yield _timed(item, work.seconds, expected)
                cancel.check()
                if guard.full:
                    break
                if work.seconds > limit:
                    raise Unavailable(f"The model {spec.id} did not come to an end and was stopped; choose another.")
        except NotNow as error:
            raise _CannotHave(error) from error
        finally:
            work.close()
            model.ask = None
        ideas = guard.result(final, seed=seed, revision=slot.revision)
        if part is not None:
            ideas = part.whole(ideas, spec, seed, slot.revision)
        self.speeds.record(spec.id, guessed, work.seconds)
        remarks = (support.reason,) if support.level is Level.PARTIAL and support.reason else ()
        yield Result(ideas, remarks, document_revision=request.document_revision)

    def _ask_support(self, model: Model, spec: ModelSpec, request: Any) -> Support:
        try:
            answer = model.support(request)
            if isinstance(answer, Support) and isinstance(answer.level, Level) and isinstance(answer.reason, str):
                return answer
        except WorkbenchError as error:
            return Support.no(str(error))
        except Exception:
            _log.debug("support of %s failed", spec.id, exc_info=True)
        return Support.no(f"The model {spec.id} does not work as it should; choose another.")

    @staticmethod
    def _guess(model: Model, request: TaskRequest) -> float:
        try:
            seconds = float(model.estimate_seconds(request))
        except Exception:
            return 1.0
        return min(seconds, 86_400.0) if seconds > 0 else 0.05


class _CannotHave(Exception):
    """This model cannot be had for this request; another may step in. Never leaves this module."""

    def __init__(self, reason: WorkbenchError) -> None:
        super().__init__(str(reason))
        self.reason = reason


class _Watched:
    """A model's generator whose every failure is one plain sentence.

    ``seconds`` is the time spent in the model alone: a reader that dawdles does not make it slow.
    """

    def __init__(
        self,
        model: Model,
        spec: ModelSpec,
        request: TaskRequest,
        seed: int,
        cancel: CancelToken,
        clock: Callable[[], float],
    ) -> None:
        self._spec, self._cancel, self._clock = spec, cancel, clock
        self.seconds = 0.0
        self._work: Any = self._guarded(lambda: iter(model.run(request, seed=seed, cancel=cancel)))

    def __iter__(self) -> _Watched:
        return self

    def __next__(self) -> Any:
        return self._guarded(lambda: next(self._work))

    def close(self) -> None:
        """End the generator, so that what it holds is freed now and not at some later collection."""
        close = getattr(self._work, "close", None)
        self._work = None
        if close is not None:
            try:
                close()
            except Exception:
                _log.debug("closing %s failed", self._spec.id, exc_info=True)

    def _guarded(self, step: Callable[[], Any]) -> Any:
        name, started = self._spec.id, self._clock()
        try:
            return step()
        except StopIteration:
            raise
        except Cancelled as error:
            if self._cancel.cancelled:
                raise
            raise Unavailable(f"The model {name} stopped of its own accord; try again or choose another.") from error
        except WorkbenchError:
            raise
        except MemoryError as error:
            raise Unavailable(f"The memory ran out in the model {name}; mark a smaller gap.") from error
        except (Exception, SystemExit) as error:
            _log.debug("run of %s failed", name, exc_info=True)
            raise Unavailable(
                f"The model {name} failed ({type(error).__name__}); try again or choose another."
            ) from error
        finally:
            self.seconds += self._clock() - started


def _figures(attempt: Attempt) -> dict[str, Any]:
    """What the server's own log may say of a run."""
    return {
        "task": attempt.spec.task, "model": attempt.spec.id, "asked_for": attempt.asked_for,
        "outcome": attempt.outcome, "elapsed_ms": round(attempt.seconds * 1000), "seed": attempt.seed,
        "alternatives": len(attempt.alternatives),
        "notes": sum(len(notes) for idea in attempt.alternatives for notes in idea.notes.values()),
    }  # fmt: skip


def _timed(item: Progress, passed: float, expected: float) -> Progress:
    """Progress with the time left: by the model's own share once it has one, by the estimate until then."""
    done = item.done if isinstance(item.done, (int, float)) and 0.0 <= item.done <= 1.0 else None
    text = item.text[:300] if isinstance(item.text, str) else ""
    if done is not None and done >= 0.05:
        left = passed * (1.0 - done) / done
    else:
        left = max(0.0, expected - passed)
    return Progress(done, text, left)
