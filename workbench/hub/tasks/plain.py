"""The guard of tasks whose answer is a value: a description of what was heard, read or counted."""

from __future__ import annotations

import json

from workbench.hub.protocol import Alternative, Result
from workbench.hub.tasks.base import AtTheEnd, TaskRequest, sentences

#: Most characters of an answer as JSON.
MAX_JSON = 16_000_000


class PlainGuard(AtTheEnd[TaskRequest]):
    """Lets through one answer that is plain JSON, with what is needed to make it again."""

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
