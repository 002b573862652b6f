"""Where a taste is kept on a person's own machine: one small JSON file, there only if they asked for it."""

from __future__ import annotations

import json
from pathlib import Path

from workbench.create.idea import Idea
from workbench.create.taste.taste import Taste
from workbench.create.taste.traits import traits
from workbench.errors import BadFile
from workbench.hub.places import home, write_atomic


def taste_file() -> Path:
    """Where it is kept."""
    return home() / "taste.json"


def read() -> Taste | None:
    """The person's taste; None where they do not want anything learnt.

    Raises:
        BadFile: the file cannot be read.
        BadDocument: it holds no taste.
    """
    try:
        data = json.loads(taste_file().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as problem:
        raise BadFile(
            "What was learnt of your taste cannot be read; forget it with: workbench taste --forget"
        ) from problem
    return Taste.from_json(data)


def write(taste: Taste) -> None:
    """Keep it; raises :class:`Unavailable` where the folder cannot be written."""
    write_atomic(taste_file(), json.dumps(taste.to_json()) + "\n")


def forget() -> None:
    """Leave nothing of it."""
    taste_file().unlink(missing_ok=True)


def traits_of(idea: Idea) -> dict[str, float]:
    """The traits of an idea in the piece that it was made for, among the notes of the tracks that it writes in."""
    around = [note for track in idea.base.tracks if idea.notes.get(track.id) for note in track.notes.values()]
    if not around:
        around = [note for track in idea.base.tracks if not track.is_drum for note in track.notes.values()]
    return traits([note for notes in idea.notes.values() for note in notes], around, idea.base.ppq)


def ranked(ideas: list[Idea]) -> list[Idea]:
    """The ideas, the likeliest to be kept first; as they came where nothing is to be learnt or nothing is known."""
    taste = read()
    if taste is None:
        return ideas
    return [ideas[place] for place in taste.order([traits_of(idea) for idea in ideas])]
