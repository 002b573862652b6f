"""``workbench study replay``: logged sessions played again, here or in the app."""

from __future__ import annotations

import argparse

_WHERE = "where the log is kept: a folder, sqlite:FILE or hub:OWNER/DATASET"


def add_parsers(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``replay`` to ``workbench study``."""
    parser = commands.add_parser("replay", help="play sessions again: each change, each hash, each note of the Genie")
    parser.add_argument("where", metavar="WHERE", help=_WHERE)
    parser.add_argument("--session", metavar="ID", help="only this one, by its id or how that begins")
    parser.add_argument("-o", dest="output", metavar="FILE", help="save the piece that the session ends with")
    parser.add_argument("--open", action="store_const", const=None, dest="run", help="in the app, at any speed")
    parser.add_argument("--port", type=int, default=None, help="port to listen on (default: the first free from 7860)")
    parser.set_defaults(run=run, serves="replay")


def run(arguments: argparse.Namespace) -> str:
    """Play sessions again; returns the lines to print. (With ``--open`` the command line starts the app instead.)

    Raises:
        BadDocument: a session does not play again as the log says; the sentence says which and where.
        BadRequest: there is no such session, or several and one file to save.
        WorkbenchError: the log cannot be read.
    """
    from workbench.errors import BadDocument, BadRequest
    from workbench.study.log.read import load
    from workbench.study.replay import replay

    wanted = arguments.session or ""
    logs = [log for log in load(arguments.where) if log.session.startswith(wanted)]
    if not logs:
        raise BadRequest("There is no such session in this log." if wanted else "There is no session in this log yet.")
    if arguments.output and len(logs) > 1:
        raise BadRequest("Several sessions cannot be saved as one piece; name one with --session.")
    lines, wrong = [], 0
    for log in logs:
        try:
            found = replay(log)
        except BadDocument as problem:
            lines.append(f"{log.session[:12]}: {problem}")
            wrong += 1
            continue
        lines.append(
            f"{log.session[:12]}: {len(log.events)} events, {found.changes} changes, {found.checks} hashes as in the "
            f"log, ends with {found.hash[:12] if found.hash else 'no piece'}{_genie(log)}"
        )
        if arguments.output and found.score is not None:
            found.score.save(arguments.output)
            lines.append(f"Saved as {arguments.output}.")
    if wrong:
        raise BadDocument("\n".join([*lines, f"{wrong} of {len(logs)} sessions do not play again."]))
    return "\n".join(lines)


def _genie(log: object) -> str:
    """What came of the Genie's takes in a session, in words."""
    from workbench.create.genie.again import play_again
    from workbench.study.replay import takes

    same = other = 0
    for layer in takes(log):  # type: ignore[arg-type]
        now, then = play_again(layer)
        same += sum(a == b for a, b in zip(now, then, strict=True))
        other += sum(a != b for a, b in zip(now, then, strict=True))
    if not same + other:
        return ""
    return f"; the Genie plays {same} of {same + other} notes as it did"
