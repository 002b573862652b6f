"""How far a finished piece does what was asked: the card, and a brief that tries harder.

    card = measure(brief, prompts, score)
    card.line("voice", "melody").sentence       # "Your melody is there note for note."
    better = try_harder(brief, card.prompts[0])

The brief says what there is room for (which bars of a long tune, in which key a varied one); everything else is
measured on the piece itself, rendered and listened to, or read off its score.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.create.compose.source import Source
from workbench.create.prompt import tunes
from workbench.create.prompt.brief import Brief
from workbench.create.prompt.card import Card, Line
from workbench.create.prompt.harder import try_harder as try_harder
from workbench.create.prompt.measures import chords, drawn, structure, style, tune, video, words
from workbench.create.prompt.piece import Piece
from workbench.create.prompt.prompts import NAMES, Prompt, Prompts, kind_of
from workbench.errors import WorkbenchError
from workbench.score.score import Score
from workbench.understand.style import Style, style_of

if TYPE_CHECKING:
    from workbench.sound.audio import Audio

#: Chords are given where so many different ones are.
FEWEST_CHORDS = 2


def measure(brief: Brief, prompts: Prompts, score: Score, audio: Audio | None = None) -> Card:
    """The card of a piece.

    Args:
        brief: under which it was written.
        prompts: what was asked, as corrected.
        score: the piece.
        audio: its sound, if it was rendered before, or a take of a model that makes sound.
    """
    return measure_piece(brief, prompts, Piece(score, audio))


def measure_piece(brief: Brief, prompts: Prompts, piece: Piece) -> Card:
    """The card of a piece that may have been listened to already."""
    lines: list[Line] = []
    remarks: list[str] = []
    for prompt in prompts.items:
        if not prompts.roles(prompt):
            continue
        try:
            own = _lines(prompt, brief, prompts, piece)
        except WorkbenchError as error:
            own = []
            remarks.append(f"How far {NAMES[prompt.slot]} was followed could not be measured: {error}")
        if not own and not remarks:
            remarks.append(f"There is nothing to measure about {NAMES[prompt.slot]}.")
        lines += own
    lines += drawn.measure(brief, piece)
    return Card(tuple(lines), tuple(remarks))


def _lines(prompt: Prompt, brief: Brief, prompts: Prompts, piece: Piece) -> list[Line]:
    """The lines of one prompt."""
    kind, roles = kind_of(prompt.understood), prompts.roles(prompt)
    if kind == "wishes":
        out = words.measure(prompt.understood, piece)
        if prompt.understood.form:
            asked = structure.asked_of_words(prompt.understood.form, brief.bars)
            out += structure.measure(prompt.slot, asked, piece)
        return out
    if kind == "watched":
        return video.measure(prompt.slot, prompt.understood, piece)
    out = []
    told = prompts.tune()
    if "tune" in roles and told is not None and told.slot == prompt.slot:
        out += _tune(prompt, brief, prompts, piece)
    if "chords" in roles and prompts.with_role("chords")[0].slot == prompt.slot:
        out += _chords(prompt, brief, piece)
    if "style" in roles and (asked_style := style_given(prompt)) is not None:
        out += style.measure(prompt.slot, asked_style, prompt.locked, piece)
    if "structure" in roles and "structure" in prompt.roles and prompt.score is not None:
        out += structure.measure(prompt.slot, structure.asked_of_score(prompt.score), piece)
    return out


def style_given(prompt: Prompt) -> Style | None:
    """The style of a prompt: as corrected, as heard, or that of its notes; None where it has none."""
    if prompt.style is not None:
        return prompt.style
    if kind_of(prompt.understood) == "heard":
        return style_of(prompt.understood)
    return Piece(prompt.score).style if prompt.score is not None else None


def _source(prompt: Prompt, brief: Brief) -> tuple[Source, int]:
    """The tune of a prompt in the brief's bars, and by how many semitones a varied one is moved."""
    source = tunes.in_metre(tunes.given(prompt), brief.metre)
    varied = brief.melody.how != "faithful"
    return source, (brief.tonic - source.key.tonic + 6) % 12 - 6 if varied else 0


def _told(brief: Brief) -> list[tuple[int, int, float]]:
    """The bars of the tune for which the piece has room; see :func:`.measures.tune.passages_of`."""
    end = brief.bars * brief.bar_quarters
    if brief.sync:
        _, bar, beat = brief.sync[-1]
        end = (bar - 1) * brief.bar_quarters + (beat - 1) * 4 / brief.metre[1]
    return [
        (first, min(count, part.bars), end - (part.first_bar - first) * brief.bar_quarters)
        for part in brief.sections for first, count in [part.tune] if count
    ]  # fmt: skip


def _tune(prompt: Prompt, brief: Brief, prompts: Prompts, piece: Piece) -> list[Line]:
    source, by = _source(prompt, brief)
    spans = _told(brief) if brief.melody.source == prompt.slot else []
    return tune.measure(prompt.slot, source, spans, piece, faithful=prompts.faithful, by=by)


def _chords(prompt: Prompt, brief: Brief, piece: Piece) -> list[Line]:
    """Chords stand under the tune they were given with, wherever that is told; without it from the beginning."""
    given = _with_chords(prompt)
    if given is None:
        return []
    source, by = _source(given, brief)
    asked = chords.chords_of_source(source)
    if len({(root, third) for _, _, root, third in asked}) < FEWEST_CHORDS:
        return []
    bar = brief.bar_quarters
    spans = _told(brief) if brief.melody.source == prompt.slot else []
    places: list[tuple[float, float, float]] = []
    if spans and source.has_tune:
        lines = tune.lines_of(piece)
        for first, count, room in {(span[0], span[1]): span for span in spans}.values():
            found = [tune.place(passage, lines, by) for passage in tune.passages_of(source, [(first, count, room)])]
            begin = (first - 1) * bar
            for hit in found:
                shift = hit.shift if hit is not None and _believed(hit) else 0.0
                places.append((begin, begin + count * bar, shift))
    else:
        by = (brief.tonic - source.key.tonic + 6) % 12 - 6
        places = _in_turn(brief, len(source.bars), bar)
    return chords.measure(prompt.slot, asked, places, piece, by=by, bar=bar)


def _believed(hit: tune.Placed) -> bool:
    return hit.wrong <= (1 - tune.FOUND) * len(hit.passage.notes)


def _in_turn(brief: Brief, bars: int, bar: float) -> list[tuple[float, float, float]]:
    """A row of chords under every telling of another tune, from the tune's own first bar on."""
    out: list[tuple[float, float, float]] = []
    for part in brief.sections:
        first, count = part.tune
        for at in range(min(count, part.bars)):
            place = (first - 1 + at) % bars
            out.append((place * bar, (place + 1) * bar, (part.first_bar - 1 + at - place) * bar))
    return out


def _with_chords(prompt: Prompt) -> Prompt | None:
    """The prompt with a score whose chords are its own, not invented for its tune; None where it has none."""
    from workbench.create.compose.chords import SPARSE
    from workbench.create.compose.tune import at_once

    score: Any = prompt.score
    if kind_of(prompt.understood) == "heard":
        return Prompt("notes", prompt.understood.score()) if prompt.understood.chords else None
    if score is None or not (score.chords or at_once(score) > SPARSE):
        return None
    return prompt
