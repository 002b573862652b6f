"""How well cuts are found, on made videos of which every join is known, beside PySceneDetect where it is installed.

Run as ``python -m workbench.evaluation.video_eval --seeds 100 112``. A join counts as found when a cut lies within
50 ms of a hard cut, or within a cross-fade or 50 ms of it. Seeds below 100 were looked at while the detector was set.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from workbench.evaluation.video_scenes import FPS, edit, write

TOLERANCE = 0.05


@dataclass(frozen=True, slots=True)
class Outcome:
    """Joins found, missed and made up in one video, by one method (``method``) and of one kind of join or both."""

    method: str
    seed: int
    hit: int
    missed: int
    false: int

    @property
    def f1(self) -> float:
        """2 hits over all that was due and all that was said; 1 where both are nothing."""
        total = 2 * self.hit + self.missed + self.false
        return 2 * self.hit / total if total else 1.0


def matched(found: Sequence[float], joins: Sequence[tuple[float, float]]) -> tuple[int, int, int]:
    """Joins found, joins missed, and cuts where no join is; each cut serves one join."""
    free = sorted(found)
    hit = 0
    for start, end in joins:
        near = [time for time in free if start - TOLERANCE <= time <= end + TOLERANCE]
        if near:
            free.remove(min(near, key=lambda time: abs(time - (start + end) / 2)))
            hit += 1
    return hit, len(joins) - hit, len(free)


def baseline(path: Path) -> list[float] | None:
    """What PySceneDetect's adaptive detector with its usual settings finds; None where it is not installed."""
    try:
        from scenedetect import AdaptiveDetector, detect
    except ImportError:
        return None
    return [start.seconds for start, _ in detect(str(path), AdaptiveDetector())][1:]


def outcomes(
    seeds: range, *, soft: float = 0.25, real: tuple[Path, tuple[float, ...]] | None = None
) -> Iterator[Outcome]:  # fmt: skip
    """Make, encode and watch one video a seed; every third has an uneven frame rate, every fifth is HEVC and turned."""
    from workbench.understand.video.cuts import CutFinder
    from workbench.understand.video.frames import looks, opened_video

    for seed in seeds:
        made = edit(seed, soft=soft, real=real)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "edit.mp4"
            hevc = seed % 5 == 0
            options = {"preset": "ultrafast", "x265-params": "log-level=none"} if hevc else None
            times = write(
                made, path, codec="libx265" if hevc else "libx264", rotation=90 if hevc else 0,
                uneven=seed if seed % 3 == 0 else None, options=options,
            )  # fmt: skip
            joins = [(times[round(start * FPS)], times[round(end * FPS)]) for start, end in made.joins]
            finder = CutFinder()
            with opened_video(path) as stream:
                for look in looks(stream):
                    finder.add(look)
            yield Outcome("workbench", seed, *matched([join.time for join in finder.joins()], joins))
            other = baseline(path)
            if other is not None:
                yield Outcome("PySceneDetect", seed, *matched(other, joins))


def summary(found: Sequence[Outcome]) -> dict[str, float]:
    """F1 over all joins, and mean, spread and worst tenth over videos."""
    hit, missed, false = (sum(getattr(one, name) for one in found) for name in ("hit", "missed", "false"))
    each = np.array([one.f1 for one in found])
    return {
        "videos": len(found), "joins": hit + missed, "missed": missed, "false": false,
        "F1": round(Outcome("", 0, hit, missed, false).f1, 4), "mean": round(float(each.mean()), 4),
        "spread": round(float(each.std()), 4), "worst tenth": round(float(np.quantile(each, 0.1)), 4),
    }  # fmt: skip


def main() -> None:
    """Print a summary a method as JSON, one line each."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--seeds", type=int, nargs=2, default=(100, 112), metavar=("FIRST", "END"))
    parser.add_argument("--soft", type=float, default=0.25, help="share of joins that are fades")
    parser.add_argument("--film", type=Path, help="a film some shots are taken from")
    parser.add_argument("--film-cuts", type=float, nargs="*", default=(), help="its cuts in seconds")
    parser.add_argument("--each", action="store_true", help="print every video too")
    arguments = parser.parse_args()
    real = (arguments.film, tuple(arguments.film_cuts)) if arguments.film else None
    found = []
    for one in outcomes(range(*arguments.seeds), soft=arguments.soft, real=real):
        found.append(one)
        if arguments.each:
            print(json.dumps(asdict(one)), flush=True)
    for method in dict.fromkeys(one.method for one in found):
        print(json.dumps({"method": method, **summary([one for one in found if one.method == method])}))


if __name__ == "__main__":
    main()
