"""MusicXML in and out (plain and ``.mxl``; MusicXML 4.0, https://www.w3.org/2021/06/musicxml40/).

Reading::

    score, report = read_musicxml(data)

- Each part becomes a track with all its voices and staves; transposing instruments sound where they sound.
- Onsets and durations are exact: the resolution is chosen so that every tuplet falls on a tick.
- Tied notes are one note; grace notes keep their place with no duration; cue notes are left out.
- Repeats are not played out. A first bar that is too short is a pickup (bar 0).
- Dynamic marks set velocities (:data:`workbench.score.notation.tables.DYNAMICS`), a note's own value before them.
- Metres, keys, tempos, chord symbols, lyrics (first verse), words, pedal and instrument changes are lanes.

What could not be taken over as it stands is counted in the report. Writing is :mod:`.write`'s job.
"""

from __future__ import annotations

from pathlib import PurePath

from workbench.errors import BadDocument, BadFile
from workbench.score.musicxml.parts import read_parts
from workbench.score.musicxml.read import build_score
from workbench.score.musicxml.source import read_root
from workbench.score.musicxml.write import build_xml
from workbench.score.report import ImportReport
from workbench.score.score import Score


def read_musicxml(data: bytes, name: str = "") -> tuple[Score, ImportReport]:
    """Read a MusicXML file.

    Args:
        data: the whole file: plain XML in any encoding, or an ``.mxl`` archive.
        name: the file's name; its stem is the title of a score that has none.

    Returns:
        The score (authors ``imported``) and what was changed on purpose.

    Raises:
        BadFile: empty, damaged, hostile, too large or not MusicXML.
    """
    root = read_root(data)
    try:
        score, report = build_score(root, read_parts(root))
    except (BadDocument, ValueError, ZeroDivisionError, OverflowError) as error:
        raise BadFile("This MusicXML file holds values that make no sense; export the piece again.") from error
    if not score.title and name:
        score.title = PurePath(name).stem[:1_000].encode("utf-8", "replace").decode()
    return score, report


def write_musicxml(score: Score) -> tuple[str, ImportReport]:
    """The score as the text of a MusicXML 4.0 file.

    Pitches are spelled by the keys lane (or an estimate), lengths cut at beats and bar lines and tied, drums set
    as unpitched percussion, keyboards on two staves where they need them. An exact score keeps every onset and
    duration; a free performance is moved, on a copy, to twelfths and sixteenths of a beat, and the report says so.

    Returns:
        The text (to be stored as UTF-8) and what notation cannot say.

    Raises:
        BadDocument: the piece has too many bars for a page.
    """
    return build_xml(score)
