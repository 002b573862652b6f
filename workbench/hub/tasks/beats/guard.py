"""What holds for all beats heard: they rise within the recording, and downbeats are some of them."""

from __future__ import annotations

from workbench.hub.tasks.transcribe.guard import TranscribeGuard


class BeatsGuard(TranscribeGuard):
    """The guard of ``beats``: what a transcription promises, of the beats alone."""

    fields = frozenset({"duration", "beats", "downbeats", "beat_confidence", "tempo", "metre"})
