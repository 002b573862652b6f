"""The tables and numbers of the researcher's page as HTML; everything that comes from people is escaped."""

from __future__ import annotations

import html
import time
from collections.abc import Iterable, Sequence

from workbench.study.tables.live import Snapshot
from workbench.study.tables.said import figure
from workbench.study.tables.summary import MEASURES

_STATES = {
    "here": "here now", "away": "away", "finished": "finished", "withdrew": "withdrew",
}  # fmt: skip
#: Statuses of the study's own list of people.
_ROWS = {"open": "on the way", "done": "done", "dropped": "dropped out", "erasing": "withdrew", "withdrawn": "withdrew"}

STYLE = """
.wbr { padding: 0 16px; max-width: 1280px; margin: 0 auto; width: 100%; box-sizing: border-box; }
.wbr h1 { font-size: 22px; margin: 16px 0 2px; } .wbr h2 { font-size: 16px; margin: 18px 0 6px; }
.wbr p { margin: 2px 0; }
.wbr .soft { color: var(--body-text-color-subdued); }
.wbr .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(130px, 1fr)); gap: 10px; margin: 12px 0 0; }
.wbr .tile { background: var(--background-fill-primary); border-radius: 10px; padding: 10px 14px; }
.wbr .tile b { display: block; font-size: 26px; line-height: 1.2; font-variant-numeric: tabular-nums; }
.wbr .scroll { overflow-x: auto; background: var(--background-fill-primary); border-radius: 10px; max-height: 420px; }
.wbr .scroll.whole { max-height: none; }
.wbr table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; margin: 0; }
.wbr table, .wbr thead, .wbr tbody, .wbr tr { border: 0 !important; }
.wbr th, .wbr td { text-align: left; padding: 8px 12px; white-space: nowrap; border: 0;
  border-bottom: 1px solid var(--border-color-primary); }
.wbr th { font-weight: 550; color: var(--body-text-color-subdued); position: sticky; top: 0;
  background: var(--background-fill-primary); }
.wbr td.name { white-space: normal; min-width: 110px; }
.wbr td.wide { white-space: normal; min-width: 220px; }
.wbr code { font-family: ui-monospace, monospace; background: none; }
.wbr .state { display: inline-flex; align-items: center; gap: 7px; }
.wbr .state::before { content: ""; width: 9px; height: 9px; border-radius: 50%; background: #8d8896; }
.wbr .state.here::before { background: #1f9d80; }
.wbr .state.finished::before { background: #5b7fe0; border-radius: 2px; }
.wbr .state.away::before { background: none; border: 2px solid #d98316; box-sizing: border-box; }
.wbr .bad { color: light-dark(#a5301f, #f39a8a); font-weight: 550; }
"""


def _table(names: Sequence[str], rows: Iterable[Sequence[str]], empty: str, kind: str = "scroll") -> str:
    cells = [
        f"<tr>{''.join(cell if cell.startswith('<td') else f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows
    ]
    if not cells:
        return f'<p class="soft">{empty}</p>'
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    inner = f"<thead><tr>{head}</tr></thead><tbody>{''.join(cells)}</tbody>"
    return f'<div class="{kind}" tabindex="0"><table>{inner}</table></div>'


def head(now: Snapshot) -> str:
    """Title, numbers, and the figures of each condition."""
    count = len(now.people) + max(0, now.states.get("withdrew", 0) - now.summary.count("withdrew"))
    tiles = [("people", count), *((name, now.states.get(state, 0)) for state, name in _STATES.items())]
    missing = sum(one.missing for one in now.people)
    tiles += [("trials", len(now.summary.trials)), ("votes", now.summary.comparison.votes), ("events missing", missing)]
    made = "".join(f'<div class="tile"><b>{number:,}</b>{name}</div>' for name, number in tiles)
    title = html.escape(now.title or "Study")
    return f'<div class="wbr"><h1>{title}</h1><p class="soft">As of {_clock(time.time())}</p>' \
        f'<div class="tiles">{made}</div>{_remarks(now)}</div>'  # fmt: skip


def _remarks(now: Snapshot) -> str:
    remarks = [*now.summary.remarks, *now.summary.comparison.remarks]
    return "".join(f"<p>{html.escape(remark)}</p>" for remark in remarks[:20])


def conditions(now: Snapshot) -> str:
    """The figures, a column a condition."""
    shown = now.summary.conditions if len(now.summary.conditions) > 1 else (now.summary.everything,)
    names = ["", *(html.escape(one.name or "all trials") for one in shown)]
    rows = [
        [f'<td class="name">{what[:1].upper() + what[1:]}</td>', *(figure(one.figures[name], unit) for one in shown)]
        for name, (what, unit, _) in MEASURES.items()
        if any(one.figures[name] is not None for one in shown)
    ]
    rows += [
        [
            f'<td class="name">{html.escape(name.replace("_", " "))}</td>',
            *(figure(one.scores.get(name)) for one in shown),
        ]
        for name in sorted({name for one in shown for name in one.scores})
    ]
    table = _table(names, rows, "Nothing to count yet.", "scroll whole")
    return f'<div class="wbr"><h2>By condition</h2>{table}</div>'


def people(now: Snapshot) -> str:
    """Everybody, the one heard of last first."""
    names = ["mark", "state", "conditions", "last step", "trials ended", "minutes", "heard of", "missing", "errors"]
    rows = [
        [
            f"<code>{html.escape(one.mark)}</code>",
            f'<span class="state {html.escape(one.state)}">{html.escape(_STATES.get(one.state, one.state))}</span>',
            html.escape(one.order), html.escape(one.step), str(one.trials), f"{one.minutes:.0f}", _ago(one.last),
            _count(one.missing), _count(one.errors),
        ]
        for one in now.people
    ]  # fmt: skip
    return f'<div class="wbr"><h2>People</h2>{_table(names, rows, "Nobody has come yet.")}</div>'


def assignment(now: Snapshot) -> str:
    """The table of who meets which conditions in which order."""
    rows = [
        [str(number), html.escape(order), html.escape(", then ".join(_ROWS.get(s, s) for s in state.split(", then ")))]
        for number, order, state in now.table
    ]
    table = _table(["row", "conditions in order", "taken by"], rows, "This study has no table of conditions.")
    return f'<div class="wbr"><h2>Assignment table</h2>{table}</div>'


def troubles(now: Snapshot) -> str:
    """Errors that people met, the newest first, and where events are missing."""
    rows = [
        [
            _clock(one.when / 1000), f"<code>{html.escape(one.mark)}</code>",
            f'<td class="wide">{html.escape(one.sentence)}</td>',
        ]
        for one in now.troubles
    ]  # fmt: skip
    errors = _table(["when", "who", "what they were told"], rows, "Nobody has met an error.")
    gaps = [[f"<code>{html.escape(one.mark)}</code>", _count(one.missing)] for one in now.people if one.missing]
    holes = _table(["who", "events that never arrived"], gaps, "No event is missing.")
    return f'<div class="wbr"><h2>Errors</h2>{errors}<h2>Gaps</h2>{holes}</div>'


def _count(number: int) -> str:
    return f'<span class="bad">{number:,}</span>' if number else "0"


def _ago(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s ago"
    if seconds < 5_400:
        return f"{seconds / 60:.0f} min ago"
    return f"{seconds / 3_600:.0f} h ago" if seconds < 172_800 else f"{seconds / 86_400:.0f} days ago"


def _clock(moment: float) -> str:
    return time.strftime("%d %b %H:%M:%S UTC", time.gmtime(moment))
