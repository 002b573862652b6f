"""Bands that can be asked for in a word: which tracks join, and what is asked of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from workbench.errors import BadRequest
from workbench.hub.tasks.infill.controls import InfillControls
from workbench.hub.tasks.infill.request import NewTrack
from workbench.score.instruments import DRUMS, find_program, program_name
from workbench.score.score import Score, Track, fresh_ids

#: Bands by name: the instruments that join.
STYLES: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "band": ("electric bass", "electric piano", "drums"),
    "piano": ("piano",),
    "strings": ("violin", "viola", "cello"),
    "jazz": ("acoustic bass", "piano", "drums"),
    "folk": ("nylon guitar", "acoustic bass"),
})  # fmt: skip
FOUR_VOICES = "four voices"
#: The three lower voices of a choir with the ranges of common practice (MIDI pitches; Aldwell and Schachter).
VOICES: tuple[tuple[str, int, int], ...] = (("Alto", 53, 74), ("Tenor", 47, 67), ("Bass", 40, 62))
#: The middle of a soprano's tune; a tune an octave away moves the other voices with it.
_SOPRANO = 70
_CHOIR = 52
#: A tune whose middle is lower than a baritone's is harmonised as if it lay octaves higher: three voices below a bass
#: line nobody could hear.
_LOWEST_TUNE = 52
#: Where the middle of such a tune is thought to lie at least, so that the voices have their usual ranges.
_MEZZO = 64
#: No voice goes deeper than a bass can sing.
_DEEPEST = 36


@dataclass(frozen=True)
class Ensemble:
    """New tracks, with wishes for all of them and for each."""

    tracks: tuple[NewTrack, ...]
    controls: InfillControls = field(default_factory=InfillControls)
    per_track: Mapping[str, InfillControls] = field(default_factory=dict)


def ensemble(score: Score, name: str, tune: Track | None = None, *, prefix: str = "t") -> Ensemble:
    """Tracks for a band of :data:`STYLES`, for ``four voices`` under a tune, or for one instrument.

    Args:
        score: the piece they join.
        name: of the band or instrument, in any case.
        tune: what the voices are set under; left out: the highest line.
        prefix: of the new tracks' ids.

    Raises:
        BadRequest: nothing is called so, or there is no tune to set voices under.
    """
    plain = " ".join(name.casefold().split())
    if plain in STYLES:
        return Ensemble(instruments(score, STYLES[plain], prefix))
    if plain == FOUR_VOICES:
        return _voices(score, tune if tune is not None else find_tune(score), prefix)
    return Ensemble(instruments(score, [name], prefix))


def instruments(score: Score, names: list[str] | tuple[str, ...], prefix: str = "t") -> tuple[NewTrack, ...]:
    """A new track for each instrument named in plain words; raises :class:`BadRequest` for an unknown one.

    ``prefix``: of the new tracks' ids.
    """
    ids = fresh_ids((track.id for track in score.tracks), prefix, len(names))
    out = []
    for track_id, name in zip(ids, names, strict=True):
        program = find_program(name)
        drums = program == DRUMS
        out.append(NewTrack(track_id, program_name(program), 0 if drums else program, drums))
    return tuple(out)


def find_tune(score: Score) -> Track:
    """The track that sings: of those with mostly single notes the highest; else the highest of all.

    Raises:
        BadRequest: no track has pitched notes.
    """
    pitched = [track for track in score.tracks if track.notes and not track.is_drum]
    if not pitched:
        raise BadRequest("There is no tune in this piece yet; sing, play or draw one first.")

    def height(track: Track) -> tuple[bool, float]:
        onsets = {note.start for note in track.notes.values()}
        line = len(track.notes) <= 1.1 * len(onsets)
        return line, float(np.mean([note.pitch for note in track.notes.values()]))

    return max(pitched, key=height)


def raised(middle: float) -> int:
    """How many octaves a tune is thought higher when voices are set to it; ``middle``: its median key."""
    return 0 if middle >= _LOWEST_TUNE else -int((middle - _MEZZO) // 12)


def _voices(score: Score, tune: Track, prefix: str) -> Ensemble:
    pitches = [note.pitch for note in tune.notes.values()]
    if not pitches:
        raise BadRequest("The track to set voices under has no notes; choose another.")
    middle = float(np.median(pitches))
    octaves = 12 * round((middle + 12 * raised(middle) - _SOPRANO) / 12)
    ids = fresh_ids((track.id for track in score.tracks), prefix, len(VOICES))
    tracks, wishes = [], {}
    for track_id, (name, low, high) in zip(ids, VOICES, strict=True):
        tracks.append(NewTrack(track_id, name, _CHOIR))
        wishes[track_id] = InfillControls(
            part_writing=True,
            max_polyphony=1,
            grid=4,
            pitch_low=max(_DEEPEST, low + octaves),
            pitch_high=min(127, high + octaves),
            under=tune.id,
        )
    return Ensemble(tuple(tracks), InfillControls(part_writing=True), wishes)
