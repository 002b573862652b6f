"""The infilling network in numpy with a key-value cache: what the sampler runs, without torch.

Computes what :class:`workbench.nets.infill.InfillNet` computes (a test compares them) for several alternatives at
once. The matrices are read once a step for all alternatives, which is where the time goes, so three ideas cost
little more than one; attention looks at each alternative's own cache, whose lengths may differ.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from workbench.errors import BadFile
from workbench.tokens import grid12 as g

Array = npt.NDArray[np.float32]
Rows = Mapping[str, npt.NDArray]

TICK_PERIODS = (4.0, 6.0, 8.0, 12.0, 24.0, 48.0, 96.0, 192.0, 384.0, 768.0, 1536.0, 6144.0)
BAR_PERIODS = (0.125, 0.25, 1 / 3, 0.5, 1.0, 2.0, 3.0, 4.0, 8.0, 16.0, 32.0, 128.0)
INDEX_PERIODS = tuple(2 * np.pi * 4.0**power for power in range(8))
_EPSILON = float(np.finfo(np.float32).eps)  # torch's rms_norm uses the type's own
_EMBEDDED = ("kind", "slot", "program", "pitch", "duration", "velocity", "position", "bar_length", "remaining")


@dataclass
class Cache:
    """Keys and values of one alternative: float32 [blocks, heads, capacity, 64] each; grows by doubling."""

    blocks: int
    heads: int
    size: int
    length: int = 0
    keys: Array = field(init=False)
    values: Array = field(init=False)

    def __post_init__(self) -> None:
        self.keys = np.zeros((self.blocks, self.heads, self.size, 64), dtype=np.float32)
        self.values = np.zeros_like(self.keys)

    def reserve(self, length: int) -> None:
        """Make room for ``length`` positions."""
        if length > self.keys.shape[2]:
            shape = (self.blocks, self.heads, 2 * length, 64)
            for name in ("keys", "values"):
                old = getattr(self, name)
                new = np.zeros(shape, dtype=np.float32)
                new[:, :, : old.shape[2]] = old
                setattr(self, name, new)

    def take_over(self, other: Cache) -> None:
        """Hold what ``other`` holds so far."""
        self.reserve(other.length + 1)
        self.length = other.length
        self.keys[:, :, : other.length + 1] = other.keys[:, :, : other.length + 1]
        self.values[:, :, : other.length + 1] = other.values[:, :, : other.length + 1]


class InfillRuntime:
    """The loaded network. Read-only after construction: one instance serves any number of runs."""

    def __init__(self, weights: Mapping[str, npt.NDArray], config: Mapping[str, int]) -> None:
        self.w: dict[str, Array] = {}
        for name, value in weights.items():
            array = np.asarray(value, dtype=np.float32)
            # Linear layers are kept as [in, out] and contiguous: one gemm a step without a transpose.
            linear = array.ndim == 2 and name.endswith(
                ("qkv.weight", "out.weight", "en.weight", "narrow.weight", "head.weight", "wanted.weight")
            )
            self.w[name] = np.ascontiguousarray(array.T if linear else array)
        self.width = int(config["width"])
        self.heads = int(config["heads"])
        self.lower = int(config["lower"])
        self.upper = int(config["upper"])
        self.frequencies = tuple(
            (2 * np.pi / np.array(periods)).astype(np.float32) for periods in (TICK_PERIODS, BAR_PERIODS, INDEX_PERIODS)
        )

    @classmethod
    def load(cls, folder: Path) -> InfillRuntime:
        """Load ``model.safetensors`` and ``config.json`` of a model folder.

        Raises:
            BadFile: a file is missing or is not what its name says.
        """
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))["network"]
            return cls(load_file(folder / "model.safetensors"), config)
        except (OSError, SafetensorError, ValueError, KeyError) as error:
            raise BadFile("The infilling model's files are missing or damaged; fetch them again.") from error

    def new_cache(self, size: int = 512) -> Cache:
        """An empty cache for one alternative."""
        return Cache(self.lower + self.upper, self.heads, size)

    # -- parts of the network; rows [n], vectors [n, width] ------------------------------------------------

    def _phases(self, tick: npt.NDArray, bar: npt.NDArray, index: npt.NDArray) -> tuple[Array, Array]:
        parts = [
            np.asarray(value, dtype=np.float32)[:, None] * frequency
            for value, frequency in zip((tick, bar, index), self.frequencies, strict=True)
        ]
        angle = np.concatenate(parts, axis=1)
        return np.cos(angle), np.sin(angle)

    def _embed(self, rows: Rows) -> Array:
        w = self.w
        pitch = rows["pitch"]
        chroma = np.where(pitch < 128, pitch % 12, np.where(pitch < g.N_PITCH, 12, 13))
        x = w["chroma.weight"][chroma] + rows["wanted"].astype(np.float32) @ w["wanted.weight"]
        for name in _EMBEDDED:
            x += w[f"{name}.weight"][rows[name]]
        return np.asarray(x + w["trait.weight"][rows["traits"]].sum(axis=1), dtype=np.float32)

    @staticmethod
    def _norm(x: Array, scale: Array) -> Array:
        return np.asarray(x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + _EPSILON) * scale)

    def _dense(self, name: str, x: Array) -> Array:
        return np.asarray(x @ self.w[f"{name}.weight"] + self.w[f"{name}.bias"])

    def _hidden(self, name: str, x: Array) -> Array:
        return np.asarray(np.square(np.maximum(self._dense(f"{name}_widen", x), 0)))

    def _project(
        self, prefix: str, x: Array, query: tuple[Array, Array], key: tuple[Array, Array]
    ) -> tuple[Array, ...]:
        """Queries, keys and values [n, heads, 64], queries and keys turned by their phases."""
        qkv = self._norm(x, self.w[f"{prefix}.norm1"]) @ self.w[f"{prefix}.qkv.weight"]
        q, k, v = qkv.reshape(len(x), 3, self.heads, 64).transpose(1, 0, 2, 3)
        return _rotate(q, *query), _rotate(k, *key), v

    def _finish(self, prefix: str, x: Array, mixed: Array) -> Array:
        x = x + mixed @ self.w[f"{prefix}.out.weight"]
        normed = self._norm(x, self.w[f"{prefix}.norm2"])
        wide = np.maximum(normed @ self.w[f"{prefix}.widen.weight"], 0)
        return np.asarray(x + np.square(wide) @ self.w[f"{prefix}.narrow.weight"])

    def _block_prompt(
        self, at: int, x: Array, query: tuple[Array, Array], key: tuple[Array, Array], cache: Cache
    ) -> Array:
        """Block number ``at`` over a whole prompt (rows 0 to n), filling the cache."""
        prefix = self._name(at)
        n = len(x)
        q, k, v = self._project(prefix, x, query, key)
        cache.keys[at, :, :n] = k.transpose(1, 0, 2)
        cache.values[at, :, :n] = v.transpose(1, 0, 2)
        scores = np.matmul(q.transpose(1, 0, 2), k.transpose(1, 2, 0)) * np.float32(0.125)
        scores[:, np.triu(np.ones((n, n), dtype=bool), 1)] = -np.inf
        mixed = np.matmul(_softmax(scores), v.transpose(1, 0, 2))
        return self._finish(prefix, x, mixed.transpose(1, 0, 2).reshape(n, self.width))

    def _block_step(
        self, at: int, x: Array, query: tuple[Array, Array], key: tuple[Array, Array], caches: Sequence[Cache],
        places: Sequence[int],
    ) -> Array:  # fmt: skip
        """Block number ``at`` for one new row of each alternative, at position ``places[i]`` of its cache."""
        prefix = self._name(at)
        q, k, v = self._project(prefix, x, query, key)
        mixed = np.empty((len(x), self.width), dtype=np.float32)
        for i, (cache, place) in enumerate(zip(caches, places, strict=True)):
            cache.keys[at, :, place] = k[i]
            cache.values[at, :, place] = v[i]
            scores = np.matmul(cache.keys[at, :, : place + 1], q[i][:, :, None])[:, :, 0] * np.float32(0.125)
            mixed[i] = np.matmul(_softmax(scores)[:, None], cache.values[at, :, : place + 1]).reshape(-1)
        return self._finish(prefix, x, mixed)

    def _name(self, at: int) -> str:
        return f"lower.{at}" if at < self.lower else f"upper.{at - self.lower}"

    def _moment(self, after: Rows) -> Array:
        return np.asarray(
            self.w["next_time.weight"][after["next_time"]] + self.w["next_position.weight"][after["next_position"]]
        )

    def _inject(self, x: Array, after: Rows) -> Array:
        """The residual stream with the next event's time and part added."""
        who = self.w["next_slot.weight"][after["next_slot"]] + self.w["next_program.weight"][after["next_program"]]
        return np.asarray(x + self._moment(after) + who)

    # -- what the sampler calls ---------------------------------------------------------------------------

    def read(self, rows: Rows, cache: Cache) -> Array:
        """Read a prompt (rows with ``next_*``, see :func:`workbench.tokens.rows.add_next`).

        Fills the cache (which must be empty) except for the upper blocks of the last row, whose next event is
        not decided yet. Returns the lower state of the last row, float32 [1, width]; ``cache.length`` is the
        position of that row.
        """
        n = len(rows["kind"])
        cache.reserve(n + 64)
        index = np.arange(n)
        here = self._phases(rows["tick"], rows["bar"], index)
        x = self._embed(rows)
        for at in range(self.lower):
            x = self._block_prompt(at, x, here, here, cache)
        last = x[-1:].copy()
        if n > 1:
            there = self._phases(rows["next_tick"], rows["next_bar"], index)
            y = self._inject(x[:-1], {name: value[:-1] for name, value in rows.items() if name.startswith("next_")})
            for at in range(self.lower, self.lower + self.upper):
                cut = slice(0, n - 1)
                y = self._block_prompt(
                    at, y, (there[0][cut], there[1][cut]), (here[0][cut], here[1][cut]), cache
                )  # fmt: skip
        cache.length = n - 1
        return last

    def step_lower(self, rows: Rows, caches: Sequence[Cache]) -> Array:
        """Append one row to each alternative: the lower state [n, width]. Moves each cache on by one."""
        for cache in caches:
            cache.length += 1
            cache.reserve(cache.length + 1)
        places = [cache.length for cache in caches]
        here = self._phases(rows["tick"], rows["bar"], np.array(places))
        x = self._embed(rows)
        for at in range(self.lower):
            x = self._block_step(at, x, here, here, caches, places)
        return x

    def time_logits(self, low: Array) -> Array:
        """Logits of the next time class [n, 98] from the lower state."""
        return self._dense("time_head", self._norm(low, self.w["norm_lower"]))

    def slot_logits(self, low: Array, after: Rows) -> Array:
        """Logits of the next part [n, 12], given ``next_time`` and ``next_position``."""
        x = self._norm(low, self.w["norm_lower"]) + self._moment(after)
        return self._dense("slot_head", self._hidden("slot", x))

    def step_upper(self, low: Array, rows: Rows, after: Rows, caches: Sequence[Cache]) -> Array:
        """The upper state [n, width] of the rows at the caches' ends, given time and part of the next event.

        ``rows`` holds the rows' own ``tick`` and ``bar``; ``after`` holds ``next_*`` of time, position, tick,
        bar, slot and program.
        """
        places = [cache.length for cache in caches]
        index = np.array(places)
        here = self._phases(rows["tick"], rows["bar"], index)
        there = self._phases(after["next_tick"], after["next_bar"], index)
        x = self._inject(low, after)
        for at in range(self.lower, self.lower + self.upper):
            x = self._block_step(at, x, there, here, caches, places)
        return self._norm(x, self.w["norm_upper"])

    def pitch_logits(self, high: Array) -> Array:
        """Logits of the pitch [n, 175]."""
        return self._dense("pitch_head", high)

    def duration_logits(self, high: Array, pitch: npt.NDArray) -> Array:
        """Logits of the duration class [n, 22], given the pitch."""
        return self._dense("duration_head", self._hidden("duration", high + self.w["own_pitch.weight"][pitch]))

    def velocity_logits(self, high: Array, pitch: npt.NDArray, duration: npt.NDArray) -> Array:
        """Logits of the velocity class [n, 16], given pitch and duration."""
        own = self.w["own_pitch.weight"][pitch] + self.w["own_duration.weight"][duration]
        return self._dense("velocity_head", self._hidden("velocity", high + own))


def _rotate(x: Array, cos: Array, sin: Array) -> Array:
    """Turn the halves of the last axis of ``x`` [n, heads, 64] by phases [n, 32]."""
    a, b = x[..., :32], x[..., 32:]
    c, s = cos[:, None], sin[:, None]
    return np.concatenate((a * c - b * s, a * s + b * c), axis=-1)


def _softmax(scores: Array) -> Array:
    out = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(out / out.sum(axis=-1, keepdims=True))
