"""Train the listening network: ``python models/transcribe/train.py``; about three hours on two cores.

Renders the scenes (3 GB, kept below ``WORKBENCH_TRAIN_DIR``), trains, and writes the network beside this file;
``evaluate.py --fit`` then fits its decoding. Needs ``WORKBENCH_DATA_DIR``, FluidSynth, TiMidity++ and the soundfonts
that ``workbench/training/listen_sound.py`` names.
"""

from pathlib import Path

from workbench.training.corpora import train_dir
from workbench.training.listen_data import again, build
from workbench.training.listen_export import export, network
from workbench.training.listen_scenes import SOLOS
from workbench.training.listen_train import train

if __name__ == "__main__":
    data, run = train_dir() / "listen", train_dir() / "runs" / "listen"
    build(data, "train", 54, 1)
    build(data, "train", 34, 2)
    train(data, run, 2_640, decay=0, bfloat16=True)
    build(data, "train", 22, 3, bands=True)
    again(data, "train", 3, 2)
    train(data, run, 2_200, decay=0.6, bfloat16=True)
    build(data, "train", 14, 4, bands=True, shares=SOLOS)
    train(data, run, 1_560, rate=1.2e-3, decay=0.75, bfloat16=True)
    build(data, "train", 16, 5, bands=True, shares=SOLOS)
    build(data, "train", 16, 6)
    build(data, "train", 7, 7, bands=True)
    train(data, run, 3_900, rate=1.2e-3, decay=0.6, bfloat16=True)
    export(network(run / "last.pt"), Path(__file__).parent)
