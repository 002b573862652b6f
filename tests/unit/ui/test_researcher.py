"""The researcher's page: nothing of it without the password, few tries, and nobody's words run as markup."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from workbench.errors import BadRequest
from workbench.study.log.sinks import open_sink
from workbench.study.simulate import Arm, Planted, simulate
from workbench.study.tables.live import Desk, Live
from workbench.ui.researcher import PATH, Researcher, tables
from workbench.ui.researcher.gate import IN_ALL, PER_ADDRESS, WINDOW_SECONDS, Lock
from workbench.ui.researcher.mount import ENTER

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Live:
    sink = open_sink(tmp_path_factory.mktemp("study") / "log")
    arms = (Arm("<i>one</i>", suggestions=4, edits=1, accept=0.5),)
    simulate(Planted(people=2, arms=arms, seed=1), sink)
    return Live(sink, Desk("<b>Title</b>", (("<i>one</i>",),), erase=sink.erase))


@pytest.fixture
def client(live: Live) -> Iterator[Any]:
    from starlette.applications import Starlette
    from starlette.testclient import TestClient

    page = Researcher(live, PASSWORD)
    with TestClient(Starlette(routes=page.routes, lifespan=lambda app: page.lifespan())) as made:
        yield made


def test_without_the_password_there_is_only_the_form(client: Any) -> None:
    form = client.get(f"{PATH}/")
    assert form.status_code == 200
    assert "Password" in form.text
    assert "gradio" not in form.text.lower().replace("gradio_api/researcher", "")
    for path in ("config", "gradio_api/info", "gradio_api/startup-events", "theme.css", "export.zip", "assets/x.js"):
        answer = client.get(f"{PATH}/{path}")
        assert answer.status_code == 401, path
        assert answer.text == "Give the password first."
    assert client.post(f"{PATH}/gradio_api/queue/join", json={"data": [], "fn_index": 0}).status_code == 401
    client.cookies.set("workbench_researcher", "made up")
    assert client.get(f"{PATH}/config").status_code == 401


def test_the_password_opens_page_and_archive_until_it_is_locked(client: Any) -> None:
    assert client.post(ENTER, json={"password": "wrong password"}).json() == {"error": "That is not the password."}
    answer = client.post(ENTER, json={"password": PASSWORD})
    assert answer.status_code == 200
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert f"path={PATH}" in cookie
    assert "secure" not in cookie  # over plain http a browser would not send it back
    assert client.get(f"{PATH}/config").json()["title"] == "Study page"
    archive = zipfile.ZipFile(io.BytesIO(client.get(f"{PATH}/export.zip").content))
    assert len([name for name in archive.namelist() if name.startswith("tables/")]) == 14
    client.post(ENTER, json={"leave": True})
    assert client.get(f"{PATH}/config").status_code == 401


def test_over_https_the_cookie_stays_there(client: Any) -> None:
    answer = client.post(ENTER, json={"password": PASSWORD}, headers={"x-forwarded-proto": "https"})
    assert "secure" in answer.headers["set-cookie"].lower()


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"x"', b"[" * 100_000, b'{"password": null}'])
def test_nonsense_is_no_password(client: Any, body: bytes) -> None:
    assert client.post(ENTER, content=body).status_code in (400, 403)


def test_few_wrong_passwords_from_one_address_and_not_many_in_all() -> None:
    now = [0.0]
    lock = Lock(PASSWORD, clock=lambda: now[0])
    for _ in range(PER_ADDRESS):
        assert lock.enter("wrong password", "a") is None
    with pytest.raises(BadRequest, match="Too many wrong passwords"):
        lock.enter(PASSWORD, "a")  # not even the right one is looked at
    assert lock.enter(PASSWORD, "b")
    now[0] += WINDOW_SECONDS + 1
    assert lock.enter(PASSWORD, "a")
    for number in range(IN_ALL):
        lock.enter("wrong password", f"address {number}")
    with pytest.raises(BadRequest, match="Too many"):
        lock.enter(PASSWORD, "another")


def test_nobody_stays_in_for_ever_and_a_short_password_is_none() -> None:
    now = [0.0]
    lock = Lock(PASSWORD, clock=lambda: now[0])
    token = lock.enter(PASSWORD, "a")
    assert token is not None
    assert lock.fits(token)
    assert not lock.fits(token[:-1])
    now[0] += 9 * 3_600
    assert not lock.fits(token)
    with pytest.raises(BadRequest, match="at least 12 characters"):
        Lock("short")


def test_what_people_and_study_files_say_is_text(live: Live) -> None:
    now = live.now()
    for made in (tables.head, tables.conditions, tables.people, tables.assignment, tables.troubles):
        assert "<i>one" not in made(now)
        assert "<b>Title" not in made(now)
    assert "&lt;b&gt;Title" in tables.head(now)
    assert "&lt;i&gt;one" in tables.people(now)
    assert "&lt;i&gt;one" in tables.assignment(now)


def test_the_page_shows_numbers_and_figures(live: Live) -> None:
    from workbench.ui.researcher.view import PLACES, _look

    first = _look(live, {})
    assert json.loads(first[0]["acceptance"])["data"]
    assert "2</b>people" in first[1]
    plots = dict(zip(PLACES, first[3 : 3 + len(PLACES)], strict=True))
    assert plots["acceptance"]["visible"] is True
    assert "value" not in plots["preferences"]  # nobody has voted
    again = _look(live, first[0])
    assert all("value" not in plot for plot in again[3 : 3 + len(PLACES)])  # nothing has changed: nothing is drawn
