"""What a written note may be: limits that the sampler looks up before it draws, so none can be broken.

Time is the gap's own: index 0 is the first grid tick of the gap. Every rule is a table over these ticks, so a
question such as "at which of the next 96 ticks may any part enter" is one look at an array.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from workbench.tokens import grid12 as g

Mask = npt.NDArray[np.bool_]
TAIL = 4 * 96  #: ticks after the gap in which overhanging notes are still watched


@dataclass
class PartRules:
    """The limits of one part inside one gap of ``length`` ticks.

    Attributes:
        allowed: bool [length + TAIL, 175], pitches that the person's wishes leave free at each tick.
        onsets: bool [length], ticks at which a note may begin.
        limit: notes that may sound at once.
        sounding: int [length + TAIL], how many notes sound at each tick.
        busy: bool [length + TAIL, 175], which pitches sound at each tick.
        room: how far notes may reach: ``length``, or more where overhang is allowed.
        left: how many notes may still be drawn.
    """

    allowed: Mask
    onsets: Mask
    limit: int
    room: int
    left: int = 1 << 30
    sounding: npt.NDArray[np.int64] = field(init=False)
    busy: Mask = field(init=False)

    def __post_init__(self) -> None:
        self.sounding = np.zeros(len(self.allowed), dtype=np.int64)
        self.busy = np.zeros_like(self.allowed)

    @classmethod
    def free(cls, length: int, drums: bool, limit: int = 128, overhang: bool = False) -> PartRules:
        """Rules that forbid nothing but the other kind of instrument's pitches."""
        allowed = np.zeros((length + TAIL, g.N_PITCH), dtype=bool)
        allowed[:, slice(128, None) if drums else slice(0, 128)] = True
        return cls(allowed, np.ones(length, dtype=bool), limit, length + TAIL if overhang else length)

    def copy(self) -> PartRules:
        """An independent copy (the wishes are shared, what sounds is not)."""
        twin = PartRules(self.allowed, self.onsets, self.limit, self.room, self.left)
        twin.sounding, twin.busy = self.sounding.copy(), self.busy.copy()
        return twin

    def add(self, tick: int, length: int, pitch: int) -> None:
        """Note that ``pitch`` sounds in [tick, tick + length); parts before and after the table are cut off."""
        span = slice(max(0, tick), max(0, tick + length))
        self.sounding[span] += 1
        self.busy[span, pitch] = True

    def open_ticks(self, start: int, stop: int, pitch: int | None = None) -> Mask:
        """At which ticks of [start, stop) a note may begin: bool [stop - start].

        A given ``pitch`` (of a tune that is kept) is bound by what sounds, not by the wishes about pitch.
        """
        span = slice(start, stop)
        if self.left <= 0:
            return np.zeros(len(self.onsets[span]), dtype=bool)
        open_ = self.onsets[span] & (self.sounding[span] < self.limit)
        if pitch is not None:
            return np.asarray(open_ & ~self.busy[span, pitch])
        return np.asarray(open_ & (self.allowed[span] & ~self.busy[span]).any(axis=1))

    def pitches(self, tick: int, below: int | None = None) -> Mask:
        """Pitches that may begin at ``tick``, bool [175]; only those below ``below`` if it is given."""
        out = self.allowed[tick] & ~self.busy[tick]
        if below is not None:
            out[below:] = False
        return np.asarray(out)

    def longest(self, tick: int, pitch: int) -> int:
        """Ticks (at least 1) for which ``pitch`` may sound from ``tick`` on without breaking a limit."""
        closed = (self.sounding[tick + 1 : self.room] >= self.limit) | self.busy[tick + 1 : self.room, pitch]
        hit = np.flatnonzero(closed)
        return int(hit[0]) + 1 if len(hit) else max(1, self.room - tick)


@dataclass(frozen=True)
class Script:
    """A rhythm to keep: onsets, parts, lengths and velocities in canonical order, int64 [n, 4].

    Columns: tick in the gap, slot, length in ticks, velocity class.
    """

    events: npt.NDArray[np.int64]


def choose(
    logits: npt.NDArray, mask: Mask, temperature: float, top_p: float, rng: np.random.Generator
) -> tuple[int, float]:
    """Nucleus sampling under a mask that has at least one entry.

    Returns the index and the probability it had at temperature 1 among what the mask allows. A temperature near
    zero takes the likeliest.
    """
    allowed = np.flatnonzero(mask)
    values = logits[allowed].astype(np.float64)
    values -= values.max()
    natural = np.exp(values)
    natural /= natural.sum()
    p = np.exp(values / max(temperature, 1e-3))
    p /= p.sum()
    if top_p < 1.0:
        order = np.argsort(-p, kind="stable")
        kept = np.cumsum(p[order]) - p[order] < top_p
        p[order[~kept]] = 0.0
        p /= p.sum()
    at = min(int(np.searchsorted(np.cumsum(p), rng.random())), len(p) - 1)
    return int(allowed[at]), float(natural[at])


def surprise(logits: npt.NDArray, at: int) -> float:
    """Minus the log of the probability that ``logits`` give to ``at``, in nats."""
    top = float(logits.max())
    return top + float(np.log(np.exp(logits - top).sum())) - float(logits[at])
