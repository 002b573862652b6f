"""The opening page: a finished piece, a large Play, and the doors."""

from __future__ import annotations

import gradio as gr

from workbench import resources
from workbench.score.canonical import dumps
from workbench.score.project import read_project
from workbench.score.score import Score
from workbench.ui.components import add_doors, make_view
from workbench.ui.tabs.context import Context, Tab

TEMPLATES = ("template-band", "template-piano", "template-beat", "template-quartet", "template-choir", "template-empty")


def shipped_piece(name: str) -> Score:
    """A piece from ``assets/pieces``."""
    return read_project(resources.path(f"assets/pieces/{name}.wbz").read_bytes()).score


def opening() -> str:
    """Canonical JSON of the piece that a page opens on."""
    return dumps(shipped_piece("opening"))


def build(context: Context) -> gr.HTML:
    """Build the tab."""
    from workbench.ui.tabs import TABS

    first = shipped_piece("opening")
    templates = [{"name": first.title, "score": first.to_dict()}]
    for name in TEMPLATES:
        score = shipped_piece(name)
        templates.append({"name": score.title, "score": score.to_dict()})
    there = {tab.name for tab in TABS}
    options = {
        "templates": templates,
        "genie": "genie" in there,
        "listen": "listen" in there,
        "prompt": "prompt" in there,
    }
    view = make_view("home", context.pages, document=opening(), options=options)
    add_doors(view, context.tabs, [tab.name for tab in TABS])
    return view


TAB = Tab("home", build)
