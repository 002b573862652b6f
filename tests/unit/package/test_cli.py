"""The command line as a person meets it: help, one sentence on failure, exit codes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from workbench.cli import main


def test_an_unknown_command_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["dance"])
    assert stop.value.code == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "--help" in error


def test_a_missing_file_is_one_sentence(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["render", str(tmp_path / "nothing.mid"), "-o", str(tmp_path / "out.wav")]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "nothing.mid" in error
    assert list(tmp_path.iterdir()) == []


def test_python_dash_m_works() -> None:
    done = subprocess.run([sys.executable, "-m", "workbench", "--version"], capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stdout.startswith("workbench ")
