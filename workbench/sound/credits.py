"""Who wrote the notes of a score: counts by author, and one plain remark to store inside exported files."""

from __future__ import annotations

from collections import Counter

import workbench
from workbench.score.document import Score, Track


def author_counts(track: Track) -> dict[str, int]:
    """Number of notes by author (``human``, ``imported``, ``model:<id>``, ``human+model:<id>``), sorted by name."""
    return dict(sorted(Counter(note.author for note in track.notes.values()).items()))


def authorship_note(score: Score) -> str:
    """A few plain sentences: which tracks a model wrote, wholly or in part, and which came from a person or file."""
    from workbench.sound.render import stem_name

    parts = [f"Made with Music Workbench {workbench.__version__}."]
    by_model, others = [], []
    for track in score.tracks:
        counts = author_counts(track)
        total = sum(counts.values())
        models = {author.split("model:")[1]: count for author, count in counts.items() if "model:" in author}
        if models:
            who = ", ".join(f"{count} of {total} notes by the model {name}" for name, count in models.items())
            by_model.append(f"{stem_name(track)}: {who}")
        elif total:
            others.append(stem_name(track))
    if by_model:
        parts.append("Written by a model, wholly or in part: " + "; ".join(by_model) + ".")
    if others:
        parts.append("Written without a model: " + ", ".join(others) + ".")
    return " ".join(parts)
