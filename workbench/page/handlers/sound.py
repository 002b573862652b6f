"""The piece as sound, for the page itself: a file where the browser may make none, and waveforms."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.page.jobs import figures, watched
from workbench.page.rows import Call, Job, Message, Request, Row
from workbench.page.waveforms import peaks_of


def render(request: Request) -> Message:
    """The piece as one sound file, for a page whose browser may not make the sound itself."""
    score, revision = request.page.snapshot()
    path = request.pages.exports.make(score, "mp3", None, lambda share: None, lambda: request.token.cancelled)
    return {"type": "audio", "path": path.as_posix(), "revision": revision}


def waveforms(request: Request) -> Iterator[Message]:
    """Render the piece; the result has each track's peaks, to be drawn as waveforms."""
    from workbench.sound.render import render_stems

    score, revision = request.page.snapshot()
    work = watched(lambda progress, stop: render_stems(score, progress=progress, stop=stop), request.token)
    stems = yield from figures(work)
    seconds = stems[0].audio.seconds if stems else 0.0
    peaks = {stem.track_id: peaks_of(stem.audio) for stem in stems}
    yield {"type": "result", "revision": revision, "seconds": seconds, "peaks": peaks}


_HERE = "workbench.page.handlers.sound"

ROWS: tuple[Row, ...] = (
    Call(
        "render", f"{_HERE}:render", "The piece as sound; asked where the browser has no AudioWorklet.",
        {"revision": "number"}, {"audio": {"url?": "string", "revision": "number"}}, slow=True,
        cost="workbench.page.costs:sound", document=True,
    ),
    Job(
        "waveforms", f"{_HERE}:waveforms", "Each track's loudest samples (0 to 255), to be drawn.", {},
        {"revision": "number", "seconds": "number", "peaks": "Record<string, readonly number[]>"},
        cost="workbench.page.costs:sound", document=True, drawn=True,
    ),
)  # fmt: skip
