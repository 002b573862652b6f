"""What an arrangement is made from: a tune cut into bars with its chords, or chords alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from workbench.create.compose.chords import chords_of
from workbench.create.compose.tune import top_line, tune_track
from workbench.errors import BadRequest
from workbench.hub.tasks.genie.chords import parse_symbol
from workbench.score.keys import KeyGuess, estimate_key, pitch_class_weights, share_in, written_key
from workbench.score.lanes import DEFAULT_TEMPO, Chord, Meter
from workbench.score.score import DEFAULT_PPQ, Note, Score, Track
from workbench.score.timemap import Bar, TimeMap

MAX_BARS = 256
MAX_CHORDS = 64


@dataclass(frozen=True)
class SourceBar:
    """One bar: metre, length in ticks, and its notes and chords with starts counted from its own bar line."""

    numerator: int
    denominator: int
    length: int
    notes: tuple[Note, ...] = ()
    chords: tuple[Chord, ...] = ()


@dataclass(frozen=True)
class Source:
    """A tune with its chords.

    ``lead``: the notes of a pickup, each with how many ticks before the first bar it begins. ``tempo``: microseconds
    a quarter, 0 where the file says none. ``name`` and ``program``: of the tune's instrument. Without a tune every bar
    is empty but for its chords.
    """

    ppq: int
    bars: tuple[SourceBar, ...]
    lead: tuple[tuple[int, Note], ...]
    key: KeyGuess
    tempo: int = 0
    name: str = "Tune"
    program: int = 73
    remarks: tuple[str, ...] = ()

    @property
    def has_tune(self) -> bool:
        """Whether there is a note in it."""
        return any(bar.notes for bar in self.bars)

    def tune_score(self) -> Score:
        """The tune by itself, for :func:`~workbench.create.compose.form.sections_of`."""
        score = Score(ppq=self.ppq)
        score.meters, whole = [], sum(bar.length for bar in self.bars)
        track, at = Track("t1", name=self.name, program=self.program), 0
        for bar in self.bars:
            last = score.meters[-1] if score.meters else None
            if last is None or (last.numerator, last.denominator) != (bar.numerator, bar.denominator):
                score.meters.append(Meter(at, bar.numerator, bar.denominator))
            for note in bar.notes:
                name, start = f"n{len(track.notes) + 1}", at + note.start
                track.notes[name] = replace(note, id=name, start=start, duration=min(note.duration, whole - start))
            at += bar.length
        score.tracks = [track]
        return score


def source_of(score: Score, *, tune: str | None = None, chords: str = "") -> Source:
    """The tune of a piece and its chords (those named, in turn, a bar each; else the piece's own).

    Args:
        score: the piece; parts other than the tune are heard for their chords alone.
        tune: id of the track that has the tune; left out: it is found.
        chords: chord symbols such as "C Am F G".

    Raises:
        BadRequest: no notes and no chords, or a tune that is longer than 256 bars.
    """
    track = tune_track(score, tune)
    if track is None or not track.notes:
        if chords or score.chords:
            return _of_lane(score) if not chords else source_of_chords(chords)
        raise BadRequest("There is no tune in this piece yet and no chords; sing, play or write one first.")
    line = top_line(track)
    time = TimeMap(score)
    bars = _bars_with(line, time)
    if len(bars) > MAX_BARS:
        raise BadRequest(f"A tune of up to {MAX_BARS} bars can be arranged; this one has {len(bars)}.")
    pickup = [note for note in line if note.start < bars[0].start]
    lane = _in_turn(chords, bars) if chords else _covering(chords_of(_from(score, line, track.id)), bars)
    made = tuple(
        SourceBar(
            bar.numerator, bar.denominator, bar.end - bar.start,
            tuple(replace(note, start=note.start - bar.start) for note in line if bar.start <= note.start < bar.end),
            _within(lane, bar),
        )
        for bar in bars
    )  # fmt: skip
    if not any(bar.notes for bar in made):
        raise BadRequest("The tune is a pickup alone yet; write its first full bar.")
    remarks = []
    others = sum(1 for other in score.tracks if other.notes and other.id != track.id)
    if others:
        remarks.append(f"Only the tune in {track.name or 'its track'} was kept, and the chords of what else plays.")
    elif len(line) < len(track.notes):
        remarks.append("Only the highest notes were kept as the tune, and the chords of the rest.")
    said = score.tempos[0].us_per_quarter if score.tempos else DEFAULT_TEMPO
    name = track.name if track.name.strip() else "Tune"
    lead = tuple((bars[0].start - note.start, note) for note in pickup)
    return Source(score.ppq, made, lead, _key(score, line, lane), 0 if said == DEFAULT_TEMPO else said, name,
                  track.program, tuple(remarks))  # fmt: skip


def source_of_chords(text: str, bars: int = 8, ppq: int = DEFAULT_PPQ) -> Source:
    """Chords alone, a bar of four quarters each, in turn for at least ``bars`` bars; raises :class:`BadRequest`."""
    length = 4 * ppq
    row = _symbols(text)
    count = len(row) * max(1, -(-bars // len(row)))
    made = tuple(
        SourceBar(4, 4, length, (), (Chord(0, length, row[at % len(row)][0], *row[at % len(row)][1:]),))
        for at in range(min(MAX_BARS, count))
    )
    return Source(ppq, made, (), _key(Score(), (), [chord for bar in made for chord in bar.chords]))


def _symbols(text: str) -> list[tuple[int, str, int]]:
    words = [word for word in text.replace(",", " ").replace("|", " ").split() if word]
    if not 1 <= len(words) <= MAX_CHORDS:
        raise BadRequest(f"Name 1 to {MAX_CHORDS} chords, such as C Am F G.")
    found = [parse_symbol(word) for word in words]
    if any(not chord.quality for chord in found):
        raise BadRequest("Every bar needs a chord here; write chords like C, Am, F#m7, Bb or G7.")
    return [(chord.root, chord.quality, chord.bass) for chord in found]


def _of_lane(score: Score) -> Source:
    """The bars that a chord lane covers, without a tune."""
    end = max(chord.tick + chord.duration for chord in score.chords)
    bars = [bar for bar in TimeMap(score).bars(end) if bar.number > 0][:MAX_BARS]
    lane = _covering(score.chords, bars)
    made = tuple(SourceBar(bar.numerator, bar.denominator, bar.end - bar.start, (), _within(lane, bar)) for bar in bars)
    said = score.tempos[0].us_per_quarter if score.tempos else DEFAULT_TEMPO
    return Source(score.ppq, made, (), _key(score, (), lane), 0 if said == DEFAULT_TEMPO else said)


def _bars_with(line: Sequence[Note], time: TimeMap) -> list[Bar]:
    """The full bars from the tune's first to its last onset, made even in number by a bar of rest.

    A first bar that the tune enters in its last quarter is a pickup, as it is where the file says so.
    """
    first, last = time.bar_at(line[0].start), time.bar_at(line[-1].start)
    late = line[0].start - first.start >= 0.7 * (first.end - first.start)
    if first.number == 0 or (late and last.number > first.number):
        first = time.bar_at(first.end)
    bars = [time.bar(number) for number in range(first.number, max(first.number, last.number) + 1)]
    if len(bars) % 2 and len(bars) > 1:
        bars.append(time.bar_at(bars[-1].end))
    return bars


def _from(score: Score, line: Sequence[Note], tune: str) -> Score:
    """The piece as its chords are to be heard: as it is, or with no more than the tune in the tune's track."""
    if any(track.notes and track.id != tune for track in score.tracks) or score.chords:
        return score
    return score if len(line) < len(score.track(tune).notes) else score.copy()


def _covering(lane: Sequence[Chord], bars: Sequence[Bar]) -> list[Chord]:
    """The chords over the bars, each held until the next; the first also before it begins."""
    end = bars[-1].end
    inside = [chord for chord in lane if chord.tick < end]
    if not inside:
        return []
    out: list[Chord] = []
    for place, chord in enumerate(inside):
        start = min(chord.tick, bars[0].start) if place == 0 else chord.tick
        stop = inside[place + 1].tick if place + 1 < len(inside) else end
        if stop > start:
            out.append(replace(chord, tick=start, duration=stop - start))
    return out


def _in_turn(text: str, bars: Sequence[Bar]) -> list[Chord]:
    row = _symbols(text)
    return [Chord(bar.start, bar.end - bar.start, *row[place % len(row)]) for place, bar in enumerate(bars)]


def _within(lane: Sequence[Chord], bar: Bar) -> tuple[Chord, ...]:
    out = []
    for chord in lane:
        start, end = max(chord.tick, bar.start), min(chord.tick + chord.duration, bar.end)
        if start < end:
            out.append(replace(chord, tick=start - bar.start, duration=end - start))
    return tuple(out)


def _key(score: Score, line: Sequence[Note], lane: Sequence[Chord]) -> KeyGuess:
    """The key of tune and chords together; the written one if it is a key of the same notes."""
    if not line:
        return _key_of_chords(lane)
    weights = pitch_class_weights(line)
    for chord in lane:
        for tone in chord.pitch_classes:
            weights[tone] += chord.duration / 2
        weights[chord.root] += chord.duration / 2
    if lane:
        # Where a piece ends is where it is at home.
        weights[lane[-1].root] += lane[-1].duration * 2
    heard, written = estimate_key(weights), written_key(score, 0)
    if written is not None and set(written.scale) == set(heard.scale):
        return written
    tonic = heard.tonic if heard.mode == "major" else (heard.tonic + 3) % 12
    pair = (KeyGuess(tonic, "major", heard.confidence), KeyGuess((tonic + 9) % 12, "minor", heard.confidence))
    return max(pair, key=lambda key: _at_home(key, line, lane))


def _at_home(key: KeyGuess, line: Sequence[Note], lane: Sequence[Chord]) -> float:
    """How much a key is the one of two with the same notes: where it begins, ends and spends its time."""
    third = (key.tonic + (4 if key.mode == "major" else 3)) % 12
    home = [chord.root == key.tonic and third in chord.pitch_classes for chord in lane]
    whole = max(1, sum(chord.duration for chord in lane))
    spent = sum(chord.duration for chord, own in zip(lane, home, strict=True) if own) / whole
    if not lane:
        return 0.2 * (line[-1].pitch % 12 == key.tonic)
    return spent + 0.25 * home[0] + 0.4 * home[-1] + 0.2 * (line[-1].pitch % 12 == key.tonic)


def _key_of_chords(lane: Sequence[Chord]) -> KeyGuess:
    """The key whose scale holds the chords, whose home chord is there, first or last, and is led to by its dominant."""
    weights = np.zeros(12)
    for chord in lane:
        for tone in chord.pitch_classes:
            weights[tone] += chord.duration

    def fit(key: KeyGuess) -> float:
        third = 4 if key.mode == "major" else 3
        home = [chord.root == key.tonic and (key.tonic + third) % 12 in chord.pitch_classes for chord in lane]
        led = any(
            home[place + 1] and (chord.root - key.tonic) % 12 == 7 and (key.tonic + 11) % 12 in chord.pitch_classes
            for place, chord in enumerate(lane[:-1])
        )
        scale = {*key.scale, *({(key.tonic + 11) % 12} if key.mode == "minor" else ())}
        return share_in(weights, scale) + 0.1 * any(home) + 0.06 * home[0] + 0.06 * home[-1] + 0.1 * led

    keys = [KeyGuess(tonic, mode) for mode in ("major", "minor") for tonic in range(12)]
    return max(keys, key=fit) if lane else keys[0]
