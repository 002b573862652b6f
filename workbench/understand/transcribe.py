"""A recording written down: notes, beats, chords, key, melody, sections.

    heard = transcribe("song.mp3")              # workbench.understand.heard.Heard
    heard.key.name, heard.tempo                 # ("A minor", 96.0)
    heard.corrected(key="C major").score().save("song.mid")
    heard.plot()                                # a drawing, in plotly

One pass of the listening network hears everything, and asks the follower of voices where one sings alone. A model of
the hub that hears notes (or anything else) better may be asked for: what it does not tell comes from the network.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import BadRequest
from workbench.hub.protocol import CancelToken, Partial, Progress, Result
from workbench.hub.tasks.transcribe.request import TranscribeRequest
from workbench.sound.audio import Audio
from workbench.understand.condition import condition
from workbench.understand.heard import Heard

if TYPE_CHECKING:
    from workbench.hub.hub import Hub

TASK = "transcribe"
#: Fields of an answer that are said of the recording as a whole, and not overlaid.
_WHOLE = ("duration", "model")


def transcribe(
    recording: Audio | str | os.PathLike[str],
    kind: str = "auto",
    *,
    model: str | None = None,
    tuning: str = "as sung",
    seed: int = 0,
    progress: Callable[[float], object] | None = None,
    partial: Callable[[Partial], object] | None = None,
    cancel: CancelToken | None = None,
    hub: Hub | None = None,
    ended: Callable[[Any], None] | None = None,
) -> Heard:
    """Write a recording down.

    Args:
        recording: a sound, or the path of an audio or video file of any common kind.
        kind: "singing" (one voice, sung or hummed), "piano" (one instrument, no drums), "band", or "auto".
        model: of the hub; left out: the built-in ones. What it does not tell comes from those.
        tuning: of a voice: "as sung", or "nearest key" to move its notes to those of the key.
        seed: for models that use chance.
        progress: told the share that is done, 0 to 1.
        partial: told notes as they are heard, a tick a millisecond.
        cancel: stops the work at its next step.
        hub: where models run; left out: the hub of this process.
        ended: hears of every run of a model, for records (see :meth:`workbench.hub.hub.Hub.run`).

    Raises:
        BadFile: the file cannot be read as sound.
        BadRequest: the recording is silent or too short, the kind is unknown, or the model does something else.
        Cancelled: the token went stale.
        Unavailable: the model cannot be had.
    """
    if isinstance(recording, Audio):
        audio = recording
    else:
        from workbench.sound.files import read_audio

        audio = read_audio(Path(recording))
    found = condition(audio)
    runs = _Runs(hub, seed, cancel or CancelToken.never(), ended)
    request = TranscribeRequest(audio, kind, tuning)
    tell = progress or (lambda share: None)
    other = runs.other(model)
    first = 1.0 if other is None else 0.6
    value, remarks = runs.run(TASK, request, lambda share: tell(first * share), partial)
    if other is not None:
        asked = replace(request, kind=value.get("kind", kind))
        more, said = runs.run(other, asked, lambda share: tell(first + (1.0 - first) * share), partial)
        value, remarks = overlaid(value, more), (*remarks, *said)
    tell(1.0)
    heard = Heard.from_json({**value, "remarks": [*dict.fromkeys((*found.remarks(), *remarks))]})
    from workbench.understand.picture import picture_of

    return replace(heard, picture=picture_of(audio))


def overlaid(value: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """A description in JSON form with the fields that another model tells taken from it.

    Its notes bring its name with them; where it tells the beats, it tells all that belongs to them.
    """
    fields = {name: field for name, field in more.items() if name not in _WHOLE}
    if "notes" in fields and "melody" not in fields and value.get("kind") == "singing":
        fields["melody"] = fields["notes"]
    model = more.get("model", "") if fields.keys() & {"notes", "melody"} else value.get("model", "")
    return {**value, **fields, "model": model}


class _Runs:
    """Runs of models for one recording."""

    def __init__(self, hub: Hub | None, seed: int, cancel: CancelToken, ended: Callable[[Any], None] | None) -> None:
        if hub is None:
            from workbench.hub.shared import shared_hub

            hub = shared_hub()
        self._hub, self._seed, self._cancel, self._ended = hub, seed, cancel, ended

    def other(self, model: str | None) -> str | None:
        """The id of the model wanted, None where it is the built-in listener; raises :class:`BadRequest`."""
        if model is None:
            return None
        spec = self._hub.registry.find(model)
        if spec.task != TASK:
            raise BadRequest(f"The model {spec.id} does {spec.task}; choose one that writes recordings down.")
        usual = self._hub.registry.default(TASK)
        return None if usual is not None and usual.id == spec.id else spec.id

    def run(
        self, model: str, request: TranscribeRequest, tell: Callable[[float], object],
        partial: Callable[[Partial], object] | None,
    ) -> tuple[dict[str, Any], tuple[str, ...]]:  # fmt: skip
        """One run: the answer in JSON form, and its remarks."""
        for item in self._hub.run(model, request, seed=self._seed, cancel=self._cancel, ended=self._ended):
            if isinstance(item, Progress) and item.done is not None:
                tell(item.done)
            elif isinstance(item, Partial) and partial is not None:
                partial(item)
            elif isinstance(item, Result):
                why = (f"Another model stepped in: {item.fallback_reason}",) if item.fallback_reason else ()
                if not item.alternatives:
                    raise BadRequest("Nothing was heard in this recording; choose another one.")
                idea = item.alternatives[0]
                return dict(idea.value), (*item.remarks, *idea.remarks, *why)
        raise AssertionError("a run of the hub ends with a result")
