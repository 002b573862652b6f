"""To and from pretty_midi, for those who work with it.

pretty_midi (Raffel and Ellis, 2014) counts in seconds and knows less than a score does. Notes, drums, programs,
tempos, metres, keys, lyrics, texts, bends and controllers pass both ways with their ticks; what does not:

- to pretty_midi: ids, authors, locks, mute, solo, silences, chords, markers and raw messages; the metronome fields of a
  metre; a tempo that another one on its tick replaces. A track whose instrument changes becomes one instrument a
  program.
- from pretty_midi: the enharmonic spelling of a key (its key numbers have one name a pitch class).

pretty_midi's own ``write`` loses more (it adds a 4/4 and truncates tempos): write MIDI with
:func:`workbench.score.midi.files.write_midi`.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import TYPE_CHECKING, Any

from workbench.errors import BadFile, BadRequest, Unavailable
from workbench.score.lanes import DEFAULT_TEMPO, Bend, Control, Key, LaneEvent, Meter, Program, Tempo, Text
from workbench.score.midi.channel import FIELDS
from workbench.score.score import MAX_NOTES, Note, Score, Track

if TYPE_CHECKING:
    from pretty_midi import PrettyMIDI

#: pretty_midi holds the time of every single tick in memory, eight bytes each.
MAX_TABLE = 50_000_000


def to_pretty_midi(score: Score) -> PrettyMIDI:
    """The score as a ``pretty_midi.PrettyMIDI`` with the same resolution; times in seconds.

    Raises:
        BadRequest: a piece of more than 50 million ticks.
        Unavailable: pretty_midi is not installed.
    """
    try:
        import pretty_midi
    except ImportError as error:
        raise Unavailable("This conversion needs pretty_midi; install the extra 'pretty-midi'.") from error

    last = max([score.end, *(event.tick for event in _events(score))])
    if last > MAX_TABLE:
        raise BadRequest("This piece is too long for pretty_midi; convert a shorter part of it.")
    pm = pretty_midi.PrettyMIDI(resolution=score.ppq)
    scales = {0: DEFAULT_TEMPO, **{tempo.tick: tempo.us_per_quarter for tempo in score.tempos}}
    pm._tick_scales = [(tick, us / 1e6 / score.ppq) for tick, us in sorted(scales.items())]
    pm._update_tick_to_time(last + 1)
    seconds = pm.tick_to_time
    for meter in score.meters:
        pm.time_signature_changes.append(
            pretty_midi.TimeSignature(meter.numerator, meter.denominator, seconds(meter.tick))
        )
    for key in score.keys:
        number = key.tonic + (12 if key.mode == "minor" else 0)
        pm.key_signature_changes.append(pretty_midi.KeySignature(number, seconds(key.tick)))
    texts = [*score.texts, *(text for track in score.tracks for text in track.texts)]
    for text in sorted(texts, key=lambda text: text.tick):
        if text.kind == "lyric":
            pm.lyrics.append(pretty_midi.Lyric(text.text, seconds(text.tick)))
        elif text.kind == "text":
            pm.text_events.append(pretty_midi.Text(text.text, seconds(text.tick)))
    for track in score.tracks:
        pm.instruments += _instruments(pretty_midi, track, seconds)
    return pm


def _events(score: Score) -> Iterable[LaneEvent]:
    yield from chain(score.tempos, score.meters, score.keys, score.texts)
    for track in score.tracks:
        yield from chain(track.controls, track.bends, track.texts)


def _instruments(pretty_midi: Any, track: Track, seconds: Any) -> list[Any]:
    """One instrument a program that the track plays with; the first carries its controllers and bends."""
    out: dict[int, Any] = {}
    changes = [Program(0, track.program), *track.programs]
    at = 0
    notes: list[Note | None] = [*track.sorted_notes()]
    for note in notes or [None]:
        while note and at + 1 < len(changes) and changes[at + 1].tick <= note.start:
            at += 1
        program = changes[at].program
        if program not in out:
            out[program] = pretty_midi.Instrument(program, track.is_drum, track.name)
        if note:
            start, end = seconds(note.start), seconds(note.end)
            out[program].notes.append(pretty_midi.Note(note.velocity, note.pitch, start, end))
    first = next(iter(out.values()))
    for number, (name, usual) in FIELDS.items():
        if getattr(track, name) != usual:
            first.control_changes.append(pretty_midi.ControlChange(number, getattr(track, name), 0.0))
    for control in track.controls:
        first.control_changes.append(pretty_midi.ControlChange(control.number, control.value, seconds(control.tick)))
    first.pitch_bends = [pretty_midi.PitchBend(bend.value, seconds(bend.tick)) for bend in track.bends]
    return list(out.values())


def from_pretty_midi(pm: PrettyMIDI) -> Score:
    """A score from a ``pretty_midi.PrettyMIDI``: times rounded to its ticks, each note's author ``imported``.

    Volume, pan and room (controllers 7, 10 and 91) at time 0 become fields of the track. Raises :class:`BadFile` for
    more than 200,000 notes and :class:`workbench.errors.BadDocument` for values that a score does not allow.
    """
    if sum(len(instrument.notes) for instrument in pm.instruments) > MAX_NOTES:
        raise BadFile(f"This piece has more than {MAX_NOTES:,} notes; split it into shorter pieces first.")
    ppq = int(pm.resolution)
    score = Score(ppq=ppq)
    score.tempos = [Tempo(int(tick), round(scale * ppq * 1e6)) for tick, scale in pm._tick_scales]
    score.meters = [Meter(_tick(pm, m.time), int(m.numerator), int(m.denominator)) for m in pm.time_signature_changes]
    score.keys = [_key(_tick(pm, key.time), int(key.key_number)) for key in pm.key_signature_changes]
    lyrics = [Text(_tick(pm, lyric.time), "lyric", lyric.text) for lyric in pm.lyrics]
    texts = [Text(_tick(pm, text.time), "text", text.text) for text in getattr(pm, "text_events", [])]
    score.texts = [*lyrics, *texts]
    number = 1
    for place, instrument in enumerate(pm.instruments, start=1):
        track = Track(f"t{place}", instrument.name or "", int(instrument.program), bool(instrument.is_drum))
        track.color = (place - 1) % 256
        notes = [(_tick(pm, note.start), note.pitch, _tick(pm, note.end), note.velocity) for note in instrument.notes]
        for start, pitch, end, velocity in sorted(notes):
            name = f"n{number}"
            track.notes[name] = Note(name, start, max(end - start, 0), int(pitch), int(velocity), "imported")
            number += 1
        _set_controls(track, [(_tick(pm, c.time), int(c.number), int(c.value)) for c in instrument.control_changes])
        track.bends = [Bend(_tick(pm, bend.time), int(bend.pitch)) for bend in instrument.pitch_bends]
        track.bends.sort(key=lambda bend: bend.tick)
        score.tracks.append(track)
    for lane in (score.meters, score.keys, score.texts):
        lane.sort(key=lambda event: event.tick)  # type: ignore[attr-defined]
    return score


def _tick(pm: PrettyMIDI, seconds: float) -> int:
    return max(int(pm.time_to_tick(seconds)), 0)


def _key(tick: int, number: int) -> Key:
    """pretty_midi's key number (0 to 11 major, 12 to 23 minor) with at most six sharps or five flats."""
    minor = number >= 12
    fifths = (number % 12 - (9 if minor else 0)) * 7 % 12
    return Key(tick, fifths if fifths <= 6 else fifths - 12, "minor" if minor else "major")


def _set_controls(track: Track, controls: list[tuple[int, int, int]]) -> None:
    for tick, number, value in sorted(controls, key=lambda control: control[0]):
        if number in FIELDS and tick == 0:
            setattr(track, FIELDS[number][0], value)
        else:
            track.controls.append(Control(tick, number, value))
