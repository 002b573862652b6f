"""What all tests share: no test reaches the network, and none writes into a person's folders."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

# The Hub's client reads this when it is imported, which collecting the tests may already do.
os.environ["HF_HUB_OFFLINE"] = "1"
if "PYTEST_XDIST_WORKER" in os.environ:
    # Several workers share the processors: threads of one would wait for those of another.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, "1")

LOOPBACK = ("127.0.0.1", "::1", "localhost")


@pytest.fixture(autouse=True)
def _no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Block sockets: all of them, or all but this machine's own for tests that run a server here."""
    local = any(request.node.get_closest_marker(name) for name in ("hub", "browser", "server"))
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        unix = hasattr(socket, "AF_UNIX") and self.family == socket.AF_UNIX
        if not unix and not (local and isinstance(address, tuple) and address[0] in LOOPBACK):
            raise AssertionError(f"a test tried to reach {address!r}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded)


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep caches and settings of the tests apart from those of the person who runs them."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("WORKBENCH_HOME", str(home / "workbench"))
    monkeypatch.setenv("HF_HOME", str(home / "huggingface"))


@pytest.fixture
def data() -> Path:
    """The folder of bundled test files."""
    return Path(__file__).parent / "data"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Try tests that drive a real browser or a real download up to three times.

    A browser, servers and a synthesiser share the machine; when it is busy one of them may miss another's patience.
    What is wrong stays wrong three times over, and the summary counts every second try. ``-p no:rerunfailures`` tries
    each once, which shows what the first try stumbled over.
    """
    if not config.pluginmanager.hasplugin("rerunfailures"):
        return
    browser = Path(__file__).parent / "browser"
    for item in items:
        if browser in item.path.parents or item.get_closest_marker("hub"):
            item.add_marker(pytest.mark.flaky(reruns=2, reruns_delay=2))


class TwoHands(LoadScopeScheduling):  # type: ignore[misc]  # xdist ships no types
    """One worker drives the browser, from one test to the next; the others take the rest, a file at a time.

    Two browsers at once would keep each other waiting, and each would start an app of its own.
    """

    def _split_scope(self, nodeid: str) -> str:
        return "tests/browser" if nodeid.startswith("tests/browser/") else nodeid.split("::", 1)[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> TwoHands:
    """How tests are shared out when there are several workers (``-n 2``)."""
    return TwoHands(config, log)
