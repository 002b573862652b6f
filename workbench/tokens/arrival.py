"""The arrival-time vocabulary of the Anticipatory Music Transformer (Thickstun et al., 2023, arXiv:2306.08620).

A note is a triple of tokens: onset, duration, and instrument with pitch. Times count hundredths of a second
("centiseconds", the unit of every time here). The whole block of event tokens is repeated once for *controls*: notes
that are given, not sampled, and shown to the network some seconds before they sound. ::

    onset 0 .. 9,999 | duration 10,000 .. 10,999 | note 11,000 .. 27,511 | REST 27,512
    the same as controls from 27,513 | SEPARATOR 55,025, AUTOREGRESS 55,026, ANTICIPATE 55,027

A window is one flag token and at most 341 triples, whose onsets count from the window's own start.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

PER_SECOND = 100  #: time units a second
MAX_TIME = 10_000  #: onsets of a window lie below this: 100 s
MAX_DURATION = 1_000  #: durations lie below this: 10 s
PITCHES = 128
DRUMS = 128  #: the instrument after the 128 programs of General MIDI
INSTRUMENTS = DRUMS + 1

TIME = 0
DURATION = TIME + MAX_TIME
NOTE = DURATION + MAX_DURATION
REST = NOTE + INSTRUMENTS * PITCHES  #: in a note's place: silence goes on
CONTROLS = REST + 1  #: added to an event token, gives its control token
SEPARATOR = CONTROLS + REST  #: controls have no REST
AUTOREGRESS = SEPARATOR + 1
ANTICIPATE = SEPARATOR + 2
SIZE = ANTICIPATE + 1

CONTEXT = 1_024  #: tokens of a window
TRIPLES = (CONTEXT - 1) // 3  #: events and controls of a window
DELTA = 5 * PER_SECOND  #: how long before it sounds a control is shown
REST_EVERY = PER_SECOND  #: longest time between two events; silence is filled with RESTs
MOST_INSTRUMENTS = 16  #: in one piece of the training data

# The published offsets; every other number above follows from the layout.
assert (DURATION, NOTE, REST, CONTROLS) == (10_000, 11_000, 27_512, 27_513)
assert (CONTROLS + DURATION, CONTROLS + NOTE) == (37_513, 38_513)
assert (SEPARATOR, AUTOREGRESS, ANTICIPATE, SIZE) == (55_025, 55_026, 55_027, 55_028)
assert 1 + 3 * TRIPLES == CONTEXT


class Event(NamedTuple):
    """A note or a rest. ``time`` and ``duration`` in hundredths of a second from the start of the piece;
    ``instrument`` 0 to 128 (128: drums), ``pitch`` 0 to 127; ``instrument`` -1 is a rest, of duration 0."""

    time: int
    duration: int
    instrument: int
    pitch: int
    control: bool = False

    @property
    def is_rest(self) -> bool:
        """Whether nothing sounds."""
        return self.instrument < 0


def rest(time: int) -> Event:
    """Silence that still goes on at ``time``."""
    return Event(time, 0, -1, 0)


def note_token(instrument: int, pitch: int) -> int:
    """The third token of an event."""
    return NOTE + instrument * PITCHES + pitch


def encode(events: Iterable[Event], start: int) -> list[int]:
    """Tokens of events in a window that starts at ``start``, three each.

    Raises:
        ValueError: a time, duration, instrument or pitch has no token.
    """
    tokens: list[int] = []
    for event in events:
        time = event.time - start
        fits = 0 <= time < MAX_TIME and 0 <= event.duration < MAX_DURATION
        if event.is_rest:
            fits = fits and not event.control and event.duration == 0
            third = REST
        else:
            fits = fits and event.instrument < INSTRUMENTS and 0 <= event.pitch < PITCHES
            third = note_token(event.instrument, event.pitch)
        if not fits:
            raise ValueError(f"{event} has no tokens in a window that starts at {start}.")
        shift = CONTROLS if event.control else 0
        tokens += [shift + TIME + time, shift + DURATION + event.duration, shift + third]
    return tokens


def decode(tokens: Sequence[int], start: int) -> list[Event]:
    """The events of whole triples; the opposite of :func:`encode`.

    Raises:
        ValueError: a triple is broken, mixes events with controls, holds a special token, or is a rest with a length.
    """
    if len(tokens) % 3:
        raise ValueError("The tokens do not come in threes.")
    events = []
    for place in range(0, len(tokens), 3):
        triple = tuple(tokens[place : place + 3])
        control = triple[0] >= CONTROLS
        time, duration, note = (token - (CONTROLS if control else 0) for token in triple)
        if note == REST and not control and duration == DURATION and TIME <= time < DURATION:
            events.append(rest(start + time))
            continue
        if not (TIME <= time < DURATION <= duration < NOTE <= note < REST):
            raise ValueError(f"{triple} is not an event.")
        instrument, pitch = divmod(note - NOTE, PITCHES)
        events.append(Event(start + time - TIME, duration - DURATION, instrument, pitch, control))
    return events
