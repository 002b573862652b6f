"""What is heard is what is exported, on pieces with several instruments (all twenty: ``tests/bench/parity.py``)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.bench.parity import compare, piece, worst

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def renderer(chromium: Any, static_server: str) -> Any:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{static_server}/pages/offline.html")
    page.wait_for_selector("html[data-ready]", state="attached")
    yield page
    context.close()


@pytest.mark.parametrize(
    "name", ["opening", "freedoom_d_dm2ttl", "freedoom_d_e4m9", "freedoom_d_bunny", "quartet_mayer_g_minor"]
)
def test_the_browser_plays_what_python_exports(renderer: Any, name: str) -> None:
    gaps = compare(renderer, piece(name, 3.0))
    assert len(gaps) >= 2
    onset, loudness, balance = worst(gaps)
    assert onset <= 0.010, gaps
    assert loudness <= 2.0, gaps
    assert balance <= 0.10, gaps
