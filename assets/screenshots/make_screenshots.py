"""Makes the README's pictures of the app: ``python assets/screenshots/make_screenshots.py`` from the repository's root;
with ``prompt`` behind it, that of the Prompt page alone.

Starts the app on a free port, drives Chromium through it, and writes PNG files of at most 256 colours beside this file.
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser.app_fixtures import Server, Visitor  # noqa: E402

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
DESK = {"viewport": {"width": 1280, "height": 800}}


def take(page: Any, name: str) -> None:
    """Write a picture of the page, its colours reduced to a palette."""
    page.mouse.move(0, 0)
    page.wait_for_timeout(600)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(HERE / name, optimize=True)
    print(f"{name}: {(HERE / name).stat().st_size // 1000} kB")


def ideas(person: Visitor) -> None:
    """Go through the door with the marked gap and wait for its ideas."""
    person.page.get_by_role("button", name="Change this tune").click()
    person.page.locator(".wb-roll .wb-button.primary:visible", has_text="Fill this gap").or_(
        person.page.locator(".wb-roll .bottombar:visible").get_by_role("button", name="Fill this gap")
    ).first.click()
    panel = person.page.get_by_role("region", name="Fill this gap")
    panel.get_by_role("button", name="Keep idea 3").and_(person.page.locator(":enabled")).wait_for()


def prompts(person: Visitor) -> None:
    """Go through the third door, and give words, a picture of notes and a video."""
    page = person.page
    page.get_by_role("button", name="Make a piece from what I have").click()
    for name in ("words", "picture", "video"):
        page.locator(f"[data-slot={name}]").get_by_role("button", name="Try an example").click()
        page.locator(f"[data-slot={name}][data-state=full]").wait_for(timeout=240_000)
    page.locator("[data-slot=video] video").evaluate("(video) => { video.controls = false; video.currentTime = 12; }")
    page.wait_for_timeout(2_000)
    page.locator(".wb-prompt .says").evaluate("(element) => element.scrollIntoView({ block: 'start' })")
    page.evaluate("document.activeElement?.blur()")


def main() -> None:
    """Make all six, or the one of the Prompt page alone."""
    only = "prompt" in sys.argv[1:]
    folder = Path(tempfile.mkdtemp(prefix="screenshots-"))
    server = Server(folder, sys.executable, "-m", "workbench", "--port", "PORT")
    for plugin in folder.glob("plugin"):
        shutil.rmtree(plugin)  # the tests' own model is not for show
    server.start()
    try:
        with sync_playwright() as playwright:
            path = shutil.which("chromium") or shutil.which("google-chrome")
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
            giver = Visitor(browser, server.address, **DESK).come("?__theme=light")
            prompts(giver)
            take(giver.page, "prompt-light.png")
            if only:
                return
            light = Visitor(browser, server.address, **DESK).come("?__theme=light")
            take(light.page, "home-light.png")
            ideas(light)
            take(light.page, "fill-light.png")
            light.page.get_by_role("button", name="Close, change nothing").click()
            light.tab("Stems")
            light.page.locator(".wb-stems .wave-box").nth(3).wait_for()
            light.page.wait_for_timeout(6_000)  # until the waveforms are drawn
            take(light.page, "stems-light.png")
            dark = Visitor(browser, server.address, **DESK).come("?__theme=dark")
            dark.page.get_by_role("button", name="String quartet").click()
            if dark.page.locator(".wb-home .big-play").is_disabled() or not dark.notes():
                dark.page.get_by_role("tab", name="Start", exact=True).click()
                dark.page.get_by_role("button", name="Morning, four bars").click()
            dark.tab("Roll")
            take(dark.page, "roll-dark.png")
            phone = Visitor(browser, server.address, **PHONE).come("?__theme=light")
            ideas(phone)
            take(phone.page, "phone.png")
            browser.close()
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
