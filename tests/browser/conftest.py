"""A Chromium for all browser tests, and a plain web server for the pages that need no app around them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.browser.app_fixtures import app, visit  # noqa: F401  (fixtures of the tests of the whole app)
from tests.browser.genie_tools import STUBS, GeniePage
from tests.browser.staticserver import serve

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One Chromium for the session; each test opens contexts of its own."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def static_server() -> Iterator[str]:
    """Address of a server for ``/public`` (the built files) and ``/pages`` (the test pages)."""
    with serve() as address:
        yield address


@pytest.fixture
def open_roll(chromium: Any, static_server: str) -> Iterator[Callable[..., Any]]:
    """Open the piano roll on a page by itself: ``open_roll(score_dict, width=..., touch=...)`` gives the page."""
    contexts = []

    def open_page(
        score: dict[str, Any],
        *,
        width: int = 1440,
        height: int = 900,
        touch: bool = False,
        query: str = "",
        **options: Any,
    ) -> Any:
        context = chromium.new_context(
            viewport={"width": width, "height": height}, has_touch=touch, is_mobile=touch, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.add_init_script(f"window.givenScore = {json.dumps(score)};")
        page.goto(f"{static_server}/pages/roll.html?{query}")
        page.wait_for_selector("html[data-ready]", state="attached")
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def open_genie(chromium: Any, static_server: str) -> Iterator[Callable[..., GeniePage]]:
    """Open the Genie on a page by itself, with pretended MIDI and gamepads; ``score``: the open piece."""
    contexts = []

    def open_page(
        *, width: int = 1440, height: int = 900, touch: bool = False, score: dict[str, Any] | None = None
    ) -> GeniePage:
        context = chromium.new_context(
            viewport={"width": width, "height": height}, has_touch=touch, is_mobile=touch, accept_downloads=True
        )
        contexts.append(context)
        page = context.new_page()
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.add_init_script(f"window.givenScore = {json.dumps(score)};" + STUBS)
        page.goto(f"{static_server}/pages/genie.html")
        return GeniePage(page)

    yield open_page
    errors = [error for context in contexts for page in context.pages for error in page.errors]
    for context in contexts:
        context.close()
    assert errors == []
