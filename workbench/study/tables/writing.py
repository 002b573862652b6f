"""``study summarize``: the tables, figures and scripts of a study as a folder."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

from workbench.errors import Unavailable
from workbench.fsutil import replacing_folder, write_file
from workbench.study.tables.dictionary import dictionary
from workbench.study.tables.figures import STYLE, figures
from workbench.study.tables.frames import names_of, pseudonyms, write_csv, write_parquet
from workbench.study.tables.pseudonyms import Pseudonyms
from workbench.study.tables.rows import tables
from workbench.study.tables.said import headline, lines, to_json
from workbench.study.tables.scripts import scripts
from workbench.study.tables.summary import Summary, summarize

#: Columns of a data dictionary.
DICTIONARY = ("file", "name", "meaning", "unit")
_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; --body-text-color: #26242e; --body-text-color-subdued: #8d8896;
  --border-color-primary: #e3e0da; --page: #f7f6f3; --surface: #fff; }}
@media (prefers-color-scheme: dark) {{ :root {{ --body-text-color: #eeecf3; --body-text-color-subdued: #918c9f;
  --border-color-primary: #322f3c; --page: #16151b; --surface: #1e1d25; }} }}
body {{ margin: 0; padding: 20px; background: var(--page); color: var(--body-text-color);
  font: 15px/1.5 ui-sans-serif, system-ui, sans-serif; }}
main {{ max-width: 1100px; margin: auto; display: grid; gap: 14px;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); }}
header, pre {{ grid-column: 1 / -1; }}
h1 {{ font-size: 22px; margin: 0; }} p {{ margin: 4px 0; }}
.wb-figure {{ background: var(--surface); border-radius: 10px; padding: 8px; min-width: 0; }}
pre {{ background: var(--surface); border-radius: 10px; padding: 14px; margin: 0; white-space: pre-wrap;
  font: 13px/1.5 ui-monospace, monospace; }}
{style}</style>
<main><header><h1>{title}</h1><p>{line}</p></header>
{places}
<pre>{text}</pre></main>
<script src="plotly.min.js"></script>
<script>
const figures = {data};
for (const [name, figure] of Object.entries(figures))
  Plotly.newPlot(name, figure.data, figure.layout, {{ responsive: true, displaylogo: false }});
</script></html>
"""


def write_summary(where: Any, folder: str | Path) -> str:
    """Write everything about a study into a folder; gives a line to say.

    Args:
        where: as for :func:`~workbench.study.tables.summary.summarize`.
        folder: made, or replaced where it is empty or was written by this before.

    Raises:
        WorkbenchError: nothing can be read there, the folder cannot be written, or an extra is missing.
    """
    summary = where if isinstance(where, Summary) else summarize(where)
    with replacing_folder(folder) as place:
        write_tables(place, summary, pseudonyms(summary))
        write_csv(
            place / "dictionary.csv", [row for row in dictionary(summary) if "tables/" in row["file"]], DICTIONARY
        )
        write_file(place / "summary.json", _json(to_json(summary)))
        write_file(place / "summary.txt", ("\n".join(lines(summary)) + "\n").encode())
        write_file(place / "figures.html", figures_page(summary).encode())
        write_file(place / "plotly.min.js", _plotly())
        about = {"made_by": "workbench study summarize", "study": summary.study, "trials": len(summary.trials)}
        write_file(place / "manifest.json", _json(about))
    return f"{folder}: {headline(summary)}"


def write_tables(folder: Path, summary: Summary, names: Pseudonyms) -> None:
    """The tables as CSV and Parquet, and the scripts, into a folder that is there."""
    for name, rows in tables(summary, names).items():
        columns = names_of(name, summary)
        write_csv(folder / f"{name}.csv", rows, columns)
        write_parquet(folder / f"{name}.parquet", rows, columns)
    for name, text in scripts(summary).items():
        write_file(folder / name, text.encode())


def figures_page(summary: Summary) -> str:
    """All figures on one page, light or dark as the reader's system is; it needs ``plotly.min.js`` beside it."""
    made = figures(summary)
    places = "\n".join(f'<div class="wb-figure" id="{html.escape(name)}"></div>' for name in made)
    data = json.dumps(made, ensure_ascii=True).replace("<", "\\u003c")  # names of conditions may hold anything
    title = html.escape(f"Study {summary.study}" if summary.study else "A study")
    return _PAGE.format(
        title=title, style=STYLE, line=html.escape(headline(summary)), places=places,
        text=html.escape("\n".join(lines(summary))), data=data,
    )  # fmt: skip


def _plotly() -> bytes:
    try:
        from plotly.offline import get_plotlyjs
    except ImportError as error:
        raise Unavailable("The figures need plotly; install it with: pip install 'music-workbench[app]'.") from error
    return str(get_plotlyjs()).encode()


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()
