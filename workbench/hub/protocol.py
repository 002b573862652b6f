"""What a model is to the workbench: the class to write, what it yields, and how it is stopped.

A model is a class with a ``run`` generator. The shortest one that works::

    class Echo(Model):
        def run(self, request, *, seed, cancel):
            rng = numpy.random.default_rng(seed)
            for alternative in range(request.count):
                for region in request.regions:
                    for track_id in region.tracks:
                        cancel.check()
                        pitch = int(rng.integers(60, 72))
                        yield Partial(alternative, track_id, (draft(region.start, 480, pitch),))

The hub stands between this class and the person (a guard for each task, :mod:`workbench.hub.tasks`): ids, authorship,
regions, locks and ranges are its work, so a model may stay that small.

A task is what several models can do; :mod:`workbench.hub.tasks.base` says what makes one.

Cancelling follows the generation counter of speech-to-speech's ``cancel_scope``: a scope holds a number, a token
remembers the number it was given, and a token is stale when they differ. Nothing is ever reset, so an old job
cannot be woken by a new one.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import BadFile, Cancelled
from workbench.score.score import Note

if TYPE_CHECKING:
    from workbench.hub.spec import ModelSpec


class CancelScope:
    """One person's (or one job's) running work. Written by whoever presses Stop, read by the workers.

    No lock: the number only grows, an int is read and written in one step, and a worker that reads it one step
    late stops one step late.
    """

    __slots__ = ("_generation",)

    def __init__(self) -> None:
        self._generation = 0

    @property
    def generation(self) -> int:
        """How often this scope has been cancelled."""
        return self._generation

    def start(self, *, supersede: bool = False) -> CancelToken:
        """A token for a job that begins now; ``supersede`` stops the scope's earlier jobs first."""
        if supersede:
            self.cancel()
        return CancelToken(((self, self._generation),))

    def cancel(self) -> None:
        """Make every token given out so far stale."""
        self._generation += 1


@dataclass(frozen=True, slots=True)
class CancelToken:
    """Answers one question: has this job been stopped? It is stale as soon as one of its scopes moved on."""

    watched: tuple[tuple[CancelScope, int], ...] = ()

    @classmethod
    def never(cls) -> CancelToken:
        """A token that nobody can cancel (scripts, tests)."""
        return cls()

    def join(self, other: CancelToken) -> CancelToken:
        """A token that is stale when either of the two is."""
        return CancelToken(self.watched + other.watched)

    @property
    def cancelled(self) -> bool:
        """Whether the job should end."""
        return any(scope.generation != number for scope, number in self.watched)

    def check(self) -> None:
        """Raise :class:`~workbench.errors.Cancelled` if the job should end. Call it once a model step."""
        if self.cancelled:
            raise Cancelled("Stopped.")


class Level(Enum):
    """How well a model can meet a request."""

    SUPPORTED = "supported"
    PARTIAL = "partial"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class Support:
    """A model's answer before it runs. ``reason`` is one plain sentence, empty only when fully supported."""

    level: Level
    reason: str = ""

    @classmethod
    def full(cls) -> Support:
        """Everything asked for will be honoured."""
        return cls(Level.SUPPORTED)

    @classmethod
    def partial(cls, reason: str) -> Support:
        """It will run; ``reason`` says what will be ignored."""
        return cls(Level.PARTIAL, reason)

    @classmethod
    def no(cls, reason: str) -> Support:
        """It cannot run; ``reason`` says why and what to try."""
        return cls(Level.UNSUPPORTED, reason)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work is. ``done`` 0.0 to 1.0 (None: unknown); ``seconds_left`` in seconds (None: unknown).

    A model sets ``done`` alone; the hub adds the time left.
    """

    done: float | None = None
    text: str = ""
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class Partial:
    """Notes of one alternative that have just been made. Each note is yielded once; later partials add to it."""

    alternative: int
    track_id: str
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Alternative:
    """One idea. A model fills ``notes`` (or ``stems``), ``value``, ``settings`` and ``remarks``; the hub the rest.

    ``notes``: new notes by track id (symbolic tasks). ``stems``: ``workbench.sound.Audio`` by name (audio tasks).
    ``value``: JSON-able answer of an analysis task. ``operation``: the document operation that puts the notes into
    the score, built and guaranteed by the hub (a model's own is ignored). ``settings``: everything but the score
    that is needed, with ``seed``, ``model_id`` and ``revision``, to make this idea again; JSON-able.
    ``remarks``: plain sentences for the person. ``confidence``: how sure the model was of its notes, where it can
    tell: by track id, rows of (start in ticks, MIDI pitch, per cent). ``run``: the id of the run that made it.
    """

    notes: Mapping[str, tuple[Note, ...]] = field(default_factory=dict)
    stems: Mapping[str, Any] = field(default_factory=dict)
    value: Any = None
    operation: Mapping[str, Any] | None = None
    seed: int = 0
    settings: Mapping[str, Any] = field(default_factory=dict)
    model_id: str = ""
    revision: str = ""
    remarks: tuple[str, ...] = ()
    confidence: Mapping[str, tuple[tuple[int, int, int], ...]] = field(default_factory=dict)
    run: str = field(default="", compare=False)  # equal ideas are equal, whoever asked


def new_run_id() -> str:
    """An id that no other run has."""
    return f"r{secrets.token_hex(8)}"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What the hub did for one request with one model, for whoever keeps records
    (:meth:`workbench.provenance.run.Run.of`).

    ``id``: of the run, unique. ``spec``, ``request``, ``seed``: what ran on what. ``revision``, ``weights``: the files
    that were loaded, name -> sha256; empty where it did not come to that. ``outcome``: ``done``, ``cancelled``,
    ``failed``, or ``unavailable`` where it never began. ``seconds``: wall-clock time. ``asked_for`` and
    ``fallback_reason``: the model that was wanted, and why this one stepped in.
    """

    id: str
    spec: ModelSpec
    request: Any
    seed: int
    revision: str
    weights: Mapping[str, str]
    outcome: str
    seconds: float
    asked_for: str = ""
    fallback_reason: str = ""
    alternatives: tuple[Alternative, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """The end of a run. A model that has yielded all its notes as partials may leave the result out.

    ``attempt`` is set by the hub. ``document_revision`` is the revision the request was made on.
    """

    alternatives: tuple[Alternative, ...] = ()
    remarks: tuple[str, ...] = ()
    attempt: Attempt | None = None
    document_revision: int = 0

    @property
    def elapsed_seconds(self) -> float:
        """Wall-clock seconds that the run took."""
        return self.attempt.seconds if self.attempt else 0.0

    @property
    def asked_for(self) -> str:
        """The model that was wanted where another stepped in; else empty."""
        return self.attempt.asked_for if self.attempt else ""

    @property
    def fallback_reason(self) -> str:
        """Why another model than the one wanted ran; else empty."""
        return self.attempt.fallback_reason if self.attempt else ""


class Model:
    """Base of all models. Write ``run``; override the others where there is something to say.

    The hub makes one instance with the entry and its resolved files, calls :meth:`prepare` before the first run,
    runs one request at a time (one lock a model), and calls :meth:`release` when memory is needed.

    ``ask`` is there during a run through a hub: ``ask(model, request, seed)`` runs another model of it, by its id or
    its task's name, and yields what :meth:`workbench.hub.hub.Hub.run` yields; stopping this run stops that one. A model
    must do without where it is None.
    """

    ask: Callable[[str, Any, int], Iterator[Progress | Partial | Result]] | None = None

    def __init__(self, spec: ModelSpec, files: Mapping[str, Path]) -> None:
        """``files``: local paths of everything the entry lists, checked; ``config.json`` among them if it exists."""
        self.spec = spec
        self.files = files

    def config(self) -> dict[str, Any]:
        """The model's ``config.json``; empty if it has none.

        Raises:
            BadFile: the file is not a JSON object.
        """
        path = self.files.get("config.json")
        if path is None:
            return {}
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise BadFile(f"The settings file of the model {self.spec.id} cannot be read; pull it again.") from error
        if not isinstance(data, dict):
            raise BadFile(f"The settings file of the model {self.spec.id} is not a JSON object; pull it again.")
        return data

    def support(self, request: Any) -> Support:
        """Whether this request can be met; must be quick and must not load weights."""
        return Support.full()

    def estimate_seconds(self, request: Any) -> float:
        """Expected wall-clock seconds on a laptop core; the hub corrects it by what past runs took here."""
        return 1.0

    def prepare(self) -> None:
        """Load what is slow to load. Called again after :meth:`release`; safe to call twice."""

    def release(self) -> None:
        """Let go of what :meth:`prepare` loaded. Safe to call twice."""

    def run(self, request: Any, *, seed: int, cancel: CancelToken) -> Iterator[Progress | Partial | Result]:
        """Do the work, yielding as it comes; equal request and seed must give equal output.

        Call ``cancel.check()`` once a step (a note, a network pass); yield at least once a second if possible.
        """
        raise NotImplementedError(f"{type(self).__name__} has no run method.")
