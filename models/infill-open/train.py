"""Train the open weights: ``python models/infill-open/train.py --minutes 100 --decay 0.15``, the training of
``models/infill`` with ``--open``. ``--export models/infill-open`` writes them, ``--chords`` counts the chords.
"""

import sys

from workbench.training.infill_train import main

if __name__ == "__main__":
    main(["--run", "infill-open", "--open", *sys.argv[1:]])
