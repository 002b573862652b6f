"""What the Models tab and the Credits show: every model, in plain words, and everything that travels with the app."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from workbench import resources
from workbench.errors import BadRequest, WorkbenchError
from workbench.hub.conformance import importable
from workbench.hub.protocol import CancelToken
from workbench.hub.spec import Embedded, HubRepo
from workbench.hub.tasks.table import task
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
    here = spec.embedded or _on_disk(hub, spec)
    return {
        "id": spec.id, "title": spec.title or spec.id, "task": spec.task, "summary": spec.card.summary,
        "state": "needs" if not importable(spec) else "ready" if here else "hub",
        "embedded": spec.embedded, "extra": spec.extra, "memory_mb": spec.memory_mb, "speed": spec.speed,
        "size": _size(spec), "seconds": _seconds(hub, spec, score),
        "repo": spec.source.repo if isinstance(spec.source, HubRepo) else "",
        "card": spec.card.to_dict(), "may_sell": spec.card.may_sell,
    }  # fmt: skip


def _on_disk(hub: Hub, spec: ModelSpec) -> bool:
    states = weights.verify(spec, CancelToken.never(), local=hub.registry.local.get(spec.id))
    return all(state.state in ("ok", "unpinned") for state in states)


def _size(spec: ModelSpec) -> int | None:
    """Bytes of the files that ship with the workbench; None for a package's model and for what is on the Hub."""
    if not isinstance(spec.source, Embedded):
        return None
    return sum(path.stat().st_size for path in weights.embedded_files(spec).values())


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
