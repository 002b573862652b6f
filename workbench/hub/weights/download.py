"""One file of a Hub repository, fetched so that nothing is fetched twice and nothing wrong stays.

``huggingface_hub`` starts an interrupted download from zero and keeps whatever arrives. Here the bytes go to
``blobs/<sha256>.part`` in the repository's cache folder, a later run asks for the rest with ``Range`` guarded by
``If-Range`` (RFC 9110, 13.1.5 and 14.2), the whole is hashed, and only then takes its place in the Hub cache
(``blobs/<etag>``, ``snapshots/<commit>/<name>``, ``refs/<name of a branch>``), where ``huggingface_hub`` finds it. All
addresses, tokens, locks and switches (``HF_ENDPOINT``, ``HF_TOKEN``, ``HF_HOME``, ``HF_HUB_OFFLINE``) are the client's.

The bytes travel in a thread of their own, so that Stop is obeyed at once even on a line that has gone silent.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import queue
import re
import shutil
import threading
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import Unavailable
from workbench.hub.protocol import CancelToken, Progress
from workbench.hub.weights.hub import explain, is_offline, repo_folder, transport_error

#: Left free on the disk besides the file itself, in bytes.
SPARE_BYTES = 50_000_000
#: Both become names of files, so a server may not choose them freely.
_ETAG, _COMMIT = re.compile(r"[0-9A-Za-z-]{1,128}"), re.compile(r"[0-9a-f]{40}")
_POLL_SECONDS = 0.1
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """``name`` in ``repo`` at ``revision`` (a commit, branch or tag), which must have this sha256."""

    repo: str
    revision: str
    name: str
    sha256: str


def cached_file(remote: RemoteFile) -> Path | None:
    """Where the Hub cache has the file; None if it does not. Nothing is checked."""
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(remote.repo, remote.name, revision=remote.revision)
    return Path(found) if isinstance(found, str) else None


def file_hash(path: Path, cancel: CancelToken) -> str:
    """sha256 of a file in hexadecimal; raises ``OSError``, and ``Cancelled`` within a few milliseconds of Stop."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 22):
            cancel.check()
            digest.update(block)
    return digest.hexdigest()


def forget(pointer: Path, root: Path) -> int:
    """Delete a cached file: the pointer in a snapshot and the blob that it names; returns the bytes that are free now.

    Nothing outside ``root`` (the folder of the repository in the cache) is ever deleted: a link is removed as a link,
    and what lies behind it only if it is an ordinary file below ``root`` that is reached without another link.

    Raises:
        Unavailable: the pointer itself lies outside, behind a link to another folder.
    """
    home = root.resolve()
    if not pointer.parent.resolve().is_relative_to(home):
        raise Unavailable(
            f"{pointer.name} lies behind a link that leads out of the weights cache, so it was left alone; remove the "
            f"link {pointer.parent} yourself."
        )
    doomed = [pointer]
    if pointer.is_symlink():
        blob = Path(os.path.normpath(pointer.parent / os.readlink(pointer)))
        if blob.parent.resolve().is_relative_to(home):
            doomed.append(blob)
    freed = 0
    for path in doomed:
        with contextlib.suppress(FileNotFoundError):
            freed += 0 if path.is_symlink() else path.stat().st_size
            path.unlink()
    return freed


def fetch(remote: RemoteFile, cancel: CancelToken) -> Generator[Progress, None, Path]:
    """Bring one file into the Hub cache; yields progress, returns its path there.

    Raises:
        Unavailable: offline, unknown, gated, no network, no disk space, or not the file that was pinned.
        Cancelled: the person pressed Stop; what has arrived is kept for the next time.
    """
    from huggingface_hub import get_hf_file_metadata, hf_hub_url

    if is_offline():
        raise Unavailable(
            f"{remote.name} of {remote.repo} is not on this computer, and HF_HUB_OFFLINE forbids fetching it; "
            "unset it and pull the model once."
        )
    cancel.check()
    url = hf_hub_url(remote.repo, remote.name, revision=remote.revision)
    try:
        meta = get_hf_file_metadata(url)
    except Exception as error:
        raise explain(error, remote.repo, remote.name) from error
    if not _ETAG.fullmatch(meta.etag or "") or not _COMMIT.fullmatch(meta.commit_hash or ""):
        raise Unavailable("The address in HF_ENDPOINT does not answer like the Hub; correct or unset it.")
    place = _Place(remote, str(meta.commit_hash), str(meta.etag))
    if len(str(meta.etag)) == 64 and meta.etag != remote.sha256:
        raise _wrong_hash(remote)
    with place.lock(cancel):
        if not (place.blob.exists() and file_hash(place.blob, cancel) == remote.sha256):
            yield from _fetch_checked(place, url, meta.size, cancel)
        return place.publish()


def _wrong_hash(remote: RemoteFile) -> Unavailable:
    return Unavailable(
        f"{remote.name} of {remote.repo} is not the file that was pinned, so it was deleted; try again later, "
        "and tell whoever runs the repository if it happens again."
    )


class _Place:
    """Where one file goes in the Hub cache."""

    def __init__(self, remote: RemoteFile, commit: str, etag: str) -> None:
        folder = repo_folder(remote.repo)
        self.folder = folder
        self.remote, self.commit = remote, commit
        self.blob = folder / "blobs" / etag
        self.part = folder / "blobs" / f"{remote.sha256}.part"
        self.mark = folder / "blobs" / f"{remote.sha256}.etag"
        self.pointer = folder / "snapshots" / commit / remote.name
        self.ref = folder / "refs" / remote.revision
        self._lock = folder.parent / ".locks" / folder.name / f"{etag}.lock"
        try:
            for path in (self.blob, self.pointer, self._lock):
                path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise disk_trouble(error, folder.parent) from error
        for path in (self.blob, self.pointer):
            if not path.parent.resolve().is_relative_to(folder.resolve()):
                raise Unavailable(
                    f"The folder {path.parent} leads out of the weights cache, so nothing was written; remove the link."
                )
        for path in (self.part, self.mark):
            if path.is_symlink():  # nobody's file elsewhere is ever written over
                path.unlink()

    @contextlib.contextmanager
    def lock(self, cancel: CancelToken) -> Generator[None, None, None]:
        """The client's own lock of this blob, so that two programs never fetch it at once; Stop ends the wait."""
        from filelock import FileLock, Timeout

        held = FileLock(str(self._lock))
        while True:
            cancel.check()
            try:
                held.acquire(timeout=_POLL_SECONDS)
                break
            except Timeout:
                continue
        try:
            yield
        finally:
            held.release()

    def publish(self) -> Path:
        """Point the snapshot (and the branch, if one was named) at the blob."""
        try:
            with contextlib.suppress(FileNotFoundError):
                self.pointer.unlink()
            try:
                os.symlink(os.path.relpath(self.blob, self.pointer.parent), self.pointer)
            except (OSError, NotImplementedError):  # Windows without the right to make links: the client moves it too
                shutil.move(str(self.blob), str(self.pointer))
            if self.remote.revision != self.commit:
                self.ref.parent.mkdir(parents=True, exist_ok=True)
                fresh = self.ref.with_name(self.ref.name + ".tmp")
                fresh.write_text(self.commit, encoding="utf-8")
                os.replace(fresh, self.ref)
        except OSError as error:
            raise disk_trouble(error, self.blob.parent) from error
        return self.pointer

    def discard(self) -> None:
        """Delete whatever has arrived."""
        for path in (self.part, self.mark):
            with contextlib.suppress(FileNotFoundError):
                path.unlink()


def _fetch_checked(place: _Place, url: str, size: int | None, cancel: CancelToken) -> Generator[Progress, None, None]:
    for attempt in (1, 2):
        resumed = place.part.exists()
        _check_space(place, size)
        yield from _fetch_bytes(place, url, size, cancel)
        yield Progress(None, f"Checking {place.remote.name}")
        if file_hash(place.part, cancel) == place.remote.sha256:
            os.replace(place.part, place.blob)
            place.discard()
            return
        place.discard()
        if not (resumed and attempt == 1):  # the bytes of an earlier run may be to blame: once more from zero
            raise _wrong_hash(place.remote)


def _check_space(place: _Place, size: int | None) -> None:
    have = place.part.stat().st_size if place.part.exists() else 0
    missing = max(0, (size or 0) - have)
    free = shutil.disk_usage(place.part.parent).free
    if missing + SPARE_BYTES > free:
        raise Unavailable(
            f"{place.remote.name} needs {megabytes(missing + SPARE_BYTES)} on the disk and {megabytes(free)} are free; "
            "free some space, or set HF_HOME to a larger disk."
        )


def disk_trouble(error: OSError, folder: Path) -> Unavailable:
    """One sentence for a disk that is full or forbidden."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Unavailable(
            "The disk is full; free some space and try again, and the download goes on where it stopped."
        )
    return Unavailable(f"The folder {folder} cannot be written; change its rights or set HF_HOME to another one.")


def megabytes(count: int) -> str:
    """Bytes as people read them."""
    return f"{count / 1e6:,.1f} MB" if count < 1e9 else f"{count / 1e9:,.2f} GB"


def _fetch_bytes(place: _Place, url: str, size: int | None, cancel: CancelToken) -> Generator[Progress, None, None]:
    news: queue.SimpleQueue[int | BaseException | None] = queue.SimpleQueue()
    stop = threading.Event()
    worker = threading.Thread(target=_work, args=(place, url, size, news, stop), daemon=True, name="hub-download")
    worker.start()
    finished = False
    try:
        while not finished:
            cancel.check()
            try:
                item = news.get(timeout=_POLL_SECONDS)
                while not news.empty() and isinstance(item, int):
                    item = news.get()
            except queue.Empty:
                continue
            if isinstance(item, BaseException):
                raise item
            if item is None:
                finished = True
            else:
                text = f"Loading {place.remote.name}: {megabytes(item)}" + (f" of {megabytes(size)}" if size else "")
                yield Progress(min(1.0, item / size) if size else None, text)
    finally:
        stop.set()
        if finished:
            worker.join()


def _work(
    place: _Place,
    url: str,
    size: int | None,
    news: queue.SimpleQueue[int | BaseException | None],
    stop: threading.Event,
) -> None:
    """Fetch until whole, going on after a broken line as long as anything arrives."""
    failures = 0
    try:
        while not stop.is_set():
            before = place.part.stat().st_size if place.part.exists() else 0
            if size is not None and before == size:
                break
            try:
                _request(place, url, before, size, news, stop)
                if size is None or place.part.stat().st_size >= size:
                    break
                raise ConnectionError("the line closed early")
            except (transport_error(), ConnectionError, TimeoutError) as error:
                arrived = place.part.stat().st_size if place.part.exists() else 0
                failures = 1 if arrived > before else failures + 1
                if failures >= _ATTEMPTS:
                    raise explain(error, place.remote.repo, place.remote.name) from error
                stop.wait(0.25 * 2**failures)
        news.put(None)
    except OSError as error:
        news.put(disk_trouble(error, place.part.parent))
    except BaseException as error:
        news.put(error)


def _request(
    place: _Place, url: str, have: int, size: int | None,
    news: queue.SimpleQueue[int | BaseException | None], stop: threading.Event,
) -> None:  # fmt: skip
    from huggingface_hub import get_session, hf_raise_for_status
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

    headers: dict[str, str] = {**build_hf_headers(), "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
        if place.mark.exists():
            headers["If-Range"] = place.mark.read_text(encoding="ascii")
    with get_session().stream("GET", url, headers=headers, timeout=30.0, follow_redirects=True) as response:
        if response.status_code == 416:  # what we have does not belong to this file
            place.discard()
            raise ConnectionError("the part does not fit")
        try:
            hf_raise_for_status(response)
        except Exception as error:
            if response.status_code in (408, 429, 500, 502, 503, 504):
                raise ConnectionError(str(error)) from error
            raise explain(error, place.remote.repo, place.remote.name) from error
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise Unavailable(f"The server changes {place.remote.name} on its way; try another network.")
        goes_on = response.status_code == 206 and _range_start(response) == have
        if have and not goes_on:
            have = 0
            place.discard()
            if response.status_code == 206:
                raise ConnectionError("the server sent another part")
        etag = response.headers.get("ETag", "")
        if etag.startswith('"') and etag.isascii():
            place.mark.write_text(etag, encoding="ascii")
        with place.part.open("ab") as file:
            for block in response.iter_raw():
                if stop.is_set():
                    return
                if size is not None and have + len(block) > size:
                    place.discard()
                    raise _wrong_hash(place.remote)
                append(file, block)
                have += len(block)
                news.put(have)


def append(file: Any, block: bytes) -> None:
    """Write a block and hand it to the system, so that a killed process loses nothing."""
    file.write(block)
    file.flush()


def _range_start(response: Any) -> int | None:
    head = response.headers.get("Content-Range", "").removeprefix("bytes ").partition("-")[0]
    return int(head) if head.isdigit() else None
