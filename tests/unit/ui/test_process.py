"""Settings of the whole process: the owner's stay, promises are kept, and nothing private is printed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from workbench.ui.process import settings

NOISY = """
import asyncio, logging, threading, traceback
from workbench.ui.process import keep_quiet
keep_quiet()
def wrong():
    raise ValueError("my secret song")
try:
    wrong()
except ValueError:
    traceback.print_exc()
    logging.getLogger("uvicorn.error").error("Exception in ASGI application", exc_info=True)
thread = threading.Thread(target=wrong)
thread.start()
thread.join()
async def forgotten():
    asyncio.ensure_future(asyncio.to_thread(wrong))
    await asyncio.sleep(0.2)
asyncio.run(forgotten())
"""


def test_what_the_owner_has_set_stays_but_nobody_is_believed_about_where_they_are(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "4")
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    found = settings()
    assert not {"GRADIO_TEMP_DIR", "OPENBLAS_NUM_THREADS"} & found.keys()
    assert found["FORWARDED_ALLOW_IPS"] == ""
    assert found["GRADIO_ANALYTICS_ENABLED"] == "False"
    for name in ("GRADIO_TEMP_DIR", "OPENBLAS_NUM_THREADS"):
        monkeypatch.delenv(name)
    assert settings()["OPENBLAS_NUM_THREADS"] == "1"
    assert Path(settings()["GRADIO_TEMP_DIR"]).parent.is_dir()


def test_what_goes_wrong_is_printed_by_its_kind_and_place_alone() -> None:
    made = subprocess.run([sys.executable, "-c", NOISY], capture_output=True, text=True, timeout=120, check=True)
    assert "secret" not in made.stderr + made.stdout
    assert made.stderr.count("ValueError in") >= 3
    assert "wrong" in made.stderr


def test_the_command_line_fills_without_threads_that_only_wait_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    code = "import os; from workbench.cli import main; main(['models', 'list']); print('THREADS', os.environ[NAME])"
    code = code.replace("NAME", "'OPENBLAS_NUM_THREADS'")
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert "THREADS 1" in made.stdout
