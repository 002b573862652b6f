"""The tables as data frames, CSV and Parquet.

Parquet is written by ``fastparquet`` (14 MB installed with all that it needs; ``pyarrow`` takes 150 MB for what is a
few small flat tables, and once it is there pandas keeps its texts in it, so that installing it changes results).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import Unavailable
from workbench.fsutil import replacing_file
from workbench.study.tables.pseudonyms import Pseudonyms
from workbench.study.tables.rows import COLUMNS, Row, tables
from workbench.study.tables.summary import Summary, summarize

if TYPE_CHECKING:
    import pandas

#: A spreadsheet takes a cell that begins so for a formula; an apostrophe before it makes it a text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def tidy(where: Any) -> pandas.DataFrame:
    """One row a trial: what every measure of every trial is, with codes of its own for people and sittings.

    Args:
        where: as for :func:`~workbench.study.tables.summary.summarize`.

    Raises:
        WorkbenchError: nothing can be read there, or pandas is not installed.
    """
    summary = where if isinstance(where, Summary) else summarize(where)
    return frame(tables(summary, pseudonyms(summary))["trials"], names_of("trials", summary))


def pseudonyms(summary: Summary) -> Pseudonyms:
    """Codes for everybody in a summary, new each time."""
    return Pseudonyms((one.person for one in summary.people), (name for one in summary.people for name in one.sittings))


def names_of(table: str, summary: Summary) -> list[str]:
    """The columns of a table in order; trials have those of the questionnaires too."""
    own = list(COLUMNS[table])
    if table == "trials":
        own += sorted({name for trial in summary.trials for name in trial.scores})
    return own


def frame(rows: Sequence[Row], names: Sequence[str]) -> pandas.DataFrame:
    """A data frame whose whole numbers stay whole and whose gaps stay gaps.

    Raises:
        Unavailable: pandas is not installed.
    """
    try:
        import pandas
    except ImportError as error:
        raise Unavailable("This needs pandas; install it with: pip install 'music-workbench[study]'.") from error
    made = {name: pandas.Series([row.get(name) for row in rows], dtype=_kind(name, rows)) for name in names}
    return pandas.DataFrame(made)


def _kind(name: str, rows: Sequence[Row]) -> Any:
    kinds = {type(row.get(name)) for row in rows} - {type(None)}
    if not kinds or str in kinds:
        return "object"
    if kinds == {bool}:
        return "boolean"
    return "Int64" if kinds == {int} else "float64"


def write_csv(path: Path, rows: Iterable[Mapping[str, Any]], names: Sequence[str]) -> None:
    """One table as CSV (UTF-8, a header, gaps empty); texts that a spreadsheet would run get an apostrophe.

    Raises:
        Unavailable: it cannot be written.
    """
    with replacing_file(path) as place, place.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([_cell(row.get(name)) for name in names] for row in rows)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        return f"{value:.10g}"
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text


def write_parquet(path: Path, rows: Sequence[Row], names: Sequence[str]) -> None:
    """One table as Parquet.

    Raises:
        Unavailable: it cannot be written, or an extra is missing.
    """
    made = frame(rows, names)
    try:
        import fastparquet
    except ImportError as error:
        raise Unavailable("Parquet needs its extra; install it with: pip install 'music-workbench[study]'.") from error
    with replacing_file(path) as place:
        texts = {name: "utf8" for name in names if made[name].dtype == object}
        fastparquet.write(str(place), made, write_index=False, compression="GZIP", object_encoding=texts or "infer")
