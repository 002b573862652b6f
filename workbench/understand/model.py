"""The embedded models behind the tasks ``transcribe`` and ``beats``: one listening network, and a follower of voices.

``Listener`` hears everything in one pass of the network and decodes it; ``Singing`` follows the pitch of one voice;
``BeatListener`` keeps the beats alone. Answers are the JSON form of :class:`~workbench.understand.heard.Heard`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from workbench.hub.protocol import Alternative, CancelToken, Model, Partial, Progress, Result
from workbench.hub.tasks.beats.request import BeatsRequest
from workbench.hub.tasks.transcribe.request import TranscribeRequest
from workbench.score.score import Note
from workbench.understand.heard import SAME, Beats, Heard, HeardChord, HeardNote, HeardSection
from workbench.understand.steps import steps

if TYPE_CHECKING:
    from workbench.sound.audio import Audio
    from workbench.understand.frames import Frames

Made = TypeVar("Made")
Span = TypeVar("Span", HeardNote, HeardChord, HeardSection)
#: Seconds of sound that are heard in a second on one core.
_NETWORK_SPEED, _VOICE_SPEED = 10.0, 40.0
#: From this likelihood on a take counts as spoken.
_SPEECH = 0.6


def _told(
    work: Callable[[Callable[[float], None], Callable[[], bool]], Made], cancel: CancelToken, until: float, text: str
) -> Generator[Progress, None, Made]:
    """Progress from 0 to ``until`` while some work goes on; returns what it made."""
    running = steps(work, cancel)
    try:
        while True:
            try:
                share = next(running)
            except StopIteration as end:
                made: Made = end.value
                return made
            yield Progress(until * share, text)
    finally:
        running.close()


def _inside(items: Sequence[Span], duration: float) -> tuple[Span, ...]:
    """Items cut off at the recording's end; those that begin there are left out."""
    return tuple(
        replace(item, end=min(item.end, duration)) for item in items if min(item.end, duration) - item.start >= SAME
    )


def _until(beats: Beats, duration: float) -> Beats:
    """Beats up to the recording's end."""
    if not beats.beats or beats.beats[-1] <= duration:
        return beats
    count = sum(time <= duration for time in beats.beats)
    kept = beats.beats[:count]
    return replace(
        beats, beats=kept, downbeats=tuple(time for time in beats.downbeats if time in set(kept)),
        confidence=beats.confidence[:count],
    )  # fmt: skip


def _shown(notes: Sequence[HeardNote]) -> Partial:
    """Notes as they are shown before the rest is known, one tick a millisecond."""
    return Partial(
        0, "heard",
        tuple(
            Note(f"n{number}", round(1_000 * note.start), max(1, round(1_000 * (note.end - note.start))), note.pitch,
                 note.velocity)
            for number, note in enumerate(notes, start=1)
        ),
    )  # fmt: skip


def _frames(audio: Audio, cancel: CancelToken, until: float) -> Generator[Progress, None, Frames]:
    from workbench.understand.frames import hear_frames

    return (
        yield from _told(
            lambda tell, stop: hear_frames(audio, progress=tell, cancelled=stop), cancel, until, "Listening"
        )
    )


class Listener(Model):
    """Adapter of ``models/transcribe`` for the task ``transcribe``."""

    def estimate_seconds(self, request: TranscribeRequest) -> float:
        """Wall-clock seconds on a laptop core."""
        return 0.5 + float(request.audio.seconds) / _NETWORK_SPEED

    def prepare(self) -> None:
        """Load the network."""
        from workbench.understand.frames import listener

        listener()

    def release(self) -> None:
        """Let the network go."""
        from workbench.understand.frames import listener

        listener.cache_clear()

    def run(
        self, request: TranscribeRequest, *, seed: int, cancel: CancelToken
    ) -> Iterator[Progress | Partial | Result]:
        """Yield progress, the notes as soon as they are read off, and the whole description."""
        from workbench.understand.harmony import hear_harmony
        from workbench.understand.kind import kind_of
        from workbench.understand.melody import melody_of
        from workbench.understand.note_pulse import hear_beats
        from workbench.understand.notes import drums_of, notes_of
        from workbench.understand.sections import sections_of
        from workbench.understand.tags import tags_of

        frames: Frames = yield from _frames(request.audio, cancel, 0.8)
        duration = float(request.audio.seconds)
        notes, drums = _inside(notes_of(frames), duration), _inside(drums_of(frames), duration)
        kind = kind_of(frames, notes, drums) if request.kind == "auto" else request.kind
        if notes:
            yield _shown(notes)
        cancel.check()
        yield Progress(0.85, "Counting the beats")
        beats = _until(hear_beats(frames, notes), duration)
        cancel.check()
        yield Progress(0.9, "Finding the chords")
        harmony = hear_harmony(frames, beats)
        cancel.check()
        yield Progress(0.95, "Following the melody")
        melody = _inside(melody_of(frames, beats), duration)
        cancel.check()
        alone = kind == "singing"
        heard = Heard(
            duration, frames.tuning_cents, beats, harmony.key,
            chords=() if alone else _inside(harmony.chords, duration), melody=melody,
            notes=melody if alone else notes, drums=drums if kind == "band" else (),
            sections=_inside(sections_of(frames, beats), duration),
            tags=tags_of(frames, beats, harmony.key, notes, drums), kind=kind,
        )  # fmt: skip
        yield Result((Alternative(value=heard.to_json()),))


class BeatListener(Listener):
    """Adapter of ``models/transcribe`` for the task ``beats``."""

    def run(self, request: BeatsRequest, *, seed: int, cancel: CancelToken) -> Iterator[Progress | Partial | Result]:  # type: ignore[override]
        """Yield progress and the beats."""
        from workbench.understand.note_pulse import hear_beats
        from workbench.understand.notes import notes_of

        frames: Frames = yield from _frames(request.audio, cancel, 0.95)
        duration = float(request.audio.seconds)
        beats = _until(hear_beats(frames, notes_of(frames)), duration)
        yield Result((Alternative(value=Heard(duration, beats=beats).to_json()),))


class Singing(Model):
    """Adapter of ``models/singing``: the pitch of one voice, and its notes."""

    def estimate_seconds(self, request: TranscribeRequest) -> float:
        """Wall-clock seconds on a laptop core."""
        return 0.3 + float(request.audio.seconds) / _VOICE_SPEED

    def run(
        self, request: TranscribeRequest, *, seed: int, cancel: CancelToken
    ) -> Iterator[Progress | Partial | Result]:
        """Yield progress, and the notes with their curve."""
        from workbench.understand.singing import hear_singing
        from workbench.understand.sung_beats import sung_beats

        sung = yield from _told(
            lambda tell, stop: hear_singing(request.audio, tuning=request.tuning, progress=tell, cancelled=stop),
            cancel, 0.95, "Following the voice",
        )  # fmt: skip
        duration = float(request.audio.seconds)
        notes = _inside(sung.notes, duration)
        beats = sung_beats(notes, duration)
        heard = Heard(
            duration, sung.tuning_cents, beats, sung.key, melody=notes, notes=notes, curve=sung.curve, kind="singing"
        )
        remarks = []
        if not notes:
            remarks.append("No singing was heard; hum or sing closer to the microphone.")
        elif sung.speech >= _SPEECH:
            remarks.append("This sounds more like speech than like singing, so its notes are guesses.")
        known = {"tuning_cents", "key", "key_confidence", "melody", "notes", "curve", "kind"}
        if beats.beats:  # a voice alone keeps its own time, in which the network for bands hears little
            known |= {"beats", "downbeats", "beat_confidence", "tempo", "metre"}
        value = {name: field for name, field in heard.to_json().items() if name in known}
        yield Result((Alternative(value=value, remarks=tuple(remarks)),))
