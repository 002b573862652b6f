"""Repositories whose commit nobody here has seen: pinned on first use, into the person's own lock file.

When such a model is first fetched the Hub is asked which commit its repository is at and which sha256 its files have;
both are written down (``models.lock.json`` in the person's settings) *before* anything is fetched, shown, and obeyed
ever after. This is trust on first use: nobody but the Hub vouches for that first commit, and nothing that comes later
can take its place.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from workbench.errors import BadFile, Unavailable
from workbench.hub import places
from workbench.hub.sources import HubRepo, check_name, is_commit, is_sha256
from workbench.hub.spec import ModelSpec
from workbench.hub.weights.hub import explain, is_offline

MAX_LOCK = 4_000_000
#: A file without a sha256 of the Hub's own is fetched and hashed here if it is at most this large, in bytes; the
#: vocabulary of a large language model takes nine million.
MAX_SMALL = 1_000_000
MAX_VOCABULARY = 16_000_000
#: Which weights of a repository are taken: the first kind that is there.
_WEIGHTS = (
    re.compile(r"model\.safetensors\Z"), re.compile(r"model-\d+-of-\d+\.safetensors\Z"),
    re.compile(r"pytorch_model\.bin\Z"), re.compile(r"pytorch_model-\d+-of-\d+\.bin\Z"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PinnedFile:
    """A file's sha256 and its size in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Pin:
    """What a repository was pinned to. ``date``: the day, ``2026-11-29``."""

    repo: str
    commit: str
    files: Mapping[str, PinnedFile] = field(default_factory=dict)
    date: str = ""

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        files = {name: {"sha256": item.sha256, "size": item.size} for name, item in self.files.items()}
        return {"commit": self.commit, "date": self.date, "files": files}


def find(repo: str) -> Pin | None:
    """What a repository is pinned to in the person's lock file; None if it is not.

    Raises:
        BadFile: the lock file is broken: nothing is pinned anew over it.
    """
    return _read().get(repo)


def pinned(spec: ModelSpec) -> ModelSpec:
    """The entry with commit and hashes from the lock file; as it was if it pins its own, or is not pinned yet."""
    if not spec.unpinned:
        return spec
    assert isinstance(spec.source, HubRepo)
    pin = find(spec.source.repo)
    if pin is None or not spec.files.keys() <= pin.files.keys():
        return spec
    files = {name: pin.files[name].sha256 for name in spec.files or pin.files}
    return replace(spec, source=HubRepo(pin.repo, pin.commit), files=files)


def pin(spec: ModelSpec) -> ModelSpec:
    """Ask the Hub for the commit and the hashes of an entry that has none, and write them down; the pinned entry.

    Raises:
        Unavailable: offline, unknown, gated, no network, or the settings folder cannot be written.
        BadFile: the repository has no weights that fit, or the Hub names no sha256 for them.
    """
    assert isinstance(spec.source, HubRepo)
    repo = spec.source.repo
    if is_offline():
        raise Unavailable(f"{repo} has not been fetched yet, and HF_HUB_OFFLINE forbids it; unset it and try again.")
    old = find(repo)
    try:
        new = ask(repo, old.commit if old else None, tuple(spec.files))
    except (BadFile, Unavailable):
        raise
    except Exception as error:  # the client's many kinds, and those of its HTTP library
        raise explain(error, repo) from error
    keep(new)
    return pinned(spec)


def unpin(repo: str) -> None:
    """Forget what a repository was pinned to: the next time it is fetched it is pinned anew."""
    with _locked():
        pins = _read()
        if pins.pop(repo, None) is not None:
            _write(pins)


def ask(repo: str, revision: str | None, names: Sequence[str] = ()) -> Pin:
    """The commit that ``revision`` (None: the main branch) names now, and the files' hashes as the Hub reports them.

    Args:
        repo: owner/name.
        revision: a branch, tag or commit.
        names: the files; none: config.json and the best weights there are.

    Raises:
        BadFile: a file is not there, or the Hub names no sha256 for it.
        Exception: whatever the client raises; the caller puts it into words.
    """
    from huggingface_hub import HfApi

    info = HfApi().model_info(repo, revision=revision, files_metadata=True)
    if not is_commit(info.sha):
        raise Unavailable(f"The Hub names no commit for {repo}; try again later.")
    there = {item.rfilename: item for item in info.siblings or ()}
    files = {}
    for name in names or ["config.json", *choose_weights(repo, list(there))]:
        check_name(name, f"the repository {repo}")
        if name not in there:
            raise BadFile(f"The repository {repo} has no file {name}; check the entry.")
        files[name] = _ask_file(repo, str(info.sha), name, there[name])
    return Pin(repo, str(info.sha), files, time.strftime("%Y-%m-%d"))


def _ask_file(repo: str, commit: str, name: str, item: Any) -> PinnedFile:
    from huggingface_hub import get_hf_file_metadata, hf_hub_download, hf_hub_url

    large = getattr(item, "lfs", None)
    if large is not None and is_sha256(large.sha256):
        return PinnedFile(large.sha256, int(large.size or 0))
    found = get_hf_file_metadata(hf_hub_url(repo, name, revision=commit))
    tag = (found.etag or "").strip('"').lower()
    if is_sha256(tag):
        return PinnedFile(tag, found.size or 0)
    if not name.endswith((".json", ".toml", ".txt", ".md", ".yaml", ".yml")):
        raise BadFile(f"The Hub names no sha256 for {name} of {repo}, so it cannot be pinned.")
    if (found.size or 0) > (MAX_VOCABULARY if name.endswith("tokenizer.json") else MAX_SMALL):
        raise BadFile(f"The {name} of {repo} is too large; do not use it.")
    # A small file's tag is git's hash, not its sha256: it is fetched and hashed here.
    data = Path(hf_hub_download(repo, name, revision=commit)).read_bytes()
    return PinnedFile(hashlib.sha256(data).hexdigest(), len(data))


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


def _locked() -> Any:
    """Two programs never write the lock file at once."""
    from filelock import FileLock

    path = places.lock_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(f"The folder {path.parent} cannot be written, so nothing can be pinned there.") from error
    return FileLock(str(path) + ".lock")


def keep(pin: Pin) -> None:
    """Write down what a repository is pinned to; one that is pinned to another commit already stays as it is.

    Raises:
        BadFile: the lock file is broken.
        Unavailable: it cannot be written.
    """
    with _locked():
        pins = _read()
        old = pins.get(pin.repo)
        if old is not None and old.commit != pin.commit:  # another program was first
            return
        files = {**pin.files, **(old.files if old else {})}
        pins[pin.repo] = replace(pin, files=files, date=old.date if old else pin.date)
        _write(pins)


def _write(pins: Mapping[str, Pin]) -> None:
    data = {"repositories": {repo: pin.to_dict() for repo, pin in sorted(pins.items())}}
    places.write_atomic(places.lock_file(), json.dumps(data, indent=2, sort_keys=True) + "\n")


def _read() -> dict[str, Pin]:
    path = places.lock_file()
    broken = BadFile(f"The list of pinned models {path.name} in {path.parent} cannot be read; repair it or delete it.")
    if not path.exists():
        return {}
    try:
        if path.stat().st_size > MAX_LOCK:
            raise broken
        data = json.loads(path.read_text(encoding="utf-8"))["repositories"]
        pins = {}
        for repo, item in data.items():
            files = {str(name): PinnedFile(file["sha256"], int(file["size"])) for name, file in item["files"].items()}
            for name in files:
                check_name(name, f"the repository {repo}")
            if not is_commit(item["commit"]) or not all(is_sha256(file.sha256) for file in files.values()):
                raise broken
            pins[repo] = Pin(repo, item["commit"], files, str(item.get("date", "")))
        return pins
    except BadFile:
        raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise broken from error
