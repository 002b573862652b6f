"""The files of fetched models on a stick, and their way into the caches of the computer that it is started on.

They lie in ``models`` as the hub keeps them: ``hub/models--owner--name/snapshots/<commit>/`` as in the Hub cache (plain
files, since sticks know no links), ``wheels/<package>/<version>/``, ``converted/``. ``models.json`` holds what a person
has beside them: entries that were added, and what repositories were pinned to.

``python -m workbench.ship.carried FOLDER`` takes them in; the start script of a stick calls it.
"""

from __future__ import annotations

import json
import shutil
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from workbench import fsutil
from workbench.errors import BadFile, BadRequest, Unavailable, WorkbenchError
from workbench.hub import places, repositories
from workbench.hub.protocol import CancelScope
from workbench.hub.registry import Registry
from workbench.hub.sources import PICKLED, HubRepo, check_name
from workbench.hub.spec import ModelSpec
from workbench.hub.weights import pins, resolve, stored, wheel

LIST = "models.json"


def roots() -> dict[str, Path]:
    """The folders of the stick's ``models``, each with the cache of this computer that it stands for."""
    from huggingface_hub import constants

    return {"hub": Path(constants.HF_HUB_CACHE), "wheels": wheel.root(), "converted": stored.converted_folder()}


def carry(ids: Iterable[str], folder: Path, extras: Iterable[str]) -> int:
    """Copy the files of fetched models into a folder; returns their bytes.

    Args:
        ids: the models; those that are part of the workbench need no copy.
        folder: the stick's ``models``.
        extras: the extras of the package that the stick carries.

    Raises:
        BadRequest: no such model, one that needs an extra which the stick lacks, or one in a person's own folder.
        Unavailable: it has not been pulled, its files have changed, or they cannot be copied.
    """
    registry = Registry.load()
    added = _added()
    entries: dict[str, Any] = {}
    pinned: dict[str, Any] = {}
    size = 0
    for model_id in ids:
        spec = registry.get(model_id)
        if spec.embedded or spec.source is None:
            continue
        if spec.extra and spec.extra not in extras:
            raise BadRequest(f"The model {spec.id} needs the extra {spec.extra}; add it to --extras.")
        if spec.id in registry.local:
            raise BadRequest(f"The model {spec.id} uses a folder of your own, which is not copied; leave it out.")
        if any(state.state in ("missing", "wrong") for state in resolve.verify(spec, CancelScope().start())):
            raise Unavailable(f"The model {spec.id} is not here, or not whole; run  workbench models pull {spec.id}.")
        if isinstance(spec.source, HubRepo) and not spec.source.revision:
            found = pins.find(spec.source.repo)
            assert found is not None  # else its files were not found
            pinned[found.repo] = found.to_dict()
        if spec.id in added:
            entries[spec.id] = added[spec.id]
        size += sum(_copy(*pair) for pair in _files(pins.pinned(spec), folder))
    if size:
        fsutil.write_file(folder / LIST, json.dumps({"entries": entries, "pins": pinned}, indent=1).encode() + b"\n")
    return size


def _added() -> dict[str, Any]:
    """The entries that this person added, by id."""
    path = places.user_registry()
    return tomllib.loads(path.read_text(encoding="utf-8")).get("models", {}) if path.is_file() else {}


def _files(spec: ModelSpec, folder: Path) -> Iterable[tuple[Path, Path]]:
    """Where each file of a model lies here, and where on the stick."""
    for name, digest in spec.files.items():
        path = stored.where(spec, name)
        assert path is not None
        if isinstance(spec.source, HubRepo):
            home = f"models--{spec.source.repo.replace('/', '--')}"
            yield path, folder / "hub" / home / "snapshots" / spec.source.revision / name
        else:
            yield path, folder / "wheels" / path.relative_to(wheel.root())
        copy = stored.converted_folder() / f"{digest}.safetensors"
        if name.endswith(PICKLED) and copy.is_file():
            yield copy, folder / "converted" / copy.name


def _copy(source: Path, place: Path) -> int:
    """Copy a file, whole or not at all; its bytes, 0 if it was there."""
    if place.exists():
        return 0
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        fsutil.check_space(place.parent, source.stat().st_size)
        with fsutil.replacing_file(place) as temporary:
            shutil.copyfile(source, temporary)
        return place.stat().st_size
    except OSError as error:
        raise fsutil.explain(place, error) from error


def take(folder: Path) -> int:
    """Copy a stick's models to where this person's are, if they are not there; returns the bytes that came.

    What is there stays as it is: files, entries and what a repository is pinned to.

    Raises:
        BadFile: the stick's list cannot be read.
        Unavailable: the disk is full or cannot be written.
    """
    try:
        about = json.loads((folder / LIST).read_text(encoding="utf-8"))
        entries, pinned = dict(about["entries"]), dict(about["pins"])
        found = [pins.Pin(repo, item["commit"], {name: pins.PinnedFile(**file) for name, file in item["files"].items()},
                          item["date"]) for repo, item in pinned.items()]  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadFile(f"The list {LIST} of this stick cannot be read; copy the stick again.") from error
    size = 0
    for name, root in roots().items():
        for path in sorted((folder / name).rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                inside = path.relative_to(folder / name)
                check_name(inside.as_posix(), "this stick")
                size += _copy(path, root / inside)
    for pin in found:
        pins.keep(pin)
    known = Registry.load(plugins=False)
    for model_id, table in entries.items():
        if model_id not in known:
            repositories.keep(model_id, table)
    return size


def main(arguments: list[str]) -> int:
    """Take the models of the folder ``arguments[0]``; returns the exit code."""
    try:
        take(Path(arguments[0]))
    except WorkbenchError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
