"""What a model is asked for another recording of a piece: our notes lead, the brief and the words say the rest.

A model that follows a tune is given the piece's tune alone, as the workbench plays it: beside a band the loudest pitch
class of a moment is often the bass's, and MusicGen was trained on music without drums and bass for that reason.
"""

from __future__ import annotations

from collections.abc import Callable

from workbench.create.compose.layout import TUNE
from workbench.create.compose.styles import load_style, style_names
from workbench.create.prompt.brief import Brief
from workbench.create.prompt.measures.shares import listed
from workbench.create.prompt.prompts import Prompts
from workbench.errors import BadRequest
from workbench.hub.hub import Hub
from workbench.hub.protocol import Level
from workbench.hub.tasks.take.request import MAX_WORDS, SECONDS, TakeRequest
from workbench.score.instruments import program_name
from workbench.score.score import Score, Track
from workbench.score.timemap import TimeMap
from workbench.sound.audio import Audio
from workbench.sound.render import render, render_all

#: Lengths that are tried where nobody says one, in seconds, the longest first.
LENGTHS = (30.0, 25.0, 20.0, 15.0, 12.0, 10.0, 8.0, 5.0)


def words_of(brief: Brief, prompts: Prompts) -> str:
    """What a take is to be like, in plain English: a person's own words, then what the plan says."""
    own = prompts.get("words")
    style = load_style(brief.style).title.lower() if brief.style in style_names() else brief.style
    names = list(dict.fromkeys(program_name(item.program).lower() for item in brief.instruments if not item.drums))
    if any(item.drums for item in brief.instruments):
        names.append("drums")
    facts = [style, *([listed(names)] if names else []), f"{brief.tempo:.0f} bpm", brief.key_name]
    said = own.understood.text.strip() if own is not None else ""
    return "; ".join(filter(None, (said[: MAX_WORDS // 2], ", ".join(facts))))[:MAX_WORDS]


def seconds_of(score: Score) -> float:
    """How long a take of all of a piece would be, as far as takes can be: 1 to 30 seconds."""
    return min(SECONDS[1], max(SECONDS[0], round(TimeMap(score).seconds(score.end), 1)))


def beginning(score: Score, seconds: float) -> Score:
    """The notes of a piece that begin in its first seconds."""
    out, times = score.copy(), TimeMap(score)
    for track in out.tracks:
        track.notes = {name: note for name, note in track.notes.items() if times.seconds(note.start) < seconds}
    return out


def ask(
    score: Score, words: str, seconds: float, *, progress: Callable[[float], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> TakeRequest:  # fmt: skip
    """The request for a take of a piece's first seconds.

    Args:
        score: the piece.
        words: what it is to be like.
        seconds: 1 to 30.
        progress: told 0.0 to 1.0 while the piece is played.
        stop: asked meanwhile.

    Raises:
        BadRequest: there is nothing to hear, or words or length cannot be.
        Cancelled: ``stop`` said so.
    """
    TakeRequest(words, seconds)  # refused before anything is played
    first = beginning(score, seconds)
    if not first.note_count:
        raise BadRequest("The piece holds no notes there, so there is nothing that a model could follow.")
    leading = [track.id for track in first.tracks if _leads(track)]
    if not leading:
        sound = _cut(render(first, progress=progress, stop=stop), seconds)
        return TakeRequest(words, seconds, sound, sound)
    stems, mix = render_all(first, progress=progress, stop=stop)
    tune = next(stem.audio for stem in stems if stem.track_id == leading[0])
    return TakeRequest(words, seconds, _cut(tune, seconds), _cut(mix, seconds))


def _leads(track: Track) -> bool:
    return track.name == TUNE and bool(track.notes) and track.volume > 0 and not track.mute


def _cut(sound: Audio, seconds: float) -> Audio:
    return Audio(sound.samples[: round(seconds * sound.rate)].copy(), sound.rate)


def longest(hub: Hub, model: str, words: str, most: float) -> float:
    """The longest take, up to ``most`` seconds, that a model would make here in the time that a person is asked to
    wait; ``most`` itself where none is short enough, so that its reason is told.
    """
    for seconds in (most, *(length for length in LENGTHS if length < most)):
        if hub.support(model, TakeRequest(words, seconds, *ANY)).level is not Level.UNSUPPORTED:
            return seconds
    return most


def _silence() -> Audio:
    import numpy as np

    return Audio(np.zeros((1, 1), np.float32), 8_000)


#: Stands for a tune and a piece where it only matters that there are some.
ANY = (_silence(), _silence())
