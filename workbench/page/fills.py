"""What a page and the project's log are told of a finished fill."""

from __future__ import annotations

from typing import Any

from workbench.hub.protocol import Result


def run_event(result: Result, job: str, seed: int, revision: int) -> dict[str, Any]:
    """What the project's log keeps of a run: enough to make every idea again."""
    return {
        "id": job, "task": "infill", "seed": seed, "revision": revision,
        "elapsed_ms": round(result.elapsed_seconds * 1000), "fallback": result.fallback_reason,
        "ideas": [
            {
                "model": idea.model_id, "model_revision": idea.revision,
                "seed": idea.seed, "settings": dict(idea.settings),
            }
            for idea in result.alternatives
        ],
    }  # fmt: skip


def result_message(result: Result) -> dict[str, Any]:
    """The finished ideas, as the page reads them."""
    return {
        "type": "result", "remarks": list(result.remarks), "fallback_reason": result.fallback_reason,
        "alternatives": [
            {
                "operation": idea.operation, "seed": idea.seed, "settings": dict(idea.settings),
                "model_id": idea.model_id, "revision": idea.revision, "remarks": list(idea.remarks),
                "notes": {name: [note.to_dict() for note in notes] for name, notes in idea.notes.items()},
                "confidence": {name: [list(row) for row in rows] for name, rows in idea.confidence.items()},
            }
            for idea in result.alternatives
        ],
    }  # fmt: skip
