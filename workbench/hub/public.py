"""What a visitor of a public server may do: the owner's list of models, and limits on size, length, jobs and time.

On a public server visitors cannot pull, delete, add or push models or name local paths; what they upload is gone
after an hour; log lines hold figures only. The owner's wishes come from a ``[public]`` table::

    [public]
    models = ["markov"]        # left out: the embedded models
    max_upload_mb = 20
    max_minutes = 10
    jobs_per_person = 1
    queue_length = 20
    keep_seconds = 3600
"""

from __future__ import annotations

import contextlib
import shutil
import threading
import time
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import BadFile, BadRequest, Unavailable
from workbench.hub.card import read_list, read_table
from workbench.hub.registry import Registry
from workbench.hub.spec import ModelSpec

#: What visitors may never do, with the word the refusal uses.
FORBIDDEN = ("pull", "delete", "add", "push", "local paths")


@dataclass(frozen=True, slots=True)
class PublicRules:
    """``models``: ids on the owner's list (None: the embedded ones). Sizes in MB of 1,000,000 bytes."""

    models: frozenset[str] | None = None
    max_upload_mb: int = 20
    max_minutes: int = 10
    jobs_per_person: int = 1
    queue_length: int = 20
    keep_seconds: int = 3600

    def __post_init__(self) -> None:
        for name in ("max_upload_mb", "max_minutes", "jobs_per_person", "queue_length", "keep_seconds"):
            value = getattr(self, name)
            if type(value) is not int or not 1 <= value <= 1_000_000:
                raise BadFile(f"The public limit {name} must be a whole number from 1.")

    @classmethod
    def load(cls, path: Path) -> PublicRules:
        """Read the ``[public]`` table of a TOML file; raises :class:`BadFile` naming the odd field."""
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise BadFile(f"The rules in {path.name} cannot be read; repair the file.") from error
        table = dict(read_table(data.get("public", {}), set(cls.__slots__), set(), "The [public] table"))
        if "models" in table:
            names = read_list(table["models"], "models of [public]")
            if not all(isinstance(name, str) for name in names):
                raise BadFile("The models of the [public] table must be a list of names.")
            table["models"] = frozenset(names)
        return cls(**table)

    def allows(self, spec: ModelSpec) -> bool:
        """Whether visitors may run this model."""
        return spec.embedded if self.models is None else spec.id in self.models

    def allowed(self, registry: Registry) -> list[ModelSpec]:
        """The models that visitors see."""
        return [spec for spec in registry if self.allows(spec)]

    def check_model(self, spec: ModelSpec) -> None:
        """Raise :class:`BadRequest` if visitors may not run this model."""
        if not self.allows(spec):
            raise BadRequest(f"The model {spec.id} is not offered here; choose another, or run the workbench yourself.")

    def check_upload(self, size_bytes: int) -> None:
        """Raise :class:`BadRequest` for a file that is too large."""
        if size_bytes > self.max_upload_mb * 1_000_000:
            raise BadRequest(f"Files of up to {self.max_upload_mb} MB can be opened here; choose a smaller one.")

    def check_length(self, seconds: float) -> None:
        """Raise :class:`BadRequest` for a piece or recording that is too long."""
        if not seconds <= self.max_minutes * 60:
            raise BadRequest(f"Music of up to {self.max_minutes} minutes can be opened here; choose a shorter piece.")

    @staticmethod
    def refuse(action: str) -> BadRequest:
        """The error for something that only the owner may do (one of :data:`FORBIDDEN`)."""
        return BadRequest(f"This is a public workbench, where visitors cannot {action}; run your own copy to do that.")


class Queue:
    """How many jobs run and wait, in all and by person. Persons are opaque keys; nothing else is known of them."""

    def __init__(self, rules: PublicRules) -> None:
        self._rules = rules
        self._lock = threading.Lock()
        self._jobs: Counter[str] = Counter()

    @contextlib.contextmanager
    def place(self, person: str) -> Iterator[None]:
        """Hold a place for one job.

        Raises:
            BadRequest: this person has as many jobs as allowed.
            Unavailable: the queue is full.
        """
        with self._lock:
            if self._jobs[person] >= self._rules.jobs_per_person:
                raise BadRequest("Your last job is still running; wait for it or stop it.")
            if self._jobs.total() >= self._rules.queue_length:
                raise Unavailable("Many people are here right now; try again in a minute.")
            self._jobs[person] += 1
        try:
            yield
        finally:
            with self._lock:
                self._jobs[person] -= 1
                if not self._jobs[person]:
                    del self._jobs[person]


def sweep(folder: Path, keep_seconds: int, now: float | None = None) -> int:
    """Delete what has not been changed for ``keep_seconds`` directly under ``folder``; returns how many things went.

    Links are removed, never followed. A thing that cannot be deleted now is tried again next time.
    """
    limit = (time.time() if now is None else now) - keep_seconds
    gone = 0
    for path in folder.iterdir() if folder.is_dir() else ():
        try:
            if path.lstat().st_mtime > limit or (path.is_dir() and not path.is_symlink() and _newest(path) > limit):
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
            gone += 1
        except OSError:
            continue
    return gone


def _newest(folder: Path) -> float:
    return max((item.lstat().st_mtime for item in folder.rglob("*")), default=0.0)


#: Fields of a run event that hold figures, and none of what a visitor wrote.
_LOGGED = ("task", "model", "asked_for", "outcome", "elapsed_ms", "alternatives", "notes", "seed")


def log_line(event: Mapping[str, Any], fields: Iterable[str] = _LOGGED) -> str:
    """A run event as a line for the server's log: figures and the models' names, never content."""
    return " ".join(f"{name}={event[name]}" for name in fields if event.get(name) not in (None, ""))
