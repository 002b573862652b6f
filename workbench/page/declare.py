"""From the table of messages: the browser's types and the table in its README, so that a message is declared once.

``python -m workbench.page.declare`` writes both into a checkout; a test compares them with the table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from workbench.page.rows import NEED, Call, Fields, Job
from workbench.page.table import Table, built_in, join

WEB = Path(__file__).resolve().parent.parent / "web" / "src"
TYPES = WEB / "host" / "messages.ts"
README = WEB / "README.md"
BEGIN, END = "<!-- messages: written by workbench.page.declare -->", "<!-- end of messages -->"

_HEAD = """\
/**
 * The messages between a page and the server; the rules stand in `src/README.md`.
 * Written by `python -m workbench.page.declare` from the table in `workbench/page/table.py`: change a row there.
 */
import type { Change, Source } from "../document/history.js";
import type { Operation } from "../document/operations.js";

/** Plain JSON whose form is checked where it is read. */
export type Json = Readonly<Record<string, unknown>>;
/** Something worth logging that is no change. */
export interface Told { readonly kind: string; readonly payload: Json }
/** A change or an event with its number on this page, and when it was (milliseconds since 1970). */
export type Made<T> = T & { readonly n: number; readonly time: number };
"""
#: What every job may send beside its own.
_PROGRESS: Fields = {"done": "number | null", "seconds_left": "number | null", "text": "string", "waiting?": "number"}


def _object(fields: Fields) -> str:
    if not fields:
        return "Record<never, never>"
    inside = "; ".join(f"readonly {name}: {kind}" for name, kind in fields.items())
    return f"{{ {inside} }}"


def _interface(name: str, comment: str, rows: Iterator[tuple[str, str]]) -> str:
    lines = [f"/** {comment} */", f"export interface {name} {{"]
    lines += [f'  readonly "{key}": {value};' for key, value in rows]
    return "\n".join([*lines, "}"])


def _replies(call: Call) -> str:
    return " | ".join(
        f'({{ readonly type: "{kind}" }} & {_object(fields)})' if fields else f'{{ readonly type: "{kind}" }}'
        for kind, fields in _with_need(call.replies, call.document).items()
    )


def _with_need(messages: Mapping[str, Fields], document: bool) -> Mapping[str, Fields]:
    return {**messages, **(NEED if document else {})}


def _partials(job: Job) -> str:
    return _object({kind: _object(fields) for kind, fields in _with_need(job.partials, job.document).items()})


def typescript(table: Table) -> str:
    """The text of ``host/messages.ts``."""
    calls, jobs = table.calls.values(), table.jobs.values()
    return (
        "\n\n".join(
            [
                _HEAD.rstrip(),
                _interface("CallFields", "What each call carries.", ((row.name, _object(row.fields)) for row in calls)),
                _interface(
                    "CallReplies",
                    "What may answer each call; `error` may always, and is thrown.",
                    ((row.name, _replies(row)) for row in calls),
                ),
                _interface(
                    "JobFields",
                    "What each job carries beside its id.",
                    ((job.name, _object(job.fields)) for job in jobs),
                ),
                _interface("JobResults", "What each job ends with.", ((row.name, _object(row.result)) for row in jobs)),
                _interface(
                    "JobPartials",
                    "What each job may send meanwhile, by its type.",
                    ((row.name, _partials(row)) for row in jobs),
                ),
                "/** How far a job is. `waiting`: jobs that come before it. */\n"
                f"export interface Progress {_object(_PROGRESS)}",
                _interface(
                    "Pushes",
                    "What the server sends of its own accord.",
                    ((row.name, _object(row.fields)) for row in table.pushes.values()),
                ),
            ]
        )
        + "\n"
    )


def _cells(fields: Fields) -> str:
    return ", ".join(f"`{name}`" for name in fields) or "none"


def markdown(table: Table) -> str:
    """The table of messages for people, as Markdown."""
    lines = ["| call | fields | reply | |", "|---|---|---|---|"]
    for call in table.calls.values():
        reply = "; ".join(
            f"`{kind}`" + (f" {{{_cells(fields)}}}" if fields else "")
            for kind, fields in _with_need(call.replies, call.document).items()
        )
        host = " Jupyter alone." if call.host == "jupyter" else ""
        lines.append(f"| `{call.name}` | {_cells(call.fields)} | {reply} | {call.about}{host} |")
    lines += ["", "| job | fields beside `id` | meanwhile | `result` | |", "|---|---|---|---|---|"]
    for job in table.jobs.values():
        lines.append(_job(job))
    lines += ["", "| push | fields | |", "|---|---|---|"]
    lines += [f"| `{row.name}` | {_cells(row.fields)} | {row.about} |" for row in table.pushes.values()]
    return "\n".join(lines) + "\n"


def _job(job: Job) -> str:
    meanwhile = _with_need(job.partials, job.document)
    partials = "; ".join(f"`{kind}` {{{_cells(fields)}}}" for kind, fields in meanwhile.items())
    return f"| `{job.name}` | {_cells(job.fields)} | {partials} | {_cells(job.result)} | {job.about} |"


def readme(text: str, table: Table) -> str:
    """The README with its table brought up to date."""
    before, rest = text.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    return f"{before}{BEGIN}\n{markdown(table)}{END}{after}"


def main() -> None:
    """Write both files."""
    table = join(built_in())
    TYPES.write_text(typescript(table), encoding="utf-8")
    README.write_text(readme(README.read_text(encoding="utf-8"), table), encoding="utf-8")


if __name__ == "__main__":
    main()
