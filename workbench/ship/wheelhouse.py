"""All wheels that one computer needs, fetched by pip and checked to be all.

pip chooses; what it brought is then walked from the workbench on, each package's own list of requirements held against
the conditions of the computer it is for. What is missing is asked for by name, what only this computer would need is
left out. The set's list pins every package with its sha256, so the stick installs exactly these, and nothing damaged.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path

from workbench.errors import BadFile, BadRequest, Unavailable
from workbench.hub.spacefolder import PACKAGE
from workbench.hub.weights.wheel import NO_ANSWER
from workbench.ship import foreign
from workbench.ship.targets import Target

#: How often what is missing is asked for by name before it is given up.
_ROUNDS = 4
#: Conditions may name the third number of a version ("below 3.11.4"): both ends are held against them.
_PATCHES = (0, 99)
_BLOCK = 4096


@dataclass(frozen=True)
class Packed:
    """A wheel: its package's name (canonical), version, path, and what its metadata says."""

    name: str
    version: str
    path: Path
    requires: tuple[str, ...]
    extras: frozenset[str]


@dataclass(frozen=True)
class Set:
    """What one computer installs: the list for pip, and how many packages and bytes that is once installed."""

    target: Target
    listed: str
    packages: int
    installed_bytes: int
    files: tuple[Path, ...]


def fetch(own: Path, extras: Iterable[str], target: Target, folder: Path, tell: Callable[[str], None]) -> Set:
    """Fetch what the workbench needs on a computer into a folder of wheels.

    Args:
        own: the workbench's own wheel.
        extras: of its extras, those that are wanted.
        target: the computer.
        folder: where to; wheels of other computers may lie there already, and one that both need is kept once.
        tell: hears of each step.

    Raises:
        BadRequest: there is no such extra.
        Unavailable: no pip, no network, no room, or a package has no wheel for that computer.
    """
    from packaging.utils import canonicalize_name

    if importlib.util.find_spec("pip") is None:
        raise Unavailable("The packages are fetched by pip, which is not installed; run  python -m ensurepip.")
    extras = sorted(extras)
    known = read(own).extras
    if unknown := [extra for extra in extras if canonicalize_name(extra) not in known]:
        raise BadRequest(f"There is no extra {unknown[0][:40]!r}; choose among {', '.join(sorted(known))}.")
    root = f"{PACKAGE}[{','.join(extras)}]" if extras else PACKAGE
    wanted = [f"{own}[{','.join(extras)}]" if extras else str(own), "pip"]
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".fetch-") as scratch:
        for _ in range(_ROUNDS):
            tell(f"Fetching what Python {target.python} needs on {target.system}")
            _ask(wanted, target, Path(scratch))
            there = {wheel.name: wheel for wheel in map(read, sorted(Path(scratch).glob("*.whl")))}
            needed, missing = closure([root, "pip"], there, target)
            if not missing:
                break
            wanted += sorted(missing)
        else:
            raise Unavailable(f"The package {min(missing)} did not come for {target.name}; update pip and try again.")
        return _keep(sorted(needed, key=lambda wheel: wheel.name), target, folder)


def read(path: Path) -> Packed:
    """What a wheel says about itself; raises :class:`BadFile` if it is none."""
    from packaging.utils import canonicalize_name

    try:
        with zipfile.ZipFile(path) as archive:
            (name,) = (one for one in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", one))
            said = HeaderParser().parsestr(archive.read(name).decode("utf-8"))
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise BadFile(f"The wheel {path.name} cannot be read; try again.") from error
    extras = frozenset(canonicalize_name(extra) for extra in said.get_all("Provides-Extra") or ())
    return Packed(
        canonicalize_name(said["Name"]), said["Version"], path, tuple(said.get_all("Requires-Dist") or ()), extras
    )


def closure(roots: Iterable[str], there: Mapping[str, Packed], target: Target) -> tuple[set[Packed], set[str]]:
    """What the roots need on a computer, each package's requirements followed under that computer's conditions.

    Args:
        roots: requirements to begin with.
        there: wheels by canonical name.
        target: the computer.

    Returns:
        The wheels that are needed, and the requirements that none of them meets.
    """
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    needed: set[Packed] = set()
    missing: set[str] = set()
    for patch in _PATCHES:
        environment = target.markers(patch)
        ahead, seen = [Requirement(root) for root in roots], set()
        while ahead:
            asked = ahead.pop()
            wheel = there.get(canonicalize_name(asked.name))
            if wheel is None or not asked.specifier.contains(wheel.version, prereleases=True):
                missing.add(f"{asked.name}{_in_brackets(asked.extras)}{asked.specifier}")
                continue
            needed.add(wheel)
            for extra in ("", *asked.extras):
                if (wheel.name, extra) in seen:
                    continue
                seen.add((wheel.name, extra))
                for line in wheel.requires:
                    need = Requirement(line)
                    if need.marker is None or need.marker.evaluate({**environment, "extra": extra}):
                        ahead.append(need)
    return needed, missing


def _in_brackets(extras: set[str]) -> str:
    return f"[{','.join(sorted(extras))}]" if extras else ""


def _ask(wanted: list[str], target: Target, scratch: Path) -> None:
    """Let pip bring wheels into a folder."""
    common = ["--no-input", "--disable-pip-version-check", "--progress-bar=off", *wanted]
    if target.here:  # whatever has no wheel is built, which only works for the computer that one sits at
        command = [sys.executable, "-P", "-m", "pip", "wheel", "-w", str(scratch), *common]
    else:
        command = [
            sys.executable, "-P", str(Path(foreign.__file__)), json.dumps(target.markers()), "download",
            "--only-binary=:all:", *target.pip_options(), "-d", str(scratch), *common,
        ]  # fmt: skip
    spare = scratch / "spare"
    spare.mkdir(exist_ok=True)
    environ = {**os.environ, "TMPDIR": str(spare), "TEMP": str(spare), "TMP": str(spare), "NO_COLOR": "1"}
    done = subprocess.run(
        command, cwd=scratch, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, encoding="utf-8",
        errors="replace", check=False,
    )  # fmt: skip
    if done.returncode:
        raise explain(done.stdout + done.stderr, target)


def explain(said: str, target: Target) -> Unavailable:
    """One sentence for what pip had to say."""
    if "No space left on device" in said or "Disk quota exceeded" in said:
        return Unavailable("The disk is full; free some space and try again.")
    if NO_ANSWER.search(said):
        return Unavailable("The packages cannot be fetched: your package index does not answer; check the network.")
    named = re.search(r"(?:No matching distribution found for|satisfies the requirement) ([^\s(;]+)", said)
    apart = re.search(r"no matching distributions available for your environment:\s+(\S+)", said)
    if found := apart or named:
        return Unavailable(
            f"The package {found[1]} has no wheel for Python {target.python} on {target.system}; choose another "
            "--platform or --python, or check pip's settings."
        )
    lines = [line.removeprefix("ERROR:").strip() for line in said.splitlines() if line.startswith("ERROR")]
    reason = (lines or said.strip().splitlines() or ["it gave no reason"])[-1].rstrip(".")[:300]
    return Unavailable(f"The packages for {target.name} cannot be fetched; pip says: {reason}.")


def _keep(wheels: list[Packed], target: Target, folder: Path) -> Set:
    """Move wheels into the folder and write the set's list."""
    lines, size, files = [], 0, []
    for wheel in wheels:
        place = folder / wheel.path.name
        if not place.exists():
            shutil.move(wheel.path, place)
        with place.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        lines.append(f"{wheel.name}=={wheel.version} --hash=sha256:{digest}")
        size += _installed(place)
        files.append(place)
    text = "\n".join(lines) + "\n"
    (folder / f"{target.name}.txt").write_text(text, encoding="utf-8", newline="\n")
    return Set(target, text, len(wheels), size, tuple(files))


def _installed(path: Path) -> int:
    """Bytes of disk that a wheel takes once installed, with what Python compiles of it (about as large again)."""
    with zipfile.ZipFile(path) as archive:
        sizes = [(item.filename, -(-item.file_size // _BLOCK) * _BLOCK) for item in archive.infolist()]
    return sum(size * (2 if name.endswith(".py") else 1) for name, size in sizes)
