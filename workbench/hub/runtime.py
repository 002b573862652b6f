"""Which models are loaded: a memory budget, the least recently used leaves first, one lock a model.

A model that is running is never unloaded. Waiting for a lock, fetching weights and loading can all be stopped.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from workbench.errors import Cancelled, Unavailable, WorkbenchError
from workbench.hub.protocol import CancelToken, Model, Progress
from workbench.hub.registry import adapter_class, missing_extra
from workbench.hub.spec import ModelSpec
from workbench.hub.weights import resolve as weights

#: What loaded models may take together where nobody says it: so much, and on a person's own computer half its memory.
DEFAULT_BUDGET_MB = 4_000
_POLL_SECONDS = 0.2


def budget_mb() -> int:
    """What loaded models may take on a person's own computer, in MB: half of its memory, or the default if more."""
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1_000_000
    except (AttributeError, ValueError, OSError):  # Windows does not tell it so
        memory = 0
    return max(DEFAULT_BUDGET_MB, memory // 2)


@dataclass
class Loaded:
    """A model in memory. ``hashes``: sha256 of its files. ``users`` counts the runs that hold or await it."""

    spec: ModelSpec
    lock: threading.Lock = field(default_factory=threading.Lock)
    model: Model | None = None
    revision: str = ""
    hashes: Mapping[str, str] = field(default_factory=dict)
    users: int = 0


class Runtime:
    """All loaded models of a process.

    Args:
        memory_budget_mb: how much the loaded models may take together, by their entries' own figures.
        local: folders that take the place of a model's files, by model id.
        download: whether missing weights may be fetched.
        lent: makes the models that run with torch where a GPU is lent for each run (:mod:`.executor.zerogpu`).
    """

    def __init__(
        self, memory_budget_mb: int = DEFAULT_BUDGET_MB, *, local: Mapping[str, Path] | None = None,
        download: bool = True, lent: Callable[[ModelSpec, Mapping[str, Path]], Model] | None = None,
    ) -> None:  # fmt: skip
        self.memory_budget_mb = memory_budget_mb
        self._local = dict(local or {})
        self._download = download
        self._lent = lent
        self._slots: OrderedDict[str, Loaded] = OrderedDict()
        self._guard = threading.Lock()

    @property
    def loaded(self) -> tuple[str, ...]:
        """Ids of the models in memory, least recently used first."""
        with self._guard:
            return tuple(name for name, slot in self._slots.items() if slot.model is not None)

    def acquire(self, spec: ModelSpec, cancel: CancelToken) -> Generator[Progress, None, Loaded]:
        """Load a model if need be and take its lock; every success must be followed by :meth:`release`.

        Raises:
            Unavailable: weights or an extra are missing, or the model does not fit the memory budget.
            BadFile: its weights were refused.
            Cancelled: the person pressed Stop.
        """
        with self._guard:
            slot = self._slots.setdefault(spec.id, Loaded(spec))
            slot.users += 1
            self._slots.move_to_end(spec.id)
        held = False
        try:
            while not (held := slot.lock.acquire(timeout=_POLL_SECONDS)):
                cancel.check()
                yield Progress(None, "Waiting for another run of this model")
            cancel.check()
            if slot.model is None:
                yield from self._load(slot, cancel)
            return slot
        except BaseException:
            self._leave(slot, held)
            raise

    def release(self, slot: Loaded, *, unload: bool = False) -> None:
        """Give the lock back; ``unload`` also frees the model's memory (after a failure, whose state is unknown)."""
        if unload:
            _unload(slot)
        self._leave(slot, True)

    def unload_all(self) -> None:
        """Free every model that is not running."""
        with self._guard:
            for slot in self._slots.values():
                if slot.users == 0:
                    _unload(slot)

    def forget(self, model_id: str) -> None:
        """Free a model's memory because its files go; raises :class:`Unavailable` while it is at work."""
        with self._guard:
            slot = self._slots.get(model_id)
            if slot is not None and slot.users:
                raise Unavailable(f"The model {model_id} is at work; remove it when it is done.")
            if slot is not None:
                _unload(slot)

    def model_class(self, spec: ModelSpec) -> type[Model]:
        """The class that runs a model; raises :class:`Unavailable` naming the missing extra."""
        return adapter_class(spec)

    def peek(self, spec: ModelSpec) -> Model:
        """An instance for the quick questions (support, estimate), without weights."""
        slot = self._slots.get(spec.id)
        if slot is not None and slot.model is not None:
            return slot.model
        return adapter_class(spec)(spec, {})

    def _leave(self, slot: Loaded, held: bool) -> None:
        with self._guard:
            slot.users -= 1
        if held:
            slot.lock.release()

    def _load(self, slot: Loaded, cancel: CancelToken) -> Generator[Progress, None, None]:
        spec = slot.spec
        kind = adapter_class(spec)
        found = yield from weights.resolve(spec, cancel, local=self._local.get(spec.id), download=self._download)
        self._make_room(spec)
        yield Progress(None, f"Loading {spec.title or spec.id}")
        cancel.check()
        try:
            model = self._lent(spec, found.files) if self._lent and spec.extra == "hub" else kind(spec, found.files)
            model.prepare()
        except ImportError as error:
            raise missing_extra(spec, error) from error
        except MemoryError as error:
            raise Unavailable(f"There is not enough memory for the model {spec.id}; choose a smaller one.") from error
        except WorkbenchError:
            raise
        except Exception as error:
            raise Unavailable(
                f"The model {spec.id} could not be loaded ({type(error).__name__}); choose another."
            ) from error
        slot.model, slot.revision, slot.hashes = model, found.revision, found.hashes
        if cancel.cancelled:
            _unload(slot)
            raise Cancelled("Stopped.")

    def _make_room(self, spec: ModelSpec) -> None:
        if spec.memory_mb > self.memory_budget_mb:
            raise Unavailable(
                f"The model {spec.id} needs {spec.memory_mb:,} MB of memory, and {self.memory_budget_mb:,} MB are "
                "allowed; choose a smaller one."
            )
        with self._guard:
            used = sum(slot.spec.memory_mb for slot in self._slots.values() if slot.model is not None)
            for slot in list(self._slots.values()):
                if used + spec.memory_mb <= self.memory_budget_mb:
                    return
                if slot.model is not None and slot.users == 0:
                    _unload(slot)
                    used -= slot.spec.memory_mb
            if used + spec.memory_mb > self.memory_budget_mb:
                raise Unavailable(f"Other models are busy and leave no memory for {spec.id}; try again in a moment.")


def _unload(slot: Loaded) -> None:
    model, slot.model = slot.model, None
    if model is not None:
        try:
            model.release()
        except Exception:  # a model that cannot even let go is dropped all the same
            del model
