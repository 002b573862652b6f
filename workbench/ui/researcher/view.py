"""The researcher's page itself, in Gradio: it looks at the study every few seconds and draws what has changed."""

from __future__ import annotations

import json
from typing import Any

import gradio as gr
import plotly.graph_objects as go

from workbench.errors import WorkbenchError
from workbench.study.tables import figures as drawn
from workbench.study.tables.live import Live, Snapshot
from workbench.ui.researcher import tables
from workbench.ui.theme import CSS

EVERY_SECONDS = 8.0
#: Figures that always have their place; others are chosen from a list.
PLACES = ("progress", "acceptance", "first_keep", "authorship", "preferences", "undo_rate")
STYLE = (
    CSS
    + tables.STYLE
    + drawn.STYLE
    + """
.wb-figures { max-width: 1280px; margin: 0 auto; padding: 0 16px; width: 100%; box-sizing: border-box;
  display: grid !important; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 12px; }
.wb-figures > * { min-width: 0 !important; }
.wb-figure { border-radius: 10px !important; overflow: hidden; }
.wb-figure .js-plotly-plot, .wb-figure .plot-container { width: 100% !important; }
#wbr-tools { max-width: 1280px; margin: 0 auto; padding: 12px 16px 40px; gap: 12px; box-sizing: border-box; }
#wbr-tools a.download { display: inline-flex; align-items: center; min-height: 44px; padding: 0 18px;
  border-radius: 7px; background: var(--color-accent); color: #fff; text-decoration: none; font-weight: 600; }
.dark #wbr-tools a.download { background: #9b94f5; color: #15122e; }
#wbr-tools button { min-height: 44px; }
"""
)
_TOOLS = """<h2>Take it with you</h2>
<p>Tables, log, data dictionary and checksums in one archive, with a code instead of every person's id.</p>
<p><a class="download" href="{export}" download>Download everything (ZIP)</a></p>"""
_DELETE = """<h2>Delete a person</h2>
<p>Everything that is kept of them goes, for good. Ask for the code that they come back with, or take the mark from the
list above.</p>"""
_LEAVE = """<p><a href="#" onclick="fetch('{leave}', {{method: 'POST', headers: {{'content-type': 'application/json'}},
body: JSON.stringify({{leave: true}})}}).finally(() => location.reload()); return false;">Lock this page</a></p>"""


def build(live: Live, export: str, leave: str) -> gr.Blocks:
    """The page; ``export`` and ``leave``: addresses of the archive and of the lock, from the page's own place."""
    blocks: gr.Blocks
    with gr.Blocks(title="Study page", analytics_enabled=False) as blocks:
        seen = gr.State({})
        head = gr.HTML()
        conditions = gr.HTML()
        with gr.Row(elem_classes=["wb-figures"]):
            places = {name: gr.Plot(show_label=False, visible=False, elem_classes=["wb-figure"]) for name in PLACES}
        people, assignment, troubles = gr.HTML(), gr.HTML(), gr.HTML()
        with gr.Column(elem_id="wbr-tools"):
            other = gr.Dropdown([], label="Another figure", visible=False)
            more = gr.Plot(show_label=False, visible=False, elem_classes=["wb-figure"])
            gr.HTML(_TOOLS.format(export=export))
            gr.HTML(_DELETE)
            code = gr.Textbox(label="Code or mark", max_lines=1, max_length=60)
            sure = gr.Checkbox(label="I am sure: this cannot be undone", value=False)
            delete = gr.Button("Delete this person", variant="stop", interactive=False)
            said = gr.HTML()
            gr.HTML(_LEAVE.format(leave=leave))
        outputs = [seen, head, conditions, *places.values(), other, people, assignment, troubles]

        def look(before: dict[str, str]) -> list[Any]:
            return _look(live, before)

        def choose(name: str | None) -> Any:
            figure = drawn.figures(live.now().summary).get(name or "")
            return _plot(figure, True)

        def remove(which: str, certain: bool) -> tuple[Any, Any, Any]:
            if not certain:
                return _told("Tick the box first."), which, False
            try:
                return _told(live.delete(which or "")), "", False
            except WorkbenchError as problem:
                return _told(str(problem)), which, False

        timer = gr.Timer(EVERY_SECONDS)
        quiet: dict[str, Any] = {"show_progress": "hidden", "queue": True, "api_visibility": "private"}
        for happens in (blocks.load, timer.tick):
            happens(look, [seen], outputs, **quiet)
        other.change(choose, [other], [more], **quiet)
        sure.change(lambda certain: gr.update(interactive=certain), [sure], [delete], **quiet)
        delete.click(remove, [code, sure], [said, code, sure], **quiet).then(look, [seen], outputs, **quiet)
    return blocks


def _told(sentence: str) -> str:
    import html

    return f'<p role="status">{html.escape(sentence)}</p>'


def _look(live: Live, before: dict[str, str]) -> list[Any]:
    """New values for everything; figures that have not changed are left alone."""
    try:
        now = live.now()
    except WorkbenchError as problem:
        rest = [gr.skip()] * (len(PLACES) + 5)
        return [before, f'<div class="wbr"><p class="bad">{_told(str(problem))}</p></div>', *rest]
    made = drawn.figures(now.summary)
    after = {name: json.dumps(figure, sort_keys=True) for name, figure in made.items()}
    plots = [_plot(made.get(name), after.get(name) != before.get(name)) for name in PLACES]
    others = sorted(set(made) - set(PLACES))
    choice = gr.update(choices=[(_name(name), name) for name in others], visible=bool(others))
    same = sorted(set(before) - set(PLACES)) == others and bool(before)
    return [after, *_texts(now)[:2], *plots, gr.skip() if same else choice, *_texts(now)[2:]]


def _texts(now: Snapshot) -> list[str]:
    makers = (tables.head, tables.conditions, tables.people, tables.assignment, tables.troubles)
    return [make(now) for make in makers]


def _plot(figure: dict[str, Any] | None, changed: bool) -> Any:
    if not changed:
        return gr.skip()
    return gr.update(visible=False) if figure is None else gr.update(value=go.Figure(figure), visible=True)


def _name(name: str) -> str:
    return name.removeprefix("score_").replace("_", " ")
