"""The plan of an arrangement: what happens in each section, small enough to travel inside the piece."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workbench.create.compose.form import form_of, sections_of
from workbench.create.compose.section import Section, climax
from workbench.create.compose.source import Source
from workbench.create.compose.style import ENDING, GROOVE_A, GROOVE_B, INTRO, Style
from workbench.errors import BadRequest

VERSION = 1
#: Where the plan is kept among the facts about a piece.
FACT = "arrangement"
#: A tune of so many bars or more has sections of its own, whose order is kept where nobody names a form.
OWN_FORM = 24
#: Velocities a bar from which a part carries a verse; and how much an introduction may have of a verse's.
CARRIES, QUIET = 300, 0.6
#: Fewer bars at the end of a tune are part of its last section.
SHORTEST = 4
#: A tune of fewer bars is told as often as fills them.
SHORT = 7
#: What the melody does: the tune itself, its head said by another voice, its head climbing, another tune made from it,
#: its last bars and a held note, or nothing.
MELODIES = ("tune", "motif", "rise", "contrast", "close", "none")
DOUBLES = ("octave", "thirds", "answers")
#: The order in which parts join, by role.
_ENTER = ("bass", "keys", "guitar", "pad", "lead")
#: Velocity of a section with energy 0 and of one with energy 100, against what was written.
SOFT, FULL = 0.78, 1.08


@dataclass(frozen=True)
class SectionPlan:
    """What happens in one section.

    ``tune``: first bar (from 1) and number of bars of the source that it tells, (0, 0) for none. ``melody``: one of
    :data:`MELODIES`. ``groove``: the style's section. ``parts``: names of the style's parts that play. ``fill``:
    whether its last bar is a fill. ``doubles``: of :data:`DOUBLES`. ``stop``: quarters of silence at its end.
    ``take``: counts how often it was made again.
    """

    section: Section
    tune: tuple[int, int] = (0, 0)
    melody: str = "none"
    groove: str = GROOVE_A
    parts: tuple[str, ...] = ()
    fill: bool = True
    doubles: tuple[str, ...] = ()
    stop: int = 0
    take: int = 0

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {
            **self.section.to_dict(), "tune": list(self.tune), "melody": self.melody, "groove": self.groove,
            "parts": list(self.parts), "fill": int(self.fill), "doubles": list(self.doubles), "stop": self.stop,
            "take": self.take,
        }  # fmt: skip

    @classmethod
    def from_dict(cls, data: Any) -> SectionPlan:
        """Read the JSON form; raises :class:`BadRequest` on anything else."""
        try:
            section = Section.from_dict({
                name: data[name] for name in ("kind", "first_bar", "bars", "energy", "label")
            })  # fmt: skip
            first, bars = (int(number) for number in data["tune"])
            parts, doubles = tuple(map(str, data["parts"])), tuple(map(str, data["doubles"]))
            out = cls(section, (first, bars), str(data["melody"]), str(data["groove"]), parts, bool(data["fill"]),
                      doubles, int(data["stop"]), int(data["take"]))  # fmt: skip
        except (KeyError, TypeError, ValueError) as error:
            raise BadRequest("The plan inside this piece is damaged; arrange the tune anew.") from error
        if out.melody not in MELODIES or not set(out.doubles) <= set(DOUBLES) or not 0 <= out.stop <= 16:
            raise BadRequest("The plan inside this piece is damaged; arrange the tune anew.")
        return out


@dataclass(frozen=True)
class SongPlan:
    """The whole plan. ``tonic`` and ``mode`` of the key, ``humanise`` 0 to 100, ``join`` as of the band's request."""

    style: str
    tonic: int
    mode: str
    seed: int
    humanise: int
    join: int
    sections: tuple[SectionPlan, ...]

    def to_json(self) -> str:
        """As text."""
        return json.dumps({
            "version": VERSION, "style": self.style, "tonic": self.tonic, "mode": self.mode, "seed": self.seed,
            "humanise": self.humanise, "join": self.join, "sections": [item.to_dict() for item in self.sections],
        }, separators=(",", ":"))  # fmt: skip

    @classmethod
    def from_json(cls, text: str) -> SongPlan:
        """Read what :meth:`to_json` wrote; raises :class:`BadRequest` on anything else."""
        try:
            data = json.loads(text)
            if data["version"] != VERSION or data["mode"] not in ("major", "minor"):
                raise ValueError("another version")
            sections = tuple(SectionPlan.from_dict(item) for item in data["sections"])
            numbers = {name: int(data[name]) for name in ("tonic", "seed", "humanise", "join")}
            style = str(data["style"])
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise BadRequest("The plan inside this piece is damaged; arrange the tune anew.") from error
        if not sections or not 0 <= numbers["tonic"] < 12 or not 0 <= numbers["humanise"] <= 100:
            raise BadRequest("The plan inside this piece is damaged; arrange the tune anew.")
        return cls(style, mode=data["mode"], sections=sections, **numbers)

    def with_take(self, place: int) -> SongPlan:
        """The same plan with one section taken once more."""
        sections = list(self.sections)
        sections[place] = replace(sections[place], take=sections[place].take + 1)
        return replace(self, sections=tuple(sections))


def make_plan(
    source: Source, style: Style, *, form: str | Sequence[str] = "", bars: int | None = None,
    seconds: float | None = None, tempo: float = 120.0, seed: int = 0, humanise: int = 60, join: int = 0,
) -> SongPlan:  # fmt: skip
    """Decide what happens where.

    Raises:
        BadRequest: see :func:`workbench.create.compose.form.form_of`.
    """
    spans = tune_spans(source)
    beats = source.bars[0].length / source.ppq
    if not form and bars is None and seconds is None and len(source.bars) >= OWN_FORM and source.has_tune:
        sections = _own_form(source)
    else:
        phrase = {kind: spans[kind][1] * max(1, -(-SHORT // spans[kind][1])) for kind in ("verse", "chorus")}
        sections = form_of(form, bars=bars, seconds=seconds, tempo=tempo, beats=beats, phrase=phrase)
    top = climax(sections)
    heard: dict[str, int] = {}
    out = []
    for place, section in enumerate(sections):
        turn = heard.get(section.kind, 0)
        heard[section.kind] = turn + 1
        following = sections[place + 1] if place + 1 < len(sections) else None
        out.append(plan_section(source, style, section, spans, turn, following, place == top, seed))
    key = source.key
    return SongPlan(style.id, key.tonic, key.mode, seed, humanise, join, tuple(out))


def tune_spans(source: Source) -> dict[str, tuple[int, int]]:
    """Which bars of the tune a verse, a chorus and a bridge tell: first bar (from 1) and number of bars."""
    count = len(source.bars)
    whole = (1, count)
    if count <= 12:
        return {"verse": whole, "chorus": whole, "bridge": (0, 0)}
    found = _found(source)
    other = [item for item in found if found and item.label != found[0].label and item.bars >= 4]
    if other and found[0].bars >= 4:
        chorus = max(other, key=lambda item: (item.energy, -item.first_bar))
        third = [item for item in other if item.label != chorus.label]
        bridge = (third[-1].first_bar, third[-1].bars) if third else (0, 0)
        return {"verse": (found[0].first_bar, found[0].bars), "chorus": (chorus.first_bar, chorus.bars),
                "bridge": bridge}  # fmt: skip
    half = count // 2 if count % 4 == 0 and count <= 32 else min(16, count)
    if half < count <= 16 and source.has_tune and not source.bars[half].notes:
        return {"verse": whole, "chorus": whole, "bridge": (0, 0)}  # the halves are no phrases
    second = (half + 1, half) if 2 * half <= count else (1, half)
    return {"verse": (1, half), "chorus": second, "bridge": (0, 0)}


def _found(source: Source) -> list[Section]:
    """The tune's own sections, the first from its first bar on and the last to its last; a tail of a few bars is none.

    What a tune begins with is its verse, however busy.
    """
    found = list(sections_of(source.tune_score())) if source.has_tune else []
    found = [section for section in found if section.first_bar <= len(source.bars)]
    if not found:
        return []
    found[0] = replace(found[0], first_bar=1, bars=found[0].last_bar)
    if len(found) > 1 and found[-1].bars < SHORTEST:
        del found[-1]
    found[-1] = replace(found[-1], bars=len(source.bars) - found[-1].first_bar + 1)
    if found[0].kind == "chorus":
        other = {"chorus": "verse", "verse": "chorus"}
        found = [replace(section, kind=other.get(section.kind, section.kind)) for section in found]
    return found


def _own_form(source: Source) -> tuple[Section, ...]:
    """A long tune's own sections in their order, with an introduction before and an ending after them."""
    found = _found(source)
    out = [Section("intro", 1, 4, 30)]
    at = 5
    seen: dict[str, int] = {}
    usual = {"verse": 50, "chorus": 85, "bridge": 60, "build": 65, "intro": 45, "ending": 70, "break": 40}
    for item in found:
        kind = item.kind if item.kind in ("verse", "chorus", "bridge") else "verse"
        energy = min(95, usual[kind] + 5 * seen.get(kind, 0))
        seen[kind] = seen.get(kind, 0) + 1
        out.append(Section(kind, at, item.bars, energy, f"{item.first_bar}"))
        at += item.bars
    out.append(Section("ending", at, 4, 35))
    top = climax(out)
    if top is not None:
        out[top] = replace(out[top], energy=100)
    return tuple(out)


def plan_section(
    source: Source, style: Style, section: Section, spans: Mapping[str, tuple[int, int]], turn: int,
    following: Section | None, top: bool, seed: int,
) -> SectionPlan:  # fmt: skip
    """What happens in one section.

    Args:
        source, style: what is told, and how it is played.
        section: its kind, bars and energy.
        spans: which bars of the tune each kind tells, as :func:`tune_spans` finds them.
        turn: how often this kind was heard before.
        following: the section after it, None at the end.
        top: whether it is the piece's high point.
        seed: decides small things.
    """
    kind = section.kind
    tune, melody = (0, 0), "none"
    if source.has_tune:
        if section.label.isdecimal():  # a section of a long tune, in its own place
            tune, melody = (int(section.label), section.bars), "tune"
        elif kind in ("verse", "chorus"):
            tune, melody = spans[kind], "tune"
        elif kind == "bridge":
            tune, melody = (spans["bridge"], "tune") if spans["bridge"][1] else ((0, 0), "contrast")
        elif kind == "ending":
            tune, melody = (0, 0), "close"
        elif kind in ("intro", "build"):
            melody = "motif" if kind == "intro" else "rise"
    elif kind != "break":
        tune = spans.get(kind, spans["verse"]) if kind in ("verse", "chorus") else (0, 0)
    doubles: tuple[str, ...] = ()
    if melody == "tune" and top:
        doubles = ("octave", "thirds")
    elif melody == "tune" and kind == "chorus":
        doubles = (("octave",), ("octave", "answers"), ("thirds", "answers"))[turn % 3]
    elif melody == "tune" and turn > 0:
        doubles = (("answers",), ("thirds",))[turn % 2 == 0]
    have = set(style.sections())
    groove = {"intro": INTRO, "chorus": GROOVE_B, "build": GROOVE_B}.get(kind, GROOVE_B if top else GROOVE_A)
    groove = groove if groove in have else GROOVE_A
    stop = 0
    if following is not None and following.kind == "chorus" and section.bars >= 2 and kind != "break":
        stop = 2 if following.energy >= 100 else (1 if kind == "build" or seed % 2 == 0 else 0)
    fill = section.bars >= 2 and kind not in ("ending", "break") and following is not None
    return SectionPlan(section, tune, melody, groove, _parts(style, section, turn, top), fill, doubles, stop)


def _parts(style: Style, section: Section, turn: int, top: bool) -> tuple[str, ...]:
    """Who plays: few in intro and first verse, one more each time, all in a chorus and at the high point."""
    drums = [part.name for part in style.parts if part.is_drum]
    order = [part.name for role in _ENTER for part in style.parts if part.role == role and not part.is_drum]
    bass = [part.name for part in style.parts if part.role == "bass"]
    chords = [name for name in order if name not in bass] or order
    # The first of them carries a verse: a pad of two notes a bar does not.
    main = next((name for name in chords if _amount(style, [name], GROOVE_A) >= CARRIES), chords[0] if chords else "")
    order = list(dict.fromkeys([*bass, *([main] if main else []), *order]))
    kind = section.kind
    if kind in ("chorus", "ending") or top:
        return (*drums, *order)
    # Verse and build: bass and one more; each time it comes back one part joins, never all the first time.
    verse = (*drums, *order[: min(max(2, len(order) - 1), 2)])
    if kind == "intro":
        ways = [way for name in dict.fromkeys([main, *chords]) for way in ([name, *bass], [name])]
        room = QUIET * _amount(style, verse, GROOVE_A)
        way = next((way for way in ways if _amount(style, way, INTRO) <= room), None)
        return tuple(dict.fromkeys(way or min(ways, key=lambda way: _amount(style, way, INTRO))))
    if kind == "break":
        return tuple(drums) or tuple(order[:1])
    if kind == "bridge":
        soft = [part.name for part in style.parts if part.role in ("pad", "keys")][:2]
        return (*drums, *bass, *(soft or chords[:1]))
    count = 2 + turn + (kind == "build")
    return (*drums, *order[: count if turn else min(max(2, len(order) - 1), count)])


def _amount(style: Style, names: Sequence[str], section: str) -> float:
    """How much some parts play in a section of the style, or in its groove without one: velocities a bar."""
    out = 0.0
    for part in style.parts:
        pattern = part.sections.get(section) or part.sections.get(GROOVE_A)
        if part.name in names and pattern is not None:
            out += sum(note.velocity for note in pattern.notes) / pattern.bars
    return out


def section_at(plan: SongPlan, name: str | int) -> int:
    """Which section is meant: its number from 1, or its name as the marker says it ("Verse 2", "chorus").

    Raises:
        BadRequest: there is none.
    """
    names = titles(plan)
    text = str(name).strip().casefold()
    if text.isdecimal() and 1 <= int(text) <= len(names):
        return int(text) - 1
    same = [place for place, title in enumerate(names) if text in (title.casefold(), f"{title.casefold()} 1")]
    if not same:
        raise BadRequest(f"There is no section {text[:40]!r} in this piece; it has {', '.join(names)}.")
    return same[0]


def titles(plan: SongPlan) -> list[str]:
    """A name for each section, as its marker says it: "Verse 1", "Chorus 2", "Bridge"."""
    kinds = [item.section.kind for item in plan.sections]
    out = []
    for place, kind in enumerate(kinds):
        number = kinds[: place + 1].count(kind)
        out.append(f"{kind.capitalize()} {number}" if kinds.count(kind) > 1 else kind.capitalize())
    return out


def stretches(item: SectionPlan, style: Style, fill: str) -> list[tuple[str, int, int, tuple[str, ...]]]:
    """The style's sections over the bars of a plan's section: name, first bar, last bar, and the parts that play.

    ``fill``: which fill comes in its last bar, "" for none. With it drums enter, also out of an introduction.
    """
    first, last = item.section.first_bar, item.section.last_bar
    have = set(style.sections())
    drums = tuple(part.name for part in style.parts if part.is_drum)
    out: list[tuple[str, int, int, tuple[str, ...]]] = []
    if item.section.kind == "ending" and ENDING in have:
        close = min(2, item.section.bars)
        out.append((ENDING, last - close + 1, last, item.parts))
        last -= close
    elif item.fill and fill:
        out.append((fill, last, last, tuple(dict.fromkeys((*drums, *item.parts))) if item.parts else ()))
        last -= 1
    size = max((part.sections[item.groove].bars for part in style.parts if item.groove in part.sections), default=1)
    step = size if item.groove == INTRO else max(1, last - first + 1)
    body = [(item.groove, at, min(last, at + step - 1), item.parts) for at in range(first, last + 1, step)]
    return [*body, *out]


def loudness(item: SectionPlan, velocity: int, along: float) -> int:
    """A velocity as it is in a section, ``along`` 0 (its start) to 1: a build grows, an ending fades."""
    factor = SOFT + (FULL - SOFT) * item.section.energy / 100
    if item.section.kind == "build":
        factor *= 0.88 + 0.24 * along
    elif item.section.kind == "ending":
        factor *= 1.06 - 0.2 * along
    elif item.section.kind == "intro":
        factor *= 0.94 + 0.12 * along
    return max(1, min(127, round(velocity * factor)))
