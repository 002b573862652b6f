"""Entries for well-known Hub repositories that hold no ``workbench.toml`` (``models/templates.toml``).

Their commits and hashes are not part of this version: they are pinned when a person adds the repository, to what the
Hub reports then (trust on first use), and never change afterwards.
"""

from __future__ import annotations

import tomllib
from typing import Any

from workbench import resources
from workbench.errors import BadFile
from workbench.hub.card import read_table
from workbench.hub.weights.pins import ask, choose_weights

__all__ = ["choose_weights", "pin", "template"]

#: Memory beside the weights (torch, the cache, a prompt's pass), and bytes in memory for each on disk.
_BASE_MB, _GROWTH = 450, 1.1


def template(repo: str) -> dict[str, Any] | None:
    """The unfinished entry for a repository; None if there is none.

    Raises:
        BadFile: the file of this installation is broken (which the tests rule out).
    """
    path = resources.path("models/templates.toml")
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadFile("The list of model templates cannot be read; install the workbench again.") from error
    tables = read_table(data, {"templates"}, {"templates"}, "The list of model templates")["templates"]
    for table in tables.values():
        if repo in table["repos"]:
            return {name: value for name, value in table.items() if name != "repos"}
    return None


def pin(repo: str, commit: str, table: dict[str, Any]) -> dict[str, Any]:
    """The finished entry: the template with the files of the repository at ``commit`` and their sha256.

    Raises:
        BadFile: the repository has no weights that fit, or the Hub names no sha256 for them.
        Exception: whatever the client raises; the caller puts it into words.
    """
    found = ask(repo, commit)
    files = {name: file.sha256 for name, file in found.files.items()}
    size = sum(file.size for file in found.files.values())
    memory = _BASE_MB + round(_GROWTH * size / 1_000_000)
    facts = {**table.get("capabilities", {}), "pinned": "on first use, to what the Hub reported when it was added"}
    return {**table, "repo": repo, "revision": commit, "memory_mb": memory, "files": files, "capabilities": facts}
