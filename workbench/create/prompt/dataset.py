"""Examples for learning to follow instructions: mixtures of prompts, each with its sentence, its brief and its piece.

::

    write_dataset("prompts-to-music", 100, seed=1)

A folder as the Hugging Face Hub wants a data set: ``README.md`` with its header, ``train.jsonl`` with one example a
line, and the pieces as MIDI. Everything in it is made here: tunes and recordings are written by the workbench, videos
are described and not filmed. So it may be given away (CC0).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from workbench.create.compose.arrange import arrange
from workbench.create.compose.newtune import with_tune
from workbench.create.compose.styles import style_names
from workbench.create.prompt.brief import Brief
from workbench.create.prompt.plan import make_brief
from workbench.create.prompt.prompts import SLOTS, Prompt, Prompts
from workbench.create.prompt.tunes import of_chords, progression
from workbench.create.prompt.write import write
from workbench.errors import BadRequest
from workbench.fsutil import replacing_folder
from workbench.hub.protocol import CancelToken
from workbench.score.chordsymbols import symbol_of
from workbench.score.keys import KeyGuess
from workbench.score.lanes import Chord, Tempo
from workbench.score.score import Score
from workbench.understand.video.watched import Watched
from workbench.understand.words import read_words

MOST = 100_000
#: How likely each slot is part of a mixture.
CHANCES = {"words": 0.7, "voice": 0.25, "recording": 0.45, "picture": 0.25, "video": 0.4, "notes": 0.3}
_MOODS = ("calm", "happy", "sad", "dark", "dreamy", "epic", "playful", "solemn", "warm", "tense", "romantic", "cool")
_MORE = ("sparse", "busy", "for piano", "for strings", "for guitar and flute", "without drums", "in a minor key",
         "slow", "fast", "that builds up", "in 3/4", "at 96 bpm", "at 132 bpm")  # fmt: skip
_HEADER = """---
license: cc0-1.0
task_categories:
- text-generation
tags:
- music
- symbolic-music
- instruction-tuning
pretty_name: Prompts to music
configs:
- config_name: default
  data_files: train.jsonl
---

# Prompts to music

{count} mixtures of prompts (words, a tune, a recording's style, a score, a video's cuts), each with the sentence that
says what is asked, the brief that was made of it, and the piece that was written under the brief. Made by
`workbench compose --dataset {count} --seed {seed}`; nothing in it was written by, or recorded from, anybody else.

Each line of `train.jsonl` holds `id`, `seed`, `sentence`, `slots`, `prompts` (what was understood of each), `brief`,
`score` (tracks and notes as the workbench writes them) and `midi` (the same as a file).
"""


@dataclass(frozen=True)
class Example:
    """A mixture and what was made of it."""

    prompts: Prompts
    brief: Brief
    score: Score
    seed: int


def examples(count: int, *, seed: int = 0, cancel: CancelToken | None = None) -> Iterator[Example]:
    """Mixtures drawn by chance, each with its brief and its piece; equal seeds give equal examples.

    Raises:
        BadRequest: ``count`` is not 1 to 100,000.
        Cancelled: ``cancel`` was pulled.
    """
    if type(count) is not int or not 1 <= count <= MOST:
        raise BadRequest(f"A data set has 1 to {MOST:,} examples.")
    for number in range(count):
        own = int(np.random.default_rng([seed, number]).integers(2**31))
        prompts = mixture(np.random.default_rng(own))
        brief = make_brief(prompts, seed=own, fixed={"alternatives": 1})
        made = [step.composed for step in write(brief, prompts, cancel=cancel)][-1]
        assert made is not None
        yield Example(prompts, brief, made.score, own)


def mixture(rng: np.random.Generator) -> Prompts:
    """A mixture of at least one prompt."""
    slots = [slot for slot in SLOTS if rng.random() < CHANCES[slot]] or ["words"]
    makers: dict[str, Callable[[np.random.Generator], Any]] = {
        "words": _words, "voice": _tune, "recording": _recording, "picture": _tune, "video": _video, "notes": _tune,
    }  # fmt: skip
    strengths = [100 if rng.random() < 0.8 else int(rng.integers(5, 10)) * 10 for _ in slots]
    items = tuple(
        Prompt(slot, makers[slot](rng), strength=strength) for slot, strength in zip(slots, strengths, strict=True)
    )
    seconds = None if "video" in slots or rng.random() < 0.5 else float(rng.integers(10, 61))
    return Prompts(items, seconds, faithful=bool(rng.random() < 0.8))


def _words(rng: np.random.Generator) -> Any:
    chosen = [str(rng.choice(_MOODS)), *(str(word) for word in rng.choice(_MORE, int(rng.integers(0, 3)), False))]
    return read_words(", ".join(chosen))


def _tune(rng: np.random.Generator) -> Score:
    """A new tune of eight bars over a progression."""
    mode, tonic = ("major", "minor")[int(rng.integers(2))], int(rng.integers(12))
    row = [(root, kind, -1) for root, kind in progression(tonic, mode, "", int(rng.integers(8)))]
    metre = (3, 4) if rng.random() < 0.25 else (4, 4)
    source = with_tune(of_chords(row, 8, metre, KeyGuess(tonic, mode)), int(rng.integers(2**31)))
    score = source.tune_score()
    score.tempos = [Tempo(0, round(60e6 / float(rng.uniform(70, 140))))]
    return score


def _recording(rng: np.random.Generator) -> Score:
    """A piece of twelve bars in a style of the library, at a tempo of its own."""
    style, mode, tonic = str(rng.choice(style_names())), ("major", "minor")[int(rng.integers(2))], int(rng.integers(12))
    row = progression(tonic, mode, style, int(rng.integers(8)))
    chords = " ".join(symbol_of(Chord(0, 1, root, kind)) for root, kind in row)
    score = arrange(chords=chords, style=style, bars=12, seed=int(rng.integers(2**31))).score
    pace = float(rng.uniform(0.9, 1.1))
    score.tempos = [Tempo(item.tick, round(item.us_per_quarter * pace)) for item in score.tempos]
    return score


def _video(rng: np.random.Generator) -> Watched:
    """A video of 10 to 40 seconds with some cuts, and a motion that changes with them."""
    seconds = float(rng.uniform(10, 40))
    cuts, at = [], float(rng.uniform(1.5, 6))
    while at < seconds - 1:
        cuts.append(round(at, 3))
        at += float(rng.uniform(1.5, 7))
    levels = rng.uniform(0.05, 1.0, len(cuts) + 1)
    times = np.arange(0.0, seconds, 0.5)
    values = levels[np.searchsorted(cuts, times, side="right")]
    motion = tuple((float(time), round(float(value), 3)) for time, value in zip(times, values, strict=True))
    return Watched(round(seconds, 3), 25.0, 640, 360, cuts=tuple(cuts), motion=motion)


def write_dataset(
    directory: str | os.PathLike[str], count: int, *, seed: int = 0, cancel: CancelToken | None = None
) -> int:  # fmt: skip
    """Write a data set into a folder; returns how many examples it holds.

    Raises:
        BadRequest: ``count`` is not 1 to 100,000.
        Unavailable: the folder cannot be written, or holds other files.
        Cancelled: ``cancel`` was pulled; nothing is left behind.
    """
    from workbench.score.midi.files import write_midi

    with replacing_folder(Path(directory)) as work:
        (work / "midi").mkdir()
        with (work / "train.jsonl").open("w", encoding="utf-8") as lines:
            for number, example in enumerate(examples(count, seed=seed, cancel=cancel)):
                name = f"midi/{number:06d}.mid"
                (work / name).write_bytes(write_midi(example.score))
                row = {
                    "id": f"{seed}-{number:06d}", "seed": example.seed, "sentence": example.prompts.sentence(),
                    "slots": [item.slot for item in example.prompts.items], "prompts": example.prompts.to_json(),
                    "brief": example.brief.to_json(), "score": example.score.to_dict(), "midi": name,
                }  # fmt: skip
                lines.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
        text = _HEADER.replace("{count}", f"{count}").replace("{seed}", f"{seed}")
        (Path(work) / "README.md").write_text(text, encoding="utf-8")
        (Path(work) / "manifest.json").write_text(
            json.dumps({"examples": count, "seed": seed}) + "\n", encoding="utf-8"
        )
    return count
