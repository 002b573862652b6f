"""The real app for browser tests: one server for the session, pages in contexts of their own."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
START_SECONDS = 120
#: A model that works slowly and writes down each step, made known to the app as any installed plug-in is.
PLUGIN = "[workbench.models]\nslow = slow_model:SPEC\n"
STORE = "window.__musicWorkbench.stores.workbench"
PLAYER = "window.__musicWorkbenchPlayers.workbench"


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """The app as its own process, on a free port of this machine."""

    def __init__(self, folder: Path, *command: str, port: int | None = None, **variables: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.port = port or free_port()
        self.command = [part.replace("PORT", str(self.port)) for part in command]
        self.steps = folder / "steps.txt"
        plugin = folder / "plugin"
        if not plugin.exists():
            information = plugin / "slow_model-1.dist-info"
            information.mkdir(parents=True)
            (information / "METADATA").write_text("Metadata-Version: 2.1\nName: slow-model\nVersion: 1\n")
            (information / "entry_points.txt").write_text(PLUGIN)
            shutil.copy(Path(__file__).with_name("slow_model.py"), plugin)
        self.environment = {
            **os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(plugin)]), "OMP_NUM_THREADS": "1",
            "WORKBENCH_HOME": str(folder / "home"), "HF_HOME": str(folder / "hf"), "HF_HUB_OFFLINE": "1",
            "SLOW_MODEL_STEPS": str(self.steps), "GRADIO_TEMP_DIR": str(folder / "gradio"), **variables,
        }  # fmt: skip
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where the app is, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """What the server has printed so far."""
        return (self.folder / "log.txt").read_text(encoding="utf-8", errors="replace")

    def start(self) -> None:
        """Start it and wait until it answers."""
        with (self.folder / "log.txt").open("ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=self.folder, env=self.environment, stdout=log, stderr=subprocess.STDOUT
            )
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            assert self.process.poll() is None, self.log
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.2)
        raise AssertionError(f"The app did not start:\n{self.log}")

    def kill(self) -> None:
        """End it at once, as a crash or a closed laptop would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app as ``workbench`` starts it."""
    server = Server(tmp_path_factory.mktemp("app"), sys.executable, "-m", "workbench", "--port", "PORT")
    server.start()
    yield server
    server.kill()


class Visitor:
    """One person's browser: a context of its own with the app's page in it."""

    def __init__(self, chromium: Any, address: str, **options: Any) -> None:
        self.address = address
        self.context = chromium.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
        self.page = self.context.new_page()
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        # Watched all the time: Playwright begins to watch too late for a key pressed at once.
        self.page.on("filechooser", lambda chooser: None)
        self.page.set_default_timeout(45_000)

    def come(self, query: str = "") -> Visitor:
        """Open the page and wait until it can be used."""
        self.page.goto(f"{self.address}/{query}")
        self.wait_ready()
        return self

    def wait_ready(self) -> None:
        """Wait until the opening page shows its piece."""
        self.page.locator(".wb-home .big-play:enabled").wait_for()

    def tab(self, name: str) -> None:
        """Go to a tab by its title."""
        self.page.get_by_role("tab", name=name, exact=True).click()
        view = {"Make": "prompt"}.get(name, name.lower())
        self.page.locator(f".wb-{view} .wb > *").first.wait_for(state="attached")

    def open_file(self, path: Path) -> None:
        """Open a file by the opening page's door."""
        with self.page.expect_file_chooser() as chooser:
            self.page.get_by_role("button", name="Open my own").click()
        chooser.value.set_files(path)

    def store(self, expression: str) -> Any:
        """A value of the page's store, such as ``revision``."""
        return self.page.evaluate(f"{STORE}.{expression}")

    def wait_for_store(self, condition: str) -> None:
        """Wait until something holds of the page's ``store``."""
        self.page.wait_for_function(f"(() => {{ const store = {STORE}; return {condition}; }})()")

    def notes(self) -> list[list[Any]]:
        """Track, start, duration and pitch of every note, sorted."""
        found: list[list[Any]] = self.page.evaluate(
            f"""{STORE}.score.tracks.flatMap((track) => [...track.notes.values()]
              .map((note) => [track.id, note.start, note.duration, note.pitch]))"""
        )
        return sorted(found)

    def hash(self) -> str:
        """The project's hash as the page computes it."""
        return str(self.store("document.hash"))

    def settle(self) -> None:
        """Wait until the browser has kept everything and the server has heard of it."""
        self.wait_for_store("store.status.autosave === 'saved' && store.status.pending === 0")

    def wait_for_sound(self) -> None:
        """Wait until the mix is heard."""
        self.page.wait_for_function(
            f"""() => {{
              const analyser = {PLAYER}.analyser();
              if (!analyser) return false;
              const samples = new Float32Array(analyser.fftSize);
              analyser.getFloatTimeDomainData(samples);
              return Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length) > 0.002;
            }}"""
        )

    def said(self, view: str) -> str:
        """What a view has announced last, politely."""
        text = self.page.locator(f".wb-{view} [data-spoken=polite]").text_content() or ""
        return str(text).replace("\u200b", "")


@pytest.fixture
def visit(chromium: Any, app: Server) -> Iterator[Any]:
    """``visit(width=..., ...)`` gives a :class:`Visitor` on the app's page; their contexts are closed at the end."""
    visitors: list[Visitor] = []

    def come(query: str = "", *, address: str = app.address, **options: Any) -> Visitor:
        visitors.append(Visitor(chromium, address, **options))
        return visitors[-1].come(query)

    yield come
    for visitor in visitors:
        with contextlib.suppress(Exception):  # a test may have closed it already
            visitor.context.close()
