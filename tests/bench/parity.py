"""What is heard is what is exported: the browser's offline render against Python's stems, on twenty pieces.

Usage: ``python tests/bench/parity.py [SECONDS]`` prints a line a piece (of each, the first SECONDS, by default 12) and
the worst of all: how far onsets lie apart (bar: 10 ms), how far each track's loudness lies from the common gain (bar:
2 dB) and how far its balance lies apart (bar: 10 % of the way from left to right).
"""

from __future__ import annotations

import base64
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.browser.staticserver import serve  # noqa: E402
from workbench.score.project import read_project  # noqa: E402
from workbench.score.score import Score  # noqa: E402
from workbench.score.timemap import TimeMap  # noqa: E402
from workbench.sound.render import render_stems  # noqa: E402

RATE = 44_100
FRAME = 44  # samples: about a millisecond
#: A pair of renders is compared where a track has this much to hear.
AUDIBLE_DB = -60.0
PIECES = (
    "opening", "freedoom_d_bunny", "freedoom_d_dm14", "freedoom_d_dm2ttl", "freedoom_d_e1m8", "freedoom_d_e3m8",
    "freedoom_d_e4m4", "freedoom_d_e4m9", "freedoom_d_fdmttl", "freedoom_d_inter", "freedoom_d_intro",
    "freedoom_d_map16", "freedoom_d_map19", "freedoom_d_read_m", "polish_moniuszko_ruina", "polish_scigalski_sanctus",
    "polish_stefani_credo", "quartet_mayer_g_minor", "lieder_franz_lenz", "lieder_schumann_im_rhein",
)  # fmt: skip


@dataclass(frozen=True)
class Gap:
    """One track's distances: onset in seconds (None: no clear one), loudness in dB before the common gain, balance."""

    track: str
    onset: float | None
    loudness: float
    balance: float


def piece(name: str, seconds: float) -> Score:
    """A bundled piece by its name, no longer than ``seconds``."""
    path = ROOT / f"assets/pieces/{name}.wbz"
    score = read_project(path.read_bytes()).score if path.exists() else Score.open(ROOT / f"tests/data/midi/{name}.mid")
    end = TimeMap(score).tick(seconds)
    for track in score.tracks:
        track.notes = {key: note for key, note in track.notes.items() if note.start < end}
    return score


def in_browser(page: Any, score: Score, track: str) -> NDArray[np.float32]:
    """Samples of one track as the browser renders it, float32 [frames, 2]."""
    sides = page.evaluate("([score, only, rate]) => window.render(score, only, rate)", [score.to_dict(), track, RATE])
    return np.stack([np.frombuffer(base64.b64decode(side), "<f4") for side in sides], axis=1)


def decibels(samples: NDArray[Any]) -> float:
    """Mean power in dB."""
    return float(10 * np.log10(np.mean(np.asarray(samples, np.float64) ** 2) + 1e-15))


def balance(samples: NDArray[Any]) -> float:
    """0 (left) to 1 (right), by power."""
    left, right = np.mean(np.asarray(samples, np.float64) ** 2, axis=0)
    return float(right / (left + right + 1e-15))


def rises(samples: NDArray[Any]) -> NDArray[np.float64]:
    """How much the level rises from one millisecond to the next, in dB, [frames]; falls count as none."""
    level = np.abs(samples[: len(samples) // FRAME * FRAME]).max(axis=1).reshape(-1, FRAME).max(axis=1)
    return np.maximum(0.0, np.diff(20 * np.log10(level + 1e-4), prepend=-80.0))


def lag(ours: NDArray[Any], theirs: NDArray[Any], starts: list[float]) -> float | None:
    """Seconds between the onsets of two renders: the shift at which their rises agree best, within 60 ms."""
    mask = np.zeros(len(ours) // FRAME)
    for start in starts:
        at = int(start * RATE) // FRAME
        mask[max(0, at - 40) : at + 80] = 1
    a, b = (rises(side)[: len(mask)] * mask[: len(side) // FRAME] for side in (ours, theirs))
    if not a.any() or not b.any():
        return None
    shifts = range(-60, 61)
    best = max(shifts, key=lambda shift: float(np.dot(a, np.roll(b, -shift))))
    return best * FRAME / RATE


def compare(page: Any, score: Score) -> list[Gap]:
    """One :class:`Gap` a track that can be heard."""
    times, gaps = TimeMap(score), []
    for stem, track in zip(render_stems(score), score.tracks, strict=True):
        ours = stem.audio.samples
        if decibels(ours) < AUDIBLE_DB:
            continue
        theirs = in_browser(page, score, track.id)
        length = min(len(ours), len(theirs))
        ours, theirs = ours[:length], theirs[:length]
        starts = sorted({times.seconds(note.start) for note in track.notes.values()})
        gaps.append(
            Gap(
                track.id, lag(ours, theirs, starts), decibels(theirs) - decibels(ours),
                balance(theirs) - balance(ours),
            )
        )  # fmt: skip
    return gaps


def worst(gaps: list[Gap]) -> tuple[float, float, float]:
    """Largest distances of a piece: onset in seconds, loudness in dB from the common gain, balance from 0 to 1."""
    middle = float(np.median([gap.loudness for gap in gaps]))
    return (
        max((abs(gap.onset) for gap in gaps if gap.onset is not None), default=0.0),
        max(abs(gap.loudness - middle) for gap in gaps),
        max(abs(gap.balance) for gap in gaps),
    )


def words(onset: float, loudness: float, side: float) -> str:
    """The three figures as a person reads them."""
    return f"onsets {onset * 1000:.0f} ms, loudness {loudness:.2f} dB, balance {side:.1%}"


def measure(names: tuple[str, ...], seconds: float) -> Iterator[tuple[str, list[Gap]]]:
    """Each piece with its gaps."""
    from playwright.sync_api import sync_playwright

    with serve() as address, sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.goto(f"{address}/pages/offline.html")
        page.wait_for_selector("html[data-ready]", state="attached")
        for name in names:
            yield name, compare(page, piece(name, seconds))
        browser.close()


def main() -> None:
    """Measure all pieces."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 12.0
    all_worst = []
    for name, gaps in measure(PIECES, seconds):
        onset, loudness, side = worst(gaps)
        all_worst.append((onset, loudness, side))
        print(f"{name}: {len(gaps)} tracks, {words(onset, loudness, side)}", flush=True)
    onset, loudness, side = np.max(all_worst, axis=0)
    print(f"worst of {len(all_worst)}: {words(onset, loudness, side)}")


if __name__ == "__main__":
    main()
