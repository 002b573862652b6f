"""A server, a cache folder, and the real client in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import workbench
from tests.hubserver import HubServer, serving

ROOT = Path(workbench.__file__).resolve().parent.parent
PULLER = Path(__file__).with_name("puller.py")


@pytest.fixture
def server() -> Iterator[HubServer]:
    with serving() as state:
        yield state


class Client:
    """Runs the workbench with the real ``huggingface_hub`` against a server, each call a fresh process."""

    def __init__(self, address: str, home: Path) -> None:
        self.home = home
        self.cache = home / "huggingface" / "hub"
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("HF_")},
            "HF_ENDPOINT": address, "HF_HOME": str(home / "huggingface"), "WORKBENCH_HOME": str(home / "workbench"),
            "PYTHONPATH": str(ROOT), "HF_HUB_DISABLE_TELEMETRY": "1", "NO_PROXY": "127.0.0.1",
        }  # fmt: skip

    def start(self, *command: str, **env: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, *command], env={**self.env, **env}, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def pull(
        self, repo: str, files: dict[str, str], revision: str, env: dict[str, str] | None = None, **plan: Any
    ) -> Any:
        """The outcome of one pull; see ``puller.py``."""
        text = json.dumps({"repo": repo, "files": files, "revision": revision, **plan})
        process = self.start(str(PULLER), text, **(env or {}))
        out, err = process.communicate(timeout=180)
        assert process.returncode == 0, err
        return json.loads(out)

    def models(self, *words: str, **env: str) -> tuple[int, str, str]:
        """``workbench models WORDS``: exit code, standard output, standard error."""
        return self.run("models", *words, **env)

    def run(self, *words: str, **env: str) -> tuple[int, str, str]:
        """``workbench WORDS``: exit code, standard output, standard error."""
        process = self.start("-m", "workbench", *words, **env)
        out, err = process.communicate(timeout=180)
        return process.returncode, out, err

    def blobs(self, repo: str) -> list[str]:
        """Names in the repository's blob folder."""
        folder = self.cache / f"models--{repo.replace('/', '--')}" / "blobs"
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


@pytest.fixture
def client(server: HubServer, tmp_path: Path) -> Client:
    return Client(server.address, tmp_path)
