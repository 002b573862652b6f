"""How fast the Genie answers in Chromium: ``python tests/bench/genie_latency.py``.

Prints milliseconds from the key event (the browser's own time stamp) to the note's message to the synthesiser, the
decoder's share of it, and the latency of the sound device as the browser gives it. The network is cut after loading.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

PRESSES = 200
PAGE = Path(__file__).parents[2] / "workbench/web/public/genie.html"

WATCH = """
window.stamps = [];
addEventListener("keydown", (event) => stamps.push(event.timeStamp), { capture: true });
// The view tells of a note right after the synthesiser has been told.
window.lags = [];
addEventListener("genie-note", (event) => lags.push([performance.now() - stamps.at(-1), event.detail.lag]));
"""


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def measure(page: Any) -> None:
    """Press keys on the page and print what was measured."""
    page.add_init_script(WATCH)
    page.goto(PAGE.as_uri())
    page.wait_for_selector("[data-genie=ready]", state="attached")
    page.keyboard.press("1")
    page.wait_for_selector("[data-piano=ready]", state="attached", timeout=120_000)
    page.context.set_offline(True)
    page.wait_for_timeout(3_000)
    page.evaluate("lags.length = 0")
    for index in range(PRESSES):
        key = str(1 + index * 3 % 8)
        page.keyboard.down(key)
        page.wait_for_timeout(60)
        page.keyboard.up(key)
        page.wait_for_timeout(30)
    both = page.evaluate("lags")
    for name, column in (("key event to noteOn", 0), ("of it, handler to noteOn", 1)):
        values = [pair[column] for pair in both]
        print(
            f"{name}: p50 {percentile(values, 0.5):.2f} ms, p95 {percentile(values, 0.95):.2f} ms, "
            f"most {max(values):.2f} ms over {len(values)} presses"
        )
    base, output = page.evaluate(
        "(() => { const { context } = Object.values(window.__musicWorkbenchPlayers)[0];"
        " return [context.baseLatency, context.outputLatency]; })()"
    )
    print(f"sound device: base latency {1000 * base:.0f} ms, output latency {1000 * output:.0f} ms")


def main() -> None:
    """Open a Chromium and measure."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        measure(browser.new_page())
        browser.close()


if __name__ == "__main__":
    main()
