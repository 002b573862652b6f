"""Fits the tables of :mod:`workbench.nets.harmony`: a layer for notes, one for heard sound, progressions and keys.

A few CPU minutes in all. The layers are small networks shared by all twelve roots (Adam, a fixed number of steps);
progressions and the chords of each key are counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from workbench.nets import harmony as nh
from workbench.nets.harmony import HIDDEN, KEY_HIDDEN, N_KEY, HarmonyRuntime, key_features
from workbench.tokens import chord_spans as cs
from workbench.training.harmony_data import Beats, of_piece, passages, spoilt_keys
from workbench.training.harmony_keys import keyed

STEPS, KEY_STEPS, AT_ONCE, RATE = 1500, 800, 192, 5e-3
#: So many spans are learnt from.
SPANS = 24_000
#: Passages of notes alone that the layer for heard sound also learns from.
UNHEARD = 40
#: Beats in a row that are learnt from at a time.
PASSAGE = 32
#: Until they are chosen on the validation side: strength of the layer, of the key's chords, and of a chord's rarity;
#: for notes and for heard sound.
WEIGHING = ((0.6, 0.3, 0.6), (0.6, 0.3, 0.6))


def table(found: Sequence[Beats], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features of about :data:`SPANS` spans: from each root (float16), of none, and the states asked for."""
    told: list[np.ndarray] = []
    extra: list[np.ndarray] = []
    asked: list[np.ndarray] = []
    sizes = np.array([len(one.state) for one in found], float)
    while sum(map(len, asked)) < min(SPANS, 4 * sizes.sum()):
        one = found[rng.choice(len(found), p=sizes / sizes.sum())]
        start = int(rng.integers(0, max(1, len(one.state) - PASSAGE)))
        cut = slice(start, start + PASSAGE)
        both = (None, None) if one.root is None or one.kind is None else (one.root[cut], one.kind[cut])
        by_root, of_none = cs.features(one.sound[cut].astype(np.float32), one.struck[cut].astype(np.float32), *both)
        known = one.state[cut] >= 0
        told.append(by_root[known].astype(np.float16))
        extra.append(of_none[known])
        asked.append(one.state[cut][known])
    return np.concatenate(told), np.concatenate(extra), np.concatenate(asked)


def layer(found: Sequence[Beats], steps: int, seed: int = 0) -> dict[str, np.ndarray]:
    """The weights of a layer, float32 by name, from passages of either kind."""
    import torch
    from torch.nn import functional as F

    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    by_root, of_none, asked = table(found, rng)
    wide, whole = by_root.shape[2], of_none.shape[1]
    kinds = len(cs.KINDS)

    def matrix(rows: int, columns: int) -> Any:
        return torch.nn.Parameter(torch.randn(rows, columns) * (2 / rows) ** 0.5)

    w: dict[str, Any] = {
        "first": matrix(wide, HIDDEN), "whole": matrix(whole, HIDDEN), "bias": torch.nn.Parameter(torch.zeros(HIDDEN)),
        "kind": matrix(HIDDEN, kinds), "kind_bias": torch.nn.Parameter(torch.zeros(kinds)),
        "none": torch.nn.Parameter(torch.zeros(2 * HIDDEN)), "none_bias": torch.nn.Parameter(torch.zeros(1)),
    }  # fmt: skip
    optimiser = torch.optim.AdamW(list(w.values()), RATE, weight_decay=1e-3)
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = RATE * min(1.0, (steps - step) / (0.5 * steps))
        rows = rng.integers(0, len(asked), AT_ONCE)
        x, g = torch.from_numpy(by_root[rows].astype(np.float32)), torch.from_numpy(of_none[rows])
        hidden = torch.relu(x @ w["first"] + (g @ w["whole"] + w["bias"])[:, None])
        chords = (hidden @ w["kind"] + w["kind_bias"]).flatten(1)
        pooled = torch.cat([hidden.mean(1), hidden.amax(1)], 1)
        logits = torch.cat([chords, (pooled @ w["none"] + w["none_bias"])[:, None]], 1)
        loss = F.cross_entropy(logits, torch.from_numpy(asked[rows]), label_smoothing=0.02)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    return {name: value.detach().numpy() for name, value in w.items()}


def progressions(found: Iterable[Beats]) -> dict[str, np.ndarray]:
    """``stay``, ``turn`` and ``often`` (log probabilities), counted."""
    kinds = len(cs.KINDS)
    stay, turn, often = np.full((4, 2), 2.0), np.zeros((kinds, 12, kinds)), np.ones(kinds + 1)
    for one in found:
        state, place = one.state, one.place
        known = (state[:-1] >= 0) & (state[1:] >= 0)
        before, after, where = state[:-1][known], state[1:][known], place[1:][known]
        np.add.at(stay, (where, (before == after).astype(int)), 1)
        changed = (before != after) & (before != cs.NONE) & (after != cs.NONE)
        b, a = before[changed], after[changed]
        np.add.at(turn, (b % kinds, (a // kinds - b // kinds) % 12, a % kinds), 1)
        np.add.at(often, np.where(state == cs.NONE, kinds, state % kinds)[state >= 0], 1)
    prior = turn.sum(axis=0, keepdims=True) / turn.sum()
    turn = turn + 60 * (0.9 * prior + 0.1 / turn[0].size)
    turn /= turn.sum(axis=(1, 2), keepdims=True)
    share = often / often.sum()
    share[:-1] /= 12
    stays = np.log(stay[:, 1] / stay.sum(axis=1))
    stays[nh.BETWEEN] = np.log(0.97)  # the corpora change on beats alone
    return {"stay": stays, "turn": np.log(turn), "often": np.log(share)}


def chords_in_keys() -> np.ndarray:
    """Log probability of each state in C major and C minor, [2, N_STATES], from the songs whose key is known."""
    kinds = len(cs.KINDS)
    counts = np.full((2, cs.N_STATES), 3.0)
    for piece, key in keyed("pop909_main", "train"):
        one = of_piece(piece)
        if one is None:
            continue
        chord = one.state[(one.state >= 0) & (one.state < cs.NONE)]
        moved = kinds * ((chord // kinds - key % 12) % 12) + chord % kinds
        counts[key // 12] += np.bincount(moved, minlength=cs.N_STATES)
    for mode in range(2):  # how rich a band's chords are does not tell the key: half of each count spreads over kinds
        rows = counts[mode, : cs.NONE].reshape(12, kinds)
        triads = rows.sum(axis=1, keepdims=True) * rows.sum(axis=0, keepdims=True) / rows.sum()
        counts[mode, : cs.NONE] = (0.85 * rows + 0.15 * triads).ravel()
    counts[:, cs.NONE] = counts.sum(axis=1) * 0.02
    return np.asarray(np.log(counts / counts.sum(axis=1, keepdims=True)))


def key_examples(runtime: HarmonyRuntime, side: str, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Passages of pieces whose key is known: features float32 [m, 12, N_KEY] and keys int64 [m]."""
    told, asked = [], []
    for corpus, cuts, most in (("pop909_main", 3, 650), ("folk", 1, 600), ("lieder", 1, 600)):
        for number, (piece, key) in enumerate(keyed(corpus, side)):  # type: ignore[arg-type]
            if number >= most:
                break
            for _ in range(cuts):
                sound, struck = spoilt_keys(piece, rng)
                length = len(sound) if rng.random() < 0.4 or corpus == "lieder" else int(rng.integers(16, 97))
                start = int(rng.integers(0, max(1, len(sound) - length + 1)))
                sound, struck = sound[start : start + length], struck[start : start + length]
                fit = runtime.fit(cs.features(sound, struck))
                told.append(key_features(sound, struck, np.exp(fit)))
                asked.append(key)
    return np.array(told, np.float32), np.array(asked)


def key_layer(told: np.ndarray, asked: np.ndarray, steps: int = KEY_STEPS) -> dict[str, np.ndarray]:
    """The weights that name keys."""
    import torch
    from torch.nn import functional as F

    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    w: dict[str, Any] = {
        "first": torch.nn.Parameter(torch.randn(N_KEY, KEY_HIDDEN) * (2 / N_KEY) ** 0.5),
        "bias": torch.nn.Parameter(torch.zeros(KEY_HIDDEN)),
        "mode": torch.nn.Parameter(torch.randn(KEY_HIDDEN, 2) * 0.3), "mode_bias": torch.nn.Parameter(torch.zeros(2)),
    }  # fmt: skip
    optimiser = torch.optim.AdamW(list(w.values()), 3e-3, weight_decay=3e-2)
    minor = asked >= 12
    odds = np.where(minor, 1 / max(1, minor.sum()), 1 / max(1, (~minor).sum()))  # as many of either mode
    odds = (odds / odds.sum() + 1 / len(odds)) / 2
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = 3e-3 * min(1.0, (steps - step) / (0.5 * steps))
        rows = rng.choice(len(asked), 128, p=odds)
        hidden = torch.relu(torch.from_numpy(told[rows]) @ w["first"] + w["bias"])
        hidden = torch.nn.functional.dropout(hidden, 0.1)
        logits = (hidden @ w["mode"] + w["mode_bias"]).transpose(1, 2).flatten(1)
        loss = F.cross_entropy(logits, torch.from_numpy(asked[rows]), label_smoothing=0.05)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    return {name: value.detach().numpy() for name, value in w.items()}


def fit(heard: Sequence[Beats] = ()) -> dict[str, np.ndarray]:
    """All tensors, float32; ``heard``: passages that the listening network heard (without: notes alone are fitted)."""
    rng = np.random.default_rng(0)
    notes = list(passages("train", rng, True, every=3))
    tensors = {f"notes.{name}": value for name, value in layer(notes, STEPS).items()}
    tensors |= {f"heard.{name}": value for name, value in layer(mixture(heard, notes, rng), STEPS).items()}
    tensors |= progressions(passages("train", rng, False, every=3))
    tensors["in_key"], tensors["weighing"] = chords_in_keys(), np.array(WEIGHING)
    tensors |= {"key.first": np.zeros((N_KEY, KEY_HIDDEN)), "key.bias": np.zeros(KEY_HIDDEN)}
    tensors |= {"key.mode": np.zeros((KEY_HIDDEN, 2)), "key.mode_bias": np.zeros(2)}
    tensors |= {
        f"key.{name}": value for name, value in key_layer(*key_examples(HarmonyRuntime(tensors), "train", rng)).items()
    }
    return {name: np.ascontiguousarray(value, np.float32) for name, value in tensors.items()}


def mixture(heard: Sequence[Beats], notes: Sequence[Beats], rng: np.random.Generator) -> list[Beats]:
    """What the layer for heard sound learns from: as heard, as heard by a network in doubt, and notes alone.

    On recordings unlike its training the network's word on chords is worth less, so that word must not be all.
    """
    alone = [_unheard(notes[at]) for at in rng.permutation(len(notes))[:UNHEARD]]
    return [*heard, *(_doubted(one, rng) for one in heard), *alone]


def _doubted(one: Beats, rng: np.random.Generator) -> Beats:
    if one.root is None or one.kind is None:
        return one
    share = rng.uniform(0.05, 0.7)
    noise = rng.dirichlet(np.ones(13), len(one.state)), rng.dirichlet(np.ones(8), len(one.state))
    root, kind = share * one.root + (1 - share) * noise[0], share * one.kind + (1 - share) * noise[1]
    return Beats(one.sound, one.struck, one.state, one.place, root.astype(np.float32), kind.astype(np.float32))


def _unheard(one: Beats) -> Beats:
    """A passage of notes as a network that hears nothing of chords would tell it."""
    count = len(one.state)
    root, kind = np.full((count, 13), 1 / 13, np.float32), np.full((count, 8), 1 / 8, np.float32)
    return Beats(one.sound, one.struck, one.state, one.place, root, kind)


def export(folder: Path, heard: Sequence[Beats] = ()) -> None:
    """Write ``harmony.safetensors`` into ``folder``."""
    from safetensors.numpy import save_file

    path = folder / nh.FILE
    save_file(fit(heard), path)
    path.chmod(0o644)
