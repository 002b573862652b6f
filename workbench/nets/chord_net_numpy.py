"""The network that finds chords for a tune, in numpy: the twin of :mod:`workbench.nets.chord_net`, float32.

A song of 150 half bars takes some hundredths of a second. Longer pieces than :data:`WINDOW` are read in windows that
overlap, so that time and memory grow with the length alone.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from workbench.errors import BadFile
from workbench.tokens import half_bars as hb

Array = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

TOLD = hb.N_FEATURES + 12  #: numbers of the tune; the layer's 84 chords and 12 basses follow
N_INPUTS = TOLD + hb.N_STATES + 12
LOUDER = 4.0  #: how the layer's answers are scaled where they are read
SOUND, STRUCK = slice(0, 48), slice(60, 72)  #: of the input, what is compared; and how alike two silences are
SILENCE = 0.15
#: Half bars on either side that are compared too, and the power that tells alike from somewhat alike.
SCALES = ((0, 3), (1, 4), (4, 4))
WINDOW, MARGIN = 640, 96  #: half bars read at a time, of which the margins are read for the sake of the others

_TOP = ("told.weight", "told.bias", "known.weight", "near.weight", "near.bias", "norm.weight", "norm.bias",
        "chord.weight", "chord.bias", "bass.weight", "bass.bias", "layer")  # fmt: skip
_BLOCK = ("norm_attention.weight", "norm_attention.bias", "norm_wide.weight", "norm_wide.bias", "qkv.weight",
          "qkv.bias", "out.weight", "out.bias", "distance", "alike", "wide.weight", "wide.bias", "narrow.weight",
          "narrow.bias")  # fmt: skip


def inputs(told: Array, answers: Array) -> Array:
    """The network's input, float32 [n, N_INPUTS], of the layer's (:func:`half_bars.surroundings`) and its answers.

    ``answers``: float32 [n, 96], the layer's 84 chords and 12 basses, as they come out of it.
    """
    return np.concatenate([told[:, : hb.N_FEATURES], told[:, hb.WHOLE_TUNE], answers], axis=1).astype(np.float32)


class ChordNetRuntime:
    """The loaded network. Read-only after construction."""

    def __init__(self, weights: Mapping[str, npt.NDArray]) -> None:
        """Weights named as in the torch module; the sizes are read from them.

        Raises:
            BadFile: a tensor is missing, of another shape, or not finite.
        """
        self.w: dict[str, Array] = {name: np.asarray(value, dtype=np.float32) for name, value in weights.items()}
        try:
            width = self.w["told.weight"].shape[0]
            self.layers = len({name.split(".")[1] for name in self.w if name.startswith("blocks.")})
            self.heads, spans = self.w["blocks.0.distance"].shape
            self.reach = spans // 2
        except (KeyError, ValueError, IndexError) as error:
            raise BadFile("The weights that find chords are of another version; fetch the model again.") from error
        if {name: value.shape for name, value in self.w.items()} != self._shapes(width) or width % self.heads:
            raise BadFile("The weights that find chords are of another version; fetch the model again.")
        if not all(np.isfinite(value).all() for value in self.w.values()):
            raise BadFile("The weights that find chords are damaged; fetch the model again.")

    def _shapes(self, width: int) -> dict[str, tuple[int, ...]]:
        top = ((width, N_INPUTS), (width,), (hb.N_STATES + 1, width), (width, width, 5), (width,), (width,), (width,),
               (hb.N_STATES, width), (hb.N_STATES,), (12, width), (12,), (1,))  # fmt: skip
        block = ((width,), (width,), (width,), (width,), (3 * width, width), (3 * width,), (width, width), (width,),
                 (self.heads, 2 * self.reach + 1), (self.heads, len(SCALES)), (2 * width, width), (2 * width,),
                 (width, 2 * width), (width,))  # fmt: skip
        names = dict(zip(_TOP, top, strict=True))
        for at in range(self.layers):
            names |= {f"blocks.{at}.{name}": shape for name, shape in zip(_BLOCK, block, strict=True)}
        return names

    def answer(self, told: Array, known: Ints) -> tuple[Array, Array]:
        """Logits of the chord, float32 [n, 84], and of the bass' pitch class, float32 [n, 12].

        Args:
            told: of :func:`inputs`, float32 [n, N_INPUTS].
            known: state of the chord that stands in each half bar, int64 [n]; -1: none is known.
        """
        count = len(told)
        if count <= WINDOW:
            return self._read(told, known)
        chords, basses = [], []
        step = WINDOW - 2 * MARGIN
        for first in range(0, count, step):
            begin = min(max(0, first - MARGIN), count - WINDOW)
            chord, bass = self._read(told[begin : begin + WINDOW], known[begin : begin + WINDOW])
            own = slice(first - begin, min(first + step, count) - begin)
            chords.append(chord[own])
            basses.append(bass[own])
        return np.concatenate(chords), np.concatenate(basses)

    def _read(self, told: Array, known: Ints) -> tuple[Array, Array]:
        heard = np.concatenate([told[:, :TOLD], np.float32(LOUDER) * told[:, TOLD:]], axis=1)
        x = self._dense("told", heard) + self.w["known.weight"][np.where(known < 0, hb.N_STATES, known)]
        around = np.pad(x, ((2, 2), (0, 0)))
        near = sum(around[step : step + len(x)] @ self.w["near.weight"][:, :, step].T for step in range(5))
        x = x + _gelu(near + self.w["near.bias"])
        place = np.arange(len(x))
        apart = np.clip(place[None, :] - place[:, None], -self.reach, self.reach) + self.reach
        alike = likeness(told)
        for at in range(self.layers):
            x = self._block(f"blocks.{at}.", x, apart, alike)
        x = self._norm("norm", x)
        answers = told[:, TOLD : TOLD + hb.N_STATES]
        return self._dense("chord", x) + self.w["layer"] * answers, self._dense("bass", x)

    def _block(self, prefix: str, x: Array, apart: Ints, alike: Array) -> Array:
        count, width = x.shape
        qkv = self._dense(prefix + "qkv", self._norm(prefix + "norm_attention", x))
        q, k, v = qkv.reshape(count, 3, self.heads, -1).transpose(1, 2, 0, 3)
        seen = np.empty((count, self.heads, width // self.heads), dtype=np.float32)
        for head in range(self.heads):  # one at a time: the tables are as large as the tune squared
            scores = (q[head] * np.float32((width // self.heads) ** -0.5)) @ k[head].T
            scores += self.w[prefix + "distance"][head][apart]
            scores += np.tensordot(self.w[prefix + "alike"][head], alike, axes=1)
            np.exp(scores - scores.max(axis=1, keepdims=True), out=scores)
            seen[:, head] = (scores @ v[head]) / scores.sum(axis=1, keepdims=True)
        x = x + self._dense(prefix + "out", seen.reshape(count, width))
        wide = _gelu(self._dense(prefix + "wide", self._norm(prefix + "norm_wide", x)))
        return np.asarray(x + self._dense(prefix + "narrow", wide))

    def _dense(self, name: str, x: Array) -> Array:
        return np.asarray(x @ self.w[name + ".weight"].T + self.w[name + ".bias"])

    def _norm(self, name: str, x: Array) -> Array:
        x = x - x.mean(axis=-1, keepdims=True)
        x /= np.sqrt((x * x).mean(axis=-1, keepdims=True) + np.float32(1e-5))
        return np.asarray(x * self.w[name + ".weight"] + self.w[name + ".bias"])


def likeness(told: Array) -> Array:
    """How alike half bars are, alone and with what is around them: float32 [scales, n, n], 0 to 1."""
    count = len(told)
    silence = np.full((count, 1), SILENCE, np.float32)
    line = np.concatenate([told[:, SOUND], np.float32(0.5) * told[:, STRUCK], silence], axis=1)
    line /= np.maximum(np.linalg.norm(line, axis=1, keepdims=True), 1e-3)
    same = line @ line.T
    out = np.empty((len(SCALES), count, count), dtype=np.float32)
    for scale, (around, power) in enumerate(SCALES):
        wide = np.pad(same, around)
        total = sum(wide[step : step + count, step : step + count] for step in range(2 * around + 1))
        out[scale] = np.maximum(total / (2 * around + 1), 0.0) ** power
    return out


def _gelu(x: Array) -> Array:
    """The approximation by tanh."""
    return np.asarray(0.5 * x * (1.0 + np.tanh(np.float32(0.7978845608) * (x + np.float32(0.044715) * x**3))))
