"""``workbench study``: a study with people, from its file to its tables.

``serve`` is declared here and run by :mod:`workbench.cli`, which alone starts apps.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from workbench.commands import study_replay, study_tables
from workbench.errors import BadFile, BadRequest, Unavailable

Arguments = argparse.Namespace


def add_parser(subparsers: Any) -> None:
    """Mount ``study`` and its commands on the ``add_subparsers()`` of the command line."""
    top = subparsers.add_parser("study", help="studies with people: plan, rehearse, run, look at what came of it")
    top.set_defaults(run=_help)
    commands = top.add_subparsers(dest="study_command", metavar="COMMAND", parser_class=type(top))
    for name, run, words in (
        ("new", _new, "write a commented example to start from"),
        ("rehearse", _rehearse, "let simulated people go through every path; expected power and duration"),
        ("freeze", _freeze, "write down what the study runs on; checked at every start"),
        ("documents", _documents, "information sheet, data management, preregistration"),
        ("serve", None, "run the study: participants at /, the researcher at /researcher"),
    ):
        command = commands.add_parser(name, help=words)
        command.set_defaults(run=run, serves="study")
        command.add_argument("file", metavar="FILE", type=Path, help="the study, a YAML file")
        if name == "rehearse":
            command.add_argument("--people", type=int, default=24, metavar="N", help="how many (default: 24)")
            command.add_argument("--seed", type=int, default=0, help="equal seeds give equal rehearsals")
        if name == "documents":
            command.add_argument("-o", dest="output", metavar="DIR", type=Path, required=True, help="folder to write")
        if name == "serve":
            _serving(command)
    study_replay.add_parsers(commands)
    study_tables.add_parsers(commands)


def _serving(command: argparse.ArgumentParser) -> None:
    where = "where the log is kept: a folder, sqlite:FILE or hub:OWNER/DATASET"
    command.add_argument("--data", metavar="WHERE", required=True, help=where)
    command.add_argument("--password-file", metavar="FILE", type=Path, help="the researcher's password, on one line")
    command.add_argument("--salt-file", metavar="FILE", type=Path, help="the secret that makes ids; never with the log")
    command.add_argument("--rules", metavar="FILE", type=Path, help="limits for participants; see the README")
    command.add_argument("--anyway", action="store_true", help="start although something differs from the lock")
    command.add_argument("--host", default="127.0.0.1", help="address to listen on (0.0.0.0: the whole network)")
    command.add_argument("--port", type=int, default=None, help="port to listen on (default: the first free from 7860)")
    command.add_argument("--allow-host", action="append", default=[], metavar="NAME", help="a name it is reached by")


def _help(_: Arguments) -> str:
    return "Begin with: workbench study new my-study.yaml"


def _new(arguments: Arguments) -> str:
    from workbench import fsutil
    from workbench.study.plan import EXAMPLE

    path: Path = arguments.file
    if path.exists():
        raise BadRequest(f"{fsutil.shown(path)} is there already; name another file.")
    fsutil.write_file(path, EXAMPLE.read_bytes())
    return f"{path} is an example; change it, then try it out with: workbench study rehearse {path}"


def _rehearse(arguments: Arguments) -> str:
    from workbench.study.plan.load import load_study
    from workbench.study.rehearse import rehearse

    if not 1 <= arguments.people <= 1_000:
        raise BadRequest("Between 1 and 1,000 people can rehearse a study.")
    done = rehearse(load_study(arguments.file), arguments.people, arguments.seed)
    if done.problems:
        raise BadFile("\n".join(done.lines()))
    return "\n".join(done.lines())


def _freeze(arguments: Arguments) -> str:
    from workbench.study.freeze import freeze, place
    from workbench.study.plan.load import load_study

    study = load_study(arguments.file)
    digest = freeze(study)
    return f"{place(study).name} holds what the study runs on ({digest[:12]}); it is checked at every start."


def _documents(arguments: Arguments) -> str:
    from workbench.study.documents import write
    from workbench.study.plan.load import load_study

    files = write(load_study(arguments.file), arguments.output)
    return f"{len(files)} documents written to {arguments.output}"


def password(path: Path | None) -> str:
    """The researcher's password from its file; "" without one. Raises :class:`BadFile`, :class:`Unavailable`."""
    if path is None:
        return ""
    try:
        found = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Unavailable(f"The password in {path.name} cannot be read; look at the file.") from error
    if not found:
        raise BadFile(f"There is no password in {path.name}.")
    return found
