"""A browser-based creative workbench for music: an editable multi-track score, models that fill it, and its sound.

The public names are loaded when first used, so that ``import workbench`` stays fast and light::

    from workbench import Score, infill, render, stems

    score = Score.open("tune.mid")
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

#: Public name -> module, and the name there where it is another.
_PUBLIC = {
    "ListenPage": "workbench.jupyter",
    "PianoGenie": "workbench.jupyter",
    "PianoRoll": "workbench.jupyter",
    "PromptPage": "workbench.jupyter",
    "Score": "workbench.score",
    "StemMixer": "workbench.jupyter",
    "WorkbenchError": "workbench.errors",
    "arrange": "workbench.create.compose.arrange",
    "chords": "workbench.create.compose.harmonies",
    "compose": "workbench.page.composed",
    "genie": "workbench.create.genie.play",
    "infill": "workbench.create.infill.fill",
    "read_score": "workbench.understand.score_image.read",
    "render": "workbench.sound.render",
    "separate": "workbench.understand.separate",
    "stems": "workbench.sound.render:render_stems",
    "transcribe": "workbench.understand.transcribe",
    "watch": "workbench.understand.video.watch",
}

__all__ = ["__version__", *_PUBLIC]


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        module, _, attribute = _PUBLIC[name].partition(":")
        value = getattr(importlib.import_module(module), attribute or name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'workbench' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
