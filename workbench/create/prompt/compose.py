"""From any mixture of prompts to a piece, in one call.

::

    made = compose(text="a calm waltz", melody="humming.wav", video="party.mp4", seed=3)
    made.score, made.brief, made.remarks
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.create.prompt.plan import make_brief
from workbench.create.prompt.prompts import NAMES, SLOTS, Prompt, Prompts, together
from workbench.create.prompt.write import Composed, Written, write
from workbench.errors import BadFile, BadRequest, Cancelled, WorkbenchError
from workbench.fsutil import shown
from workbench.hub.protocol import CancelToken
from workbench.score.files import load
from workbench.score.formats import sniff
from workbench.score.project import is_project
from workbench.score.score import Score

if TYPE_CHECKING:
    from workbench.hub.hub import Hub

Source = str | os.PathLike[str] | Score
#: How much of a file tells whether it is a piece.
_HEAD = 64 * 1024
#: Hears of what happens: the slot that is understood and the share of it, or a section that was written.
Watch = Callable[[str, float], object]
#: The ladders that are asked by name, so that a slot whose library is missing is one sentence and no crash.
_LADDERS: Mapping[str, tuple[str, str]] = {
    "picture": ("workbench.understand.score_image.read", "read_score"),
    "video": ("workbench.understand.video.watch", "watch"),
}  # fmt: skip


def understand(
    slot: str,
    source: Any,
    *,
    progress: Callable[[float], object] | None = None,
    cancel: CancelToken | None = None,
    hub: Hub | None = None,
    ended: Callable[[Any], None] | None = None,
    longest: float | None = None,
    **fields: Any,
) -> Prompt:
    """Look at what was given for one slot.

    Args:
        slot: one of :data:`SLOTS`.
        source: a text for ``words``; else a path, a :class:`Score`, or a description that was made before.
        progress: told the share that is done.
        cancel: stops the work.
        hub: where models run.
        ended: hears of every run of a model.
        longest: seconds of a recording that may be listened to.
        fields: of the :class:`Prompt`: roles, strength, locked, rights.

    Raises:
        WorkbenchError: it cannot be read, or holds nothing that the slot needs.
    """
    cancel = cancel or CancelToken.never()
    if slot not in SLOTS:
        raise BadRequest(f"A prompt is one of {', '.join(SLOTS)}, not {str(slot)[:30]!r}.")
    if slot == "words":
        from workbench.understand.words import read_words

        return Prompt("words", read_words(source) if isinstance(source, str) else source, **fields)
    if not isinstance(source, (str, os.PathLike)):
        return Prompt(slot, source, **fields)
    path = Path(source)
    fields = {"name": path.name[:300], "given": path, **fields}
    if slot != "video" and _is_piece(path):
        score = load(path).score
        if not score.note_count:
            raise BadFile(f"{shown(path)} holds no notes.")
        return Prompt(slot, score, **fields)
    if slot == "notes":
        raise BadFile(f"{shown(path)} is no piece; choose a MIDI, MusicXML or ABC file.")
    if slot in ("voice", "recording"):
        from workbench.understand.transcribe import transcribe

        heard = transcribe(
            _sound(path, longest),
            "singing" if slot == "voice" else "auto",
            progress=progress,
            cancel=cancel,
            hub=hub,
            ended=ended,
        )
        return Prompt(slot, heard, **fields)
    return Prompt(slot, _asked(slot, path, progress, cancel, hub), **fields)


def _sound(path: Path, longest: float | None) -> Any:
    from workbench.sound.files import read_audio

    return read_audio(path) if longest is None else read_audio(path, max_seconds=longest)


def _is_piece(path: Path) -> bool:
    try:
        if path.is_dir():
            raise BadFile(f"{shown(path)} is a folder; choose a file.")
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise BadFile(f"{shown(path)} cannot be opened: {error.strerror or error}.") from error
    return bool(sniff(head)) or is_project(path)


def _asked(
    slot: str, path: Path, progress: Callable[[float], object] | None, cancel: CancelToken, hub: Hub | None
) -> Any:  # fmt: skip
    module, name = _LADDERS[slot]
    ladder = getattr(importlib.import_module(module), name)

    def tell(share: float, *_: Any) -> None:
        if progress is not None:
            progress(float(share))

    return ladder(path, progress=tell, cancelled=lambda: cancel.cancelled, hub=hub)


def gather(
    given: Mapping[str, Any], *, cancel: CancelToken | None = None, watch: Watch | None = None,
    hub: Hub | None = None, ended: Callable[[Any], None] | None = None, rights: str = "",
    longest: float | None = None, **options: Any,
) -> Prompts:  # fmt: skip
    """Understand what was given, slot by slot; what cannot be read is among the remarks, the others go on.

    Args:
        given: by slot; None: nothing.
        cancel, hub, ended, longest: see :func:`understand`.
        watch: hears of each slot's progress.
        rights: whose recording it is.
        options: of :class:`Prompts`.

    Raises:
        Cancelled: ``cancel`` was pulled.
        BadRequest: an unknown slot, or all that was given cannot be read.
    """
    tell = watch or (lambda slot, share: None)
    found: list[Prompt | WorkbenchError] = []
    for slot, source in given.items():
        if source is None or (isinstance(source, str) and not source.strip()):
            continue
        (cancel or CancelToken.never()).check()
        fields = {"rights": rights} if slot == "recording" else {}
        if isinstance(source, Prompt):
            found.append(source)
            continue
        try:
            heard = partial(tell, slot)
            found.append(understand(slot, source, cancel=cancel, hub=hub, ended=ended, progress=heard, longest=longest,
                                    **fields))  # fmt: skip
        except Cancelled:
            raise
        except WorkbenchError as error:
            found.append(type(error)(f"{NAMES[slot].capitalize()} could not be used: {error}"))
        except ImportError:
            found.append(BadFile(f"{NAMES[slot].capitalize()} cannot be read by this installation; install it with "
                                 "pip install 'music-workbench[app]'."))  # fmt: skip
        tell(slot, 1.0)
    prompts = together(found, **options)
    if found and not prompts.items:
        raise BadRequest(prompts.remarks[0])
    return prompts


def compose(
    text: str | None = None,
    *,
    melody: Source | None = None,
    score: Source | None = None,
    style: Source | None = None,
    video: Any = None,
    notes: Source | None = None,
    voice: Source | None = None,
    seconds: float | None = None,
    faithful: bool = True,
    seed: int = 0,
    count: int = 2,
    rights: str = "",
    longest: float | None = None,
    prompts: Prompts | None = None,
    hub: Hub | None = None,
    cancel: CancelToken | None = None,
    watch: Watch | None = None,
    written: Callable[[Written], object] | None = None,
) -> Composed:
    """Make a piece from any mixture of prompts; from none at all as well.

    Args:
        text: what it shall be like, in words.
        melody: the tune, as a recording of a voice, or as notes.
        score: a picture of a score, a PDF, or MusicXML.
        style: a recording (or a piece) to be like.
        video: to be cut to.
        notes, voice: MIDI or MusicXML, and singing, where both are given beside each other.
        seconds: how long it is; a video says that itself.
        faithful: the tune keeps every note; otherwise it may be varied.
        seed: equal seeds give equal pieces.
        count: how many alternatives, 1 to 8.
        rights: whose recording it is (mine, licensed, unknown).
        longest: seconds of a recording that may be listened to.
        prompts: instead, prompts that were understood before.
        hub: where models run.
        cancel: stops the work.
        watch: hears of progress: a slot's name or ``write``, and the share that is done.
        written: hears of every section as it is written.

    Raises:
        BadRequest: nothing that was given can be used, or words ask for what cannot be.
        Unavailable: no band can be had.
        Cancelled: ``cancel`` was pulled.
    """
    if prompts is None:
        if melody is not None:
            file = Path(melody) if isinstance(melody, (str, os.PathLike)) else None
            sung = file is not None and not (file.is_file() and _is_piece(file))
            if voice is None and (sung or notes is not None):
                voice = melody
            else:
                notes = melody if notes is None else notes
        given = {"words": text, "voice": voice, "recording": style, "picture": score, "video": video, "notes": notes}
        prompts = gather(given, cancel=cancel, watch=watch, hub=hub, rights=rights, seconds=seconds, faithful=faithful)
    brief = make_brief(prompts, seed=seed, fixed={"alternatives": count})
    made: Composed | None = None
    for step in write(brief, prompts, hub=hub, cancel=cancel):
        if watch is not None:
            watch("write", step.done)
        if written is not None:
            written(step)
        made = step.composed
    assert made is not None
    return replace(made, remarks=tuple(dict.fromkeys((*prompts.remarks, *made.remarks))))
