"""Do the chords found for a tune agree with the song's: by song, beside plain baselines, and for disturbed tunes.

A tune allows other chords than the song's, so agreement has a ceiling below one; *functional* counts a chord that
shares two tones with the song's.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from workbench.create.compose.progressions import Reading
from workbench.create.infill.around.chord_plan import KINDS, ChordModel
from workbench.nets.chords import ChordRuntime
from workbench.score.lanes import QUALITIES
from workbench.tokens import half_bars as hb
from workbench.training.chord_data import Tune, tunes
from workbench.training.chord_heard import heard_tunes
from workbench.training.corpora import PPQ
from workbench.training.splits import Split

HEARD = "heard"  #: as a track: the top line, with chords that were heard by rule in what plays below it
#: The sets: name, corpus, track, and whether the tune is sung badly first.
SETS = (
    ("POP909", "pop909_main", "MELODY", False),
    ("Open EWLD", "ewld", "", False),
    ("POP909, the second voice", "pop909_main", "BRIDGE", False),
    ("POP909, hummed badly", "pop909_main", "MELODY", True),
    ("Lieder", "lieder", HEARD, False),
    ("Polish scores", "polish", HEARD, False),
)
MOST = 80  #: songs of a set
_TONES = tuple(QUALITIES.values())
_MINOR = ("min", "min7", "dim")


def hummed(notes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A tune with one note in ten left out, one in twenty a step off, and beginnings 30 ticks off: int64 [m, 3]."""
    out = notes[rng.random(len(notes)) > 0.1].copy()
    wrong = rng.random(len(out)) < 0.05
    out[wrong, 2] += rng.choice([-2, -1, 1, 2], size=int(wrong.sum()))
    late = np.maximum(out[:, 0] + np.round(rng.normal(0.0, 30.0, len(out))).astype(np.int64), 0) - out[:, 0]
    out[:, :2] += late[:, None]
    return out[np.argsort(out[:, 0], kind="stable")]


def song(
    tune: Tune, notes: np.ndarray, runtime: ChordRuntime, before: ChordModel, rng: np.random.Generator
) -> dict[str, float]:
    """Shares of a song's half bars with a known chord, by measure."""
    known = tune.root >= 0
    truth, true_roots = tune.states(0), tune.root[known]
    reading = Reading(notes, tune.edges, tune.bar, PPQ, runtime=runtime)
    found = reading.progressions(3, rng)
    roots = [states // len(hb.KINDS) for states in found]
    right = [float((each[known] == true_roots).mean()) for each in roots]
    odds = reading.chain.odds().reshape(len(truth), 12, -1).sum(axis=2)
    ranks = (reading.home + np.argsort(-odds, axis=1)[known]) % 12 == true_roots[:, None]
    onset, end, key = notes.T
    tonic, states = before.progression(hb.sounding(onset, end, key, tune.edges), np.diff(tune.bar, prepend=-1) != 0)
    table = (states // len(KINDS) + tonic) % 12
    alike, third = [], []
    for at in np.flatnonzero(known):
        kind = int(found[0][at]) % len(hb.KINDS)
        own = {(int(roots[0][at]) + step) % 12 for step in hb.TONES[kind]}
        other = {(int(tune.root[at]) + step) % 12 for step in _TONES[tune.quality[at]]}
        same = roots[0][at] == tune.root[at]
        alike.append(bool(same or len(own & other) >= 2))
        minor = hb.KINDS[int(truth[at]) % len(hb.KINDS)] in _MINOR
        third.append(bool(same and (hb.KINDS[kind] in _MINOR) == minor))
    told = np.where(known & (np.arange(len(truth)) < len(truth) // 2), truth, -1)
    asked = known & (told < 0)
    (rest,) = Reading(notes, tune.edges, tune.bar, PPQ, told, runtime).progressions(1, rng)
    rest_right = rest[asked] // len(hb.KINDS) == tune.root[asked]
    return {
        "root": right[0], "best root of three": max(right),
        "among the two likeliest roots": float(ranks[:, :2].any(axis=1).mean()),
        "among the three likeliest": float(ranks[:, :3].any(axis=1).mean()), "root and third": float(np.mean(third)),
        "functional": float(np.mean(alike)),
        "root, first half told": float(rest_right.mean()) if asked.any() else 0.0,
        "bass": float((reading.basses(found[0])[known] == tune.bass[known]).mean()),
        "table of progressions": float((table[known] == true_roots).mean()),
        "always the tonic": float((true_roots == reading.home).mean()),
        "the song's chords shuffled": float((rng.permutation(true_roots) == true_roots).mean()),
    }  # fmt: skip


def measure(
    runtime: ChordRuntime, before: ChordModel, side: Split = "test"
) -> Iterator[tuple[str, list[dict[str, float]]]]:
    """Every set with its songs' figures."""
    rng = np.random.default_rng(0)
    for name, corpus, track, badly in SETS:
        rows = []
        for tune in itertools.islice(_tunes(corpus, side, track), MOST):
            if (tune.root >= 0).sum() >= 8:
                notes = hummed(tune.notes, rng) if badly else tune.notes
                rows.append(song(tune, notes, runtime, before, rng))
        yield name, rows


def _tunes(corpus: str, side: Split, track: str) -> Iterator[Tune]:
    return heard_tunes(corpus, side) if track == HEARD else tunes(corpus, side, track)


def table(rows: list[dict[str, float]]) -> str:
    """Mean, median and worst tenth of every measure, as a Markdown table."""
    lines = ["| measure | mean | median | worst tenth |", "|---|---|---|---|"]
    for measure_name in rows[0]:
        values = np.array([row[measure_name] for row in rows])
        lines.append(
            f"| {measure_name} | {values.mean():.3f} | {np.median(values):.3f} | {np.quantile(values, 0.1):.3f} |"
        )
    return "\n".join(lines)


def main(folder: Path, before: Path, target: Path | None = None) -> None:
    """Print the tables of the weights in ``folder`` beside the table ``before``; ``target``: also write JSON."""
    out = {}
    for name, rows in measure(ChordRuntime.load(folder), ChordModel.load(before)):
        print(f"{name}, {len(rows)} songs\n\n{table(rows)}\n", flush=True)
        out[name] = rows
    if target:
        target.write_text(json.dumps(out))
