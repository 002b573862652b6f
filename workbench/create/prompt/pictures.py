"""What was asked against what came of it, drawn in plotly: one picture a line of the card, as figure JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from workbench.create.prompt.card import Card, Line, Series
from workbench.errors import Unavailable
from workbench.understand.labels import ROOT_NAMES
from workbench.understand.picture import pitch_name

#: Colours of asked and got: two of the workbench's track colours, which the colour-blind tell apart as well.
ASKED, GOT = "#8a8f98", "#466ed4"
HEIGHT = 260
#: Names of a few pitches beside an axis of notes, a step of so many semitones apart.
_EVERY = 6


def figure(line: Line) -> dict[str, Any] | None:
    """The picture of a line as plotly's JSON (``data`` and ``layout``); None where there is nothing to draw.

    Raises:
        Unavailable: plotly is not installed.
    """
    if not line.picture or not (line.asked or line.got):
        return None
    try:
        from plotly import graph_objects as go
    except ImportError as error:
        raise Unavailable("A drawing needs plotly; install it with: pip install 'music-workbench[app]'.") from error
    drawn = _WAYS[line.picture](line)
    picture = go.Figure(data=drawn["data"])
    picture.update_layout(
        template="plotly_white", height=HEIGHT, margin={"l": 48, "r": 12, "t": 12, "b": 40},
        paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)", legend={"orientation": "h", "y": 1.12},
        xaxis=drawn.get("xaxis", {"title": "seconds"}), yaxis=drawn.get("yaxis", {}), barmode="group",
    )  # fmt: skip
    out: dict[str, Any] = json.loads(picture.to_json())
    return out


def figures(card: Card) -> list[dict[str, Any] | None]:
    """The pictures of all lines, in their order."""
    return [figure(line) for line in card.prompts]


def _xy(rows: Series) -> dict[str, list[float]]:
    return {"x": [x for x, _ in rows], "y": [y for _, y in rows]}


def _pair(line: Line, asked: dict[str, Any], got: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"type": "scatter", "name": "asked", **_xy(line.asked), **asked},
        {"type": "scatter", "name": "heard", **_xy(line.got), **got},
    ]


def _curve(line: Line) -> dict[str, Any]:
    return {
        "data": _pair(line, {"mode": "lines", "line": {"color": ASKED, "width": 3, "dash": "dot"}},
                      {"mode": "lines", "line": {"color": GOT, "width": 2}}),
        "yaxis": {"range": [0, 1.05], "title": "little to much"},
    }  # fmt: skip


def _notes(line: Line) -> dict[str, Any]:
    pitches = [round(y) for _, y in (*line.asked, *line.got)]
    ticks = list(range(min(pitches), max(pitches) + 1, _EVERY)) or pitches[:1]
    return {
        "data": _pair(
            line, {"mode": "markers", "marker": {"color": ASKED, "size": 13, "symbol": "circle-open"}},
            {"mode": "markers", "marker": {"color": GOT, "size": 6}},
        ),
        "yaxis": {"tickvals": ticks, "ticktext": [pitch_name(pitch) for pitch in ticks], "title": "pitch"},
    }  # fmt: skip


def _steps(line: Line) -> dict[str, Any]:
    return {
        "data": _pair(
            line, {"mode": "lines", "line": {"color": ASKED, "width": 5, "shape": "hv"}},
            {"mode": "lines+markers", "line": {"color": GOT, "width": 1, "shape": "hv"}, "marker": {"size": 4}},
        ),
        "yaxis": {"tickvals": list(range(12)), "ticktext": list(ROOT_NAMES), "range": [-0.5, 11.5]},
    }  # fmt: skip


def _marks(line: Line) -> dict[str, Any]:
    return {
        "data": _pair(
            line, {"mode": "markers", "marker": {"color": ASKED, "size": 22, "symbol": "line-ns-open"}},
            {"mode": "markers", "marker": {"color": GOT, "size": 9, "symbol": "diamond"}},
        ),
        "yaxis": {"range": [0.2, 1.3], "tickvals": [0.5, 1.0], "ticktext": ["heard", "asked"]},
    }  # fmt: skip


def _bars(line: Line) -> dict[str, Any]:
    def bars(rows: Series) -> dict[str, Any]:
        names = [line.labels[int(x)] if int(x) < len(line.labels) else str(int(x)) for x, _ in rows]
        return {"type": "bar", "y": names, "x": [y for _, y in rows], "orientation": "h"}

    return {
        "data": [
            {"name": "asked", **bars(line.asked), "marker": {"color": ASKED}},
            {"name": "heard", **bars(line.got), "marker": {"color": GOT}},
        ],
        "xaxis": {"title": ""}, "yaxis": {"automargin": True},
    }  # fmt: skip


_WAYS: dict[str, Callable[[Line], dict[str, Any]]] = {
    "curve": _curve, "notes": _notes, "steps": _steps, "marks": _marks, "bars": _bars,
}  # fmt: skip
