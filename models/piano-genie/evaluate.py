"""Measure the Piano Genie.

``python models/piano-genie/evaluate.py`` prints every measure with its bar on the held-out works of the training
corpora (WORKBENCH_DATA_DIR, WORKBENCH_TRAIN_DIR). ``--pieces DIR`` measures any folder of MIDI files instead and
needs neither.
"""

import argparse
from pathlib import Path

from workbench.create import genie_simulate
from workbench.create.genie_decoder import GenieDecoder
from workbench.training import genie_report as report
from workbench.training.genie_export import decoder_tensors, load_released, load_run

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pieces", type=Path, help="a folder of MIDI files to measure instead of the test set")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--run", help="measure a run below WORKBENCH_TRAIN_DIR instead of the released weights")
    parser.add_argument("--twin", help="the run of the twin that was trained without chords (train.py --no-chords)")
    parser.add_argument("--notes", type=int, default=100_000, help="free-running notes for the copying test")
    arguments = parser.parse_args()
    model = load_run(arguments.run) if arguments.run else load_released(Path(__file__).parent)
    if arguments.pieces:
        rows = report.piece_rows(model, arguments.pieces)
    else:
        rows = report.evaluate_rows(model, load_run(arguments.twin) if arguments.twin else None)
        rows += report.simulate_rows(genie_simulate, GenieDecoder(decoder_tensors(model)), arguments.notes)
    print(report.show(rows))
    if arguments.json:
        report.write_json(rows, arguments.json, model="piano-genie")
