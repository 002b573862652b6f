"""Work that programs ask for over HTTP: it waits in the same queue as everybody's, and ends when they hang up."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar

import gradio as gr
from gradio.context import LocalContext

from workbench.errors import WorkbenchError
from workbench.hub.protocol import CancelScope, CancelToken
from workbench.hub.public import trace
from workbench.page.queue import Person, Queue
from workbench.ui.callers import Callers
from workbench.ui.components import address
from workbench.ui.pump import result_of

_log = logging.getLogger(__name__)

#: How often waiting work looks whether it is still wanted, in seconds.
LOOK_SECONDS = 0.25

Made = TypeVar("Made")


class Programs:
    """Does the work of endpoints.

    Args:
        queue: where it waits for its turn.
        callers: who listens.
    """

    def __init__(self, queue: Queue, callers: Callers) -> None:
        self._queue, self._callers = queue, callers

    async def work(
        self, request: Any, kind: str, seconds: float, work: Callable[[CancelToken], Made],
        scope: CancelScope | None = None,
    ) -> Made:  # fmt: skip
        """Do some work when its turn comes; it is stopped within a step when the program that asked has gone.

        Args:
            request: as Gradio gives it to an endpoint.
            kind: what it is, for the queue.
            seconds: a first guess at how long it takes.
            work: called in a thread of its own with the token to look at.
            scope: stops the work, where somebody else may do that as well.

        Raises:
            gradio.Error: with one sentence, whatever went wrong.
        """
        session, scope = str(request.session_hash)[:64], scope or CancelScope()
        keys = {session, str(LocalContext.event_id.get())}
        asked = time.monotonic()
        token, person = scope.start(), Person(address(request), session)

        def turn() -> Made:
            ticket = self._queue.join(person, kind, seconds)
            try:
                while not ticket.wait(LOOK_SECONDS):
                    token.check()
                made = work(token)
                self._queue.done(ticket)
                return made
            finally:
                ticket.leave()

        try:
            return await result_of(turn, scope.cancel, lambda: self._callers.gone(keys, asked))
        except WorkbenchError as problem:
            raise gr.Error(str(problem), print_exception=False) from problem
        except Exception as problem:  # a bug of ours: the caller gets a sentence, the log where it happened
            _log.error("%s failed: %s", kind, trace(problem))
            raise gr.Error("Something went wrong inside the workbench; try again.", print_exception=False) from problem
