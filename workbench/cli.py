"""The command line: ``workbench COMMAND ...``, the same names as in Python, one line of plain result each.

Exit code 0, or 1 with one sentence on standard error. A failed or interrupted command leaves no half-written
output. ``WORKBENCH_DEBUG=1`` shows the traceback of an unexpected error.
"""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from workbench import __version__
from workbench.errors import Unavailable, WorkbenchError
from workbench.hub.plugins import offers
from workbench.resources import WEIGHT_SETS

if TYPE_CHECKING:
    from workbench.hub.public import PublicRules
    from workbench.ui.app import App

#: Modules that bring commands, each through ``add_parser(subparsers)``; all are light to import.
COMMANDS = (
    "workbench.commands.sound",
    "workbench.commands.infill",
    "workbench.commands.extend",
    "workbench.commands.arrange",
    "workbench.commands.chords",
    "workbench.commands.compose",
    "workbench.commands.genie",
    "workbench.commands.hear",
    "workbench.commands.watch",
    "workbench.commands.readscore",
    "workbench.commands.models",
    "workbench.commands.spaces",
    "workbench.commands.bundle",
    "workbench.commands.study",
    "workbench.commands.neighbours",
    "workbench.commands.mark",
    "workbench.commands.taste",
    "workbench.commands.verify",
    "workbench.commands.bench",
    "workbench.commands.evaluate",
)
#: Entry points of plug-ins that bring commands, each naming its ``add_parser(subparsers)``.
GROUP = "workbench.commands"


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints are one sentence and exit with 1."""

    def error(self, message: str) -> NoReturn:
        self.exit(1, f"{message[:1].upper()}{message[1:]}; see '{self.prog} --help'.\n")


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = _Parser(prog="workbench", description="Make music you own: open, fill, play and hand over.")
    top.add_argument("--version", action="version", version=f"workbench {__version__}")
    top.add_argument(
        "--weights", choices=WEIGHT_SETS,
        help="offer the weights that learnt from free music alone, or those that learnt from pop songs too",
    )  # fmt: skip
    top.add_argument("--host", default="127.0.0.1", help="address to listen on (0.0.0.0: the whole network)")
    top.add_argument("--port", type=int, default=None, help="port to listen on (default: the first free from 7860)")
    top.add_argument("--public", action="store_true", help="keep to the rules for strangers: limits, no downloads")
    top.add_argument(
        "--rules", type=Path, metavar="FILE", help="the rules for strangers from this file; see the README"
    )
    top.add_argument(
        "--allow-host", action="append", default=[], metavar="NAME", help="a further name it is reached by"
    )
    top.add_argument(
        "--log", metavar="PLACE", default=os.environ.get("WORKBENCH_LOG", ""),
        help="where to keep what those do who agree to help research: a folder, sqlite:FILE or hub:OWNER/DATASET",
    )  # fmt: skip
    top.add_argument(
        "--log-days", metavar="DAYS", type=int, default=0, help="delete it after so many days (default: never)"
    )
    top.add_argument("--ray", metavar="ADDRESS", help="run models on the computers of this Ray cluster")
    top.add_argument("--replicas", type=int, metavar="N", help="how many run there at once (default: its processors)")
    room = top.add_argument_group("a class around this computer")
    room.add_argument("--class", dest="room", action="store_true", help="open it to the local network, with a code")
    room.add_argument("--code", metavar="CODE", help="the class code (default: a new one)")
    room.add_argument("--no-https", action="store_true", help="plain HTTP: no warning, no microphone")
    top.set_defaults(run=serve, replay="")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    for name in COMMANDS:
        importlib.import_module(name).add_parser(commands)
    offered, problems = offers(GROUP)
    for name, add_parser in offered:
        try:
            add_parser(commands)
        except Exception as error:  # a name that is taken, or a fault of the plug-in's own
            problems.append(f"The plug-in {name} brings no command ({type(error).__name__}).")
    for problem in problems:
        print(problem, file=sys.stderr)
    return top


def _prepare() -> None:
    """Make the settings of the process that serves an app, before Gradio is imported; nowhere deeper."""
    from workbench.ui.process import settings

    os.environ.update(settings())
    try:
        import gradio
    except ImportError as error:
        raise Unavailable("The app needs its extra; install it with: pip install 'music-workbench[app]'.") from error
    from workbench.ui.components import PUBLIC

    gradio.set_static_paths(PUBLIC)


def _offer(weights: str | None, rules: bool | PublicRules | None) -> None:
    """Choose the set of weights of this process: what the command line says, else the owner's rules."""
    chosen = weights or getattr(rules, "weights", "")
    if chosen:
        os.environ["WORKBENCH_WEIGHTS"] = chosen


def _run(app: App, what: str, host: str, port: int | None, lines: Callable[[str], Iterable[str]]) -> None:
    """Let an app listen and keep it running until Ctrl+C; ``lines`` gives what is printed, by its address."""
    try:
        _, address, _ = app.blocks.launch(
            server_name=host, server_port=port, prevent_thread_lock=True, quiet=True, **app.launch_options
        )
    except OSError as error:
        app.pages.close()
        raise Unavailable(f"The {what} cannot listen on port {port or 7860}: choose another --port.") from error
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever ends it so leaves no files behind either
    print(*lines(address), sep="\n", flush=True)
    app.blocks.block_thread()


def serve(arguments: argparse.Namespace) -> None:
    """Start the app and keep it running until Ctrl+C."""
    _prepare()
    from workbench.hub.public import PublicRules
    from workbench.ui.app import Settings, build
    from workbench.ui.process import free_port, keep_quiet

    rules: bool | PublicRules = PublicRules.load(arguments.rules) if arguments.rules else arguments.public
    _offer(arguments.weights, rules)
    host, port, room = arguments.host, arguments.port, None
    if arguments.room:
        from workbench.ui.classroom.room import RULES, Room

        host, port = "0.0.0.0" if host == "127.0.0.1" else host, port or free_port()
        rules = rules if isinstance(rules, PublicRules) else RULES
        room = Room.open(port, https=not arguments.no_https, code=arguments.code)
    if rules:
        keep_quiet()
    cluster = None
    if arguments.ray:
        from workbench.hub.executor.cluster import Cluster

        own = PublicRules() if rules is True else rules or None
        cluster = Cluster(arguments.ray, replicas=arguments.replicas, rules=own)
    kept = {"log": arguments.log, "log_days": max(0, arguments.log_days), "cluster": cluster}
    app = build(
        Settings(rules, host=host, names=tuple(arguments.allow_host), room=room, replay=arguments.replay, **kept)
    )
    _run(app, "app", host, port, lambda address: [
        room.lines() if room else f"The workbench is open at {address} (Ctrl+C ends it)"
    ])  # fmt: skip


def serve_replay(arguments: argparse.Namespace) -> None:
    """Start the app with logged sessions to be played again."""
    plain = parser().parse_args([])
    plain.port, plain.replay = arguments.port, arguments.where
    serve(plain)


def serve_study(arguments: argparse.Namespace) -> None:
    """Start a study and keep it running until Ctrl+C."""
    _prepare()
    from workbench.commands.study import password
    from workbench.hub.public import PublicRules
    from workbench.ui.process import keep_quiet
    from workbench.ui.studyserver import study_app

    keep_quiet()
    rules = PublicRules.load(arguments.rules) if arguments.rules else None
    _offer(arguments.weights, rules)
    app, remarks = study_app(
        arguments.file, arguments.data, password=password(arguments.password_file), salt=arguments.salt_file,
        rules=rules, anyway=arguments.anyway,
        host=arguments.host, names=tuple(arguments.allow_host),
    )  # fmt: skip
    print(*remarks, sep="\n", flush=True)

    def lines(address: str) -> Iterator[str]:
        yield f"The study is open at {address} (Ctrl+C ends it)"
        if app.researcher is not None:
            yield f"The researcher's page is at {address.rstrip('/')}/researcher"

    _run(app, "study", arguments.host, arguments.port, lines)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    # Read when numpy is imported. A fill is many small products of matrices: on two busy cores, threads for them made
    # it 15 times slower.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # file names may hold letters that the terminal's encoding lacks
            stream.reconfigure(errors="replace")
    try:
        arguments = parser().parse_args(argv)
        _offer(arguments.weights, None)
        # What a command leaves to this module, which may import the app, it names by ``serves``.
        run: Callable[[Any], str | None] = (
            arguments.run or {"study": serve_study, "replay": serve_replay}[arguments.serves]
        )
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
