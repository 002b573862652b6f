"""Turns a checkpoint of the splitting network into the graph that travels, its weights in half precision."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from workbench.nets.separate import Separate
from workbench.nets.separate_bands import BANDS
from workbench.training.listen_export import write_graph


class Shares(nn.Module):
    """The network and the softmax that makes shares of its answers."""

    def __init__(self, net: Separate) -> None:
        super().__init__()
        self.net = net

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """[1, 2, frames, BANDS] -> [1, stems, frames, BANDS]."""
        return torch.softmax(self.net(inputs), dim=1)


def rounded(net: Separate) -> dict[str, torch.Tensor]:
    """The weights as the files hold them: matrices in half precision, single rows (and norms) in full."""
    values = {name: value for name, value in net.state_dict().items() if value.is_floating_point()}
    return {name: (value.half() if value.ndim > 1 else value).contiguous() for name, value in values.items()}


def network(checkpoint: Path) -> Separate:
    """The network of a checkpoint, ready to be used."""
    net = Separate()
    net.load_state_dict(torch.load(checkpoint, weights_only=True)["net"])
    return net.eval()


def export(net: Separate, folder: Path) -> None:
    """Write ``model.onnx`` (batch norms folded into the convolutions before them) and ``model.safetensors``."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    graph, tensors = folder / "model.onnx.part", folder / "model.safetensors.part"
    write_graph(Shares(net).eval(), torch.zeros(1, 2, 256, BANDS), graph, "inputs", ["shares"], frames=2)
    save_file(rounded(net), tensors)
    graph.replace(folder / "model.onnx")
    tensors.replace(folder / "model.safetensors")


def stored(folder: Path) -> Separate:
    """The network that :func:`export` wrote, to go on from."""
    from safetensors.torch import load_file

    net = Separate()
    net.load_state_dict({name: value.float() for name, value in load_file(folder / "model.safetensors").items()}, False)
    return net.eval()
