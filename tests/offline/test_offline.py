"""The engine with no network at all: every command in a process whose sockets are blocked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from workbench import resources

BLOCKED = """
import socket, sys

def refuse(*arguments, **options):
    raise OSError("the network is blocked")

socket.socket.connect = socket.socket.connect_ex = refuse
socket.create_connection = socket.getaddrinfo = refuse
from workbench.cli import main
sys.exit(main(sys.argv[1:]))
"""


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    return subprocess.run(
        [sys.executable, "-c", BLOCKED, *arguments], cwd=folder, env=environment, capture_output=True, text=True
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("render", "PIECE", "-o", "out.wav"),
        ("stems", "PIECE", "-o", "stems"),
        ("infill", "PIECE", "--from", "3", "--to", "3", "--track", "Melody", "-o", "out.mid"),
        ("models", "list"),
        ("models", "check", "markov"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_the_commands_work_with_no_network(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    piece = str(resources.path("assets/pieces/opening.wbz"))
    done = run(tmp_path, *(piece if word == "PIECE" else word for word in arguments))
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_a_model_that_is_not_here_is_one_sentence(tmp_path: Path) -> None:
    done = run(tmp_path, "models", "add", "nobody/nothing")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
