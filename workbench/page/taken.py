"""Another recording of a composed piece, for whoever has no page: made in one call, written into the piece's folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.create.takes.asking import longest, seconds_of, words_of
from workbench.create.takes.take import Take, record
from workbench.errors import BadRequest, Unavailable
from workbench.hub.protocol import CancelToken, Progress
from workbench.provenance.licences import standing
from workbench.provenance.run import Run, rights

if TYPE_CHECKING:
    from workbench.create.prompt.write import Composed
    from workbench.hub.hub import Hub


def another_recording(
    made: Composed, model: str, *, seconds: float | None = None, alternative: int = 0, seed: int = 0,
    hub: Hub | None = None, cancel: CancelToken | None = None, progress: Callable[[Progress], object] | None = None,
) -> Take:  # fmt: skip
    """Let a model make another recording of the beginning of a composed piece.

    Args:
        made: what was composed.
        model: its id, or ``take`` for the piece's own sound.
        seconds: 1 to 30; left out: as much as the model makes here in ten minutes.
        alternative: of which idea, counted from 0.
        seed: equal seeds give equal sound.
        hub: where models run; left out: the process's own.
        cancel: stops the work.
        progress: hears how far it is.

    Raises:
        BadRequest: no such model or alternative, or it would take longer than ten minutes here.
        Unavailable: it failed in the middle.
        Cancelled: ``cancel`` was pulled.
    """
    from workbench.hub.shared import shared_hub

    hub = hub or shared_hub()
    if not 0 <= alternative < len(made.takes):
        raise BadRequest(f"There are {len(made.takes)} alternatives; choose one of them.")
    if hub.registry.find(model).task != "take":
        raise BadRequest(f"The model {model} makes no recordings; workbench models list shows those that do.")
    score, words = made.takes[alternative].score, words_of(made.brief, made.prompts)
    if seconds is None:
        seconds = longest(hub, model, words, seconds_of(score))
    for step in record(
        score, made.brief, made.prompts, model, seconds=seconds, seed=seed, hub=hub,
        cancel=cancel or CancelToken.never(), words=words,
    ):  # fmt: skip
        if isinstance(step, Take):
            return step
        if progress is not None:
            progress(step)
    raise Unavailable("The model gave no sound; try again or choose another.")


def facts_of_take(take: Take) -> dict[str, Any]:
    """What a folder's ``card.json`` and manifest say of a take."""
    spec = take.attempt.spec
    return {
        "file": "take.wav", "model": spec.id, "title": take.title, "sell": spec.card.sell,
        "answer": standing(rights(spec.card)), "licence": spec.card.weights_licence, "instead": take.instead,
        "remarks": list(take.remarks), "run": Run.of(take.attempt).to_dict(),
    }  # fmt: skip


def write_take(take: Take, folder: Path) -> None:
    """Write ``take.wav``, and its own rows into the folder's ``card.json`` under ``take``.

    Raises:
        Unavailable: the folder cannot be written.
    """
    from workbench.deliver.stems import plain_json
    from workbench.sound.files import write_audio

    write_audio(take.sound, folder / "take.wav")
    place = folder / "card.json"
    card = json.loads(place.read_text(encoding="utf-8")) if place.is_file() else {}
    told = {name: value for name, value in facts_of_take(take).items() if name != "run"}
    place.write_text(plain_json({**card, "take": {**told, **take.card.to_json()}}), encoding="utf-8")
