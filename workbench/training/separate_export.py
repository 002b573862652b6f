"""Turns a checkpoint of the splitting network into the graph that travels, its weights in half precision."""

from __future__ import annotations

import warnings
from pathlib import Path

import torch
from torch import nn

from workbench.nets.separate import Separate
from workbench.nets.separate_bands import BANDS
from workbench.training.listen_export import halve


class Shares(nn.Module):
    """The network and the softmax that makes shares of its answers."""

    def __init__(self, net: Separate) -> None:
        super().__init__()
        self.net = net

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """[1, 2, frames, BANDS] -> [1, stems, frames, BANDS]."""
        return torch.softmax(self.net(inputs), dim=1)


def network(checkpoint: Path) -> Separate:
    """The network of a checkpoint, ready to be used."""
    net = Separate()
    net.load_state_dict(torch.load(checkpoint, weights_only=True)["net"])
    return net.eval()


def export(net: Separate, path: Path) -> None:
    """Write the graph; batch norms are folded into the convolutions before them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns of every size that it takes for a constant
        torch.onnx.export(
            Shares(net).eval(), (torch.zeros(1, 2, 256, BANDS),), str(partial), input_names=["inputs"],
            output_names=["shares"], dynamic_axes={name: {2: "frames"} for name in ("inputs", "shares")},
            opset_version=17, dynamo=False,
        )  # fmt: skip
    halve(partial)
    partial.replace(path)
