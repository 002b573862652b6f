"""Which key a passage is in, from its notes or from what the score says.

Two documented ways: the correlation of the pitch-class distribution with the probe-tone profiles of Krumhansl and
Kessler (1982; values from C. L. Krumhansl, *Cognitive Foundations of Musical Pitch*, 1990, p. 30), and the scale
that holds most of the notes. The first knows major from minor, the second is sturdier on few notes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from workbench.score.score import Note, Score

#: Probe-tone ratings of the twelve pitch classes above the tonic.
MAJOR_PROFILE = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
MINOR_PROFILE = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])
MAJOR_SCALE = (0, 2, 4, 5, 7, 9, 11)
MINOR_SCALE = (0, 2, 3, 5, 7, 8, 10)
#: A written key is believed if its scale holds nearly as many of the notes as the best scale does. Many MIDI files
#: say "C major" whatever they are in.
BELIEF = 0.08


@dataclass(frozen=True, slots=True)
class KeyGuess:
    """A key: tonic as pitch class (0 = C), ``major`` or ``minor``, and how sure: 0.0 (no idea) to 1.0."""

    tonic: int
    mode: str = "major"
    confidence: float = 0.0

    @property
    def scale(self) -> tuple[int, ...]:
        """Pitch classes of the (natural) scale, ascending from the tonic."""
        return tuple((self.tonic + step) % 12 for step in (MAJOR_SCALE if self.mode == "major" else MINOR_SCALE))


def pitch_class_weights(notes: Iterable[Note]) -> np.ndarray:
    """How much each pitch class sounds: float64 [12], in ticks; zero-length notes count as one tick."""
    out = np.zeros(12)
    for note in notes:
        out[note.pitch % 12] += max(1, note.duration)
    return out


def estimate_key(weights: np.ndarray) -> KeyGuess:
    """The key whose Krumhansl-Kessler profile correlates best with ``weights`` (float [12], any unit).

    ``confidence`` is the lead over the best key of another scale, as a share of the best correlation. A passage
    with no notes, or with all twelve alike, is C major with confidence 0.
    """
    if weights.sum() <= 0 or np.ptp(weights) == 0:
        return KeyGuess(0)
    found: list[tuple[float, int, str]] = []
    for mode, profile in (("major", MAJOR_PROFILE), ("minor", MINOR_PROFILE)):
        found += [(float(np.corrcoef(weights, np.roll(profile, tonic))[0, 1]), tonic, mode) for tonic in range(12)]
    found.sort(key=lambda item: (-item[0], item[1], item[2]))
    score, tonic, mode = found[0]
    best = KeyGuess(tonic, mode)
    rival = next((s for s, t, m in found[1:] if set(KeyGuess(t, m).scale) != set(best.scale)), 0.0)
    return KeyGuess(tonic, mode, float(np.clip((score - rival) / max(score, 1e-9), 0.0, 1.0)))


def best_scale(weights: np.ndarray) -> tuple[int, float]:
    """Tonic of the major scale that holds the largest share of ``weights`` (float [12]), and that share, 0 to 1."""
    total = weights.sum()
    if total <= 0:
        return 0, 0.0
    shares = [share_in(weights, KeyGuess(tonic).scale) for tonic in range(12)]
    tonic = int(np.argmax(shares))
    return tonic, shares[tonic]


def share_in(weights: np.ndarray, pitch_classes: Iterable[int]) -> float:
    """Share of ``weights`` (float [12]) that lies on ``pitch_classes``, 0.0 to 1.0; 0.0 for no notes."""
    total = float(weights.sum())
    return float(weights[sorted(set(pitch_classes))].sum()) / total if total > 0 else 0.0


def written_key(score: Score, tick: int) -> KeyGuess | None:
    """The key that the score's key lane gives for ``tick``; None if it gives none."""
    now = [key for key in score.keys if key.tick <= tick]
    return KeyGuess(now[-1].tonic, now[-1].mode, 1.0) if now else None


def key_at(score: Score, tick: int, notes: Iterable[Note]) -> KeyGuess:
    """The key at ``tick``: the written one where ``notes`` (of the passage around) agree, else their own."""
    weights = pitch_class_weights(notes)
    written, heard = written_key(score, tick), estimate_key(weights)
    if written is not None:
        best = max(best_scale(weights)[1], share_in(weights, heard.scale))
        if weights.sum() <= 0 or share_in(weights, written.scale) >= best - BELIEF:
            return written
    tonic, share = best_scale(weights)
    if share_in(weights, heard.scale) < share - BELIEF:
        return KeyGuess(tonic, "major", heard.confidence)
    return heard
