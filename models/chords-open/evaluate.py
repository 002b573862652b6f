"""Measure the chords found for tunes: ``python models/chords-open/evaluate.py``, as ``models/chords`` is measured.

Needs ``WORKBENCH_DATA_DIR`` and ``WORKBENCH_TRAIN_DIR``.
"""

from pathlib import Path

from workbench.evaluation.chord_accuracy import main

if __name__ == "__main__":
    here = Path(__file__).parent
    main(here, here.parent / "infill-open" / "chords.safetensors")
