"""A band for a voice that was listened to: heard at once with the voice in it, kept as a piece, or taken away whole."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from workbench.create.compose.styles import load_style
from workbench.create.voiced.band import FOLLOWED, Take, Taste, band_for_voice, first_bars
from workbench.create.voiced.worded import band_in_words
from workbench.errors import BadRequest
from workbench.page.handlers.apart import kept
from workbench.page.handlers.listen import part_of, recording_of
from workbench.page.handlers.media import ITEM
from workbench.page.jobs import messages
from workbench.page.media import MediaItem
from workbench.page.recorded import sounds_as
from workbench.page.rows import Call, Job, Message, Request, Row
from workbench.page.voiced import export_zip_of
from workbench.provenance.run import Run, record
from workbench.score.score import Score
from workbench.sound.audio import Audio
from workbench.sound.blocks import read_part
from workbench.sound.files import write_audio
from workbench.sound.limits import OWN, Limits
from workbench.sound.recording import recorded
from workbench.understand.heard import Heard

#: Seconds in which the first bars of a voice with a style die away.
_RINGING = 0.4
#: The share of the work that is writing the band; the rest is its sound.
_WRITING = 0.4


def band(request: Request) -> Iterator[Message]:
    """Write a band for what was heard, and make its sound with the voice."""
    item, message = recording_of(request), request.message
    heard = request.page.heardings.get(message.get("hearing"))
    if heard is None:
        raise BadRequest("What was heard is no longer known here; listen to the recording again.")
    style, timing, choir = message.get("style"), message.get("timing", FOLLOWED), message.get("choir", False)
    seed, pack, taste = message.get("seed", 0), message.get("pack", False), message.get("taste", False)
    words = message.get("words", "")
    texts = all(isinstance(text, str) for text in (words, timing))
    if not isinstance(style, str) or not texts or not all(type(it) is bool for it in (choir, pack, taste)):
        raise BadRequest("Name a style in a few words, such as swing or a rock band.")
    if type(seed) is not int or not 0 <= seed < 2**31:
        raise BadRequest("The number that takes are counted by must be 0 or more.")
    start, _ = part_of(request)
    asked = band_in_words(words) if words.strip() else None
    wanted: dict[str, Any] = {"style": style}
    if asked is not None:
        style = asked.title
        wanted = {"style": asked.style, "parts": asked.parts, "controls": asked.controls}
    folder = Path(request.pages.exports.folder) / secrets.token_hex(16)
    limits = OWN if request.page.rules is None else request.page.rules.sound

    def sung() -> Audio:
        return read_part(item.path, start, start + heard.duration, item.name)

    if taste:
        yield from tasted(request, sung, heard, wanted, folder, limits)
        return

    def work(tell: Callable[[str, Any], None], stop: Callable[[], bool]) -> tuple[Take, Audio | Path]:
        tell("progress", 0.02)
        tell("stage", "Writing the band under your voice …")
        take = band_for_voice(
            sung(), heard=heard, **wanted, timing=timing, choir=choir, seed=seed, hub=request.hub,
            cancel=request.token,
        )[0]  # fmt: skip
        request.page.check_length(take.score)

        def sounded(share: float) -> None:
            tell("progress", _WRITING + (1 - _WRITING) * share)

        if pack:
            tell("stage", "Putting all parts into one zip …")
            folder.mkdir(parents=True)
            return take, export_zip_of(take, folder / "band.zip", progress=sounded, stop=stop, limits=limits)
        tell("stage", "Playing the band and mixing it with your voice …")
        with recorded(take.score, given=take.given, stems=False, limits=limits, progress=sounded, stop=stop) as made:
            return take, Audio(made.array(), made.rate)

    take, sound = yield from messages(work, request.token)
    name = f"{Path(item.name).stem} with {style[:40]}"
    score = take.score if pack else sounding(request, item, take)
    answer: Message = {
        "type": "result", "score": score.to_dict(), "remarks": list(take.remarks), "run": take.idea.run,
        "tempo": take.heard.tempo,
    }  # fmt: skip
    if isinstance(sound, Path):
        yield {**answer, "name": f"{name}.zip", "path": sound.as_posix()}
        return
    record(request.page.log, Run.of(take.idea.attempt))
    request.page.log.add("listen", "user", {"action": "band", "heard": message["hearing"], "run": take.idea.run})
    yield {**answer, "name": f"{name}.flac", "item": kept(request, item, f"with {style[:40]}", sound).to_dict()}


def tasted(
    request: Request, sung: Callable[[], Audio], heard: Heard, wanted: Mapping[str, Any], folder: Path, limits: Limits
) -> Iterator[Message]:
    """The first bars of the voice with a style under them, as a sound file that goes as exports go."""

    def work(tell: Callable[[str, Any], None], stop: Callable[[], bool]) -> tuple[Taste, Path]:
        made = first_bars(sung(), heard, wanted["style"], parts=wanted.get("parts") or ())
        ends = made.end + _RINGING
        with recorded(made.score, given=made.given, ends=ends, stems=False, limits=limits, stop=stop) as sound:
            heard_part = Audio(sound.array()[round(made.start * sound.rate) :], sound.rate)
        folder.mkdir(parents=True)
        write_audio(heard_part, folder / "first-bars.flac")
        return made, folder / "first-bars.flac"

    made, path = yield from messages(work, request.token)
    yield {
        "type": "result", "score": made.score.to_dict(), "remarks": [], "run": "", "tempo": heard.beats.tempo,
        "name": path.name, "path": path.as_posix(),
    }  # fmt: skip


def sounding(request: Request, item: MediaItem, take: Take) -> Score:
    """The piece of a take, its voices sounding as they were sung; as notes where the shelf has no room for them."""
    score = take.score.copy()
    for own, sound in take.given.items():
        track = score.track(own)
        with suppress(BadRequest):
            sounds_as(score, track, kept(request, item, track.name.casefold(), sound), 0.0, sound.seconds)
    return score


def worded(request: Request) -> Message:
    """What a band in plain words comes to."""
    asked = band_in_words(request.message.get("words", ""))
    return {
        "type": "voiceband.read", "style": asked.style, "title": asked.title,
        "parts": list(asked.parts or (part.name for part in load_style(asked.style).parts)),
        "missing": list(asked.missing), "sung": list(asked.sung), "remarks": list(asked.remarks),
        "not_understood": list(asked.not_understood),
    }  # fmt: skip


_HERE = "workbench.page.handlers.voiced"

ROWS: tuple[Row, ...] = (
    Job(
        "voiceband", f"{_HERE}:band",
        "Write a band for a voice of the shelf that was listened to as `hearing` (from `start` seconds on). `style`: "
        "an id or plain words; `words`: what is wanted in a person's own words, instead; `timing`: `followed` (the "
        "voice's own tempo) or `tightened` (onto even beats); `choir`: it sings three more parts; `pack`: a zip of "
        "stems, MIDI and notation under `url` instead of the mix on the shelf, `item`; `taste`: the style under the "
        "first bars that are sung, at once and alone, as a sound under `url`. `score`: the voice's notes and "
        "the band; the voice sounds as it was sung.",
        {
            "media": "string", "hearing": "string", "style": "string", "words?": "string", "timing?": "string",
            "choir?": "boolean", "seed?": "number", "pack?": "boolean", "taste?": "boolean", "start?": "number",
            "end?": "number",
        },
        {
            "score": "Json", "remarks": "readonly string[]", "run": "string", "tempo": "number", "name": "string",
            "url?": "string", "item?": ITEM,
        },
        cost="workbench.page.costs:listen",
    ),
    Call(
        "voiceband.words", f"{_HERE}:worded",
        "What a band for a voice in plain words comes to: the style, the parts that play, programs (128: drums) that "
        "it has not, what is the voice's to decide (`sung`), and the words of which nothing was made.",
        {"words": "string"},
        {
            "voiceband.read": {
                "style": "string", "title": "string", "parts": "readonly string[]", "missing": "readonly number[]",
                "sung": 'readonly ("tempo" | "length" | "metre" | "key" | "form")[]', "remarks": "readonly string[]",
                "not_understood": "readonly string[]",
            }
        },
    ),
)  # fmt: skip
