"""What the server gives away: ``public/`` and finished exports, nothing else; and what it asks of others: nothing."""

from __future__ import annotations

import shutil
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.app_fixtures import ROOT, STORE, Server, Visitor

pytestmark = pytest.mark.browser

Visit = Callable[..., Visitor]
PUBLIC = ROOT / "workbench/web/public"


def status(address: str) -> int:
    """The HTTP status of an address."""
    try:
        with urllib.request.urlopen(address, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def file_address(server: Server, path: Path | str) -> str:
    """Where a file would be, if it were served."""
    return f"{server.address}/gradio_api/file={path}"


def test_every_public_file_is_served(app: Server) -> None:
    files = [path for path in PUBLIC.iterdir() if path.is_file()] + [PUBLIC / "soundfonts/000.sf3"]
    assert {status(file_address(app, path)) for path in files} == {200}


@pytest.mark.parametrize(
    "path",
    [
        ROOT / "pyproject.toml", ROOT / "workbench/cli.py", ROOT / "workbench/web/package.json",
        ROOT / "models/registry.toml", ROOT / "workbench/web/src/theme.css", "/etc/passwd", "/proc/self/environ",
        f"{PUBLIC}/../package.json", f"{PUBLIC}/../../../pyproject.toml", f"{PUBLIC}/%2e%2e/package.json",
        f"{PUBLIC}/..%2f..%2f..%2fpyproject.toml", f"{PUBLIC}/soundfonts/../../package.json",
        f"{PUBLIC}//etc/passwd", f"{PUBLIC}/%2fetc%2fpasswd", f"{PUBLIC}-", f"{PUBLIC}/..\\package.json",
        "pyproject.toml", "../pyproject.toml", "file:///etc/passwd", "log.txt",
    ],
)  # fmt: skip
def test_everything_else_is_refused(app: Server, path: Path | str) -> None:
    assert status(file_address(app, path)) in (403, 404)


@pytest.mark.parametrize(
    "route", ["static/../../etc/passwd", "static/%2e%2e/%2e%2e/config.json", "assets/../../../etc/passwd"]
)
def test_gradios_own_folders_lead_nowhere_else(app: Server, route: str) -> None:
    assert status(f"{app.address}/{route}") in (400, 403, 404, 405)


def test_finished_files_have_names_nobody_can_guess_and_their_folder_tells_nothing(visit: Visit, app: Server) -> None:
    person = visit()
    person.tab("Stems")
    person.page.get_by_text("For musicians").click()
    with person.page.expect_download() as download:
        person.page.get_by_role("button", name="MIDI file", exact=True).click()
    address = download.value.url
    assert address.startswith(app.address)
    secret = address.split("/")[-2]
    assert len(secret) == 32
    assert int(secret, 16) >= 0
    assert status(address) == 200
    assert status(address.rsplit("/", 1)[0]) in (403, 404, 405)
    assert status(address.rsplit("/", 2)[0] + "/") in (403, 404, 405)
    assert status(address.replace(secret, "0" * 32)) in (403, 404)


def test_the_page_asks_nobody_but_its_own_server(visit: Visit, app: Server) -> None:
    person = visit()
    for tab in ("Roll", "Sheet", "Stems", "Models"):
        person.tab(tab)
    person.page.get_by_role("tab", name="Start", exact=True).click()
    person.page.get_by_role("button", name="Play the piece").click()
    person.wait_for_sound()
    strangers = [url for url in person.requests if not url.startswith((app.address, "blob:", "data:"))]
    assert strangers == []
    assert not any("/src/" in url or "node_modules" in url for url in person.requests)


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory):
    """The folder of the Space by itself, started as the Space starts it."""
    folder = tmp_path_factory.mktemp("space")
    shutil.copytree(ROOT / "spaces/workbench", folder / "repository")
    command = [sys.executable, str(folder / "repository/app.py")]
    server = Server(folder, *command)
    server.environment |= {
        "GRADIO_SERVER_NAME": "127.0.0.1", "GRADIO_SERVER_PORT": str(server.port), "SYSTEM": "spaces",
    }  # fmt: skip
    server.start()
    yield server
    server.kill()


def test_the_space_starts_and_keeps_to_the_rules_for_strangers(visit: Visit, space: Server, data: Path) -> None:
    person = visit(address=space.address)
    # A piece of more than ten minutes is refused in words, and the piece before stays.
    person.page.wait_for_function(f"{STORE}.score.tracks.length > 0")
    before = person.hash()
    long = data.parent / "data/midi/freedoom_d_e1m8.mid"
    from workbench.score.score import Score

    score = Score.open(long)
    note = next(iter(score.tracks[0].notes.values()))
    score.tracks[0].notes[note.id] = type(note)(note.id, 15 * 60 * 4 * score.ppq, 10, note.pitch)
    path = space.folder / "long.mid"
    score.save(path)
    person.open_file(path)
    person.page.locator(".wb-home .news.bad").wait_for()
    assert "10 minutes" in person.page.locator(".wb-home .news").inner_text()
    assert person.hash() == before
    # Nobody pulls weights, and the endpoints keep to the same limits.
    person.tab("Models")
    person.page.get_by_role("heading", name="Credits").wait_for()
    assert person.page.locator(".wb-models").get_by_role("button", name="Download").count() == 0
    reply = person.page.evaluate(
        f"{STORE}.call({{ type: 'pull', id: 'p1', model: 'markov' }})"
        ".then((reply) => reply.type, (error) => error.message)"
    )
    assert reply != "ack"
    assert status(file_address(space, space.folder / "repository/rules.toml")) in (403, 404)
    assert status(file_address(space, "rules.toml")) in (403, 404)
    assert person.errors == []
