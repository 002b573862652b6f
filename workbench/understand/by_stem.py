"""What was heard in a recording as a piece with one track a stem: each plays the part that its stem holds.

Rough stems tell hardly more than the whole recording does (four styles of the library, 20 s each, parted by the
built-in splitter; mean onset F1 of the whole recording's notes shared out, and of each stem heard by itself: drums .62
and .64, bass .74 and .73, the rest .47 and .44; the worst style .37 and .34). So only drums and voices are heard by
themselves, and instruments where a model parts several of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from workbench.errors import BadRequest
from workbench.score.score import Score
from workbench.sound.audio import Audio
from workbench.understand.heard import Heard, HeardNote
from workbench.understand.to_score import Part, bass_line, to_score, without

if TYPE_CHECKING:
    from workbench.hub.hub import Hub
    from workbench.hub.protocol import CancelToken

#: Stems by the names that models give them, with the program that plays them.
_PROGRAMS = {"vocals": 73, "bass": 33, "guitar": 25, "piano": 0, "drums": 0}
#: Stems of which the notes are known for themselves.
_OWN = ("vocals", "drums", "bass")
_LEFT_OVER = "rest"
#: Peak below which there is nothing to hear in a stem.
_SILENT = 1e-3


def hear_stems(
    recording: Audio, stems: Mapping[str, Audio], *, kind: str = "auto", title: str = "", seed: int = 0,
    hub: Hub | None = None, cancel: CancelToken | None = None, progress: Callable[[float], object] | None = None,
    ended: Callable[[Any], None] | None = None,
) -> Score:  # fmt: skip
    """Hear a recording and its stems: the piece, a track for each stem in their order, bars where they were heard.

    Args:
        recording: the whole of it, for beats, bars, key, chords and sections.
        stems: its stems by their names.
        kind: what the recording is heard as, see :func:`workbench.understand.transcribe.transcribe`.
        title: of the piece.
        seed, hub, cancel, progress, ended: as there.

    Raises:
        WorkbenchError: as there.
    """
    from workbench.understand.transcribe import transcribe

    tell = progress or (lambda share: None)
    by_itself = [name for name in heard_alone(list(stems)) if float(abs(stems[name].samples).max(initial=0)) > _SILENT]
    steps = 1 + len(by_itself)

    def hear(sound: Audio, as_what: str, number: int) -> Heard:
        return transcribe(
            sound, as_what, seed=seed, hub=hub, cancel=cancel, ended=ended,
            progress=lambda share: tell((number + share) / steps),
        )  # fmt: skip

    heard = hear(recording, kind, 0)
    own: dict[str, Heard] = {}
    for number, name in enumerate(by_itself, start=1):
        try:
            own[name] = hear(stems[name], "singing" if name == "vocals" else "band", number)
        except BadRequest:  # too little is left in it to be heard by itself
            continue
    return score_by_stem(heard, list(stems), own, title=title)


def heard_alone(stems: Sequence[str]) -> list[str]:
    """Which of the named stems are heard by themselves: drums and voices, and instruments that are apart already."""
    others = [name for name in stems if name not in (*_OWN, _LEFT_OVER)]
    return [name for name in stems if name in ("drums", "vocals") or (len(others) > 1 and name in others)]


def score_by_stem(
    heard: Heard, stems: Sequence[str], own: Mapping[str, Heard] | None = None, *, title: str = ""
) -> Score:  # fmt: skip
    """The piece that was heard, a track for each of the named stems in their order.

    Drums, the bass line and (where there is a stem ``vocals``) the melody go to the stems of these names, all other
    notes to the first other stem; a stem that was heard by itself (``own``) plays what was heard there.
    """
    alone = own or {}
    notes: dict[str, Sequence[HeardNote]] = dict.fromkeys(stems, ())
    rest: Sequence[HeardNote] = heard.notes or heard.melody
    if "drums" in notes:
        notes["drums"] = heard.drums
    if "vocals" in notes:
        notes["vocals"] = heard.melody
        rest = without(rest, heard.melody)
    if "bass" in notes:
        notes["bass"] = bass_line(rest)
        low = set(map(id, notes["bass"]))
        rest = [note for note in rest if id(note) not in low]
    others = [name for name in stems if name not in (*_OWN, _LEFT_OVER)]
    if others:
        notes[others[0]] = rest
    for name, found in alone.items():
        notes[name] = found.drums if name == "drums" else found.notes or found.melody
    parts = [
        (Part(name.replace("_", " ").capitalize(), _PROGRAMS.get(name, 0), name == "drums"), played)
        for name, played in notes.items()
    ]
    score = to_score(heard, parts=parts, title=title)
    for track, name in zip(score.tracks, notes, strict=True):
        if name in alone and alone[name].model:
            author = f"model:{alone[name].model}"
            track.notes = {note.id: replace(note, author=author) for note in track.notes.values()}
    return score
