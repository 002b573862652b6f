"""The project's own wheel: built from its repository, or put together again from an installation."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import os
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path, PurePosixPath

from workbench import resources
from workbench.errors import BadFile, Unavailable
from workbench.hub.spacefolder import PACKAGE

#: What an installer adds to a package, which the next installer adds anew.
_ADDED = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")


def wheel(folder: Path) -> Path:
    """Write the wheel into a folder; its path.

    Raises:
        BadFile: the package was not installed from a wheel, or files of it are gone.
        Unavailable: it cannot be built.
    """
    project = Path(resources.__file__).parent.parent
    if _is_ours(project / "pyproject.toml"):
        return _build(project, folder)
    try:
        return put_together(metadata.distribution(PACKAGE), folder)
    except metadata.PackageNotFoundError as error:
        raise BadFile("Install the workbench with pip to put it on a stick.") from error


def _is_ours(path: Path) -> bool:
    if not path.is_file():
        return False
    return bool(tomllib.loads(path.read_text(encoding="utf-8")).get("project", {}).get("name") == PACKAGE)


def _build(project: Path, folder: Path) -> Path:
    # The builder is used where it is installed, else pip fetches it for the moment.
    alone = ["--no-build-isolation"] if importlib.util.find_spec("hatchling") else []
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", *alone, "-w", str(folder), str(project)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env={**os.environ, "NO_COLOR": "1"})
    found = sorted(folder.glob(f"{PACKAGE.replace('-', '_')}-*.whl"))
    if done.returncode or not found:
        if "No space left on device" in done.stderr:
            raise Unavailable("The disk is full; free some space and try again.")
        lines = (done.stderr or done.stdout).strip().splitlines() or ["nothing"]
        raise Unavailable(f"The workbench's own wheel cannot be built; pip said last: {lines[-1][:300]}.")
    return found[-1]


def put_together(installed: metadata.Distribution, folder: Path) -> Path:
    """A wheel of the files that pip wrote down when it installed a package; its path.

    Raises:
        BadFile: nobody wrote them down, or one is gone.
    """
    name = installed.metadata["Name"]
    stem = f"{name.replace('-', '_')}-{installed.version}"
    tag = next((line for line in (installed.read_text("WHEEL") or "").splitlines() if line.startswith("Tag:")), "")
    path = folder / f"{stem}-{tag.removeprefix('Tag:').strip() or 'py3-none-any'}.whl"
    record = ""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in sorted(installed.files or ()):
            inside = PurePosixPath(entry.as_posix())
            about = inside.parts[0].endswith(".dist-info")
            if ".." in inside.parts or "__pycache__" in inside.parts or (about and inside.name in _ADDED):
                continue
            try:
                data = Path(str(installed.locate_file(entry))).read_bytes()
            except OSError as error:
                raise BadFile(f"The file {inside} of this installation is gone; install {name} again.") from error
            archive.writestr(str(inside), data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            record += f"{inside},sha256={digest},{len(data)}\n"
        if "/METADATA," not in record or "/__init__.py," not in record:
            raise BadFile(f"This installation of {name} does not know its own files; install it from its wheel.")
        place = f"{stem}.dist-info/RECORD"
        archive.writestr(place, f"{record}{place},,\n")
    return path
