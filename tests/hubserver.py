"""A small server that speaks the Hub's protocol, with faults on demand.

Answers ``HEAD`` and ``GET /OWNER/NAME/resolve/REVISION/FILE`` (``X-Repo-Commit``, ``ETag``, ``X-Linked-Size``,
``Range``, ``If-Range``, never a Xet header), ``GET /api/models/OWNER/NAME[/revision/REVISION]``, and what
``create_repo``, ``upload_folder``, ``create_commit`` and ``super_squash_history`` ask for (datasets too), so that
pushing is exercised with the real client too. Everything else is 404. ``sent`` counts body bytes by file name,
``bodies`` lists the whole ones, ``requests`` keeps what was asked.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
BLOCK = 16_384


@dataclass
class Repo:
    """Files of one repository at one commit, and who may read it."""

    files: dict[str, bytes]
    commit: str = COMMIT
    gated: bool = False


@dataclass
class Faults:
    """What goes wrong, and for how long."""

    cut_after: int = 0  # bytes of a body after which the line is cut ...
    cuts: int = 0  # ... this many times
    corrupt: bool = False  # flip a bit in every body
    delay: float = 0.0  # seconds before each block
    hang_after: int = 0  # bytes after which the server falls silent without closing
    etag: str = ""  # an ETag of the server's own choosing
    weak_etags: bool = False  # no ETag on bodies, so that If-Range cannot be used


@dataclass
class HubServer:
    """The server's state; ``address`` goes into HF_ENDPOINT."""

    repos: dict[str, Repo] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)
    sent: Counter[str] = field(default_factory=Counter)
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    bodies: list[tuple[int, int]] = field(default_factory=list)  # first byte and length of each body sent whole
    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)  # what was made: "model", "space" or "dataset", by name
    private: dict[str, bool] = field(default_factory=dict)
    history: dict[str, list[dict[str, bytes]]] = field(default_factory=dict)  # the files after each commit, by name
    cannot_squash: bool = False
    token: str = "hf_test"
    address: str = ""


@contextlib.contextmanager
def serving() -> Iterator[HubServer]:
    """Run a server for the time of a ``with`` block."""
    state = HubServer()
    handler = type("Handler", (_Handler,), {"state": state})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    state.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()


def etag_of(data: bytes, name: str) -> str:
    """As the Hub does it: sha256 for large files, the git hash of the blob for small texts."""
    if name.endswith((".toml", ".md", ".json")):
        return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
    return hashlib.sha256(data).hexdigest()


def _sibling(name: str, data: bytes, whole: bool) -> dict[str, Any]:
    """A file in a repository's description; ``whole``: with what the Hub says when it is asked for metadata."""
    tag = etag_of(data, name)
    if not whole:
        return {"rfilename": name}
    if len(tag) == 40:
        return {"rfilename": name, "size": len(data), "blobId": tag}
    large = {"size": len(data), "sha256": tag, "pointerSize": 134}
    return {"rfilename": name, "size": len(data), "blobId": "0" * 40, "lfs": large}


def _repo_of(path: str, until: str) -> str:
    """OWNER/NAME in a path of the API."""
    kinds = ("/api/models/", "/api/spaces/", "/api/datasets/")
    return next(path.removeprefix(kind) for kind in kinds if path.startswith(kind)).partition(until)[0]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: HubServer

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urlsplit(self.path).path
        self.state.requests.append(("POST", path, dict(self.headers)))
        if self.headers.get("Authorization") != f"Bearer {self.state.token}":
            self._json(401, {"error": "Invalid token"})
        elif path == "/api/repos/create":
            asked = json.loads(data)
            name = asked["name"]
            repo = f"{asked.get('organization') or 'owner'}/{name}"
            self.state.commits.setdefault(repo, {})
            self.state.kinds[repo] = asked.get("type", "model")
            self.state.private.setdefault(repo, asked.get("visibility") == "private" or bool(asked.get("private")))
            self._json(200, {"url": f"{self.state.address}/{repo}", "name": repo, "id": repo})
        elif "/preupload/" in path:
            names = [item["path"] for item in json.loads(data)["files"]]
            files = [{"path": name, "uploadMode": "regular", "shouldIgnore": False} for name in names]
            self._json(200, {"files": files})
        elif "/commit/" in path:
            repo = _repo_of(path, "/commit/")
            for line in data.decode().splitlines():
                item = json.loads(line)
                if item["key"] == "deletedFile":
                    self.state.commits[repo].pop(item["value"]["path"], None)
                if item["key"] == "file":
                    content = base64.b64decode(item["value"]["content"])
                    self.state.commits.setdefault(repo, {})[item["value"]["path"]] = content
            self.state.history.setdefault(repo, []).append(dict(self.state.commits.get(repo, {})))
            url = f"{self.state.address}/{repo}/commit/{COMMIT}"
            self._json(200, {"success": True, "commitOid": COMMIT, "commitUrl": url, "hookOutput": ""})
        elif "/super-squash/" in path and not self.state.cannot_squash:
            repo = _repo_of(path, "/super-squash/")
            self.state.history[repo] = [dict(self.state.commits.get(repo, {}))]
            self._json(200, {})
        else:
            self._json(200 if path == "/api/validate-yaml" else 404, {"errors": [], "warnings": []})

    def _answer(self, *, body: bool) -> None:
        path = unquote(urlsplit(self.path).path)
        self.state.requests.append((self.command, path, dict(self.headers)))
        if path.startswith(("/api/spaces/", "/api/datasets/")) and "/tree/" in path:
            self._tree(path)
        elif path.startswith("/api/datasets/") and path.endswith("/lfs-files"):
            self._json(200, [])
        elif path.startswith("/datasets/") and "/resolve/" in path:
            repo_name, _, rest = path.removeprefix("/datasets/").partition("/resolve/")
            self._file(Repo(self.state.commits.get(repo_name, {})), rest.partition("/")[2], body=body)
        elif path.startswith(("/api/models/", "/api/spaces/", "/api/datasets/")):
            repo_name, revision = _repo_of(path, "/revision/"), path.partition("/revision/")[2]
            if repo_name in self.state.commits:
                held = [{"rfilename": name} for name in self.state.commits[repo_name]]
                private = self.state.private.get(repo_name, False)
                known = {"id": repo_name, "sha": COMMIT, "siblings": held, "tags": [], "private": private}
                self._json(200, known)
                return
            repo = self._repo(repo_name, revision)
            if repo is not None:
                names = [_sibling(name, data, "blobs=" in self.path) for name, data in repo.files.items()]
                self._json(200, {"id": repo_name, "sha": repo.commit, "siblings": names, "tags": []})
        elif "/resolve/" in path:
            repo_name, _, rest = path[1:].partition("/resolve/")
            revision, _, name = rest.partition("/")
            repo = self._repo(repo_name, revision)
            if repo is not None:
                self._file(repo, name, body=body)
        else:
            self._json(404, {"error": "Not found"})

    def _tree(self, path: str) -> None:
        """The files below a folder, with their ids."""
        repo_name, folder = _repo_of(path, "/tree/"), path.partition("/tree/")[2].partition("/")[2]
        files = self.state.commits.get(repo_name)
        if files is None:
            self._json(404, {"error": "Repository not found"}, {"X-Error-Code": "RepoNotFound"})
            return
        inside = {name: data for name, data in files.items() if not folder or name.startswith(f"{folder}/")}
        if folder and not inside:
            self._json(404, {"error": "Entry not found"}, {"X-Error-Code": "EntryNotFound"})
            return
        self._json(
            200,
            [
                {"type": "file", "path": name, "size": len(data), "oid": etag_of(data, "x.md")}
                for name, data in inside.items()
            ],
        )

    def _repo(self, name: str, revision: str) -> Repo | None:
        repo = self.state.repos.get(name)
        allowed = self.headers.get("Authorization") == f"Bearer {self.state.token}"
        if repo is None:
            self._json(404 if allowed else 401, {"error": "Repository not found"}, {"X-Error-Code": "RepoNotFound"})
        elif repo.gated and not allowed:
            self._json(401, {"error": "Access to this model is restricted"}, {"X-Error-Code": "GatedRepo"})
        elif revision not in ("", "main", repo.commit):
            self._json(404, {"error": "Revision not found"}, {"X-Error-Code": "RevisionNotFound"})
        else:
            return repo
        return None

    def _file(self, repo: Repo, name: str, *, body: bool) -> None:
        if name not in repo.files:
            headers = {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": repo.commit}
            self._json(404, {"error": "Entry not found"}, headers)
            return
        data, faults = repo.files[name], self.state.faults
        etag = f'"{faults.etag or etag_of(data, name)}"'
        start = 0
        wanted = self.headers.get("Range", "")
        if wanted.startswith("bytes=") and self.headers.get("If-Range", etag) == etag:
            start = int(wanted.removeprefix("bytes=").partition("-")[0])
        if start > len(data) or (start and start == len(data)):
            self._json(416, {"error": "Range"})
            return
        self.send_response(206 if start else 200)
        self.send_header("X-Repo-Commit", repo.commit)
        self.send_header("X-Linked-Size", str(len(data)))
        if not (body and faults.weak_etags):
            self.send_header("ETag", etag)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(len(data) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.end_headers()
        if body:
            self._body(data, start, name)

    def _body(self, data: bytes, start: int, name: str) -> None:
        faults = self.state.faults
        if faults.corrupt:
            data = data[:-1] + bytes([data[-1] ^ 1])
        sent = 0
        try:
            for at in range(start, len(data), BLOCK):
                if faults.cut_after and faults.cuts > 0 and sent >= faults.cut_after:
                    faults.cuts -= 1
                    self.close_connection = True
                    return
                if faults.hang_after and sent >= faults.hang_after:
                    while faults.hang_after:
                        time.sleep(0.01)
                if faults.delay:
                    time.sleep(faults.delay)
                block = data[at : at + BLOCK]
                self.wfile.write(block)
                sent += len(block)
                self.state.sent[name] += len(block)
            self.state.bodies.append((start, sent))
        except OSError:
            self.close_connection = True

    def _json(self, status: int, data: Any, headers: dict[str, str] | None = None) -> None:
        text = json.dumps(data).encode()
        self.send_response(status)
        for key, value in (headers or {}).items():
            self.send_header(key, value)
        if isinstance(data, dict) and "error" in data:
            self.send_header("X-Error-Message", str(data["error"]))
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)
