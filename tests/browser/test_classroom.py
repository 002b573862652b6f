"""A class over HTTPS, in a real browser: the teacher's page, a pupil who types the code, and the app behind it."""

from __future__ import annotations

import re
import ssl
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.app_fixtures import Server

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    command = (sys.executable, "-m", "workbench", "--class", "--code", "K7MQ2", "--host", "localhost", "--port", "PORT")
    server = Server(tmp_path_factory.mktemp("class") / "server", *command)
    server.start()
    end = time.monotonic() + 60
    while "/class/teacher" not in server.log and time.monotonic() < end:
        time.sleep(0.1)
    yield server
    server.kill()


def test_a_pupil_comes_in_by_the_code_has_a_microphone_and_is_counted(chromium: Any, school: Server) -> None:
    desk = re.search(r"https://localhost:\d+/class/teacher\?key=\S+", school.log)
    assert desk, school.log
    teacher = chromium.new_context(ignore_https_errors=True, viewport={"width": 1440, "height": 900}).new_page()
    teacher.goto(desk[0])
    assert teacher.locator("#count").text_content() == "0"
    assert "key" not in teacher.url, "what is shown on the wall opens nothing"

    context = chromium.new_context(ignore_https_errors=True, viewport={"width": 390, "height": 844})
    pupil = context.new_page()
    pupil.goto(f"https://localhost:{school.port}/")
    pupil.get_by_label("Class code").fill("wrong")
    pupil.get_by_role("button").click()
    assert "not the code" in (pupil.get_by_role("alert").text_content() or "")
    pupil.get_by_label("Class code").fill("k7mq2")
    pupil.get_by_role("button", name="Open the workbench").click()
    pupil.locator(".wb-home .big-play:enabled").wait_for(timeout=60_000)
    assert pupil.evaluate("isSecureContext && !!navigator.mediaDevices && typeof AudioWorklet === 'function'")
    teacher.wait_for_function("document.getElementById('count').textContent === '1'")
    for page in (teacher, pupil):
        page.context.close()


def test_without_the_cookie_nothing_of_the_app_is_served(school: Server) -> None:
    trusting = ssl._create_unverified_context()
    for path in ("/config", "/gradio_api/info", "/theme.css"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"https://localhost:{school.port}{path}", timeout=20, context=trusting)
        assert refused.value.code == 401
