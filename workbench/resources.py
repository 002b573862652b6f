"""One place that finds the files shipped beside the code: ``models/``, ``assets/`` and ``workbench/web/public/``.

A wheel carries the top-level folders inside the package as ``workbench/_data``; an editable install and the
repository itself have them one level up.
"""

from __future__ import annotations

import os
from pathlib import Path

from workbench.errors import BadFile

#: Sets of embedded weights of which the owner offers one: learnt from music that may be passed on note by note, or from
#: songs under copyright as well.
WEIGHT_SETS = ("open", "pop")
_PACKAGE = Path(__file__).resolve().parent


def path(name: str) -> Path:
    """Absolute path of a shipped file or folder, for example ``models/registry.toml``.

    Raises:
        FileNotFoundError: nothing of that name is shipped.
        ValueError: ``name`` is absolute or climbs out of the shipped folders.
    """
    parts = Path(name).parts
    if not parts or Path(name).is_absolute() or ".." in parts:
        raise ValueError(f"{name!r} is not the name of a shipped file.")
    if parts[0] == "web":
        candidates = [_PACKAGE / name]
    else:
        candidates = [_PACKAGE / "_data" / name, _PACKAGE.parent / name]
    for candidate in candidates:
        if candidate.exists():
            return candidate
    raise FileNotFoundError(f"{name!r} is missing from this installation.")


def weight_set() -> str:
    """Which embedded weights the owner of this installation offers, by ``WORKBENCH_WEIGHTS``.

    ``pop``, where nothing is said: all there are, those first that learnt from pop songs under copyright as well.
    ``open``: of the models that come in both sets those alone that learnt from freely licensed music.

    Raises:
        BadFile: there is no set of that name.
    """
    name = os.environ.get("WORKBENCH_WEIGHTS", "") or "pop"
    if name not in WEIGHT_SETS:
        raise BadFile(f"There are no weights called {name[:40]!r}; choose one of {', '.join(WEIGHT_SETS)}.")
    return name
