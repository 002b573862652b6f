"""How fast the app feels: page, first sound, edits and redraws at 2,000 and 10,000 notes, in Chromium against the app.

Usage: ``python tests/bench/browser.py`` starts the app on a free port and prints a line a measure: the median and the
slowest of several runs, in milliseconds, with its bar.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.browser.app_fixtures import PLAYER, STORE, Server, Visitor  # noqa: E402
from workbench.score.score import Note, Score, Track  # noqa: E402

RUNS = 15
#: From an edit in the page until the server has applied and acknowledged it.
ROUND_TRIP = f"""async (number) => {{
  const store = {STORE};
  const start = performance.now();
  store.edit({{ op: "add_notes", track: store.score.tracks[0].id,
    notes: [{{ id: "bench" + number, start: 37 * number, duration: 30, pitch: 90 }}] }});
  await store.flush();
  return performance.now() - start;
}}"""
#: From a scroll of the roll until the frame that shows it has been drawn: time spent in our own callbacks.
REDRAW = """async (run) => {
  const host = document.querySelector(".wb-roll .wb-host");
  const canvas = host.shadowRoot.querySelector("canvas.moving");
  const own = window.requestAnimationFrame;
  let spent = 0;
  window.requestAnimationFrame = (callback) => own((now) => {
    const start = performance.now();
    callback(now);
    spent += performance.now() - start;
  });
  const wheel = { deltaX: run % 2 ? 60 : -60, deltaY: 10, bubbles: true, cancelable: true };
  canvas.dispatchEvent(new WheelEvent("wheel", wheel));
  await new Promise((resolve) => own(() => own(resolve)));
  window.requestAnimationFrame = own;
  return spent;
}"""
SOUND = f"""async () => {{
  const start = performance.now();
  document.querySelector(".wb-home .wb-host").shadowRoot.querySelector(".big-play").click();
  for (;;) {{
    const analyser = {PLAYER}.analyser();
    if (analyser) {{
      const samples = new Float32Array(analyser.fftSize);
      analyser.getFloatTimeDomainData(samples);
      if (samples.some((x) => Math.abs(x) > 0.002)) return performance.now() - start;
    }}
    await new Promise((resolve) => setTimeout(resolve, 4));
  }}
}}"""


def dense(count: int) -> Score:
    """A score of four tracks with ``count`` notes in all."""
    score = Score("Dense")
    for number in range(4):
        track = Track(f"t{number + 1}", program=(0, 33, 48, 73)[number], color=number)
        for index in range(count // 4):
            name = f"n{index + 1}"
            track.notes[name] = Note(name, index * 120, 110, 40 + 12 * number + (index * 7) % 12)
        score.tracks.append(track)
    return score


def report(name: str, values: list[float], bar: str) -> None:
    """One line."""
    print(f"{name}: median {statistics.median(values):.0f} ms, slowest {max(values):.0f} ms (bar: {bar})", flush=True)


def main() -> None:
    """Measure everything."""
    from playwright.sync_api import sync_playwright

    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    server = Server(folder, sys.executable, "-m", "workbench", "--port", "PORT")
    server.start()
    try:
        with sync_playwright() as playwright:
            path = shutil.which("chromium") or shutil.which("google-chrome")
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
            measure(browser, server, folder)
            browser.close()
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)


def measure(browser: Any, server: Server, folder: Path) -> None:
    """The page, the first sound, and the two sizes."""
    opened, first, warm = [], [], []
    for _ in range(4):
        person = Visitor(browser, server.address)
        start = time.perf_counter()
        person.come()
        opened.append(1000 * (time.perf_counter() - start))
        first.append(person.page.evaluate(SOUND))
        person.context.close()
        rested = Visitor(browser, server.address).come()
        rested.page.wait_for_timeout(4_000)
        warm.append(rested.page.evaluate(SOUND))
        rested.context.close()
    report("page interactive, cold browser", opened, "3000")
    report("first sound, Play pressed at once", first, "within one click")
    report("first sound, Play pressed after four seconds", warm, "within one click")
    for count, bar in ((2_000, "100"), (10_000, "150")):
        path = folder / f"{count}.wbz"
        dense(count).save(path)
        person = Visitor(browser, server.address).come()
        person.open_file(path)
        person.page.locator(".wb-roll canvas.moving").wait_for()
        person.settle()
        report(
            f"edit round trip at {count} notes", [person.page.evaluate(ROUND_TRIP, n) for n in range(RUNS)], bar
        )  # fmt: skip
        report(f"redraw at {count} notes", [person.page.evaluate(REDRAW, n) for n in range(RUNS)], "16")
        person.context.close()


if __name__ == "__main__":
    main()
