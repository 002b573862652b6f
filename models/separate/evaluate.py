"""Measure the splitter: ``python models/separate/evaluate.py [KITS [EXAMPLES]]``; every figure on the card.

``KITS``: a folder with the drum kit that was kept aside; ``EXAMPLES``: a folder with real recordings that have neither
drums nor bass. Needs fluidsynth, ``WORKBENCH_DATA_DIR``, ``WORKBENCH_TRAIN_DIR`` and Debian's csound-soundfont.
"""

import sys
from pathlib import Path

from workbench.evaluation.separate_eval import main

if __name__ == "__main__":
    more = [Path(name) for name in sys.argv[1:3]]
    main(Path(__file__).with_name("model.onnx"), *more)
