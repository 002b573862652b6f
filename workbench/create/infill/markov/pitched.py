"""What notes begin: a gap of a pitched track, filled onset by onset.

Every pitch is drawn from a product of simple opinions: the chain of scale steps (melody), the chain of gaps below
the note above (chords), where in the register the track plays on such a beat, which tones above the root it likes
there, the harmony of the moment, and the key. A control bends one opinion; a limit sets pitches to zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from workbench.create.infill.around.chain import draw, draw_index
from workbench.create.infill.around.context import BEAT, LENGTH_UNITS, MAX_STACK, Slot, Style, group_onsets
from workbench.create.infill.around.gap import Desk, Gap
from workbench.create.infill.around.harmony import Plan, Sound
from workbench.create.infill.around.wishes import Wishes
from workbench.create.infill.markov.rhythm import fit_count, plan_onsets
from workbench.hub.protocol import CancelToken
from workbench.hub.tasks.infill.request import draft
from workbench.score.score import Note

#: Exponents of the opinions: how much register, tones above the root, and harmony weigh against the step chain.
PLACE, TONES, CHROMA = 1.0, 0.8, 1.0
#: Semitones by which the register is blurred, finely and coarsely.
FINE, COARSE = 1.2, 6.0
_PITCHES = np.arange(128)


@dataclass(frozen=True)
class Voice:
    """All that is needed to fill one gap of a pitched track. ``allowed``: the hard limits, bool [128];
    ``key``: how well each pitch class fits the key, float64 [12], 0 to 1; ``before``: pitches by grid tick that stood
    there or stand where the music repeats."""

    gap: Gap
    style: Style
    plan: Plan
    wishes: Wishes
    key: np.ndarray
    allowed: np.ndarray
    before: Mapping[int, frozenset[int]]


@dataclass(frozen=True, slots=True)
class _Onset:
    slot: Slot
    until: int  # tick of the next onset
    stood: tuple[Note, ...] = ()  # the notes whose rhythm or pitches are kept


def fill_pitched(voice: Voice, rng: np.random.Generator, cancel: CancelToken) -> Iterator[list[Note]]:
    """Yield the notes of each onset as they are made. Raises Cancelled within a note of being stopped."""
    painter = _Painter(voice, rng)
    for onset in _onsets(voice, rng, cancel):
        cancel.check()
        notes = painter.strike(onset, cancel)
        if notes:
            yield notes


def _onsets(voice: Voice, rng: np.random.Generator, cancel: CancelToken) -> list[_Onset]:
    gap, controls = voice.gap, voice.wishes.controls
    stood = gap.exactly() if controls.keep_rhythm else group_onsets(gap.stood, gap.grid)
    groups: list[tuple[Note, ...]] = []
    if controls.keep_rhythm and stood:
        slots = [onset.slot for onset in stood]
        groups = [onset.notes for onset in stood]
    else:
        slots = plan_onsets(gap, voice.style, voice.wishes, voice.before.keys(), rng, cancel)
        if controls.keep_pitches and stood:
            slots = fit_count(gap, slots, len(stood), rng)
            groups = [onset.notes for onset in stood][: len(slots)]
    after = gap.after()
    last = after.slot.tick if after is not None else gap.end
    ends = [slot.tick for slot in slots[1:]] + [max(last, gap.end)]
    return [
        _Onset(slot, end, groups[index] if groups else ())
        for index, (slot, end) in enumerate(zip(slots, ends, strict=True))
    ]


class _Painter:
    """Puts notes down one onset after the other, remembering what it did."""

    def __init__(self, voice: Voice, rng: np.random.Generator) -> None:
        self.voice, self.rng = voice, rng
        self.desk = Desk(voice.gap)
        self.size = 1
        self.step: int | None = None
        self.top: int | None = None
        before = voice.gap.before(3)
        tops = [onset.notes[0].pitch for onset in before]
        if tops:
            self.top, self.size = tops[-1], len(before[-1].notes)
        if len(tops) > 1:
            self.step = int(voice.style.degrees[tops[-1]] - voice.style.degrees[tops[-2]])
        after = voice.gap.after()
        self.target = after.notes[0].pitch if after is not None else None
        self._places: dict[tuple[int, bool, int], np.ndarray] = {}

    def strike(self, onset: _Onset, cancel: CancelToken) -> list[Note]:
        """Make the notes of one onset."""
        controls, slot = self.voice.wishes.controls, onset.slot
        keep_pitches = controls.keep_pitches and bool(onset.stood)
        size = len(onset.stood) if onset.stood else self._size(slot)
        size = min(size, self.desk.room(slot.tick))
        notes: list[Note] = []
        for index in range(size):
            cancel.check()
            above = notes[-1].pitch if notes else None
            kept = onset.stood[index].pitch if keep_pitches else None
            pitch = kept if kept is not None and self._free(slot)[kept] else self._pitch(onset, above, index, size)
            if pitch is not None:
                notes.append(self.desk.add(self._note(onset, pitch, index, size)))
        if notes:
            degrees = self.voice.style.degrees
            if self.top is not None:
                self.step = int(degrees[notes[0].pitch] - degrees[self.top])
            self.top, self.size = notes[0].pitch, len(notes)
        return notes

    # -- how many, how long, how loud -----------------------------------------------------------------------------

    def _size(self, slot: Slot) -> int:
        style, wishes = self.voice.style, self.voice.wishes
        chances = style.sizes.chances(style.size_contexts(slot, self.size))
        if style.chordal and wishes.rich > 0:
            for size in (2, 3, 4):
                chances[size] = chances.get(size, 0.0) + 0.15 * wishes.rich
        rich = wishes.rich
        return (
            draw(chances, self.rng, temperature=wishes.temperature, bias=lambda size: float(np.exp(rich * (size - 1))))
            or 1
        )

    def _note(self, onset: _Onset, pitch: int, index: int, size: int) -> Note:
        voice, slot, wishes = self.voice, onset.slot, self.voice.wishes
        ppq, units = voice.gap.grid.time.ppq, voice.gap.grid.units
        if wishes.controls.keep_rhythm and onset.stood:
            length = onset.stood[index].duration
            velocity = onset.stood[index].velocity
        else:
            delta = max(1, round((onset.until - slot.tick) * units / ppq))
            drawn = draw(
                voice.style.lengths.chances(voice.style.length_contexts(delta, size)), self.rng,
                temperature=wishes.temperature,
            )  # fmt: skip
            length = round((drawn or LENGTH_UNITS) * ppq / LENGTH_UNITS)
            velocity = draw(voice.style.loudness.chances([(slot.pos,), (), "others", "prior"]), self.rng) or 80
        longest = self.desk.longest(slot.tick, pitch, size - index)
        if len(self.desk.sounding(slot.tick)) + size - index >= voice.gap.limit:
            longest = min(longest, max(1, onset.until - slot.tick))
        accent = (8 if slot.strength(units) <= BEAT else -6) * max(0.0, wishes.wild)
        loud = velocity + wishes.velocity(slot.tick) + round(accent)
        return draft(slot.tick, max(1, min(length, longest)), pitch, max(1, min(127, loud)))

    # -- which pitch ----------------------------------------------------------------------------------------------

    def _free(self, slot: Slot) -> np.ndarray:
        """Pitches that may begin here: allowed, not sounding already, in the chord where harmony is strict."""
        free = self.voice.allowed.copy()
        for note in self.desk.sounding(slot.tick):
            free[note.pitch] = False
        if self.voice.wishes.controls.harmony == "strict" and slot.strength(self.voice.gap.grid.units) <= BEAT:
            chord = self.voice.plan.at(slot.tick).chord
            if chord is not None:
                free &= np.isin(_PITCHES % 12, sorted(chord))
        return free

    def _pitch(self, onset: _Onset, above: int | None, index: int, size: int) -> int | None:
        voice, slot, wishes = self.voice, onset.slot, self.voice.wishes
        strength = slot.strength(voice.gap.grid.units)
        free = self._free(slot)
        weights = self._place(strength, index > 0, wishes.semitones(slot.tick)) ** PLACE
        weights = weights * self._harmony(voice.plan.at(slot.tick), strength)
        if above is None:
            weights = weights * self._steps(strength) * self._bridge(onset)
        else:
            weights = weights * self._below(above, index, size)
        known = sorted(voice.before.get(slot.tick, ()))
        if known and wishes.surprise:  # like before: ten times as welcome; surprise me: a tenth
            weights[known] *= 10.0**-wishes.surprise
        if wishes.controls.keep_rhythm and onset.stood:  # change the notes: what stood there is less welcome
            weights[onset.stood[index].pitch] *= 0.3
        choice = draw_index(weights * free, self.rng, temperature=wishes.temperature, top_p=wishes.top_p)
        if choice is None and index == 0:
            choice = draw_index(free.astype(np.float64), self.rng)
        return choice

    def _place(self, strength: int, inner: bool, shift: int) -> np.ndarray:
        """Where the track plays on such a beat, float64 [128], largest 1; blurred, and moved by the register."""
        known = self._places.get((strength, inner, shift))
        if known is not None:
            return known
        table = self.voice.style.inner if inner and self.voice.style.inner.any() else self.voice.style.tops
        row = table[strength] + 0.25 * table.sum(axis=0)
        out = row + 0.3 * _blur(row, FINE) + 0.1 * _blur(row, COARSE)
        if shift:
            out = np.interp(_PITCHES - shift, _PITCHES, out, left=0.0, right=0.0) + 1e-6 * out.max()
        out = np.asarray(out / out.max() + 1e-9)
        self._places[strength, inner, shift] = out
        return out

    def _harmony(self, sound: Sound, strength: int) -> np.ndarray:
        """How well each pitch fits the moment's harmony and the key, float64 [128]."""
        style, rich = self.voice.style, self.voice.wishes.rich
        fit = self.voice.key
        firm = CHROMA * (1.0 - 0.6 * rich) * (1.0 if sound.chord is None else 1.5)
        if sound.chroma.any():
            chroma = sound.chroma / sound.chroma.max()
            fit = np.maximum(fit, 0.8 * chroma) * (chroma + 0.04) ** firm  # what sounds is in key for that moment
        if sound.root is not None and style.tones.any():
            tones = style.tones[strength] + 0.25 * style.tones.sum(axis=0)
            fit = fit * np.roll(tones / tones.max() + 0.01, sound.root) ** (TONES * (1.0 - 0.5 * rich))
        return fit[_PITCHES % 12]

    def _steps(self, strength: int) -> np.ndarray:
        """What the chain of scale steps says after the last top note, float64 [128]."""
        style, wishes = self.voice.style, self.voice.wishes
        if self.top is None:
            return np.ones(128)
        chances = style.steps.chances(style.step_contexts(self.step, strength))
        if wishes.freshness:
            for step, chance in style.steps.chances(["prior"]).items():
                chances[step] = chances.get(step, 0.0) + 0.5 * wishes.freshness * chance
        away = style.degrees - style.degrees[self.top]
        out = np.array([chances.get(int(step), 0.0) for step in away]) + 0.002
        return np.asarray(out * np.exp(wishes.wild * 0.25 * np.minimum(12, np.abs(_PITCHES - self.top))))

    def _bridge(self, onset: _Onset) -> np.ndarray:
        """Draws the last notes of the gap towards the first one after it, float64 [128]."""
        left = (self.voice.gap.end - onset.until) / self.voice.gap.grid.time.ppq  # quarters until the way is over
        if self.target is None or left > 2.0:
            return np.ones(128)
        return np.asarray(np.exp(-np.abs(_PITCHES - self.target) / (3.0 + 4.0 * max(0.0, left))))

    def _below(self, above: int, index: int, size: int) -> np.ndarray:
        """What the chain of gaps says below the note above, float64 [128]; nothing above or on it."""
        chances = self.voice.style.gaps.chances([(min(size, MAX_STACK), index), (index > 1,), (), "prior"])
        away = above - _PITCHES
        return np.array([chances.get(int(gap), 0.0) + 0.004 if gap > 0 else 0.0 for gap in away])


def _blur(row: np.ndarray, sigma: float) -> np.ndarray:
    """``row`` (float64 [128]) blurred by a Gaussian of ``sigma`` semitones."""
    reach = np.arange(-24, 25)
    return np.convolve(row, np.exp(-0.5 * (reach / sigma) ** 2), mode="same")
