"""Measure the Piano Genie.

``python models/piano-genie/evaluate.py`` prints every measure with its bar on the held-out works of the training
corpora (WORKBENCH_DATA_DIR, WORKBENCH_TRAIN_DIR). ``--pieces DIR`` measures on any folder of MIDI files instead and
needs neither; copies are then not counted, for want of the training music.
"""

import argparse
from pathlib import Path

from workbench.evaluation import genie_players as genie_simulate
from workbench.evaluation import genie_report as report
from workbench.evaluation.genie_eval import read_folder
from workbench.nets.genie_numpy import GenieDecoder
from workbench.training.genie_data import OPEN_SOURCES, SOURCES, source
from workbench.training.genie_export import decoder_tensors, load_released, load_run

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pieces", type=Path, help="a folder of MIDI files to measure instead of the test set")
    parser.add_argument("--model", type=Path, default=Path(__file__).parent, help="the folder of the released weights")
    parser.add_argument("--open", action="store_true", help="copies are counted in what the open weights learnt from")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--run", help="measure a run below WORKBENCH_TRAIN_DIR instead of the released weights")
    parser.add_argument("--twin", help="the run of the twin that was trained without chords (train.py --no-chords)")
    parser.add_argument("--notes", type=int, default=100_000, help="free-running notes (0: no simulation)")
    arguments = parser.parse_args()
    model = load_run(arguments.run) if arguments.run else load_released(arguments.model)
    known = None
    if arguments.pieces:
        held_out = read_folder(arguments.pieces)
        if not held_out:
            parser.exit(1, f"There is no MIDI file with 16 notes or more in {arguments.pieces}.\n")
        rows = report.piece_rows(model, held_out)
    else:
        held_out = source("pop909", "test")
        rows = report.evaluate_rows(model, load_run(arguments.twin) if arguments.twin else None)
        known = report.training_runs(OPEN_SOURCES if arguments.open else SOURCES)
    if arguments.notes:
        decoder = GenieDecoder(decoder_tensors(model))
        rows += report.simulate_rows(genie_simulate, decoder, held_out, known, arguments.notes)
    print(report.show(rows))
    if arguments.json:
        report.write_json(rows, arguments.json, model=arguments.model.resolve().name)
