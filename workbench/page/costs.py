"""How many seconds slow work may take, as a first guess: enough to let small work pass long work in the queue.

The guesses are for a laptop's one core; the queue corrects each kind by what it took before on this machine.
"""

from __future__ import annotations

from workbench.hub.tasks.table import task
from workbench.page.rows import Request
from workbench.score.score import Score
from workbench.score.timemap import TimeMap

#: Seconds of work for a second of one track's sound, and for one note written down or engraved.
PER_TRACK_SECOND = 0.01
PER_NOTE = 0.0004
#: Seconds to draw and encode a second of video.
PER_SHOWN_SECOND = 0.25
#: Seconds to look through a megabyte of a recording, most of them compressed.
PER_RECORDED_MB = 1.0
#: Seconds to listen to a second of sound, and to a megabyte of it where its length is not said.
PER_HEARD_SECOND, PER_HEARD_MB = 0.2, 4.0
DOCUMENTS = ("mid", "musicxml", "wbz")


def moment(request: Request) -> float:
    """Work that hardly takes longer than a moment."""
    return 0.2


def neighbours(request: Request) -> float:
    """The training music read through once."""
    return 4.0


def _sound(score: Score) -> float:
    return 0.3 + PER_TRACK_SECOND * max(1, len(score.tracks)) * TimeMap(score).seconds(score.end)


def _piece(request: Request) -> Score:
    document = request.page.document
    return document.score if document is not None else Score()


def sound(request: Request) -> float:
    """The piece as sound: its length times its tracks."""
    with request.page.lock:
        return _sound(_piece(request))


def recording(request: Request) -> float:
    """A recording looked through: by its size, since its length is not known yet."""
    return 0.5 + PER_RECORDED_MB * request.page.media.get(request.message.get("media")).size / 1_000_000


def listen(request: Request) -> float:
    """A recording listened to: by the part that is asked for, as far as that is known."""
    start, end = request.message.get("start"), request.message.get("end")
    if isinstance(start, (int, float)) and isinstance(end, (int, float)):
        return 1.0 + PER_HEARD_SECOND * max(0.0, end - start)
    return 1.0 + PER_HEARD_MB * request.page.media.get(request.message.get("media")).size / 1_000_000


#: Seconds to read a picture or a page, and to watch a megabyte of video.
PER_PICTURE, PER_WATCHED_MB = 8.0, 2.0


def playable(request: Request) -> float:
    """A video written anew, small: by its size; nothing where that has been done."""
    item = request.page.media.get(request.message.get("media"))
    return 0.1 if request.page.media.copy_of(item) else 1.0 + 2 * PER_WATCHED_MB * item.size / 1_000_000


def prompt(request: Request) -> float:
    """Something understood: by what it is and how large."""
    media = request.message.get("media")
    if media is None:
        return 0.2
    item = request.page.media.get(media)
    if item.kind in ("picture", "pages"):
        return PER_PICTURE
    if item.kind == "score":
        return 0.5
    if request.message.get("slot") == "video":
        return 1.0 + PER_WATCHED_MB * item.size / 1_000_000
    return 1.0 + PER_HEARD_MB * item.size / 1_000_000


#: Seconds to write a bar of an idea.
PER_WRITTEN_BAR = 0.15


def compose(request: Request) -> float:
    """A piece written, in all its ideas: by the bars of the plan."""
    brief = request.page.prompts.brief
    return 1.0 + (PER_WRITTEN_BAR * brief.bars * brief.alternatives if brief is not None else 0.0)


def sheet(request: Request) -> float:
    """The piece engraved: by its notes."""
    return 0.2 + PER_NOTE * _piece(request).note_count


def export(request: Request) -> float:
    """A file to take away: notation by its notes, sound and videos by their length, a zip has all of it."""
    kind = request.message.get("kind")
    if kind in DOCUMENTS:
        return 0.1 + PER_NOTE * _piece(request).note_count
    if kind == "mp4":
        with request.page.lock:
            score = _piece(request)
            return _sound(score) + PER_SHOWN_SECOND * TimeMap(score).seconds(score.end)
    return sound(request) * (2.5 if kind == "zip" else 1.0)


def fill(request: Request) -> float:
    """A fill or a band, as the model estimates it; raises what a request that cannot be met raises."""
    model, data = request.message.get("model"), request.message.get("request")
    kind = "arrange" if isinstance(data, dict) and data.get("task") == "arrange" else "infill"
    with request.page.lock:  # instead of a copy: nothing is kept
        asked = task(kind).make_wire().read(data, {"score": _piece(request)})
        return request.hub.estimate_seconds(model if isinstance(model, str) else kind, asked)


def download(request: Request) -> float:
    """Weights to be fetched: long, and nobody knows how long."""
    return 60.0
