"""How long a run will take here: the model's own guess, corrected by how its past runs went on this machine."""

from __future__ import annotations

import json
import threading
from pathlib import Path

from workbench.errors import Unavailable
from workbench.hub import places

#: Weight of the newest run in the running mean of "took / guessed".
NEWEST = 0.3
_LOWEST, _HIGHEST = 0.01, 100.0


class SpeedBook:
    """Remembers, by model, the ratio of seconds taken to seconds guessed. Shared by all persons of a process.

    Args:
        path: a small JSON file that outlives the process; None keeps the book in memory (a public server, tests).
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._ratios: dict[str, float] = {}
        if path is not None and path.exists():
            try:
                stored = json.loads(path.read_text(encoding="utf-8"))
                self._ratios = {str(name): _bounded(float(ratio)) for name, ratio in stored.items()}
            except (OSError, ValueError, AttributeError, TypeError):
                self._ratios = {}  # a book that cannot be read is begun again; nothing else is lost

    def ratio(self, model_id: str) -> float:
        """Seconds taken for each second guessed (1.0 until a run has been seen)."""
        return self._ratios.get(model_id, 1.0)

    def record(self, model_id: str, guessed_seconds: float, taken_seconds: float) -> None:
        """Learn from a finished run; guesses of nothing teach nothing."""
        if guessed_seconds <= 0 or taken_seconds < 0:
            return
        newest = _bounded(taken_seconds / guessed_seconds)
        with self._lock:
            old = self._ratios.get(model_id)
            self._ratios[model_id] = newest if old is None else (1 - NEWEST) * old + NEWEST * newest
            if self._path is not None:
                try:
                    places.write_atomic(self._path, json.dumps(self._ratios, sort_keys=True, indent=1))
                except Unavailable:
                    self._path = None  # a read-only home: keep the book in memory


def _bounded(ratio: float) -> float:
    return min(_HIGHEST, max(_LOWEST, ratio))
