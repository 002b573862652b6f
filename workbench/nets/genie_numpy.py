"""The Genie's decoder in numpy: one LSTM step a press, 0.1 ms, no torch.

The weights are the tensors of ``models/piano-genie/model.safetensors``, or of the same file in ``piano-genie-open``
(half precision in the file, float32 in use); the file's metadata names the model, so that whatever is played says by
which. The browser reads the same files and does the same arithmetic. Equal to
:class:`workbench.nets.genie.Decoder`, whose docstring lists the 147 input rows, within 1e-4.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from workbench import resources
from workbench.errors import BadFile

BUTTONS = 8
KEYS = 88
LOWEST_PITCH = 21
TIME_BINS = 33
HIDDEN = 128
LAYERS = 2
#: The model of each set of weights (:func:`workbench.resources.weight_set`).
MODELS = {"pop": "piano-genie", "open": "piano-genie-open"}
ROW_BUTTON, ROW_MOVE, ROW_DIRECTION, ROW_KEY, ROW_TIME, ROW_ROOT, ROW_FAMILY = 0, 1, 2, 5, 94, 127, 139
INPUTS = 147
SHAPES: dict[str, tuple[int, ...]] = {
    "rows": (INPUTS, HIDDEN),
    "bias": (HIDDEN,),
    "out.weight": (KEYS, HIDDEN),
    "out.bias": (KEYS,),
    **{f"lstm.weight_{kind}_l{layer}": (4 * HIDDEN, HIDDEN) for layer in range(LAYERS) for kind in ("ih", "hh")},
    **{f"lstm.bias_{kind}_l{layer}": (4 * HIDDEN,) for layer in range(LAYERS) for kind in ("ih", "hh")},
}


@dataclass(frozen=True)
class Step:
    """What the decoder is told at one press.

    ``button`` and ``last_button`` 0 to 7 (``last_button`` -1 at the start), ``last_key`` 0 to 87 (-1 at the start),
    ``time_bin`` 0 to 32, ``root`` 0 to 11 and ``family`` 0 to 7 (-1 = none).
    """

    button: int
    last_button: int = -1
    last_key: int = -1
    time_bin: int = TIME_BINS - 1
    root: int = -1
    family: int = -1


@dataclass(frozen=True)
class State:
    """Hidden and cell of both layers, float32 [2, 128] each; never changed in place."""

    hidden: np.ndarray
    cell: np.ndarray


class GenieDecoder:
    """The decoder's weights, and the step.

    Args:
        tensors: float arrays by name, shapes as in :data:`SHAPES`.
        model: whose they are: the model's id.

    Raises:
        BadFile: a tensor is missing, extra, of another shape, or not finite.
    """

    def __init__(self, tensors: dict[str, np.ndarray], model: str = MODELS["pop"]) -> None:
        self.model = model
        if {name: np.shape(value) for name, value in tensors.items()} != SHAPES:
            raise BadFile("These weights are not those of a Piano Genie decoder; fetch the model again.")
        own = {name: np.asarray(value, np.float32) for name, value in tensors.items()}
        if not all(np.isfinite(value).all() for value in own.values()):
            raise BadFile("The Piano Genie's weights are damaged; fetch the model again.")
        self.rows, self.bias = own["rows"], own["bias"]
        self.out_weight, self.out_bias = own["out.weight"], own["out.bias"]
        self.input_weights = [own[f"lstm.weight_ih_l{layer}"] for layer in range(LAYERS)]
        self.hidden_weights = [own[f"lstm.weight_hh_l{layer}"] for layer in range(LAYERS)]
        self.gate_biases = [own[f"lstm.bias_ih_l{layer}"] + own[f"lstm.bias_hh_l{layer}"] for layer in range(LAYERS)]

    @classmethod
    def load(cls, path: Path) -> GenieDecoder:
        """Read the weights from safetensors; raises :class:`BadFile` if that cannot be done."""
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(path, framework="numpy") as file:
                model = model_of((file.metadata() or {}).get("model", ""))
                return cls({name: file.get_tensor(name) for name in file.keys()}, model)  # noqa: SIM118
        except (OSError, SafetensorError) as error:
            raise BadFile("The Piano Genie's weights cannot be read; fetch the model again.") from error

    @staticmethod
    def start() -> State:
        """The state before the first press: zeros."""
        return State(np.zeros((LAYERS, HIDDEN), np.float32), np.zeros((LAYERS, HIDDEN), np.float32))

    def embed(self, step: Step) -> np.ndarray:
        """The input layer, float32 [128]: the rows of the step, added in the order of the rows, bias first."""
        value = np.float32(step.button / 3.5 - 1.0)
        total = self.bias + value * self.rows[ROW_BUTTON]
        if step.last_button >= 0:
            total = total + np.float32((step.button - step.last_button) / 3.5) * self.rows[ROW_MOVE]
            sign = (step.button > step.last_button) - (step.button < step.last_button)
            total = total + self.rows[ROW_DIRECTION + 1 + sign]
        total = total + self.rows[ROW_KEY + 1 + step.last_key] + self.rows[ROW_TIME + step.time_bin]
        if step.root >= 0:
            total = total + self.rows[ROW_ROOT + step.root]
        if step.family >= 0:
            total = total + self.rows[ROW_FAMILY + step.family]
        return np.asarray(total, np.float32)

    def step(self, step: Step, state: State) -> tuple[np.ndarray, State]:
        """Logits of the next key, float32 [88], and the state after this press."""
        signal = self.embed(step)
        hidden, cell = np.empty_like(state.hidden), np.empty_like(state.cell)
        for layer in range(LAYERS):
            gates = self.input_weights[layer] @ signal + self.hidden_weights[layer] @ state.hidden[layer]
            gates += self.gate_biases[layer]
            admit, forget, candidate, emit = gates.reshape(4, HIDDEN)
            cell[layer] = sigmoid(forget) * state.cell[layer] + sigmoid(admit) * np.tanh(candidate)
            hidden[layer] = sigmoid(emit) * np.tanh(cell[layer])
            signal = hidden[layer]
        return self.out_weight @ signal + self.out_bias, State(hidden, cell)


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Logistic function in float32, through tanh so that no exponential overflows."""
    return np.asarray(0.5 * np.tanh(0.5 * x) + 0.5, np.float32)


def time_bin(seconds: float) -> int:
    """Bin 0 to 32 of the seconds since the last press: floor(31.25 s + 0.5), at most 32."""
    return max(0, min(TIME_BINS - 1, int(np.floor(seconds * 31.25 + 0.5)))) if seconds < 10 else TIME_BINS - 1


def model_of(name: object) -> str:
    """The id of the model that a file or a take names ("piano-genie-open decoder"); of what names none, the first."""
    known = str(name).removesuffix(" decoder")
    return known if known in MODELS.values() else MODELS["pop"]


def shipped(model: str = "") -> GenieDecoder:
    """A decoder that is shipped with the package (weights only, no state of anyone's).

    Args:
        model: which; left out: that of the owner's set of weights.
    """
    return _shipped(model or MODELS[resources.weight_set()])


@lru_cache(maxsize=2)
def _shipped(model: str) -> GenieDecoder:
    return GenieDecoder.load(resources.path(f"models/{model}/model.safetensors"))
