"""The one record of a model's work: which model, with which weights, was asked what, and how it ended.

Whatever a model makes refers to its run by id. The log of a piece holds each run once (an event of the kind ``run``);
an edit that brought a run's notes into the piece names it in its facts::

    {"runs": {"r0a1b2c3d4e5f607": []}}            # the run wrote what this operation adds
    {"runs": {"r0a…": ["t1"], "r9f…": ["t2"]}}    # a mixture: which run wrote which track

so that :mod:`workbench.provenance.writers` can say of every note in a piece which run wrote it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from workbench.errors import BadDocument
from workbench.hub.protocol import new_run_id
from workbench.score.events import Event, EventLog

if TYPE_CHECKING:
    from workbench.hub.card import Card
    from workbench.hub.protocol import Attempt
    from workbench.hub.spec import ModelSpec
    from workbench.score.document import Document
    from workbench.score.operations import Operation

#: How a run can end: with a result; stopped by the person; in the middle; before it began, so another stepped in.
OUTCOMES = ("done", "cancelled", "failed", "unavailable")
MAX_TEXT = 2_000
#: The revision of a model that could not be had, and whose commit nobody has seen.
UNPINNED = "unpinned"
#: Most characters of a run's settings as JSON: an idea of 20,000 notes to try again fits.
MAX_JSON = 8_000_000
MAX_ENTRIES = 1_000

_ID = re.compile(r"r[0-9a-f]{16}\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_NAME = re.compile(r"[^\s\x00-\x1f]{1,200}\Z")


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one model; equal model, weights, seed, settings and inputs give equal music.

    ``id``: unique, made by the hub. ``revision``: the commit of the weights, or ``embedded``. ``weights``: the files
    that were loaded, name -> sha256. ``settings``: the request without its inputs; ``inputs``: name -> sha256 of each
    (``score`` by its project hash). ``seconds``: wall-clock time. ``asked_for``, ``fallback_reason``: the model that
    was asked for, and why this one stepped in. ``reported``: what the model said of its own settings, one an
    alternative. ``rights``: the card's plain answers on training data, licences and selling.
    """

    id: str
    task: str
    model: str
    revision: str
    seed: int
    settings: Mapping[str, Any]
    inputs: Mapping[str, str] = field(default_factory=dict)
    weights: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    outcome: str = "done"
    asked_for: str = ""
    fallback_reason: str = ""
    reported: tuple[Mapping[str, Any], ...] = ()
    rights: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.id, str) or not _ID.match(self.id):
            raise BadDocument("A run needs an id.")
        for name in ("task", "model", "revision"):
            value = getattr(self, name)
            if not isinstance(value, str) or not _NAME.match(value):
                raise BadDocument(f"The {name} of a run must be a name.")
        if type(self.seed) is not int or not 0 <= self.seed < 2**53:
            raise BadDocument("The seed of a run must be a whole number.")
        if type(self.seconds) not in (int, float) or not 0 <= self.seconds < 1e9:
            raise BadDocument("The seconds of a run must be a number.")
        if self.outcome not in OUTCOMES:
            raise BadDocument(f"A run ends as one of {', '.join(OUTCOMES)}.")
        for name in ("asked_for", "fallback_reason"):
            if not isinstance(getattr(self, name), str) or len(getattr(self, name)) > MAX_TEXT:
                raise BadDocument(f"The {name} of a run must be a text.")
        for name in ("inputs", "weights"):
            found = _texts(getattr(self, name), name)
            if not all(_SHA256.match(text) for text in found.values()):
                raise BadDocument(f"The {name} of a run must be named by their sha256.")
            object.__setattr__(self, name, found)
        object.__setattr__(self, "rights", _texts(self.rights, "rights"))
        if not isinstance(self.reported, (list, tuple)) or len(self.reported) > MAX_ENTRIES:
            raise BadDocument("What a model reports of its settings must be a list.")
        object.__setattr__(self, "settings", _plain(self.settings))
        object.__setattr__(self, "reported", tuple(_plain(item) for item in self.reported))

    @classmethod
    def of(cls, attempt: Attempt) -> Run:
        """The record of what the hub did; takes the time to hash the inputs."""
        spec, request = attempt.spec, attempt.request
        reported = [idea.settings.get("model_settings", {}) for idea in attempt.alternatives]
        revision = attempt.revision or UNPINNED
        return cls(
            attempt.id, spec.task, spec.id, revision, attempt.seed, request.settings(), request.inputs(),
            attempt.weights, round(max(0.0, attempt.seconds), 3), attempt.outcome, attempt.asked_for,
            attempt.fallback_reason[:MAX_TEXT], tuple(reported) if any(reported) else (), rights(spec.card),
        )  # fmt: skip

    @classmethod
    def elsewhere(cls, spec: ModelSpec, seed: int, settings: Mapping[str, Any]) -> Run:
        """The record of what a person's own browser did with a model's shipped weights.

        Raises:
            BadDocument: a seed or settings that cannot be.
        """
        weights = {name: digest for name, digest in spec.files.items() if digest}
        made = {**settings, "task": spec.task, "where": "browser"}
        return cls(
            new_run_id(), spec.task, spec.id, spec.revision, seed, made, weights=weights, rights=rights(spec.card)
        )

    def to_dict(self) -> dict[str, Any]:
        """JSON form; what is empty is left out."""
        out: dict[str, Any] = {}
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, tuple):
                value = [dict(entry) for entry in value]
            elif isinstance(value, Mapping):
                value = dict(value)
            if value or item.name in _NEEDED:
                out[item.name] = value
        return out

    @classmethod
    def from_dict(cls, data: Any) -> Run:
        """Read the JSON form, whoever wrote it.

        Raises:
            BadDocument: a field is missing, unknown, or not what it should be.
        """
        known = {item.name for item in fields(cls)}
        if not isinstance(data, Mapping) or not data.keys() <= known or not data.keys() >= _NEEDED:
            raise BadDocument("This is not the record of a run.")
        return cls(**data)


_NEEDED = {"id", "task", "model", "revision", "seed", "settings", "outcome"}


def rights(card: Card) -> dict[str, str]:
    """What a card says of training data, licences and selling, each as one text."""
    return {
        "training_data": ", ".join(f"{item.name} ({item.licence})" for item in card.training_data) or "none",
        "code_licence": card.code_licence, "weights_licence": card.weights_licence,
        "outputs_licence": card.outputs_licence, "sell": card.sell,
    }  # fmt: skip


def record(log: EventLog, run: Run) -> None:
    """Put a run into a log, once."""
    if run.id not in log.runs:
        log.add("run", "model", run.to_dict())


def keep(document: Document, attempt: Attempt, operation: Operation, name: str = "") -> Run:
    """Keep what a model made: its run into the log, the operation into the piece as one step; returns the run.

    Args:
        document: the piece that it was made for.
        attempt: what the hub did.
        operation: of the alternative that is kept.
        name: of what was done, for the log.

    Raises:
        BadOperation: the piece has changed so that it does not fit.
    """
    run = Run.of(attempt)
    record(document.log, run)
    document.apply(operation, "model", document.log.runs[run.id], kind="accept", name=name, runs={run.id: []})
    return run


def runs(events: Iterable[Event]) -> dict[str, Run]:
    """The runs of a log by id, in order; events that are no proper records (a stranger's file) are left out."""
    out: dict[str, Run] = {}
    for event in events:
        if event["kind"] == "run":
            try:
                run = Run.from_dict(event["payload"])
            except BadDocument:
                continue
            out.setdefault(run.id, run)
    return out


def fact(value: Any) -> dict[str, list[str]]:
    """The fact ``runs`` of an edit, from untrusted JSON: run id -> tracks it wrote (none: all of the operation's).

    What does not fit is left out.
    """
    if not isinstance(value, Mapping) or len(value) > MAX_ENTRIES:
        return {}
    return {
        name: [track for track in tracks if isinstance(track, str)][:MAX_ENTRIES]
        for name, tracks in value.items()
        if isinstance(name, str) and _ID.match(name) and isinstance(tracks, (list, tuple))
    }


def _texts(value: Any, what: str) -> dict[str, str]:
    if not isinstance(value, Mapping) or len(value) > MAX_ENTRIES:
        raise BadDocument(f"The {what} of a run must be an object.")
    for name, text in value.items():
        if not isinstance(name, str) or len(name) > MAX_TEXT or not isinstance(text, str) or len(text) > 10 * MAX_TEXT:
            raise BadDocument(f"The {what} of a run must be texts.")
    return dict(value)


def _plain(value: Any) -> dict[str, Any]:
    """A copy of a JSON object that shares nothing with it."""
    try:
        text = json.dumps(dict(value), allow_nan=False)
        if len(text) > MAX_JSON:
            raise BadDocument("The settings of a run are too large.")
        return dict(json.loads(text))
    except (TypeError, ValueError, RecursionError) as error:
        raise BadDocument("The settings of a run must be a JSON object.") from error
