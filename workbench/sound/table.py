"""The mixer's constants, read from ``mixer_table.json`` by this package and by the browser's bundle alike."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

TABLE: dict[str, Any] = json.loads((Path(__file__).parent / "mixer_table.json").read_text(encoding="utf-8"))
