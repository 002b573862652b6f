"""Simulated people through the real pages, each session logged, and each played again twice: headless and in the app.

    python tests/bench/sessions.py [--people 100] [--steps 12] [--seed 1]

Starts ``workbench --log``, lets people who agreed draw, drag, delete, undo, redo, fill a gap and keep an idea, play the
Genie and send what they played to the piece; then starts the app that plays sessions again. Prints how many sessions
are whole, and how many end with the hash that the person's page had, each way; ends with 1 if one does not.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.browser.app_fixtures import STORE, Server, Visitor  # noqa: E402
from workbench.create.genie.again import play_again  # noqa: E402
from workbench.study.log.read import load  # noqa: E402
from workbench.study.replay import replay, takes  # noqa: E402

AGREE = f"() => {STORE}.call({{type: 'log_consent', agreed: true}})"
CHROMIUM = "/usr/bin/chromium"


def draw(person: Visitor, rng: random.Random) -> None:
    """Draw with the mouse somewhere on the roll: a note where nothing is, a move where one is."""
    box = person.page.locator(".wb-roll canvas.moving").bounding_box()
    x, y = box["x"] + rng.uniform(0.2, 0.9) * box["width"], box["y"] + rng.uniform(0.2, 0.8) * box["height"]
    person.page.mouse.move(x, y)
    person.page.mouse.down()
    person.page.mouse.move(x + rng.uniform(-60, 120), y + rng.uniform(-40, 40), steps=3)
    person.page.mouse.up()


def press(*keys: str) -> Callable[[Visitor, random.Random], None]:
    """One of these keys, on the roll."""

    def act(person: Visitor, rng: random.Random) -> None:
        person.page.locator(".wb-roll canvas.moving").focus()
        person.page.keyboard.press(rng.choice(keys))

    return act


def fill(person: Visitor, rng: random.Random) -> None:
    """Let a model fill two bars, hear an idea or not, keep one or none."""
    first = rng.randint(1, 3)
    track = person.page.evaluate(f"() => {STORE}.score.tracks[0].id")
    person.page.evaluate(
        """([track, first]) => {
          const store = STORE, bar = store.time.bar(first), last = store.time.bar(first + 1);
          store.setView({ marks: [{ start: bar.start, end: last.end, tracks: [track] }] });
        }""".replace("STORE", STORE),
        [track, first],
    )
    roll = person.page.locator(".wb-roll")
    button = roll.get_by_role("button", name="Fill this gap").first
    if not button.is_visible():
        return
    button.click()
    panel = person.page.get_by_role("region", name="Fill this gap")
    panel.get_by_role("button", name="Keep idea 1").and_(person.page.locator(":enabled")).wait_for(timeout=120_000)
    if rng.random() < 0.5:
        panel.get_by_role("button", name="Listen to idea 1").click()
    if rng.random() < 0.7:
        panel.get_by_role("button", name="Keep idea 1").click()
    else:
        person.page.keyboard.press("Escape")
    panel.wait_for(state="hidden")


def genie(person: Visitor, rng: random.Random) -> None:
    """Play the Genie's buttons by the keyboard, and send the take to the piece."""
    person.tab("Genie")
    view = person.page.locator(".wb-genie")
    view.locator("[data-genie=ready]").or_(person.page.locator(".wb-genie[data-genie=ready]")).first.wait_for()
    for _ in range(rng.randint(4, 12)):
        person.page.keyboard.press(str(rng.randint(1, 8)), delay=rng.randint(20, 60))
        person.page.wait_for_timeout(rng.randint(20, 120))
    view.get_by_role("button", name="Done").first.click()
    send = view.get_by_role("button", name="Send to Roll").first
    if send.count() and send.is_visible():
        send.click()
    person.tab("Roll")


ACTS: tuple[tuple[Callable[[Visitor, random.Random], None], float], ...] = (
    (draw, 5), (press("Delete", "ArrowUp", "ArrowDown", "ArrowRight", "d"), 3), (press("Control+z"), 2),
    (press("Control+y"), 1), (fill, 1.0), (genie, 0.4),
)  # fmt: skip


def sitting(chromium: Any, address: str, rng: random.Random, steps: int) -> tuple[str, str, list[str], Counter[str]]:
    """One person's visit: the log's session, the hash that their page ends with, its errors, and what they did."""
    person = Visitor(chromium, address).come()
    person.page.evaluate(AGREE)
    person.tab("Roll")
    done: Counter[str] = Counter()
    try:
        for _ in range(steps):
            act = rng.choices([one for one, _ in ACTS], [weight for _, weight in ACTS])[0]
            act(person, rng)
            done[act.__name__] += 1
        person.page.evaluate(f"() => {STORE}.flush()")
        person.page.wait_for_timeout(1_600)
        digest = person.page.evaluate(f"() => {STORE}.document.hash")
        status = person.page.evaluate(f"() => {STORE}.call({{type: 'log_status'}})")
        return status["log"]["session"], digest, person.errors, done
    finally:
        person.context.close()


def in_the_app(chromium: Any, address: str, sessions: list[str]) -> dict[str, str]:
    """Each session played again at once in the app: session -> the hash that the page ends with, or what was wrong."""
    person = Visitor(chromium, address)
    person.page.goto(address)
    view, found = person.page.locator(".wb.wb-replay"), {}
    view.locator(".sessions button").first.wait_for()
    for session in sessions:
        view.get_by_text(f"Session {session[:8]}").click()
        view.get_by_text(", event 0 of ").wait_for()  # not the one before, which stands at its end
        view.get_by_label("Speed").select_option("0")
        view.get_by_role("button", name="Play the session").click()
        over = view.get_by_text("The session is over.").or_(view.locator(".desk [role=alert]:visible"))
        over.first.wait_for(timeout=120_000)
        wrong = view.locator(".desk [role=alert]").inner_text()
        found[session] = wrong or person.page.evaluate(f"() => {STORE}.document.hash")
    person.context.close()
    return found


def main() -> int:
    """Run it; see the module."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    ends: dict[str, str] = {}
    errors: list[str] = []
    done: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        place = Path(folder)
        start = [sys.executable, "-m", "workbench", "--port", "PORT"]
        server = Server(place / "app", *start, "--log", str(place / "log"))
        server.start()
        for number in range(asked.people):
            rng = random.Random(asked.seed * 1_000 + number)
            session, digest, wrong, did = sitting(chromium, server.address, rng, asked.steps)
            ends[session], done = digest, done + did
            errors += wrong
            print(f"\r{number + 1} sittings", end="", file=sys.stderr, flush=True)
        server.kill()
        logs = {log.session: log for log in load(str(place / "log"))}
        whole = sum(session in logs and logs[session].whole for session in ends)
        headless = sum(session in logs and replay(logs[session]).hash == digest for session, digest in ends.items())
        layers = [take for log in logs.values() for take in takes(log)]
        same = sum(now == then for now, then in map(play_again, layers))
        again = Server(place / "again", sys.executable, "-m", "workbench", "study", "replay", str(place / "log"),
                       "--open", "--port", "PORT")  # fmt: skip
        again.start()
        shown = in_the_app(chromium, again.address, list(ends))
        again.kill()
        chromium.close()
    right = sum(shown[session] == digest for session, digest in ends.items())
    events = sum(len(log.events) for log in logs.values())
    print(f"\n{len(ends)} sessions, {events} events ({', '.join(f'{n} {name}' for name, n in done.most_common())})")
    print(f"whole: {whole}; same hash headless: {headless}, in the app: {right}")
    for session, digest in ends.items():
        if shown[session] != digest:
            kinds = Counter(event["kind"] for event in logs[session].events)
            print(f"{session[:8]}: {shown[session]} for {digest[:12]}; {dict(kinds)}")
    print(f"the Genie's takes: {same} of {len(layers)} the same")
    print(f"errors in the pages: {len(errors)} {errors[:3]}")
    good = whole == headless == right == len(ends) and same == len(layers) and not errors
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
