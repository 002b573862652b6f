"""Engrave pages, train the score reader and write its files: ``python models/read-score/train.py [SECONDS [PAGES]]``.

Needs ``WORKBENCH_DATA_DIR`` (the unpacked archives, OpenScore's MusicXML among them) and ``WORKBENCH_TRAIN_DIR``. A
second call goes on from the last checkpoint; without one, from the weights that lie here.
"""

import sys
from pathlib import Path

from workbench.training.engraved_build import build, folder
from workbench.training.read_score_export import export
from workbench.training.read_score_train import train

if __name__ == "__main__":
    here = Path(__file__).parent
    if len(list(folder("train").glob("*.npz"))) < 1000:
        build("train", seed=1, seconds=float(sys.argv[2]) if len(sys.argv) > 2 else 900.0)
    released = here / "model.safetensors"
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 2_680.0
    export(train("read-score", seconds, released if released.exists() else None).eval(), here)
