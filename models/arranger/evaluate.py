"""Judge the arranger: ``python models/arranger/evaluate.py feel`` (playing against held-out players) or ``... form``
(sections found in planted forms); prints JSON.

Needs ``WORKBENCH_DATA_DIR`` and ``WORKBENCH_TRAIN_DIR``.
"""

import argparse
import json

from workbench.create.compose.form import sections_of
from workbench.evaluation import feel_eval, form_eval
from workbench.training import corpora


def main() -> None:
    """Print one report."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("what", choices=("feel", "form"))
    chosen = options.parse_args()
    if chosen.what == "feel":
        report = feel_eval.full_report()
    else:
        report = form_eval.report(list(corpora.pieces("pop909_main", "test")), sections_of)
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
