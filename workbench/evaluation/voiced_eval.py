"""Whether a band fits the voice it was made for: chords under strong beats, and true pairings beside shuffled ones.

Tunes of held-out songs stand in for what was heard of a voice, so that this measures the band, not the ear::

    python -m workbench.evaluation.voiced_eval --tunes 30
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from workbench.create.compose.chords import chords_of
from workbench.create.infill.extend import accompany
from workbench.create.voiced.under import chords_under
from workbench.score.keys import MAJOR_SCALE, MINOR_SCALE, key_at
from workbench.score.score import Note, Score
from workbench.score.timemap import TimeMap

STYLES = ("band", "jazz", "pop-ballad", "bossa")


def strong(score: Score) -> list[Note]:
    """The notes of the tune that sound on the first or the third quarter of a bar, for a half at least of a beat."""
    times, out = TimeMap(score), []
    for note in score.tracks[0].sorted_notes():
        begin = times.bar_at(note.start).start
        half = 2 * score.ppq
        at = begin + -(-(note.start - begin) // half) * half
        if at < note.end and min(note.end, at + score.ppq) - max(at, note.start) >= score.ppq // 2:
            out.append(note)
    return out


def on_chords(score: Score) -> tuple[float, float]:
    """Shares of the strong notes that belong to their chord, and that belong to it or to the key."""
    chords = chords_of(score)
    key = key_at(score, 0, score.tracks[0].sorted_notes())
    scale = {(key.tonic + step) % 12 for step in (MAJOR_SCALE if key.mode == "major" else MINOR_SCALE)}
    chord_tones, fitting, notes = 0, 0, strong(score)
    for note in notes:
        middle = note.start + note.duration // 2
        under = next((item for item in chords if item.tick <= middle < item.tick + item.duration), None)
        inside = under is not None and note.pitch % 12 in under.pitch_classes
        chord_tones += inside
        fitting += inside or note.pitch % 12 in scale
    return chord_tones / max(1, len(notes)), fitting / max(1, len(notes))


def agreement(tune: Sequence[Note], band: Sequence[Note], step: int) -> float:
    """How far a band sounds what the tune sings: over time, the share of the band's notes a consonance away from it,
    a beat struck together with it counting as well."""
    end = max(note.end for note in tune)
    places = np.arange(0, end, step)
    sung = np.full(len(places), -1)
    for note in tune:
        sung[(places >= note.start) & (places < note.end)] = note.pitch % 12
    chroma = np.zeros((len(places), 12))
    for note in band:
        chroma[(places >= note.start) & (places < note.end), note.pitch % 12] = 1
    shares = []
    for place in np.flatnonzero(sung >= 0):
        if chroma[place].any():
            intervals = (np.flatnonzero(chroma[place]) - sung[place]) % 12
            shares.append(np.isin(intervals, (0, 3, 4, 5, 7, 8, 9)).mean())
    return float(np.mean(shares)) if shares else 0.0


def auc(true: Any, other: Any) -> float:
    """The chance that a true pairing scores above a shuffled one."""
    a, b = np.array(true)[:, None], np.array(other)[None]
    return float((a > b).mean() + 0.5 * (a == b).mean())


def report(tunes: Sequence[Score], seed: int = 0) -> dict[str, Any]:
    """The figures over some tunes, each with one band."""
    before, chords, fits, bands = [], [], [], []
    for number, tune in enumerate(tunes):
        before.append(on_chords(tune)[0])
        tune.chords = list(chords_under(tune))  # as a band for a voice has them
        found = on_chords(tune)
        chords.append(found[0])
        fits.append(found[1])
        idea = accompany(tune, style=STYLES[number % len(STYLES)], seed=seed + number)[0]
        pitched = [track.id for track in idea.score().tracks if not track.is_drum]
        bands.append([note for own in pitched for note in idea.notes.get(own, ())])
    melodies = [tune.tracks[0].sorted_notes() for tune in tunes]
    score = np.array([[agreement(tune, band, 240) for band in bands] for tune in melodies])
    same = np.eye(len(tunes), dtype=bool)
    return {
        "strong notes on a chord tone": spread(chords), "under the likeliest chords": spread(before),
        "or in the key": spread(fits),
        "true": spread(score[same]), "shuffled": spread(score[~same]), "auc": round(auc(score[same], score[~same]), 3),
    }  # fmt: skip


def spread(values: Any) -> dict[str, float]:
    """Mean, standard deviation, worst tenth."""
    found = np.asarray(values, np.float64)
    return {
        "mean": round(float(found.mean()), 3), "sd": round(float(found.std()), 3),
        "worst tenth": round(float(np.quantile(found, 0.1)), 3),
    }  # fmt: skip


def main() -> None:
    """Print the figures as JSON."""
    from workbench.evaluation.arrange_tunes import tunes
    from workbench.training import corpora

    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--tunes", type=int, default=30)
    chosen = options.parse_args()
    pieces = [piece for piece in corpora.pieces("pop909_main") if piece.split == "test"]
    print(json.dumps(report(tunes(pieces, chosen.tunes)), indent=1))


if __name__ == "__main__":
    main()
