"""What the public suite checks of a model that hears beats: that of transcriptions, and that there are any."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from workbench.hub.conformance import Failed
from workbench.hub.tasks.base import TaskRequest
from workbench.hub.tasks.beats.request import BeatsRequest
from workbench.hub.tasks.transcribe.conformance import TranscribeSuite, tune
from workbench.sound.audio import Audio


class BeatsSuite(TranscribeSuite):
    """In order, some beats, seed, cancel, silence, memory."""

    def rules(self) -> Mapping[str, Callable[[], str]]:
        """See :meth:`Suite.rules`."""
        return {**super().rules(), "some beats": self.some}

    def asking(self, audio: Audio) -> TaskRequest:
        """The request for a recording."""
        return BeatsRequest(audio)

    def some(self) -> str:
        """A tune with two strokes a second has beats."""
        ideas = self.bench.run(BeatsRequest(tune(16.0)), seed=3)
        if not ideas or len(ideas[0].value["beats"]) < 8:
            raise Failed("It heard hardly a beat in sixteen seconds of two strokes a second.")
        return f"It hears {len(ideas[0].value['beats'])} beats in sixteen seconds of two strokes a second."
