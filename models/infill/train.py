"""Train the infilling network: ``python models/infill/train.py --minutes 100 --decay 0.15``.

Needs the ``train`` extra, ``WORKBENCH_DATA_DIR`` (the unpacked archives) and ``WORKBENCH_TRAIN_DIR`` (caches,
checkpoints, log). ``--init models/infill/model.safetensors`` goes on from the released weights.
"""

from workbench.training.infill_train import main

if __name__ == "__main__":
    main()
