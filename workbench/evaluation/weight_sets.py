"""What it costs to learn from free music alone: bits a note of both sets of weights on the same held-out works.

    python -m workbench.evaluation.weight_sets genie|infill [--json OUT] [--sample 10]

The cost of a work is how many more bits each of its notes takes with the weights ``open``. Beside the mean by work,
with its 95 % interval (works drawn with replacement), stands the tenth of the works where it is greatest. The open
weights have not heard POP909, which is measured all the same: that is what its absence costs on pop songs.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from workbench import resources
from workbench.evaluation.infill_evaluate import interval

#: Bits of a work's notes and their number, of every work of a set by its name.
Bits = dict[str, list[tuple[str, float, int]]]

GENIE_SETS = ("pop909", "pop909_melody", "giantmidi", "lieder_piano", "lieder_voice", "folk")
INFILL_SETS = ("pop909_main", "lieder", "polish", "quartets", "freedoom", "folk", "groove", "mutopia", "orchestra")
MODELS = {"genie": ("piano-genie", "piano-genie-open"), "infill": ("infill", "infill-open")}


@dataclass(frozen=True)
class Cost:
    """``pop``, ``open``: bits a note of all notes of a set; ``mean``, ``low``, ``high``: the cost of a work, in bits a
    note, and its 95 % interval; ``worst``: the mean cost of the tenth of the works where it is greatest."""

    works: int
    notes: int
    pop: float
    open: float
    mean: float
    low: float
    high: float
    worst: float


def cost(pop: Sequence[tuple[str, float, int]], other: Sequence[tuple[str, float, int]]) -> Cost:
    """Hold two measurements of the same works against each other; pieces of one work count together."""
    by_work: dict[str, np.ndarray] = {}
    for (work, first, notes), (_, second, _) in zip(pop, other, strict=True):
        by_work.setdefault(work, np.zeros(3))[:] += (first, second, notes)
    sums = np.array(list(by_work.values()))
    each = (sums[:, 1] - sums[:, 0]) / sums[:, 2]
    spread = interval(each, list(by_work))
    worst = np.sort(each)[-max(1, len(each) // 10) :].mean()
    first, second, notes = sums.sum(axis=0)
    figures = (first / notes, second / notes, spread["mean"], spread["low"], spread["high"], float(worst))
    return Cost(len(sums), int(notes), *(round(float(value), 3) for value in figures))


def genie_bits(folder: Path) -> Bits:
    """Bits of each next key, the encoder's buttons given and no chord told, of the released weights in ``folder``."""
    from workbench.evaluation.genie_eval import teacher_forced
    from workbench.training.genie_data import source
    from workbench.training.genie_export import load_released

    model, out = load_released(folder), {}
    for name in GENIE_SETS:
        # Of GiantMIDI one piece is kept for the test: the two of the validation are taken along.
        items = source(name, "test") + (source(name, "valid") if name == "giantmidi" else [])
        figures = [(item.id, teacher_forced(model, [item], chords=False)) for item in items]
        out[name] = [(name, np.log2(f["perplexity"]) * f["notes"], f["notes"]) for name, f in figures if f["notes"]]
    return out


def infill_bits(folder: Path, sample: int) -> Bits:
    """Bits of time, pitch and duration of each note, going on, of the weights in ``folder``.

    All songs of POP909 are measured, of the other sets ``sample`` pieces spread over the test side, as for the card.
    """
    import torch
    from safetensors.torch import load_file

    from workbench.nets.infill import InfillConfig, InfillNet
    from workbench.training import grid_pieces
    from workbench.training.infill_bits import bits, plain_windows

    torch.set_num_threads(1)
    net = InfillNet(InfillConfig(**json.loads((folder / "config.json").read_text())["network"])).eval()
    net.load_state_dict({name: value.float() for name, value in load_file(folder / "model.safetensors").items()})
    out: Bits = {}
    for name in INFILL_SETS:
        pieces = grid_pieces.load(name, "test")
        pieces = pieces if name == "pop909_main" else pieces[:: max(1, len(pieces) // sample)]
        out[name] = []
        for piece in pieces:
            sums = bits(net, list(plain_windows([piece]))).sum(axis=0)
            if sums[3]:
                out[name].append((piece.work, float(sums[:3].sum()), int(sums[3])))
    return out


def table(costs: dict[str, Cost]) -> str:
    """The costs as rows of Markdown."""
    lines = ["| held-out set | works, notes | `pop` | `open` | cost of a work (95 %) | worst tenth |"]
    lines.append("|---|---|---|---|---|---|")
    for name, it in costs.items():
        lines.append(
            f"| {name} | {it.works}, {it.notes:,} | {it.pop:.2f} | {it.open:.2f} | "
            f"{it.mean:+.2f} ({it.low:+.2f} to {it.high:+.2f}) | {it.worst:+.2f} |"
        )
    return "\n".join(lines)


def main(arguments: Iterable[str] | None = None) -> None:
    """Measure both sets of one model and print the table."""
    parser = argparse.ArgumentParser(prog="weight_sets", description=__doc__)
    parser.add_argument("model", choices=sorted(MODELS))
    parser.add_argument("--open", type=Path, help="a folder of open weights (default: those that are shipped)")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--sample", type=int, default=10, help="pieces of each set but POP909, for infill")
    chosen = parser.parse_args(None if arguments is None else list(arguments))
    measure: Callable[[Path], Bits] = (
        genie_bits if chosen.model == "genie" else lambda folder: infill_bits(folder, chosen.sample)
    )
    pop, free = MODELS[chosen.model]
    first = measure(resources.path(f"models/{pop}"))
    second = measure(chosen.open or resources.path(f"models/{free}"))
    costs = {name: cost(first[name], second[name]) for name in first}
    print(table(costs))
    if chosen.json:
        found: dict[str, Any] = {name: asdict(item) for name, item in costs.items()}
        chosen.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
