"""Train the Piano Genie: ``python models/piano-genie/train.py --budget 3600``; goes on where the last run stopped."""

import argparse
from pathlib import Path

from workbench.training.genie_data import OPEN_SOURCES, SOURCES
from workbench.training.genie_export import export
from workbench.training.genie_train import Options, train

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", default="piano-genie", help="name of the run's folder below WORKBENCH_TRAIN_DIR")
    parser.add_argument("--budget", type=float, default=3600.0, help="CPU seconds in total")
    parser.add_argument("--no-chords", action="store_true", help="train the twin that never sees a chord")
    parser.add_argument("--open", action="store_true", help="learn from sets alone that may be passed on note by note")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--from-released", action="store_true", help="begin with the released weights")
    parser.add_argument("--model", type=Path, default=Path(__file__).parent, help="the folder of the released weights")
    parser.add_argument("--export", action="store_true", help="only write the run's weights into that folder")
    arguments = parser.parse_args()
    if arguments.export:
        export(arguments.run, arguments.model)
        parser.exit()
    train(
        Options(
            run=arguments.run,
            budget=arguments.budget,
            seed=arguments.seed,
            shares=dict(OPEN_SOURCES if arguments.open else SOURCES),
            chord_share=0.0 if arguments.no_chords else 0.5,
            released=str(arguments.model) if arguments.from_released else "",
        )
    )
