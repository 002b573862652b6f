"""Where a model runs: in this process (:mod:`workbench.hub.runtime`), on a GPU that a Space lends for some seconds
(:mod:`.zerogpu`), or on another computer of a Ray cluster (:mod:`.cluster`). The hub asks all of them alike."""

from __future__ import annotations

import copyreg
from collections.abc import Generator, Iterator
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from workbench import errors
from workbench.errors import Unavailable, WorkbenchError

if TYPE_CHECKING:
    from workbench.hub.protocol import CancelToken, Model, Partial, Progress, Result
    from workbench.hub.runtime import Loaded
    from workbench.hub.spec import ModelSpec


def _view(values: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(values)


# Requests hold read-only views of dictionaries, which Python pickles only when it is told how.
copyreg.pickle(MappingProxyType, lambda view: (_view, (dict(view),)))


class NotNow(Unavailable):
    """The place where a model should have run cannot be had; nothing has been made yet, so another may step in."""


class Executor(Protocol):
    """What the hub needs of the place where models run."""

    @property
    def loaded(self) -> tuple[str, ...]:
        """Ids of the models in memory, least recently used first."""

    def acquire(self, spec: ModelSpec, cancel: CancelToken) -> Generator[Progress, None, Loaded]:
        """A model to run, loaded and reserved for the caller; see :meth:`workbench.hub.runtime.Runtime.acquire`."""

    def release(self, slot: Loaded, *, unload: bool = False) -> None:
        """The run is over; every success of :meth:`acquire` must be followed by this."""

    def peek(self, spec: ModelSpec) -> Model:
        """An instance for the quick questions (support, estimate), without weights."""

    def forget(self, model_id: str) -> None:
        """Free a model's memory because its files go."""

    def unload_all(self) -> None:
        """Free every model that is not running."""


#: What a run elsewhere tells: ``("item", Progress | Partial | Result)`` and so on, an error's class by name and its
#: sentence (an exception of a library may not survive the way), or the name of an exception that nobody expected.
Told = tuple[Any, ...]


def telling(work: Iterator[Progress | Partial | Result]) -> Iterator[Told]:
    """A model's run as what is told across processes; never raises but for what ends the process."""
    try:
        for item in work:
            yield "item", item
    except WorkbenchError as problem:
        yield "error", type(problem).__name__, str(problem)
    except MemoryError:
        yield "memory", ""
    except Exception as problem:
        yield "failed", type(problem).__name__


def heard(told: Told) -> Progress | Partial | Result:
    """The item that was told; raises what went wrong there as if it had here."""
    kind, *values = told
    if kind == "item":
        item: Progress | Partial | Result = values[0]
        return item
    if kind == "memory":
        raise MemoryError
    if kind == "error":
        found = getattr(errors, values[0], Unavailable)
        raise found(values[1])
    raise RuntimeError(values[0])
