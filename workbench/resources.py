"""One place that finds the files shipped beside the code: ``models/``, ``assets/`` and ``workbench/web/public/``.

A wheel carries the top-level folders inside the package as ``workbench/_data``; an editable install and the
repository itself have them one level up.
"""

from __future__ import annotations

from pathlib import Path

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
