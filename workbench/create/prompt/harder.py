"""Trying harder: the same brief with more weight on one line of the card.

What a line asked and what the piece gave says in which direction the brief moves, and how far. Where the brief already
asks for all there is, another seed gives other notes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from workbench.create.prompt.brief import Brief, BriefSection, Feel, Instrument, Melody, Rows
from workbench.create.prompt.card import Line
from workbench.score.instruments import DRUMS, find_program

#: By how much more than was missing a figure moves, and how far at most.
PUSH, FURTHEST = 1.15, 2.5
#: How strongly a curve of loudness is stretched between its softest and its loudest.
STRETCH = 1.5
#: Steps of the seed, so that another draw is none that the alternatives have used.
STEP = 101


def try_harder(brief: Brief, line: Line) -> Brief:
    """A brief under which this line should come nearer its target; everything else stays as it is.

    A line that is met gives the same brief with another seed.
    """
    again = replace(brief, seed=(brief.seed + STEP) % 2**31)
    way = None if line.met else _WAYS.get(line.measure)
    return way(again, line) if way is not None else again


def _ratio(line: Line) -> float:
    """How many times more there must be than there was."""
    if not line.asked or not line.got or line.got[0][1] <= 0 or line.asked[0][1] <= 0:
        return 1.0
    ratio = line.asked[0][1] / line.got[0][1]
    return float(min(FURTHEST, max(1 / FURTHEST, ratio**PUSH)))


def _melody(brief: Brief, line: Line) -> Brief:
    return replace(brief, melody=Melody(line.slot, "faithful"))


def _melody_heard(brief: Brief, line: Line) -> Brief:
    """The band steps back: fewer notes, and softer sections under the tune."""
    feel = brief.feel
    dens = None if feel.density is None else 0.75 * feel.density
    return replace(brief, feel=replace(feel, density=dens), sections=_energies(brief, 0.75))


def _tempo(brief: Brief, line: Line) -> Brief:
    if len(brief.sync) > 2 or not line.asked:
        return brief
    ratio = line.asked[0][1] / line.got[0][1] if line.got and line.got[0][1] > 0 else 1.0
    tempo = min(400.0, max(20.0, brief.tempo * ratio))
    if brief.exact:  # the length stays, so that the bars must too
        return brief
    return replace(
        brief, tempo=tempo, seconds=brief.seconds * brief.tempo / tempo,
        tempos=tuple((bar, beat, own * tempo / brief.tempo) for bar, beat, own in brief.tempos),
        sections=tuple(
            replace(part, start=part.start * brief.tempo / tempo, end=part.end * brief.tempo / tempo)
            for part in brief.sections
        ),
    )  # fmt: skip


def _density(brief: Brief, line: Line) -> Brief:
    ratio = _ratio(line)
    usual = line.got[0][1] if line.got and line.measure == "density" and line.slot != "words" else 6.0
    density = min(60.0, max(0.5, (brief.feel.density or usual) * ratio))
    return replace(brief, feel=replace(brief.feel, density=density), sections=_energies(brief, ratio**0.5))


def _level(name: str) -> Callable[[Brief, Line], Brief]:
    def change(brief: Brief, line: Line) -> Brief:
        asked = line.asked[0][1] if line.asked else 0.5
        got = line.got[0][1] if line.got else 0.5
        feel: Feel = brief.feel
        if name == "loudness":
            feel = replace(feel, loudness=min(1.0, max(0.0, (feel.loudness or 0.6) + PUSH * (asked - got))))
        else:
            low, high = feel.low or 45.0, feel.high or 77.0
            by = 24.0 * (asked - got)
            feel = replace(feel, low=min(90.0, max(24.0, low + by)), high=min(108.0, max(48.0, high + by)))
        return replace(brief, feel=feel)

    return change


def _energy(brief: Brief, line: Line) -> Brief:
    ratio = _ratio(line)
    feel = brief.feel
    loud = min(1.0, max(0.05, (feel.loudness or 0.6) * ratio**0.5))
    dens = None if feel.density is None else min(60.0, max(0.5, feel.density * ratio**0.5))
    return replace(brief, feel=replace(feel, loudness=loud, density=dens), sections=_energies(brief, ratio))


def _energies(brief: Brief, ratio: float) -> tuple[BriefSection, ...]:
    return tuple(replace(part, energy=min(100, max(5, round(part.energy * ratio)))) for part in brief.sections)


def _instruments(brief: Brief, line: Line) -> Brief:
    """Who is missing takes over a part of the band, and plays in every section."""
    missing = [
        line.labels[at] for (at, asked), (_, got) in zip(
            [(int(x), y) for x, y in line.asked], line.got, strict=False) if asked > got and at < len(line.labels)
    ]  # fmt: skip
    cast = list(brief.instruments)
    taken: set[int] = set()
    for name in missing:
        program = _program(name)
        if program is None or program == DRUMS:
            continue
        free = [at for at, item in enumerate(cast) if not item.drums and at not in taken and item.part != "Tune"]
        if not free:
            break
        at = free[-1]
        taken.add(at)
        cast[at] = Instrument(cast[at].part, program)
    everyone = tuple(item.part for item in cast if item.part != "Tune")
    return replace(brief, instruments=tuple(cast), sections=tuple(
        replace(part, instruments=everyone) for part in brief.sections
    ))  # fmt: skip


def _program(name: str) -> int | None:
    from workbench.create.prompt.styling import BAND

    return BAND[name] if name in BAND else find_program(name)


def _dynamics(brief: Brief, line: Line) -> Brief:
    """Loud becomes louder and soft softer."""
    curve = brief.dynamics or line.asked
    return replace(brief, dynamics=_stretched(curve), feel=replace(brief.feel, dynamics=1.0))


def _density_drawn(brief: Brief, line: Line) -> Brief:
    return replace(brief, density=_stretched(brief.density))


def _stretched(curve: Sequence[tuple[float, float]]) -> Rows:
    values = [value for _, value in curve]
    if not values or max(values) - min(values) < 1e-6:
        return tuple(curve)
    low, high = min(values), max(values)
    out = []
    for time, value in curve:
        share = 2 * (value - low) / (high - low) - 1
        out.append((time, 0.5 + 0.5 * (abs(share) ** (1 / STRETCH)) * (1 if share >= 0 else -1)))
    return tuple(out)


def _cuts(brief: Brief, line: Line) -> Brief:
    """What was missed is struck by itself."""
    from workbench.create.prompt.measures.video import NEAR

    times = [time for time, _, _ in brief.sync]
    places = [(bar - 1) * brief.bar_quarters + (beat - 1) * 4 / brief.metre[1] for _, bar, beat in brief.sync]
    marks = [time for time, _ in line.got]
    missed = [time for time, _ in line.asked if all(abs(time - mark) > NEAR for mark in marks)]
    if len(times) < 2 or not missed:
        return brief
    from numpy import interp

    accents = {round(place, 4): (time, place) for time, place in _quarters(brief)}
    for time in missed:
        if times[0] <= time < times[-1]:
            place = float(interp(time, times, places))
            accents[round(place, 4)] = (time, place)
    rows = []
    for time, place in sorted(accents.values()):
        bar = int(place // brief.bar_quarters)
        rows.append((time, bar + 1, 1 + (place - bar * brief.bar_quarters) * brief.metre[1] / 4))
    kept = [row for at, row in enumerate(rows) if at == 0 or row[0] - rows[at - 1][0] > 0.02]
    return replace(brief, accents=tuple(kept))


def _quarters(brief: Brief) -> list[tuple[float, float]]:
    return [(time, (bar - 1) * brief.bar_quarters + (beat - 1) * 4 / brief.metre[1])
            for time, bar, beat in brief.accents]  # fmt: skip


_WAYS: dict[str, Callable[[Brief, Line], Brief]] = {
    "melody": _melody, "melody heard": _melody_heard, "chords": _melody_heard, "tempo": _tempo, "density": _density,
    "loudness": _level("loudness"), "brightness": _level("brightness"), "energy": _energy,
    "instruments": _instruments, "loudness and motion": _dynamics, "shape": _dynamics,
    "loudness drawn": _dynamics, "density drawn": _density_drawn, "cuts": _cuts,
    "moments": _cuts,
}  # fmt: skip
