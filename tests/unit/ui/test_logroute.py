"""The last words of a page: taken without Gradio, and nothing else is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from tests.unit.page.test_studylog import Browser, open_pages
from workbench.hub.hub import Hub
from workbench.hub.registry import Registry
from workbench.study.log.read import load
from workbench.ui.bodies import bodies
from workbench.ui.logroute import PATH, log_routes

pytestmark = pytest.mark.server


def test_a_page_that_is_closed_hands_over_what_it_holds(tmp_path: Path) -> None:
    hub = Hub(Registry.load(plugins=False, user=False))
    pages = open_pages(hub, tmp_path)
    person = Browser(pages)
    person.agree()
    person.tell("select", count=1)
    assert person.log is not None
    message: dict[str, Any] = {
        "type": "log_take", "session": person.session, "entries": person.held, "log_session": person.log["session"],
        "log_key": person.log["key"],
    }  # fmt: skip
    client = TestClient(Starlette(routes=log_routes(pages)))
    assert client.post(PATH, json=message).json()["next"] == 2
    assert client.post(PATH, json=message).json()["next"] == 2, "what comes again counts once"
    assert person.send()["next"] == 2
    (log,) = load(str(tmp_path))
    assert [event["kind"] for event in log.events] == ["session", "consent", "open", "select"]
    assert client.post(PATH, json={**message, "type": "log_delete"}).status_code == 400
    assert client.post(PATH, content=b"{").status_code == 400
    assert client.post(PATH, json={**message, "log_key": "0" * 32}).json() == {"type": "log_ended"}
    assert client.get(PATH).status_code == 405
    assert bodies(None)["log"].limit < 200_000, "a browser sends no more by itself"
