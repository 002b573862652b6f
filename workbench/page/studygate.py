"""What a participant of a study may ask of the server: what the page hides is refused here too.

Outside of a task nothing of the app answers but what keeps the page alive. During one, a message is answered if a tab
that the condition shows needs it, and no control that the condition withholds does. Models go through
:class:`ConditionHub`: the condition's model does the work, no other steps in, and its answer comes when the condition
says, not sooner.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from workbench.errors import BadRequest, Unavailable
from workbench.hub.protocol import CancelToken, Partial, Progress, Result
from workbench.hub.spec import ModelSpec
from workbench.study.plan.study import Condition

if TYPE_CHECKING:
    from workbench.hub.hub import Ended, Hub
    from workbench.hub.tasks.base import TaskRequest
    from workbench.study.plan.flow import Sitting

#: Messages that are always answered: the page's document, its media, its jobs, the study itself and what is kept.
ALWAYS = frozenset({
    "open", "ops", "events", "stop", "jobs", "hello", "media", "media.begin", "media.piece", "media.stop", "media.read",
    "study_state", "study_next", "study_pause", "study_withdraw", "study_mark",
    "log_status", "log_consent", "log_mine", "log_download", "log_delete", "log_take",
})  # fmt: skip
_SCORE_TABS = ("home", "prompt", "listen", "roll", "sheet", "stems", "genie")
#: Message -> the tabs that need it; one of them must be shown.
TABS_OF: dict[str, tuple[str, ...]] = {
    "render": _SCORE_TABS, "audition": _SCORE_TABS, "chords": _SCORE_TABS, "waveforms": _SCORE_TABS,
    "harmonies": ("roll",),
    "whose": _SCORE_TABS, "made": _SCORE_TABS, "makers": _SCORE_TABS, "media.rights": _SCORE_TABS,
    "media.remove": ("prompt", "listen", "stems"), "media.playable": ("prompt", "listen", "stems"),
    "import": _SCORE_TABS, "export": _SCORE_TABS, "stems": ("stems",), "separate": ("stems",), "sheet": ("sheet",),
    "stems.piece": ("stems",), "voiceband.words": ("listen", "prompt"),
    "fill": ("home", "roll", "sheet"), "ensemble": ("home", "roll", "sheet"), "models.choices": _SCORE_TABS,
    "styles": ("roll", "prompt", "listen"), "band": ("roll", "prompt", "listen"), "voiceband": ("listen", "prompt"),
    "recording": ("listen", "prompt", "stems"), "listen": ("listen", "prompt"), "listen.score": ("listen", "prompt"),
    "listen.correct": ("listen", "prompt"), "listen.keep": ("listen", "prompt"),
    **dict.fromkeys((
        "prompt.state", "prompt.keep", "prompt.add", "prompt.remove", "prompt.change", "prompt.correct",
        "prompt.example", "prompt.page", "brief.make", "brief.change", "brief.other", "brief.harder", "compose",
        "compose.again", "compose.card", "compose.pack", "compose.ideas", "compose.keep", "take.offers", "take",
        "take.keep", "take.drop",
    ), ("prompt",)),
    "models": ("models",), "models.network": ("models",),
}  # fmt: skip
#: Never a participant's: they would change what everybody after them works with, or show others' sessions.
NEVER = frozenset({"taste", "pull", "models.remove", "replay.list", "replay.events"})
#: Control -> the messages that only it needs.
CONTROL_OF: dict[str, tuple[str, ...]] = {
    "ideas": ("fill",), "styles": ("styles", "band", "ensemble", "voiceband", "voiceband.words"),
    "export": ("export", "stems", "compose.pack"), "open": ("import",), "chords": ("chords",),
    "alternatives": ("compose.again", "harmonies"),
}  # fmt: skip
_WITHHELD = "That is not part of what you can use in this task."


def check(sitting: Sitting | None, name: str, message: dict[str, Any]) -> None:
    """Refuse what a participant may not ask now.

    Args:
        sitting: of whoever asks; None: nobody has come yet.
        name: of the message.
        message: the whole of it; untrusted.

    Raises:
        BadRequest: it is not theirs, not now, or not under their condition.
    """
    if name in ALWAYS:
        return
    if name in NEVER or sitting is None or not sitting.working:
        raise BadRequest("That is not part of the study just now.")
    condition = sitting.condition
    if condition is None:
        return
    shown = TABS_OF.get(name, ())
    if condition.tabs is not None and not set(shown) & set(condition.tabs):
        raise BadRequest(_WITHHELD)
    withheld = [control for control, on in condition.controls.items() if not on]
    if any(name in CONTROL_OF.get(control, ()) for control in withheld):
        raise BadRequest(_WITHHELD)
    if name == "fill":
        _check_wishes(withheld, message.get("request"))


def _check_wishes(withheld: list[str], asked: Any) -> None:
    """Hold what is wished of an idea to the controls that are shown."""
    from workbench.hub.tasks.infill.controls import SLIDERS

    if not isinstance(asked, dict):
        return
    if "styles" in withheld and asked.get("task") == "arrange":
        raise BadRequest(_WITHHELD)
    if "alternatives" in withheld and asked.get("count", 1) != 1:
        raise BadRequest(_WITHHELD)
    per_track = asked.get("per_track")
    for wishes in (asked.get("controls"), *(per_track.values() if isinstance(per_track, dict) else ())):
        if not isinstance(wishes, dict):
            continue
        if "sliders" in withheld and any(wishes.get(name) is not None for name in SLIDERS):
            raise BadRequest(_WITHHELD)
        if "curves" in withheld and wishes.get("curves"):
            raise BadRequest(_WITHHELD)


class ConditionHub:
    """The hub as a condition allows it; everything that is not about running is the hub's own.

    Args:
        hub: the real one.
        condition: of the participant.
        asked: when the work was asked for, by ``clock``: the latency counts from there, the queue included.
        late: told of an answer that came after the condition's latency: task, milliseconds it took.
        clock: monotonic seconds.
        sleep: waits; a test brings its own.
    """

    def __init__(
        self, hub: Hub, condition: Condition, asked: float, late: Callable[[str, int], object],
        clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], object] = time.sleep,
    ) -> None:  # fmt: skip
        self._hub, self._condition, self._asked, self._late = hub, condition, asked, late
        self._clock, self._sleep = clock, sleep

    def __getattr__(self, name: str) -> Any:
        return getattr(self._hub, name)

    def models(self, task_name: str | None = None) -> list[ModelSpec]:
        """The models that may be run under the condition."""
        rule = self._condition.models
        return [
            spec for spec in self._hub.models(task_name)
            if spec.task not in rule or rule[spec.task] == spec.id
        ]  # fmt: skip

    def _chosen(self, name: str) -> tuple[str, str]:
        """The model to run for a model or task that was asked for, and the task."""
        spec = self._hub.registry.find(name)
        rule = self._condition.models.get(spec.task, True)
        if rule is False or (isinstance(rule, str) and name not in (rule, spec.task)):
            raise BadRequest(_WITHHELD)
        return rule if isinstance(rule, str) else name, spec.task

    def run(
        self, model_id: str, request: TaskRequest, *, seed: int, cancel: CancelToken, ended: Ended | None = None
    ) -> Iterator[Progress | Partial | Result]:
        """Run the condition's model; see :meth:`workbench.hub.hub.Hub.run`.

        Raises:
            BadRequest: the condition has another model for this, or none.
            Unavailable: its model cannot be had; no other steps in, since that would be another condition.
        """
        model, task = self._chosen(model_id)
        latency = self._condition.latency_ms
        for item in self._hub.run(model, request, seed=seed, cancel=cancel, ended=ended):
            if isinstance(item, Result) and item.fallback_reason:
                raise Unavailable("The helper of this task is not there just now; please tell who runs the study.")
            if latency is None:
                yield item
            elif isinstance(item, Result):
                yield from self._hold(latency / 1000, task, cancel)
                yield item
            else:
                yield self._waiting(latency / 1000)  # how fast the model really is shows nowhere

    def _waiting(self, latency: float) -> Progress:
        spent = self._clock() - self._asked
        return Progress(min(0.99, spent / latency) if latency else None, "", max(0.0, latency - spent))

    def _hold(self, latency: float, task: str, cancel: CancelToken) -> Iterator[Progress]:
        spent = self._clock() - self._asked
        if spent > latency:
            self._late(task, round(spent * 1000))
        while (left := latency - (self._clock() - self._asked)) > 0:
            cancel.check()
            yield self._waiting(latency)
            self._sleep(min(0.1, left))
        cancel.check()
