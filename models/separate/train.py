"""Render stems, train the splitter and write its files: ``python models/separate/train.py FONTS [CPU_SECONDS]``.

``FONTS`` is a folder with more soundfonts and drum kits (see the card). Needs fluidsynth, ``WORKBENCH_DATA_DIR`` (the
unpacked archives) and ``WORKBENCH_TRAIN_DIR`` (caches, stems, checkpoints; about 2 GB). A second call goes on from the
last checkpoint.
"""

import sys
from pathlib import Path

from workbench.training.corpora import train_dir
from workbench.training.separate_data import build
from workbench.training.separate_export import export, network
from workbench.training.separate_train import train

if __name__ == "__main__":
    stems, run = train_dir() / "separate", train_dir() / "runs" / "separate"
    build(stems, files=10, seed=1, more=Path(sys.argv[1]))
    train(stems, run, float(sys.argv[2]) if len(sys.argv) > 2 else 1_090.0, decay=0.5)
    export(network(run / "last.pt"), Path(__file__).parent)
