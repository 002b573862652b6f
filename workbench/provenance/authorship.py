"""Who wrote what: counted from the authors that every note carries, and said in a plain sentence."""

from __future__ import annotations

from collections import Counter
from typing import Any

from workbench.score.score import Score, Track


def by_author(track: Track) -> dict[str, int]:
    """Number of notes by author (``human``, ``imported``, ``model:<id>`` ...), most first."""
    return dict(Counter(note.author for note in track.notes.values()).most_common())


def shares(score: Score) -> dict[str, dict[str, float]]:
    """Who wrote how much of a piece: author -> its share (0 to 1) of the ``notes`` and of their ``time``, most first.

    One long note and one short one are the same share of the notes, and not of the time. Shares of time are of all
    lengths in ticks added up; where all notes have no length they are those of the notes.
    """
    notes: Counter[str] = Counter()
    ticks: Counter[str] = Counter()
    for _, note in score.all_notes():
        notes[note.author] += 1
        ticks[note.author] += note.duration
    count, length = notes.total(), ticks.total()
    return {
        author: {
            "notes": round(number / count, 4),
            "time": round(ticks[author] / length if length else number / count, 4),
        }
        for author, number in notes.most_common()
    }


def edited(score: Score) -> dict[str, Any]:
    """How many notes were changed after they were written (``notes``), and how many by whom (``by``)."""
    by = Counter(who for _, note in score.all_notes() for who in note.edited_by)
    return {
        "notes": sum(bool(note.edited_by) for _, note in score.all_notes()), "by": dict(sorted(by.items())),
    }  # fmt: skip


def models(score: Score) -> list[str]:
    """Ids of the models that wrote notes still in the score, alone or together with a person; sorted."""
    found = {note.author.split("model:", 1)[1] for _, note in score.all_notes() if "model:" in note.author}
    return sorted(found)


def statement(score: Score) -> str:
    """One plain sentence on which parts a model wrote, to keep inside exported files."""
    parts = []
    for track in score.tracks:
        made = {name: count for name, count in by_author(track).items() if "model:" in name}
        if made:
            who = ", ".join(f"{count} by {_plain(name)}" for name, count in made.items())
            parts.append(f"{track.name or track.id}: {who} of {len(track.notes)} notes")
    if not parts:
        return "Made with the Music Workbench. No part was written by a model."
    return f"Made with the Music Workbench. Written by a model: {'; '.join(parts)}."


def summary(authors: Any) -> str:
    """Shares as a sentence: ``82 % of the notes are by a person, 18 % by the model markov``; "" where there are none.

    Args:
        authors: as :func:`shares` gives them; what a stranger's file holds instead is passed over.
    """
    people: dict[str, float] = {}
    for author, share in authors.items() if isinstance(authors, dict) else ():
        part = share.get("notes") if isinstance(share, dict) else None
        if isinstance(author, str) and isinstance(part, (int, float)) and 0 < part <= 1:
            people[_who(author[:120])] = people.get(_who(author[:120]), 0.0) + part
    most = sorted(people.items(), key=lambda item: -item[1])[:6]
    said = [f"{_percent(part)} by {who}" for who, part in most]
    return f"Of the notes, {', '.join(said)}" if said else ""


def _percent(part: float) -> str:
    return "less than 1 %" if 0 < part < 0.005 else f"{round(100 * part)} %"


def _who(author: str) -> str:
    if author == "human":
        return "a person"
    if author == "imported":
        return "whoever wrote the file that was opened"
    model = f"the model {author.split('model:', 1)[-1]}"
    return f"a person together with {model}" if author.startswith("human+") else model


def _plain(author: str) -> str:
    together, _, name = author.rpartition("model:")
    return f"a person with {name}" if together else name
