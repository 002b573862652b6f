"""What each thing that a person does costs the server: CPU seconds, and memory held a page.

    python tests/bench/costs.py [--times 5] [--recording FILE]

CPU seconds of this process and its children, so that what else the machine does hardly counts; the median of so many
runs after a first one that loads the models. ``assets/docs/bigger.md`` plans with these figures.
"""

from __future__ import annotations

import argparse
import gc
import resource
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from workbench import compose, infill, render, separate, transcribe  # noqa: E402
from workbench.hub.hub import Hub  # noqa: E402
from workbench.hub.registry import Registry  # noqa: E402
from workbench.page.session import Pages  # noqa: E402
from workbench.score import edits  # noqa: E402
from workbench.score.score import Note, Region, Score  # noqa: E402
from workbench.score.timemap import TimeMap  # noqa: E402
from workbench.sound.files import read_audio  # noqa: E402
from workbench.ui.tabs.home import shipped_piece  # noqa: E402

PEOPLE = 200


def cpu() -> float:
    """CPU seconds of this process and of the children that have ended."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(part.ru_utime + part.ru_stime for part in used)


def cost(act: Callable[[], object], times: int) -> float:
    """Median CPU seconds of an act."""
    act()
    found = []
    for _ in range(times):
        before = cpu()
        act()
        found.append(cpu() - before)
    return median(found)


def resident() -> int:
    """Bytes this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def minutes(piece: Score) -> float:
    """How long it sounds."""
    return TimeMap(piece).seconds(piece.end) / 60


def opened(pages: Pages, score: dict[str, Any]) -> str:
    """One more person's page; its token."""
    token = secrets.token_hex(16)
    reply = pages.call({"type": "open", "session": token, "score": score, "revision": 0, "reason": "start"})
    assert reply["type"] != "error", reply
    return token


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--recording", type=Path, help="a recording of music; it is heard and taken apart")
    given = parser.parse_args()
    piece = shipped_piece("opening")
    pages = Pages(lambda: Hub(Registry.load()))

    gc.collect()
    before = resident()
    tokens = [opened(pages, piece.to_dict()) for _ in range(PEOPLE)]
    gc.collect()
    print(f"a page with the opening piece       {(resident() - before) / PEOPLE / 1e6:8.2f} MB")

    count = 0

    def hundred_edits() -> None:
        nonlocal count
        for _ in range(100):
            operation = edits.add_notes("t1", [Note(f"x{count}", count * 10, 100, 60)])
            change = {"kind": "edit", "operation": operation, "revision": count + 1, "n": count + 1, "time": 1}
            reply = pages.call({"type": "ops", "session": tokens[0], "base": count, "changes": [change]})
            assert reply["type"] == "ack", reply
            count += 1

    print(f"an edit                             {cost(hundred_edits, given.times) / 100:8.5f} CPU-s")
    sheet = {"type": "sheet", "session": tokens[1], "width": 1_000}
    print(f"the sheet of the opening piece      {cost(lambda: pages.call(sheet), given.times):8.3f} CPU-s")
    bar = piece.ppq * 4
    gap = [Region(bar, 5 * bar, tuple(track.id for track in piece.tracks[:2]))]
    seeds = iter(range(10_000))
    ideas = cost(lambda: infill(piece, regions=gap, count=3, seed=next(seeds)), given.times)
    print(f"three ideas of 4 bars, 2 tracks     {ideas:8.3f} CPU-s")
    print(f"a minute of its mix                 {cost(lambda: render(piece), given.times) / minutes(piece):8.3f} CPU-s")
    song = cost(lambda: compose("a calm song, 16 bars", seed=next(seeds)), max(1, given.times // 2))
    print(f"16 bars from words                  {song:8.3f} CPU-s")
    if given.recording:
        sound = read_audio(given.recording)
        length = len(sound.samples) / sound.rate / 60
        few = max(1, given.times // 2)
        heard = cost(lambda: transcribe(given.recording), few) / length
        print(f"a minute of a recording heard       {heard:8.3f} CPU-s")
        apart = cost(lambda: separate(given.recording), few) / length
        print(f"a minute of a recording taken apart {apart:8.3f} CPU-s")
    print(f"this process at its largest         {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:8.0f} MB")


if __name__ == "__main__":
    main()
