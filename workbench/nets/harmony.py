"""What hears chords and keys: a small layer told of every root in turn, and a chain that joins its answers.

For every span (a beat, as a rule) the layer sees the sounding pitch classes from each of the twelve roots and says how
well each of eight kinds of chord stands on that root; "no chord" is told from all roots together. One table of weights
serves all roots, so nothing depends on the key. How chords follow each other is counted, by the place in the bar and by
the interval of the roots; and each key has its own usual chords. Numpy only; fitted by
:mod:`workbench.training.harmony_fit`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from workbench.nets.chords import Chain
from workbench.nets.tables import read_tables
from workbench.tokens import chord_spans as cs

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

HIDDEN, KEY_HIDDEN = 32, 16
#: Places in a bar by which changes are counted: the bar's first beat, its middle, another beat, between beats.
DOWNBEAT, MIDDLE, BEAT, BETWEEN = range(4)
#: Numbers of :func:`key_features` for each tonic.
N_KEY = 12 * 3 + 12 * 4 + 12 * 2
MODES = ("major", "minor")
#: Kinds of chord as a key knows them: major, minor, dominant seventh, anything else.
_KEY_KIND = np.array([0, 1, 2, 0, 1, 3, 3, 3])
FILE = "harmony.safetensors"


def _shapes() -> dict[str, tuple[int, ...]]:
    kinds = len(cs.KINDS)
    out: dict[str, tuple[int, ...]] = {
        "stay": (4,), "turn": (kinds, 12, kinds), "often": (kinds + 1,), "in_key": (2, cs.N_STATES), "weighing": (2, 3),
        "key.first": (N_KEY, KEY_HIDDEN), "key.bias": (KEY_HIDDEN,), "key.mode": (KEY_HIDDEN, 2), "key.mode_bias": (2,),
    }  # fmt: skip
    for name, wide, whole in (("notes", cs.N_NOTES, cs.N_WHOLE), ("heard", cs.N_HEARD, cs.N_WHOLE_HEARD)):
        out |= {
            f"{name}.first": (wide, HIDDEN), f"{name}.whole": (whole, HIDDEN), f"{name}.bias": (HIDDEN,),
            f"{name}.kind": (HIDDEN, kinds), f"{name}.kind_bias": (kinds,), f"{name}.none": (2 * HIDDEN,),
            f"{name}.none_bias": (1,),
        }  # fmt: skip
    return out


class HarmonyRuntime:
    """The loaded tables. Read-only after construction."""

    def __init__(self, weights: Mapping[str, npt.NDArray]) -> None:
        """Takes the tensors of ``harmony.safetensors``."""
        self.w = {name: np.asarray(value, np.float32) for name, value in weights.items()}
        self.turn = turns(self.w["turn"], self.w["stay"])

    @classmethod
    def load(cls, folder: Path) -> HarmonyRuntime:
        """Read ``harmony.safetensors`` of a model folder; raises :class:`BadFile` if it cannot."""
        return cls(read_tables(folder / FILE, _shapes(), "The table that hears chords"))

    def fit(self, told: tuple[cs.Floats, cs.Floats]) -> Floats:
        """Log probability of each state in each span by itself, float64 [n, N_STATES], from ``chord_spans.features``.

        The kind of features (of notes, or heard by a network) is known by their number.
        """
        by_root, whole = told
        name = "heard" if by_root.shape[2] == cs.N_HEARD else "notes"
        w = {key.split(".")[1]: value for key, value in self.w.items() if key.startswith(name + ".")}
        hidden = by_root @ w["first"] + (whole @ w["whole"] + w["bias"])[:, None, :]
        hidden = np.maximum(hidden, 0.0)
        chords = (hidden @ w["kind"] + w["kind_bias"]).reshape(len(whole), -1)
        pooled = np.concatenate([hidden.mean(axis=1), hidden.max(axis=1)], axis=1)
        logits = np.concatenate([chords, (pooled @ w["none"] + w["none_bias"])[:, None]], axis=1).astype(np.float64)
        top = logits.max(axis=1, keepdims=True, initial=0)
        return np.asarray(logits - top - np.log(np.exp(logits - top).sum(axis=1, keepdims=True)))

    def chain(self, fit: Floats, place: Ints, in_key: Floats, heard: bool) -> Chain:
        """The chain over spans.

        Args:
            fit: of :meth:`fit`.
            place: where in its bar each span begins, int64 [n]: ``DOWNBEAT``, ``MIDDLE``, ``BEAT`` or ``BETWEEN``.
            in_key: log probability of each state in the key of each span, float64 [n, N_STATES].
            heard: whether the features came of a listening network, which is weighed otherwise.
        """
        strength, key, rare = self.w["weighing"][int(heard)].astype(np.float64)
        often = np.append(np.tile(self.w["often"][:-1], 12), self.w["often"][-1])
        return Chain(strength * (fit - rare * often) + key * in_key, self.turn, place)

    def chords_of_keys(self, keys: Floats) -> Floats:
        """Log probability of each state in each span, float64 [n, N_STATES]; ``keys`` [n, 24]: key probabilities."""
        return np.asarray(np.log(np.maximum(keys @ np.exp(self.in_every_key()), 1e-6)))

    def in_every_key(self) -> Floats:
        """Log probability of each state in each key (major C to B, minor C to B), float64 [24, N_STATES]."""
        kinds = len(cs.KINDS)
        chords = self.w["in_key"][:, : cs.NONE].reshape(2, 12, kinds)
        rows = [np.roll(chords[mode], tonic, axis=0).ravel() for mode in range(2) for tonic in range(12)]
        none = np.repeat(self.w["in_key"][:, cs.NONE :], 12, axis=0)
        return np.concatenate([np.array(rows), none], axis=1).astype(np.float64)

    def keys(self, told: cs.Floats) -> Floats:
        """Log probability of the 24 keys (major C to B, minor C to B), float64 [m, 24], from :func:`key_features`."""
        hidden = np.maximum(told @ self.w["key.first"] + self.w["key.bias"], 0.0)
        logits = (hidden @ self.w["key.mode"] + self.w["key.mode_bias"]).transpose(0, 2, 1).reshape(len(told), 24)
        top = logits.max(axis=1, keepdims=True, initial=0)
        return np.asarray(logits - top - np.log(np.exp(logits - top).sum(axis=1, keepdims=True)), np.float64)


def turns(turn: npt.NDArray, stay: npt.NDArray) -> Floats:
    """Log probabilities of a chord after another by place in the bar, float64 [4, N_STATES, N_STATES].

    Args:
        turn: float [kinds, 12, kinds], log probability of the next chord once it changes: kind, interval up from the
            root, next kind.
        stay: float [4], log probability that the chord goes on, by place in the bar.
    """
    kinds = len(cs.KINDS)
    move = np.full((cs.N_STATES, cs.N_STATES), np.log(1 / cs.NONE))
    for root in range(12):
        rows = slice(kinds * root, kinds * (root + 1))
        move[rows, : cs.NONE] = np.roll(turn, root, axis=1).reshape(kinds, -1)
    move[: cs.NONE, cs.NONE] = np.log(0.02)
    out = np.stack([move + np.log(-np.expm1(min(float(value), -1e-6))) for value in stay])
    for table, value in zip(out, stay, strict=True):
        np.fill_diagonal(table, value)
    return out


def key_features(sound: cs.Floats, struck: cs.Floats, chords: Floats) -> cs.Floats:
    """What tells the key of a passage, from each tonic: float32 [12, N_KEY].

    Args:
        sound, struck: float32 [n, 88] of its spans, as in :func:`workbench.tokens.chord_spans.features`.
        chords: probability of each state in each, float64 [n, N_STATES].
    """
    kinds = len(cs.KINDS)
    share, low = cs.fold(sound).sum(axis=0), cs.lowest(np.maximum(sound, 0.6 * struck)).sum(axis=0)
    hit = cs.fold(struck).sum(axis=0)
    by_kind = np.zeros((12, 4))
    for kind in range(kinds):
        by_kind[:, _KEY_KIND[kind]] += chords[:, kind : cs.NONE : kinds].sum(axis=0)
    active = np.flatnonzero(sound.sum(axis=1) > 0.2)
    ends = np.zeros((2, 12))
    if len(active):
        roots = chords[:, : cs.NONE].reshape(len(chords), 12, kinds).sum(axis=2)
        ends[0], ends[1] = roots[active[:4]].mean(axis=0), roots[active[-4:]].mean(axis=0)
    rows = [part / max(float(part.sum()), 1e-6) for part in (share, low, hit)]
    rows += list((by_kind / max(float(by_kind.sum()), 1e-6)).T) + [end / 2 for end in ends]
    return np.concatenate([cs.from_each(4 * np.asarray(row, np.float32)[None])[0] for row in rows], axis=1)
