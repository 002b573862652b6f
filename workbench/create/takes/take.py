"""Another recording of a piece: asked of a model, heard, and measured like the piece itself.

::

    for step in record(score, brief, prompts, "musicgen-melody", seconds=10.0, seed=1, hub=hub, cancel=token):
        ...   # Progress while it works, one Take last
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from workbench.create.prompt.brief import Brief
from workbench.create.prompt.card import Card
from workbench.create.prompt.prompts import Prompts
from workbench.create.takes.asking import ANY, ask, words_of
from workbench.create.takes.hearing import measure_take
from workbench.errors import BadRequest, Unavailable
from workbench.hub.hub import Hub
from workbench.hub.protocol import Attempt, CancelToken, Level, Progress, Result
from workbench.hub.tasks.take.guard import NAME
from workbench.hub.tasks.take.request import TakeRequest
from workbench.score.score import Score
from workbench.sound.audio import Audio

#: Shares of the work: the piece is played, the model is at work, the take is listened to.
PLAYED, MADE = 0.05, 0.9


@dataclass(frozen=True, eq=False)
class Take:
    """A recording by a model.

    ``sound``: stereo or mono, 44.1 kHz. ``card``: how far it does what was asked. ``attempt``: the model's work,
    whose licence the take has. ``remarks``: plain sentences; ``instead``: why another model than the one that was asked
    for made it, else empty.
    """

    sound: Audio
    card: Card
    attempt: Attempt
    remarks: tuple[str, ...] = ()
    instead: str = ""

    @property
    def title(self) -> str:
        """What its model is called."""
        return self.attempt.spec.title or self.attempt.spec.id


def record(
    score: Score, brief: Brief, prompts: Prompts, model: str, *, seconds: float, seed: int, hub: Hub,
    cancel: CancelToken, words: str = "", ended: Callable[[Attempt], object] | None = None,
) -> Iterator[Progress | Take]:  # fmt: skip
    """Let a model make another recording of a piece's first seconds.

    Args:
        score: the piece, whose tune and sound the model is given.
        brief: under which it was written.
        prompts: what was asked.
        model: its id, or ``take`` for the built-in one.
        seconds: 1 to 30.
        seed: equal seeds give equal sound.
        hub: where models run.
        cancel: stops the work.
        words: what it is to be like; left out: as :func:`.asking.words_of` says it.
        ended: hears of every run.

    Raises:
        BadRequest: there is nothing to hear, the model is not known or not offered, or it would take too long here.
        Unavailable: it failed in the middle.
        Cancelled: ``cancel`` was pulled.
    """
    words = words or words_of(brief, prompts)
    answer = hub.support(model, TakeRequest(words, seconds, *ANY))
    if answer.level is Level.UNSUPPORTED:  # said before anything is fetched, loaded or played
        raise BadRequest(answer.reason)
    yield Progress(0.0, "Playing the piece to the model")
    asked = ask(score, words, seconds, stop=lambda: cancel.cancelled)
    result: Result | None = None
    for item in hub.run(model, asked, seed=seed, cancel=cancel, ended=ended):
        if isinstance(item, Result):
            result = item
        elif isinstance(item, Progress):
            share = None if item.done is None else PLAYED + (MADE - PLAYED) * item.done
            yield Progress(share, item.text, item.seconds_left)
    if result is None or result.attempt is None or not result.alternatives:
        raise Unavailable("The model gave no sound; try again or choose another.")
    cancel.check()
    yield Progress(MADE, "Listening to the take")
    idea, attempt = result.alternatives[0], result.attempt
    sound = idea.stems[NAME]
    card = measure_take(brief, prompts, score, sound)
    cancel.check()
    yield Take(sound, card, attempt, (*result.remarks, *idea.remarks), result.fallback_reason)
