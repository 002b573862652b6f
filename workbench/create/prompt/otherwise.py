"""A conflict between prompts, decided the other way than the plan decided it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from workbench.create.prompt.brief import Brief
from workbench.create.prompt.plan import make_brief, revised
from workbench.create.prompt.prompts import Prompt, Prompts, kind_of
from workbench.errors import BadRequest
from workbench.understand.style import Style, style_of


def otherwise(brief: Brief, prompts: Prompts, rule: str) -> tuple[Prompts, Brief]:
    """The prompts and the brief with a conflict decided for the other side.

    Args:
        brief: the plan with the conflict.
        prompts: what it was made of.
        rule: of the conflict.

    Raises:
        BadRequest: the plan has no such conflict, or it has no other side.
    """
    if not any(conflict.rule == rule for conflict in brief.conflicts):
        raise BadRequest("The plan has no such conflict any more.")
    if rule == "one tune":
        prompts = _other_tune(prompts)
        return prompts, make_brief(prompts, seed=brief.seed)
    if rule in ("key", "mode") and brief.melody.how == "faithful":
        prompts = replace(prompts, faithful=False)  # a tune that is moved or bent is no longer note for note
    changes = _other(brief, prompts, rule)
    if not changes:
        raise BadRequest("There is no other way here; change the plan itself.")
    made = revised(brief, prompts, changes)
    left = tuple(conflict for conflict in made.conflicts if conflict.rule != rule)
    return prompts, replace(made, conflicts=left)


def _other_tune(prompts: Prompts) -> Prompts:
    telling = prompts.with_role("tune")
    if len(telling) < 2:
        raise BadRequest("There is one tune only.")
    first, second = telling[:2]
    rest = tuple(role for role in prompts.roles(first) if role != "tune")
    without = replace(first, roles=rest) if rest else replace(first, strength=0)
    return prompts.with_prompt(without).with_prompt(replace(second, roles=("tune", *prompts.roles(second))))


def _other(brief: Brief, prompts: Prompts, rule: str) -> Mapping[str, Any]:
    """What the side that gave way had asked for."""
    words = prompts.get("words")
    asked = words.understood if words is not None and words.strength else None
    style = _style(prompts)
    beat = 4.0 / brief.metre[1] * (3 if brief.metre[1] == 8 and brief.metre[0] % 3 == 0 else 1)
    match rule:
        case "style" if asked is not None and asked.style:
            return {"style": asked.style}
        case "metre":
            if asked is not None and asked.metre:
                return {"metre": list(asked.metre)}
            return {"metre": [style.metre, 4]} if style is not None and style.metre else {"metre": [4, 4]}
        case "key" if asked is not None and asked.tonic is not None:
            return {"tonic": asked.tonic, **({"mode": asked.mode} if asked.mode else {})}
        case "mode":
            return {"mode": "minor" if brief.mode == "major" else "major"}
        case "tempo" if style is not None and style.tempo > 0:
            return {"tempo": style.tempo * beat}
        case "density" if style is not None and style.rate > 0:
            return {"density": min(60.0, style.rate)}
        case "length":
            seconds = prompts.seconds if prompts.seconds is not None else asked.seconds if asked is not None else None
            return {"seconds": seconds} if seconds else {}
    return {}


def _style(prompts: Prompts) -> Style | None:
    """The figures that a style is followed by, None where nothing gives them."""
    giving: list[Prompt] = [item for item in prompts.with_role("style") if item.slot != "words"]
    if not giving:
        return None
    if giving[0].style is not None:
        return giving[0].style
    return style_of(giving[0].understood) if kind_of(giving[0].understood) == "heard" else None
