"""Simulated players: what the Genie does under hands that no piece has prepared it for.

A stepwise walk moves by -2, -1, 0, 1 or 2 buttons with odds 1:2:1:2:1 (moves off the edge are drawn again) and waits
0.15, 0.3, 0.3 or 0.6 s between presses. The measures compare what the hands did with what sounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from workbench.create.genie.play import GeniePlayer
from workbench.hub.tasks.genie.chords import NO_CHORD, PlayChord, parse_symbol
from workbench.hub.tasks.genie.request import GenieSettings
from workbench.nets.genie_numpy import GenieDecoder

UNMASKED = {"direction": False, "loyal": False, "max_leap": 0, "chords": "off"}


@dataclass(frozen=True)
class Line:
    """What was pressed and what sounded: int64 [n] buttons and pitches."""

    buttons: np.ndarray
    pitches: np.ndarray


def walk(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A stepwise walk: buttons, int64 [count], and times in seconds, float64 [count]."""
    rng = np.random.default_rng(seed)
    buttons = np.zeros(count, np.int64)
    place = int(rng.integers(8))
    for index in range(count):
        if index:
            step = 8
            while not 0 <= place + step <= 7:
                step = int(rng.choice([-2, -1, 0, 1, 2], p=np.array([1, 2, 1, 2, 1]) / 7))
            place += step
        buttons[index] = place
    return buttons, np.cumsum(rng.choice([0.15, 0.3, 0.3, 0.6], count))


def play(
    decoder: GenieDecoder, settings: GenieSettings, buttons: Iterable[int], times: Iterable[float], seed: int,
    chords: Sequence[PlayChord] = (), notes_a_chord: int = 16,
) -> Line:  # fmt: skip
    """Press the buttons; ``chords`` change every ``notes_a_chord`` presses, round and round."""
    player = GeniePlayer(settings, seed, decoder)
    pressed = [int(button) for button in buttons]
    pitches = [
        player.press(button, float(time), chords[index // notes_a_chord % len(chords)] if chords else NO_CHORD)
        for index, (button, time) in enumerate(zip(pressed, times, strict=True))
    ]
    return Line(np.array(pressed, np.int64), np.array(pitches, np.int64))


def loyalty(line: Line) -> dict[str, float]:
    """Shares of moves in the same and in the wrong direction, and of repeated buttons that repeat the key."""
    move, pitch = np.sign(np.diff(line.buttons)), np.sign(np.diff(line.pitches))
    moved = move != 0
    return {
        "same_direction": float((pitch[moved] == move[moved]).mean()),
        "wrong_direction": float((pitch[moved] == -move[moved]).mean()),
        "same_key": float((pitch[~moved] == 0).mean()),
    }


def stepwise(decoder: GenieDecoder, temperature: float, count: int = 3000, *, masked: bool) -> dict[str, float]:
    """Loyalty on one long stepwise walk, with the default rules or with none."""
    settings = GenieSettings(temperature=temperature, **({} if masked else UNMASKED))  # type: ignore[arg-type]
    buttons, times = walk(count, 11)
    return loyalty(play(decoder, settings, buttons, times, 1))


def hard_chords(decoder: GenieDecoder, temperature: float, count: int = 3000) -> dict[str, float]:
    """Hard chords C, Am, F, G, a new one every 16 notes: share of chord tones, and loyalty."""
    chords = [parse_symbol(name) for name in ("C", "Am", "F", "G")]
    buttons, times = walk(count, 12)
    line = play(decoder, GenieSettings(temperature=temperature, chords="hard"), buttons, times, 2, chords)
    inside = [
        int(pitch) % 12 in chords[index // 16 % 4].pitch_classes for index, pitch in enumerate(line.pitches.tolist())
    ]
    return {"chord_tones": float(np.mean(inside)), **loyalty(line)}


def replay(decoder: GenieDecoder, temperature: float, phrases: int = 60) -> dict[str, float]:
    """Eight presses six times in a row, 0.3 s apart, in replayable mode: share of keys as the first time.

    Half of the phrases are stepwise, half random; also the share of keys that equal those of the time before.
    """
    settings = GenieSettings(temperature=temperature, mode="replayable")
    first, before = [], []
    for number in range(phrases):
        rng = np.random.default_rng(number)
        phrase = walk(8, number)[0] if number % 2 else rng.integers(0, 8, 8)
        line = play(decoder, settings, np.tile(phrase, 6), 0.3 * np.arange(48), number)
        rounds = line.pitches.reshape(6, 8)
        first.append((rounds[1:] == rounds[0]).mean())
        before.append((rounds[1:] == rounds[:-1]).mean())
    return {"as_first": float(np.mean(first)), "as_before": float(np.mean(before))}


def replayable_walk(decoder: GenieDecoder, temperature: float, count: int = 3000) -> float:
    """Share of moves in the same direction on a stepwise walk in replayable mode, where memory comes first."""
    settings = GenieSettings(temperature=temperature, mode="replayable")
    return loyalty(play(decoder, settings, *walk(count, 13), 3))["same_direction"]


def free_running(decoder: GenieDecoder, lines: int, count: int) -> list[np.ndarray]:
    """Pitches, int64 [count] each, of ``lines`` players on stepwise walks at the default settings."""
    return [play(decoder, GenieSettings(), *walk(count, 1000 + line), 1000 + line).pitches for line in range(lines)]
