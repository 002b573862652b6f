"""Small prompts to mix, made from descriptions, so that nothing has to be listened to or looked at."""

from __future__ import annotations

from workbench.create.prompt.prompts import Prompt, Prompts
from workbench.score.lanes import Meter, Tempo
from workbench.score.score import Note, Score, Track
from workbench.understand.heard import Beats, Heard, HeardChord, HeardKey, HeardNote, HeardTag
from workbench.understand.video.watched import Watched
from workbench.understand.words.wishes import Wishes

LINE = (60, 62, 64, 65, 67, 65, 64, 62, 60, 64, 67, 72, 71, 67, 65, 62)


def video(seconds: float = 12.0, cuts: tuple[float, ...] = (3.1, 5.9, 9.3)) -> Watched:
    """A video that is calm in its first half and busy in its second."""
    motion = tuple((0.5 * k, 0.2 if k < seconds else 0.9) for k in range(int(2 * seconds)))
    return Watched(seconds, 25.0, 640, 360, cuts=cuts, motion=motion)


def tune(*, metre: tuple[int, int] = (4, 4), bars: int = 8, tempo: int = 0) -> Score:
    """A tune in quarters, a little longer at the end of every second bar."""
    score = Score("Tune")
    score.meters = [Meter(0, *metre)]
    score.tempos = [Tempo(0, tempo)] if tempo else []
    track = Track("t1", "Flute", 73)
    beats = metre[0] * 4 // metre[1]
    for bar in range(bars):
        for beat in range(beats - bar % 2):
            long = bar % 2 and beat == beats - 2
            at = (bar * beats + beat) * 960
            pitch = LINE[(bar * beats + beat) % len(LINE)]
            name = f"n{len(track.notes) + 1}"
            track.notes[name] = Note(name, at, 1920 if long else 960, pitch, 84)
    score.tracks = [track]
    return score


def voice(tempo: float = 100.0) -> Heard:
    """A sung tune, not quite on the beat."""
    beat = 60.0 / tempo
    beats = tuple(k * beat for k in range(33))
    notes = tuple(
        HeardNote(k * beat + 0.01 * (k % 3), (k + 1) * beat - 0.03, LINE[k % 16], 80) for k in range(32)
    )  # fmt: skip
    return Heard(33 * beat, beats=Beats(beats, beats[::4]), key=HeardKey(0, "major"), melody=notes, notes=notes,
                 kind="singing")  # fmt: skip


def recording(tempo: float = 92.0, mode: str = "minor", metre: int = 4, melody: bool = False) -> Heard:
    """A recording of piano, bass and drums."""
    beat = 60.0 / tempo
    beats = tuple(k * beat for k in range(65))
    notes = tuple(HeardNote(k * beat / 2, k * beat / 2 + 0.3, 50 + (5 * k) % 24, 70 + k % 20) for k in range(128))
    drums = tuple(HeardNote(k * beat / 2, k * beat / 2 + 0.1, 42, 80, drum=True) for k in range(128))
    tags = {"instruments": tuple(HeardTag(name, 0.8) for name in ("piano", "bass", "drums"))}
    chords = tuple(HeardChord(8 * k * beat, 8 * (k + 1) * beat, ("A:min", "F:maj")[k % 2]) for k in range(8))
    return Heard(65 * beat, beats=Beats(beats, beats[::metre], metre=metre), key=HeardKey(9, mode), chords=chords,
                 melody=notes[::4] if melody else (), notes=notes, drums=drums, tags=tags)  # fmt: skip


def prompts(*slots: str, seconds: float | None = None, faithful: bool = True) -> Prompts:
    """A mixture of the usual prompts of some slots."""
    made = {
        "words": lambda: Wishes("calm and sparse", moods=("calm",), density=0.2),
        "voice": voice, "recording": lambda: recording(melody=True), "picture": lambda: tune(metre=(3, 4)),
        "video": video, "notes": lambda: tune(tempo=600_000),
    }  # fmt: skip
    return Prompts(tuple(Prompt(slot, made[slot]()) for slot in slots), seconds, faithful)
