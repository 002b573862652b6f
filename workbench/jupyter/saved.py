"""What a saved notebook keeps of a widget: a picture and the first seconds of sound, as plain HTML.

It needs no program, no kernel and no network: the picture is an SVG and the sound an MP3, both inside the page. Class
names, ``img`` and ``audio`` pass JupyterLab's sanitizer, so the output of a notebook that nobody has vouched for shows
the same. While the live widget is on the page, the widget's loader hides it.
"""

from __future__ import annotations

import base64
import tempfile
import threading
from collections.abc import Callable
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from workbench.errors import WorkbenchError
from workbench.jupyter.live import Change, LiveDocument
from workbench.jupyter.picture import MAX_SHAPES, roll_svg, shown_bars
from workbench.page.texts import DEFAULT, text
from workbench.score.score import Score
from workbench.score.timemap import TimeMap

SECONDS = 10.0
FADE_SECONDS = 0.4
BIT_RATE = 80_000
#: Together with the picture this stays well below 400 kB.
MAX_BYTES = 380_000
REST_SECONDS = 3.0


def saved_html(score: Score, app: str, sound: bytes = b"", language: str = DEFAULT) -> str:
    """The HTML for one widget.

    Args:
        score: the piece.
        app: the widget's own name; ``wb-saved-<app>`` is the class by which its loader hides this.
        sound: an MP3; none if empty.
        language: of its words.
    """
    title = score.title or text("notebook.untitled", language)
    bars = shown_bars(score)
    whole = score.note_count <= MAX_SHAPES and bars >= len(TimeMap(score).bars())
    alt = (
        text("notebook.picture", language, title=title)
        if whole
        else text("notebook.picturePart", language, title=title, bars=bars)
    )
    picture = base64.b64encode(roll_svg(score).encode("utf-8")).decode("ascii")
    tracks = len(score.tracks)
    parts = [
        f'<figure lang="{language}" class="wb-saved wb-saved-{app}" style="margin: 8px 0; max-width: 960px">',
        f'<img src="data:image/svg+xml;base64,{picture}" alt="{escape(alt)}" style="width: 100%; height: auto">',
        f"<figcaption>{escape(text('notebook.piece', language, title=title, tracks=tracks, notes=score.note_count))}. ",
        f"{escape(text('notebook.saved', language))}</figcaption>",
    ]
    if sound:
        label = text("notebook.sound", language, seconds=round(min(SECONDS, TimeMap(score).seconds(score.end))))
        data = base64.b64encode(sound).decode("ascii")
        source = f"data:audio/mpeg;base64,{data}"
        parts.append(f'<audio controls preload="none" title="{escape(label)}" src="{source}"></audio>')
    parts.append("</figure>")
    return "".join(parts)


def beginning(score: Score, seconds: float = SECONDS) -> Score:
    """A copy of what sounds in the first seconds of a score."""
    end = max(1, TimeMap(score).tick(seconds))
    first = score.copy()
    for track in first.tracks:
        track.notes = {
            note.id: note if note.end <= end else replace(note, duration=end - note.start)
            for note in track.notes.values()
            if note.start < end
        }
    return first


def short_sound(score: Score, stop: Callable[[], bool] = lambda: False) -> bytes:
    """The first seconds of a score as MP3; empty if there is nothing to hear.

    Raises:
        Cancelled: ``stop()`` said so.
    """
    from workbench.sound.audio import Audio
    from workbench.sound.files import write_audio
    from workbench.sound.render import render

    first = beginning(score)
    if not first.note_count:
        return b""
    audio = render(first, stop=stop)
    frames = min(audio.frames, round((SECONDS + FADE_SECONDS) * audio.rate))
    samples = audio.samples[:frames].copy()
    fade = min(frames, round(FADE_SECONDS * audio.rate))
    if fade and frames < audio.frames:
        samples[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)[:, None]
    with tempfile.TemporaryDirectory(prefix="workbench-") as folder:
        path = Path(folder) / "sound.mp3"
        write_audio(Audio(samples, audio.rate), path, bit_rate=BIT_RATE)
        return path.read_bytes()


class SavedOutput:
    """A second output of a cell that follows the document: whenever the hands rest, picture and sound are made anew.

    Args:
        document: what it shows.
        app, language: see :func:`saved_html`.
    """

    def __init__(self, document: LiveDocument, app: str, language: str = DEFAULT) -> None:
        self._document = document
        self._app = app
        self._language = language
        self._handle: Any = None
        self._timer: threading.Timer | None = None
        self._sound: tuple[str, bytes] = ("", b"")
        self._lock = threading.RLock()
        self._stop = document.listen(self._changed)

    def close(self) -> None:
        """Follow no longer; what has been written stays."""
        self._stop()
        if self._timer is not None:
            self._timer.cancel()

    def show(self) -> None:
        """Write the output into the cell that is running."""
        from IPython.display import display

        self._handle = display(self._content(), raw=True, display_id=True)

    def _content(self) -> dict[str, str]:
        """The output as a MIME bundle, below 400 kB: without its sound if it must be."""
        from workbench.score.canonical import project_hash

        with self._lock:  # taken first: who waits here for an earlier sound then shows the newest piece
            with self._document.lock:
                score = self._document.score.copy()
            key = project_hash(beginning(score))
            if self._sound[0] != key:
                try:
                    self._sound = (key, short_sound(score))
                except WorkbenchError:
                    self._sound = (key, b"")  # a picture is better than nothing
            html = saved_html(score, self._app, self._sound[1], self._language)
        if len(html) > MAX_BYTES:
            html = saved_html(score, self._app, language=self._language)
        title, tracks, notes = (
            score.title or text("notebook.untitled", self._language),
            len(score.tracks),
            score.note_count,
        )
        plain = text("notebook.piece", self._language, title=title, tracks=tracks, notes=notes)
        return {"text/html": html, "text/plain": plain}

    def _changed(self, _: Change) -> None:
        if self._handle is None:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(REST_SECONDS, self._update)
        self._timer.daemon = True
        self._timer.start()

    def _update(self) -> None:
        with self._lock:  # or an older output could overtake a newer one
            self._handle.update(self._content(), raw=True)
