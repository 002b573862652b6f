"""pip as it would choose on another computer: ``python foreign.py MARKERS ARGUMENTS...``, run as a script.

``pip download --platform`` chooses wheels for another computer, but holds the conditions of requirements
(``colorama; sys_platform == "win32"``) against this one, so that what only the other needs would be missing there. Here
pip is told the other's values. That reaches into pip; what came is checked against the conditions afterwards
(:mod:`workbench.ship.wheelhouse`), so a pip in which this has no effect is found out.
"""

from __future__ import annotations

import json
import sys


def main(arguments: list[str]) -> int:
    """Run pip with the markers of ``arguments[0]`` (JSON); returns its exit code."""
    from pip._internal.cli.main import main as pip
    from pip._vendor.packaging import markers

    told = json.loads(arguments[0])
    markers.default_environment = lambda: dict(told)  # type: ignore[assignment,return-value,unused-ignore]
    return int(pip(arguments[1:]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
