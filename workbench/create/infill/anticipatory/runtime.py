"""GPT-2 (Radford et al., 2019) of the transformers library, with a key-value cache for rows of different lengths.

The architecture is that library's, built from its configuration class and filled with checked safetensors; no code
that travels with weights is ever run. Only the cache is ours: here a row's window starts anew while the others go on,
several tokens of a row are fed at once, and the scores of a hundred candidates are worked out instead of those of
55,028.
"""

from __future__ import annotations

import inspect
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
_ACTIVATIONS = ("gelu_new", "gelu")
_SPARE_VOCABULARY = 1_024  # some checkpoints pad the vocabulary


@dataclass(frozen=True, slots=True)
class Shape:
    """What ``config.json`` says. ``eps``: of layer normalisation; ``gelu``: the library's name of the activation."""

    layers: int
    heads: int
    width: int
    vocabulary: int
    eps: float
    gelu: str
    by_layer: bool
    tied: bool
    inner: int | None = None

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
            gelu = str(config.get("activation_function", "gelu_new"))
            eps = float(config.get("layer_norm_epsilon", 1e-5))
        except (KeyError, TypeError, ValueError) as error:
            raise BadFile("The settings of this model are not those of a GPT-2 network.") from error
        if kind != "gpt2" or gelu not in _ACTIVATIONS or layers < 1 or heads < 1 or width < 1 or width % heads:
            raise BadFile("The settings of this model are not those of a GPT-2 network.")
        if not SIZE <= vocabulary < SIZE + _SPARE_VOCABULARY or positions < CONTEXT:
            raise BadFile(
                f"This model has {vocabulary:,} tokens and a window of {positions:,}; the anticipatory vocabulary of "
                f"arrival times has {SIZE:,} and needs {CONTEXT:,}."
            )
        by_layer, tied = config.get("scale_attn_by_inverse_layer_idx", False), config.get("tie_word_embeddings", True)
        inner = config.get("n_inner")
        if inner is not None and (type(inner) is not int or inner < 1):
            raise BadFile("The settings of this model are not those of a GPT-2 network.")
        return cls(layers, heads, width, vocabulary, eps, gelu, bool(by_layer), bool(tied), inner)


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
    """The library's GPT-2, float32. ``threads``: how many torch uses inside a call (None: see :func:`few_threads`)."""

    def __init__(self, shape: Shape, weights: Mapping[str, Tensor], *, threads: int | None = None) -> None:
        """``weights``: tensors by the names of the file.

        Raises:
            BadFile: one is missing or has another shape.
            ImportError: torch or transformers is not installed.
        """
        self.shape, self.threads = shape, threads
        model = _build(shape)
        found = {name.removeprefix("transformer."): tensor for name, tensor in weights.items()}
        head = found.get("lm_head.weight") if not shape.tied else None
        state: dict[str, Tensor] = {"lm_head.weight": found.get("wte.weight") if head is None else head}  # type: ignore[dict-item]
        for name, expected in model.state_dict().items():
            tensor = found.get(name.removeprefix("transformer.")) if name != "lm_head.weight" else state[name]
            # The table of positions may be longer than the window: a fine-tuned model keeps its first one's.
            fits = tensor is not None and (
                tensor.shape == expected.shape
                or (name.endswith("wpe.weight") and tensor.dim() == 2 and tensor.shape[1] == shape.width)
            )
            if tensor is None or not fits:
                raise BadFile("The weights of this model do not fit its settings; pull it again.")
            state[name] = tensor[: expected.shape[0]].float().contiguous()
        if shape.tied:
            state["lm_head.weight"] = state["transformer.wte.weight"]
        try:
            model.load_state_dict(state, assign=True)
        except RuntimeError as error:
            raise BadFile("The weights of this model do not fit its settings; pull it again.") from error
        self._model = model.eval().requires_grad_(False)
        # What the library calls the cache has changed between its versions.
        known = inspect.signature(model.transformer.forward).parameters
        self._cache_name = "cache" if "cache" in known else "past_key_values"

    @classmethod
    def load(cls, config: Mapping[str, Any], paths: Sequence[Path], *, threads: int | None = None) -> Network:
        """Read safetensors files (one, or the shards of a large model).

        Raises:
            BadFile: they are not the weights of this network.
            ImportError: torch or transformers is not installed.
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

        Writes keys and values into the cache and returns what the head reads, float32 [rows, n, width].
        """
        import torch

        reach = int(at.max()) + 1
        seen = torch.arange(reach) <= at[:, None, :, None]  # [rows, 1, n, reach]
        view = _View(cache, slice(first, last), at, reach)
        answer = self._model.transformer(
            input_ids=tokens, position_ids=at.clamp(max=CONTEXT - 1), attention_mask=seen, use_cache=True,
            **{self._cache_name: view},
        )  # fmt: skip
        hidden: Tensor = answer.last_hidden_state
        return hidden

    def scores(self, hidden: Tensor, ids: np.ndarray | None = None) -> np.ndarray:
        """Logits of token ``ids`` (default: all) after ``hidden``, float32 [width]; returns float32 [ids]."""
        import torch

        with torch.inference_mode(), few_threads(self.threads):
            head = self._model.lm_head.weight
            return np.asarray(((head if ids is None else head[torch.from_numpy(ids)]) @ hidden).numpy())

    def recompute(self, tokens: Sequence[int], ids: np.ndarray | None = None) -> np.ndarray:
        """Logits after a whole window in one pass, without any cache to go by: what the cached ones must equal."""
        import torch

        with torch.inference_mode(), few_threads(self.threads):
            cache = Cache(self.shape, 1, len(tokens))
            hidden = self.pass_over(torch.tensor([tokens]), torch.arange(len(tokens))[None], cache, 0, 1)[0, -1]
        return self.scores(hidden, ids)


def _build(shape: Shape) -> Any:
    """The library's model without numbers in it: they are put in place, not copied."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    config: Any = GPT2Config(
        vocab_size=shape.vocabulary, n_positions=CONTEXT, n_embd=shape.width, n_layer=shape.layers, n_head=shape.heads,
        n_inner=shape.inner, activation_function=shape.gelu, layer_norm_epsilon=shape.eps,
        scale_attn_by_inverse_layer_idx=shape.by_layer, tie_word_embeddings=shape.tied,
    )  # fmt: skip
    config._attn_implementation = "sdpa"
    with torch.device("meta"):
        return GPT2LMHeadModel(config)


class _View:
    """Some rows of a :class:`Cache` for one pass, in the form in which the library's attention asks for one."""

    def __init__(self, cache: Cache, rows: slice, at: Tensor, reach: int) -> None:
        import torch

        self._cache, self._rows, self._at, self._reach = cache, rows, at, reach
        self._row = torch.arange(at.shape[0])[:, None].expand(at.shape)

    def update(self, key: Tensor, value: Tensor, layer: int, *_: Any, **__: Any) -> tuple[Tensor, Tensor]:
        """Write new keys and values, float32 [rows, heads, n, size]; gives all that may be looked at."""
        keys, values = self._cache.keys[layer][self._rows], self._cache.values[layer][self._rows]
        keys[self._row, self._at], values[self._row, self._at] = key.transpose(1, 2), value.transpose(1, 2)
        return keys[:, : self._reach].transpose(1, 2), values[:, : self._reach].transpose(1, 2)

    def get_seq_length(self, layer: int = 0) -> int:
        """How many positions may be looked at."""
        return self._reach


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
