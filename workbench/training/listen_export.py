"""Turns a checkpoint of the listening network into the files that travel: a graph for onnxruntime, and its tensors.

The graph's tensors are half precision and widened as it is loaded; it ends in probabilities.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from workbench.nets.listen import Listen
from workbench.nets.listen_onnx import HEADS
from workbench.nets.listen_spectrum import BINS

#: Heads that choose one class among several; the others are probabilities of their own.
CHOICES = ("root", "kind")


class Probabilities(nn.Module):
    """The network and what makes probabilities of its answers, in the order of :data:`HEADS`."""

    def __init__(self, net: Listen) -> None:
        super().__init__()
        self.net = net

    def forward(self, bins: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """[1, frames, BINS] -> rows by head."""
        out = self.net(bins)
        return tuple(torch.softmax(out[name], -1) if name in CHOICES else torch.sigmoid(out[name]) for name in HEADS)


def network(checkpoint: Path) -> Listen:
    """The network with the running mean of a checkpoint's weights, rounded as the files hold them."""
    state = torch.load(checkpoint, weights_only=True)["slow"]
    net = Listen()
    net.load_state_dict({name: value.half().float() for name, value in state.items()})
    return net.eval()


def export(net: Listen, folder: Path) -> None:
    """Write ``model.onnx`` and ``model.safetensors`` into a folder."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    graph, tensors = folder / "model.onnx.part", folder / "model.safetensors.part"
    write_graph(Probabilities(net), torch.zeros(1, 500, BINS), graph, "bins", list(HEADS), frames=1)
    save_file({name: value.half().contiguous() for name, value in net.state_dict().items()}, tensors)
    graph.replace(folder / "model.onnx")
    tensors.replace(folder / "model.safetensors")


def write_graph(
    net: torch.nn.Module, example: torch.Tensor, path: Path, given: str, found: list[str], *, frames: int
) -> None:
    """Write a network as an ONNX graph in half precision.

    Args:
        net: the network, one tensor in.
        example: what goes in.
        path: of the file.
        given, found: the names of what goes in and of what comes out.
        frames: the axis that may have any length, in all of them.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns of every size that it takes for a constant
        torch.onnx.export(
            net, (example,), str(path), input_names=[given], output_names=found,
            dynamic_axes={name: {frames: "frames"} for name in (given, *found)}, opset_version=17, dynamo=False,
        )  # fmt: skip
    halve(path)


def halve(path: Path) -> None:
    """Store a graph's large float32 tensors in half precision, each widened by a node of its own."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    model: Any = onnx.load(str(path))
    casts = []
    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < 64:
            continue
        values = numpy_helper.to_array(tensor)
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), name + ".half"))
        casts.append(helper.make_node("Cast", [name + ".half"], [name], to=TensorProto.FLOAT))
    for number, node in enumerate(casts):
        model.graph.node.insert(number, node)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
