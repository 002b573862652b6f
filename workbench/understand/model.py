"""The embedded models behind the tasks ``transcribe`` and ``beats``: one listening network, and a follower of voices.

``Listener`` hears everything in one pass of the network and decodes it; ``Singing`` follows the pitch of one voice;
``BeatListener`` keeps the beats alone. Answers are the JSON form of :class:`~workbench.understand.heard.Heard`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from workbench.errors import Cancelled, WorkbenchError
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
#: The model that follows a voice, and what it tells.
VOICE = "singing"
_BEAT_FIELDS = ("beats", "downbeats", "beat_confidence", "tempo", "metre")
_VOICE_FIELDS = ("tuning_cents", "key", "key_confidence", "melody", "notes", "curve", "kind")
#: Seconds of sound that are heard in a second on one core.
_NETWORK_SPEED, _VOICE_SPEED = 10.0, 40.0
#: From this likelihood on a take counts as spoken; real singing with words reaches 0.75.
_SPEECH = 0.85


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


def inside(items: Sequence[Span], duration: float) -> tuple[Span, ...]:
    """Items cut off at the recording's end; those that begin there are left out."""
    return tuple(
        replace(item, end=min(item.end, duration)) for item in items if min(item.end, duration) - item.start >= SAME
    )


def until(beats: Beats, duration: float) -> Beats:
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

        frames: Frames = yield from _frames(request.audio, cancel, 0.75)
        duration = float(request.audio.seconds)
        notes, drums = inside(notes_of(frames), duration), inside(drums_of(frames), duration)
        kind = kind_of(frames, notes, drums) if request.kind == "auto" else request.kind
        sung = None
        if kind == "singing":
            sung = yield from self._sung(request, seed)
            if sung is None and request.kind == "auto":
                kind = "piano"  # a line that nobody sings: the network hears instruments better
        drums = drums if kind == "band" else ()
        if notes and sung is None:
            yield _shown(notes)
        cancel.check()
        yield Progress(0.9, "Counting the beats")
        beats = until(hear_beats(frames, notes), duration)
        cancel.check()
        yield Progress(0.93, "Finding the chords")
        harmony = hear_harmony(frames, beats)
        cancel.check()
        yield Progress(0.96, "Following the melody")
        melody = notes if kind == "singing" else inside(melody_of(frames, beats), duration)
        cancel.check()
        heard = Heard(
            duration, frames.tuning_cents, beats, harmony.key,
            chords=() if kind == "singing" else inside(harmony.chords, duration), melody=melody, notes=notes,
            drums=drums, sections=inside(sections_of(frames, beats), duration),
            tags=tags_of(frames, beats, harmony.key, notes, drums), kind=kind,
        )  # fmt: skip
        value, remarks = (heard.to_json(), ()) if sung is None else ({**heard.to_json(), **sung[0]}, sung[1])
        yield Result((Alternative(value=value, remarks=remarks),))

    def _sung(
        self, request: TranscribeRequest, seed: int
    ) -> Generator[Progress, None, tuple[dict[str, Any], tuple[str, ...]] | None]:
        """What the follower of voices tells, and its remarks; None where it is not there, or nobody sings."""
        from workbench.understand.kind import is_voice

        if self.ask is None:
            return None
        told: Result | None = None
        try:
            for item in self.ask(VOICE, replace(request, kind="singing"), seed):
                if isinstance(item, Progress):
                    yield Progress(0.75 + 0.13 * (item.done or 0.0), "Following the voice")
                elif isinstance(item, Result):
                    told = item
        except Cancelled:
            raise
        except WorkbenchError:
            return None
        if told is None or not told.alternatives:
            return None
        idea = told.alternatives[0]
        value = {name: field for name, field in idea.value.items() if name in (*_VOICE_FIELDS, *_BEAT_FIELDS)}
        heard = Heard.from_json({"duration": float(request.audio.seconds), **value})
        if request.kind == "auto" and (heard.curve is None or not is_voice(heard.curve, heard.notes)):
            return None
        return value, idea.remarks


class BeatListener(Listener):
    """Adapter of ``models/transcribe`` for the task ``beats``."""

    def run(self, request: BeatsRequest, *, seed: int, cancel: CancelToken) -> Iterator[Progress | Partial | Result]:  # type: ignore[override]
        """Yield progress and the beats."""
        from workbench.understand.note_pulse import hear_beats
        from workbench.understand.notes import notes_of

        frames: Frames = yield from _frames(request.audio, cancel, 0.95)
        duration = float(request.audio.seconds)
        beats = until(hear_beats(frames, notes_of(frames)), duration)
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
        notes = inside(sung.notes, duration)
        beats = sung_beats(notes, duration)
        heard = Heard(
            duration, sung.tuning_cents, beats, sung.key, melody=notes, notes=notes, curve=sung.curve, kind="singing"
        )
        remarks = []
        if not notes:
            remarks.append("No singing was heard; hum or sing closer to the microphone.")
        elif sung.speech >= _SPEECH:
            remarks.append("This sounds more like speech than like singing, so its notes are guesses.")
        known = {*_VOICE_FIELDS}
        if beats.beats:  # a voice alone keeps its own time, in which the network for bands hears little
            known |= {*_BEAT_FIELDS}
        value = {name: field for name, field in heard.to_json().items() if name in known}
        yield Result((Alternative(value=value, remarks=tuple(remarks)),))
