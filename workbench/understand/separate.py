"""A recording taken apart: drums, bass and the rest, or whatever the model that is asked can tell apart.

    stems = separate("song.mp3")            # {"drums": Audio, "bass": Audio, "other": Audio}
    stems = separate(audio, "hdemucs-mmi")  # with a model of the hub

The stems always have the recording's rate, length and channels and sum to it; where a model's own do not, a stem named
``rest`` holds what they leave over.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from workbench.errors import BadRequest
from workbench.hub.protocol import CancelToken, Progress, Result
from workbench.hub.shared import shared_hub
from workbench.hub.tasks.separate.request import SeparateRequest
from workbench.sound.audio import Audio

if TYPE_CHECKING:
    from workbench.hub.hub import Hub
    from workbench.hub.protocol import Attempt

TASK = "separate"


def stems_of(model: str | None = None, hub: Hub | None = None) -> tuple[str, ...]:
    """The names of the stems that a model (or the built-in one) makes, in order; ``hub``: where models are listed.

    Raises:
        BadRequest: no such model, or one that does something else.
    """
    spec = (hub or shared_hub()).registry.find(model or TASK)
    if spec.task != TASK:
        raise BadRequest(f"The model {spec.id} does {spec.task}; choose one that takes recordings apart.")
    return tuple(spec.capabilities.get("stems", SeparateRequest.stems))


def separate(
    recording: Audio | str | os.PathLike[str], model: str | None = None, *, seed: int = 0,
    progress: Callable[[float], object] | None = None, cancel: CancelToken | None = None, hub: Hub | None = None,
    ended: Callable[[Attempt], None] | None = None,
) -> dict[str, Audio]:  # fmt: skip
    """Take a recording apart.

    Args:
        recording: a sound, or the path of an audio or video file.
        model: an id of the hub; without one the built-in splitter.
        seed: for models that use chance.
        progress: told the part that is done, 0 to 1.
        cancel: stops the work at its next step.
        hub: where models run; the shared one where left out.
        ended: hears of the run, for records.

    Returns:
        Stems by name, in the model's order, that sum to the recording; ``rest`` last where there is one.

    Raises:
        BadFile: the file cannot be read as sound.
        BadRequest: no such model.
        Cancelled: the token went stale.
        Unavailable: the model cannot be had.
    """
    if isinstance(recording, Audio):
        audio = recording
    else:
        from workbench.sound.files import read_audio

        audio = read_audio(recording)
    hub = hub or shared_hub()
    request = SeparateRequest(audio, stems_of(model, hub))
    for item in hub.run(model or TASK, request, seed=seed, cancel=cancel or CancelToken.never(), ended=ended):
        if isinstance(item, Progress) and item.done is not None and progress is not None:
            progress(item.done)
        if isinstance(item, Result):
            return dict(item.alternatives[0].stems)
    raise AssertionError("a run of the hub ends with a result")
