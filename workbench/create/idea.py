"""Ideas: what models make for a piece, whatever the task, as Python and the command line get them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.errors import Unavailable
from workbench.hub.protocol import Alternative, Attempt, CancelToken, Partial, Progress, Result
from workbench.score.operations import Operation, apply
from workbench.score.score import Note, Score

if TYPE_CHECKING:
    from workbench.hub.hub import Hub
    from workbench.hub.tasks.base import TaskRequest


@dataclass(frozen=True)
class Idea:
    """What a model made, and the piece it was made for; nothing is changed until somebody keeps it.

    ``base``: that piece. ``made``: what the hub gave, :class:`~workbench.hub.protocol.Alternative`. ``attempt``: what
    the hub did for it, from which :meth:`workbench.provenance.run.Run.of` makes the record of the run.
    """

    base: Score
    made: Alternative
    attempt: Attempt
    said: tuple[str, ...] = ()

    @property
    def operation(self) -> Operation:
        """Puts it into the piece, and undoes as one step."""
        return dict(self.made.operation or {})

    @property
    def notes(self) -> Mapping[str, tuple[Note, ...]]:
        """The new notes by track id."""
        return self.made.notes

    @property
    def seed(self) -> int:
        """With ``settings``, ``model`` and ``revision`` it makes the same idea again."""
        return self.made.seed

    @property
    def settings(self) -> Mapping[str, Any]:
        """All that was asked for, and what the model chose."""
        return self.made.settings

    @property
    def model(self) -> str:
        """The id of the model that wrote it."""
        return self.made.model_id

    @property
    def revision(self) -> str:
        """Which weights it had."""
        return self.made.revision

    @property
    def run(self) -> str:
        """The id of the run that made it."""
        return self.made.run

    @property
    def remarks(self) -> tuple[str, ...]:
        """Plain sentences about what was changed or could not be honoured."""
        return (*self.said, *self.made.remarks)

    @property
    def confidence(self) -> Mapping[str, tuple[tuple[int, int, int], ...]]:
        """How sure the model was, where it can tell: by track id rows of (start in ticks, MIDI pitch, per cent)."""
        return self.made.confidence

    def score(self) -> Score:
        """A copy of the piece with this idea in it."""
        filled = self.base.copy()
        apply(filled, self.operation)
        return filled

    @property
    def note_count(self) -> int:
        """How many notes it adds."""
        return sum(len(notes) for notes in self.notes.values())


def make_ideas(
    request: TaskRequest,
    base: Score,
    model: str,
    *,
    seed: int = 0,
    hub: Hub | None = None,
    cancel: CancelToken | None = None,
    watch: Callable[[Progress | Partial], None] | None = None,
) -> list[Idea]:
    """Run a request and return its ideas, none of them applied.

    Args:
        request: of any task whose results are notes.
        base: the piece that the ideas are for.
        model: a model's id, or the task's name for the best one that is installed.
        seed: equal seeds give equal ideas.
        hub: the hub to run on; left out: the one that the process shares.
        cancel: stops the work.
        watch: called with progress and partial notes as they come.

    Raises:
        BadRequest: the request does not fit the model, or there is no such model.
        Unavailable: the model cannot be had and nothing can step in.
        Cancelled: ``cancel`` was pulled.
    """
    if hub is None:
        from workbench.hub.shared import shared_hub

        hub = shared_hub()
    result: Result | None = None
    for item in hub.run(model, request, seed=seed, cancel=cancel or CancelToken.never()):
        if isinstance(item, Result):
            result = item
        elif watch is not None:
            watch(item)
    if result is None or result.attempt is None:
        raise Unavailable("The model ended without an answer; try another one.")
    said = tuple(text for text in (result.fallback_reason, *result.remarks) if text)
    base = base.copy()
    return [Idea(base, made, result.attempt, said) for made in result.alternatives]
