"""One file from a piece: which kinds there are, what can be asked for, and how it is made."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.deliver.formats import BUNDLES, DOCUMENTS, SOUNDS, VIDEOS
from workbench.deliver.video.scene import SHAPES
from workbench.errors import BadRequest
from workbench.fsutil import write_file
from workbench.provenance.authorship import statement
from workbench.score.files import encode
from workbench.score.lanes import MAX_TICK
from workbench.score.score import Score
from workbench.sound.audio import Audio
from workbench.sound.limits import Limits

RATES = (44_100, 48_000)
SUBTYPES = ("float", "pcm24")

Progress = Callable[[float], None]
Stop = Callable[[], bool]


def plain_name(title: str) -> str:
    """A file name made of the title: letters and digits of any script, dashes for the rest."""
    text = unicodedata.normalize("NFC", title)
    name = re.sub(r"[^\w]+", "-", text, flags=re.UNICODE).strip("-_")[:60]
    return name or "piece"


@dataclass(frozen=True, slots=True)
class Options:
    """What a page may ask for: ``rate`` (Hz) and ``subtype`` of all sound; ``loop``: first and last tick, for one
    sound file of that part alone; ``whole_bars`` and ``tempo_names`` for the zip (see :func:`.stems.export_stems`);
    ``shape`` of a video, "9:16" or "16:9".
    """

    rate: int = 44_100
    subtype: str = "float"
    loop: tuple[int, int] | None = None
    whole_bars: bool = False
    tempo_names: bool = False
    shape: str = "9:16"

    @classmethod
    def read(cls, data: Any) -> Options:
        """Read an untrusted JSON object; raises :class:`BadRequest` where a value cannot be met."""
        data = data if isinstance(data, dict) else {}
        rate, subtype, loop = data.get("rate", 44_100), data.get("subtype", "float"), data.get("loop")
        if type(rate) is not int or rate not in RATES or subtype not in SUBTYPES:
            raise BadRequest("Sound can be saved at 44100 or 48000 samples a second, as float or 24 bit.")
        if loop is not None:
            whole = isinstance(loop, list) and len(loop) == 2 and all(type(tick) is int for tick in loop)
            if not whole or not 0 <= loop[0] < loop[1] <= MAX_TICK:
                raise BadRequest("The loop must begin before it ends; set it again.")
            loop = (loop[0], loop[1])
        shape = data.get("shape", "9:16")
        if shape not in SHAPES:
            raise BadRequest(f"A video can be {' or '.join(SHAPES)}; choose one of them.")
        return cls(rate, subtype, loop, data.get("whole_bars") is True, data.get("tempo_names") is True, shape)


def make_file(
    score: Score, kind: str, chosen: Options, place: Path, *, facts: dict[str, Any], limits: Limits,
    progress: Progress, stop: Stop, given: Mapping[str, Audio] | None = None,
) -> Path:  # fmt: skip
    """Make one file of any kind but ``wbz``, and return its path.

    Args:
        score: the piece.
        kind: one of :data:`workbench.deliver.formats.KINDS`.
        chosen: how.
        place: the folder to make it in.
        facts: what the file says of who made the piece (:func:`workbench.provenance.manifest.written_by`).
        limits: how much sound may be made.
        progress: called with 0.0 to 1.0.
        stop: asked as often as the work allows.
        given: sound that stands for tracks, see :func:`workbench.sound.recording.recorded`.
    """
    from workbench.provenance.handover import hand_over

    path = place / f"{plain_name(score.title)}.{kind}"
    if kind in DOCUMENTS:
        write_file(path, encode(score, f".{kind}", texts=[statement(score)]))
    elif kind in SOUNDS:
        from workbench.deliver.mixdown import write_mix

        subtype = chosen.subtype if kind == "wav" else "float"  # the others have forms of their own
        write_mix(
            score, path, rate=chosen.rate, subtype=subtype, loop=chosen.loop, note=statement(score),
            limits=limits, given=given, progress=progress, stop=stop,
        )  # fmt: skip
    elif kind in VIDEOS:
        from workbench.deliver.video.piece import write_video

        write_video(score, path, shape=chosen.shape, rate=chosen.rate, note=statement(score),
                    limits=limits, given=given, progress=progress, stop=stop)  # fmt: skip
    else:
        from workbench.deliver.stems import export_zip

        export_zip(
            score, path, rate=chosen.rate, subtype=chosen.subtype, whole_bars=chosen.whole_bars,
            tempo_names=chosen.tempo_names, facts=facts, limits=limits, given=given, progress=progress, stop=stop,
        )  # fmt: skip
    if kind not in BUNDLES:
        hand_over(path, score, facts)
    progress(1.0)
    return path
