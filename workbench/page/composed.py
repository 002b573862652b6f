"""A composed piece handed over: its log, and a folder with stems, mix, notation, the brief, the card and the video.

::

    made = workbench.compose("a calm waltz", melody="humming.wav")
    made.save("waltz")
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.create.compose.layout import AUTHOR, span_of
from workbench.create.prompt.compose import compose as composed
from workbench.create.prompt.prompts import kind_of
from workbench.create.prompt.write import Composed, Take
from workbench.errors import BadRequest, Cancelled, WorkbenchError
from workbench.fsutil import replaceable, replacing_folder
from workbench.provenance.manifest import written_by
from workbench.provenance.run import Run, record
from workbench.score import edits
from workbench.score.document import Document
from workbench.score.operations import Operation
from workbench.score.project import Project

if TYPE_CHECKING:
    from workbench.create.prompt.card import Card
    from workbench.create.takes.take import Take as ModelTake

#: What a video's own sound becomes under its music.
ORIGINALS = ("duck", "keep", "drop")
#: Shapes of a video with falling notes.
SHAPES = ("9:16", "16:9")


class Composition(Composed):
    """What was composed, with :meth:`save`."""

    def save(self, directory: str | os.PathLike[str], **options: Any) -> dict[str, Any]:
        """Write everything into a folder; see :func:`save`."""
        return save(self, directory, **options)


def compose(text: str | None = None, **options: Any) -> Composition:
    """Make a piece from any mixture of prompts; see :func:`workbench.create.prompt.compose.compose`."""
    made = composed(text, **options)
    return Composition(**{item.name: getattr(made, item.name) for item in fields(Composed)})


def project_of(take: Take) -> Project:
    """The piece with its log: the tune in its places, then every section as one step with the run that wrote it."""
    score = take.score.copy()
    for track in score.tracks:
        track.notes = {name: note for name, note in track.notes.items() if note.author != AUTHOR}
    document = Document()
    document.open(score, reason="new")
    spans = [span_of(take.score, item) for item in take.plan.sections]
    for place, (start, end) in enumerate(spans):
        steps: list[Operation] = []
        for track in take.score.tracks:
            notes = [
                note for note in track.sorted_notes()
                if note.author == AUTHOR and start <= note.start < (end if place + 1 < len(spans) else 1 << 62)
            ]  # fmt: skip
            if notes:
                steps.append(edits.add_notes(track.id, notes))
        if not steps:
            continue
        if place < len(take.attempts):
            run = Run.of(take.attempts[place])
            record(document.log, run)
            document.apply(
                edits.compound("compose", steps), "model", document.log.runs[run.id], kind="accept", name="compose",
                runs={run.id: []},
            )  # fmt: skip
        else:
            document.apply(edits.compound("compose", steps), "model", name="compose")
    return Project.of(document)


def facts_of(made: Composed, project: Project, sounds: Mapping[str, Run] | None = None) -> dict[str, Any]:
    """What the manifest says of a composed piece: its runs, its prompts with whose they are, and its seed; ``sounds``:
    recordings by models in the file, by name.
    """
    prompts = []
    for prompt in made.prompts.items:
        told: dict[str, Any] = {
            "slot": prompt.slot, "name": prompt.name, "kind": kind_of(prompt.understood),
            "roles": list(made.prompts.roles(prompt)), "strength": prompt.strength,
        }  # fmt: skip
        if prompt.slot != "words":
            told["rights"] = prompt.rights or "unknown"
        if prompt.given is not None and prompt.given.is_file():
            with prompt.given.open("rb") as file:
                told["sha256"] = hashlib.file_digest(file, "sha256").hexdigest()
        prompts.append(told)
    return {
        **written_by(project.score, project.events, sounds=sounds, given=prompts), "prompts": prompts,
        "sentence": made.prompts.sentence(), "seed": made.brief.seed,
        "conflicts": [item.sentence for item in made.brief.conflicts],
        "remarks": list(made.remarks),
    }  # fmt: skip


def card_of(made: Composed, take: Take, mix: Path | None = None) -> Card:
    """How far a take does what was asked; ``mix``: its sound, if it was rendered before."""
    from workbench.create.prompt.adhere import measure
    from workbench.sound.files import read_audio

    return measure(made.brief, made.prompts, take.score, None if mix is None else read_audio(mix))


def _film(
    made: Composed, take: Take, work: Path, original: str, falling: str, stop: Callable[[], bool] | None
) -> str:  # fmt: skip
    """The video with its music, or one of falling notes where that is wanted; a sentence where it could not be made."""
    prompt = made.prompts.get("video")
    try:
        if prompt is not None and prompt.given is not None and "timing" in made.prompts.roles(prompt):
            from workbench.deliver.video.mux import with_music

            with_music(
                prompt.given, work / "mix.wav", work / "video.mp4", original=original,
                speech=prompt.understood.speech, cancelled=stop,
            )  # fmt: skip
        elif falling:
            from workbench.deliver.video.falling import falling_notes

            falling_notes(take.score, work / "mix.wav", work / "video.mp4", shape=falling, cancelled=stop)
    except Cancelled:
        raise
    except WorkbenchError as error:
        return f"video.mp4: {error}"
    return ""


def save(
    made: Composed,
    directory: str | os.PathLike[str],
    *,
    take: int = 0,
    original: str = "duck",
    falling: str = "",
    card: bool = True,
    recording: ModelTake | None = None,
    progress: Callable[[float], None] | None = None,
    stop: Callable[[], bool] | None = None,
    **form: Any,
) -> dict[str, Any]:
    """Write a folder: all that ``workbench stems`` writes, ``brief.json``, ``card.json``, ``project.wbz``, the other
    alternatives as MIDI, and, with a video, ``video.mp4`` (or the
    ending that its picture needs); returns the manifest.

    Args:
        made: what was composed.
        directory: a new or empty folder, or one that was written so before.
        take: which alternative, counted from 0.
        original: what the video's own sound becomes: duck, keep or drop.
        falling: 9:16 or 16:9: without a video, one of the piece's falling notes; left out: none.
        card: whether the piece is measured, which takes about as long as rendering it.
        recording: another recording of it by a model, written as ``take.wav`` with rows of its own in ``card.json``.
        progress: told 0.0 to 1.0.
        stop: asked as the work goes on.
        form: see :class:`workbench.deliver.stems.Form`.

    Raises:
        BadRequest: the folder holds other files, or there is no such alternative.
        Cancelled: ``stop`` said so.
        Unavailable: the disk is full or cannot be written.
    """
    from workbench.deliver.stems import export_stems, plain_json
    from workbench.provenance.handover import hand_over
    from workbench.provenance.seal import seal_text
    from workbench.score.midi.files import write_midi

    target, tell = Path(directory), progress or (lambda share: None)
    if original not in ORIGINALS:
        raise BadRequest(f"The video's own sound can {', '.join(ORIGINALS)}.")
    if falling not in ("", *SHAPES):
        raise BadRequest(f"A video of falling notes is {' or '.join(SHAPES)}.")
    if not 0 <= take < len(made.takes):
        raise BadRequest(f"There are {len(made.takes)} alternatives; choose one of them.")
    if not replaceable(target):
        raise BadRequest(f"The folder {target.name!r} holds other files; name a new folder.")
    chosen = made.takes[take]
    project = project_of(chosen)
    facts = facts_of(made, project)
    with replacing_folder(target) as work:
        manifest = export_stems(
            chosen.score, work, facts=facts, stop=stop, progress=lambda share: tell(0.5 * share),
            **({"ends": made.brief.seconds} if made.brief.exact else {}), **form,
        )  # fmt: skip
        more = {"brief.json": made.brief.to_json(), "prompts.json": made.prompts.to_json()}
        for name, value in more.items():
            (work / name).write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        project.save(work / "project.wbz")
        hand_over(work / "project.wbz", chosen.score, facts)
        if stop is not None and stop():
            raise Cancelled("Stopped; nothing was written.")
        if card:
            told = card_of(made, chosen, work / "mix.wav")
            (work / "card.json").write_text(plain_json(told.to_json()), encoding="utf-8")
        if recording is not None:
            from workbench.page.taken import facts_of_take, write_take

            write_take(recording, work)
            theirs = facts_of(made, project, {"take.wav": Run.of(recording.attempt)})
            hand_over(work / "take.wav", chosen.score, theirs)
            manifest |= {name: theirs[name] for name in ("licences", "selling")} | {"take": facts_of_take(recording)}
        tell(0.7)
        said = _film(made, chosen, work, original, falling, stop)
        if said:
            manifest["left_out"] = [*manifest["left_out"], said]
        for number, other in enumerate(made.takes):
            if number != take:
                place = work / f"alternative-{number + 1}.mid"
                place.write_bytes(write_midi(other.score))
                hand_over(place, other.score, facts_of(made, project_of(other)))
        for place in work.glob("video.*"):
            hand_over(place, chosen.score, facts)
        for place in sorted(work.iterdir()):
            if place.is_file() and place.name != "manifest.json" and place.name not in manifest["files"]:
                with place.open("rb") as file:
                    manifest["files"][place.name] = hashlib.file_digest(file, "sha256").hexdigest()
        manifest["files"] = dict(sorted(manifest["files"].items()))
        manifest = seal_text(manifest)
        (work / "manifest.json").write_text(plain_json(manifest), encoding="utf-8")
    tell(1.0)
    return manifest
