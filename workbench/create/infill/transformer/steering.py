"""What a person's wishes do to the network: traits it was trained on, and biases on its draws.

Density, register, loudness and syncopation are inputs that the network knows (part headers, see
:data:`workbench.tokens.rows.TRAITS`); they are helped by a bias so that the effect is sure. The other sliders
have no input of their own: they bend temperature, leaps, off-beat onsets, rare pitch classes, or lean towards what
stands at the same place of the bars around. A slider at 50, and no wish, bends nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from workbench.create.infill.around import kit
from workbench.create.infill.around.balance import lacking
from workbench.create.infill.around.expectation import Expectation
from workbench.create.infill.around.pace import Pace
from workbench.create.infill.around.repeats import Foretold, unit
from workbench.create.infill.around.wishes import lean
from workbench.create.infill.transformer.bridge import Cast, GridScore
from workbench.create.infill.transformer.levels import BASS_FAMILY, Levels, usual_traits
from workbench.create.infill.transformer.rules import PartRules
from workbench.hub.tasks.infill.controls import InfillControls
from workbench.score.lanes import Chord
from workbench.tokens import grid12 as g
from workbench.tokens import rows as r

Floats = npt.NDArray[np.float64]

BASE_TEMPERATURE = 0.8
BASE_TOP_P = 0.92
CHORD_HINT = 1.2  #: nats in favour of chord tones where chords are written
#: Nats in favour of the chord's root for a bass that joins, where a half bar begins.
ROOT_LEAN = 4.0
#: How much more what joins heeds the harmony on a beat than between beats: else a figure once begun goes on over any.
ON_BEAT = 1.7
#: Semitones within which an instrument that joins keeps to its usual middle: a bass, others.
BASS_WIDTH, WIDTH = 5.0, 9.0
#: General MIDI families that play chords, and how far below the tune their middle lies.
CHORDAL, BELOW = frozenset({0, 2, 3, 6, 11}), 10.0
#: Nats by which a density curve is followed, and semitones within which a register curve is.
FOLLOW, AIM = 7.0, 4.5
#: How far beyond a register curve a lagging line is pulled, as a share of what it lags.
CATCH_UP = 0.5
#: Nats by which the pace around the gap is kept: moments to strike at, notes of one moment, each part's share of them.
KEEP_PACE, KEEP_FULL, KEEP_SHARE = 12.0, 6.0, 4.0
HABIT = 64  #: onsets around from which a part's liking for repeated keys is told
_PLAN_FLOOR = 0.02  #: share of the chroma that every pitch class is given
_OCTAVES = 120  #: MIDI pitches that are whole octaves
_NEAR_BARS = 8  #: bars on either side in which "like before" looks


def _insistence(own: r.Ints) -> float:
    """Nats against striking one key a third time and more in a row, by how seldom the part does it elsewhere."""
    tops = [int(own[own[:, r.TICK] == tick, r.PITCH].max()) for tick in np.unique(own[:, r.TICK])[-HABIT:]]
    if len(tops) < 4:
        return 0.0
    thrice = [a == b == c for a, b, c in zip(tops, tops[1:], tops[2:], strict=False)]
    return min(0.0, 1.5 * float(np.log((np.mean(thrice) + 0.05) / 0.3)))


class Wish:
    """Steering of one gap, for :func:`workbench.create.infill.transformer.sampler.draw`; all pitches in C."""

    def __init__(
        self, grid: GridScore, cast: Cast, context: r.Ints, start: int, shift: int, plan: Expectation | None = None
    ) -> None:
        self.grid, self.cast, self.shift, self.plan = grid, cast, shift, plan
        self.levels = Levels(grid, cast, shift)
        self.heat = 1.0  #: factor on every temperature
        self.pace: Pace | None = None  #: what the parts usually play, where nothing else is asked for
        self.kit: Foretold | None = None  #: strokes on each drum that the bars around foretell
        self.chroma: Foretold | None = None  #: what of each pitch class they foretell
        self.rules: Mapping[int, PartRules] = {}  #: by slot, what sounds of what is written; from ``start`` on
        self.start = start
        self._shares: dict[int, Floats] = {}  #: by bar line, what the plan expects of the bar
        self.controls: Mapping[int, InfillControls] = self.levels.controls
        #: Whether what is written makes the harmony by itself: nothing sounds meanwhile, and no old notes are kept.
        self.alone = plan is not None and plan.alone
        self.alone &= not any(wish.closeness is not None or wish.part_writing for wish in self.controls.values())
        self.context = context
        # What is asked of the whole (temperature, surprise) is asked by the first part that asks for it.
        general = list(self.controls.values())
        self.first = next((item for item in general if item.surprise is not None or item.temperature), general[0])
        self.surprise = lean(self.first, "surprise", 0)
        melodic = context[context[:, r.SLOT] != g.DRUM_SLOT]
        counts = g.pitch_class_counts(melodic[:, r.PITCH]) + 0.5
        rare = -np.log(counts / counts.sum())
        self.rarity = (rare - rare.mean())[np.arange(g.N_PITCH) % 12] * (np.arange(g.N_PITCH) < 128)
        self.places, self.onsets = self._memory(start)
        self.chords = _on_grid(self.first.chords or tuple(grid.request.score.chords), grid, shift)
        self.keys = np.arange(g.N_PITCH)
        new = {track.id for track in grid.request.new_tracks}
        #: Pitched instruments that join; whether they are basses.
        self.joining = {
            cast.slots[name]: grid.programs[name][0] // 8 == BASS_FAMILY
            for name in cast.filled
            if name in new and not grid.programs[name][1] and not grid.request.controls_for(name).part_writing
        }
        tune = max((float(own[:, r.PITCH].mean()) for own in self._heard()), default=128.0)
        self.middle = {
            slot: min(self.levels.usual[slot].pitch, tune - BELOW)
            if int(cast.programs[slot]) // 8 in CHORDAL
            else self.levels.usual[slot].pitch
            for slot in self.joining
        }
        self.insistence = {slot: _insistence(context[context[:, r.SLOT] == slot]) for slot in self.controls}

    def _heard(self) -> list[r.Ints]:
        """The notes of each pitched part around that nobody is writing."""
        slots = set(self.context[:, r.SLOT].tolist()) - {g.DRUM_SLOT} - set(self.controls)
        return [self.context[self.context[:, r.SLOT] == slot] for slot in slots]

    def _memory(self, start: int) -> tuple[dict[tuple[int, int], set[int]], set[int]]:
        """What sounds where in the bars around: pitches by (slot, position in the bar), and all positions."""
        bar, position, _ = self.grid.bars.locate(self.context[:, r.TICK])
        here = int(self.grid.bars.locate(start)[0])
        near = np.abs(bar - here) <= _NEAR_BARS
        places: dict[tuple[int, int], set[int]] = {}
        own = np.isin(self.context[:, r.SLOT], list(self.controls))
        for row in np.flatnonzero(near & own):
            slot, pitch = int(self.context[row, r.SLOT]), int(self.context[row, r.PITCH])
            places.setdefault((slot, int(position[row])), set()).add(pitch)
        return places, {place for _, place in places}

    def _lean(self, slot: int, name: str, tick: int) -> float:
        return lean(self.controls[slot], name, self.grid.score_tick(tick))

    def _mean(self, name: str, tick: int) -> float:
        return float(np.mean([self._lean(slot, name, tick) for slot in self.controls]))

    def _stood(self, start: int, end: int) -> dict[int, r.Ints]:
        """Of the parts that are varied, what stood in grid ticks [start, end): int64 [n, 5] in C by slot."""
        out = {}
        for name in self.cast.filled:
            if self.grid.request.controls_for(name).closeness is None:
                continue
            slot, drum = self.cast.slots[name], self.grid.programs[name][1]
            rows = [
                (self.grid.tick(note.start), slot, note.pitch if drum else note.pitch + self.shift, 0, g.N_VELOCITY)
                for note in self.grid.gone.get(name, ())
                if start <= self.grid.tick(note.start) < end
            ]
            if rows:
                out[slot] = np.array(rows, dtype=np.int64)
        return out

    def traits(self, start: int, end: int) -> r.Ints:
        """Headers for the parts: int64 [12, 5]; what was not asked for stays 0."""
        out = np.zeros((g.N_SLOT, r.N_TRAITS), dtype=np.int64)
        around = self.context
        middle = (start + end) // 2
        names = list(r.TRAITS)
        for slot, stood in self._stood(start, end).items():  # what is varied stays as full and as high as it was
            shown = r.measure_traits(stood, max(1.0, (end - start) / g.TICKS), slot)
            out[slot] = np.where(np.isin(names, ("density", "register", "voices")), shown, 0)
        for name in self.cast.filled:
            slot, (program, drum) = self.cast.slots[name], self.grid.programs[name]
            if not (around[:, r.SLOT] == slot).any() and not out[slot].any():  # nothing tells how it plays
                out[slot, : len(names)] = usual_traits(program, drum)
        for slot in self.controls:
            wishes = ("density", "register", "", "loudness", "syncopation")
            for column, (trait, wish) in enumerate(zip(names, wishes, strict=True)):
                step = self.levels.step(slot, trait, wish, middle) if wish else None
                out[slot, column] = out[slot, column] if step is None else step
        return out

    def temperature(self, head: str) -> float:
        """Of one head: what was asked for, else the base bent by surprise and wildness."""
        if self.first.temperature is not None:
            return self.heat * self.first.temperature
        wild = self._mean("wildness", 0) if head in ("pitch", "velocity", "duration") else 0.0
        return self.heat * BASE_TEMPERATURE * (1 + 0.35 * self.surprise) * (1 + 0.2 * wild)

    def top_p(self) -> float:
        """Of every draw."""
        if self.first.top_p is not None:
            return self.first.top_p
        return float(np.clip(BASE_TOP_P + 0.05 * self.surprise, 0.05, 1.0))

    def time_bias(self, clock: int, end: int, recent: int) -> Floats:
        """Longer or shorter waits for density, off-beats for wildness, known places for "like before"."""
        bias = np.zeros(g.N_TIME)
        waits = np.append(np.arange(g.TIME_CAP + 1), min(end - clock, g.TIME_CAP)).astype(np.float64)
        dense, wild, rich, off_beat = (
            self._mean(name, clock) for name in ("density", "wildness", "richness", "syncopation")
        )
        patience = np.log1p(waits / 3) / np.log1p(16)
        bias += (FOLLOW * self.levels.crowding(clock, recent) - 2.2 * dense) * patience
        bias[0] += 0.8 * rich
        if (pace := self._pace(clock)) is not None:
            usual = np.log1p(pace.wait / 3) / np.log1p(16)
            ahead = KEEP_PACE * pace.held(clock) * (patience[1:] - usual)
            ahead[-1] = min(0.0, ahead[-1])  # a gap that has become full too soon waits, it does not end
            bias[1:] += ahead
            bias[0] -= KEEP_FULL * pace.fullness(clock)
        off = (clock + np.arange(g.TIME_CAP)) % g.TICKS != 0
        bias[: g.TIME_CAP][off] += 0.9 * wild + 1.8 * off_beat
        if self.surprise < 0 and self.onsets:
            _, position, _ = self.grid.bars.locate(clock + np.arange(g.TIME_CAP))
            bias[: g.TIME_CAP] += -self.surprise * 1.5 * np.isin(position, list(self.onsets))
        return bias

    def slot_bias(self, tick: int) -> Floats:
        """Parts that were asked to play more or less than the others."""
        bias = np.zeros(g.N_SLOT)
        mean = self._mean("density", tick)
        for slot in self.controls:
            bias[slot] = 2.0 * (self._lean(slot, "density", tick) - mean)
        if len(self.controls) > 1 and (pace := self._pace(tick)) is not None:
            for slot, ahead in pace.shares(tick).items():
                bias[slot] -= KEEP_SHARE * ahead
        return bias

    def _pace(self, tick: int) -> Pace | None:
        """What the parts usually play, unless another density is asked for."""
        wished = any(self.levels.lean(slot, "density", tick) is not None for slot in self.controls)
        return None if wished else self.pace

    def pitch_bias(self, slot: int, tick: int, before: int | None, repeats: int) -> Floats:
        """Register, leaps, rare tones, chords, and the pitches known from this place of the bar."""
        bias = np.zeros(g.N_PITCH)
        surprise = self.surprise
        if surprise != 0.0 and self.places:
            place = int(self.grid.bars.locate(tick)[1])
            known = list(self.places.get((slot, place), ()))
            bias[known] += -2.0 * surprise
        if slot == g.DRUM_SLOT:
            if self.kit is not None and self.pace is not None:
                trust = 1.0 - 0.8 * max(0.0, surprise)
                bias[128:] += trust * kit.lacking(self.kit, self.pace.lines.get(slot, ()), tick, 128)
            return bias
        if before is not None and repeats > 1:
            bias[before] += self.insistence.get(slot, 0.0)
        register, wild, rich = (self._lean(slot, name, tick) for name in ("register", "wildness", "richness"))
        aim = self.levels.pitch(slot, tick)
        if slot in self.joining:
            bias[:128] += self._role(slot, tick, aim is None)
        if aim is not None:
            # A line that lags behind its curve is pulled beyond it: the network likes to stay where it is.
            aim += CATCH_UP * float(np.clip(aim - before, -12, 12)) if before is not None and before < 128 else 0.0
            bias[:128] -= 0.5 * ((self.keys[:128] - aim) / AIM) ** 2
        elif register:
            bias[:128] += register * 0.12 * (self.keys[:128] - 60)
        if wild and before is not None and before < 128:
            bias[:128] += wild * 0.22 * np.minimum(np.abs(self.keys[:128] - before), 14)
        if rich:
            bias += (0.8 if rich > 0 else 0.4) * rich * self.rarity
        tones = self.chord_at(tick)
        if tones is None:
            heed = ON_BEAT if slot in self.joining and tick % g.TICKS == 0 else 1.0
            bias[:128] += heed * (1.0 - 0.6 * rich) * self._implied(tick)[self.keys[:128] % 12]
        elif self.controls[slot].harmony != "free":
            bias[:128] += (
                (1.0 - (0.6 if rich > 0 else 1.2) * rich) * CHORD_HINT * np.isin(self.keys[:128] % 12, list(tones))
            )
        return bias

    def _role(self, slot: int, tick: int, middle: bool) -> Floats:
        """What an instrument that joins is there for: float64 [128]. ``middle``: keep to its usual register."""
        bias = np.zeros(128)
        bass = self.joining[slot]
        if middle:
            away = self.keys[:128] - self.middle[slot]
            bias -= 0.5 * (away / (BASS_WIDTH if bass else WIDTH)) ** 2
        _, position, length = self.grid.bars.locate(tick)
        if bass and (position == 0 or (length >= 4 * g.TICKS and 2 * position == length)):
            root = self._root(tick)
            if root is not None:
                bias += ROOT_LEAN * (self.keys[:128] % 12 == root)
        return bias

    def _root(self, tick: int) -> int | None:
        """Pitch class (in C) that a bass plays at a grid tick: the written chord's, else the plan's root."""
        if (written := self._written(tick)) is not None:
            return written[1]
        root = self.plan.root(self.grid.score_tick(tick)) if self.plan is not None else None
        return None if root is None else (root + self.shift) % 12

    def _implied(self, tick: int) -> Floats:
        """Lean to the pitch classes (in C) that the plan expects at a grid tick: nats, float64 [12]."""
        if self.plan is None:
            return np.zeros(12)
        chroma = self.plan.chroma(self.grid.score_tick(tick))
        if chroma.sum() <= 0:
            return np.zeros(12)
        trust = self.plan.trust * (1.0 - 0.8 * self.surprise if self.surprise > 0 else 1.0 - 0.5 * self.surprise)
        own = np.roll(trust * np.log(chroma / chroma.sum() + _PLAN_FLOOR), self.shift)
        return np.asarray(own + trust * self._lacking(tick) if self.alone else own)

    def _lacking(self, tick: int) -> Floats:
        """Lean to what the bar around a grid tick lacks of the harmony expected of it: nats, float64 [12], in C."""
        _, position, length = (int(x) for x in self.grid.bars.locate(tick))
        line = tick - position
        if line not in self._shares and self.plan is not None:
            beats = [self.plan.chroma(self.grid.score_tick(at)) for at in range(line, line + length, g.TICKS)]
            share = unit(np.mean(beats, axis=0))
            if self.chroma is not None:
                share = share + self.chroma.at(line)
            self._shares[line] = np.roll(share, self.shift)
        span = slice(max(0, line - self.start), max(0, line + length - self.start))
        sounding = np.zeros(12)
        for slot, rules in self.rules.items():
            if slot != g.DRUM_SLOT:
                sounding += rules.busy[span, :_OCTAVES].sum(axis=0).reshape(-1, 12).sum(axis=0)
        return lacking(self._shares[line], sounding)

    def chord_at(self, tick: int) -> frozenset[int] | None:
        """Pitch classes (in C) of the chord written at a grid tick; None where none is."""
        written = self._written(tick)
        return None if written is None else written[0]

    def _written(self, tick: int) -> tuple[frozenset[int], int] | None:
        """Pitch classes and bass (in C) of the chord written at a grid tick."""
        return next(((tones, bass) for start, end, tones, bass in self.chords if start <= tick < end), None)


def _on_grid(chords: tuple[Chord, ...], grid: GridScore, shift: int) -> list[tuple[int, int, frozenset[int], int]]:
    return [
        (
            grid.tick(chord.tick),
            grid.tick(chord.tick + chord.duration),
            frozenset((tone + shift) % 12 for tone in chord.pitch_classes),
            ((chord.bass if chord.bass >= 0 else chord.root) + shift) % 12,
        )
        for chord in chords
    ]
