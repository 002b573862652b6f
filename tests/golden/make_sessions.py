"""Write ``sessions.json``: random logged sessions that Python and TypeScript must play again to the same piece.

Run it only when the log or the document itself changes: ``python tests/golden/make_sessions.py``. Each session has its
``events`` and the ``hash`` of the piece that it ends with.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from random_sessions import random_session  # noqa: E402 - found by the line above

if __name__ == "__main__":
    rng = random.Random(20_261_129)
    made = [random_session(rng, f"s{number}", 24) for number in range(8)]
    text = json.dumps([{"events": events, "hash": digest} for events, digest in made], separators=(",", ":"))
    (HERE / "sessions.json").write_text(text.replace('{"events"', '\n{"events"') + "\n", encoding="utf-8")
