"""Write and run the example notebook: ``python assets/examples/make_examples.py``."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbclient import NotebookClient

CELLS = [
    (
        "markdown",
        "# First steps\n\nA piece of music in a notebook: look at it, hear it, change it with your hands and with "
        "Python. Run the cells from top to bottom (Shift+Enter). No network is needed.",
    ),
    (
        "code",
        "from workbench import PianoRoll, Score, resources\n\n"
        'roll = PianoRoll(Score.open(resources.path("assets/pieces/opening.wbz")))\n'
        "roll",
    ),
    (
        "markdown",
        "Press Play. Draw a note, drag one, press Delete: whatever you do above is in `roll.score` here, and whatever "
        "you do here is seen and heard above.",
    ),
    (
        "code",
        "from workbench.score import edits\n\n"
        "melody = roll.score.tracks[0]\n"
        "roll.apply(edits.move_notes(roll.score, melody.id, list(melody.notes), ticks=0, semitones=12))\n"
        'print(f"{roll.score.title}: {roll.score.note_count} notes, {roll.revision} change")',
    ),
    ("code", "roll.undo()  # the octave; Undo in the widget does the same"),
    (
        "markdown",
        "Let a model fill two bars, and put its first idea in. It comes with its seed, so it can be made again, and "
        "`roll.undo()` takes it back.",
    ),
    (
        "code",
        "from workbench import infill\n\n"
        'idea = infill(roll.score, bars=(3, 4), tracks=[melody.name], model="markov", seed=1)[0]\n'
        'roll.apply(idea.operation, "model")\n'
        'print(f"{idea.note_count} notes by {idea.model}, seed {idea.seed}")',
    ),
    (
        "markdown",
        "More to try: `StemMixer(roll)` mixes the same piece; `PianoGenie()` turns eight buttons into a piano, and "
        '`genie.takes[-1]` is what you played; `roll.score.save("mine.mid")` takes the piece away.',
    ),
]


def main() -> None:
    """Run every cell and write the notebook beside this file, without what differs from run to run."""
    notebook = nbformat.v4.new_notebook()
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    make = {"markdown": nbformat.v4.new_markdown_cell, "code": nbformat.v4.new_code_cell}
    notebook.cells = [make[kind](text, id=f"step-{number}") for number, (kind, text) in enumerate(CELLS)]
    NotebookClient(notebook, timeout=300, store_widget_state=False).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    notebook.metadata.pop("language_info", None)
    nbformat.write(notebook, Path(__file__).with_name("first-steps.ipynb"))


if __name__ == "__main__":
    main()
