"""What was heard in a recording as a piece with one track a stem: each plays the part that its stem holds."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.score.score import Score
from workbench.understand.heard import Heard, HeardNote
from workbench.understand.to_score import Part, bass_line, to_score, without

#: Stems by the names that models give them, with the program that plays them.
_PROGRAMS = {"vocals": 73, "bass": 33, "guitar": 25, "piano": 0, "drums": 0}
#: Stems of which the notes are known for themselves.
_OWN = ("vocals", "drums", "bass")
_LEFT_OVER = "rest"


def score_by_stem(heard: Heard, stems: Sequence[str], *, title: str = "") -> Score:
    """The piece that was heard, a track for each of the named stems in their order.

    Drums, the bass line and (where there is a stem ``vocals``) the melody go to the stems of these names, all other
    notes to the first other stem.
    """
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
    parts = [
        (Part(name.replace("_", " ").capitalize(), _PROGRAMS.get(name, 0), name == "drums"), own)
        for name, own in notes.items()
    ]
    return to_score(heard, parts=parts, title=title)
