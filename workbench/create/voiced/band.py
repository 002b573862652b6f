"""A band for a voice: sing, and get drums, bass and chords that follow.

::

    from workbench.create.voiced.band import band_for_voice

    takes = band_for_voice("humming.wav", style="a jazz band", count=3)
    takes[0].score, takes[0].given    # the piece, and the sound of its voice; workbench.page.voiced writes a folder

What SingSong (Donahue et al., 2023) does with sound, by way of the score: the notes of the voice are heard, its beats
and bars become the tempo map, chords are found for the tune (:mod:`.under`) and a style of the library fitted to them.
The voice itself stays what it is, a stem among the others.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from workbench.create.accompany import accompany
from workbench.create.compose.audition import BARS, audition
from workbench.create.idea import Idea
from workbench.create.voiced.sounds import choir_voice, levelled, tightened
from workbench.create.voiced.under import chords_under
from workbench.errors import BadRequest
from workbench.score.score import Score
from workbench.score.timemap import TimeMap
from workbench.sound.audio import Audio
from workbench.understand.heard import Beats, Heard
from workbench.understand.to_score import to_score

if TYPE_CHECKING:
    from workbench.hub.hub import Hub
    from workbench.hub.protocol import CancelToken

#: The track of the voice, and the words for how its beats are kept.
VOICE = "Voice"
FOLLOWED, TIGHTENED = "followed", "tightened"
#: Beats a minute where no beat was heard.
USUAL = 96.0


@dataclass(frozen=True, eq=False)
class Take:
    """A voice with its band.

    ``heard``: what was heard of the voice, in the time of ``score``. ``idea``: the band, made for the voice alone.
    ``score``: the voice's notes and the band. ``given``: the sound of tracks by their ids, beginning where the score
    does: the voice, and a choir made of it. ``remarks``: plain sentences.
    """

    heard: Heard
    idea: Idea
    score: Score
    given: Mapping[str, Audio]
    remarks: tuple[str, ...] = ()


class Taste(NamedTuple):
    """A style under the first bars of a voice.

    ``score``: the voice's notes and, in those bars alone, the style's. ``given``: the voice's sound by its track's id.
    ``start``, ``end``: seconds of the bars.
    """

    score: Score
    given: Mapping[str, Audio]
    start: float
    end: float


def band_for_voice(
    source: str | os.PathLike[str] | Audio,
    *,
    heard: Heard | None = None,
    style: str = "band",
    instruments: Iterable[str] = (),
    parts: Iterable[str] = (),
    controls: Mapping[str, Any] | None = None,
    timing: str = FOLLOWED,
    choir: bool = False,
    count: int = 1,
    seed: int = 0,
    model: str | None = None,
    hub: Hub | None = None,
    cancel: CancelToken | None = None,
) -> list[Take]:
    """Bands for one voice, the voice kept in time.

    Args:
        source: a recording of one voice, singing or humming.
        heard: what was heard in it and perhaps put right; left out: it is listened to now.
        style: a style in plain words, ``four voices``, or a small band; see :func:`workbench.create.accompany`.
        instruments: plain names, instead of a style.
        parts: names of the style's parts that play; left out: all of them.
        controls: wishes, as for a fill.
        timing: ``followed``: the band follows the voice's own tempo; ``tightened``: the voice is moved onto even beats.
        choir: the voice sings an alto, a tenor and a bass as well.
        count: 1 to 8 takes.
        seed: equal seeds give equal takes.
        model: of the band; left out: the best one here.
        hub: where to run.
        cancel: a token that ends the work at its next step.

    Raises:
        BadRequest: no voice or no notes in the recording, an unknown style or timing.
        Unavailable: no model can be had.
        Cancelled: ``cancel`` was pulled.
    """
    if timing not in (FOLLOWED, TIGHTENED):
        raise BadRequest(f"The timing is {FOLLOWED} or {TIGHTENED}, not {timing[:30]!r}.")
    voice = source if isinstance(source, Audio) else _read(source)
    heard = _sung(heard or _listened(voice, cancel))
    voice = levelled(voice, heard.curve)
    if timing == TIGHTENED:
        voice, heard = tightened(voice, heard)
    base = _base(heard)
    tune = base.tracks[0]
    said: list[str] = [*heard.remarks]
    ideas = accompany(
        base, style=style, instruments=instruments, parts=parts, controls=controls, count=count, seed=seed,
        model=model, hub=hub, cancel=cancel,
    )  # fmt: skip
    given: dict[str, Audio] = {tune.id: voice}
    voices = _choir(base, voice, heard, seed, hub, cancel) if choir else {}
    takes = []
    for idea in ideas:
        score = idea.score()
        own = dict(given)
        for name, (part, sound) in voices.items():
            track = replace(part, id=f"choir-{name.lower()}", name=f"Choir {name.lower()}")
            score.tracks.append(track)
            own[track.id] = sound
        for number, track in enumerate(score.tracks):
            track.color = number % 12  # the band's tracks come in one colour
        takes.append(Take(heard, idea, score, own, (*said, *idea.remarks)))
    return takes


def first_bars(
    voice: Audio, heard: Heard, style: str, *, parts: Iterable[str] = (), bars: int = BARS, seed: int = 0
) -> Taste:
    """What a style would play in the first bars that are sung, at once: without the network, in the voice's own time.

    Args:
        voice: a recording of one voice.
        heard: what was heard in it.
        style: a style's id, or plain words for one.
        parts: names of the style's parts that play; left out: all of them.
        bars: how many are heard; fewer where the voice ends before.
        seed: equal seeds give equal notes.

    Raises:
        BadRequest: no notes in the recording, or an unknown style or part.
    """
    heard = _sung(heard)
    voice = levelled(voice, heard.curve)
    score = _base(heard)
    times = TimeMap(score)
    tune = score.tracks[0]
    first = times.bar_at(tune.sorted_notes()[0].start).number
    last = max(first, min(first + bars - 1, times.bar_at(max(0, score.end - 1)).number))
    played = audition(score, style, first, bars=last - first + 1, parts=tuple(parts), seed=seed)
    score.tracks += [track for track in played.tracks if track.notes]
    start, _ = times.bar_range(first, first)
    _, end = times.bar_range(last, last)
    return Taste(score, {tune.id: voice}, times.seconds(start), times.seconds(end))


def _base(heard: Heard) -> Score:
    """The notes of a voice as a piece, with chords under it."""
    base = to_score(heard, tracks=("melody",))
    base.tracks[0].name = VOICE
    if not base.chords:
        base.chords = list(chords_under(base))
    return base


def _read(source: str | os.PathLike[str]) -> Audio:
    from workbench.sound.files import read_audio

    return read_audio(source)


def _listened(voice: Audio, cancel: CancelToken | None) -> Heard:
    from workbench.understand.transcribe import transcribe

    return transcribe(voice, kind="singing", cancel=cancel)


def _sung(heard: Heard) -> Heard:
    """What was heard, with its notes as the melody, and beats if there were none."""
    notes = heard.melody or heard.notes
    if not notes:
        raise BadRequest("No sung note was heard in this recording; sing or hum a little louder, without music.")
    beats = heard.beats
    if len(beats.beats) < 2:
        step, first = 60.0 / USUAL, notes[0].start
        while first - step >= 0:
            first -= step
        times = [first + place * step for place in range(int((heard.duration - first) / step) + 1)]
        one = min(range(len(times)), key=lambda place: abs(times[place] - notes[0].start)) % 4
        beats = Beats(tuple(times)).with_ones(range(one, len(times), 4), metre=4) if len(times) > 1 else beats
    return replace(heard, melody=notes, notes=notes, beats=beats)


def _choir(
    base: Score, voice: Audio, heard: Heard, seed: int, hub: Hub | None, cancel: CancelToken | None
) -> dict[str, tuple[Any, Audio]]:
    """Three more voices sung by the same one: their tracks and their sound, by name."""
    from workbench.create.infill.extend import harmonise

    if heard.curve is None or not len(heard.curve.times):
        raise BadRequest("A choir needs the pitch of the voice; listen to the recording as singing.")
    idea = harmonise(base, seed=seed, hub=hub, cancel=cancel)[0]
    score, times = idea.score(), TimeMap(base)
    tune = base.tracks[0].sorted_notes()
    known = {track.id for track in base.tracks}
    out = {}
    for number, track in enumerate(score.tracks):
        if track.id not in known and track.notes:
            sound = choir_voice(voice, heard.curve, tune, track.sorted_notes(), times, seed + number)
            out[track.name] = (track, sound)
    return out
