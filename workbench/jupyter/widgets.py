"""The widgets: one look at a live document each."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import anywidget
import traitlets

from workbench.errors import BadRequest
from workbench.jupyter import assets
from workbench.jupyter.live import Change, LiveDocument, as_document
from workbench.jupyter.saved import SavedOutput
from workbench.jupyter.server import serve
from workbench.jupyter.take import read_take
from workbench.page.rows import Message
from workbench.page.texts import DEFAULT, language_of, text
from workbench.provenance.run import keep
from workbench.score.operations import Operation
from workbench.score.project import Project
from workbench.score.score import Score

if TYPE_CHECKING:
    from workbench.create.idea import Idea


class ScoreWidget(anywidget.AnyWidget):
    """A view of a score that Python owns.

    Args:
        source: a Score (kept, not copied: edits show in it), a file's name, another widget or its ``document`` (both
            then show the same piece), or None for an empty piece.
        height: of the view, in pixels.
        language: of what the widget says: ``en``, ``es``, ``de``, ``zh`` or ``pt``; None is the browser's own. All
            widgets of a page speak the one that was asked for last.
        keep: whether the notebook keeps a picture and a short sound (below 400 kB) beside the widget.

    Raises:
        BadFile: the file cannot be read.
        BadRequest: ``source`` is something else, or there is no such language.
    """

    _esm = Path(__file__).with_name("loader.js")
    #: The view's bundle in ``workbench/web/public``.
    view: ClassVar[str]

    app = traitlets.Unicode().tag(sync=True)
    bundle = traitlets.Unicode().tag(sync=True)
    fingerprint = traitlets.Unicode().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)
    options = traitlets.Unicode("{}").tag(sync=True)
    #: Empty: the browser's own.
    language = traitlets.Unicode("").tag(sync=True)
    height = traitlets.Int(560).tag(sync=True)
    #: Counts the changes, from either side: in marimo, cells that read ``value["revision"]`` run again after an edit.
    revision = traitlets.Int(0).tag(sync=True)

    def __init__(
        self, source: Any = None, *, height: int = 560, keep: bool = True, language: str | None = None,
        options: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        language = language_of(language)
        self._words = language or DEFAULT
        self._document = as_document(source)
        self._server = serve(self._document)
        name = f"{self.view}.js"
        super().__init__(
            app=self._server.app, bundle=name, fingerprint=assets.fingerprint(name), height=height,
            words={
                "waiting": text("notebook.waiting", self._words),
                "missing": text("notebook.fileMissing", self._words, name=name),
            },
            language=language, options=json.dumps(options or {}), revision=self._document.revision,
        )  # fmt: skip
        self._saved = SavedOutput(self._document, self._server.app, self._words) if keep else None
        self._leave = [self._server.join(self._transmit), self._document.listen(self._count)]
        self.on_msg(lambda _, content, buffers: self._server.receive(content, self._transmit, buffers))

    def _transmit(self, message: Message, buffers: list[bytes]) -> None:
        if self.comm is not None:
            self.send(message, buffers)

    def _count(self, change: Change) -> None:
        if not change.origin:  # a page says so itself, when it knows that Python has its change
            self.revision = change.revision

    @property
    def document(self) -> LiveDocument:
        """The document with its history and its event log (``document.log.events``)."""
        return self._document

    @property
    def score(self) -> Score:
        """The piece as it is now, edits in the widget included.

        Change it through :meth:`apply`, so that the widget follows and the change can be undone. After changing it by
        hand, assign it again: ``roll.score = roll.score``.
        """
        return self._document.score

    @score.setter
    def score(self, score: Score) -> None:
        self._document.open(as_document(score).score)

    def apply(self, operation: Operation, source: str = "user") -> None:
        """Apply an operation (see :mod:`workbench.score.operations` and ``edits``); the widget follows at once.

        Raises:
            BadOperation: it does not fit; nothing has changed.
        """
        self._document.apply(operation, source)

    def accept(self, idea: Idea) -> None:
        """Keep an idea of :func:`workbench.infill` and its like, as one step of undo; the log names its run.

        Raises:
            BadOperation: the piece has changed so that it does not fit.
        """
        keep(self._document, idea.attempt, idea.operation)

    def undo(self) -> None:
        """Take back the last step, whoever made it; raises :class:`BadOperation` if there is none."""
        self._document.undo()

    def redo(self) -> None:
        """Bring back the step undone last; raises :class:`BadOperation` if there is none."""
        self._document.redo()

    def save(self, path: str | Path) -> None:
        """Save the piece as ``.mid``, ``.musicxml`` or ``.wbz``; a ``.wbz`` keeps the log of how it was made, too.

        Raises:
            BadRequest: another ending.
            Unavailable: the place cannot be written.
        """
        if Path(path).suffix.lower() == ".wbz":
            Project.of(self._document).save(path)
        else:
            self.score.save(path)

    def on_change(self, callback: Callable[[Change], object]) -> Callable[[], None]:
        """Call ``callback(change)`` after every change, made here or in the widget; returns what ends that."""
        return self._document.listen(callback)

    def close(self) -> None:
        """Take the widget away; the document stays."""
        for leave in self._leave:
            leave()
        if self._saved is not None:
            self._saved.close()
        super().close()

    def _ipython_display_(self, **_: Any) -> None:
        """Show the widget, and below it what a saved notebook keeps."""
        from IPython.display import display

        content = self._repr_mimebundle_()
        if content is not None:
            data, metadata = content
            plain = text("notebook.needsKernel", self._words) if self._saved is not None else type(self).__name__
            display({**data, "text/plain": plain}, metadata=metadata, raw=True)
        if self._saved is not None:
            self._saved.show()


class PianoRoll(ScoreWidget):
    """The piano roll in a notebook cell; see :class:`ScoreWidget`.

    ::

        roll = PianoRoll("tune.mid")
        roll.apply(edits.move_notes(roll.score, "t1", ["n1"], ticks=0, semitones=12))
        roll.on_change(lambda change: print(change.kind, roll.score.note_count))
    """

    view = "roll"


class StemMixer(ScoreWidget):
    """The stems of a score: waveforms, mute, solo, volume, pan, and files to take away; see :class:`ScoreWidget`.

    ``StemMixer(roll)`` mixes the piece that ``roll`` shows.
    """

    view = "stems"


class PromptPage(ScoreWidget):
    """The Prompt page in a notebook cell: words, a voice, a recording, a picture, a video and notes become a piece.

    ::

        page = PromptPage()
        page                   # give it what you have, put right what was understood, make pieces, keep one
        page.score             # the piece that was kept
        PianoRoll(page)        # ... and edited

    :func:`workbench.compose` does the same from a cell. See :class:`ScoreWidget`.
    """

    view = "prompt"

    def __init__(
        self, source: Any = None, *, height: int = 900, keep: bool = False, language: str | None = None
    ) -> None:
        super().__init__(source, height=height, keep=keep, language=language)


class ListenPage(ScoreWidget):
    """The Listen page in a notebook cell: a hum, a song or a video becomes notes that can be put right.

    ::

        page = ListenPage()
        page                   # choose a file or sing; correct what was heard; "Open as a piece"
        page.score             # what was opened

    :func:`workbench.transcribe` does the same from a cell. See :class:`ScoreWidget`.
    """

    view = "listen"

    def __init__(
        self, source: Any = None, *, height: int = 900, keep: bool = False, language: str | None = None
    ) -> None:
        super().__init__(source, height=height, keep=keep, language=language)


class PianoGenie(ScoreWidget):
    """Eight buttons that play a whole piano; see :class:`ScoreWidget` for the piece it plays along with.

    ::

        genie = PianoGenie()
        genie                  # play on 1 to 8, by touch or mouse; a take ends with "Done"
        genie.takes[-1]        # the last take as a Score
        PianoRoll(genie.takes[-1])

    "Send to piece" in the widget puts a take into :attr:`score` as another track.
    """

    view = "genie"
    #: The last take as the page writes it.
    take = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self, source: Any = None, *, height: int = 640, keep: bool = False, language: str | None = None
    ) -> None:
        self._takes: list[Score] = []
        super().__init__(source, height=height, keep=keep, language=language)
        self.observe(self._keep_take, "take")

    @property
    def takes(self) -> list[Score]:
        """Every take played in the widget, in order; each is a score of its own."""
        return list(self._takes)

    def _keep_take(self, change: Any) -> None:
        if change["new"] in ("", "null"):
            return
        try:
            self._takes.append(
                read_take(change["new"], text("notebook.take", self._words, number=len(self._takes) + 1))
            )
        except BadRequest as problem:
            self._server.tell(str(problem))
