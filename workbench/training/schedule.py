"""Learning rates that can be resumed: warm up, hold constant, decay at the end of a budget in CPU seconds.

The budget counts the process's own CPU time, because wall time means nothing on a shared machine. A run that is to
go on stops in the constant part; a cosine schedule would have annealed, and restarting an annealed run loses more
than it gains.
"""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Schedule:
    """Learning rate ``peak`` over ``budget`` CPU seconds, decaying linearly over the last ``decay`` share of it."""

    peak: float
    budget: float
    warmup: float = 10.0
    decay: float = 0.3
    floor: float = 0.02

    def rate(self, spent: float) -> float:
        """Learning rate after ``spent`` CPU seconds."""
        if spent < self.warmup:
            return self.peak * max(spent, 0.5) / self.warmup
        left = (self.budget - spent) / max(1e-9, self.decay * self.budget)
        return self.peak * min(1.0, max(self.floor, left))

    def finished(self, spent: float) -> bool:
        """Whether the budget is used up."""
        return spent >= self.budget


class CpuClock:
    """CPU seconds spent on a run, over all its resumptions."""

    def __init__(self, already: float = 0.0) -> None:
        self._already = already
        self._start = time.process_time()

    @property
    def spent(self) -> float:
        """CPU seconds of this process plus those of the runs before it."""
        return self._already + time.process_time() - self._start
