"""Whose a recording, picture, video or style clip is, as the person who used it says; never a hurdle.

The answers come from menus of the page and from commands; whatever else is found in a file counts as "not said".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from workbench.score.events import Event

#: The answers, and each as a person reads it.
RIGHTS: Mapping[str, str] = {
    "mine": "mine", "licensed": "used with permission", "public-domain": "in the public domain", "not-said": "not said",
}  # fmt: skip
NOT_SAID = "not-said"
_MOST = 200


def rights_of(value: Any) -> str:
    """One of :data:`RIGHTS`; everything else (``unknown``, nothing, a stranger's word) is "not said"."""
    return value if isinstance(value, str) and value in RIGHTS else NOT_SAID


def inputs_of(events: Iterable[Event], given: Iterable[Mapping[str, Any]] = ()) -> list[dict[str, str]]:
    """What went into a piece and whose it is, in order: each ``{name, slot, sha256, rights}``.

    Args:
        events: its log. An ``import`` names a score's file; a ``prompt`` whose action is ``keep`` names what a
            composed piece was made from; one whose action is ``rights`` says whose a file is, the last word holding.
        given: what a command was given, in the same form.
    """
    said: dict[str, str] = {}
    found: list[Mapping[str, Any]] = []
    for event in events:
        payload = event["payload"]
        if not isinstance(payload, Mapping):
            continue
        if event["kind"] == "import":
            found.append({"name": payload.get("name", ""), "slot": "score", "sha256": payload.get("sha256")})
        elif event["kind"] == "prompt" and payload.get("action") == "rights":
            said[str(payload.get("sha256"))] = rights_of(payload.get("rights"))
            found.append(payload)
        elif event["kind"] == "prompt" and payload.get("action") == "keep" and isinstance(payload.get("given"), list):
            found += [item for item in payload["given"] if isinstance(item, Mapping)]
    out: dict[str, dict[str, str]] = {}
    for item in [*found, *given]:
        texts = {name: str(item.get(name) or "")[:200] for name in ("name", "slot", "sha256")}
        if texts["slot"] == "words":
            continue
        digest = texts["sha256"]
        whose = said.get(digest) or rights_of(item.get("rights"))
        key = digest or f"{texts['slot']}/{texts['name']}"
        before = out.get(key, {})
        if whose == NOT_SAID:
            whose = before.get("rights", NOT_SAID)
        out[key] = {**{name: text or before.get(name, "") for name, text in texts.items()}, "rights": whose}
    return list(out.values())[:_MOST]
