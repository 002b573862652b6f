"""Find the weights that find chords: ``python models/chords/train.py --budget 1200``. A layer is solved for in half a
minute, then a small network learns for so many CPU seconds; interrupted, it goes on where it stopped.

Needs ``WORKBENCH_DATA_DIR`` (the unpacked archives) and ``WORKBENCH_TRAIN_DIR`` (caches, checkpoints); the chords of
pieces without any are heard first, by ``python -m workbench.evaluation.heard_chords lieder polish``.
"""

from pathlib import Path

from workbench.training.chord_train import main

if __name__ == "__main__":
    main(Path(__file__).parent)
