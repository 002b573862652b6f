"""Playing as people do: timing and velocity learnt from played music, laid over notes that stand on the grid.

    played = humanise({"t1": notes}, TimeMap(score), roles={"t1": "drums"}, family="funk", strength=60, seed=1)

How late a stroke is, and how loud, is drawn for its voice and its place in the bar from
:mod:`workbench.nets.feel_table`. Deviations hang together: a slow drift that the whole band shares, what is common to
all notes struck at once, and each note's own. They are a function of seed, part and tick alone, so a section that is
made again leaves every other one as it was. At strength 0 nothing changes at all.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from workbench.errors import BadRequest
from workbench.nets.feel_table import ARC, FAMILIES, GROUPS, KEYS, NORMAL, STRAIGHT, TIES, FeelTable, shipped, voice_of
from workbench.score.score import Note
from workbench.score.timemap import TimeMap

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: What a part is played like: drums by their voices, chords by hand, one line as the tune or as the left hand.
ROLES = ("drums", "chords", "bass", "tune")
#: No note moves by more than this at full strength, in milliseconds, nor by this share of the way to its neighbours.
FARTHEST, SHARE = 60.0, 0.42
#: A drift is the sum of so many earlier quarters' pushes; later ones have faded.
MEMORY = 64


@dataclass(frozen=True)
class _Part:
    """One part's notes in order, where they stand (quarters from the start of the piece, and place), their groups."""

    key: int
    notes: list[Note]
    beat: Floats
    place: Ints
    group: Ints
    tie: int


def humanise(
    parts: Mapping[str, Sequence[Note]],
    time: TimeMap,
    *,
    roles: Mapping[str, str],
    family: str = "rock",
    strength: int = 60,
    seed: int = 0,
    span: tuple[int, int] | None = None,
    composed: bool = True,
    phrases: Sequence[tuple[int, int]] = (),
    farthest: float = np.inf,
    table: FeelTable | None = None,
) -> dict[str, list[Note]]:
    """The notes as a person would play them: ``start``, ``duration`` and ``velocity`` change, and nothing else.

    Args:
        parts: notes on the grid, by part.
        time: bars and tempo of the piece.
        roles: one of :data:`ROLES` for each part ("chords" where none is given).
        family: how the drums are played: rock, funk, jazz or latin.
        strength: 0 (as written) to 100 (as far as players go).
        seed: equal seeds give equal playing.
        span: ticks that no onset and no end leaves; left out: the piece from its start.
        composed: the velocities were chosen with care, so only what a player varies from bar to bar is added; False
            for flat ones: the accents of each place in the bar are added as well.
        phrases: ticks of phrases (start, end), over which parts other than drums swell.
        farthest: ticks; every onset moves by fewer.
        table: left out: the one that is shipped.

    Onsets keep their order: no note reaches a neighbour's place. A note that ended before the next one of its part
    began still does.

    Raises:
        BadRequest: a strength outside 0 to 100, an unknown role or family.
    """
    if type(strength) is not int or not 0 <= strength <= 100:
        raise BadRequest("How human the playing is goes from 0 to 100.")
    if family not in FAMILIES or not set(roles.values()) <= set(ROLES):
        raise BadRequest("The feel knows rock, funk, jazz and latin drums, and drums, chords, bass and tune as parts.")
    if strength == 0:
        return {name: list(notes) for name, notes in parts.items()}
    table = table or shipped()
    out: dict[str, list[Note]] = {}
    for name, notes in parts.items():
        part = _part(name, notes, time, roles.get(name, "chords"), family)
        if not part.notes:
            out[name] = []
            continue
        late = _late(part, table, seed) * strength / 100
        louder = _louder(part, table, seed, composed) * strength / 100
        if part.tie == TIES.index("keys"):
            louder += _arcs(part.notes, phrases, table.arc) * strength / 100
        out[name] = _moved(part, late, louder, time, span, farthest)
    return out


def _part(name: str, notes: Sequence[Note], time: TimeMap, role: str, family: str) -> _Part:
    ordered = sorted(notes, key=lambda note: (note.start, note.pitch, note.id))
    beats, places = [], []
    for note in ordered:
        bar = time.bar_at(note.start)
        quarter = (note.start - bar.start) / time.ppq
        thirds, quarters = quarter * 3, quarter * 4
        # Where neither fits, sixteenths: a swung note between both is nearer to one of them by a hair.
        ternary = abs(thirds - round(thirds)) / 3 < abs(quarters - round(quarters)) / 4 - 1e-9
        places.append(STRAIGHT + round(thirds) % 12 if ternary else round(quarters) % 16)
        beats.append(note.start / time.ppq)
    if role == "drums":
        group = [GROUPS.index(f"{family} {voice_of(note.pitch)}") for note in ordered]
    else:
        first = len(GROUPS) - len(KEYS)
        group = [first + row for row in _hands(ordered, role)]
    tie = TIES.index(family if role == "drums" else "keys")
    key = zlib.crc32(name.encode())
    return _Part(key, ordered, np.array(beats), np.array(places, np.int64), np.array(group, np.int64), tie)


def _hands(notes: list[Note], role: str) -> list[int]:
    """Index into :data:`KEYS` of each note: its part's own, or its place in the chord it belongs to."""
    if role in ("bass", "tune"):
        return [KEYS.index("low" if role == "bass" else "tune")] * len(notes)
    chords: dict[int, list[int]] = {}
    for note in notes:
        chords.setdefault(note.start, []).append(note.pitch)
    out = []
    for note in notes:
        own = chords[note.start]
        if len(own) == 1:
            name = "low" if note.pitch < 55 else "top"
        else:
            name = "top" if note.pitch == max(own) else "low" if note.pitch == min(own) else "inner"
        out.append(KEYS.index(name))
    return out


def _late(part: _Part, table: FeelTable, seed: int) -> Floats:
    """Milliseconds by which each note is late at full strength."""
    drift, memory, struck, own = table.tie_ms[part.tie]
    starts = np.array([note.start for note in part.notes])
    pulse = _drift(part.beat, seed, memory)
    common = _normal(seed, part.key, starts, np.zeros_like(starts), 1)
    single = _normal(seed, part.key, starts, np.array([note.pitch for note in part.notes]), 2)
    keys = part.tie == TIES.index("keys")
    # The notes of one chord fall apart as piano players' do; what is left of the deviation they share.
    normal = np.sqrt(drift) * pulse + (
        np.sqrt(struck + own) * common if keys else np.sqrt(struck) * common + np.sqrt(own) * single
    )
    late = _drawn(table.ms, part, normal)
    if keys:
        _, where, count = np.unique(starts, return_inverse=True, return_counts=True)
        role = part.group - (len(GROUPS) - len(KEYS))
        for row in range(3):
            own_row = (role == row) & (count[where] > 1)
            late[own_row] += np.interp(single[own_row], NORMAL, table.spread[row])
    return np.clip(late, -FARTHEST, FARTHEST)


def _louder(part: _Part, table: FeelTable, seed: int, composed: bool) -> Floats:
    """By how much each note's velocity rises at full strength."""
    drift, memory, struck, own = table.tie_velocity[part.tie]
    starts = np.array([note.start for note in part.notes])
    pitches = np.array([note.pitch for note in part.notes])
    normal = (
        np.sqrt(drift) * _drift(part.beat, seed + 1, memory)
        + np.sqrt(struck) * _normal(seed, part.key, starts, np.zeros_like(starts), 3)
        + np.sqrt(own) * _normal(seed, part.key, starts, pitches, 4)
    )
    if part.tie == TIES.index("keys") and len(pitches) > 4:
        slope = table.slope[part.group - (len(GROUPS) - len(KEYS))]
        around = np.convolve(np.pad(pitches.astype(np.float64), 8, mode="edge"), np.ones(17) / 17, mode="valid")
        above = (pitches - around) / max(1.0, float((pitches - around).std()))
        normal = np.sqrt(1 - slope**2) * normal + slope * above
    return normal * table.again[part.group] if composed else _drawn(table.velocity, part, normal)


def _drawn(table: Floats, part: _Part, normal: Floats) -> Floats:
    """What each note's own cell of a table says for a normal score."""
    cells, which = np.unique(part.group * 64 + part.place, return_inverse=True)
    out = np.zeros(len(normal))
    for number, cell in enumerate(cells.tolist()):
        own = which == number
        out[own] = np.interp(normal[own], NORMAL, table[cell // 64, cell % 64])
    return out


def _arcs(notes: list[Note], phrases: Sequence[tuple[int, int]], arc: Floats) -> Floats:
    """The swell of the phrase that each note stands in, in velocity."""
    out = np.zeros(len(notes))
    middles = (np.arange(ARC) + 0.5) / ARC
    for start, end in phrases:
        for place, note in enumerate(notes):
            if start <= note.start < end:
                out[place] = np.interp((note.start - start) / (end - start), middles, arc)
    return out


def _drift(beat: Floats, seed: int, memory: float) -> Floats:
    """A slow wave of unit deviation at each place in quarters, that has ``memory`` of itself left after one."""
    last = int(beat.max()) + 2
    ticks = np.arange(-MEMORY, last + 1)
    pushes = _normal(seed, 0, ticks + MEMORY, np.zeros_like(ticks), 5)
    weights = memory ** np.arange(MEMORY)
    wave = np.convolve(pushes, weights / np.sqrt((weights**2).sum()), mode="full")[MEMORY : MEMORY + last + 1]
    return np.asarray(np.interp(beat, np.arange(len(wave)), wave))


def _normal(seed: int, key: int, first: Ints, second: Ints, stream: int) -> Floats:
    """A normal deviate for each pair of numbers: the same for the same seed, key, stream and pair, whatever is near."""
    start = np.uint64((seed * 0x9E3779B97F4A7C15 + key * 0xD1B54A32D192ED03 + stream * 0x8CB92BA72F3D8DD7) % 2**64)
    with np.errstate(over="ignore"):
        mixed = _mix(_mix(first.astype(np.uint64) + start) ^ (second.astype(np.uint64) * np.uint64(0x94D049BB133111EB)))
        other = _mix(mixed + np.uint64(0x9E3779B97F4A7C15))
    one = ((mixed >> np.uint64(11)).astype(np.float64) + 0.5) / 2.0**53
    two = (other >> np.uint64(11)).astype(np.float64) / 2.0**53
    return np.asarray(np.sqrt(-2 * np.log(one)) * np.cos(2 * np.pi * two))


def _mix(value: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The finaliser of SplitMix64: every bit depends on every other."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def _moved(
    part: _Part, late: Floats, louder: Floats, time: TimeMap, span: tuple[int, int] | None, farthest: float
) -> list[Note]:  # fmt: skip
    """The notes moved, within their neighbours and the span."""
    low, high = span if span is not None else (0, 2**31 - 1)
    starts = np.array([note.start for note in part.notes])
    onsets, where = np.unique(starts, return_inverse=True)
    room = np.diff(onsets) * SHARE
    before = np.concatenate([[np.inf], room])[where]
    after = np.concatenate([room, [np.inf]])[where]
    ticks = np.array([1000 * time.ppq / time.tempo_at(int(start)) for start in starts])
    most = np.minimum([before, after], np.nextafter(farthest, 0))
    shift = np.trunc(np.clip(late * ticks, -most[0], most[1])).astype(np.int64)
    moved = np.clip(starts + shift, np.minimum(low, starts), np.maximum(starts, high - 1))
    # The first note struck at each onset, after the move: what ended by then still does.
    first = np.full(len(onsets), 2**31 - 1)
    np.minimum.at(first, where, moved)
    out: list[Note] = []
    last: dict[int, int] = {}
    for place, note in enumerate(part.notes):
        start = int(moved[place])
        end = start + note.duration
        following = int(where[place]) + 1
        if following < len(onsets) and note.end <= onsets[following]:
            end = min(end, int(first[following]))
        if note.end <= high:
            end = min(end, high)
        if note.pitch in last:  # one pitch never sounds twice at once
            old = out[last[note.pitch]]
            if old.end > start and part.notes[last[note.pitch]].end <= note.start:
                out[last[note.pitch]] = replace(old, duration=max(min(1, old.duration), start - old.start))
        velocity = int(np.clip(round(note.velocity + louder[place]), 1, 127))
        last[note.pitch] = len(out)
        out.append(replace(note, start=start, duration=max(min(1, note.duration), end - start), velocity=velocity))
    return out
