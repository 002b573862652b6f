"""Canonical JSON of a score, and the project hash that Python and the browser agree on.

The form: integers, strings, lists and objects only; keys sorted; no spaces; text not escaped beyond what JSON
demands; UTF-8. Keys are ASCII by the document's rules, so both languages sort them alike.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from workbench.errors import BadDocument
from workbench.score.score import Score


def dumps_json(value: Any) -> str:
    """Canonical JSON text of a value made of integers, strings, lists and objects."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def loads_json(text: str | bytes) -> Any:
    """Parse JSON from outside.

    Raises:
        BadDocument: not JSON, a fraction or an overlong number inside, or nested too deeply.
    """

    def refuse(number: str) -> Any:
        raise BadDocument(f"The document may hold whole numbers only, not {number[:20]}.")

    def whole(number: str) -> int:
        if len(number) > 17:
            raise BadDocument(f"The number {number[:20]} is too long.")
        return int(number)

    try:
        return json.loads(text, parse_float=refuse, parse_constant=refuse, parse_int=whole)
    except (ValueError, RecursionError, UnicodeDecodeError) as error:
        raise BadDocument("This is not a document the workbench can read: its JSON is broken.") from error


def dumps(score: Score) -> str:
    """Canonical JSON text of the score."""
    return dumps_json(score.to_dict())


def loads(text: str | bytes) -> Score:
    """Read a score from JSON; raises :class:`BadDocument` with one sentence on anything else."""
    return Score.from_dict(loads_json(text))


def project_hash(score: Score) -> str:
    """SHA-256 of the canonical JSON in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(dumps(score).encode()).hexdigest()
