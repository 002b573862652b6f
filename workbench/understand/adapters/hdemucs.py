"""Hybrid Demucs (Defossez, 2021, arXiv:2111.03600): drums, bass, voice and the rest, of torchaudio's own architecture.

Sound goes through the network ten seconds at a time, each stretch overlapping the next by a fifth and fading into it;
every stretch is brought to the same loudness first, as the network was trained. No stretch waits for another, so the
memory that a long recording takes is that of its stems.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from workbench.errors import BadFile, Unavailable
from workbench.hub.protocol import Alternative, CancelToken, Model, Partial, Progress, Result, Support
from workbench.hub.tasks.separate.request import SeparateRequest
from workbench.sound.audio import Audio
from workbench.understand.adapters.stretches import over_stretches
from workbench.understand.adapters.tensors import read_tensors

if TYPE_CHECKING:
    from torch import Tensor, nn

RATE = 44_100
#: The order in which the network gives its stems.
STEMS = ("drums", "bass", "other", "vocals")
SECONDS, OVERLAP = 10.0, 0.2


class HybridDemucs(Model):
    """Adapter of Hybrid Demucs' weights for the hub. Its settings file, if it has one, may name other ``sources``."""

    _network: nn.Module | None = None

    def prepare(self) -> None:
        """Load the weights; raises :class:`BadFile` if they are of another kind."""
        if self._network is None:
            self._network = build(read_tensors(p for n, p in self.files.items() if n.endswith(".safetensors")))

    def release(self) -> None:
        """Let go of the weights."""
        self._network = None

    def support(self, request: SeparateRequest) -> Support:
        """It knows four stems."""
        known = [name for name in request.stems if name in STEMS]
        if not known:
            return Support.no(f"This model splits a recording into {', '.join(STEMS)}; ask for one of these.")
        if len(known) < len(request.stems):
            return Support.partial(f"This model knows {', '.join(STEMS)} alone; all else stays in the rest.")
        return Support.full()

    def estimate_seconds(self, request: SeparateRequest) -> float:
        """Wall-clock seconds on a laptop core."""
        return 3.0 + 2.0 * float(request.audio.seconds)

    def run(self, request: SeparateRequest, *, seed: int, cancel: CancelToken) -> Iterator[Progress | Partial | Result]:
        """Yield progress a stretch, then the stems, at the rate of the network."""
        self.prepare()
        network = self._network
        if network is None:
            raise Unavailable("The model was unloaded while it was needed; try again.")
        import torch

        def split(sound: NDArray[np.float32]) -> NDArray[np.float32]:
            """One stretch, float32 [2, samples] to [4, 2, samples]."""
            middle, spread = sound.mean(), sound.mean(axis=0).std() + 1e-8
            with torch.inference_mode():
                out = network(torch.from_numpy((sound - middle) / spread)[None])[0].numpy()
            return np.asarray(out * spread + middle, np.float32)

        audio: Audio = request.audio
        wanted = [name for name in request.stems if name in STEMS]
        kept = [STEMS.index(name) for name in wanted]
        for item in over_stretches(audio.resampled(RATE), split, kept, seconds=SECONDS, overlap=OVERLAP):
            cancel.check()
            if isinstance(item, float):
                yield Progress(item)
            else:
                stems = {name: Audio(part, RATE) for name, part in zip(wanted, item, strict=True)}
                yield Result((Alternative(stems=stems),))


def build(tensors: Mapping[str, Tensor]) -> nn.Module:
    """torchaudio's Hybrid Demucs of 44.1 kHz with these weights.

    Raises:
        BadFile: they are those of another network.
    """
    from torchaudio.models import hdemucs_high

    network: nn.Module = hdemucs_high(sources=list(STEMS))
    state = {name.removeprefix("model."): value.float() for name, value in tensors.items()}
    expected = network.state_dict()
    fits = state.keys() == expected.keys() and all(state[name].shape == expected[name].shape for name in expected)
    if not fits or not all(bool(value.isfinite().all()) for value in state.values()):
        raise BadFile("These weights are not those of Hybrid Demucs; pull the model again.")
    network.load_state_dict(state, assign=True)
    return network.eval().requires_grad_(False)
