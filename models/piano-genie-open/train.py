"""Train the open weights: ``python models/piano-genie-open/train.py --budget 1500``, the training of
``models/piano-genie`` with ``--open``. ``--export`` writes them.
"""

import runpy
import sys
from pathlib import Path

from workbench import resources

if __name__ == "__main__":
    sys.argv[1:1] = ["--run", "genie-open", "--open", "--model", str(Path(__file__).parent)]
    runpy.run_path(str(resources.path("models/piano-genie/train.py")), run_name="__main__")
