"""What is heard in the piece, for the page itself: a file where the browser may make none, waveforms."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.page.jobs import messages
from workbench.page.recorded import files_of
from workbench.page.rows import Call, Job, Message, Request, Row
from workbench.page.work import limits_of


def render(request: Request) -> Message:
    """The piece as one sound file, for a page whose browser may not make the sound itself."""
    score, revision = request.page.snapshot()
    path = request.pages.exports.make(
        score, "mp3", None, lambda share: None, lambda: request.token.cancelled,
        recordings=files_of(request.page.media, score),
    )  # fmt: skip
    return {"type": "audio", "path": path.as_posix(), "revision": revision}


def waveforms(request: Request) -> Iterator[Message]:
    """Each track's peaks, to be drawn as waveforms: told of as soon as they are there, and all together at the end."""
    score, revision = request.page.snapshot()
    values = {
        "score": score,
        "limits": limits_of(request.page.rules),
        "recordings": files_of(request.page.media, score),
    }
    labour = request.pages.labour
    made = yield from messages(lambda tell, stop: labour.run("waveforms", values, tell, stop), request.token)
    yield {"type": "result", "revision": revision, **made}


_HERE = "workbench.page.handlers.sound"
_PEAKS = "Record<string, readonly number[]>"

ROWS: tuple[Row, ...] = (
    Call(
        "render", f"{_HERE}:render", "The piece as sound; asked where the browser has no AudioWorklet.",
        {"revision": "number"}, {"audio": {"url?": "string", "revision": "number"}}, slow=True,
        cost="workbench.page.costs:sound", document=True,
    ),
    Job(
        "waveforms", f"{_HERE}:waveforms", "Each track's loudest samples (0 to 255), to be drawn.", {},
        {"revision": "number", "seconds": "number", "peaks": _PEAKS},
        {"partial": {"peaks": _PEAKS, "seconds": "number"}},
        cost="workbench.page.costs:sound", document=True, drawn=True,
    ),
)  # fmt: skip
