"""How far a take does what was asked: the piece's own card, with the lines that are measured on sound alone.

A take has no notes, so what the card reads off the score is not told of it. Tune, chords and style are looked for at
the times at which our piece has them, since that is what the model was given; what the words ask is measured on the
beats, the key and the notes that are heard in it, by the same rules.
"""

from __future__ import annotations

from dataclasses import replace

from workbench.create.prompt.adhere import measure_piece
from workbench.create.prompt.brief import Brief
from workbench.create.prompt.card import Card, Line
from workbench.create.prompt.measures import words
from workbench.create.prompt.piece import Piece
from workbench.create.prompt.prompts import NAMES, Prompts, kind_of
from workbench.create.takes.asking import beginning
from workbench.errors import WorkbenchError
from workbench.score.score import Score
from workbench.sound.audio import Audio
from workbench.understand.words.wishes import Wishes

#: What the card reads off the score for a piece and the listening layer can tell of sound too. Who plays, how many bars
#: there are and how long it lasts is not among it: the first two would be guesses, the last was chosen with the take.
HEARD = ("tempo", "metre", "energy", "density", "loudness", "brightness")
#: A take that ends so many seconds before a video is not measured against its cuts.
SHORTER = 1.0


def measure_take(brief: Brief, prompts: Prompts, score: Score, sound: Audio) -> Card:
    """The card of a take.

    Args:
        brief: under which the piece was written.
        prompts: what was asked, as corrected.
        score: the piece that it is a take of; of a shorter take its beginning counts.
        sound: the take.
    """
    piece = Piece(beginning(score, sound.seconds), sound)
    if piece.frames is None:
        return Card((), ("Nothing can be heard in this take, so nothing of it is measured.",))
    asked, remarks = prompts, []
    watched = prompts.get("video")
    film = watched.understood if watched is not None and kind_of(watched.understood) == "watched" else None
    if film is not None and sound.seconds < film.duration - SHORTER:
        asked = asked.without("video")
        remarks.append("This take ends before your video does, so its cuts are not measured.")
    told = measure_piece(brief, asked.without("words"), piece)
    lines = [line for line in told.prompts if line.taken == "audio"]
    remarks += told.remarks
    own = prompts.get("words")
    if own is not None:
        try:
            lines = [*_words(own.understood, piece), *lines]
        except WorkbenchError as error:
            remarks.append(f"How far {NAMES['words']} was followed could not be measured: {error}")
    return Card(tuple(lines), tuple(remarks))


def _words(wishes: Wishes, piece: Piece) -> list[Line]:
    lines = [line for line in words.measure(wishes, piece) if line.taken == "audio"]
    if piece.heard is None:
        return lines
    other = Piece(piece.heard.score(), piece.audio)
    other.frames = piece.frames  # the same sound: it is listened to once
    heard = [line for line in words.measure(wishes, other) if line.measure in HEARD]
    return [*(replace(line, taken="audio") for line in heard), *lines]
