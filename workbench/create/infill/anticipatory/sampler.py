"""Writing one gap, token by token: which scores to ask the network for, and what to make of them.

A :class:`Writer` is a generator that never touches the network: it asks for the scores of a few candidate tokens
after some new ones, and is sent them. So several alternatives can be stepped together in one batch, and a slot with
one candidate costs nothing.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np

from workbench.create.infill.anticipatory.masks import Rules
from workbench.create.infill.anticipatory.window import Window
from workbench.tokens.arrival import DURATION, REST, TIME, Event, note_token, rest


@dataclass(frozen=True, slots=True)
class Ask:
    """Feed ``tokens`` and give the scores of ``ids``; ``fresh``: these tokens are the whole window, start anew."""

    tokens: tuple[int, ...]
    ids: np.ndarray
    fresh: bool


@dataclass(frozen=True, slots=True)
class Written:
    """An event that now stands in the window; RESTs are told too, as a sign of life. ``done``: share of the gap."""

    event: Event
    done: float


Script = Generator[Ask | Written, np.ndarray | None, None]


class Writer:
    """Writes one pass over a gap into ``window``.

    ``temperature`` above 0; ``top_p``: the likeliest candidates that together hold this probability are kept
    (nucleus sampling, Holtzman et al., 2020).
    """

    def __init__(
        self, window: Window, rules: Rules, dice: np.random.Generator, *, temperature: float, top_p: float
    ) -> None:  # fmt: skip
        self.window, self.rules, self.dice = window, rules, dice
        self.temperature, self.top_p = temperature, top_p
        self._tokens, self._fresh = window.tokens(), True

    def run(self) -> Script:
        """Yield :class:`Ask` (answer with float scores [ids]) and :class:`Written` until the gap is done."""
        window, rules = self.window, self.rules
        while True:
            if window.make_room():
                self._tokens, self._fresh = window.tokens(), True
            now = window.now
            times = rules.times(now)
            ids = [TIME + t - window.start for t in times]
            time = times[(yield from self._choose(ids, rules.lean_times(times, now)))]
            if time >= rules.stop:
                return
            lengths = rules.durations(time, now)
            notes = rules.notes(time, max(lengths))
            if not notes and max(lengths) > 0:
                rules.skip(time)
                continue
            self._tokens.append(TIME + time - window.start)
            length = lengths[(yield from self._choose([DURATION + n for n in lengths]))]
            self._tokens.append(DURATION + length)
            if length == 0:
                event, third = rest(time), REST
            else:
                ids = [note_token(*note) for note in notes]
                instrument, pitch = notes[(yield from self._choose(ids, rules.lean_notes(notes, time)))]
                event, third = Event(time, length, instrument, pitch), note_token(instrument, pitch)
            self._tokens.append(third)
            controls, slid = window.write(event)
            if slid:
                self._tokens, self._fresh = window.tokens(), True
            else:
                self._tokens += controls
            yield Written(event, min(1.0, max(0.0, (time - rules.first) / (rules.stop - rules.first))))

    def _choose(self, ids: Sequence[int], lean: np.ndarray | None = None) -> Generator[Ask, np.ndarray | None, int]:
        """The place of the candidate that was drawn; nothing is asked where there is one only."""
        if len(ids) == 1:
            return 0
        scores = yield Ask(tuple(self._tokens), np.array(ids, dtype=np.int64), self._fresh)
        self._tokens, self._fresh = [], False
        scores = np.asarray(scores, dtype=np.float64)
        if lean is not None:
            scores = scores + lean
        return nucleus(scores, self.temperature, self.top_p, self.dice)


def nucleus(scores: np.ndarray, temperature: float, top_p: float, dice: np.random.Generator) -> int:
    """Draw a place from ``softmax(scores / temperature)``, float [n], cut to its nucleus of mass ``top_p``."""
    scaled = (scores - scores.max()) / temperature
    mass = np.exp(scaled)
    mass /= mass.sum()
    order = np.argsort(-mass, kind="stable")
    upto = int(np.searchsorted(np.cumsum(mass[order]), min(top_p, 1.0 - 1e-12))) + 1
    kept = order[:upto]
    heap = np.cumsum(mass[kept])
    return int(kept[min(len(kept) - 1, int(np.searchsorted(heap, dice.random() * heap[-1], side="right")))])
