"""Move the infilling network towards what people kept: ``python models/infill/prefer.py PAIRS.jsonl -o FOLDER``.

``PAIRS.jsonl`` is what ``workbench study preferences LOG -o PAIRS.jsonl`` wrote. Begins from the shipped weights, which
stay as they are; some minutes on one core. Needs the ``train`` extra and, for the guard, the corpora
(``WORKBENCH_DATA_DIR``, ``WORKBENCH_TRAIN_DIR``) or a folder of MIDI files (``--valid``). The folder's ``README.md``
says how the workbench gets to know the new weights.
"""

import argparse
import json
import sys
from pathlib import Path

import torch

from workbench.create.infill.transformer.answers import answer_windows
from workbench.errors import BadRequest, WorkbenchError
from workbench.evaluation.infill_evaluate import read_folder
from workbench.hub.tasks.infill.preference import Preference, load_preferences, rows_of
from workbench.tokens.rows import Arrays
from workbench.training import prefer

ROWS = 192  #: of a window; a gap of a few bars and what stands near it


def choices_of(found: list[Preference]) -> prefer.Choices:
    """Pairs of ideas as the network reads them, each idea once; those that it does not write freely are left out."""
    ideas: list[list[Arrays]] = []
    places: dict[str, int] = {}

    def place(one: Preference, side: str) -> int:
        notes = getattr(one, side)
        key = json.dumps([one.run, one.request.settings(), rows_of(notes)], sort_keys=True)
        if key not in places:
            places[key] = len(ideas)
            ideas.append(answer_windows(one.request, notes, ROWS))
        return places[key]

    pairs = [prefer.Pair(one.person, place(one, "chosen"), place(one, "rejected")) for one in found]
    return prefer.Choices(ideas, [pair for pair in pairs if ideas[pair.chosen] and ideas[pair.rejected]])


def main() -> None:
    """Learn and write a folder; a line a look on the screen."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("pairs", type=Path, help="what 'workbench study preferences' wrote")
    options.add_argument("-o", dest="output", type=Path, required=True, help="a new folder")
    options.add_argument("--name", default="infill-preferred", help="the model's id in models.toml")
    options.add_argument("--base", type=Path, default=Path(__file__).parent, help="the weights to begin from")
    options.add_argument("--valid", type=Path, help="MIDI files for the guard instead of the corpora")
    recipe = prefer.Recipe()
    for name in ("beta", "rate", "epochs", "minutes", "guard_bits", "seed"):
        value = getattr(recipe, name)
        options.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    chosen = options.parse_args()
    torch.set_num_threads(1)
    try:
        prefer.check_place(chosen.output)
        choices = choices_of(load_preferences(chosen.pairs))
        if not choices.pairs:
            raise BadRequest("There is no pair of ideas here that the network could have written freely.")
        guard = prefer.pieces_guard([read_folder(chosen.valid)]) if chosen.valid else prefer.validation_guard()
        recipe = prefer.Recipe(
            beta=chosen.beta, rate=chosen.rate, epochs=chosen.epochs, minutes=chosen.minutes,
            guard_bits=chosen.guard_bits, seed=chosen.seed,
        )  # fmt: skip
        net = prefer.load_net(chosen.base)
        report = prefer.Learner(net, choices, guard, recipe).learn(lambda found: print(json.dumps(found), flush=True))
        prefer.save(net, chosen.base, chosen.output, chosen.name, report)
    except WorkbenchError as problem:
        sys.exit(str(problem))
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
