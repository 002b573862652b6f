"""Fits the regressions of :mod:`workbench.nets.colour` on the scenes that the listening network learns from.

Their files hold spectra but not who plays: the scenes are drawn again from their seed, and a file whose targets then
differ is left out. How often a tag is right where it is said (``hits``) is counted on the validation scenes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from workbench.nets.colour import FAMILIES, FILE, GENRES, Colour, figures
from workbench.training.corpora import DRUMS
from workbench.training.listen_data import A_FILE, targets
from workbench.training.listen_scenes import SECONDS, Scene, Scenes
from workbench.training.splits import Split

GENRE_OF = {
    "pop909_main": 0, "pop909_cl": 0, "lieder": 1, "quartets": 1, "polish": 1, "giantmidi": 1, "folk": 2, "freedoom": 3,
}  # fmt: skip
STEPS = 400
#: A family whose guesses are right less often than this is never named.
LEAST = 0.4


@dataclass(frozen=True)
class Examples:
    """By scene: ``colour`` [n, N_COLOUR], ``plays`` bool [n, families], ``figures``, ``genre`` (-1: none of them)."""

    colour: np.ndarray
    plays: np.ndarray
    figures: np.ndarray
    genre: np.ndarray


def plays(scene: Scene) -> np.ndarray:
    """Which families have at least two notes in a scene, bool [families]."""
    programs = scene.notes[:, 4].astype(int)
    out = []
    for name, ranges in FAMILIES.items():
        mine = programs == DRUMS if name == "drums" else np.isin(programs, [item for one in ranges for item in one])
        out.append(mine.sum() >= 2)
    return np.array(out)


def examples(folder: Path, side: Split, seed: int, files: Iterable[int]) -> Examples:
    """Scenes of the files ``side-seed-number`` that were drawn in one go from number 0."""
    wanted = sorted(files)
    scenes = Scenes(side, seed * 10_007)
    rng = np.random.default_rng(seed)
    rows: list[tuple[np.ndarray, np.ndarray, np.ndarray, int]] = []
    for number in range(wanted[-1] + 1):
        drawn = [scenes.draw() for _ in range(A_FILE)]
        path = folder / f"{side}-{seed:03d}-{number:04d}.npz"
        if number not in wanted or not path.exists():
            continue
        with np.load(path) as packed:
            if not np.array_equal(packed["onset"][0], targets(drawn[0])["onset"]):
                continue
        spectra = np.load(path.with_suffix(".npy"), mmap_mode="r")
        for scene, bins in zip(drawn, spectra, strict=True):
            colour = Colour()
            colour.add(np.asarray(bins, np.float32))
            rows.append((colour.read(), plays(scene), _figures(scene, rng), GENRE_OF.get(scene.facts["corpus"], -1)))
    colours, who, told, genre = zip(*rows, strict=True)
    return Examples(np.array(colours), np.array(who), np.array(told), np.array(genre))


def _figures(scene: Scene, rng: np.random.Generator) -> np.ndarray:
    """Figures of a scene's notes, some of which are missed or wrong as a transcription's are."""
    drums = scene.notes[:, 4] == DRUMS
    notes = scene.notes[~drums][:, :4]
    kept = notes[rng.random(len(notes)) > rng.uniform(0, 0.4)]
    ghosts = kept[rng.random(len(kept)) < 0.06] + np.array([0, 0, 12, -20])
    return figures(np.concatenate([kept, ghosts]), scene.notes[drums][:, 0], SECONDS)


def regression(told: np.ndarray, asked: np.ndarray, *, one_of: bool, decay: float) -> dict[str, np.ndarray]:
    """Weights, bias, mean and spread of a logistic regression; ``asked`` bool [n, k], or class numbers (``one_of``)."""
    import torch
    from torch.nn import functional as F

    mean, spread = told.mean(axis=0), told.std(axis=0) + 1e-3
    x = torch.from_numpy(np.clip((told - mean) / spread, -4, 4).astype(np.float32))
    count = len(GENRES) if one_of else asked.shape[1]
    y = torch.from_numpy(asked.astype(np.int64) if one_of else asked.astype(np.float32))
    weights = torch.zeros(told.shape[1], count, requires_grad=True)
    bias = torch.zeros(count, requires_grad=True)
    share = np.bincount(asked, minlength=count) if one_of else np.ones(1)
    balance = torch.from_numpy((share.sum() / np.maximum(share, 1) / count).astype(np.float32))  # all genres as likely
    optimiser = torch.optim.Adam([weights, bias], 0.03)
    for _ in range(STEPS):
        logits = x @ weights + bias
        loss = (
            F.cross_entropy(logits, y, weight=balance) if one_of else F.binary_cross_entropy_with_logits(logits, y)
        ) + decay * weights.square().sum()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    return {
        "weights": weights.detach().numpy(), "bias": bias.detach().numpy(), "mean": mean, "spread": spread,
    }  # fmt: skip


def _logits(told: np.ndarray, w: dict[str, np.ndarray]) -> np.ndarray:
    return np.asarray(np.clip((told - w["mean"]) / w["spread"], -4, 4) @ w["weights"] + w["bias"])


def fit(train: Examples, valid: Examples) -> tuple[dict[str, np.ndarray], str]:
    """The tables, and a Markdown table of what they are worth on the validation scenes."""
    lines = ["| tag | in share of scenes | found (recall) | right where said (precision) |", "|---|---|---|---|"]
    family = regression(train.colour, train.plays, one_of=False, decay=1e-3)
    odds = 1 / (1 + np.exp(-_logits(valid.colour, family)))
    hits, thresholds = [], []
    for number, name in enumerate(FAMILIES):
        true = valid.plays[:, number]
        grid = np.linspace(0.15, 0.9, 31)
        scores = [_f(odds[:, number] >= level, true) for level in grid]
        level = float(grid[int(np.argmax(scores))])
        said = odds[:, number] >= level
        hit = float(true[said].mean()) if said.any() else 0.0
        hits.append(hit)
        thresholds.append(level if hit >= LEAST else 2.0)
        lines.append(f"| {name} | {true.mean():.2f} | {said[true].mean() if true.any() else 0:.2f} | {hit:.2f} |")
    family |= {"hits": np.array(hits), "threshold": np.array(thresholds)}
    known = train.genre >= 0
    genre = regression(train.figures[known], train.genre[known], one_of=True, decay=1e-3)
    asked = valid.genre >= 0
    said = _logits(valid.figures[asked], genre).argmax(axis=1)
    true = valid.genre[asked]
    for number, name in enumerate(GENRES):
        mine = said == number
        recall = float(mine[true == number].mean()) if (true == number).any() else 0.0
        lines.append(
            f"| {name} | {(true == number).mean():.2f} | {recall:.2f} | "
            f"{(true[mine] == number).mean() if mine.any() else 0:.2f} |"
        )
    rates = [float((true[said == number] == number).mean()) if (said == number).any() else 0.0 for number in range(4)]
    genre |= {"hits": np.array(rates), "threshold": np.full(len(GENRES), 0.4)}
    tables = {f"family.{name}": value for name, value in family.items()}
    tables |= {f"genre.{name}": value for name, value in genre.items()}
    return {name: np.ascontiguousarray(value, np.float32) for name, value in tables.items()}, "\n".join(lines)


def _f(said: np.ndarray, true: np.ndarray) -> float:
    return float(2 * (said & true).sum() / max(1, said.sum() + true.sum()))


def export(target: Path, train: Examples, valid: Examples) -> str:
    """Write ``tags.safetensors`` into a folder; returns the table of what they are worth."""
    from safetensors.numpy import save_file

    tables, text = fit(train, valid)
    save_file(tables, target / FILE)
    (target / FILE).chmod(0o644)
    return text
