"""Turns a checkpoint of the score reader into the files that travel: a graph for onnxruntime, and its tensors."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import torch
from torch import nn

from workbench.nets.read_score import ReadScore, split
from workbench.nets.read_score_onnx import CHANNELS
from workbench.training import checkpoint
from workbench.training.listen_export import halve


class Probabilities(nn.Module):
    """The network and what makes probabilities of its answers, in the order of :data:`CHANNELS`."""

    def __init__(self, net: ReadScore) -> None:
        super().__init__()
        self.net = net

    def forward(self, page: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """[1, 1, H, W] -> one [1, channels, H / 2, W / 2] a name."""
        out = split(self.net(page))
        choices, numbers = ("flags", "stem", "dots"), ("offset",)
        return tuple(
            torch.softmax(out[name], 1)
            if name in choices
            else out[name]
            if name in numbers
            else torch.sigmoid(out[name])
            for name in CHANNELS
        )


def stored(path: Path) -> ReadScore:
    """The network of a safetensors file, ready to be used."""
    net = ReadScore()
    checkpoint.load_weights(path, net, strict=False)
    return net.eval()


def export(net: ReadScore, folder: Path) -> None:
    """Write ``model.onnx`` (batch norms folded into the convolutions before them) and ``model.safetensors``."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    graph, tensors = folder / "model.onnx.part", folder / "model.safetensors.part"
    values = {name: value for name, value in net.state_dict().items() if value.is_floating_point()}
    save_file({name: (v.half() if v.ndim > 1 else v).contiguous() for name, v in values.items()}, tensors)
    rounded = ReadScore()
    checkpoint.load_weights(tensors, rounded, strict=False)
    sides = {2: "height", 3: "width"}
    halves = {2: "rows", 3: "columns"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns of every size that it takes for a constant
        torch.onnx.export(
            Probabilities(rounded.eval()).eval(), (torch.zeros(1, 1, 64, 96),), str(graph), input_names=["page"],
            output_names=list(CHANNELS), dynamic_axes={"page": sides, **dict.fromkeys(CHANNELS, halves)},
            opset_version=17, dynamo=False,
        )  # fmt: skip
    halve(graph)
    graph.replace(folder / "model.onnx")
    tensors.replace(folder / "model.safetensors")
    parameters = sum(value.numel() for value in net.parameters())
    config = {"model_type": "read-score", "pixels_a_space": 8, "stride": 2, "parameters": parameters, **net.config}
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
