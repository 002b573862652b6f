"""Chords and keys of a recording, or of notes: what sounds beat by beat, and how chords follow each other.

``hear_harmony(frames, beats)`` reads a recording that :func:`workbench.understand.frames.hear_frames` has heard;
``harmony_of_notes(notes, beats)`` does the same where only notes are known: a score, a transcription, a tune that was
sung. Each beat is compared with every chord by a small layer (:mod:`workbench.nets.harmony`), the key is heard from
that, and Viterbi's algorithm finds the likeliest chords, which change on beats and as they do in that key.

The ladder: :func:`spans_of` (beats to spans), :class:`Sounding` (what sounds in them), :func:`harmony_of`.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from workbench import resources
from workbench.nets.harmony import BEAT, BETWEEN, DOWNBEAT, MIDDLE, MODES, HarmonyRuntime, key_features
from workbench.tokens import chord_spans as cs
from workbench.understand.frames import Frames
from workbench.understand.heard import Beats, HeardChord, HeardKey, HeardNote
from workbench.understand.labels import NO_CHORD, chord_label

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Beats further apart than this, in seconds, are halved; without beats the recording is cut every so many seconds.
SLOW, UNMEASURED = 1.0, 0.4
#: Beats on average less sure than this are no beats to go by; fewer than this many neither.
BELIEVED, FEWEST = 0.15, 4
#: A span in which nothing sounds louder than this holds no chord.
SILENT = 0.08
#: A passage of so many spans has a key of its own, looked for every half of it; how many nats a change of key costs.
PASSAGE, KEY_CHANGE = 32, 7.0


@dataclass(frozen=True, eq=False)
class Spans:
    """A recording cut at its beats: ``edges`` in seconds, float64 [n + 1]; ``place`` in the bar, int64 [n]."""

    edges: Floats
    place: Ints


@dataclass(frozen=True, eq=False)
class Sounding:
    """What sounds in each span: ``sound`` and ``struck`` float32 [n, 88], 0 to 1, as in ``tokens.chord_spans``.

    ``root`` [n, 13] and ``kind`` [n, 8]: what the listening network says of the chord; None where notes alone are
    known.
    """

    spans: Spans
    sound: cs.Floats
    struck: cs.Floats
    root: cs.Floats | None = None
    kind: cs.Floats | None = None


@dataclass(frozen=True)
class Harmony:
    """Chords without a gap from start to end, the key that holds longest (None in silence), and all keys in turn.

    ``keys``: (start, end, key) in seconds; more than one where the music modulates.
    """

    chords: tuple[HeardChord, ...] = ()
    key: HeardKey | None = None
    keys: tuple[tuple[float, float, HeardKey], ...] = ()


@functools.lru_cache(maxsize=1)
def shipped() -> HarmonyRuntime:
    """The weights that come with the package (nobody's state)."""
    return HarmonyRuntime.load(resources.path("models/transcribe"))


def spans_of(beats: Beats, duration: float) -> Spans:
    """Cut ``duration`` seconds at the beats, carried on to both ends; at equal steps where no beat is believed."""
    times = [time for time in beats.beats if 0 <= time < duration]
    sure = float(np.mean(beats.confidence)) if beats.confidence else 0.0
    if len(times) < FEWEST or sure < BELIEVED:
        count = max(1, round(duration / UNMEASURED))
        return Spans(np.linspace(0.0, duration, count + 1), np.full(count, BETWEEN))
    period = float(np.median(np.diff(times)))
    before = np.arange(times[0] - period, 0.25 * period, -period)[::-1]
    after = np.arange(times[-1] + period, duration - 0.25 * period, period)
    ones = set(np.round(beats.downbeats, 3).tolist())
    first = next((at for at, time in enumerate(times) if round(time, 3) in ones), None)
    grid = [*before.tolist(), *times, *after.tolist()]
    edges, place, number = [0.0], [BETWEEN], 0 if first is None else beats.metre - (first + len(before)) % beats.metre
    for at, time in enumerate(grid):
        beyond = at < len(before) or at >= len(before) + len(times)
        number = 0 if round(time, 3) in ones or (beyond and number >= beats.metre) else number
        here = DOWNBEAT if number == 0 else MIDDLE if 2 * number == beats.metre else BEAT
        if time - edges[-1] > SLOW:
            edges.append((edges[-1] + time) / 2)
            place.append(BETWEEN)
        if time - edges[-1] > 0.01:
            edges.append(time)
            place.append(here if first is not None else BEAT)
        number += 1
    if duration - edges[-1] > SLOW:
        edges.append((edges[-1] + duration) / 2)
        place.append(BETWEEN)
    if duration - edges[-1] > 0.01:
        edges.append(duration)
    else:
        edges[-1] = duration
        place.pop()
    return Spans(np.array(edges), np.array(place, np.int64))


def heard_in(frames: Frames, spans: Spans) -> Sounding:
    """What the network heard, by spans."""
    cuts = np.clip(np.round(spans.edges * frames.fps).astype(np.int64), 0, max(0, len(frames) - 1))
    starts = cuts[:-1]
    lengths = np.maximum(np.diff(cuts), 1)[:, None].astype(np.float32)

    def mean(rows: npt.NDArray[np.float16]) -> cs.Floats:
        sums = np.add.reduceat(rows[: cuts[-1] + 1].astype(np.float32), starts, axis=0)
        return np.asarray(sums / lengths, np.float32)

    struck = np.maximum.reduceat(frames.onset[: cuts[-1] + 1], starts, axis=0).astype(np.float32)
    return Sounding(spans, np.minimum(mean(frames.frame), 1.0), struck, mean(frames.root), mean(frames.kind))


def written_in(notes: Sequence[HeardNote], spans: Spans) -> Sounding:
    """Notes by spans; drums are left out."""
    pitched = [note for note in notes if not note.drum]
    rows = np.array([(note.start, note.end, note.pitch) for note in pitched], np.float64).reshape(-1, 3)
    return Sounding(spans, *cs.notes_by_key(rows[:, 0], rows[:, 1], rows[:, 2], spans.edges))


def hear_harmony(frames: Frames, beats: Beats, runtime: HarmonyRuntime | None = None) -> Harmony:
    """Chords and keys of a recording."""
    if not len(frames):
        return Harmony()
    return harmony_of(heard_in(frames, spans_of(beats, frames.duration)), runtime)


def harmony_of_notes(notes: Sequence[HeardNote], beats: Beats, runtime: HarmonyRuntime | None = None) -> Harmony:
    """Chords and keys of notes; beats may be none."""
    pitched = [note for note in notes if not note.drum]
    if not pitched:
        return Harmony()
    return harmony_of(written_in(pitched, spans_of(beats, max(note.end for note in pitched))), runtime)


def chords_of(frames: Frames, beats: Beats) -> tuple[HeardChord, ...]:
    """The chords of a recording, in the order of time and without gaps; ``N`` where there is none."""
    return hear_harmony(frames, beats).chords


def chords_of_notes(notes: Sequence[HeardNote], beats: Beats) -> tuple[HeardChord, ...]:
    """The chords of notes, such as a transcription's; ``N`` where there is none."""
    return harmony_of_notes(notes, beats).chords


def key_of(frames: Frames, beats: Beats) -> HeardKey | None:
    """The key of a recording; None where nothing pitched sounds."""
    return hear_harmony(frames, beats).key


def key_of_notes(notes: Sequence[HeardNote], beats: Beats | None = None) -> HeardKey | None:
    """The key of notes, such as a tune that was sung; None for none."""
    return harmony_of_notes(notes, beats or Beats()).key


def harmony_of(what: Sounding, runtime: HarmonyRuntime | None = None) -> Harmony:
    """Chords and keys of what sounds."""
    runtime = runtime or shipped()
    heard = what.root is not None
    fit = runtime.fit(cs.features(what.sound, what.struck, what.root, what.kind))
    silent = np.maximum(what.sound.max(axis=1), 0.5 * what.struck.max(axis=1)) < SILENT
    if silent.all():
        return Harmony((HeardChord(0.0, float(what.spans.edges[-1]), NO_CHORD, 1.0),) if len(fit) else ())
    fit[silent, : cs.NONE] -= 20.0
    keys = _keys(what, np.exp(fit), runtime)
    chain = runtime.chain(fit, what.spans.place, runtime.chords_of_keys(np.exp(keys)), heard)
    states, odds = chain.likeliest(), chain.odds()
    chords = _chords(what.spans.edges, states, odds)
    names = keys.argmax(axis=1)
    cuts = [0, *(np.flatnonzero(np.diff(names)) + 1).tolist(), len(names)]
    edges = what.spans.edges
    found = tuple((float(edges[a]), float(edges[b]), _key(keys[a:b].mean(axis=0))) for a, b in pairwise(cuts))
    return Harmony(chords, max(found, key=lambda item: item[1] - item[0])[2], found)


def _key(odds: Floats) -> HeardKey:
    best = int(odds.argmax())
    return HeardKey(best % 12, MODES[best // 12], float(np.clip(np.exp(odds[best]), 0, 1)))


def _keys(what: Sounding, chords: Floats, runtime: HarmonyRuntime) -> Floats:
    """Log probability of the 24 keys in each span, float64 [n, 24]: one for all, or by passages where it modulates."""
    count = len(chords)
    whole = runtime.keys(key_features(what.sound, what.struck, chords)[None])
    if count < 2 * PASSAGE:
        return np.repeat(whole, count, axis=0)
    starts = np.arange(0, count - PASSAGE // 2, PASSAGE // 2)
    told = [
        key_features(what.sound[at : at + PASSAGE], what.struck[at : at + PASSAGE], chords[at : at + PASSAGE])
        for at in starts.tolist()
    ]
    passages = 0.5 * runtime.keys(np.stack(told)) + 0.5 * whole
    best, came = passages[0].copy(), np.zeros(passages.shape, np.int64)
    for at in range(1, len(passages)):
        moved = best.max() - KEY_CHANGE
        came[at] = np.where(best >= moved, np.arange(24), best.argmax())
        best = np.maximum(best, moved) + passages[at]
    path = np.zeros(len(passages), np.int64)
    path[-1] = best.argmax()
    for at in range(len(passages) - 1, 0, -1):
        path[at - 1] = came[at][path[at]]
    out = np.zeros((count, 24))
    cuts = [0, *(np.flatnonzero(np.diff(path)) + 1).tolist(), len(path)]
    for first, last in pairwise(cuts):
        odds = passages[first:last].mean(axis=0) if len(cuts) > 2 else whole[0]
        odds = odds - 1e-3 * (np.arange(24) != path[first])  # the path decides a tie
        begin = 0 if first == 0 else first * (PASSAGE // 2) + PASSAGE // 4
        out[begin:] = np.where(np.arange(24) == path[first], np.maximum(odds, odds.max()), odds)
    return out


def _chords(edges: Floats, states: Ints, odds: Floats) -> tuple[HeardChord, ...]:
    """Equal neighbours joined; as sure as the spans of each are on average."""
    out = []
    cuts = [0, *(np.flatnonzero(np.diff(states)) + 1).tolist(), len(states)]
    lengths = np.diff(edges)
    for first, last in pairwise(cuts):
        state = int(states[first])
        root, kind = divmod(state, len(cs.KINDS))
        name = NO_CHORD if state == cs.NONE else chord_label(root, cs.KINDS[kind])
        sure = float(np.average(odds[first:last, state], weights=lengths[first:last]))
        out.append(HeardChord(float(edges[first]), float(edges[last]), name, min(1.0, max(0.0, sure))))
    return tuple(out)
