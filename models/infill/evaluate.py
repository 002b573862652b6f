"""Judge the infilling network: ``python models/infill/evaluate.py --json OUT`` (test split of every corpus), or
``--pieces DIR`` for any folder of MIDI files (a ``beat_midi.txt`` beside a file gives its grid).

Needs the ``train`` extra; the baselines count the training corpora (``WORKBENCH_DATA_DIR``, ``WORKBENCH_TRAIN_DIR``).
"""

import argparse
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from safetensors.torch import load_file

from workbench import resources
from workbench.create.infill_model import InfillTransformer
from workbench.create.infill_model_trial import fill_span, steering_report
from workbench.create.markov import MarkovInfiller
from workbench.hub.protocol import Model
from workbench.nets.infill import InfillConfig, InfillNet
from workbench.score import files
from workbench.score import grid12_rows as r
from workbench.score.document import Region
from workbench.training import infill_accompany, infill_copying, infill_evaluate, infill_windows
from workbench.training.infill_baselines import Baselines
from workbench.training.infill_bits import Span, spans_of

SAMPLE = 10  #: pieces of each set but POP909 that are scored
POLISH = 8  #: one in so many Polish scores is counted by the baselines: they are two thirds of all notes


def filler(model: Model) -> infill_evaluate.Filler:
    """A hub model as something that fills spans of grid pieces."""

    def fill(span: Span, seed: int) -> Any:
        notes = span.piece.notes
        hidden = (notes[:, r.TICK] >= span.start) & (notes[:, r.TICK] < span.end)
        slots = sorted({int(slot) for slot in notes[hidden, r.SLOT]})
        return fill_span(
            model, notes[~hidden], span.piece.programs, span.piece.bars, (span.start, span.end), seed, slots=slots
        )

    return fill


def accompanist(model: Model) -> infill_accompany.Accompanist:
    """A hub model as something that writes all parts but the highest, hearing that part in the span alone."""

    def write(span: Span, seed: int) -> Any:
        notes = span.piece.notes
        inside = (notes[:, r.TICK] >= span.start) & (notes[:, r.TICK] < span.end)
        slots = sorted({int(slot) for slot in notes[inside, r.SLOT]} - {0})
        if not slots:
            return r.empty_notes()
        melody = notes[inside & (notes[:, r.SLOT] == 0)]
        return fill_span(model, melody, span.piece.programs, span.piece.bars, (span.start, span.end), seed, slots=slots)

    return write


def main() -> None:
    """Write one JSON file and print it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pieces", type=Path, help="a folder of MIDI files instead of the test split")
    options.add_argument("--json", type=Path, required=True)
    options.add_argument("--model", type=Path, default=Path(__file__).parent)
    options.add_argument("--fills", type=int, default=240, help="hidden spans to fill")
    options.add_argument("--no-baselines", action="store_true", help="leave out counting (quick look)")
    options.add_argument("--sliders", type=int, default=0, help="ideas a slider is measured on (50 on the card)")
    chosen = options.parse_args()
    torch.set_num_threads(1)
    about = json.loads((chosen.model / "config.json").read_text())
    net = InfillNet(InfillConfig(**about["network"])).eval()
    net.load_state_dict({name: value.float() for name, value in load_file(chosen.model / "model.safetensors").items()})
    if chosen.pieces:
        sets = {"pieces": infill_evaluate.read_folder(chosen.pieces)}
    else:
        sets = {name: infill_windows.load(name, "test") for name in infill_evaluate.SETS}
        # All POP909 test songs; of the other sets a sample spread over the test split, as large as fits a coffee break.
        sets = {n: found if n == "pop909_main" else found[:: max(1, len(found) // SAMPLE)] for n, found in sets.items()}
    training: dict[str, list[Any]] = {}
    if not chosen.no_baselines:  # raises Unavailable, in one sentence, where neither corpora nor caches are
        training = infill_windows.training_pieces()
        training.pop("pop909_drums")
        training["polish"] = training["polish"][::POLISH]
    everything = [piece for found in training.values() for piece in found]
    counted_all = {"all training sets": Baselines(everything)} if everything else {}

    def counted(name: str) -> dict[str, Baselines]:
        counts = name if name in training else "pop909_main"
        own = {f"{counts} alone": Baselines(training[counts])} if training else {}
        return {**own, **counted_all}

    def spans_in(name: str) -> int:
        return 240 if len(sets) == 1 or name == "pop909_main" else 48

    report: dict[str, Any] = {"model": about, "bits a note": infill_evaluate.bits_report(net, sets, counted, spans_in)}
    name, pieces = next(iter(sets.items()))
    model = InfillTransformer(SimpleNamespace(id="infill"), {"config.json": chosen.model / "config.json"})
    markov = MarkovInfiller(SimpleNamespace(id="markov"), {})
    known = infill_copying.index(everything) if everything else None
    spans = spans_of(pieces, per_piece=max(1, -(-chosen.fills // max(1, len(pieces)))), seed=7)[: chosen.fills]
    fillers = {"infill": filler(model), "markov": filler(markov)}
    report[f"hidden spans of four bars, {name}"] = infill_evaluate.fills_report(spans, fillers, known)
    report[f"melody to accompaniment, {name}"] = infill_accompany.report(spans[::4], accompanist(model))
    if chosen.sliders:
        report["sliders at 10, 50, 90 on the opening piece"] = sliders(model, chosen.sliders)
    text = json.dumps(report, indent=1)
    chosen.json.write_text(text + "\n", encoding="utf-8")
    print(text)


def sliders(model: Model, seeds: int) -> dict[str, dict[str, float]]:
    """What each slider changes in two bars of melody and keys of the opening piece."""
    opening = files.load(resources.path("assets/pieces/opening.wbz")).score
    region = Region(opening.ppq * 4, 3 * opening.ppq * 4, ("t1", "t2"))
    return steering_report(model, opening, region, seeds)


if __name__ == "__main__":
    main()
