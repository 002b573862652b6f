"""The guard of tasks whose answer is a value: a description of what was heard, read or counted."""

from __future__ import annotations

import json
from typing import Any

from workbench.hub.protocol import Alternative, Partial, Result
from workbench.hub.spec import ModelSpec
from workbench.hub.tasks.base import TaskRequest, sentences

#: Most characters of an answer as JSON.
MAX_JSON = 16_000_000


class PlainGuard:
    """Lets through one answer that is plain JSON, with what is needed to make it again."""

    def __init__(self, request: TaskRequest, spec: ModelSpec) -> None:
        self.request, self.spec = request, spec

    @property
    def full(self) -> bool:
        """Never: the answer comes at the end."""
        return False

    def partial(self, partial: Any) -> Partial | None:
        """Nothing to show before the end."""
        return None

    def result(self, result: Result | None, *, seed: int, revision: str) -> tuple[Alternative, ...]:
        """The first alternative's value; none at all where the model gave nothing that is JSON."""
        try:
            given = result.alternatives[0] if result is not None else None
            text = json.dumps(given.value, allow_nan=False) if given is not None else ""
            if not text or len(text) > MAX_JSON:
                return ()
            value, remarks = json.loads(text), sentences(given.remarks)  # type: ignore[union-attr]
        except Exception:  # whatever a foreign object does when it is looked at
            return ()
        return (
            Alternative(
                value=value, seed=seed, settings=self.request.settings(), model_id=self.spec.id, revision=revision,
                remarks=tuple(remarks),
            ),
        )  # fmt: skip
