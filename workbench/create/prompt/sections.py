"""The sections of a piece of so many bars: how often the tune is told, what comes before, between and after it.

The tune runs on across sections: where a scene begins in the middle of it, the next section tells it from there. So it
is told whole, as often as there is room, and an introduction, a contrast and an ending take the bars that are left.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from workbench.create.compose.form import form_of
from workbench.create.compose.section import KINDS, Section, climax
from workbench.create.prompt.brief import BriefSection
from workbench.errors import BadRequest

#: Bars that a stretch of the tune has at most before a new section begins, and the least that a section has.
LONGEST, SHORTEST = 8, 2
#: Most bars of an introduction and of an ending.
INTRO, ENDING = 4, 4
MOST = 40

#: How much goes on from one bar to another (both included), 0 to 1.
Level = Callable[[int, int], float]


def make_sections(
    bars: int, tune: int, *, lead: bool = False, form: str = "", spans: Mapping[str, tuple[int, int]] | None = None,
    marks: Sequence[int] = (), level: Level | None = None,
) -> tuple[tuple[BriefSection, ...], tuple[str, ...]]:  # fmt: skip
    """Sections from bar 1 to ``bars``, and plain sentences about what could not be.

    Args:
        bars: of the piece.
        tune: bars of the tune.
        lead: the tune begins before its first bar, which needs a bar to lie in.
        form: section names that a person asked for; see :func:`workbench.create.compose.form.form_of`.
        spans: bars of the tune that a verse, a chorus and a bridge tell in that form.
        marks: bars at which something new begins, as scenes of a video do.
        level: how much goes on; left out: as is usual for each kind.
    """
    said: list[str] = []
    found: list[BriefSection] | None = None
    if form:
        try:
            phrase = {kind: (spans or {}).get(kind, (1, tune))[1] or tune for kind in ("verse", "chorus")}
            found = [_told(section, spans or {}, tune) for section in form_of(form, bars=bars, phrase=phrase)]
        except BadRequest as error:
            said.append(f"{str(error).rstrip('.')}; the form was chosen anew.")
    if found is None:
        found = _around_tune(bars, tune, lead)
        if tune > bars:
            said.append(f"The tune has {tune} bars and the piece {bars}; it is told as far as it goes.")
    for mark in sorted(marks):
        found = [piece for section in found for piece in _cut(section, mark, len(found))]
    return tuple(_energies(found, level)), tuple(said)


def _told(section: Section, spans: Mapping[str, tuple[int, int]], tune: int) -> BriefSection:
    told = spans.get(section.kind, (1, tune)) if section.kind in ("verse", "chorus", "bridge") else (0, 0)
    return BriefSection(section.kind, section.first_bar, section.bars, section.energy, tune=told)


def _around_tune(bars: int, tune: int, lead: bool) -> list[BriefSection]:
    """The tune as often as it goes into the bars, with the rest around it."""
    times = max(1, bars // tune)
    if times >= 3 and bars == times * tune:
        times -= 1  # room for a beginning and an end
    elif times == 2 and bars == 2 * tune and tune >= 8 and lead:
        times = 1
    rest = max(0, bars - times * tune)
    ending = min(ENDING, -(-rest // 2))
    intro = min(INTRO, rest - ending)
    heard = min(tune, bars)
    if lead and not intro:
        if ending:
            intro, ending = 1, ending - 1
        elif times == 1 and heard > SHORTEST:  # what comes before the first bar needs a bar more than the last one does
            intro, heard = 1, heard - 1
    middle = max(0, rest - intro - ending)
    if middle == 1:
        middle, ending = 0, ending + 1
    rows: list[tuple[str, int, tuple[int, int]]] = []
    if intro:
        rows.append(("intro", intro, (0, 0)))
    for turn in range(times):
        if middle and turn == times - 1:
            rows.append(("bridge", middle, (0, 0)))
        last = (times - 1 - turn) % 2 == 0
        rows += _telling(heard, "chorus" if last and times > 1 else "verse", times == 1)
    if ending:
        rows.append(("ending", ending, (0, 0)))
    out, at = [], 1
    for kind, size, told in rows:
        out.append(BriefSection(kind, at, size, KINDS[kind][1], tune=told))
        at += size
    return out


def _telling(tune: int, kind: str, alone: bool) -> list[tuple[str, int, tuple[int, int]]]:
    """The tune told once, in sections of phrases; told but once, its second half is the high point."""
    if alone and SHORTEST * 2 <= tune <= LONGEST:
        half = tune // 2 if tune < 8 else tune // 8 * 4
        return [("verse", half, (1, half)), ("chorus", tune - half, (half + 1, tune - half))]
    count = max(1, -(-tune // LONGEST))
    step = -(-tune // count)
    step += -step % 4 if step > 4 else 0
    starts = list(range(0, tune, step))
    out = []
    for place, start in enumerate(starts):
        high = kind == "chorus" or (alone and place >= len(starts) / 2)
        size = min(step, tune - start)
        out.append(("chorus" if high else "verse", size, (start + 1, size)))
    return out


def _cut(section: BriefSection, mark: int, count: int) -> list[BriefSection]:
    """A section, or its two parts where something new begins inside it and both are long enough."""
    head = mark - section.first_bar
    tail = section.bars - head
    if head < SHORTEST or tail < SHORTEST or count >= MOST or (section.tune[1] and section.tune[1] != section.bars):
        return [section]
    first, more = section.tune, section.tune
    if section.tune[1]:
        first, more = (section.tune[0], head), (section.tune[0] + head, tail)
    return [replace(section, bars=head, tune=first), replace(section, first_bar=mark, bars=tail, tune=more)]


def _energies(found: Sequence[BriefSection], level: Level | None) -> list[BriefSection]:
    """The sections with how much goes on in each; what tells the tune is a chorus where more does than usual."""
    if level is None:
        out, seen = [], dict[str, int]()
        for section in found:
            turn = seen.get(section.kind, 0)
            seen[section.kind] = turn + 1
            out.append(replace(section, energy=min(95, section.energy + 5 * min(2, turn))))
        top = climax([Section(item.kind, item.first_bar, item.bars, item.energy) for item in out])
        if top is not None and len(out) > 1:
            out[top] = replace(out[top], energy=100)
        return out
    levels = [level(section.first_bar, section.last_bar) for section in found]
    telling = sorted(value for section, value in zip(found, levels, strict=True) if section.tune[1])
    middle = telling[len(telling) // 2] if telling else 0.5
    out = []
    for section, value in zip(found, levels, strict=True):
        kind = section.kind
        if section.tune[1]:
            kind = "chorus" if value >= middle and value > 0.4 else "verse"
        out.append(replace(section, kind=kind, energy=round(15 + 80 * value)))
    return out
