"""Judge the arranger: ``python models/arranger/evaluate.py feel`` (playing against held-out players), ``... form``
(sections found in planted forms) or ``... songs`` (twenty held-out tunes in the styles named); prints a report.

Needs ``WORKBENCH_DATA_DIR`` and ``WORKBENCH_TRAIN_DIR``.
"""

import argparse
import json

from workbench.create.compose.arrange import Arrangement, arrange
from workbench.create.compose.form import sections_of
from workbench.evaluation import arrange_eval, feel_eval, form_eval
from workbench.evaluation.arrange_tunes import tunes
from workbench.score.score import Score
from workbench.training import corpora

COUNT = 20  #: tunes, and songs beside them


def made(tune: Score, style: str, seed: int) -> Arrangement:
    """A tune as the command arranges it."""
    return arrange(tune, style=style, seed=seed)


def main() -> None:
    """Print one report."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("what", choices=("feel", "form", "songs"))
    options.add_argument("--styles", default="rock,swing", help="for songs: ids parted by commas")
    chosen = options.parse_args()
    if chosen.what == "feel":
        print(json.dumps(feel_eval.full_report(), indent=1))
        return
    songs = list(corpora.pieces("pop909_main", "test"))
    if chosen.what == "form":
        print(json.dumps(form_eval.report(songs, sections_of), indent=1))
        return
    report = arrange_eval.report(tunes(songs, COUNT), chosen.styles.split(","), songs[:COUNT], made)
    print(json.dumps(report, indent=1))
    print(arrange_eval.table(report))


if __name__ == "__main__":
    main()
