"""Train the open weights that find chords: ``python models/chords-open/train.py --budget 420``, the training of
``models/chords`` with ``--open 1``: no song under copyright has a part in them.

Needs ``WORKBENCH_DATA_DIR`` and ``WORKBENCH_TRAIN_DIR``; the chords are heard first, by
``python -m workbench.evaluation.heard_chords lieder polish``.
"""

import sys
from pathlib import Path

from workbench.training.chord_train import main

if __name__ == "__main__":
    small = ["--width", "96", "--layers", "3", "--drop", "0.1", "--told", "0.35"]
    main(Path(__file__).parent, ["--run", "chords-open", "--open", "1", *small, *sys.argv[1:]])
