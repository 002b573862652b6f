"""One part of a style in the bars of a piece: where its notes come, and which pitches they become.

A pattern's note is a step of the chord below it. Single lines (basses, riffs) keep their contour: the same steps of the
new chord, from its root upward; what led by a semitone or a tone into the next root leads into the next root there.
Chords keep their shape: the tones of a chord that a bar of the pattern uses are one voicing, and its like over the new
chord is led from the voicing before it (:mod:`workbench.create.compose.voicing`), whatever rhythm or figure it is
broken into.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from workbench.create.compose.bandplan import Place, chord_at
from workbench.create.compose.remetre import Cell, cells, hold_on
from workbench.create.compose.song import Song
from workbench.create.compose.style import PPQ, Part, Pattern, PatternNote, Style
from workbench.create.compose.tones import FIFTH, ROOT, SEVENTH, SIXTH, THIRD, Tones, tones_of
from workbench.create.compose.voicing import Wish, voice
from workbench.hub.tasks.infill.request import draft
from workbench.score.lanes import Chord
from workbench.score.score import Note

#: Ticks (960 to the quarter) before a chord from which a note that sounds into it belongs to it already.
EARLY = PPQ // 2
#: A tone of the tune counts as held from so many ticks on (960 to the quarter).
HELD = PPQ
#: A chord that lasts so long is played anew where a note would sound into it.
AGAIN = PPQ // 2
#: A voicing has at most so many tones; what has more is a line.
MOST = 6
#: Tones of a chord below this pitch are its bass and stay where the style has them.
LOW = 53
#: A plain chord's colours (sevenths, sixths, ninths that a style adds to it) sound for so much of a part's time: enough
#: to be heard as the style's, and the chord of the piece is still what is heard. A chord that falls by a fifth, whose
#: seventh leads on, may have more.
COLOUR, LEADING = 0.05, 2.0


@dataclass(slots=True)
class _Event:
    """A note on its way: where it sounds (score ticks), what it was in the style, and over which chord."""

    start: int
    end: int
    note: PatternNote
    over: Chord | None
    under: Chord | None
    pitch: int = -1
    leads: bool = False


@dataclass(slots=True)
class Fitting:
    """State from bar to bar of one part: the last voicing of chords, the last chord of a line, and for how many ticks
    chords and their colours have sounded."""

    before: tuple[int, ...] = ()
    heard: Chord | None = None
    sounded: int = 0
    coloured: int = 0


def fit_part(style: Style, part: Part, places: Sequence[Place], song: Song) -> list[list[Note]]:
    """The notes of one part, bar by bar, as drafts in score ticks."""
    state = Fitting()
    bars: list[list[_Event]] = []
    for place in places:
        pattern = part.sections.get(place.section)
        if pattern is None or not pattern.notes or (place.parts and not {part.name, part.role} & set(place.parts)):
            bars.append([])
            continue
        events = _events(style, pattern, place, song)
        if part.is_drum:
            for item in events:
                item.pitch = item.note.pitch
        else:
            events = _parted_by_chords(events, place, song)
            line = part.role == "bass" or _is_line(pattern)
            events = _as_line(events, part, song, state) if line else _as_chords(events, part, song, state)
        bars.append(_single(events))
    _led([item for events in bars for item in events], song.scale)
    return [[_draft(item) for item in events] for events in bars]


def _draft(item: _Event) -> Note:
    return draft(item.start, max(1, item.end - item.start), item.pitch, item.note.velocity)


def _events(style: Style, pattern: Pattern, place: Place, song: Song) -> list[_Event]:
    """The pattern's notes of one bar, in the bar of the piece, with the chord that each stood over."""
    length = 4 * PPQ * style.metre[0] // style.metre[1]
    begin = (place.source % pattern.bars) * length
    metre = (place.bar.numerator, place.bar.denominator)
    of_bar = cells(style.metre, metre, place.turn)
    stop = place.bar.end
    found: list[_Event] = []
    for note in pattern.notes:
        if not begin <= note.tick < begin + length:
            continue
        inside = note.tick - begin
        for cell in of_bar:
            if not cell.source <= inside < cell.source + cell.size:
                continue
            start = place.bar.start + song.ticks(cell.at(inside))
            if start >= stop:
                continue
            end = start + max(1, song.ticks(cell.length(note.duration)))
            if len(of_bar) > 1:
                end = min(end, _cell_end(of_bar, cell, place.bar.start, song) if note.duration <= cell.size else end)
            over = _chord_of(pattern.chords, note.tick, note.tick + note.duration, 1)
            found.append(_Event(start, end, note, over, None))
    if len(of_bar) > 1 and length % (4 * PPQ * metre[0] // metre[1]):
        hold_on(found, pattern.notes, length, place.bar.end, song.ppq)
    return found


def _cell_end(of_bar: Sequence[Cell], cell: Cell, start: int, song: Song) -> int:
    return start + song.ticks(cell.target + cell.fit)


def _chord_of(chords: Sequence[Chord], start: int, end: int, scale: float) -> Chord | None:
    """The chord that a note belongs to: one that begins within an eighth, if the note sounds on into it."""
    here = chord_at(chords, start)
    later = next((chord for chord in chords if start < chord.tick <= start + EARLY * scale), None)
    if later is not None and end > later.tick + (later.tick - start) // 2:
        return later
    return here


def _parted_by_chords(events: Sequence[_Event], place: Place, song: Song) -> list[_Event]:
    """Notes with the piece's chord over them; one that would sound into the next chord ends there and comes again."""
    out: list[_Event] = []
    scale = song.ppq / PPQ
    for item in events:
        item.under = _chord_of(song.chords, item.start, item.end, scale)
        out.append(item)
        begins = item.under.tick if item.under is not None else -1
        change = next(
            (chord for chord in song.chords if item.start < chord.tick < item.end and chord.tick > begins), None
        )
        while change is not None:
            last = out[-1]
            end, last.end = last.end, change.tick
            if end - change.tick < AGAIN * scale or change.tick >= place.bar.end or not _differs(last.under, change):
                if not _differs(last.under, change):
                    last.end = end
                break
            out.append(replace(last, start=change.tick, end=end, under=change))
            tick = change.tick
            change = next((chord for chord in song.chords if tick < chord.tick < end), None)
    return sorted(out, key=lambda item: (item.start, item.note.pitch))


def _differs(one: Chord | None, other: Chord | None) -> bool:
    return one is None or other is None or one.pitch_classes != other.pitch_classes or one.bass != other.bass


def _is_line(pattern: Pattern) -> bool:
    """Whether a pattern has one note at a time and more keys than a voicing."""
    starts = {note.tick for note in pattern.notes}
    alone = len(pattern.notes) <= 1.05 * len(starts)
    held = sum(a.tick + a.duration > b.tick + 60 for a, b in itertools.pairwise(sorted(pattern.notes)))
    return alone and held < 0.2 * len(starts) and len({note.pitch for note in pattern.notes}) > MOST


def _as_line(events: Sequence[_Event], part: Part, song: Song, state: Fitting) -> list[_Event]:
    """The same steps of the new chords, in the same octaves above their roots."""
    bass = part.role == "bass"
    for number, item in enumerate(events):
        if item.over is None or item.under is None:
            continue
        over, under = tones_of(item.over), tones_of(item.under, song.scale)
        root = _low_root(item.over, item.note.pitch)
        target = _nearest(_bass_class(item.under) if bass else item.under.root, root, part.low, part.high)
        octave = (item.note.pitch - root) // 12
        step = over.likely_step(item.note.pitch)
        # Where the piece's chord changes the bass says so, whatever the style has there.
        fresh = bass and step != ROOT and item.start <= item.under.tick + song.ppq // 2
        fresh = fresh and state.heard is not None and _differs(state.heard, item.under)
        if fresh:
            step, octave = ROOT, 0
        item.leads = not fresh and _leads(item, number, events, song)
        if item.leads:
            pitch = target
        else:
            pitch = target + 12 * octave + _above(under, _kept_step(step, over, under), item.under, bass)
        item.pitch = _folded(pitch, part.low, part.high)
        before = events[number - 1] if number else None
        if bass and before is not None and _stuck(item, before):
            item.pitch = _elsewhere(item.pitch, item.note.pitch - before.note.pitch, under, part)
        state.heard = item.under
    return [item for item in events if item.pitch >= 0]


def _stuck(item: _Event, before: _Event) -> bool:
    """Whether a bass strikes a key again where the style's bass moved on, over one chord."""
    moved = item.note.pitch != before.note.pitch and item.under == before.under
    return moved and item.pitch == before.pitch and not item.leads


def _elsewhere(pitch: int, way: int, under: Tones, part: Part) -> int:
    """Where a bass goes instead of striking a key again: a root to its octave, else to the nearest tone of the chord.

    ``way``: semitones by which the style's bass moved; of two tones the one that lies that way.
    """
    roots = [pitch + 12, pitch - 12] if pitch % 12 == under.root else []
    tones = [other for other in range(pitch - 9, pitch + 10) if other != pitch and under.is_own(other)]
    for ways in (roots, tones):
        fitting = [other for other in ways if part.low <= other <= part.high]
        if fitting:
            return min(fitting, key=lambda other: ((other > pitch) != (way > 0), abs(other - pitch)))
    return pitch


def _bass_class(chord: Chord) -> int:
    return chord.bass if chord.bass >= 0 else chord.root


def _above(under: Tones, step: int, chord: Chord, bass: bool) -> int:
    """Semitones of a step above the line's lowest tone: the chord's bass for a bass, else its root."""
    if not bass or chord.bass < 0 or chord.bass == chord.root:
        return under.steps[step]
    return 0 if step == ROOT else (under.pitch_class(step) - chord.bass) % 12


def _kept_step(step: int, over: Tones, under: Tones) -> int:
    """A tone of the chord stays one: a seventh over a triad is its octave's fifth, a third of a bare fifth its root."""
    if step in over.own and step not in under.own:
        if step == THIRD:
            return ROOT
        if step in (SEVENTH, SIXTH) and FIFTH in under.own:
            return FIFTH
    return step


def _low_root(chord: Chord, pitch: int) -> int:
    """The root of a chord at or below a pitch."""
    return pitch - (pitch - chord.root) % 12


def _nearest(pitch_class: int, to: int, low: int, high: int) -> int:
    """The pitch of a class nearest to ``to`` inside a register."""
    options = [pitch for pitch in range(pitch_class, 128, 12) if low <= pitch <= high] or [
        pitch for pitch in range(pitch_class, 128, 12) if pitch >= low
    ][:1]
    return min(options, key=lambda pitch: (abs(pitch - to), pitch), default=to)


def _folded(pitch: int, low: int, high: int) -> int:
    while pitch > high and pitch - 12 >= low:
        pitch -= 12
    while pitch < low:
        pitch += 12
    return min(127, max(0, pitch))


def _following(pattern: Pattern, note: PatternNote) -> int:
    """The pitch that a pattern plays after a note; after the last comes the first again."""
    later = min((other for other in pattern.notes if other.tick > note.tick), default=pattern.notes[0])
    return later.pitch


def _leads(item: _Event, number: int, events: Sequence[_Event], song: Song) -> bool:
    """Whether a note is the last before another chord of the piece and none of the style's chord: it leads over."""
    if item.over is None or number == 0 or tones_of(item.over).is_own(item.note.pitch):
        return False
    if number + 1 < len(events) and events[number + 1].under == item.under:
        return False
    following = next((chord for chord in song.chords if chord.tick > item.start), None)
    return following is not None and following.tick - item.end <= song.ppq // 4 and _differs(item.under, following)


def _led(events: Sequence[_Event], scale: frozenset[int]) -> None:
    """Give the notes that lead over their pitches, now that it is known where they lead to."""
    for number, item in enumerate(events[:-1]):
        if item.leads:
            before = events[number - 1].pitch if number else -1
            after = events[number + 1]
            item.pitch = _approach(after.pitch, item.note.pitch - after.note.pitch, before, scale)


def _approach(goal: int, by: int, before: int, scale: frozenset[int]) -> int:
    """A pitch that leads to ``goal``: as the style's led to its next one, else from the scale, and no key twice."""
    ways = [goal + step for step in (-1, 2, -2, 1)]
    ways.sort(key=lambda way: way % 12 not in scale)
    if 0 < abs(by) <= 2:
        ways.insert(0, goal + by)
    return next(way for way in ways if way != before)


def _as_chords(events: Sequence[_Event], part: Part, song: Song, state: Fitting) -> list[_Event]:
    """Voicings that follow each other with little motion, broken as the pattern has them broken."""
    out: list[_Event] = []
    shapes: dict[Chord, list[_Event]] = {}
    for item in events:
        if item.over is not None:
            shapes.setdefault(item.over, []).append(item)
    groups: dict[tuple[Chord, Chord], list[_Event]] = {}
    for item in events:
        if item.over is not None and item.under is not None:
            groups.setdefault((item.over, item.under), []).append(item)
    voicings: dict[tuple[Chord, Chord], Mapping[int, int]] = {}
    for key, items in sorted(groups.items(), key=lambda pair: min(item.start for item in pair[1])):
        over, under = key
        voicings[key] = _voiced(over, under, shapes[over], items, part, song, state)
        for item in items:
            item.pitch = voicings[key][item.note.pitch]
            out.append(item)
    return sorted(out, key=lambda item: (item.start, item.pitch))


def _voiced(over: Chord, under: Chord, shape: Sequence[_Event], items: Sequence[_Event], part: Part, song: Song,
            state: Fitting) -> dict[int, int]:  # fmt: skip
    """The new pitch of every pitch that a pattern uses over one of its chords."""
    theirs, ours = tones_of(over), tones_of(under, song.scale)
    used = sorted({item.note.pitch for item in shape})
    own = [pitch for pitch in used if theirs.is_own(pitch) or _in_chords(pitch, shape)]
    rooted = bool(own) and theirs.step_of(own[0]) == ROOT
    deep = [pitch for pitch in own if pitch < LOW][: max(0, len(own) - 2)] if rooted else []
    held = _held(song, items)
    steps = _coloured(own, theirs, ours, items, held, state, _falls(under, song))
    upper = [pitch for pitch in own if pitch not in deep]
    out: dict[int, int] = {}
    for pitch in deep:
        wanted = _bass_class(under) if steps[pitch] == ROOT else ours.pitch_class(steps[pitch])
        out[pitch] = _nearest(wanted, pitch, max(part.low, pitch - 7), min(part.high, pitch + 7))
    while len(upper) > MOST:  # a wide arpeggio: its middle is voiced, the rest goes with it by octaves
        upper.pop()
    if upper:
        classes = [ours.pitch_class(steps[pitch]) for pitch in upper]
        low = max(part.low, min(upper) - 7, *(other + 3 for other in out.values()))
        wish = Wish(
            low, min(part.high, max(upper) + 7), float(np.mean(upper)), upper[-1] - upper[0], state.before, held
        )
        voicing = voice(classes, wish)
        state.before = voicing
        out.update(zip(upper, voicing, strict=True))
    for pitch in used:
        if pitch not in out:
            out[pitch] = _beside(pitch, theirs, ours, out, part)
    return out


def _coloured(
    own: Sequence[int], theirs: Tones, ours: Tones, items: Sequence[_Event], held: Sequence[int], state: Fitting,
    falls: bool,
) -> dict[int, int]:  # fmt: skip
    """The step of every chord tone of the pattern over the chord of the piece, with one colour of those it lacks.

    A style in ninths over a song in triads would sound more beside the chord than in it. So one colour stays, the one
    that rubs the least against the tune's ``held`` pitches, and none while the part has had its share of them; the
    others become tones of the chord.
    """
    steps = {pitch: _within(theirs.likely_step(pitch), theirs, ours) for pitch in own}
    times = {pitch: sum(item.end - item.start for item in items if item.note.pitch == pitch) for pitch in own}
    foreign = [pitch for pitch in own if steps[pitch] not in ours.own]
    state.sounded += sum(times.values())
    if foreign:
        kept = min(foreign, key=lambda pitch: (_rubs(ours.pitch_class(steps[pitch]), held), steps[pitch] != SEVENTH))
        budget = COLOUR * (LEADING if falls else 1.0) * state.sounded
        if state.coloured + times[kept] <= budget:
            state.coloured += times[kept]
            foreign.remove(kept)
    for pitch in tuple(foreign):
        have = [steps[other] for other in own if other not in foreign]
        missing = [step for step in (ROOT, FIFTH, THIRD, SEVENTH) if step in ours.own and step not in have]
        steps[pitch] = missing[0] if missing else FIFTH if FIFTH in ours.own and have.count(FIFTH) < 2 else ROOT
        foreign.remove(pitch)
    return steps


def _in_chords(pitch: int, shape: Sequence[_Event]) -> bool:
    """Whether a pitch is struck together with two others wherever the pattern has it: a colour, not a passing note."""
    starts = [item.start for item in shape if item.note.pitch == pitch]
    return all(sum(item.start == start for item in shape) > 2 for start in starts)


def _rubs(pitch_class: int, held: Sequence[int]) -> int:
    """With how many held pitches a tone forms a semitone."""
    return sum((pitch_class - pitch) % 12 in (1, 11) for pitch in held)


def _falls(chord: Chord, song: Song) -> bool:
    """Whether the next chord of the piece lies a fifth below."""
    later = next((other for other in song.chords if other.tick > chord.tick), None)
    return later is not None and (chord.root - later.root) % 12 == 7


def _within(step: int, theirs: Tones, ours: Tones) -> int:
    """The step that is played for one of the pattern's.

    Colours stay, a third that is not there is the fifth or the root. The minor seventh of a blues over a chord that has
    none, in a key that has the major one, is the sixth: it neither leads on nor sounds like another style.
    """
    if step == THIRD and THIRD not in ours.own:
        return FIFTH if FIFTH in ours.own else ROOT
    blue = step == SEVENTH and theirs.steps[SEVENTH] == 10 and theirs.steps[THIRD] == 4
    if blue and SEVENTH not in ours.own and ours.steps[SEVENTH] == 11:
        return SIXTH
    return step


def _held(song: Song, items: Sequence[_Event]) -> tuple[int, ...]:
    start, end = min(item.start for item in items), max(item.end for item in items)
    least = song.ticks(HELD)
    sung = song.sung(start, end)
    held = {note.pitch for note in sung if min(note.end, end) - max(note.start, start) >= least}
    return tuple(sorted(held))


def _beside(pitch: int, theirs: Tones, ours: Tones, known: Mapping[int, int], part: Part) -> int:
    """A tone between those of the chord: as many steps from its neighbour as in the style."""
    if not known:
        wanted = ours.pitch_class(_within(theirs.likely_step(pitch), theirs, ours))
        return _nearest(wanted, pitch, part.low, part.high)
    neighbour = min(known, key=lambda other: (abs(other - pitch), other))
    step = _within(theirs.likely_step(pitch), theirs, ours)
    wanted = ours.pitch_class(step)
    near = known[neighbour] + pitch - neighbour
    return _folded(_nearest(wanted, near, 0, 127), part.low, part.high)


def _single(events: Sequence[_Event]) -> list[_Event]:
    """No onset twice on one pitch."""
    seen: set[tuple[int, int]] = set()
    out = []
    for item in events:
        if (item.start, item.pitch) not in seen:
            seen.add((item.start, item.pitch))
            out.append(item)
    return out
