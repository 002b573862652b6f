"""``workbench study summarize``, ``export`` and ``preferences``: from the log of a study to tables, figures, an
archive, and the pairs of ideas of which people preferred one."""

from __future__ import annotations

import argparse

_WHERE = "where the log is kept: a folder, sqlite:FILE or hub:OWNER/DATASET"


def add_parsers(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``summarize``, ``export`` and ``preferences`` to ``workbench study``."""
    summarize = commands.add_parser("summarize", help="tables, figures and a mixed-model script, in a folder")
    summarize.add_argument("where", metavar="WHERE", help=_WHERE)
    summarize.add_argument("-o", dest="output", metavar="DIR", required=True, help="the folder to write")
    summarize.set_defaults(run=run_summarize)
    export = commands.add_parser("export", help="everything in one archive without a person's id, with a dictionary")
    export.add_argument("where", metavar="WHERE", help=_WHERE)
    export.add_argument("-o", dest="output", metavar="ZIP", required=True, help="the archive to write")
    export.add_argument("--study", metavar="FILE", help="the study file, to lie in the archive")
    export.add_argument("--freeze", metavar="FILE", help="the freeze file, to lie in the archive")
    export.set_defaults(run=run_export)
    pairs = commands.add_parser(
        "preferences", help="which of two ideas people kept, a line a pair, where they agreed to it"
    )
    pairs.add_argument("where", metavar="WHERE", help=_WHERE)
    pairs.add_argument("-o", dest="output", metavar="FILE", required=True, help="the file to write, JSON lines")
    pairs.add_argument("--box", default="training", metavar="ID", help="the consent's box for this (default: training)")
    pairs.set_defaults(run=run_preferences)


def run_summarize(arguments: argparse.Namespace) -> str:
    """Write the folder; returns the line to print.

    Raises:
        WorkbenchError: the log cannot be read or the folder cannot be written.
    """
    from workbench.study.tables.writing import write_summary

    return write_summary(arguments.where, arguments.output)


def run_export(arguments: argparse.Namespace) -> str:
    """Write the archive; returns the line to print.

    Raises:
        WorkbenchError: the log cannot be read, or the archive cannot be written.
    """
    from workbench.study.tables.exporting import export

    return export(arguments.where, arguments.output, study=arguments.study, freeze=arguments.freeze)


def run_preferences(arguments: argparse.Namespace) -> str:
    """Write the file; returns the line to print.

    Raises:
        BadRequest: nobody agreed to it, or there is no choice to export.
        WorkbenchError: the log cannot be read, or the file cannot be written.
    """
    from workbench.study.preferences import export

    return export(arguments.where, arguments.output, box=arguments.box)
