"""The Anticipatory Music Transformer at full size with random weights: seconds a note, cached against recomputed.

    python tests/bench/amt.py [--size small] [--notes 200] [--context 600] [--points 6] [--count 1] [--threads 1]
    python tests/bench/amt.py --parity      # a tiny network against transformers' GPT-2 (needs transformers)

Writes notes through the model's own sampler from a prompt of about ``--context`` tokens; the window slides and is
rebuilt as it does in use, and that is counted. At ``--points`` places the whole window is also read anew, as a sampler
without a cache does for each of a note's three tokens; it too works out the scores of the last position only, and of
the candidates only. Both are timed by the wall clock and by the processor's, which a busy machine disturbs less. The
largest difference between the scores of the two is printed as well.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import numpy as np

from workbench.create.infill.anticipatory.runtime import Network, Rows, Shape
from workbench.create.infill.anticipatory.sampler import Ask, Writer
from workbench.create.infill.anticipatory.stream import Piece
from workbench.hub.tasks.infill.request import InfillRequest
from workbench.score.score import Note, Region, Score, Track
from workbench.tokens.arrival import SEPARATOR, SIZE

SIZES = {"tiny": (3, 2, 16), "small": (12, 12, 768), "medium": (24, 16, 1_024), "large": (36, 20, 1_280)}


def config(size: str) -> dict[str, Any]:
    """config.json of a size."""
    layers, heads, width = SIZES[size]
    return {
        "model_type": "gpt2", "vocab_size": SIZE, "n_positions": 1_024, "n_embd": width, "n_layer": layers,
        "n_head": heads, "activation_function": "gelu_new", "scale_attn_by_inverse_layer_idx": True,
    }  # fmt: skip


def random_weights(size: str) -> dict[str, Any]:
    """Weights as GPT-2 is initialised, by the names of the file."""
    import torch

    dice = torch.Generator().manual_seed(0)
    layers, _, wide = SIZES[size]
    out = {"wte.weight": (SIZE, wide), "wpe.weight": (1_024, wide), "ln_f.weight": (wide,), "ln_f.bias": (wide,)}
    for layer in range(layers):
        for name, shape in {
            "ln_1": (wide,), "attn.c_attn": (wide, 3 * wide), "attn.c_proj": (wide, wide), "ln_2": (wide,),
            "mlp.c_fc": (wide, 4 * wide), "mlp.c_proj": (4 * wide, wide),
        }.items():  # fmt: skip
            out[f"h.{layer}.{name}.weight"], out[f"h.{layer}.{name}.bias"] = shape, shape[-1:]
    made = {name: 0.02 * torch.randn(shape, generator=dice) for name, shape in out.items()}
    for name in made:
        if "ln_" in name and name.endswith("weight"):
            made[name] += 1.0
    return {f"transformer.{name}": tensor for name, tensor in made.items()}


def request(context: int, count: int) -> InfillRequest:
    """A melody before a long gap at 120 to the minute, whose prompt has about ``context`` tokens."""
    notes = max(1, context // 3)
    step = 110_000 // notes  # ticks: 57 seconds in all
    track = Track("t1")
    for place in range(notes):
        track.notes[f"n{place}"] = Note(f"n{place}", place * step, step, 60 + place * 5 % 12)
    score = Score(tracks=[track])
    return InfillRequest(score, (Region(notes * step, notes * step + 1_000_000, ("t1",)),), count=count)


class Stopwatch:
    """Adds up wall and processor seconds of ``with`` blocks."""

    def __init__(self) -> None:
        self.wall = self.processor = 0.0
        self.times = 0

    def __enter__(self) -> None:
        self._from = time.perf_counter(), time.process_time()

    def __exit__(self, *error: object) -> None:
        self.wall += time.perf_counter() - self._from[0]
        self.processor += time.process_time() - self._from[1]
        self.times += 1


def measure(arguments: argparse.Namespace) -> None:
    """Run and print."""
    network = Network(Shape.read(config(arguments.size)), random_weights(arguments.size), threads=arguments.threads)
    piece, count = Piece(request(arguments.context, arguments.count)), arguments.count
    job = piece.passes[0]
    writers = [
        Writer(piece.window(job, {}), piece.rules(job, {}, must_play=False), np.random.default_rng(row),
               temperature=1.0, top_p=0.98)
        for row in range(count)
    ]  # fmt: skip
    scripts = [writer.run() for writer in writers]
    rows, seen = Rows(network, count), [[] for _ in range(count)]
    prompt, cached, plain = Stopwatch(), Stopwatch(), Stopwatch()
    answers: list[Any] = [None] * count
    written, rebuilds, passes, worst, due = 0, 0, 0, 0.0, 0
    while written < arguments.notes * count:
        with cached if passes else prompt:
            asked: dict[int, Ask] = {}
            for row, script in enumerate(scripts):
                item = script.send(answers[row])
                while not isinstance(item, Ask):
                    if not item.event.is_rest:
                        writers[row].rules.accept(item.event)
                        written += 1
                    item = script.send(None)
                asked[row] = item
            fresh = [row for row, ask in asked.items() if ask.fresh]
            for _ in rows.feed({row: ask.tokens for row, ask in asked.items()}, fresh):
                pass
            answers = [rows.scores(row, asked[row].ids) for row in range(count)]
        for row, ask in asked.items():
            seen[row] = [*([] if ask.fresh else seen[row]), *ask.tokens]
        rebuilds += len(fresh) if passes else 0
        passes += 1
        if written >= due * arguments.notes * count / arguments.points and due < arguments.points:
            due += 1
            with plain:
                again = network.recompute(seen[0], asked[0].ids)
            worst = max(worst, float(np.abs(again - answers[0]).max()))
    note, whole = cached.wall / written, 3 * plain.wall / plain.times
    note_cpu, whole_cpu = cached.processor / written, 3 * plain.processor / plain.times
    print(
        f"{arguments.size}: {written} notes in {passes - 1} steps, {count} at once, {rebuilds} rebuilds of the window"
    )
    print(f"prompt            {prompt.wall:8.2f} s wall {prompt.processor:8.2f} s processor")
    print(f"a note, cached    {note:8.3f} s wall {note_cpu:8.3f} s processor")
    print(f"a note, recomputed{whole:8.3f} s wall {whole_cpu:8.3f} s processor ({plain.times} windows)")
    print(f"faster            {whole / note:8.1f} x    {whole_cpu / note_cpu:8.1f} x")
    print(f"largest difference of scores {worst:.1e}")


def parity() -> None:
    """Print the largest difference from transformers' GPT2LMHeadModel with the same weights."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    ours, weights = config("tiny"), random_weights("tiny")
    theirs = GPT2LMHeadModel(GPT2Config(**ours)).eval()
    theirs.load_state_dict(weights, strict=False)
    theirs.tie_weights()
    tokens = np.random.default_rng(0).integers(0, SEPARATOR, 300).tolist()
    with torch.inference_mode():
        expected = theirs(torch.tensor([tokens])).logits[0, -1].numpy()
    found = Network(Shape.read(ours), weights).recompute(tokens)
    print(f"largest difference from transformers' GPT-2: {np.abs(found - expected).max():.1e}")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--size", choices=SIZES, default="small")
    for name, value in (("notes", 200), ("context", 600), ("points", 6), ("count", 1), ("threads", 1)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--parity", action="store_true")
    arguments = parser.parse_args()
    parity() if arguments.parity else measure(arguments)


if __name__ == "__main__":
    main()
