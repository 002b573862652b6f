"""A study as it is served: which participant sits at which page, and what their page is given and allowed."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from workbench.errors import BadRequest
from workbench.page.studygate import ConditionHub, check
from workbench.score.files import load
from workbench.score.project import read_project
from workbench.study.plan.flow import Sitting
from workbench.study.plan.study import Listening, Task

if TYPE_CHECKING:
    from workbench.hub.hub import Hub
    from workbench.page.logbook import Logbook
    from workbench.page.session import Page
    from workbench.study.plan.reception import Reception

#: Codes that a page may try before it must be loaded anew, so that nobody guesses them.
MAX_WRONG = 20


class StudyDesk:
    """The study of a server.

    Args:
        reception: of the study.
        book: into which the pages write; None: only the study's own steps are logged.
        route: the address of a file on a page's shelf, without its id.
    """

    def __init__(self, reception: Reception, book: Logbook | None = None, route: str = "/gradio_api/media/") -> None:
        self.reception, self._book, self._route = reception, book, route
        self._lock = threading.Lock()
        #: Condition -> answers that came later than its latency, since the server was started.
        self.late: dict[str, int] = {}
        self._scores: dict[Path | None, dict[str, Any]] = {}

    @property
    def study(self) -> Any:
        """The :class:`~workbench.study.plan.study.Study`."""
        return self.reception.study

    def sitting(self, page: Page) -> Sitting:
        """Who sits at a page; somebody new where nobody does."""
        with self._lock:
            if page.sitting is None:
                page.sitting = self.reception.come()
            return page.sitting

    def come(self, page: Page, code: Any = None, anew: bool = False) -> dict[str, Any]:
        """Somebody comes to a page, or looks where they stand; the state.

        Raises:
            BadRequest: the code is nobody's.
        """
        if anew:
            page.sitting, page.writing = None, None
        if code:
            if page.wrong_codes >= MAX_WRONG:
                raise BadRequest("Too many codes were tried here; reload the page and look at your code again.")
            try:
                page.sitting = self.reception.come(code)
            except BadRequest:
                page.wrong_codes += 1
                raise
        return self.told(page)

    def answer(self, page: Page, step: Any, data: Any) -> dict[str, Any]:
        """A step is done; the state. Raises as :meth:`Sitting.answer`."""
        self.sitting(page).answer(step, data)
        return self.told(page)

    def pause(self, page: Page) -> dict[str, Any]:
        """The clock stops; the state."""
        self.sitting(page).pause()
        return self.told(page)

    def withdraw(self, page: Page) -> dict[str, Any]:
        """The participant leaves; the state."""
        self.sitting(page).withdraw()
        return self.told(page)

    def leave(self, person: str) -> int:
        """Somebody (salted id) wants everything of theirs deleted, and takes no part any more; how many events went."""
        known = self.reception.roster.get(person) is not None
        return self.reception.delete(person) if known else self.reception.log.erase(person)

    def check(self, page: Page, name: str, message: dict[str, Any]) -> None:
        """Refuse what the participant at a page may not ask now; raises :class:`BadRequest`."""
        if page.sitting is None and page.person:  # the server was started anew; the page has shown its log's key
            page.sitting = self.reception.sitting(page.person)
        if page.sitting is not None:
            page.sitting.here()
        check(page.sitting, name, message)

    def hub(self, page: Page, hub: Hub, asked: float) -> Hub:
        """The models as the condition of the participant at a page allows them."""
        sitting = page.sitting
        condition = sitting.condition if sitting is not None else None
        if sitting is None or condition is None:
            return hub

        def late(task: str, took_ms: int) -> None:
            self.late[condition.id] = self.late.get(condition.id, 0) + 1
            sitting.late(task, took_ms)

        return cast("Hub", ConditionHub(hub, condition, asked, late))

    def told(self, page: Page) -> dict[str, Any]:
        """The state as the page is told it, with addresses for sounds and the score to begin with."""
        sitting = self.sitting(page)
        recorder = sitting.recorder
        if recorder is None or recorder.ended or self._book is None:
            page.writing = None
        else:
            self._book.join(page, recorder.session)
        state = sitting.state()
        step, stop = state["step"], sitting.stop
        if step["kind"] == "listening" and stop.a is not None and stop.b is not None:
            assert isinstance(stop.step, Listening)
            step["a"], step["b"] = self._address(page, stop.a.file, "A"), self._address(page, stop.b.file, "B")
        elif step["kind"] in ("practice", "task"):
            assert isinstance(stop.step, Task)
            step["score"] = None if stop.step.start == "keep" else self._score(stop.file)
        return state

    def _address(self, page: Page, file: Path, name: str) -> str:
        """Where a page finds a sound: on its own shelf, under a name that tells nothing."""
        known = page.study_media.get(file)
        if known not in {item.id for item in page.media.items()}:
            data = file.read_bytes()
            with page.media.begin(f"{name}{file.suffix}", len(data)) as arrival:
                arrival.write(data)
                known = page.study_media[file] = arrival.finish().id
        return f"{self._route}{known}"

    def _score(self, file: Path | None) -> dict[str, Any]:
        """The piece a task begins with; without a file, the one that the app opens on."""
        with self._lock:
            if file not in self._scores:
                from workbench import resources

                opening = resources.path("assets/pieces/opening.wbz")
                score = read_project(opening.read_bytes()).score if file is None else load(file).score
                self._scores[file] = score.to_dict()
            return self._scores[file]
