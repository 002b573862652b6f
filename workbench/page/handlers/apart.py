"""A recording taken apart: its stems come onto the page's shelf, and sum to the recording."""

from __future__ import annotations

import hashlib
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from workbench.errors import BadRequest
from workbench.hub.tasks.separate.request import SeparateRequest
from workbench.hub.tasks.table import task
from workbench.page.handlers.listen import WAITING, longest, recording_of, result_of
from workbench.page.handlers.media import ITEM
from workbench.page.jobs import figures, watched
from workbench.page.making import plain_name
from workbench.page.media import MediaItem
from workbench.page.parting import packed, part_into
from workbench.page.rows import Job, Message, Request, Row
from workbench.page.waveforms import Drawing
from workbench.sound.audio import Audio
from workbench.sound.blocks import read_part
from workbench.sound.files import write_audio

#: How loud the loudest stem is drawn.
_DRAWN = 0.9


def separate(request: Request) -> Iterator[Message]:
    """Take a recording apart."""
    item, model = recording_of(request), request.message.get("model")
    if not (model is None or isinstance(model, str)):
        raise BadRequest("A model is named by its id.")
    yield WAITING
    audio = read_part(item.path, 0.0, longest(request) + 1.0, item.name)
    if audio.seconds > longest(request) + 0.5:
        raise BadRequest(f"Recordings of up to {longest(request) / 60:.0f} minutes can be taken apart here.")
    spec = request.hub.registry.find(model or "separate")
    names = list(spec.capabilities.get("stems", SeparateRequest.stems))
    asked = task("separate").make_wire().read({"stems": names}, {"audio": audio})
    page = request.page
    made = yield from result_of(request, model or "separate", asked)
    if made is None or not made.alternatives:
        raise BadRequest(f"{item.name} could not be taken apart; try another recording.")
    idea = made.alternatives[0]
    loudest = max(float(np.abs(stem.samples).max(initial=0.0)) for stem in idea.stems.values())
    stems = [
        {"name": name, "item": kept(request, item, name, stem).to_dict(), "peaks": peaks(stem, loudest)}
        for name, stem in idea.stems.items()
    ]
    run = made.attempt.id if made.attempt else ""
    page.log.add("stems", "user", {"action": "separate", "sha256": item.sha256, "run": run})
    yield {
        "type": "result", "stems": stems, "seconds": audio.seconds, "run": run,
        "remarks": [*made.remarks, *idea.remarks], "fallback_reason": made.fallback_reason,
    }  # fmt: skip


def everything(request: Request) -> Iterator[Message]:
    """A recording, its stems, what is heard in them, and projects for workstations, as one zip."""
    item, token = recording_of(request), request.token
    yield {"type": "progress", "done": None, "seconds_left": None, "text": ""}
    audio = read_part(item.path, 0.0, longest(request) + 1.0, item.name)
    if audio.seconds > longest(request) + 0.5:
        raise BadRequest(f"Recordings of up to {longest(request) / 60:.0f} minutes can be taken apart here.")
    title = Path(item.name).stem
    folder = request.pages.exports.folder / secrets.token_hex(16) / f"{plain_name(title)}-stems"

    def make(progress: Callable[[float], None], stop: Callable[[], bool]) -> Path:
        folder.parent.mkdir(parents=True)
        part_into(
            audio, folder, title=title, hub=request.hub, cancel=token, seed=secrets.randbelow(2**31), progress=progress,
            by_stem=True,
        )  # fmt: skip
        path = packed(folder)
        shutil.rmtree(folder, ignore_errors=True)
        return path

    whole = False
    try:
        path = yield from figures(watched(make, token))
        whole = True
    finally:
        if not whole:
            shutil.rmtree(folder.parent, ignore_errors=True)
    request.page.log.add("export", "user", {"kind": "stems", "sha256": item.sha256})
    yield {"type": "result", "name": path.name, "path": path.as_posix()}


def kept(request: Request, item: MediaItem, name: str, stem: Audio) -> MediaItem:
    """A stem of a file as a file on the shelf; see :func:`shelved`."""
    return shelved(request, f"{Path(item.name).stem} ({name}).flac", stem)


def shelved(request: Request, name: str, sound: Audio) -> MediaItem:
    """A sound as a file on the shelf (FLAC, 24 bit), once; raises :class:`BadRequest` where there is no room for it."""
    whole = Audio(np.clip(sound.samples, -1.0, 1.0), sound.rate)
    with tempfile.TemporaryDirectory(prefix="workbench-stem-") as folder:
        path = Path(folder) / "stem.flac"
        write_audio(whole, path)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        for there in request.page.media.items():
            if there.sha256 == digest:
                return there
        with request.page.media.begin(name, path.stat().st_size) as arrival:
            with path.open("rb") as file:
                while piece := file.read(1 << 20):
                    request.token.check()
                    arrival.write(piece)
            return arrival.finish()


def peaks(stem: Audio, loudest: float) -> list[int]:
    """A stem's loudest samples (0 to 255), drawn by the loudest of all stems."""
    drawing = Drawing(stem.frames, stem.rate)
    drawing.add(0, np.ascontiguousarray(stem.samples.T))
    return drawing.shown(_DRAWN / loudest if loudest > 0 else 1.0, stem.frames)


_HERE = "workbench.page.handlers.apart"

_STEM = f"{{ readonly name: string; readonly item: {ITEM}; readonly peaks: readonly number[] }}"

ROWS: tuple[Row, ...] = (
    Job(
        "separate", f"{_HERE}:separate",
        "Take a recording of the shelf apart; `model` left out: the built-in one. Each stem is a file of the shelf "
        "from then on (`item`); together they are the recording. `peaks`: loudest samples (0 to 255), evenly spaced.",
        {"media": "string", "model?": "string"},
        {
            "stems": f"readonly {_STEM}[]",
            "seconds": "number", "run": "string", "remarks": "readonly string[]", "fallback_reason": "string",
        },
        cost="workbench.page.costs:listen",
    ),
    Job(
        "stems", f"{_HERE}:everything",
        "A recording, its stems, what is heard in each of them, and projects for workstations, in one zip.",
        {"media": "string"}, {"name": "string", "url?": "string"}, cost="workbench.page.costs:listen",
    ),
)  # fmt: skip
