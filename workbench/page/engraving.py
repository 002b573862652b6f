"""The score engraved as pages of SVG by Verovio, and which signs sound when.

Verovio (LGPL-3.0, used as its Python package) reads the MusicXML that is also exported, so the sheet a person sees
is the sheet they take away.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from workbench.errors import BadRequest, Unavailable
from workbench.score.score import Score

MAX_NOTES = 20_000
MAX_PAGES = 60
#: Semitones that a part can be shifted for reading: an octave either way.
MAX_TRANSPOSE = 12
#: Verovio's unit is a tenth of a pixel at scale 100.
_SCALE = 42
_lock = threading.Lock()  # Verovio keeps its fonts process-wide


def engrave(score: Score, *, width: int, transpose: int = 0, paper: bool = False) -> dict[str, Any]:
    """Engrave a score.

    Args:
        score: the piece.
        width: width of the page on the screen, in CSS pixels (320 to 3,000).
        transpose: semitones to shift what is shown; nothing is changed.
        paper: A4 pages for printing instead of one long page for the screen.

    Returns:
        ``pages``: SVG texts. ``onsets``: [tick, [ids of the SVG elements that begin to sound]] in order of time.
        ``remarks``: sentences on what the engraving had to change.

    Raises:
        BadRequest: a width or shift out of range, no notes, or too many to engrave.
        Unavailable: the extra is not installed.
    """
    if type(width) is not int or not 320 <= width <= 3_000:
        raise BadRequest("The width of the sheet must be from 320 to 3000 pixels.")
    if type(transpose) is not int or abs(transpose) > MAX_TRANSPOSE:
        raise BadRequest("The sheet can be shifted by up to an octave.")
    if not score.note_count:
        raise BadRequest("There are no notes to show yet.")
    if score.note_count > MAX_NOTES:
        raise BadRequest(f"Sheets are shown of up to {MAX_NOTES:,} notes; this piece has {score.note_count:,}.")
    try:
        import verovio
    except ImportError as error:
        raise Unavailable("The sheet needs an extra: pip install 'music-workbench[app]'.") from error
    from workbench.score.musicxml.files import write_musicxml

    text, report = write_musicxml(score)
    with _lock:
        toolkit = verovio.toolkit(False)
        # Verovio remembers its fonts a thread, and a request may come on any.
        toolkit.setResourcePath(str(Path(verovio.__file__).parent / "data"))
        toolkit.setOptions(_options(width, transpose, paper))
        if not toolkit.loadData(text):
            raise BadRequest("This piece could not be engraved; its notation file can still be saved from Stems.")
        count = toolkit.getPageCount()
        if count > MAX_PAGES:
            raise BadRequest(f"This sheet would have {count} pages; at most {MAX_PAGES} are shown.")
        pages = [toolkit.renderToSVG(number) for number in range(1, count + 1)]
        moments = toolkit.renderToTimemap({"includeMeasures": False})
    onsets = [[round(moment["qstamp"] * score.ppq), moment["on"]] for moment in moments if moment.get("on")]
    return {"pages": pages, "onsets": onsets, "remarks": [remark.text for remark in report.remarks]}


def _options(width: int, transpose: int, paper: bool) -> dict[str, Any]:
    common = {
        "svgViewBox": True, "footer": "none", "header": "none", "breaks": "auto", "smuflTextFont": "embedded",
        "transpose": str(transpose) if transpose else "", "svgRemoveXlink": True,
    }  # fmt: skip
    if paper:
        return {**common, "scale": 100, "pageWidth": 2100, "pageHeight": 2970, "unit": 7, "header": "auto"}
    return {
        **common, "scale": _SCALE, "pageWidth": width * 100 // _SCALE, "pageHeight": 60_000,
        "adjustPageHeight": True, "pageMarginTop": 40, "pageMarginBottom": 40,
    }  # fmt: skip
