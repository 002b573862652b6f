"""What a visitor of a public server may do: the owner's list of models, and limits on size, length, jobs and time.

On a public server visitors cannot pull, delete, add or push models or name local paths; what they upload is gone
after an hour; log lines hold figures only. The owner's wishes come from a ``[public]`` table::

    [public]
    models = ["markov"]        # left out: the embedded models
    weights = "open"           # left out: as WORKBENCH_WEIGHTS says
    max_upload_mb = 20
    max_minutes = 10
    max_track_minutes = 100
    jobs_per_person = 1
    jobs_per_address = 12      # people behind one address together, such as a school
    queue_length = 20
    keep_seconds = 3600
    pages_per_address = 60
    uploads_per_address_mb = 200   # within keep_seconds
    uploads_mb = 4000              # of all visitors, within keep_seconds
    requests_per_second = 150  # from one address, behind which may be a whole school; thirty times as many at once
    messages_per_second = 60   # the same, of what asks for work or changes something
    page_messages_per_second = 20  # of one page; fifteen times as many at once
    proxies = 0                # how many proxies stand before the server and add to X-Forwarded-For
    hosts = ["music.example.org"]  # names it is reached by, beside its own; "*.example.org" for all below
    frames = ["https://school.example.org"]  # pages that may show it in a frame
"""

from __future__ import annotations

import re
import shutil
import time
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from traceback import extract_tb
from typing import Any

from workbench.errors import BadFile, BadRequest
from workbench.hub.card import read_list, read_table
from workbench.hub.registry import Registry
from workbench.hub.spec import ModelSpec
from workbench.resources import WEIGHT_SETS
from workbench.sound.limits import Limits

#: What visitors may never do, with the word the refusal uses.
FORBIDDEN = ("pull", "delete", "add", "push", "local paths")

#: A host or an origin; what could end a header's value, or a directive in it, is none.
_ADDRESS = re.compile(r"(https?://)?(\*\.)?[A-Za-z0-9_.\[\]:-]{1,253}\Z")


@dataclass(frozen=True, slots=True)
class PublicRules:
    """``models``: ids on the owner's list (None: the embedded ones). ``weights``: the set of weights of the whole
    process (:func:`workbench.resources.weight_set`), which whoever starts it sets; "": as it is.
    Sizes in MB of 1,000,000 bytes.
    ``max_track_minutes``: a piece's minutes times its tracks that hold notes.
    ``jobs_per_person``: of one session; ``jobs_per_address``: of one network address, the page's own drawing included.
    ``proxies``: how many entries at the end of ``X-Forwarded-For`` are believed; 0: it is what a visitor writes.
    ``hosts``, ``frames``: see :class:`workbench.ui.door.Door`.
    """

    models: frozenset[str] | None = None
    weights: str = ""
    max_upload_mb: int = 20
    max_minutes: int = 10
    max_track_minutes: int = 100
    jobs_per_person: int = 1
    jobs_per_address: int = 12
    queue_length: int = 20
    keep_seconds: int = 3600
    pages_per_address: int = 60
    uploads_per_address_mb: int = 200
    uploads_mb: int = 4_000
    requests_per_second: int = 150
    messages_per_second: int = 60
    page_messages_per_second: int = 20
    proxies: int = 0
    hosts: frozenset[str] = frozenset()
    frames: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            if name in ("models", "weights", "hosts", "frames"):
                continue
            least = 0 if name == "proxies" else 1
            if type(value) is not int or not least <= value <= 1_000_000:
                raise BadFile(f"The public limit {name} must be a whole number from {least}.")
        if self.weights not in ("", *WEIGHT_SETS):
            raise BadFile(f"The weights of the [public] table must be one of {', '.join(WEIGHT_SETS)}.")
        for name in ("hosts", "frames"):
            for value in getattr(self, name):
                if not _ADDRESS.match(value):
                    raise BadFile(f"The {name} of the [public] table hold {value[:40]!r}, which is no address.")

    @classmethod
    def load(cls, path: Path) -> PublicRules:
        """Read the ``[public]`` table of a TOML file; raises :class:`BadFile` naming the odd field."""
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise BadFile(f"The rules in {path.name} cannot be read; repair the file.") from error
        table = dict(read_table(data.get("public", {}), set(cls.__slots__), set(), "The [public] table"))
        for field in {"models", "hosts", "frames"} & table.keys():
            names = read_list(table[field], f"{field} of [public]")
            if not all(isinstance(name, str) for name in names):
                raise BadFile(f"The {field} of the [public] table must be a list of names.")
            table[field] = frozenset(names)
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

    @property
    def sound(self) -> Limits:
        """How much sound may be made for a visitor."""
        # A piece at its limit may ring on for some seconds.
        return Limits(self.max_minutes + 0.5, self.max_track_minutes * 1.05)

    @staticmethod
    def refuse(action: str) -> BadRequest:
        """The error for something that only the owner may do (one of :data:`FORBIDDEN`)."""
        return BadRequest(f"This is a public workbench, where visitors cannot {action}; run your own copy to do that.")


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


def trace(problem: BaseException) -> str:
    """Where something went wrong, for the server's log: kinds and places, never the message, which may hold content."""
    places = [f"{Path(place.filename).name}:{place.lineno} {place.name}" for place in extract_tb(problem.__traceback__)]
    cause = problem.__cause__ or problem.__context__
    text = f"{type(problem).__name__} in {' > '.join(places[-12:])}"
    return f"{text}, after {type(cause).__name__}" if cause is not None else text
