"""A JupyterLab of its own for the tests: temporary folders, no password, and a client of the kernel beside the page."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(address: str, process: subprocess.Popen[bytes], seconds: float = 90) -> None:
    """Wait until a server answers; servers start slowly on a busy machine."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server has ended"
        try:
            urllib.request.urlopen(address, timeout=2).close()
            return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"{address} does not answer")


def environment(folder: Path) -> dict[str, str]:
    """Nothing of the person's own settings, and no network but this machine's."""
    own = {
        name: str(folder / name.lower())
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "XDG_CONFIG_HOME")
    }
    dead = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9", "no_proxy": "127.0.0.1,localhost"}
    return {**os.environ, **own, **dead, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}


def notebook(*cells: str) -> dict[str, Any]:
    """A notebook of code cells that have not been run."""
    return {
        "nbformat": 4, "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "cells": [
            {
                "cell_type": "code", "id": f"cell{number}", "metadata": {}, "source": source, "outputs": [],
                "execution_count": None,
            }
            for number, source in enumerate(cells)
        ],
    }  # fmt: skip


class JupyterLab:
    """A running server; :meth:`write` puts notebooks there, :meth:`run` executes code in a notebook's kernel."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "notebooks"
        self.folder.mkdir(parents=True)
        self._environment = environment(folder)
        settings = folder / "jupyter_config_dir/lab/user-settings/@jupyterlab/apputils-extension"
        settings.mkdir(parents=True)
        quiet = {"fetchNews": "false", "checkForUpdates": False}
        (settings / "notification.jupyterlab-settings").write_text(json.dumps(quiet), encoding="utf-8")
        port = free_port()
        self.address = f"http://127.0.0.1:{port}"
        self._log = (folder / "server.log").open("wb")
        self._process = subprocess.Popen(
            [
                sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
                "--ServerApp.port_retries=0", "--IdentityProvider.token=", "--LabApp.extension_manager=readonly",
                f"--ServerApp.root_dir={self.folder}", "--ServerApp.disable_check_xsrf=True",
            ],
            cwd=self.folder, env=self._environment, stdout=self._log, stderr=self._log,
        )  # fmt: skip
        self._clients: dict[str, Any] = {}
        wait_for(f"{self.address}/api", self._process)

    def write(self, name: str, content: dict[str, Any]) -> Path:
        path = self.folder / name
        path.write_text(json.dumps(content), encoding="utf-8")
        return path

    def _kernel(self, name: str) -> Any:
        from jupyter_client.blocking import BlockingKernelClient

        if name not in self._clients:
            with urllib.request.urlopen(f"{self.address}/api/sessions", timeout=10) as answer:
                kernel = next(item for item in json.load(answer) if item["path"] == name)["kernel"]["id"]
            client = BlockingKernelClient()
            client.load_connection_file(f"{self._environment['JUPYTER_RUNTIME_DIR']}/kernel-{kernel}.json")
            client.start_channels()
            client.wait_for_ready(timeout=60)
            self._clients[name] = client
        return self._clients[name]

    def run(self, name: str, code: str) -> str:
        """What ``code`` prints in the kernel of an open notebook."""
        printed: list[str] = []

        def collect(message: dict[str, Any]) -> None:
            if message["msg_type"] == "stream":
                printed.append(message["content"]["text"])
            elif message["msg_type"] == "error":
                raise AssertionError("\n".join(message["content"]["traceback"]))

        self._kernel(name).execute_interactive(code, timeout=60, output_hook=collect)
        return "".join(printed).strip()

    def shut_down(self, name: str) -> None:
        """End a notebook's kernel."""
        self._clients.pop(name).stop_channels()
        with urllib.request.urlopen(f"{self.address}/api/sessions", timeout=10) as answer:
            session = next(item for item in json.load(answer) if item["path"] == name)["id"]
        request = urllib.request.Request(f"{self.address}/api/sessions/{session}", method="DELETE")
        urllib.request.urlopen(request, timeout=30).close()

    def close(self) -> None:
        for client in self._clients.values():
            client.stop_channels()
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._log.close()
