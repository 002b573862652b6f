"""What written notes sound: the key, accidentals in force to the end of the bar, and ties into the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from workbench.understand.score_image.written import ReadEvent, key_alter, natural, spelled, step_of


def sound(events: Sequence[ReadEvent], keys: Mapping[int, int]) -> tuple[ReadEvent, ...]:
    """The events of one staff (or of several that share accidentals) with their pitches worked out anew.

    Args:
        events: with ``names`` (whose letters and octaves count, not their accidentals) and ``signs``.
        keys: the key signature of every bar, by its number.

    An accidental holds on its own step to the end of the bar, whatever the voice; a note tied from the bar before keeps
    that bar's.
    """
    out: list[ReadEvent] = []
    measure: int | None = None
    force: dict[int, int] = {}
    tied: dict[int, int] = {}
    order = sorted(range(len(events)), key=lambda at: (events[at].measure, events[at].onset, not events[at].grace))
    done: dict[int, ReadEvent] = {}
    for at in order:
        event = events[at]
        if event.measure != measure:
            measure, force = event.measure, {}
        steps = [step_of(name) for name in event.names]
        alters = []
        for step, sign in zip(steps, event.signs, strict=True):
            if sign is not None:
                force[step] = sign
            elif event.onset == 0 and step in tied and step not in force:
                alters.append(tied[step])
                continue
            alters.append(force.get(step, key_alter(step, keys.get(event.measure, 0))))
        for step, alter in zip(steps, alters, strict=True):
            if event.tie:
                tied[step] = alter
            elif not event.grace:
                tied.pop(step, None)
        notes = sorted(
            (natural(step) + alter, spelled(step, alter), sign)
            for step, alter, sign in zip(steps, alters, [_plain(sign) for sign in event.signs], strict=True)
        )
        done[at] = replace(
            event, pitches=tuple(pitch for pitch, _, _ in notes), names=tuple(name for _, name, _ in notes),
            signs=tuple(None if sign == _NONE else sign for _, _, sign in notes),
        )  # fmt: skip
    out = [done[at] for at in range(len(events))]
    return tuple(out)


#: Stands for no accidental while notes are sorted.
_NONE = -99


def _plain(sign: int | None) -> int:
    return _NONE if sign is None else sign
