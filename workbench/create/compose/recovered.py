"""The plan of an arrangement whose file has lost it (MIDI has no room for it): from markers, tracks and notes."""

from __future__ import annotations

import zlib

from workbench.create.compose.found_sections import marked_sections
from workbench.create.compose.layout import DOUBLE, SECOND, TUNE, span_of
from workbench.create.compose.section import Section
from workbench.create.compose.songplan import FACT, SectionPlan, SongPlan
from workbench.create.compose.style import GROOVE_A, GROOVE_B, INTRO, Style
from workbench.create.compose.styles import find_style, load_style, style_names
from workbench.errors import BadRequest
from workbench.score.keys import key_at
from workbench.score.score import Score

#: How much goes on in each kind of section where nothing says more.
_ENERGY = {"intro": 30, "verse": 55, "build": 65, "chorus": 88, "bridge": 45, "break": 20, "ending": 35}
#: Feel off: no stroke is further from a triplet's or a sixteenth's place than this share of a quarter.
_ON_GRID = 1 / 48


def plan_of(score: Score, style: str = "") -> SongPlan:
    """The plan inside an arranged piece, or, where its file has lost it, one read from its markers.

    Args:
        score: the piece.
        style: in plain words, for a piece without a plan; left out: the style whose parts the tracks are.

    Raises:
        BadRequest: there is neither a plan nor markers that name sections, or the style cannot be told.
    """
    if FACT in score.meta:
        return SongPlan.from_json(score.meta[FACT])
    sections = marked_sections(score)
    if not sections or not any(track.name == TUNE for track in score.tracks):
        raise BadRequest("This piece holds no plan of an arrangement; arrange a tune first.")
    played = find_style(style) if style else _style_of(score)
    if played is None:
        raise BadRequest(f"There is no style {style[:40]!r}; choose one of {', '.join(style_names())}.")
    key = key_at(score, 0, [note for track in score.tracks if not track.is_drum for note in track.notes.values()])
    loose = any(
        min(note.start % (score.ppq / 12), -note.start % (score.ppq / 12)) > score.ppq * _ON_GRID
        for track in score.tracks if track.is_drum for note in track.notes.values()
    )  # fmt: skip
    seed = zlib.crc32(score.title.encode())
    plans = tuple(_section(score, played, section) for section in sections)
    return SongPlan(played.id, key.tonic, key.mode, seed, 60 if loose else 0, 0, plans)


def _style_of(score: Score) -> Style | None:
    """The style whose parts are the piece's tracks, by name and instrument; None where none is more than half so."""
    own = {(track.name, track.is_drum or track.program) for track in score.tracks}
    own = {part for part in own if part[0] not in (TUNE, SECOND, DOUBLE)}

    def fit(name: str) -> float:
        theirs = {(part.name, part.is_drum or part.program) for part in load_style(name).parts}
        return len(own & theirs) / max(1, len(own | theirs))

    best = max(style_names(), key=fit)
    if fit(best) <= 0.5:
        raise BadRequest("The style of this piece cannot be told from its tracks; name it.")
    return load_style(best)


def _section(score: Score, style: Style, section: Section) -> SectionPlan:
    kind = section.kind
    item = SectionPlan(Section(kind, section.first_bar, section.bars, _ENERGY[kind]))
    start, end = span_of(score, item)
    playing = {
        track.name for track in score.tracks if sum(start <= note.start < end for note in track.notes.values()) > 1
    }
    groove = {"intro": INTRO, "chorus": GROOVE_B, "build": GROOVE_B}.get(kind, GROOVE_A)
    drums = {part.name for part in style.parts if part.is_drum}
    parts = tuple(
        part.name for part in style.parts if part.name in playing and not (kind == "intro" and part.name in drums)
    )
    told = TUNE in playing
    return SectionPlan(
        item.section, (1, section.bars) if told else (0, 0), "tune" if told else "none",
        groove if groove in style.sections() else GROOVE_A, parts, kind not in ("ending", "break"),
        ("thirds",) if SECOND in playing and DOUBLE in playing else ("answers",) if SECOND in playing else (),
    )  # fmt: skip
