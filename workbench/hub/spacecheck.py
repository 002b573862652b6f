"""Whether a Space's folder starts from nothing but what it carries: an empty environment and its page."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import Unavailable

#: Seconds that installing and starting may take; a Space gives up after thirty minutes.
INSTALL, START = 1_500.0, 180.0


@dataclass(frozen=True)
class Started:
    """How a Space's start went: seconds for installing and until the page came, size of the environment in bytes."""

    install_seconds: float
    start_seconds: float
    environment_bytes: int


def check(folder: str | Path, *, tell: Callable[[str], None] = lambda text: None) -> Started:
    """Install and start a Space in an environment of its own, ask for its page, and take everything away again.

    Args:
        folder: as :func:`workbench.hub.spacefolder.build` wrote it.
        tell: hears of each step.

    Raises:
        Unavailable: it cannot be installed or does not start; the sentence ends with what it said last.
    """
    place = Path(folder).resolve()
    release = re.search(r"(?m)^sdk_version: (\S+)$", (place / "README.md").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch) / "environment"
        tell("Making an empty environment")
        begun = time.monotonic()
        _run([sys.executable, "-m", "venv", str(home)], "The environment cannot be made")
        python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        tell("Installing what requirements.txt names")
        gradio = [f"gradio[oauth]=={release[1]}"] if release else []
        command = [str(python), "-m", "pip", "install", "--quiet", "-r", str(place / "requirements.txt"), *gradio]
        _run(command, "It cannot be installed", cwd=place)
        installed = time.monotonic() - begun
        size = sum(path.lstat().st_size for path in home.rglob("*") if path.is_file() and not path.is_symlink())
        tell("Starting the page")
        return Started(installed, starts(place, str(python), Path(scratch)), size)


def starts(folder: Path, python: str, scratch: Path, extra: dict[str, str] | None = None) -> float:
    """Start ``app.py`` as a Space does and ask for its page; seconds until it came.

    Raises:
        Unavailable: the page did not come.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **{name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LANG", "TMPDIR") if name in os.environ},
        "HOME": str(scratch), "GRADIO_SERVER_NAME": "127.0.0.1", "GRADIO_SERVER_PORT": str(port), "SYSTEM": "spaces",
        "SPACE_HOST": "owner-name.hf.space", "HF_HUB_OFFLINE": "1", "PYTHONNOUSERSITE": "1", **(extra or {}),
    }  # fmt: skip
    log = scratch / "log"
    begun = time.monotonic()
    with (
        log.open("wb") as said,
        subprocess.Popen(
            [python, "app.py"], cwd=folder, env=environment, stdout=said, stderr=subprocess.STDOUT
        ) as server,
    ):
        try:
            while time.monotonic() - begun < START and server.poll() is None:
                if _answers(f"http://127.0.0.1:{port}/"):
                    return time.monotonic() - begun
                time.sleep(0.2)
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    raise Unavailable(f"The page did not start; it said last: {lines[-1][:300] if lines else 'nothing'}.")


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as reply:
            return bool(reply.status == 200 and b"gradio" in reply.read(2_000_000))
    except (urllib.error.URLError, OSError):
        return False


def _run(command: list[str], problem: str, cwd: Path | None = None) -> None:
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=INSTALL, check=False)
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"{problem}: it took more than {INSTALL / 60:.0f} minutes.") from error
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise Unavailable(f"{problem}; pip said last: {lines[-1][:300] if lines else 'nothing'}.")
