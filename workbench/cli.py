"""The command line: ``workbench COMMAND ...``, the same names as in Python, one line of plain result each.

Exit code 0, or 1 with one sentence on standard error. A failed or interrupted command leaves no half-written
output. ``WORKBENCH_DEBUG=1`` shows the traceback of an unexpected error.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from workbench import __version__
from workbench.errors import WorkbenchError

#: Modules that bring commands, each through ``add_parser(subparsers)``; all are light to import.
COMMANDS = (
    "workbench.sound.cli_sound",
    "workbench.create.cli_infill",
    "workbench.hub.cli_models",
    "workbench.bench",
)


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints are one sentence and exit with 1."""

    def error(self, message: str) -> NoReturn:
        self.exit(1, f"{message[:1].upper()}{message[1:]}; see '{self.prog} --help'.\n")


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = _Parser(prog="workbench", description="Make music you own: open, fill, play and hand over.")
    top.add_argument("--version", action="version", version=f"workbench {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    for name in COMMANDS:
        importlib.import_module(name).add_parser(commands)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # file names may hold letters that the terminal's encoding lacks
            stream.reconfigure(errors="replace")
    try:
        arguments = parser().parse_args(argv)
        run: Callable[[Any], str | None] | None = getattr(arguments, "run", None)
        if run is None:
            parser().print_help()
            return 0
        line = run(arguments)
        if line:
            print(line)
        return 0
    except WorkbenchError as error:
        print(error, file=sys.stderr)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
    except BrokenPipeError:
        sys.stderr.close()  # whoever read the output has left; nothing more can be said
    except Exception as error:
        if os.environ.get("WORKBENCH_DEBUG"):
            raise
        kind = type(error).__name__
        print(f"The workbench met an error it did not expect ({kind}: {error}); please report it.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
