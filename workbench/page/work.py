"""Heavy work by name: what a worker process does, and what is done in this process where there are none.

Each function takes plain JSON values (a score may also be the object itself), says how far it is by ``tell``, and
returns plain JSON values. None of them knows pages or the network.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbench.hub.public import PublicRules
from workbench.score.score import Score
from workbench.sound.limits import OWN, Limits

#: Called with ``progress`` (0.0 to 1.0) or ``partial`` (JSON values) as the work goes on.
Tell = Callable[[str, Any], None]
Stop = Callable[[], bool]
Values = dict[str, Any]


def _score(value: Any) -> Score:
    return value if isinstance(value, Score) else Score.from_dict(value)


def limits_of(rules: PublicRules | None) -> Values:
    """The limits on pieces and sound, as values for :func:`read`, :func:`make` and :func:`waveforms`."""
    if rules is None:
        return {}
    return {"max_minutes": rules.max_minutes, "max_track_minutes": rules.max_track_minutes}


def _rules(values: Values) -> PublicRules | None:
    return PublicRules(**values) if values else None


def sheet(values: Values, tell: Tell, stop: Stop) -> Any:
    """Engrave ``score`` (see :func:`workbench.page.engraving.engrave`)."""
    from workbench.page.engraving import engrave

    return engrave(_score(values["score"]), width=values["width"], transpose=values["transpose"], paper=values["paper"])


def read(values: Values, tell: Tell, stop: Stop) -> Any:
    """Read the file at ``path``, which a person calls ``name``; a project's history and media are left out."""
    from workbench.page.limits import check_piece
    from workbench.score.canonical import project_hash
    from workbench.score.files import load

    loaded = load(Path(values["path"]), values["name"])
    check_piece(loaded.score, _rules(values["limits"]))
    remarks = [remark.text for remark in loaded.report.remarks]
    if not loaded.score.note_count:
        remarks.insert(0, "There are no notes in this file.")
    return {
        "score": loaded.score.to_dict(), "kind": loaded.kind, "notes": loaded.score.note_count,
        "title": loaded.score.title, "hash": project_hash(loaded.score), "remarks": remarks,
    }  # fmt: skip


def make(values: Values, tell: Tell, stop: Stop) -> Any:
    """Make a file to take away, of ``kind`` in the folder ``place``; returns its path.

    ``recordings``: where the recordings of its tracks lie, by the sha256 of their content.
    """
    from workbench.page.making import Options, make_file
    from workbench.sound.given import given_of

    rules, score = _rules(values["limits"]), _score(values["score"])
    path = make_file(
        score, values["kind"], Options.read(values["options"]), Path(values["place"]),
        facts=values["facts"], limits=OWN if rules is None else rules.sound,
        given=given_of(score, values.get("recordings", {})),
        progress=lambda share: tell("progress", share), stop=stop,
    )  # fmt: skip
    return str(path)


def waveforms(values: Values, tell: Tell, stop: Stop) -> Any:
    """Draw each track of ``score`` as it sounds: ``seconds`` and ``peaks``; each is told as soon as it is there.

    What is told before the end is drawn by the loudest track so far; only the end knows the common gain.
    ``recordings`` as for :func:`make`.
    """
    from workbench.page.waveforms import draw
    from workbench.sound.given import given_of

    rules, score = _rules(values["limits"]), _score(values["score"])
    limits: Limits = OWN if rules is None else rules.sound
    return draw(score, limits, tell, stop, given_of(score, values.get("recordings", {})))


def look(values: Values, tell: Tell, stop: Stop) -> Any:
    """Look through the recording at ``path`` (see :func:`workbench.page.soundpicture.look`)."""
    from workbench.page.soundpicture import look as look_through

    picture = Path(values["picture"])
    return look_through(Path(values["path"]), values["name"], picture, values["max_seconds"], tell, stop)


def proxy(values: Values, tell: Tell, stop: Stop) -> Any:
    """Make the small copy of the video at ``path`` in the folder ``place``; returns its path."""
    from workbench.understand.video.proxy import proxy as copy

    return str(copy(values["path"], values["place"], progress=lambda share: tell("progress", share), cancelled=stop))


def whose(values: Values, tell: Tell, stop: Stop) -> Any:
    """Look for passages of ``score`` in the training music (see :mod:`workbench.page.handlers.whose`)."""
    from workbench.page.handlers.whose import told
    from workbench.provenance.neighbours import neighbours

    score = _score(values["score"])
    return told(score, neighbours(score, progress=lambda share: tell("progress", share), cancelled=stop))


WORK: dict[str, Callable[[Values, Tell, Stop], Any]] = {
    "sheet": sheet, "read": read, "make": make, "waveforms": waveforms, "look": look, "proxy": proxy,
    "whose": whose,
}  # fmt: skip
