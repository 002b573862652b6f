"""ZeroGPU: a Hugging Face Space lends a GPU for the seconds that a function says it needs.

The platform's own package ``spaces`` decorates that function: each call waits for a GPU, runs in a process that was
forked from the Space's, and what it yields comes back. So a model that runs with torch is not loaded in the Space's own
process; its run is one call that carries the model's entry, its files' paths and the request, and asks for as many
seconds as the hub expects: a short request waits less and costs a visitor's daily share less.

Off such a Space nothing of this is used, and ``spaces`` need not be installed.
"""

from __future__ import annotations

import importlib
import math
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError
from workbench.hub.executor import NotNow, Told, heard, telling
from workbench.hub.protocol import CancelToken, Model, Partial, Progress, Result
from workbench.hub.registry import adapter_class
from workbench.hub.spec import ModelSpec

#: Seconds that are asked for: at least, at most (the platform refuses more), for loading, and how much longer than
#: expected it may take.
LEAST, MOST, LOADING, MARGIN = 5, 120, 4.0, 1.5
#: The extra of the models that run with torch: they alone gain from a GPU.
EXTRA = "hub"

#: Models that are in memory in this process; on the platform that is the forked one, which is used again.
_ready: dict[str, Model] = {}


def lent(estimate: Callable[[ModelSpec, Any], float]) -> Callable[[ModelSpec, Mapping[str, Path]], Model] | None:
    """How a model is made here: None off ZeroGPU, else a function that makes those that ask for a GPU.

    Args:
        estimate: seconds that a run is expected to take, weights loaded.
    """
    if os.environ.get("SPACES_ZERO_GPU", "").lower() not in ("1", "t", "true"):
        return None
    try:
        decorate: Any = importlib.import_module("spaces").GPU
    except (ImportError, AttributeError):  # a folder of that name is no package
        return None
    ask: Callable[..., Iterator[Told]] = decorate(duration=_duration)(_steps)
    return lambda spec, files: Lent(spec, files, ask, estimate)


def seconds_for(expected: float) -> int:
    """How many seconds of a GPU are asked for a run that is expected to take so long."""
    wanted = LOADING + MARGIN * expected if math.isfinite(expected) else MOST
    return int(min(MOST, max(LEAST, math.ceil(wanted))))


def _duration(spec: ModelSpec, files: Mapping[str, str], request: Any, seed: int, seconds: int) -> int:
    return seconds


def _steps(spec: ModelSpec, files: Mapping[str, str], request: Any, seed: int, seconds: int) -> Iterator[Told]:
    """A run, in the process that has the GPU. Whoever stops listening ends it at its next step."""
    try:
        model = _ready.get(spec.id)
        if model is None:
            model = adapter_class(spec)(spec, {name: Path(path) for name, path in files.items()})
            model.prepare()
            _ready[spec.id] = model
    except WorkbenchError as problem:
        yield "error", type(problem).__name__, str(problem)
        return
    except Exception as problem:
        yield "failed", type(problem).__name__
        return
    yield from telling(iter(model.run(request, seed=seed, cancel=CancelToken.never())))


class Lent(Model):
    """A model whose runs ask for a GPU; the quick questions are answered here."""

    def __init__(
        self, spec: ModelSpec, files: Mapping[str, Path], ask: Callable[..., Iterator[Told]],
        estimate: Callable[[ModelSpec, Any], float],
    ) -> None:  # fmt: skip
        super().__init__(spec, files)
        self._quick = adapter_class(spec)(spec, {})
        self._ask, self._estimate = ask, estimate

    def support(self, request: Any) -> Any:
        """See :meth:`workbench.hub.protocol.Model.support`."""
        return self._quick.support(request)

    def estimate_seconds(self, request: Any) -> float:
        """See :meth:`workbench.hub.protocol.Model.estimate_seconds`."""
        return self._quick.estimate_seconds(request)

    def run(self, request: Any, *, seed: int, cancel: CancelToken) -> Iterator[Progress | Partial | Result]:
        """Ask for a GPU and pass on what comes; raises :class:`NotNow` where none is given."""
        paths = {name: str(path) for name, path in self.files.items()}
        seconds = seconds_for(self._estimate(self.spec, request))
        yield Progress(None, "Waiting for a GPU")
        steps = iter(self._ask(self.spec, paths, request, seed, seconds))
        begun = False
        try:
            while True:
                cancel.check()
                try:
                    told = next(steps)
                except StopIteration:
                    return
                except Exception as problem:  # the platform's own: no GPU is free, a visitor's share is used up
                    if begun:
                        raise
                    raise NotNow(
                        "No GPU is free for this now; try again later, or sign in for a larger share."
                    ) from problem
                begun = True
                yield heard(told)
        finally:
            if close := getattr(steps, "close", None):
                close()
