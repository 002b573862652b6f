"""Count the arranger's table of the feel in played music: ``python models/arranger/train.py``.

Needs ``WORKBENCH_DATA_DIR`` (the unpacked archives) and ``WORKBENCH_TRAIN_DIR`` (caches); a minute on one core.
"""

from workbench.training.feel_fit import main

if __name__ == "__main__":
    main()
