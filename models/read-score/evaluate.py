"""Measure the score reader's network: ``python models/read-score/evaluate.py [PAGES_A_SET]``; the figures on the card.

Needs ``WORKBENCH_DATA_DIR`` and ``WORKBENCH_TRAIN_DIR``; engraves its pages first if they are not there.
"""

import sys
from pathlib import Path

from workbench.evaluation.score_symbols import main
from workbench.training.corpora import train_dir
from workbench.training.engraved import UNSEEN_FONT
from workbench.training.engraved_build import build, folder

if __name__ == "__main__":
    for font, seed in ((None, 78), (UNSEEN_FONT, 77)):
        side = "test" if font is None else f"test-{font.lower()}"
        if not list(folder(side).glob("*.npz")):
            build("test", seed=seed, seconds=120.0, font=font)
    main(Path(__file__).parent, train_dir() / "read-score", int(sys.argv[1]) if len(sys.argv) > 1 else 24)
