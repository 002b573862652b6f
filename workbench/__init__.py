"""A browser-based creative workbench for music: an editable multi-track score, models that fill it, and its sound.

The public names are loaded when first used, so that ``import workbench`` stays fast and light::

    from workbench import Score, infill, render, stems

    score = Score.open("tune.mid")
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_PUBLIC = {
    "Score": "workbench.score",
    "WorkbenchError": "workbench.errors",
    "genie": "workbench.create.genie",
    "infill": "workbench.create.fill",
}

__all__ = ["__version__", *_PUBLIC]


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        value = getattr(importlib.import_module(_PUBLIC[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'workbench' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
