"""Judge the open weights as those of ``models/infill`` are judged; what they cost beside those:
``python -m workbench.evaluation.weight_sets infill``.
"""

import runpy
import sys
from pathlib import Path

from workbench import resources

if __name__ == "__main__":
    sys.argv[1:1] = ["--model", str(Path(__file__).parent)]
    runpy.run_path(str(resources.path("models/infill/evaluate.py")), run_name="__main__")
