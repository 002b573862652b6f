"""Write ``operations.json``: 1,000 random sequences of operations that Python and TypeScript must agree on.

Run it only when the document itself changes: ``python tests/golden/make_operations.py``.

``starts``: scores in canonical form. ``sequences``: ``start`` (index), ``steps`` (``op`` with the first 16 digits of
the project hash after it, or ``"refused": 1``), and the whole ``hash`` at the end. ``bars``: for each start the bar
lines and times that the time map must give.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from random_edits import random_operation, random_score, random_sequence

from workbench.score.canonical import project_hash
from workbench.score.operations import apply
from workbench.score.timemap import TimeMap

HERE = Path(__file__).parent


def main() -> None:
    """Write the golden file beside this script."""
    rng = random.Random(20_261_122)
    starts = []
    for _ in range(24):
        score = random_score(rng)
        for _ in range(6):
            apply(score, random_operation(rng, score))
        starts.append(score)
    sequences = []
    for _ in range(1000):
        start = rng.randrange(len(starts))
        twin, steps = starts[start].copy(), []
        end, made = random_sequence(rng, twin, 5)
        for operation, accepted in made:
            if accepted:
                apply(twin, operation)
                steps.append({"op": operation, "hash": project_hash(twin)[:16]})
            else:
                steps.append({"op": operation, "refused": 1})
        sequences.append({"start": start, "steps": steps, "hash": project_hash(end)})
    maps = []
    for score in starts:
        time = TimeMap(score)
        bars = time.bars(20_000)[:40]
        maps.append(
            {
                "bars": [[bar.number, bar.start, bar.end, bar.numerator, bar.denominator] for bar in bars],
                "seconds": [[tick, time.seconds(tick)] for tick in range(0, 6000, 777)],
                "ticks": [[second, time.tick(second)] for second in (0, 0.1, 0.75, 2.5, 10)],
                "beats": [[tick, *time.beat_position(tick)] for tick in range(0, 6000, 501)],
            }
        )
    content = {"starts": [score.to_dict() for score in starts], "maps": maps, "sequences": sequences}
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    (HERE / "operations.json").write_text(text + "\n", encoding="utf-8")
    refused = sum("refused" in step for item in sequences for step in item["steps"])
    print(f"{len(sequences)} sequences, {refused} refused operations, {len(text.encode()) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
