"""What can be taken away of an idea: a zip with everything, the video with its new music, a video of falling notes."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.score.document import Document
from workbench.score.project import Project
from workbench.sound.limits import Limits

if TYPE_CHECKING:
    from workbench.create.prompt.card import Card
    from workbench.create.prompt.write import Composed, Take

Progress = Callable[[float], None]
Stop = Callable[[], bool]
#: Share of the work that is the sound; the rest is the picture.
SOUND = 0.3


def project_of(take: Take) -> Project:
    """The piece with its log: the tune in its places, then what the band plays as one step of all its runs."""
    from workbench.provenance.run import Run, record

    document = Document()
    document.open(take.base.copy(), reason="file")
    for attempt in take.attempts:
        record(document.log, Run.of(attempt))
    runs: dict[str, list[str]] = {attempt.id: [] for attempt in take.attempts}
    document.apply(take.operation, "model", kind="accept", name="compose", runs=runs)
    return Project.of(document)


def zip_of(
    composed: Composed, take: Take, card: Card | None, path: Path, limits: Limits, progress: Progress, stop: Stop
) -> None:
    """Stems, mix, MIDI, notation and manifest, and beside them ``brief.json``, ``prompts.json`` and ``card.json``.

    Raises:
        Cancelled: ``stop`` said so.
        BadRequest: the piece is too long.
    """
    from workbench.deliver.stems import export_zip
    from workbench.page.composed import facts_of
    from workbench.provenance.seal import seal_archive

    ends: dict[str, Any] = {"ends": composed.brief.seconds} if composed.brief.exact else {}
    facts = facts_of(composed, project_of(take))
    export_zip(take.score, path, facts=facts, limits=limits, progress=progress, stop=stop, **ends)
    told: dict[str, Any] = {"brief.json": composed.brief.to_json(), "prompts.json": composed.prompts.to_json()}
    if card is not None:
        told["card.json"] = card.to_json()
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, value in told.items():
            archive.writestr(f"{path.stem}/{name}", json.dumps(value, ensure_ascii=False, indent=1))
    seal_archive(path)


def falling_of(take: Take, shape: str, path: Path, progress: Progress, stop: Stop) -> None:
    """A video of the piece's notes as they fall, ``shape`` 9:16 or 16:9.

    Raises:
        Cancelled: ``stop`` said so.
        BadRequest: the piece is too long.
    """
    from workbench.deliver.video.falling import falling_notes
    from workbench.sound.render import render

    audio = render(take.score, progress=lambda share: progress(SOUND * share), stop=stop)
    falling_notes(
        take.score, audio, path, shape=shape, progress=lambda share: progress(SOUND + (1 - SOUND) * share),
        cancelled=stop,
    )  # fmt: skip


def filmed(
    composed: Composed, take: Take, video: Path, original: str, path: Path, progress: Progress, stop: Stop
) -> Path:  # fmt: skip
    """A video with the piece as its music, its pictures untouched where that can be; returns where it is.

    Args:
        composed: what was composed, with the description of the video.
        take: the idea.
        video: the file.
        original: what its own sound becomes: ``duck``, ``keep`` or ``drop``.
        path: where the new one goes; its ending may have to be another.
        progress: told 0.0 to 1.0.
        stop: asked as the work goes on.

    Raises:
        Cancelled: ``stop`` said so.
        BadFile: the video cannot be read.
    """
    from workbench.deliver.video.mux import with_music
    from workbench.sound.render import render

    prompt = composed.prompts.get("video")
    audio = render(take.score, progress=lambda share: progress(SOUND * share), stop=stop)
    return with_music(
        video, audio, path, original=original, speech=prompt.understood.speech if prompt is not None else (),
        progress=lambda share: progress(SOUND + (1 - SOUND) * share), cancelled=stop,
    )  # fmt: skip
