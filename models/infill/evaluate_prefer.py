"""Whether choices make ideas be kept more often: ``python models/infill/evaluate_prefer.py --json OUT``.

For each population of :data:`workbench.evaluation.prefer_people.POPULATIONS`, one without a taste among them: people
choose among ideas of the shipped network for gaps in pieces of the validation split, a copy of the network learns from
them (:mod:`workbench.training.prefer`), and other people compare both on pieces of the test split. Bits a note before
and after are those of the test split. Needs the ``train`` extra and the corpora.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch

from workbench.create.infill.transformer.model import InfillTransformer
from workbench.evaluation import prefer_people
from workbench.hub.protocol import Model
from workbench.training import grid_pieces, prefer


def filler(folder: Path) -> Model:
    """The model of a folder."""
    spec: Any = SimpleNamespace(id="infill")
    return InfillTransformer(spec, {"config.json": folder / "config.json"})


def main() -> None:
    """Write one JSON file and print it."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--json", type=Path, required=True)
    options.add_argument("--base", type=Path, default=Path(__file__).parent)
    options.add_argument("--gaps", type=int, default=160, help="choices to learn from; each gives two pairs")
    options.add_argument("--test", type=int, default=50, help="gaps to compare on")
    options.add_argument("--ideas", type=Path, help="where what the shipped network wrote is kept, and read again")
    options.add_argument("--epochs", type=int, default=prefer.Recipe().epochs)
    options.add_argument("--only", action="append", choices=list(prefer_people.POPULATIONS), default=[])
    chosen = options.parse_args()
    torch.set_num_threads(1)
    pools = prefer_people.Pools.drawn(filler(chosen.base), chosen.gaps, chosen.test, chosen.ideas)
    print(f"{chosen.gaps} and {chosen.test} gaps are filled", file=sys.stderr, flush=True)
    guard = prefer.validation_guard()
    sets = {name: grid_pieces.load(name, "test")[:16] for name in prefer_people.SETS}
    ordinary = {name: prefer.pieces_guard([pieces], each=8) for name, pieces in sets.items()}
    before = {name: tell(prefer.load_net(chosen.base)) for name, tell in ordinary.items()}
    out: dict[str, Any] = {}
    for population in chosen.only or prefer_people.POPULATIONS:
        learnt: dict[str, Any] = {}
        net = prefer.load_net(chosen.base)
        with tempfile.TemporaryDirectory() as temporary:

            def learn(
                choices: prefer.Choices, place: Path = Path(temporary) / "new", net: Any = net, learnt: Any = learnt
            ) -> Model:
                recipe = prefer.Recipe(epochs=chosen.epochs)
                tell = lambda found: print(json.dumps(found), file=sys.stderr, flush=True)  # noqa: E731
                learnt |= prefer.Learner(net, choices, guard, recipe).learn(tell)
                prefer.save(net, chosen.base, place, "infill-preferred", learnt)
                return filler(place)

            out[population] = prefer_people.experiment(pools, population, learn)
        bits = {name: [round(before[name], 3), round(tell(net), 3)] for name, tell in ordinary.items()}
        out[population] |= {"learning": learnt, "bits a note, before and after": bits}
        print(json.dumps({population: out[population]}, indent=1), flush=True)
        chosen.json.write_text(json.dumps(out, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
