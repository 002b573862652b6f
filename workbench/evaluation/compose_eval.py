"""How well composing obeys: every measure of the card, what it is without its prompt, and styles handed to others.

``python -m workbench.evaluation.compose_eval --count 8`` composes mixtures of held-out prompts and prints Markdown
tables; ``--only`` names some of the parts: ``mixtures`` (the card, and with each prompt left out in turn), ``styles``
(clips, and the same clips shuffled), ``curves`` (drawn loudness, beats and bar lines in the sound), ``tunes``
(faithful and varied, by themselves) and ``subsets`` (every subset of the six slots). Every value is measured by
:mod:`workbench.create.prompt.adhere` on the finished piece.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

import numpy as np

from workbench.create.prompt.adhere import measure_piece
from workbench.create.prompt.brief import Brief
from workbench.create.prompt.measures import style as style_measures
from workbench.create.prompt.measures.drawn import densities
from workbench.create.prompt.measures.shares import correlation, off_by
from workbench.create.prompt.measures.video import follows
from workbench.create.prompt.piece import Piece
from workbench.create.prompt.plan import make_brief, revised
from workbench.create.prompt.prompts import SLOTS, Prompt, Prompts
from workbench.create.prompt.write import write
from workbench.errors import WorkbenchError
from workbench.evaluation import compose_inputs as given
from workbench.evaluation.beat_report import f_measure
from workbench.understand.style import Style, style_of
from workbench.understand.style_compare import density_class

Rows = dict[str, list[float]]
#: The mixture whose prompts are left out one by one.
FOUR = ("words", "recording", "video", "notes")
#: What a value must reach so that its row counts as obeyed, by style mark.
TEMPO = 0.04


def composed(prompts: Prompts, seed: int = 0, changes: dict[str, object] | None = None) -> tuple[Brief, Piece]:
    """One alternative of a mixture, ready to be listened to."""
    brief = make_brief(prompts, seed=seed, fixed={"alternatives": 1})
    brief = revised(brief, prompts, changes) if changes else brief
    made = None
    for step in write(brief, prompts):
        made = step.composed
    assert made is not None
    return brief, Piece(made.score)


def mixtures(count: int) -> Iterator[str]:
    """The card of every mixture of four prompts, and what becomes of it with each of them left out."""
    lines: Rows = defaultdict(list)
    chances: Rows = defaultdict(list)
    without: dict[tuple[str, str], list[float]] = defaultdict(list)
    seconds: Rows = defaultdict(list)
    for number in range(count):
        prompts = given.mixture(number, FOUR).prompts
        began = time.process_time()
        brief, piece = composed(prompts, number)
        seconds["written"].append(time.process_time() - began)
        began = time.process_time()
        card = measure_piece(brief, prompts, piece)
        seconds["card"].append(time.process_time() - began)
        for line in card.prompts:
            lines[f"{line.slot}: {line.measure}"].append(line.value)
            chances[f"{line.slot}: {line.measure}"].append(line.chance)
        for left in FOUR:
            other = composed(prompts.without(left), number)[1]
            ablated = measure_piece(brief, prompts, other)
            for slot in FOUR:
                full, less = card.score(slot), ablated.score(slot)
                if full is not None and less is not None:
                    without[left, slot].append(100 * (full - less))
    yield table("Mixtures of four prompts", lines, chances)
    yield "| left out | " + " | ".join(FOUR) + " |\n|---|" + "---|" * len(FOUR)
    for left in FOUR:
        cells = [f"{np.mean(without[left, slot]):+.0f}" for slot in FOUR]
        yield f"| {left} | " + " | ".join(cells) + " |"
    yield "\nPoints by which each prompt's own number falls. " + ", ".join(
        f"{name}: {np.mean(values):.1f} s of one core" for name, values in seconds.items()
    )


def styles(count: int) -> Iterator[str]:
    """Clips as the only prompt: how often each mark is met, by the own clip and by another one's."""
    asked: list[Style] = []
    got: list[Style] = []
    for number in range(count):
        prompt = given.style(number)
        piece = composed(Prompts((prompt,)), number)[1]
        if piece.style is not None:
            asked.append(style_of(prompt.understood))
            got.append(piece.style)
    own = [marks(one, other) for one, other in zip(asked, got, strict=True)]
    turned = [marks(one, other) for one, other in zip(asked, [*got[3:], *got[:3]], strict=True)]
    rows = [f"| {name} | {np.mean([row[name] for row in own]):.2f} | {np.mean([row[name] for row in turned]):.2f} |"
            for name in own[0]]  # fmt: skip
    yield f"Styles of {len(own)} clips\n\n| mark | own clip | another's |\n|---|---|---|\n" + "\n".join(rows)
    lines = [style_measures.tempo("recording", one, other) for one, other in zip(asked, got, strict=True)]
    yield f"\nMean value of the card's tempo: {np.mean([line.value for line in lines if line is not None]):.2f}"


def marks(asked: Style, got: Style) -> dict[str, bool]:
    """The four marks of a style, each met or not, and whether all are."""
    out = {
        "tempo within 4 %": off_by(asked.tempo, got.tempo) <= TEMPO,
        "mode": asked.mode == got.mode,
        "density class": density_class(asked.rate) == density_class(got.rate),
        "a family": bool(set(asked.instruments) & set(got.instruments)) or not asked.instruments,
    }
    return out | {"all of these": all(out.values())}


def curves(count: int) -> Iterator[str]:
    """Drawn curves of loudness and of fullness, and what of them is in the piece; its beats as they are heard in it."""
    rows: Rows = defaultdict(list)
    for number in range(count):
        rng = np.random.default_rng([number, 3])
        prompts = Prompts((given.tune(number),), seconds=24.0)
        points = np.linspace(0.0, 24.0, 7)
        drawn = tuple((float(at), float(value)) for at, value in zip(points, rng.uniform(0.05, 1.0, 7), strict=True))
        _, piece = composed(prompts, number, {"dynamics": drawn})
        rows["dynamics, correlation"].append(follows(drawn, 24.0, piece)[0])
        full = tuple((float(at), float(value)) for at, value in zip(points, rng.uniform(0.0, 1.0, 7), strict=True))
        brief, other = composed(prompts, number, {"density": full})
        rows["density, correlation"].append(correlation(*densities(brief, other)))
        rows["density, the same without the curve"].append(correlation(*densities(brief, piece)))
        if piece.heard is not None:
            beats, found = piece.beats, piece.heard.beats
            inside = [np.array([t for t in times if t < piece.seconds]) for times in (beats.beats, beats.downbeats)]
            levels = [found, found.half_time(), found.double_time()] if len(found.beats) > 3 else [found]
            rows["beats F"].append(f_measure(inside[0], found.beats))
            rows["beats F, any level"].append(max(f_measure(inside[0], level.beats) for level in levels))
            rows["downbeats F"].append(f_measure(inside[1], found.downbeats))
    yield table("Drawn curves", rows)


def tunes(count: int) -> Iterator[str]:
    """Tunes by themselves, kept and varied, and a picture's tune with its chords."""
    rows: Rows = defaultdict(list)
    for number in range(count):
        for name, prompts in (
            ("faithful", Prompts((given.tune(number),))),
            ("varied", Prompts((given.tune(number),), faithful=False)),
            ("lead sheet", Prompts((Prompt("picture", given.chorded(number)),))),
        ):
            brief, piece = composed(prompts, number)
            for line in measure_piece(brief, prompts, piece).prompts:
                rows[f"{name}: {line.measure}"].append(line.value)
    yield table("Tunes", rows)


def texts(count: int) -> Iterator[str]:
    """Words by themselves, by measure."""
    rows: Rows = defaultdict(list)
    chances: Rows = defaultdict(list)
    for number in range(count):
        prompts = Prompts((given.words(number, alone=True),))
        brief, piece = composed(prompts, number)
        other = composed(Prompts(()), number)[1]
        for line in measure_piece(brief, prompts, piece).prompts:
            rows[line.measure].append(line.value)
        for line in measure_piece(brief, prompts, other).prompts:
            chances[line.measure].append(line.value)
    yield table("Words alone, and a piece made of nothing", rows, chances)


def subsets(count: int) -> Iterator[str]:
    """Every subset of the six slots: a piece with notes, or one plain sentence."""
    made, said, failed = 0, list[str](), list[str]()
    for size in range(1, len(SLOTS) + 1):
        for number, slots in enumerate(combinations(SLOTS, size)):
            try:
                piece = composed(given.mixture(number % max(1, count), slots).prompts, number)[1]
            except WorkbenchError as error:
                said.append(str(error))
            except Exception as error:  # what this looks for
                failed.append(f"{'+'.join(slots)}: {type(error).__name__}: {error}")
            else:
                made += bool(piece.notes)
    yield f"Subsets: {made} pieces, {len(said)} sentences, {len(failed)} failures\n" + "\n".join([*said, *failed])


def table(title: str, rows: Rows, chances: Rows | None = None) -> str:
    """Mean, spread and worst tenth of every row, and what chance gives."""
    head = ["measure", "n", "mean", "sd", "worst tenth", *(["chance"] if chances else [])]
    out = [title, "", f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    for name, values in rows.items():
        cells = [name, str(len(values)), *(f"{value:.2f}" for value in (
            np.mean(values), np.std(values), np.quantile(values, 0.1)))]  # fmt: skip
        if chances:
            cells.append(f"{np.mean(chances[name]):.2f}" if chances.get(name) else "")
        out.append(f"| {' | '.join(cells)} |")
    return "\n".join(out)


PARTS: dict[str, Callable[[int], Iterator[str]]] = {
    "mixtures": mixtures, "styles": styles, "curves": curves, "tunes": tunes, "texts": texts, "subsets": subsets,
}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--count", type=int, default=8)
    parser.add_argument("--only", nargs="*", choices=sorted(PARTS), default=list(PARTS))
    asked = parser.parse_args(arguments)
    for name in asked.only:
        for text in PARTS[name](asked.count):
            print(text, flush=True)
        print(flush=True)


if __name__ == "__main__":
    main()
