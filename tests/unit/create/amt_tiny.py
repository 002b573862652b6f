"""A GPT-2 of the real layout and vocabulary with two small layers and random weights."""

from __future__ import annotations

import json
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from workbench.create.infill.anticipatory.runtime import Network, Shape
from workbench.hub.card import Card, Source
from workbench.hub.spec import HubRepo, ModelSpec
from workbench.tokens.arrival import SIZE

CONFIG: dict[str, Any] = {
    "model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": SIZE, "n_positions": 1024, "n_embd": 16,
    "n_layer": 3, "n_head": 2, "n_inner": None, "activation_function": "gelu_new", "layer_norm_epsilon": 1e-5,
    "scale_attn_weights": True, "scale_attn_by_inverse_layer_idx": True, "reorder_and_upcast_attn": False,
    "tie_word_embeddings": True, "resid_pdrop": 0.1, "embd_pdrop": 0.1, "attn_pdrop": 0.1,
}  # fmt: skip


def tensors(seed: int = 0, config: dict[str, Any] = CONFIG) -> dict[str, Any]:
    """Random weights, by the names that GPT2LMHeadModel writes."""
    import torch

    dice = np.random.RandomState(seed)  # its stream never changes, so golden numbers stay
    wide = config["n_embd"]
    out = {
        "transformer.wte.weight": (config["vocab_size"], wide), "transformer.wpe.weight": (1024, wide),
        "transformer.ln_f.weight": (wide,), "transformer.ln_f.bias": (wide,),
    }  # fmt: skip
    for layer in range(config["n_layer"]):
        for name, size in {
            "ln_1": (wide,), "attn.c_attn": (wide, 3 * wide), "attn.c_proj": (wide, wide),
            "ln_2": (wide,), "mlp.c_fc": (wide, 4 * wide), "mlp.c_proj": (4 * wide, wide),
        }.items():  # fmt: skip
            out[f"transformer.h.{layer}.{name}.weight"] = size
            out[f"transformer.h.{layer}.{name}.bias"] = size[-1:]
    made = {}
    for name, size in out.items():
        values = dice.standard_normal(size) * (0.4 if len(size) > 1 else 0.1)
        made[name] = torch.from_numpy(values.astype(np.float32))
        if ".ln_" in name and name.endswith("weight"):
            made[name] += 1.0
    return made


@lru_cache(maxsize=1)
def network() -> Network:
    """The tiny network, made once."""
    return Network(Shape.read(CONFIG), tensors())


def safetensors_bytes() -> bytes:
    """What model.safetensors of such a repository holds."""
    from safetensors.torch import save

    data: bytes = save(tensors(), metadata={"format": "pt"})
    return data


def checkpoint_bytes() -> bytes:
    """What pytorch_model.bin holds: the same, the tied head, and the causal masks that older versions saved."""
    import torch

    weights = tensors()
    for layer in range(CONFIG["n_layer"]):
        weights[f"transformer.h.{layer}.attn.bias"] = torch.ones(1, 1, 1024, 1024, dtype=torch.uint8).tril()
        weights[f"transformer.h.{layer}.attn.masked_bias"] = torch.tensor(-1e4)
    weights["lm_head.weight"] = weights["transformer.wte.weight"]
    body = BytesIO()
    torch.save(weights, body)
    return body.getvalue()


def config_bytes() -> bytes:
    """config.json."""
    return json.dumps(CONFIG).encode()


def spec() -> ModelSpec:
    """An entry for it; its files are found by a local folder."""
    card = Card("Tiny and random.", "Apache-2.0", "CC0-1.0", "none", "Yes.", (Source("chance", "CC0-1.0"),))
    files = {"config.json": "0" * 64, "model.safetensors": "0" * 64}
    return ModelSpec(
        "tiny-amt", "infill", "workbench.create.infill.anticipatory.model:AnticipatoryInfiller", card, extra="hub",
        source=HubRepo("owner/tiny", "0" * 40), files=files, memory_mb=700,
    )  # fmt: skip


def write(folder: Path) -> Path:
    """Put its files into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_bytes(config_bytes())
    (folder / "model.safetensors").write_bytes(safetensors_bytes())
    return folder
