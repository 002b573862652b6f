"""Entries for well-known Hub repositories that hold no ``workbench.toml`` (``models/templates.toml``).

Their commits and hashes are not part of this version: they are pinned when a person adds the repository, to what the
Hub reports then (trust on first use), and never change afterwards.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workbench import resources
from workbench.errors import BadFile
from workbench.hub.card import read_table

MAX_CONFIG = 1_000_000
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
#: Which weights of a repository are taken: the first kind that is there.
_WEIGHTS = (
    re.compile(r"model\.safetensors\Z"), re.compile(r"model-\d+-of-\d+\.safetensors\Z"),
    re.compile(r"pytorch_model\.bin\Z"), re.compile(r"pytorch_model-\d+-of-\d+\.bin\Z"),
)  # fmt: skip
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
    from huggingface_hub import HfApi, get_hf_file_metadata, hf_hub_download, hf_hub_url

    names = [item.rfilename for item in HfApi().model_info(repo, revision=commit).siblings or ()]
    files, size = {}, 0
    for name in ["config.json", *choose_weights(repo, names)]:
        found = get_hf_file_metadata(hf_hub_url(repo, name, revision=commit))
        digest = (found.etag or "").strip('"').lower()
        if name == "config.json":
            if (found.size or 0) > MAX_CONFIG:
                raise BadFile(f"The config.json of {repo} is too large; do not use it.")
            # A small file's tag is git's hash, not its sha256: it is fetched and hashed here.
            digest = hashlib.sha256(Path(hf_hub_download(repo, name, revision=commit)).read_bytes()).hexdigest()
        elif not _SHA256.match(digest):
            raise BadFile(f"The Hub names no sha256 for {name} of {repo}, so it cannot be pinned.")
        files[name] = digest
        size += found.size or 0
    memory = _BASE_MB + round(_GROWTH * size / 1_000_000)
    facts = {**table.get("capabilities", {}), "pinned": "on first use, to what the Hub reported when it was added"}
    return {**table, "repo": repo, "revision": commit, "memory_mb": memory, "files": files, "capabilities": facts}


def choose_weights(repo: str, names: Sequence[str]) -> list[str]:
    """The weight files to take: safetensors before torch checkpoints, one file before shards.

    Raises:
        BadFile: there is no config.json or no weights.
    """
    for pattern in _WEIGHTS:
        if chosen := sorted(name for name in names if pattern.match(name)):
            if "config.json" in names:
                return chosen
            break
    raise BadFile(f"The repository {repo} does not hold a config.json and weights of this kind; choose another.")
