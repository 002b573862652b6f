"""What finds chords for a tune: a linear layer, a small network that corrects it by the whole tune, and a chain.

Every half bar is told by 748 numbers (:func:`workbench.tokens.half_bars.surroundings`), read from the tonic of the
tune's scale; the layer says how well each of 84 chords fits there, and which bass. A chord also follows from the one
before, more often at a bar line than inside a bar. The layer is solved for in one step (ridge regression). A small
transformer (:mod:`workbench.nets.chord_net_numpy`) reads its answers with the tune and the chords that are known, and
answers anew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from workbench.errors import BadFile
from workbench.nets.chord_net_numpy import ChordNetRuntime, inputs
from workbench.tokens import half_bars as hb

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
#: Which half bars begin a bar; or, where changes are told apart more finely, the number of the table for each.
Places = npt.NDArray[np.bool_] | npt.NDArray[np.int64]


@dataclass(frozen=True)
class Weighing:
    """How the parts are weighed: what fits, the habit of progressions, how frequent a chord is anyway.

    ``kind``: of the network's answers, what the kind of a chord counts beside its root. ``right`` and ``move``: what
    a root that is surely right is worth, and what a change of it inside a bar costs, in :meth:`ChordRuntime.choice`.
    """

    fit: float = 12.0
    turn: float = 0.5
    often: float = 0.3
    kind: float = 1.0
    right: float = 6.0
    move: float = 0.3


#: In :meth:`ChordRuntime.choice`: what a nat of a chord's odds counts beside the root's, the lowest odds, how much of
#: a change's cost is left at a bar line, and the nats against a chord that cannot stand there.
_NUANCE, _LEAST, _AT_BAR, _NEVER = 0.05, 1e-9, 1.0 / 3.0, 1e4
#: Before the names of the network's tensors, which the layer does without.
NET = "net."


class ChordRuntime:
    """The loaded layer, and the network where there is one. Read-only after construction."""

    def __init__(self, weights: Mapping[str, npt.NDArray], weighing: Weighing | None = None) -> None:
        """Weights ``chord`` [748, 84], ``bass`` [748, 12], ``turn`` [2, 84, 84] and ``often`` [84] (log probabilities);
        those of the network, if any, with ``net.`` before their names.

        Raises:
            BadFile: a tensor is missing, of another shape, or not finite.
        """
        wide, states = hb.N_SURROUNDINGS, hb.N_STATES
        shapes = {"chord": (wide, states), "bass": (wide, 12), "turn": (2, states, states), "often": (states,)}
        self.w = {name: np.asarray(value, dtype=np.float64) for name, value in weights.items()}
        layer = {name: value for name, value in self.w.items() if not name.startswith(NET)}
        if {name: value.shape for name, value in layer.items()} != shapes:
            raise BadFile("The weights that find chords are of another version; fetch the model again.")
        if not all(np.isfinite(value).all() for value in self.w.values()):
            raise BadFile("The weights that find chords are damaged; fetch the model again.")
        self.weighing = weighing or Weighing()
        net = {name.removeprefix(NET): value for name, value in self.w.items() if name.startswith(NET)}
        self.net = ChordNetRuntime(net) if net else None

    @classmethod
    def load(cls, folder: Path) -> ChordRuntime:
        """Read ``config.json`` and ``model.safetensors`` of a model folder; raises :class:`BadFile` if it cannot."""
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            return cls(load_file(folder / "model.safetensors"), Weighing(**config["weighing"]))
        except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
            raise BadFile("The weights that find chords cannot be read; fetch the model again.") from error

    def answer(self, told: npt.NDArray[np.float32], known: Ints | None = None) -> tuple[Floats, Floats]:
        """How well each chord fits each half bar, float64 [n, 84] in nats, and how likely each bass, float64 [n, 12].

        Args:
            told: float32 [n, 748].
            known: state of the chord that stands in each half bar, int64 [n], -1: none; the network heeds it.
        """
        weighing = self.weighing
        chord, bass = told @ self.w["chord"], told @ self.w["bass"]
        rare = weighing.often * self.w["often"]
        if self.net is None:
            return np.asarray(weighing.fit * chord - rare), np.asarray(bass)
        known = np.full(len(told), -1) if known is None else known
        answers = np.concatenate([chord, bass], axis=1).astype(np.float32)
        logits, low = (each.astype(np.float64) for each in self.net.answer(inputs(told, answers), known))
        fit = logits - _log_sum(logits, 1)[:, None]
        root = np.repeat(_log_sum(fit.reshape(len(fit), 12, -1), 2), len(hb.KINDS), axis=1)
        fit = weighing.fit * root + weighing.kind * (fit - root) - rare
        return fit, np.exp(low - _log_sum(low, 1)[:, None])

    def chain(self, fit: Floats, on_bar: Places) -> Chain:
        """The chain over ``fit`` (float64 [n, 84]); ``on_bar`` bool [n], which half bars begin a bar."""
        return Chain(fit, self.weighing.turn * self.w["turn"], on_bar)

    def choice(self, chain: Chain) -> Chain:
        """The chain in which the best progression has the most roots right, as ``chain`` expects them.

        The likeliest progression as a whole is a plain one; what is right half bar by half bar, all progressions
        weighed, is more often the song's (decoding by the least expected loss; Goodman, ACL 1996). A change costs a
        little, so that it is still played with ease.
        """
        odds = chain.odds()
        kinds = len(hb.KINDS)
        roots = np.repeat(odds.reshape(len(odds), 12, kinds).sum(axis=2), kinds, axis=1)
        fit = self.weighing.right * roots + _NUANCE * np.log(np.maximum(odds, _LEAST)) - _NEVER * (odds == 0.0)
        moves = np.kron(1.0 - np.eye(12), np.full((kinds, kinds), -self.weighing.move))
        return Chain(fit, np.stack([moves, _AT_BAR * moves]), chain.on_bar)


@dataclass(frozen=True)
class Chain:
    """A progression's score is the sum of how well its chords fit and of how usual its changes are."""

    fit: Floats
    turn: Floats
    on_bar: Places

    def likeliest(self) -> Ints:
        """The best progression (Viterbi), int64 [n]."""
        best = self.fit[0].copy()
        came = np.zeros(self.fit.shape, dtype=np.int64)
        for at in range(1, len(self.fit)):
            ways = best[:, None] + self.turn[int(self.on_bar[at])]
            came[at] = ways.argmax(axis=0)
            best = ways.max(axis=0) + self.fit[at]
        out = np.zeros(len(self.fit), dtype=np.int64)
        out[-1] = best.argmax()
        for at in range(len(self.fit) - 1, 0, -1):
            out[at - 1] = came[at][out[at]]
        return out

    def odds(self) -> Floats:
        """Probability of each chord in each half bar, all progressions weighed: float64 [n, 84]."""
        before = self._forward(self.turn, self.fit)
        after = np.zeros_like(self.fit)
        for at in range(len(self.fit) - 2, -1, -1):
            after[at] = _log_sum(self.turn[int(self.on_bar[at + 1])] + (self.fit[at + 1] + after[at + 1])[None, :], 1)
            after[at] -= after[at].max()
        total = before + after
        total = np.exp(total - total.max(axis=1, keepdims=True))
        return np.asarray(total / total.sum(axis=1, keepdims=True))

    def drawn(self, rng: np.random.Generator, heat: float = 1.0) -> Ints:
        """A progression drawn from all likely ones (forward filtering, backward sampling), int64 [n]."""
        turn, fit = self.turn / heat, self.fit / heat
        forward = self._forward(turn, fit)
        out = np.zeros(len(fit), dtype=np.int64)
        for at in range(len(fit) - 1, -1, -1):
            odds = forward[at] + (turn[int(self.on_bar[at + 1])][:, out[at + 1]] if at < len(fit) - 1 else 0.0)
            odds = np.exp(odds - odds.max())
            out[at] = rng.choice(len(odds), p=odds / odds.sum())
        return out

    def score(self, states: Ints) -> float:
        """How good a progression is, in nats (comparable within one chain)."""
        place = np.arange(len(states))
        turns = self.turn[self.on_bar[1:].astype(int), states[:-1], states[1:]]
        return float(self.fit[place, states].sum() + turns.sum())

    def _forward(self, turn: Floats, fit: Floats) -> Floats:
        out = np.zeros_like(fit)
        for at in range(len(fit)):
            came = _log_sum(out[at - 1][:, None] + turn[int(self.on_bar[at])], 0) if at else 0.0
            out[at] = came + fit[at]
            out[at] -= out[at].max()
        return out


def _log_sum(values: Floats, axis: int) -> Floats:
    top = values.max(axis=axis, keepdims=True)
    return np.asarray(np.squeeze(top, axis) + np.log(np.exp(values - top).sum(axis=axis)))
