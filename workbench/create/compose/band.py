"""A band: a style's parts fitted to a piece's chords and to its tune.

    from workbench.create.compose.band import fit
    from workbench.create.compose.styles import load_style

    band = fit(load_style("swing"), chords, TimeMap(score).bars(), tune=tune, ppq=score.ppq, seed=1)
    band.notes["Bass"]

:func:`fit` is the fast way: tables and arithmetic, no network, a few milliseconds a bar, so that a style can be heard
over somebody's own bars as soon as it is pointed at. The hub's task ``arrange`` calls it and then lets the infilling
network vary and join what came of it (:mod:`workbench.create.compose.model`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from workbench.create.compose.bandplan import Place, Stretch, own_stretches, places
from workbench.create.compose.drumvary import half_fills, led_on, varied_drums
from workbench.create.compose.parts import fit_part
from workbench.create.compose.song import Song
from workbench.create.compose.style import PPQ, Part, Style
from workbench.create.compose.tones import scale_of
from workbench.errors import BadRequest
from workbench.score.keys import KeyGuess, estimate_key, pitch_class_weights
from workbench.score.lanes import Chord
from workbench.score.score import Note
from workbench.score.timemap import Bar

#: Velocities differ by so much from stroke to stroke (standard deviation), as played ones do.
UNEVEN = 3.0


@dataclass(frozen=True)
class Band:
    """What a band plays: drafts by part name in the order of time, the plan they follow, what a person should know."""

    style: Style
    notes: Mapping[str, tuple[Note, ...]]
    places: tuple[Place, ...]
    remarks: tuple[str, ...] = field(default=())


def fit(
    style: Style,
    chords: Sequence[Chord],
    bars: Sequence[Bar],
    *,
    tune: Sequence[Note] = (),
    ppq: int = PPQ,
    key: KeyGuess | None = None,
    seed: int = 0,
    number: int = 0,
    parts: Sequence[str] = (),
    stretches: Sequence[Stretch] = (),
    phrases: Sequence[int] = (),
    ends: bool = True,
    variety: int = 50,
) -> Band:
    """Fit a style to chords; the fast path of the hub's task ``arrange``, without the network.

    Args:
        style: whose parts play.
        chords: of the piece, by time, in its ticks; bars before the first rest but for the drums.
        bars: the bars to play in, as :meth:`~workbench.score.timemap.TimeMap.bars` gives them.
        tune: notes that are held while the band plays; voicings keep out of their way.
        ppq: ticks to the quarter of the piece.
        key: of the piece; left out: heard from chords and tune.
        seed: equal seeds give equal bands.
        number: which of several ideas this is; 0 is the plainest.
        parts: names or roles of the parts that play; empty: all.
        stretches: sections of the style from bar to bar; left out: by phrases, with fills and an ending.
        phrases: numbers of the bars at which phrases begin; left out: every eight bars.
        ends: whether the piece ends with the last of ``bars``.
        variety: 0 (every bar of a groove as it is written) to 100.

    Raises:
        BadRequest: no part of the style is called so.
    """
    made: dict[str, list[Note]] = {}
    work = fitting(
        style, chords, bars, tune=tune, ppq=ppq, key=key, seed=seed, number=number, parts=parts, stretches=stretches,
        phrases=phrases, ends=ends, variety=variety,
    )  # fmt: skip
    plan: tuple[Place, ...] = ()
    for item in work:
        if isinstance(item, tuple):
            plan = item
        else:
            made.setdefault(item.part.name, []).extend(item.notes)
    return Band(style, {name: tuple(notes) for name, notes in made.items()}, plan, tuple(_remarks(style, bars)))


@dataclass(frozen=True)
class Bars:
    """Notes of one part in one bar."""

    part: Part
    notes: tuple[Note, ...]


def fitting(
    style: Style, chords: Sequence[Chord], bars: Sequence[Bar], *, tune: Sequence[Note], ppq: int,
    key: KeyGuess | None, seed: int, number: int, parts: Sequence[str], stretches: Sequence[Stretch],
    phrases: Sequence[int], ends: bool, variety: int,
) -> Iterator[tuple[Place, ...] | Bars]:  # fmt: skip
    """:func:`fit` step by step: first the plan, then every bar of every part; arguments as there."""
    rng = np.random.default_rng([seed % 2**63, number])
    full = [bar for bar in bars if bar.number > 0]
    chosen = chosen_parts(style, parts)
    plan = tuple(stretches) or tuple(own_stretches(style, full, tune, rng, ends=ends, phrases=phrases))
    where = places(style, plan, full, chords, turn=number)
    yield tuple(where)
    song = Song(tuple(chords), scale_of(key or key_of(chords, tune)), tuple(tune), ppq)
    for part in chosen:
        own = np.random.default_rng([seed % 2**63, number, style.parts.index(part)])
        found: Iterable[list[Note]] = fit_part(style, part, where, song)
        if part.is_drum and variety:
            leading = half_fills(style, where)
            found = list(varied_drums(list(found), where, ppq, own, variety))
            found = led_on(found, fit_part(style, part, leading, song), where, leading, ppq)
        for notes in found:
            yield Bars(part, tuple(_uneven(notes, own)))


def chosen_parts(style: Style, parts: Sequence[str]) -> list[Part]:
    """The parts of a style that are meant by names or roles; all without any.

    Raises:
        BadRequest: the style has no such part.
    """
    for name in parts:
        if style.part(name) is None:
            known = ", ".join(part.name for part in style.parts)
            raise BadRequest(f"The style {style.title} has no part called {name[:40]!r}; it has {known}.")
    return [part for part in style.parts if not parts or {part.name, part.role} & set(parts)]


def key_of(chords: Sequence[Chord], tune: Sequence[Note]) -> KeyGuess:
    """The key that chords (by their length) and tune together are in."""
    weights = pitch_class_weights(tune)
    for chord in chords:
        for tone in chord.pitch_classes:
            weights[tone] += chord.duration
    return estimate_key(weights)


def _uneven(notes: Sequence[Note], rng: np.random.Generator) -> list[Note]:
    shifts = rng.normal(0.0, UNEVEN, len(notes))
    return [
        replace(note, velocity=min(127, max(1, note.velocity + round(float(shift)))))
        for note, shift in zip(notes, shifts, strict=True)
    ]


def _remarks(style: Style, bars: Sequence[Bar]) -> Iterator[str]:
    other = sorted({(bar.numerator, bar.denominator) for bar in bars if bar.number > 0} - {style.metre})
    if other:
        metres = ", ".join(f"{upper}/{lower}" for upper, lower in other)
        yield f"{style.title} is played in {style.metre[0]}/{style.metre[1]}; it was fitted to the piece's {metres}."
