"""Playing the Genie: presses of eight buttons become a piano part.

::

    from workbench.create.genie.play import decode
    presses = [{"time": 0.3 * step, "button": button} for step, button in enumerate([2, 3, 4, 5, 4, 3, 2])]
    score = decode(presses, chords="C Am F G", seed=1)

:class:`GeniePlayer` takes one press at a time (the browser has its twin); :func:`decode` plays a whole list and
returns a :class:`~workbench.score.score.Score`. The rules stand in :mod:`workbench.create.genie.rules`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from workbench.create.genie.rules import (
    LAYOUTS,
    Mulberry32,
    PhraseMemory,
    allowed_keys,
    bias,
    choose,
    legal_keys,
    weigh,
)
from workbench.errors import BadRequest
from workbench.hub.tasks.genie.chords import NO_CHORD, PlayChord, chord_at
from workbench.hub.tasks.genie.request import TRACK_ID, TRACK_NAME, GenieSettings, Press, chord_spans, read_presses
from workbench.nets.genie_numpy import BUTTONS, LOWEST_PITCH, GenieDecoder, State, Step, shipped, time_bin
from workbench.score.lanes import Chord
from workbench.score.score import Note, Score, Track

TICKS_PER_SECOND = 1_920  # 960 ticks a quarter at 120 quarters a minute
PAUSE = 1.0  # seconds of silence after which a new phrase begins
#: One-switch mode: moves of the button and their odds in sixteenths.
WALK = ((-2, 3), (-1, 5), (1, 5), (2, 3))


class GeniePlayer:
    """One person's Genie: recurrent state, chance and memory. Not to be shared between people.

    Args:
        settings: may be replaced between presses (``player.settings = ...``).
        seed: any whole number; the same presses, settings and seed give the same keys.
        decoder: the weights; those shipped if not given.
    """

    def __init__(
        self, settings: GenieSettings | None = None, seed: int = 0, decoder: GenieDecoder | None = None
    ) -> None:
        self.settings = settings or GenieSettings()
        self._decoder = decoder or shipped()
        self.author = f"human+model:{self._decoder.model}"
        self._chance = Mulberry32(seed)
        self.reset()

    def reset(self) -> None:
        """Forget what was played (a new piece); chance goes on where it is."""
        self._state: State = self._decoder.start()
        self._memory = PhraseMemory()
        self._last_button = self._last_key = -1
        self._last_time = -math.inf

    def _step(self, button: int, time: float, chord: PlayChord) -> tuple[np.ndarray, State]:
        root, family = chord.inputs if self.settings.chords != "off" else (-1, -1)
        gap = time_bin(max(0.0, time - self._last_time))
        step = Step(button, self._last_button, self._last_key, gap, root, family)
        return self._decoder.step(step, self._state)

    def press(self, button: int, time: float, chord: PlayChord = NO_CHORD) -> int:
        """Play one press; returns the MIDI pitch (21 to 108).

        ``button`` counts the buttons the person has (0 to 7, 0 to 3; ignored with one switch); ``time`` in seconds
        must not run backwards (an earlier time counts as the same moment).

        Raises:
            BadRequest: no such button.
        """
        settings = self.settings
        layout = LAYOUTS[settings.buttons]
        if settings.buttons == 1:
            place = self._wander()
        elif type(button) is int and 0 <= button < len(layout):
            place = layout[button]
        else:
            raise BadRequest(f"Button {str(button)[:20]} does not exist; they count from 0 to {len(layout) - 1}.")
        logits, state = self._step(place, time, chord)
        tones = chord.pitch_classes if settings.chords != "off" else frozenset()
        allowed = allowed_keys(settings, tones)
        legal = legal_keys(settings, allowed, place, self._last_button, self._last_key)
        draw = self._chance.draw()
        pause = time - self._last_time >= PAUSE
        key = self._memory.recall(place, after_pause=pause) if settings.mode == "replayable" else -1
        if key not in allowed:
            key = choose(legal, weigh(logits, legal, bias(settings, tones, legal), settings.temperature), draw)
        if settings.mode == "replayable":
            self._memory.remember(place, key)
        self._state = state
        self._last_button, self._last_key = place, key
        self._last_time = max(time, self._last_time)
        return key + LOWEST_PITCH

    def _wander(self) -> int:
        """The next of the eight buttons in one-switch mode: a walk that turns at the ends."""
        place = self._chance.draw() * 16
        if self._last_button < 0:
            return 2 + int(place) // 4
        move, running = 0, 0
        for move, odds in WALK:  # noqa: B007
            running += odds
            if place < running:
                break
        target = self._last_button + move
        return target if 0 <= target < BUTTONS else self._last_button - move

    def probabilities(self, time: float, chord: PlayChord = NO_CHORD) -> np.ndarray:
        """Chance of each key under each of the eight buttons if pressed at ``time``, float64 [8, 88]; changes nothing.

        With the rules applied: what may not sound has 0. Replayable mode's memory is not looked at.
        """
        settings = self.settings
        tones = chord.pitch_classes if settings.chords != "off" else frozenset()
        allowed = allowed_keys(settings, tones)
        out = np.zeros((BUTTONS, 88))
        for button in range(BUTTONS):
            logits, _ = self._step(button, time, chord)
            legal = legal_keys(settings, allowed, button, self._last_button, self._last_key)
            weights = np.array(weigh(logits, legal, bias(settings, tones, legal), settings.temperature))
            out[button, legal] = weights / weights.sum()
        return out


def decode(
    presses: Any,
    chords: str | Sequence[PlayChord] | None = None,
    settings: GenieSettings | None = None,
    seed: int = 0,
    *,
    decoder: GenieDecoder | None = None,
) -> Score:
    """Play a list of presses; returns a score of one piano track by ``human+model:ID``, the Genie's.

    Args:
        presses: ``{"time", "button", "release", "velocity"}`` each, see :func:`read_presses`.
        chords: chord symbols of two seconds each, repeated to the end, or chords with their times.
        settings: how to play; the defaults if not given.
        seed: one seed, one result.

    The score counts 960 ticks a quarter at 120 quarters a minute, so 1,920 ticks are a second.

    Raises:
        BadRequest: presses, chords or settings that cannot be.
    """
    settings = settings or GenieSettings()
    line = read_presses(presses, settings)
    spans = chord_spans(chords, max((press.release for press in line), default=0.0))
    score = blank(line, spans)
    notes = {note.id: note for note in perform(GeniePlayer(settings, seed, decoder), line, spans)}
    score.tracks = [Track(TRACK_ID, TRACK_NAME, notes=notes)]
    return score


def blank(line: Sequence[Press], spans: Sequence[PlayChord]) -> Score:
    """The score that a performance of ``line`` goes into: its chords, and no track yet."""
    return Score(TRACK_NAME, chords=chord_lane(spans, max((press.release for press in line), default=0.0)))


def perform(player: GeniePlayer, line: Sequence[Press], spans: Sequence[PlayChord]) -> Iterator[Note]:
    """The notes of a line of presses, one by one: ids ``n1``, ``n2`` ... in the order of the presses."""
    for place, press in enumerate(line, start=1):
        pitch = player.press(press.button, press.time, chord_at(spans, press.time))
        start = to_tick(press.time)
        length = max(1, to_tick(press.release) - start)
        yield Note(f"n{place}", start, length, pitch, press.velocity, player.author)


def genie(presses: Any, chords: str | Sequence[PlayChord] | None = None, *, seed: int = 0, **settings: Any) -> Score:
    """:func:`decode` with the settings as plain arguments: ``genie(presses, "C Am F G", mode="replayable")``.

    Raises:
        BadRequest: presses, chords or settings that cannot be.
    """
    known = GenieSettings.__dataclass_fields__
    if odd := sorted(settings.keys() - known.keys()):
        raise BadRequest(f"{odd[0][:40]!r} is not a setting of the Genie; it has {', '.join(known)}.")
    return decode(presses, chords, GenieSettings(**settings), seed)


def to_tick(seconds: float) -> int:
    """Seconds to ticks: floor(1920 s + 0.5)."""
    return math.floor(seconds * TICKS_PER_SECOND + 0.5)


def chord_lane(spans: Sequence[PlayChord], end: float) -> list[Chord]:
    """The chords that begin before ``end`` (seconds) as lane events."""
    out = []
    for place, span in enumerate(spans):
        until = spans[place + 1].time if place + 1 < len(spans) else max(end, span.time)
        if span.quality and span.time < end:
            start = to_tick(span.time)
            bass = -1 if span.bass == span.root else span.bass
            out.append(Chord(start, max(0, to_tick(min(until, end)) - start), span.root, span.quality, bass))
    return out
