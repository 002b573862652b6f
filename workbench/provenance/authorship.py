"""Who wrote what: counted from the authors that every note carries, and said in a plain sentence."""

from __future__ import annotations

from collections import Counter

from workbench.score.score import Score, Track


def by_author(track: Track) -> dict[str, int]:
    """Number of notes by author (``human``, ``imported``, ``model:<id>`` ...), most first."""
    return dict(Counter(note.author for note in track.notes.values()).most_common())


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


def _plain(author: str) -> str:
    together, _, name = author.rpartition("model:")
    return f"a person with {name}" if together else name
