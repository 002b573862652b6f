"""The figures of a study, as plotly's JSON: nothing is drawn here, so nothing heavy is needed.

Colours are four of the workbench's track colours that stand out on light and on dark and that the colour-blind tell
apart; every condition also has a shape of its own. Text and grid lines are left to the page that shows a figure
(:data:`STYLE`), which knows whether it is light or dark.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from textwrap import wrap
from typing import Any

from workbench.study.tables.cut import PersonLog
from workbench.study.tables.estimate import Estimate
from workbench.study.tables.piece import WHOSE
from workbench.study.tables.summary import MEASURES, Summary, by_person
from workbench.study.tables.trial import Trial

Figure = dict[str, Any]

INKS = ("#5b7fe0", "#d98316", "#1f9d80", "#d0679b", "#9068cc", "#c9553f", "#4a9cc4", "#9aa02c")
SHAPES = ("circle", "diamond", "square", "triangle-up", "cross", "star", "x", "hexagon")
_WHO = {
    "human": ("by the person", INKS[1]), "shared": ("by both", INKS[3]), "model": ("by a model", INKS[0]),
    "imported": ("starting material", "#8d8896"),
}  # fmt: skip
#: How text and lines follow the page: custom properties with the values of light and dark.
STYLE = """
.wb-figure .svg-container text { fill: var(--body-text-color) !important; }
.wb-figure .svg-container .gridlayer path { stroke: var(--border-color-primary) !important; }
.wb-figure .svg-container .zerolinelayer path, .wb-figure .svg-container .shapelayer path {
  stroke: var(--body-text-color-subdued) !important; }
.wb-figure .svg-container .legend .bg { fill: transparent !important; }
"""


def figures(summary: Summary) -> dict[str, Figure]:
    """Every figure that there is something to show in, by name; each has a title that says what it shows."""
    made: dict[str, Figure | None] = {name: _measure(summary, name) for name in MEASURES if name != "latency"}
    made["authorship"] = _authorship(summary)
    made["preferences"] = _preferences(summary)
    for score in sorted({name for one in summary.conditions for name in one.scores}):
        made[f"score_{score}"] = _score(summary, score)
    made["progress"] = progress(summary.people)
    return {name: made_one for name, made_one in made.items() if made_one is not None}


def _layout(title: str, **rest: Any) -> dict[str, Any]:
    axis: dict[str, Any] = {"gridcolor": "#8d889640", "zerolinecolor": "#8d8896", "automargin": True}
    out: dict[str, Any] = {
        "title": {"text": "<br>".join(wrap(title, 44)), "x": 0, "xanchor": "left", "font": {"size": 15}}, "height": 320,
        "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)", "showlegend": False,
        "font": {"color": "#787484", "family": "ui-sans-serif, system-ui, sans-serif", "size": 13},
        "margin": {"l": 56, "r": 16, "t": 44 + 18 * (len(title) > 44), "b": 88 if rest.get("showlegend") else 48},
        "xaxis": dict(axis), "yaxis": dict(axis),
        "legend": {"orientation": "h", "y": 0, "yref": "container", "yanchor": "bottom"}, "hovermode": "closest",
    }  # fmt: skip
    for name, value in rest.items():
        out[name] = {**out[name], **value} if isinstance(out.get(name), dict) else value
    return out


def _by_condition(summary: Summary) -> list[tuple[str, list[Trial]]]:
    return [(one.name or "all", [t for t in summary.trials if t.condition == one.name]) for one in summary.conditions]


def _measure(summary: Summary, name: str) -> Figure | None:
    what, unit, parts = MEASURES[name]
    groups = []
    for label, own in _by_condition(summary):
        people = sorted({trial.person for trial in own})
        each = [by_person([trial for trial in own if trial.person == person], parts) for person in people]
        groups.append((label, by_person(own, parts), [one.value for one in each if one is not None]))
    return _dots(what, unit, groups)


def _score(summary: Summary, name: str) -> Figure | None:
    groups = []
    for label, own in _by_condition(summary):
        values = [trial.scores[name] for trial in own if name in trial.scores]
        estimate = by_person(own, lambda t: (t.scores[name], 1.0) if name in t.scores else (0.0, 0.0))
        groups.append((label, estimate, values))
    return _dots(name.replace("_", " "), "", groups)


def _dots(title: str, unit: str, groups: Sequence[tuple[str, Estimate | None, list[float]]]) -> Figure | None:
    """Every person a dot, and beside them the figure of the condition with its interval."""
    data: list[dict[str, Any]] = []
    scale = 100 if unit == "share" else 1
    for place, (label, estimate, values) in enumerate(groups):
        if estimate is None:
            continue
        ink, shape = INKS[place % len(INKS)], SHAPES[place % len(SHAPES)]
        spread = [place - 0.22 + 0.14 * ((number * 7) % 5 - 2) / 2 for number in range(len(values))]
        data.append({
            "type": "scatter", "mode": "markers", "x": spread, "y": [scale * value for value in values],
            "marker": {"color": ink, "size": 6, "opacity": 0.5, "symbol": shape},
            "hovertemplate": "one person: %{y:.3~g}<extra></extra>",
        })  # fmt: skip
        error = {"type": "data", "visible": estimate.low is not None, "thickness": 3, "width": 8, "color": ink,
                 "array": [scale * ((estimate.high or 0) - estimate.value)],
                 "arrayminus": [scale * (estimate.value - (estimate.low or 0))]}  # fmt: skip
        data.append({
            "type": "scatter", "mode": "markers", "name": label, "x": [place + 0.18], "y": [scale * estimate.value],
            "error_y": error, "marker": {"color": ink, "size": 13, "symbol": shape},
            "hovertemplate": f"{label}: %{{y:.3~g}} ({estimate.people} people)<extra></extra>",
        })  # fmt: skip
    if not data:
        return None
    axis = {"tickvals": list(range(len(groups))), "ticktext": [label for label, *_ in groups],
            "range": [-0.6, len(groups) - 0.4], "showgrid": False, "zeroline": False}  # fmt: skip
    named = {"share": "%"}.get(unit, unit)
    return {"data": data, "layout": _layout(
        title[:1].upper() + title[1:], xaxis=axis, yaxis={"title": {"text": named}, "rangemode": "tozero"}
    )}  # fmt: skip


def _authorship(summary: Summary) -> Figure | None:
    """Shares of the notes by whose they are, as long as half of the trials were still going on."""
    steps: dict[float, Counter[str]] = {}
    going: Counter[float] = Counter()
    for trial in summary.trials:
        for seconds, notes in trial.over_time[:-1]:  # the last one stands at the end, wherever that was
            if total := sum(notes[name] for name in WHOSE):
                shares = Counter({name: 1000 * notes[name] // total for name in WHOSE})
                steps.setdefault(seconds, Counter()).update(shares)
                going[seconds] += 1
    if not steps:
        return None
    times = sorted(seconds for seconds in steps if 2 * going[seconds] >= max(going.values()))
    data = []
    for name in ("imported", "model", "shared", "human"):
        label, ink = _WHO[name]
        values = [100 * steps[time][name] / max(1, sum(steps[time].values())) for time in times]
        data.append({
            "type": "scatter", "mode": "lines", "stackgroup": "one", "name": label, "x": times, "y": values,
            "line": {"color": ink, "width": 1}, "fillcolor": ink + "b0",
            "hovertemplate": f"{label}: %{{y:.0f}} % at %{{x}} s<extra></extra>",
        })  # fmt: skip
    return {"data": data, "layout": _layout(
        "Whose notes the piece holds, over time", showlegend=True, height=360,
        xaxis={"title": {"text": "seconds into the trial"}}, yaxis={"title": {"text": "%"}, "range": [0, 100]},
    )}  # fmt: skip


def _preferences(summary: Summary) -> Figure | None:
    shown = [one for one in summary.comparison.strengths if one.value is not None]
    if not shown:
        return None
    shown.reverse()  # the strongest at the top
    data = []
    for place, one in enumerate(shown):
        value = one.value or 0.0
        ink, shape = INKS[place % len(INKS)], SHAPES[place % len(SHAPES)]
        error = {"type": "data", "visible": one.low is not None, "thickness": 3, "width": 8, "color": ink,
                 "array": [(one.high or 0) - value], "arrayminus": [value - (one.low or 0)]}  # fmt: skip
        data.append({
            "type": "scatter", "mode": "markers", "x": [value], "y": [one.name], "error_x": error,
            "marker": {"color": ink, "size": 13, "symbol": shape},
            "hovertemplate": f"{one.name}: %{{x:.2f}} ({one.votes} votes)<extra></extra>",
        })  # fmt: skip
    return {"data": data, "layout": _layout(
        "Preferred by ear (log strength)", height=140 + 44 * len(shown), xaxis={"zeroline": True},
        yaxis={"showgrid": False},
    )}  # fmt: skip


def progress(people: Sequence[PersonLog]) -> Figure | None:
    """How many people have ended how many trials, and how they stand."""
    if not people:
        return None
    counts = Counter((one.state, sum(t.ended in ("end", "timeout") for t in one.trials)) for one in people)
    highest = max(trials for _, trials in counts)
    names = [("finished", INKS[2]), ("unfinished", INKS[1]), ("withdrew", "#8d8896")]
    data = [
        {
            "type": "bar", "name": state, "x": list(range(highest + 1)), "marker": {"color": ink},
            "y": [counts[state, trials] for trials in range(highest + 1)],
            "hovertemplate": f"{state}, %{{x}} trials: %{{y}} people<extra></extra>",
        }
        for state, ink in names
    ]  # fmt: skip
    return {"data": data, "layout": _layout(
        "How far people have come", barmode="stack", showlegend=True, height=340,
        xaxis={"title": {"text": "trials ended"}, "dtick": 1, "zeroline": False}, yaxis={"title": {"text": "people"}},
    )}  # fmt: skip
