"""Prompts to measure composing with: tunes of held-out songs, clips of other songs as style, procedural videos, words.

Everything follows from a number, so that the same mixture can be made again; nothing here was trained on.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

import numpy as np

from workbench.create.prompt.prompts import Prompt, Prompts
from workbench.evaluation.arrange_tunes import tunes
from workbench.score.score import Score
from workbench.sound.audio import Audio
from workbench.understand.heard import Heard
from workbench.understand.video.watched import Watched
from workbench.understand.words import read_words

#: Texts that speak of what no other prompt of a mixture decides: who plays besides, how loud and how high.
TEXTS = (
    "loud, with organ and brass", "very quiet, with harp and flute", "loud and low, with cello",
    "quiet, with vibraphone and without drums", "very loud, with trumpet and church organ",
    "soft and high, with music box and harp",
)  # fmt: skip
#: Texts that decide by themselves.
ALONE = (
    "120 bpm in D minor with organ", "a slow waltz in G major", "sad and sparse, with cello, 30 seconds",
    "happy, 140 bpm, without drums", "bossa nova in E minor with flute", "16 bars of rock at 132 bpm in A major",
    "lullaby, very quiet, with music box", "epic, loud, brass and drums, 24 seconds", "funk at 104 bpm with organ",
    "a dark, slow piece for strings, no drums",
)  # fmt: skip


@functools.lru_cache(maxsize=1)
def songs(count: int = 64) -> tuple[Score, ...]:
    """Phrases of eight bars of held-out songs of POP909, one track each."""
    from workbench.training import corpora

    return tuple(tunes(list(corpora.pieces("pop909_main", "test"))[: 2 * count], count, (8,)))


@functools.lru_cache(maxsize=1)
def clips(count: int = 24) -> tuple[tuple[str, Heard], ...]:
    """Clips of held-out works, rendered with a soundfont of their own, as the listening layer hears them."""
    import pickle

    from workbench.evaluation.listen_clips import clips as make
    from workbench.training.corpora import train_dir
    from workbench.understand.transcribe import transcribe

    kept = train_dir() / f"compose-clips-{count}.pickle"
    if kept.exists():
        found: tuple[tuple[str, Heard], ...] = pickle.loads(kept.read_bytes())  # written below
        return found
    out = []
    for kind, share in (("band", 2), ("piano", 4), ("guitar", 8), ("choir", 8)):
        for clip in make(kind, count // share, seconds=15.0):
            heard = transcribe(Audio(clip.sound.astype(np.float32)[:, None], clip.rate), "auto")
            out.append((clip.name, replace(heard, picture=None, curve=None)))
    kept.write_bytes(pickle.dumps(tuple(out)))
    return tuple(out)


def words(number: int, *, alone: bool = False) -> Prompt:
    """Words; ``alone``: that decide everything by themselves."""
    texts = ALONE if alone else TEXTS
    return Prompt("words", read_words(texts[number % len(texts)]))


def tune(number: int) -> Prompt:
    """A tune as notes, in its song's key and tempo."""
    return Prompt("notes", songs()[number % len(songs())])


def style(number: int) -> Prompt:
    """A clip as a recording whose style is to be followed."""
    found = clips()
    return Prompt("recording", found[number % len(found)][1], ("style",), rights="licensed")


def chorded(number: int) -> Score:
    """A tune of a held-out song with the chords that its song has, as a picture of a lead sheet gives it."""
    from workbench.create.compose.chords import harmonisations

    score = songs()[(number + 17) % len(songs())].copy()
    score.chords = list(harmonisations(score, count=1)[0])
    return score


def video(number: int, seconds: float | None = None) -> Prompt:
    """A procedural video: cuts at random, motion that changes with them, as :mod:`workbench.understand.video` says."""
    rng = np.random.default_rng([number, 7])
    seconds = float(rng.uniform(16.0, 24.0)) if seconds is None else seconds
    cuts, at = [], float(rng.uniform(1.2, 4.0))
    while at < seconds - 1.2:
        cuts.append(round(at, 3))
        at += float(rng.uniform(1.2, 5.0))
    edges = [0.0, *cuts, seconds]
    levels = rng.uniform(0.1, 1.0, len(edges) - 1)
    times = np.arange(0.0, seconds, 0.2)
    level = levels[np.clip(np.searchsorted(edges, times, side="right") - 1, 0, len(levels) - 1)]
    moving = np.clip(level + 0.08 * rng.standard_normal(len(times)), 0.0, 1.0)
    motion = tuple((float(time), float(value)) for time, value in zip(times, moving, strict=True))
    return Prompt("video", Watched(seconds, 25.0, 640, 360, cuts=tuple(cuts), motion=motion))


@dataclass(frozen=True)
class Mixture:
    """A mixture of prompts by its number."""

    number: int
    prompts: Prompts


def mixture(number: int, slots: tuple[str, ...] = ("words", "recording", "video", "notes")) -> Mixture:
    """A mixture of these slots; prompts of a slot are drawn by the number."""
    made = []
    for slot in slots:
        if slot == "words":
            made.append(words(number))
        elif slot == "recording":
            made.append(style(3 * number + 1))
        elif slot == "video":
            made.append(video(number))
        elif slot == "notes":
            made.append(tune(number))
        elif slot == "picture":
            made.append(Prompt("picture", chorded(number)))
        else:
            made.append(Prompt("voice", songs()[(number + 31) % len(songs())]))
    return Mixture(number, Prompts(tuple(made)))
