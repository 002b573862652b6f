"""What the notation tests share: the bundled files and small scores made of a few lines."""

from fractions import Fraction
from pathlib import Path

from workbench.score.musicxml.files import read_musicxml
from workbench.score.report import ImportReport
from workbench.score.score import Score

NOTATION = Path(__file__).parents[2] / "data" / "notation"


def read(name: str) -> tuple[Score, ImportReport]:
    """A bundled file."""
    return read_musicxml((NOTATION / name).read_bytes(), name)


def text_of(measures: str, *, title: str = "", encoding: str = "utf-8", doctype: str = "") -> str:
    """A one-part score around these measures."""
    return (
        f'<?xml version="1.0" encoding="{encoding}"?>{doctype}<score-partwise version="4.0">'
        f"<movement-title>{title}</movement-title>"
        '<part-list><score-part id="P1"><part-name>Flute</part-name></score-part></part-list>'
        f'<part id="P1">{measures}</part></score-partwise>'
    )


def music(notes: str, **options: str) -> str:
    """A one-bar score, one division to the quarter, around these notes."""
    attributes = "<attributes><divisions>1</divisions></attributes>"
    return text_of(f'<measure number="1">{attributes}{notes}</measure>', **options)


def sounding(score: Score, track: int) -> list[tuple[Fraction, int, Fraction]]:
    """Onset in quarters, pitch and duration in quarters of every note of a track."""
    return [
        (Fraction(note.start, score.ppq), note.pitch, Fraction(note.duration, score.ppq))
        for note in score.tracks[track].sorted_notes()
    ]
