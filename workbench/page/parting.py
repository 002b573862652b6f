"""A recording taken apart and written down in one go: what commands and endpoints make of it."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.provenance.seal import seal_archive
from workbench.sound.audio import Audio

if TYPE_CHECKING:
    from workbench.hub.hub import Hub
    from workbench.hub.protocol import Attempt, CancelToken

#: The share of the work that is taking a recording apart, where its stems are heard as well.
_PARTING = 0.22
NOTE = "Made with the Music Workbench: a recording taken apart, its notes written down by a model."


def part_into(
    audio: Audio, directory: Path, *, title: str, model: str | None = None, kind: str = "auto", seed: int = 0,
    hub: Hub | None = None, cancel: CancelToken | None = None, progress: Callable[[float], object] | None = None,
    by_stem: bool = False, **form: Any,
) -> dict[str, Any]:  # fmt: skip
    """Write a recording's stems, and what is heard in it, into a folder; returns the manifest.

    Args:
        audio: the recording.
        directory: a new or empty folder, or one that an earlier export wrote.
        title: of the piece.
        model: that takes it apart; left out: the built-in one.
        kind: what it is heard as, see :func:`workbench.understand.transcribe.transcribe`.
        seed: for models that use chance.
        hub: where models run.
        cancel: stops the work at its next step; nothing is left then.
        progress: told the share that is done, 0 to 1.
        by_stem: each stem is written down, drums and voices from their own sound; without it what is heard in the
            recording as a whole is shared out among the stems, in half the time.
        form: the fields of :class:`workbench.deliver.parted.PartedForm`.

    Raises:
        WorkbenchError: with one sentence, whatever went wrong.
    """
    from workbench.deliver.parted import export_parted
    from workbench.provenance.heard import written_down
    from workbench.provenance.manifest import written_by
    from workbench.provenance.run import Run
    from workbench.understand.by_stem import hear_stems, score_by_stem
    from workbench.understand.separate import separate
    from workbench.understand.transcribe import transcribe

    tell = progress or (lambda share: None)
    attempts: list[Attempt] = []
    parted: list[Attempt] = []
    first = _PARTING if by_stem else 2 * _PARTING
    stems = separate(
        audio, model, seed=seed, hub=hub, cancel=cancel, ended=parted.append,
        progress=lambda share: tell(first * share),
    )  # fmt: skip
    hearing: dict[str, Any] = {
        "seed": seed, "hub": hub, "cancel": cancel, "ended": attempts.append,
        "progress": lambda share: tell(first + (0.9 - first) * share),
    }  # fmt: skip
    if by_stem:
        score = hear_stems(audio, stems, kind=kind, title=title, **hearing)
    else:
        score = score_by_stem(transcribe(audio, kind, **hearing), list(stems), title=title)
    separation = Run.of(parted[-1])
    facts: dict[str, Any] = written_by(
        score, written_down(score, attempts, "stems").events, sounds={"the stems": separation}
    )
    facts["separation"] = separation.to_dict()

    def finish(share: float) -> None:
        tell(0.9 + 0.1 * share)

    return export_parted(
        audio, stems, score, directory, facts=facts, note=NOTE, stop=(lambda: cancel.cancelled) if cancel else None,
        progress=finish, **form,
    )  # fmt: skip


def packed(folder: Path) -> Path:
    """The folder as a zip of its name beside it; sound is stored as it is, since it hardly shrinks."""
    path = folder.with_name(f"{folder.name}.zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for place in sorted(folder.rglob("*")):
            if place.is_file():
                stored = zipfile.ZIP_STORED if place.suffix in (".wav", ".dawproject") else zipfile.ZIP_DEFLATED
                archive.write(place, f"{folder.name}/{place.relative_to(folder).as_posix()}", stored)
    if (folder / "manifest.json").is_file():
        seal_archive(path)
    return path
