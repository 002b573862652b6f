"""MusicGen's repositories in their real layout, with very few channels and random weights."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

#: A codec of the real shape, 32 kHz in steps of 640 samples, with the fewest channels.
CODEC: dict[str, Any] = {
    "model_type": "encodec", "sampling_rate": 32_000, "audio_channels": 1, "normalize": False, "num_filters": 2,
    "num_residual_layers": 1, "upsampling_ratios": [8, 5, 4, 4], "codebook_size": 32, "codebook_dim": 8,
    "hidden_size": 8, "num_lstm_layers": 1, "target_bandwidths": [1.0], "use_causal_conv": False,
    "kernel_size": 7, "last_kernel_size": 7, "residual_kernel_size": 3,
}  # fmt: skip
WORDS: dict[str, Any] = {
    "model_type": "t5", "vocab_size": 64, "d_model": 16, "d_kv": 8, "d_ff": 32, "num_layers": 1, "num_heads": 2,
    "num_decoder_layers": 1,
}  # fmt: skip
DECODER: dict[str, Any] = {
    "vocab_size": 32, "num_codebooks": 4, "hidden_size": 16, "ffn_dim": 32, "num_hidden_layers": 2,
    "num_attention_heads": 2, "max_position_embeddings": 2_048, "pad_token_id": 32, "bos_token_id": 32,
    "audio_channels": 1,
}  # fmt: skip
#: The files of ``facebook/musicgen-melody``, whose weights come in two.
MELODY_FILES = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")
OLD_NAMES = {"parametrizations.weight.original0": "weight_g", "parametrizations.weight.original1": "weight_v"}


def config(melody: bool) -> dict[str, Any]:
    """``config.json``."""
    kind = "musicgen_melody" if melody else "musicgen"
    decoder = {**DECODER, "model_type": f"{kind}_decoder"}
    more = {"num_chroma": 12, "chroma_length": 235} if melody else {}
    return {"model_type": kind, "text_encoder": WORDS, "audio_encoder": CODEC, "decoder": decoder, **more}


def vocabulary() -> bytes:
    """``tokenizer.json`` of a few words."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    words = ["</s>", "<unk>", "a", "calm", "piano", "waltz", "music", "pop", "tempo", "C", "major"]
    tokenizer = Tokenizer(models.WordLevel({word: at for at, word in enumerate(words)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return tokenizer.to_str().encode()


@lru_cache(maxsize=2)
def tensors(melody: bool) -> dict[str, Any]:
    """Random weights by the names in Meta's repositories: written before torch renamed what norms a weight, and each
    shared one once. The codec's codebooks are not left at zero, and its decoder is loud enough to be heard."""
    import torch
    import transformers

    kind = "MusicgenMelody" if melody else "Musicgen"
    shape = getattr(transformers, f"{kind}Config").from_dict(config(melody))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        network = getattr(transformers, f"{kind}ForConditionalGeneration")(shape)
        out = {}
        for name, value in network.state_dict().items():
            if name.endswith("encoder.embed_tokens.weight") and name.startswith("text_encoder"):
                continue
            if "codebook.embed" in name:
                value = torch.randn_like(value)
            if name.startswith("audio_encoder.decoder") and name.endswith("original0"):
                value = 1.5 * value
            if name.startswith(("decoder.", "enc_to_dec", "audio_enc_to_dec")) and value.ndim == 2:
                value = 12.0 * value  # so that words and tune are heeded
            for new, old in OLD_NAMES.items():
                name = name.replace(new, old)
            out[name] = value.clone().contiguous()
        return out


def repository(melody: bool = True) -> dict[str, bytes]:
    """What the repository holds, by name; the melody model's weights are cut in two as Meta's are."""
    from safetensors.torch import save

    found = tensors(melody)
    names = sorted(found)
    parts = [names[::2], names[1::2]] if melody else [names]
    files = MELODY_FILES if melody else ("model.safetensors",)
    weights = {file: save({name: found[name] for name in part}) for file, part in zip(files, parts, strict=True)}
    return {"config.json": json.dumps(config(melody)).encode(), "tokenizer.json": vocabulary(), **weights}
