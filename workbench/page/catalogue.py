"""What the Models tab and the Credits show: every model, in plain words, and everything that travels with the app."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Any

from workbench import resources
from workbench.errors import BadRequest, WorkbenchError
from workbench.hub.conformance import importable
from workbench.hub.protocol import CancelToken
from workbench.hub.spec import Embedded, HubRepo, Wheel
from workbench.hub.tasks.table import task
from workbench.hub.weights import pins, stored
from workbench.hub.weights import resolve as weights
from workbench.score.score import Score

if TYPE_CHECKING:
    from workbench.hub.hub import Hub
    from workbench.hub.spec import ModelSpec


def describe(hub: Hub, score: Score | None) -> list[dict[str, Any]]:
    """Every model that may be used here, as JSON.

    Args:
        hub: the models.
        score: the piece at hand: speed is estimated for it.
    """
    return [_describe(hub, spec, score) for spec in hub.models()]


def _describe(hub: Hub, spec: ModelSpec, score: Score | None) -> dict[str, Any]:
    local, problem, date = hub.registry.local.get(spec.id), "", ""
    first_use, here = spec.unpinned, False
    try:
        pin = pins.find(spec.source.repo) if isinstance(spec.source, HubRepo) and first_use else None
        date = pin.date if pin is not None else ""
        spec = pins.pinned(spec)
        here = spec.embedded or stored.present(spec, local)
    except WorkbenchError as error:  # a broken lock file spoils the models that need it, and no others
        pin, problem = None, str(error)
    source = spec.source
    return {
        "id": spec.id, "title": spec.title or spec.id, "task": spec.task, "summary": spec.card.summary,
        "shelf": "here" if spec.embedded else "package" if isinstance(source, Wheel) else "hub",
        "state": "needs" if not importable(spec) else "ready" if here else "hub",
        "embedded": spec.embedded, "extra": spec.extra, "memory_mb": spec.memory_mb, "speed": spec.speed,
        "size": _size(spec, problem), "download": _download(spec, pin), "seconds": _seconds(hub, spec, score),
        "repo": source.repo if isinstance(source, HubRepo) else "",
        "package": source.package if isinstance(source, Wheel) else "",
        "revision": "" if spec.embedded else spec.revision, "first_use": first_use, "pinned": date, "problem": problem,
        "card": spec.card.to_dict(), "may_sell": spec.card.may_sell,
    }  # fmt: skip


def _size(spec: ModelSpec, problem: str) -> int | None:
    """Bytes of a model's files on this disk; None for a plug-in's model, whose files are the package's own."""
    if isinstance(spec.source, Embedded):
        return sum(path.stat().st_size for path in weights.embedded_files(spec).values())
    return None if spec.source is None else 0 if problem else stored.bytes_here(spec)


def _download(spec: ModelSpec, pin: pins.Pin | None) -> int | None:
    """Bytes that are fetched in all: exact once a repository is pinned, about so before; None: nobody knows."""
    if pin is not None:
        return sum(pin.files[name].size for name in spec.files if name in pin.files)
    return spec.size_mb * 1_000_000 or None


def choices(hub: Hub, task_name: str) -> list[dict[str, str]]:
    """The models that can do a task here and now, the default first: ``id`` and ``title``."""
    out = []
    for spec in hub.models(task_name):
        with contextlib.suppress(WorkbenchError):
            if importable(spec) and (spec.embedded or stored.present(spec, hub.registry.local.get(spec.id))):
                out.append({"id": spec.id, "title": spec.title or spec.id})
    return out


def _seconds(hub: Hub, spec: ModelSpec, score: Score | None) -> float | None:
    """Expected seconds for a usual piece of work on the piece at hand; None where that cannot be said."""
    try:
        request = task(spec.task).make_wire().usual(score) if score is not None else None
        return hub.estimate_seconds(spec.id, request) if request is not None else None
    except WorkbenchError:
        return None


def credits() -> list[dict[str, str]]:
    """The rows of ``assets/ATTRIBUTION.md``: what, where, by whom, licence."""
    rows = []
    for line in resources.path("assets/ATTRIBUTION.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and len(cells) == 4 and not set(cells[0]) <= {"-", " ", ":"}:
            rows.append(dict(zip(("what", "where", "by", "licence"), map(_plain, cells), strict=True)))
    return rows[1:]  # the first row is the table's head


def _plain(cell: str) -> str:
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", cell.replace("`", ""))


def pull(hub: Hub, model_id: Any, token: CancelToken) -> Any:
    """Fetch a model's weights; a generator of :class:`~workbench.hub.protocol.Progress`.

    Raises:
        BadRequest: unknown, or this is a public server.
        Unavailable: it cannot be had; an interrupted download goes on where it stopped.
        Cancelled: the token went stale.
    """
    if hub.rules is not None:
        raise hub.rules.refuse("pull")
    if not isinstance(model_id, str):
        raise BadRequest("Name the model to fetch.")
    spec = hub.registry.get(model_id)
    yield from weights.resolve(spec, token, local=hub.registry.local.get(spec.id))


def remove(hub: Hub, model_id: Any) -> int:
    """Take a fetched model's files off this computer; returns the bytes that are free again.

    Raises:
        BadRequest: unknown, part of the installation, or this is a public server.
        Unavailable: it is at work, or a file cannot be deleted.
    """
    if hub.rules is not None:
        raise hub.rules.refuse("delete")
    if not isinstance(model_id, str):
        raise BadRequest("Name the model to remove.")
    spec = hub.registry.get(model_id)
    hub.runtime.forget(spec.id)
    return stored.remove(spec)
