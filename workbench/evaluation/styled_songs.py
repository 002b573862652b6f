"""Songs for training whose every note may be passed on: tunes of Open EWLD, played by the bands of the style library.

    python -m workbench.evaluation.styled_songs FOLDER [--styles 4]

writes projects into ``FOLDER`` (``WORKBENCH_DATA_DIR/styled_songs`` is where :mod:`workbench.training.corpora` looks
for them). The tunes and their chords are the scores' own, the bands are fitted to them by the arranger, whose patterns
are this project's; no network takes part. ``styled.tsv`` names the tune behind each file.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from workbench.create.compose.arrange import arrange
from workbench.create.compose.styles import load_style, style_names
from workbench.errors import WorkbenchError
from workbench.score.score import Score
from workbench.training.corpora import data_dir

#: A tune with fewer chords than this is no song that a band could play.
MIN_CHORDS = 6
#: Share of the songs that are played by styles of another metre (the arranger fits them).
OTHER_METRE = 0.15


def styles_for(score: Score, count: int, rng: np.random.Generator) -> list[str]:
    """Ids of ``count`` different styles, most of them written in the metre in which the tune begins."""
    metre = (score.meters[0].numerator, score.meters[0].denominator) if score.meters else (4, 4)
    names = list(style_names())
    own = np.array([load_style(name).metre == metre for name in names])
    weight = np.where(own, 1.0, OTHER_METRE if own.any() else 1.0)
    order = rng.choice(len(names), len(names), replace=False, p=weight / weight.sum())
    return [names[place] for place in order[:count]]


def write(folder: Path, source: Path, count: int) -> int:
    """Arrange every tune below ``source`` (MusicXML) in ``count`` styles; returns how many songs were written."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for number, path in enumerate(sorted(source.rglob("*.musicxml"))):
        try:
            score = Score.open(path)
        except WorkbenchError:
            continue
        if len(score.chords) < MIN_CHORDS:
            continue
        rng = np.random.default_rng(number)
        for style in styles_for(score, count, rng):
            name = f"{number:04d}-{style}.wbz"
            try:
                made = arrange(score, style=style, seed=int(rng.integers(2**31)), humanise=0, join=0)
            except WorkbenchError:
                continue  # an odd metre, or too long: other tunes remain
            made.score.save(folder / name)
            rows.append(f"{name}\tewld/{path.parent.name}/{path.stem}")
        if number % 20 == 0:
            print(number, len(rows), flush=True)
    (folder / "styled.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return len(rows)


def main(arguments: list[str] | None = None) -> None:
    """Command line; see the module."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--styles", type=int, default=4, help="how many bands play each tune")
    options = parser.parse_args(arguments)
    print(write(options.folder, data_dir() / "open_ewld_xml", options.styles), "songs")


if __name__ == "__main__":
    main()
