"""What HARP calls: ``controls``, ``process`` and ``cancel``, for each task under an address of its own.

HARP knows one task by address. ``http://host:7860/harp/infill`` (or ``https://owner-space.hf.space/harp/infill``)
is loaded for that task, the bare address for taking recordings apart; the door leads both here
(:func:`workbench.ui.harp.way.led`). Files are sent by Gradio's own upload, so the door's limits hold.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

import gradio as gr
from gradio.events import api

from workbench.errors import BadRequest
from workbench.hub.protocol import CancelScope
from workbench.page.limits import check_piece
from workbench.ui.components import address
from workbench.ui.harp.cards import KINDS, TASKS, controls, labels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.hub.protocol import CancelToken
    from workbench.page.session import Pages
    from workbench.sound.audio import Audio
    from workbench.ui.programs import Programs

Files = list[dict[str, Any]]


class Desk:
    """Does HARP's work, and knows whose work is under way: HARP's Stop says no more than where it comes from."""

    def __init__(self, pages: Pages, programs: Programs, made_file: Callable[[Path], Any]) -> None:
        self.pages, self._programs, self._made_file = pages, programs, made_file
        self._lock = threading.Lock()
        self._working: dict[str, list[CancelScope]] = {}

    async def work(
        self, request: Any, task: str, seconds: float, make: Callable[[CancelToken, Path], list[Any]]
    ) -> Any:
        """Wait for the turn and work; paths in the answer become files to fetch."""

        def work(token: CancelToken) -> list[Any]:
            place = self.pages.exports.folder / secrets.token_hex(16)
            place.mkdir(parents=True)
            return [self._made_file(item) if isinstance(item, Path) else item for item in make(token, place)]

        with self._noted(address(request)) as scope:
            made = await self._programs.work(request, f"harp {task}", seconds, work, scope)
        return made[0] if len(made) == 1 else tuple(made)

    @contextmanager
    def _noted(self, who: str) -> Iterator[CancelScope]:
        scope = CancelScope()
        with self._lock:
            self._working.setdefault(who, []).append(scope)
        try:
            yield scope
        finally:
            with self._lock:
                self._working[who].remove(scope)
                if not self._working[who]:
                    del self._working[who]

    def cancel(self, who: str) -> bool:
        """Stop the work for an address; where several people there have some, nobody's is stopped."""
        with self._lock:
            mine = self._working.get(who, [])
            if len(mine) == 1:
                mine[0].cancel()
            return len(mine) == 1

    def path(self, file: Any) -> Path:
        """A file that was sent, as Gradio gives it: it has checked that it lies among its uploads."""
        text = file.get("path") if isinstance(file, dict) else file
        if not isinstance(text, str) or not text:
            raise BadRequest("There is no file; choose one.")
        path, uploads = Path(text).resolve(), Path(gr.utils.get_upload_folder()).resolve()
        if uploads not in path.parents or not path.is_file():
            raise BadRequest("That file is no longer here; choose it again.")
        return path

    def recording(self, file: Any) -> Audio:
        """The sound of a file that was sent."""
        from workbench.sound.files import MAX_SECONDS, read_audio

        rules = self.pages.rules
        return read_audio(self.path(file), max_seconds=MAX_SECONDS if rules is None else 60.0 * rules.max_minutes)


def add_harp(pages: Pages, programs: Programs, made_file: Callable[[Path], Any], file_type: type) -> None:
    """Add HARP's endpoints to the blocks being built. ``file_type``: the type of ``made_file``'s answers."""
    from workbench.understand.separate import stems_of

    desk = Desk(pages, programs, made_file)
    stems = stems_of(hub=pages.hub)

    async def separate(request: gr.Request, recording: dict[str, Any]) -> Any:
        """For HARP: a recording taken apart."""

        def make(token: CancelToken, place: Path) -> list[Any]:
            from workbench.sound.files import write_audio
            from workbench.understand.separate import separate as take_apart

            found = take_apart(desk.recording(recording), cancel=token, hub=pages.hub)
            for name in stems:
                write_audio(found[name], place / f"{name}.wav")
            return [place / f"{name}.wav" for name in stems]

        return await desk.work(request, "separate", 20.0, make)

    async def transcribe(request: gr.Request, recording: dict[str, Any], kind: str) -> Any:
        """For HARP: a recording written down."""

        def make(token: CancelToken, place: Path) -> list[Any]:
            from workbench.score.files import encode
            from workbench.understand.transcribe import transcribe as write_down

            heard = write_down(desk.recording(recording), KINDS.get(kind, "auto"), cancel=token, hub=pages.hub)  # type: ignore[arg-type]
            (place / "notes.mid").write_bytes(encode(heard.score(), ".mid"))
            spans = [(chord.start, chord.end - chord.start, chord.label) for chord in heard.chords]
            return [place / "notes.mid", labels(spans)]

        return await desk.work(request, "transcribe", 20.0, make)

    async def infill(
        request: gr.Request, piece: dict[str, Any], first: float, last: float, around: bool, idea: float
    ) -> Any:
        """For HARP: a gap in a piece filled."""

        def make(token: CancelToken, place: Path) -> list[Any]:
            from workbench.create.infill.fill import infill as fill
            from workbench.score.files import encode, load

            score = load(desk.path(piece)).score
            check_piece(score, pages.rules)
            bars = (round(first), round(last))
            found = fill(score, bars=bars, seed=round(idea), around=bool(around), hub=pages.hub, cancel=token)
            (place / "filled.mid").write_bytes(encode(found[0].score(), ".mid"))
            return [place / "filled.mid"]

        return await desk.work(request, "infill", 4.0, make)

    file: Any = file_type
    outputs = {"separate": tuple[(file,) * len(stems)], "transcribe": tuple[file, dict], "infill": file}  # type: ignore[misc]
    for task, process in zip(TASKS, (separate, transcribe, infill), strict=True):
        process.__annotations__ = {**get_type_hints(process), "return": outputs[task]}

        for name, function in (("controls", _shown(task, stems)), ("process", process), ("cancel", _stop(desk))):
            api(function, api_name=f"harp_{task}_{name}", api_visibility="undocumented", concurrency_limit=None)


def _shown(task: str, stems: tuple[str, ...]) -> Callable[[], Any]:
    def card() -> Any:
        return controls(task, stems)

    card.__annotations__ = {"return": dict}
    return card


def _stop(desk: Desk) -> Callable[[Any], Any]:
    def stop(request: gr.Request) -> Any:
        return {"stopped": desk.cancel(address(request))}

    stop.__annotations__ = {"request": gr.Request, "return": dict}
    return stop
