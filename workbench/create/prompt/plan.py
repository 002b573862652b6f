"""The planner: merges all prompts into one brief, by rules that are said where two prompts disagree.

1. The tune comes from the strongest prompt that has one. Told faithfully, it keeps its metre, key and notes.
2. Words decide by numbers (tempo, length, bars); what else they say fills what other prompts leave open.
3. A recording decides how it goes: tempo, swing, instruments, density, and the mode where no tune has one.
4. A video decides the length, and where bars lie.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from workbench.create.compose.expression import slowed
from workbench.create.compose.remetre import beats_of
from workbench.create.compose.songplan import tune_spans
from workbench.create.compose.source import Source
from workbench.create.compose.style import PPQ, Style
from workbench.create.compose.styles import load_style
from workbench.create.prompt import curves, fullness, rules, styling, tunes
from workbench.create.prompt.brief import Brief, Melody
from workbench.create.prompt.laying import laid_out, rows_of, song_plan
from workbench.create.prompt.prompts import SECONDS, Prompt, Prompts
from workbench.create.prompt.sections import make_sections
from workbench.create.prompt.sync import BEND, synchronise
from workbench.errors import BadRequest
from workbench.score.chordsymbols import symbol_of
from workbench.score.keys import KeyGuess
from workbench.score.score import Score
from workbench.score.timemap import TimeMap
from workbench.understand.heard import number, whole

#: Bars of a new tune.
PHRASE = 8
#: The level at which a band plays as many notes as its style has.
FULL = 0.75
#: What may be decided beforehand.
FIXABLE = ("tempo", "metre", "tonic", "mode", "style", "seconds", "form", "density", "alternatives")


def make_brief(prompts: Prompts, *, seed: int = 0, fixed: Mapping[str, Any] | None = None) -> Brief:
    """Merge prompts into a brief; any mixture gives one, none at all too.

    Args:
        prompts: what was given.
        seed: decides what nothing else does.
        fixed: fields of the brief decided beforehand (:data:`FIXABLE`), as by a person on the brief's page.

    Raises:
        BadRequest: ``fixed`` holds something else, or words ask for what cannot be done.
    """
    fixed = _checked(fixed or {})
    plan = rules.Merging(prompts, seed, fixed, remarks=list(prompts.remarks))
    rules.read_sources(plan)
    tune, source = rules.choose_tune(plan)
    style = rules.choose_style(plan, source)
    metre = rules.choose_metre(plan, style, tune, source)
    faithful = prompts.faithful
    tonic, mode = rules.choose_key(plan, tune, source, faithful)
    tempo, room = rules.choose_tempo(plan, style, tune, source, metre)
    if source is not None:
        source = tunes.in_metre(source, metre)
        source = tunes.moved(source, (tonic - source.key.tonic + 6) % 12 - 6)
        source = _other_chords(plan, tune, source)
    seconds, exact, bars = rules.choose_length(plan, tempo, metre, source)
    cuts = rules.cuts_of(plan)
    beat = beats_of(metre)[1] / PPQ
    synced = None
    if exact:
        synced = synchronise(
            seconds, cuts, tempo=tempo, slowest=tempo / (1 + room), fastest=tempo * (1 + room), metre=metre
        )  # fmt: skip
        bars, tempo = synced.bars, synced.tempo
    size = len(source.bars) if source is not None else next((n for n in (PHRASE, 4, 2) if n <= bars), 1)
    if source is None:
        source = _new_source(plan, tonic, mode, style, metre, size)
    dynamics = rules.dynamics_of(plan, seconds)
    quarters = 4.0 * metre[0] / metre[1]
    level = None
    if plan.video is not None and dynamics and synced is not None:
        places = synced.anchors

        def level(first: int, last: int) -> float:
            return curves.mean(dynamics, _time(places, (first - 1) * quarters), _time(places, last * quarters))

    marks = _marks(synced, quarters) if synced is not None else []
    sections, said = make_sections(
        bars, size, lead=bool(source.lead), form=fixed.get("form") or rules.form_of(plan), spans=tune_spans(source),
        marks=marks, level=level,
    )  # fmt: skip
    plan.remarks += said
    cast = styling.Cast(style, source.program)
    if plan.figures is not None and plan.recording is not None and plan.recording.strength >= 50:
        cast.follow(plan.figures)
    if plan.words is not None:
        cast.wish(plan.words)
    plan.remarks += cast.said
    feel = rules.feel_of(plan, tempo / beat, cast.heard_share(behind=tune is not None))
    brief = Brief(
        seconds, bars, tempo, metre, tonic, mode, style.id,
        Melody(tune.slot, "faithful" if faithful else "varied") if tune is not None else Melody(), sections,
        (*cast.instruments(), styling.tune_instrument(cast.tune)), dynamics=dynamics, feel=feel, exact=exact,
        locked=plan.recording.locked if plan.recording is not None else (),
        alternatives=fixed.get("alternatives", 2), seed=seed,
    )  # fmt: skip
    if synced is not None:
        brief = replace(
            brief, sync=tuple(_anchor(time, place, metre) for time, place in synced.anchors),
            accents=tuple(_anchor(time, place, metre) for time, place in synced.accents),
        )  # fmt: skip
        if synced.bend > BEND + 1e-6:
            plan.remarks.append(f"To end with the video the tempo is bent by {100 * synced.bend:.0f} per cent.")
    brief = _filled(brief, source, style)
    return replace(brief, conflicts=tuple(plan.conflicts), remarks=tuple(dict.fromkeys(plan.remarks)))


def revised(brief: Brief, prompts: Prompts, changes: Mapping[str, Any]) -> Brief:
    """The brief after a person's change; what follows from it is planned anew, the rest stays.

    Tempo, metre, key, style, length, form and density (a number) move everything; chords, sections, curves (density as
    rows is one), anchors and instruments are taken as they are given.

    Raises:
        BadRequest: a change that does not fit.
    """
    curve = isinstance(changes.get("density"), (list, tuple))  # not a number
    whole_piece = {name: changes[name] for name in changes if name in FIXABLE and not (curve and name == "density")}
    rest = {name: changes[name] for name in changes if name not in whole_piece}
    if whole_piece:
        kept = {name: getattr(brief, name) for name in ("tempo", "metre", "tonic", "mode", "style", "alternatives")}
        if brief.exact:
            kept["seconds"] = brief.seconds
        if whole_piece.get("style", brief.style) != brief.style:
            del kept["tempo"]
        before = brief
        brief = make_brief(prompts, seed=brief.seed, fixed={**kept, **whole_piece})
        if before.density and "density" not in rest:  # what was drawn stays, over the new length
            ratio = brief.seconds / before.seconds
            rows = tuple((at * ratio, value) for at, value in before.density)
            brief = replace(brief, density=rows, drawn=("density",))
            brief = replace(brief, sections=fullness.sections_of(brief))
    drawn = tuple(dict.fromkeys((*brief.drawn, *(name for name in ("dynamics", "density") if name in rest))))
    brief = replace(brief.corrected(**rest), drawn=drawn) if rest else brief
    if "sections" in rest:
        return brief
    if brief.density:
        return replace(brief, sections=fullness.sections_of(brief)) if "density" in rest else brief
    if rest.get("dynamics"):  # what is drawn loud is played by more of the band
        brief = replace(brief, sections=tuple(
            replace(part, energy=round(15 + 80 * curves.mean(brief.dynamics, part.start, part.end)))
            for part in brief.sections
        ))  # fmt: skip
    return brief


def _checked(fixed: Mapping[str, Any]) -> dict[str, Any]:
    out = dict(fixed)
    if unknown := sorted(out.keys() - set(FIXABLE)):
        raise BadRequest(f"{str(unknown[0])[:40]!r} cannot be decided beforehand.")
    if "tempo" in out:
        out["tempo"] = number(out["tempo"], 20.0, 400.0, "The tempo")
    if "seconds" in out:
        out["seconds"] = number(out["seconds"], *SECONDS, "The length of the piece in seconds")
    if "metre" in out:
        metre = out["metre"]
        if not isinstance(metre, (list, tuple)) or len(metre) != 2 or metre[1] not in (2, 4, 8):
            raise BadRequest("A metre is a number of beats over 2, 4 or 8.")
        out["metre"] = (whole(metre[0], 1, 12, "The beats of a metre"), metre[1])
    if "tonic" in out:
        whole(out["tonic"], 0, 11, "A key's tonic")
    if out.get("mode", "major") not in ("major", "minor"):
        raise BadRequest("A key's mode must be major or minor.")
    if "density" in out:
        out["density"] = number(out["density"], 0.0, 60.0, "The density of the piece")
    if not isinstance(out.get("form", ""), str) or len(out.get("form", "")) > 300:
        raise BadRequest("A form is a line of section names.")
    if "style" in out:
        load_style(str(out["style"]))
    return out


def _other_chords(plan: rules.Merging, tune: Prompt | None, source: Source) -> Source:
    """The tune over the chords of another prompt where that was asked for."""
    giving = [item for item in plan.prompts.with_role("chords") if item.roles and (tune is None or item is not tune)]
    row = tunes.chords_given(giving[0], source.key) if giving else []
    return tunes.over(source, row) if row else source


def _new_source(
    plan: rules.Merging, tonic: int, mode: str, style: Style, metre: tuple[int, int], size: int
) -> Source:  # fmt: skip
    """Bars with chords for a tune that is yet to be written."""
    key = KeyGuess(tonic, mode)
    giving = plan.prompts.with_role("chords")
    row = tunes.chords_given(giving[0], key) if giving else []
    if not row:
        row = [(root, kind, -1) for root, kind in tunes.progression(tonic, mode, style.id, plan.seed)]
    return tunes.of_chords(row, size, metre, key)


def _filled(brief: Brief, source: Source, style: Style) -> Brief:
    """The brief with its chords, the times of its sections, who plays in each, and its tempos."""
    playing = {item.part for item in brief.instruments}
    drums = {part.name for part in style.parts if part.is_drum}
    plan = song_plan(brief, source, style, brief.seed)
    base = laid_out(brief, source, plan)
    if not brief.exact:
        base.tempos = slowed(base, plan)
    recast = styling.recast(brief, style)
    asked = tuple(part.name for part in style.parts if part.name in recast)  # they join first, or they go unheard
    every = tuple(part.name for part in style.parts if part.name in playing)
    least = _needed(brief) if brief.dynamics else 0.0
    times, sections = TimeMap(base), []
    for item, made in zip(brief.sections, plan.sections, strict=True):
        start, end = (times.seconds(tick) for tick in times.bar_range(item.first_bar, item.last_bar))
        who = tuple(name for name in made.parts if name in playing)
        if brief.dynamics:
            order = tuple(dict.fromkeys((*asked, *who, *every)))
            # Who rests makes it soft, but nobody can bring many notes alone; loudness follows the curve anyway.
            level = max(curves.mean(brief.dynamics, start, end), least)
            who = styling.fewer(order, level, drums)
        sections.append(replace(item, start=start, end=end, instruments=who))
    chords = tuple((bar, beat, symbol_of(chord)) for bar, beat, chord in rows_of(base, base.chords, brief.metre))
    tempos = tuple(
        (*_place(base, tick, brief.metre), 60e6 / us)
        for tick, us in {max(item.tick, base.pickup): item.us_per_quarter for item in base.tempos}.items()
    )  # fmt: skip
    seconds = brief.seconds if brief.exact else times.seconds(times.bar(brief.bars).end)
    return replace(brief, sections=tuple(sections), chords=chords, tempos=tempos, seconds=seconds)


def _needed(brief: Brief) -> float:
    """The level from which on enough of the band plays for the density asked for, 0 where none is."""
    if brief.feel.density is None:
        return 0.0
    usual = fullness.usual_rate(replace(brief, feel=replace(brief.feel, density=None)))
    return min(FULL, FULL * brief.feel.density / usual)


def _place(score: Score, tick: int, metre: tuple[int, int]) -> tuple[int, float]:
    """Bar and beat of a tick."""
    bar = TimeMap(score).bar_at(tick)
    return bar.number, round(1 + (tick - bar.start) * metre[1] / (4 * score.ppq), 4)


def _marks(synced: Any, quarters: float) -> list[int]:
    """The bars that begin with a cut."""
    return [
        round(place / quarters) + 1 for _, place in synced.anchors[1:-1]
        if abs(place / quarters - round(place / quarters)) < 1e-6
    ]  # fmt: skip


def _time(places: Any, quarter: float) -> float:
    from numpy import interp

    return float(interp(quarter, [place for _, place in places], [time for time, _ in places]))


def _anchor(time: float, place: float, metre: tuple[int, int]) -> tuple[float, int, float]:
    bar, inside = divmod(place + 1e-9, 4.0 * metre[0] / metre[1])
    return round(time, 6), int(bar) + 1, round(1 + max(0.0, inside - 1e-9) * metre[1] / 4, 5)
