"""Measure the open weights as the others are measured; what they cost beside those:
``python -m workbench.evaluation.weight_sets genie``.
"""

import runpy
import sys
from pathlib import Path

from workbench import resources

if __name__ == "__main__":
    sys.argv[1:1] = ["--open", "--model", str(Path(__file__).parent)]
    runpy.run_path(str(resources.path("models/piano-genie/evaluate.py")), run_name="__main__")
