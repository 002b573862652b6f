"""What of a model's weights lies on this disk, how much room it takes, and taking it away again."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path

from workbench import resources
from workbench.errors import BadRequest
from workbench.hub.sources import PICKLED, HubRepo, Wheel
from workbench.hub.spec import ModelSpec
from workbench.hub.weights import wheel
from workbench.hub.weights.download import RemoteFile, cached_file, disk_trouble, forget
from workbench.hub.weights.hub import repo_folder
from workbench.hub.weights.pins import pinned


def converted_folder() -> Path:
    """Where the safetensors copies of torch checkpoints lie, by the checkpoint's sha256."""
    from huggingface_hub import constants

    return Path(constants.HF_HOME) / "workbench" / "converted"


def where(spec: ModelSpec, name: str, local: Path | None = None) -> Path | None:
    """Where a file of a (pinned) entry lies, or would lie; None if that cannot be said."""
    if local is not None:
        return local / name
    if isinstance(spec.source, HubRepo):
        if not spec.source.revision:
            return None
        return cached_file(RemoteFile(spec.source.repo, spec.source.revision, name, spec.files[name]))
    if isinstance(spec.source, Wheel):
        return wheel.where(spec.source, name)
    try:
        return resources.path(f"models/{spec.source.folder}/{name}") if spec.source else None
    except FileNotFoundError:
        return None


def present(spec: ModelSpec, local: Path | None = None) -> bool:
    """Whether every file is here; their hashes are checked when the model is loaded."""
    spec = pinned(spec)
    if spec.source is None:
        return True
    paths = [where(spec, name, local) for name in spec.files]
    return not spec.unpinned and all(path is not None and path.is_file() for path in paths)


def bytes_here(spec: ModelSpec) -> int:
    """How much room the files of a model take on this disk, what has arrived of an unfinished download included."""
    total = 0
    for path in _paths(pinned(spec)):
        with contextlib.suppress(OSError):
            total += path.stat().st_size
    return total


def remove(spec: ModelSpec) -> int:
    """Take a fetched model's files away; returns the bytes that are free now. What it was pinned to stays pinned.

    Raises:
        BadRequest: it is part of this installation, or has no files.
        Unavailable: a file cannot be deleted, or lies behind a link that leads out of the weights cache.
    """
    spec = pinned(spec)
    if not isinstance(spec.source, HubRepo | Wheel):
        raise BadRequest(f"The model {spec.id} is part of what is installed here and cannot be removed by itself.")
    root = repo_folder(spec.source.repo) if isinstance(spec.source, HubRepo) else wheel.root()
    freed = 0
    try:
        for path in _paths(spec):
            freed += forget(path, converted_folder() if path.parent == converted_folder() else root)
            _prune(path.parent, root)
    except OSError as error:
        raise disk_trouble(error, root) from error
    return freed


def _paths(spec: ModelSpec) -> Iterable[Path]:
    """Everything of a pinned entry that may be on the disk and is."""
    found = []
    for name, digest in spec.files.items():
        found.append(where(spec, name) if spec.source is not None else None)
        if isinstance(spec.source, HubRepo) and digest:
            blobs = repo_folder(spec.source.repo) / "blobs"
            found += [blobs / f"{digest}.part", blobs / f"{digest}.etag"]
        if not spec.embedded and name.endswith(PICKLED) and digest:
            found.append(converted_folder() / f"{digest}.safetensors")
    return [path for path in found if path is not None and (path.is_file() or path.is_symlink())]


def _prune(folder: Path, root: Path) -> None:
    """Delete folders that are empty now, up to ``root``."""
    while folder != root and folder.is_relative_to(root) and not folder.is_symlink():
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent


def free_bytes() -> int | None:
    """Room left on the disk of the weights cache; None if that cannot be said."""
    import shutil

    from huggingface_hub import constants

    folder = Path(constants.HF_HOME)
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None
