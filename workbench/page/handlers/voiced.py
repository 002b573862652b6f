"""A band for a voice that was listened to: heard at once with the voice in it, kept as a piece, or taken away whole."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from workbench.create.voiced.band import FOLLOWED, Take, band_for_voice
from workbench.errors import BadRequest
from workbench.page.handlers.apart import kept
from workbench.page.handlers.listen import part_of, recording_of
from workbench.page.handlers.media import ITEM
from workbench.page.jobs import messages
from workbench.page.rows import Job, Message, Request, Row
from workbench.page.voiced import export_zip_of
from workbench.provenance.run import Run, record
from workbench.sound.audio import Audio
from workbench.sound.blocks import read_part
from workbench.sound.limits import OWN
from workbench.sound.recording import recorded

#: The share of the work that is writing the band; the rest is its sound.
_WRITING = 0.4


def band(request: Request) -> Iterator[Message]:
    """Write a band for what was heard, and make its sound with the voice."""
    item, message = recording_of(request), request.message
    heard = request.page.heardings.get(message.get("hearing"))
    if heard is None:
        raise BadRequest("What was heard is no longer known here; listen to the recording again.")
    style, timing, choir = message.get("style"), message.get("timing", FOLLOWED), message.get("choir", False)
    seed, pack = message.get("seed", 0), message.get("pack", False)
    if not isinstance(style, str) or not isinstance(timing, str) or not all(type(it) is bool for it in (choir, pack)):
        raise BadRequest("Name a style in a few words, such as swing or a rock band.")
    if type(seed) is not int or not 0 <= seed < 2**31:
        raise BadRequest("The number that takes are counted by must be 0 or more.")
    start, _ = part_of(request)
    folder = Path(request.pages.exports.folder) / secrets.token_hex(16)

    def work(tell: Callable[[str, Any], None], stop: Callable[[], bool]) -> tuple[Take, Audio | Path]:
        tell("progress", 0.02)
        voice = read_part(item.path, start, start + heard.duration, item.name)
        take = band_for_voice(
            voice, heard=heard, style=style, timing=timing, choir=choir, seed=seed, hub=request.hub,
            cancel=request.token,
        )[0]  # fmt: skip
        request.page.check_length(take.score)

        def sounded(share: float) -> None:
            tell("progress", _WRITING + (1 - _WRITING) * share)

        rules = request.page.rules
        limits = OWN if rules is None else rules.sound
        if pack:
            folder.mkdir(parents=True)
            return take, export_zip_of(take, folder / "band.zip", progress=sounded, stop=stop, limits=limits)
        with recorded(take.score, given=take.given, stems=False, limits=limits, progress=sounded, stop=stop) as made:
            return take, Audio(made.array(), made.rate)

    take, sound = yield from messages(work, request.token)
    name = f"{Path(item.name).stem} with {style[:40]}"
    answer: Message = {
        "type": "result", "score": take.score.to_dict(), "remarks": list(take.remarks), "run": take.idea.run,
        "tempo": take.heard.tempo,
    }  # fmt: skip
    if isinstance(sound, Path):
        yield {**answer, "name": f"{name}.zip", "path": sound.as_posix()}
        return
    record(request.page.log, Run.of(take.idea.attempt))
    request.page.log.add("listen", "user", {"action": "band", "heard": message["hearing"], "run": take.idea.run})
    yield {**answer, "name": f"{name}.flac", "item": kept(request, item, f"with {style[:40]}", sound).to_dict()}


_HERE = "workbench.page.handlers.voiced"

ROWS: tuple[Row, ...] = (
    Job(
        "voiceband", f"{_HERE}:band",
        "Write a band for a voice of the shelf that was listened to as `hearing` (from `start` seconds on). `style`: "
        "plain words; `timing`: `followed` (the voice's own tempo) or `tightened` (onto even beats); `choir`: it sings "
        "three more parts; `pack`: a zip of stems, MIDI and notation under `url` instead of the mix on the shelf, "
        "`item`. `score`: the voice's notes and the band.",
        {
            "media": "string", "hearing": "string", "style": "string", "timing?": "string", "choir?": "boolean",
            "seed?": "number", "pack?": "boolean", "start?": "number", "end?": "number",
        },
        {
            "score": "Json", "remarks": "readonly string[]", "run": "string", "tempo": "number", "name": "string",
            "url?": "string", "item?": ITEM,
        },
        cost="workbench.page.costs:listen",
    ),
)  # fmt: skip
