"""What a person tends to keep: the page brings it along from its browser, and nothing of it stays on the server."""

from __future__ import annotations

from typing import Any

from workbench.create.taste.taste import Taste
from workbench.create.taste.traits import TRAITS
from workbench.errors import BadRequest
from workbench.page.rows import Call, Message, Request, Row

MOST_IDEAS = 100


def taste(request: Request) -> Message:
    """One choice learnt, or a trait struck out; answers with the taste, its sentences, and an order of ideas."""
    message = request.message
    known = Taste() if message.get("taste") is None else Taste.from_json(message["taste"])
    offered = _traits(message.get("offered"))
    kept, strike = message.get("kept"), message.get("strike")
    if kept is not None:
        if type(kept) is not int:
            raise BadRequest("The idea that was kept must be a number.")
        known = known.choose(offered, kept)
    if strike is not None:
        known = known.without(str(strike)[:40])
    return {
        "type": "taste", "taste": known.to_json(), "order": known.order(offered), "sliders": known.sliders(),
        "statements": [{"trait": item.trait, "sentence": item.sentence} for item in known.statements()],
        "struck": sorted(known.struck),
    }  # fmt: skip


def _traits(data: Any) -> list[dict[str, float]]:
    """The traits of some ideas, from untrusted JSON."""
    if data is None:
        return []
    if not isinstance(data, list) or len(data) > MOST_IDEAS:
        raise BadRequest("The ideas must be a list.")
    return [
        {name: float(item[name]) for name in TRAITS if type(item.get(name)) in (int, float) and abs(item[name]) < 1e6}
        if isinstance(item, dict)
        else {}
        for item in data
    ]


ROWS: tuple[Row, ...] = (
    Call(
        "taste", "workbench.page.handlers.taste:taste",
        "What a person tends to keep, who asked for it to be learnt. `taste`: as it was answered last, kept in the "
        "browser alone (null: nothing yet); `offered`: the `traits` of ideas; `kept`: which of them; `strike`: a trait "
        "never to be looked at.",
        {"taste": "Json | null", "offered?": "readonly Json[]", "kept?": "number", "strike?": "string"},
        {
            "taste": {
                "taste": "Json", "order": "readonly number[]", "sliders": "Record<string, number>",
                "statements": "readonly { trait: string; sentence: string }[]", "struck": "readonly string[]",
            }
        },
    ),
)  # fmt: skip
