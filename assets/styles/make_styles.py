"""Write the library of styles from ``sources/*.txt``. The music is the project's own, CC0 1.0.

Run ``python assets/styles/make_styles.py``; see ``notation.py`` for how the sources are written.
"""

from __future__ import annotations

import sys
from pathlib import Path

from workbench.score.project import Project, write_project
from workbench.score.score import Score

HERE = Path(__file__).resolve().parent
if str(HERE) not in sys.path:
    sys.path.insert(0, str(HERE))

from notation import Writer, sources  # noqa: E402  (beside this script, which may be run from anywhere)


def styles() -> dict[str, Score]:
    """Every style of the library by its id."""
    found = [source for path in sorted((HERE / "sources").glob("*.txt")) for source in sources(path.read_text("utf-8"))]
    return {source.id: Writer(source).score() for source in found}


def main() -> None:
    """Write every style as a project file beside this script."""
    for name, score in styles().items():
        (HERE / f"{name}.wbz").write_bytes(write_project(Project(score)))
        print(name, score.note_count)


if __name__ == "__main__":
    main()
