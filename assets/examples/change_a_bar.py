"""Open a piece, let a model change one bar of its tune, and keep the result as sound, MIDI and notation.

Run it with ``python assets/examples/change_a_bar.py [PIECE.mid]``; the files land in the folder ``out``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from workbench import Score, infill, resources
from workbench.sound.files import write_audio
from workbench.sound.render import render


def main() -> None:
    """Change bar 3 of the first track, in three ways, and keep the first."""
    source = sys.argv[1] if len(sys.argv) > 1 else resources.path("assets/pieces/opening.wbz")
    score = Score.open(source)
    ideas = infill(score, bars=(3, 3), tracks=[1], count=3, seed=7, controls={"density": 70})
    for number, idea in enumerate(ideas, 1):
        print(f"idea {number}: {idea.note_count} notes by {idea.model}, seed {idea.seed}")
    changed = ideas[0].score()
    folder = Path("out")
    folder.mkdir(exist_ok=True)
    changed.save(folder / "changed.mid")
    changed.save(folder / "changed.musicxml")
    write_audio(render(changed), folder / "changed.mp3")
    print(f"kept in {folder}/")


if __name__ == "__main__":
    main()
