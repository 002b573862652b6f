"""Solve for the weights that find chords: ``python models/chords/train.py``; a few CPU seconds, no training loop.

Needs ``WORKBENCH_DATA_DIR`` (the unpacked archives) and ``WORKBENCH_TRAIN_DIR`` (caches).
"""

from pathlib import Path

from workbench.training.chord_fit import export

if __name__ == "__main__":
    print(f"Solved from {export(Path(__file__).parent)} tunes.")
