"""The interaction log as a private dataset on the Hugging Face Hub, for servers whose own disk does not last (Spaces).

It works as ``huggingface_hub.CommitScheduler`` does (a folder that is only added to, a lock while it is looked at, one
commit now and then, one file a process) with what that class leaves to its users: only *closed* segments go out, so
that no file grows while it is sent; the server may start while the Hub is away; and a person's events can be deleted,
history included. The folder on this disk is a :class:`~.segments.Segments`; a segment leaves it when the Hub has it.

What has only been written here is lost with the disk. So :meth:`Dataset.settled` says how far the Hub has a session:
until then a page keeps its own events, and sends them again to the server's successor. Ending a server in the usual
way (SIGTERM, as a Space does) hands over everything first.

Several servers write side by side, each its own files. When a person is deleted, a mark (a hash of the salted id) tells
the others to leave them out of what they have not sent yet; it is cleared away after some days.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import BadRequest, Unavailable
from workbench.hub.places import home
from workbench.hub.weights.hub import transport_error
from workbench.study.log.schema import Event
from workbench.study.log.segments import Segments, expired, rewrite

if TYPE_CHECKING:
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi

#: Seconds between two commits (the Hub allows some hundred an hour to one repository).
EVERY_SECONDS = 120.0
#: For how long what the Hub holds counts as known, in seconds.
FRESH_SECONDS = 30.0
MARK_DAYS = 7
LOG, MARKS = "log", "erased"
_NAME = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}\Z")


class Dataset:
    """A private dataset as a :class:`~workbench.study.log.sinks.Sink`.

    Args:
        name: ``OWNER/DATASET``; it is made, private, with the first commit.
        folder: where segments lie until the Hub has them; by default among the person's own settings.
        every_seconds: see :data:`EVERY_SECONDS`; 0: only by :meth:`push` and :meth:`close`.
        clock: seconds since 1970.

    Raises:
        BadRequest: that is no name.
        Unavailable: the folder cannot be made.
    """

    def __init__(
        self, name: str, folder: Path | None = None, *, every_seconds: float = EVERY_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        if not _NAME.match(name):
            raise BadRequest("A dataset for the log is named hub:OWNER/DATASET.")
        self.name, self._clock = name, clock
        self.here = Segments(folder or home() / "log" / name.replace("/", "--"), clock=clock)
        self._mirror = tempfile.TemporaryDirectory(prefix="workbench-log-")
        self._looked = -FRESH_SECONDS
        self._safe: dict[str, int] = {}
        self._made = False
        self._lock = threading.RLock()
        self._stop = threading.Event()
        if every_seconds:
            threading.Thread(target=self._run, args=(every_seconds,), name="workbench-log-hub", daemon=True).start()

    @property
    def _api(self) -> HfApi:
        from huggingface_hub import HfApi

        return HfApi()

    def _run(self, every_seconds: float) -> None:
        while not self._stop.wait(every_seconds):
            with contextlib.suppress(Unavailable):  # the next time may be better; nothing is let go here
                self.push()

    @contextlib.contextmanager
    def _asking(self, what: str) -> Iterator[HfApi]:
        """Speak to the Hub; what goes wrong becomes one sentence."""
        from huggingface_hub.errors import HfHubHTTPError, LocalTokenNotFoundError

        try:
            yield self._api
        except LocalTokenNotFoundError as error:
            raise Unavailable(f"{what}: no token for the Hub is here; run 'hf auth login' or set HF_TOKEN.") from error
        except HfHubHTTPError as error:
            code = error.response.status_code if error.response is not None else 0
            raise Unavailable(f"{what}: the Hub refused it ({code}); see whether the token may write there.") from error
        except (transport_error(), OSError) as error:
            raise Unavailable(f"{what}: the Hub cannot be reached; it is tried again.") from error

    def append(self, session: str, events: Sequence[Event]) -> None:
        """As :meth:`Sink.append`: kept on this disk, and with the next commit on the Hub (:meth:`settled`)."""
        self._safe.setdefault(session, 0)
        self.here.append(session, events)

    def settled(self, session: str) -> int | None:
        """As :meth:`Sink.settled`: how many events of a session the Hub has."""
        return self._safe.get(session, 0)

    def push(self) -> int:
        """Close the open segment and send what the Hub does not have; returns how many files went.

        Raises:
            Unavailable: it could not be sent; it stays here.
        """
        from huggingface_hub import CommitOperationAdd

        with self._lock:
            closed = self.here.close_segments()
            if not closed:
                return 0
            with self._asking("The log could not be sent"):
                self._make()
                self._obey_marks()
                with self.here.locked():  # nobody erases while it is read
                    data = {path: path.read_bytes() for path in closed if path.exists()}
                if data:
                    self._commit([CommitOperationAdd(f"{LOG}/{path.name}", content) for path, content in data.items()])
            for path, content in data.items():
                with self.here.locked():
                    if path.exists() and path.read_bytes() == content:
                        path.unlink()
                self._note(content)
            self._looked = -FRESH_SECONDS
            return len(data)

    def _commit(self, operations: Sequence[CommitOperationAdd | CommitOperationDelete]) -> None:
        self._api.create_commit(
            self.name, operations, commit_message="Interaction log", repo_type="dataset", revision="main"
        )  # fmt: skip

    def _make(self) -> None:
        """Make the dataset, and see that it is private."""
        if self._made:
            return
        self._api.create_repo(self.name, repo_type="dataset", private=True, exist_ok=True)
        if not self._api.dataset_info(self.name).private:
            raise Unavailable(f"The dataset {self.name} is public, so no log is sent there; make it private first.")
        self._made = True

    def _note(self, content: bytes) -> None:
        from workbench.study.log.schema import from_line

        for line in content.splitlines():
            event = from_line(line)
            self._safe[event["session"]] = max(self._safe.get(event["session"], 0), event["seq"] + 1)

    def _files(self, folder: str) -> dict[str, str]:
        """What the Hub holds in a folder: name -> id of its content."""
        from huggingface_hub.errors import EntryNotFoundError, RepositoryNotFoundError

        try:
            found = list(self._api.list_repo_tree(self.name, folder, recursive=True, repo_type="dataset"))
        except (EntryNotFoundError, RepositoryNotFoundError):
            return {}
        return {Path(item.path).name: str(getattr(item, "blob_id", "")) for item in found if hasattr(item, "blob_id")}

    def _look(self, anew: bool = False) -> Path:
        """Bring the copy of what the Hub holds up to date; gives its folder."""
        mirror = Path(self._mirror.name)
        with self._lock:
            if not anew and time.monotonic() - self._looked < FRESH_SECONDS:
                return mirror
            with self._asking("The log on the Hub could not be read"):
                there = {
                    f"{name.removesuffix('.jsonl')}.{blob[:12]}.jsonl": name for name, blob in self._files(LOG).items()
                }
                for path in mirror.glob("*.jsonl"):
                    if path.name not in there:
                        path.unlink()
                for own, name in there.items():
                    if not (mirror / own).exists():
                        with tempfile.TemporaryDirectory() as place:
                            come = self._api.hf_hub_download(
                                self.name, f"{LOG}/{name}", repo_type="dataset", local_dir=place, force_download=True
                            )  # fmt: skip
                            data = Path(come).read_bytes()
                        (mirror / own).write_bytes(data)
                        self._note(data)
            self._looked = time.monotonic()
            return mirror

    def lines(self) -> Iterator[tuple[str, bytes]]:
        """Every line with the name of its segment: what the Hub holds, then what is only here."""
        seen = set()
        for path in sorted(self._look().glob("*.jsonl")):
            name = path.name.split(".")[0]
            seen.add(name)
            yield from ((name, line) for line in path.read_bytes().splitlines())
        yield from ((name, line) for name, line in self.here.lines() if name not in seen)

    def _where(self, field: str, value: str) -> Iterator[Event]:
        sign = value.encode()
        return (event for event in self._events(sign) if event[field] == value)

    def _events(self, sign: bytes = b"") -> Iterator[Event]:
        from workbench.errors import BadDocument
        from workbench.study.log.schema import from_line

        for _, line in self.lines():
            if sign in line:
                with contextlib.suppress(BadDocument):
                    yield from_line(line)

    def events(self) -> Iterator[Event]:
        """As :meth:`Sink.events`."""
        return self._events()

    def sessions(self) -> list[str]:
        """As :meth:`Sink.sessions`."""
        return list(dict.fromkeys(event["session"] for event in self._events()))

    def read(self, session: str) -> Iterator[Event]:
        """As :meth:`Sink.read`."""
        return self._where("session", session)

    def about(self, person: str) -> Iterator[Event]:
        """As :meth:`Sink.about`."""
        return self._where("person", person)

    def erase(self, person: str) -> int:
        """As :meth:`Sink.erase`: here and on the Hub, whose history is squashed so that no old version holds it."""
        gone = self.here.erase(person)
        mark = f"{MARKS}/{int(self._clock() * 1000):013d}-{hashlib.sha256(person.encode()).hexdigest()}"
        return gone + self._remove(lambda event: event["person"] == person, person.encode(), mark)

    def expire(self, before: int) -> int:
        """As :meth:`Sink.expire`."""
        old = expired(self._events(), before)
        if not old:
            return 0
        gone = self.here.remove(lambda event: event["session"] in old)
        return gone + self._remove(lambda event: event["session"] in old)

    def _remove(self, unwanted: Callable[[Event], bool], sign: bytes = b"", mark: str = "") -> int:
        from huggingface_hub import CommitOperationAdd, CommitOperationDelete

        with self._lock:
            operations: list[Any] = []
            removed: list[str] = []
            count = 0
            for path in sorted(self._look(anew=True).glob("*.jsonl")):
                before = path.read_bytes()
                gone = rewrite(path, unwanted, sign)
                if not gone:
                    continue
                count += gone
                removed.append(hashlib.sha256(before).hexdigest())
                name = f"{LOG}/{path.name.split('.')[0]}.jsonl"
                left = path.read_bytes() if path.exists() else b""
                operations.append(CommitOperationAdd(name, left) if left else CommitOperationDelete(name))
                path.unlink(missing_ok=True)
            with self._asking("Not everything could be deleted on the Hub"):
                if mark and (operations or self._made or self._exists()):
                    operations.append(CommitOperationAdd(mark, b"\n"))
                    old = f"{int((self._clock() - MARK_DAYS * 86_400) * 1000):013d}"
                    operations += [
                        CommitOperationDelete(f"{MARKS}/{name}") for name in self._files(MARKS) if name < old
                    ]
                if operations:
                    self._commit(operations)
            if removed:
                self._forget_history(removed)
            self._looked = -FRESH_SECONDS
            return count

    def _exists(self) -> bool:
        return bool(self._api.repo_exists(self.name, repo_type="dataset"))

    def _forget_history(self, removed: Sequence[str]) -> None:
        """Nothing of the files as they were stays: neither in old commits nor among large files."""
        what = f"The events are deleted from the files of {self.name}, but its older versions still hold them"
        with self._asking(what) as api:
            api.super_squash_history(self.name, repo_type="dataset", branch="main")
            large = [
                item for item in api.list_lfs_files(self.name, repo_type="dataset") if item.file_oid in set(removed)
            ]
            if large:
                api.permanently_delete_lfs_files(self.name, large, repo_type="dataset")

    def _obey_marks(self) -> None:
        """Leave out of what is sent whoever was deleted by another server meanwhile."""
        marks = {name.partition("-")[2]: int(name.partition("-")[0]) for name in self._files(MARKS)}
        if marks:

            def unwanted(event: Event) -> bool:
                return bool(event["server_time"] <= marks.get(hashlib.sha256(event["person"].encode()).hexdigest(), -1))

            self.here.remove(unwanted)

    def close(self) -> None:
        """As :meth:`Sink.close`: everything goes to the Hub first; what cannot stays on this disk."""
        self._stop.set()
        with contextlib.suppress(Unavailable):
            self.push()
        self.here.close()
        self._mirror.cleanup()
