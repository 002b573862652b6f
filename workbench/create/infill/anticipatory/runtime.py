"""GPT-2 (Radford et al., 2019) in plain torch, with a key-value cache for several rows of different lengths.

Not the transformers library: here a row's window starts anew while the others go on, several tokens of a row are fed
at once, and the scores of a hundred candidates are worked out instead of those of 55,028. The file layout is that
library's (``transformer.h.0.attn.c_attn.weight`` and so on, float [in, out]). ``scale_attn_by_inverse_layer_idx``
divides the scores of attention in layer n by n + 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.errors import BadFile
from workbench.tokens.arrival import CONTEXT, SIZE

if TYPE_CHECKING:
    from torch import Tensor

#: Tokens that one pass takes at most, so that Stop is noticed soon while a long prompt is read.
CHUNK = 64
#: Rows with more new tokens than this are fed alone before the common step.
TOGETHER = 8
#: A pass over one token reads every weight once; more threads than this only wait for the memory.
MOST_THREADS = 4
_ACTIVATIONS = {"gelu_new": "tanh", "gelu": "none"}
_SPARE_VOCABULARY = 1_024  # some checkpoints pad the vocabulary


@dataclass(frozen=True, slots=True)
class Shape:
    """What ``config.json`` says. ``eps``: of layer normalisation; ``gelu``: torch's name of the approximation."""

    layers: int
    heads: int
    width: int
    vocabulary: int
    eps: float
    gelu: str
    by_layer: bool
    tied: bool

    @classmethod
    def read(cls, config: Mapping[str, Any]) -> Shape:
        """Read a GPT-2 ``config.json``.

        Raises:
            BadFile: it is not a GPT-2 of this vocabulary and window.
        """
        try:
            kind = config.get("model_type", "gpt2")
            layers, heads, width = (int(config[name]) for name in ("n_layer", "n_head", "n_embd"))
            vocabulary, positions = int(config["vocab_size"]), int(config.get("n_positions", config.get("n_ctx", 0)))
            gelu = _ACTIVATIONS[config.get("activation_function", "gelu_new")]
            eps = float(config.get("layer_norm_epsilon", 1e-5))
        except (KeyError, TypeError, ValueError) as error:
            raise BadFile("The settings of this model are not those of a GPT-2 network.") from error
        if kind != "gpt2" or layers < 1 or heads < 1 or width < 1 or width % heads:
            raise BadFile("The settings of this model are not those of a GPT-2 network.")
        if not SIZE <= vocabulary < SIZE + _SPARE_VOCABULARY or positions < CONTEXT:
            raise BadFile(
                f"This model has {vocabulary:,} tokens and a window of {positions:,}; the anticipatory vocabulary of "
                f"arrival times has {SIZE:,} and needs {CONTEXT:,}."
            )
        by_layer, tied = config.get("scale_attn_by_inverse_layer_idx", False), config.get("tie_word_embeddings", True)
        return cls(layers, heads, width, vocabulary, eps, gelu, bool(by_layer), bool(tied))


@contextmanager
def few_threads(count: int | None = None) -> Iterator[None]:
    """Let torch use ``count`` threads (default: up to four, never more than it is allowed now) inside the block."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count or min(before, MOST_THREADS))
    try:
        yield
    finally:
        torch.set_num_threads(before)


class Network:
    """The weights, float32. ``threads``: how many torch uses inside a call (None: see :func:`few_threads`)."""

    def __init__(self, shape: Shape, weights: Mapping[str, Tensor], *, threads: int | None = None) -> None:
        """``weights``: tensors by the names of the file.

        Raises:
            BadFile: one is missing or has another shape.
        """
        self.shape, self.threads = shape, threads
        found = {name.removeprefix("transformer."): tensor for name, tensor in weights.items()}
        wide = shape.width
        take = _Taker(found)
        self.tokens = take("wte.weight", shape.vocabulary, wide)
        self.places = take("wpe.weight", -1, wide)
        head = "lm_head.weight" if not shape.tied and "lm_head.weight" in found else "wte.weight"
        self.head = self.tokens if head == "wte.weight" else take(head, shape.vocabulary, wide)
        self.final = (take("ln_f.weight", wide), take("ln_f.bias", wide))
        self.blocks: list[dict[str, Tensor]] = []
        for layer in range(shape.layers):
            sizes = {
                "ln_1": (wide,), "attn.c_attn": (wide, 3 * wide), "attn.c_proj": (wide, wide),
                "ln_2": (wide,), "mlp.c_fc": (wide, -1), "mlp.c_proj": (-1, wide),
            }  # fmt: skip
            block = {}
            for name, size in sizes.items():
                block[f"{name}.weight"] = take(f"h.{layer}.{name}.weight", *size)
                block[f"{name}.bias"] = take(f"h.{layer}.{name}.bias", -1)
            self.blocks.append(block)

    @classmethod
    def load(cls, config: Mapping[str, Any], paths: Sequence[Path], *, threads: int | None = None) -> Network:
        """Read safetensors files (one, or the shards of a large model).

        Raises:
            BadFile: they are not the weights of this network.
            ImportError: torch is not installed.
        """
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        shape = Shape.read(config)
        weights: dict[str, Tensor] = {}
        try:
            for path in paths:
                weights |= load_file(path)
        except (SafetensorError, OSError) as error:
            raise BadFile("The weights of this model cannot be read; pull it again.") from error
        return cls(shape, weights, threads=threads)

    def pass_over(self, tokens: Tensor, at: Tensor, cache: Cache, first: int, last: int) -> Tensor:
        """One pass. ``tokens``, ``at``: int64 [rows, n], ids and positions of rows ``first`` to ``last`` of the cache.

        Writes keys and values into the cache and returns the last layer's output, float32 [rows, n, width].
        """
        import torch
        from torch.nn.functional import gelu, layer_norm, scaled_dot_product_attention

        shape = self.shape
        rows, count = tokens.shape
        size = shape.width // shape.heads
        reach = int(at.max()) + 1
        seen = torch.arange(reach) <= at[:, None, :, None]  # [rows, 1, n, reach]
        x = self.tokens[tokens] + self.places[at.clamp(max=CONTEXT - 1)]
        row = torch.arange(rows)[:, None].expand(rows, count)
        for layer, block in enumerate(self.blocks):
            y = layer_norm(x, (shape.width,), block["ln_1.weight"], block["ln_1.bias"], shape.eps)
            y = _linear(y, block, "attn.c_attn")
            query, key, value = (part.view(rows, count, shape.heads, size) for part in y.split(shape.width, dim=2))
            keys, values = cache.keys[layer][first:last], cache.values[layer][first:last]
            keys[row, at], values[row, at] = key, value
            scale = 1.0 / math.sqrt(size) / (layer + 1 if shape.by_layer else 1)
            y = scaled_dot_product_attention(
                query.transpose(1, 2), keys[:, :reach].transpose(1, 2), values[:, :reach].transpose(1, 2),
                attn_mask=seen, scale=scale,
            )  # fmt: skip
            y = y.transpose(1, 2).reshape(rows, count, shape.width)
            x = x + _linear(y, block, "attn.c_proj")
            y = layer_norm(x, (shape.width,), block["ln_2.weight"], block["ln_2.bias"], shape.eps)
            y = gelu(_linear(y, block, "mlp.c_fc"), approximate=shape.gelu)
            x = x + _linear(y, block, "mlp.c_proj")
        return x

    def scores(self, hidden: Tensor, ids: np.ndarray | None = None) -> np.ndarray:
        """Logits of token ``ids`` (default: all) after ``hidden``, float32 [width]; returns float32 [ids]."""
        import torch
        from torch.nn.functional import layer_norm

        with torch.inference_mode(), few_threads(self.threads):
            x = layer_norm(hidden, (self.shape.width,), *self.final, self.shape.eps)
            head = self.head if ids is None else self.head[torch.from_numpy(ids)]
            return np.asarray((head @ x).numpy())

    def recompute(self, tokens: Sequence[int], ids: np.ndarray | None = None) -> np.ndarray:
        """Logits after a whole window in one pass, without any cache to go by: what the cached ones must equal."""
        import torch

        with torch.inference_mode(), few_threads(self.threads):
            cache = Cache(self.shape, 1, len(tokens))
            hidden = self.pass_over(torch.tensor([tokens]), torch.arange(len(tokens))[None], cache, 0, 1)[0, -1]
        return self.scores(hidden, ids)


def _linear(x: Tensor, block: Mapping[str, Tensor], name: str) -> Tensor:
    """``x W + b`` for float32 [rows, n, in] with the file's own [in, out] weights, which are never copied."""
    import torch

    weight = block[f"{name}.weight"]
    return torch.addmm(block[f"{name}.bias"], x.flatten(0, 1), weight).view(*x.shape[:2], weight.shape[1])


class _Taker:
    """Takes tensors by name and expected size (-1: any); float32, contiguous."""

    def __init__(self, found: Mapping[str, Tensor]) -> None:
        self._found = found

    def __call__(self, name: str, *size: int) -> Tensor:
        tensor = self._found.get(name)
        fits = tensor is not None and tensor.dim() == len(size)
        if tensor is None or not fits or any(n not in (-1, m) for n, m in zip(size, tensor.shape, strict=True)):
            raise BadFile("The weights of this model do not fit its settings; pull it again.")
        return tensor.float().contiguous()


class Cache:
    """Keys and values of some rows: per layer float32 [rows, length, heads, size].

    A little longer than a window: what pads a full row must not fall on its last token.
    """

    def __init__(self, shape: Shape, rows: int, length: int = CONTEXT + TOGETHER) -> None:
        import torch

        size = (rows, length, shape.heads, shape.width // shape.heads)
        self.keys = [torch.zeros(size) for _ in range(shape.layers)]
        self.values = [torch.zeros(size) for _ in range(shape.layers)]

    def copy_row(self, source: int, target: int, length: int) -> None:
        """Make the first ``length`` positions of a row equal to another's."""
        for tensor in (*self.keys, *self.values):
            tensor[target, :length] = tensor[source, :length]


class Rows:
    """Several windows that grow side by side through one network."""

    def __init__(self, network: Network, rows: int) -> None:
        self.network = network
        self.lengths = [0] * rows
        self._cache = Cache(network.shape, rows)
        self._hidden: list[Any] = [None] * rows

    def feed(self, new: Mapping[int, Sequence[int]], fresh: Sequence[int] = ()) -> Iterator[None]:
        """Append tokens to rows (each at least one); rows in ``fresh`` start anew. Yields after every pass.

        Positions past a row's own tokens are padding: they are written over by its next ones and never looked at.
        """
        windows: dict[tuple[int, ...], int] = {}
        ready: dict[int, list[int]] = {}
        for row, tokens in new.items():
            left = list(tokens)
            if row in fresh:
                self.lengths[row] = 0
                # Alternatives begin with the same window: it is read once.
                twin = windows.setdefault(tuple(left), row)
                if twin != row:
                    self._cache.copy_row(twin, row, self.lengths[twin])
                    self.lengths[row] = self.lengths[twin]
                    left = left[self.lengths[row] :]
            while len(left) > TOGETHER:
                count = min(CHUNK, len(left) - 1)
                self._step({row: left[:count]})
                left = left[count:]
                yield
            ready[row] = left
        self._step(ready)
        yield

    def scores(self, row: int, ids: np.ndarray | None = None) -> np.ndarray:
        """Logits of token ``ids`` after the row's last token, float32 [ids]."""
        return self.network.scores(self._hidden[row], ids)

    def _step(self, new: Mapping[int, Sequence[int]]) -> None:
        import torch

        first, last = min(new), max(new) + 1
        most = max(len(tokens) for tokens in new.values())
        ids, at = np.zeros((last - first, most), dtype=np.int64), np.zeros((last - first, most), dtype=np.int64)
        for row in range(first, last):
            tokens = new.get(row, ())
            ids[row - first, : len(tokens)] = tokens
            at[row - first] = self.lengths[row] + np.arange(most)
        with torch.inference_mode(), few_threads(self.network.threads):
            hidden = self.network.pass_over(torch.from_numpy(ids), torch.from_numpy(at), self._cache, first, last)
            for row, tokens in new.items():
                self.lengths[row] += len(tokens)
                self._hidden[row] = hidden[row - first, len(tokens) - 1].clone()
