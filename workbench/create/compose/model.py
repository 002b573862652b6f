"""The embedded arranger behind the task ``arrange``: a style's parts over the piece's chords, then joined to its tune.

Every idea is fitted first (:func:`workbench.create.compose.band.fit`), which takes no time to speak of, and shown; what
the infilling network would rather play here and there is asked for afterwards and kept only where it fits as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from workbench.create.compose.band import Band, fit, key_of
from workbench.create.compose.bandfeel import as_played
from workbench.create.compose.bandplan import Stretch
from workbench.create.compose.given import Found, chords_for, tune_of
from workbench.create.compose.joining import no_style
from workbench.create.compose.netjoin import Bandstand, Joined, join_up
from workbench.create.compose.song import Song
from workbench.create.compose.styles import find_style
from workbench.create.compose.tones import scale_of
from workbench.errors import BadRequest, Cancelled, WorkbenchError
from workbench.hub.protocol import Alternative, CancelToken, Model, Partial, Progress, Result, Support
from workbench.hub.tasks.arrange.request import ArrangeRequest
from workbench.hub.tasks.infill.controls import InfillControls
from workbench.score.lanes import Chord
from workbench.score.score import Note, Score
from workbench.score.timemap import Bar, TimeMap

#: Wishes that change something; limits are the guard's.
HEARD = frozenset({"loudness", "wildness", "chords", "pitch_low", "pitch_high", "max_polyphony", "max_notes"})
#: What the network takes for a bar of a part, several versions of it at once.
_JOIN_SECONDS_A_BAR = 0.06
_SECONDS_A_BAR = 0.004

#: What is said of chords that nobody gave.
CHORDS_FOUND = "The chords were found for the tune; write others into the chord lane to hear it over them."
CHORDS_HEARD = "The chords are those that the piece sounds; write others into the chord lane to hear it over them."
#: Ideas have seeds of their own.
MAX_IDEAS = 8


class Arranger(Model):
    """Adapter of ``models/arranger`` for the hub."""

    def support(self, request: ArrangeRequest) -> Support:
        """Whether there is such a style with such parts, and which wishes are not heard."""
        style = find_style(request.style)
        if style is None:
            return Support.no(no_style(request.style))
        for part in request.parts:
            if style.part(part.part) is None:
                return Support.no(f"The style {style.title} has no part called {part.part[:40]!r}; choose another.")
        for section in request.sections:
            if section.section not in style.sections():
                known = ", ".join(style.sections())
                return Support.no(f"The style {style.title} has no section {section.section[:40]!r}; it has {known}.")
        unheard = sorted(request.controls.to_dict().keys() - HEARD)
        if unheard:
            return Support.partial(f"A band does not follow the wish {unheard[0].replace('_', ' ')}; it is left out.")
        return Support.full()

    def estimate_seconds(self, request: ArrangeRequest) -> float:
        """Wall-clock seconds on a laptop core, from bars, parts and ideas."""
        bars = request.bars[1] - request.bars[0] + 1
        network = _JOIN_SECONDS_A_BAR if request.join else 0.0
        return 0.1 + request.count * len(request.parts) * bars * (_SECONDS_A_BAR + network)

    def run(self, request: ArrangeRequest, *, seed: int, cancel: CancelToken) -> Iterator[Progress | Partial | Result]:
        """Yield the parts of every idea as they are fitted, then the ideas as they are in the end."""
        style = find_style(request.style)
        if style is None:
            raise BadRequest(no_style(request.style))
        score, tune = request.score, tune_of(request.score, request.tune)
        given, found = chords_for(score, request.controls.chords, request.tune, count=request.count, seed=seed)
        bars, time = bars_of(score, request.bars), TimeMap(score)
        ends = bars[-1].end >= score.end
        ids = {part.part: part.id for part in request.parts}
        stands: list[tuple[Band, Bandstand]] = []
        for number, chords in enumerate(given):
            cancel.check()
            band = fit(
                style, chords, bars, tune=tune, ppq=score.ppq, seed=seed, number=number, parts=list(ids), ends=ends,
                stretches=[Stretch(s.section, s.first, s.last, s.parts) for s in request.sections],
                variety=_variety(request.controls),
            )  # fmt: skip
            notes = {ids[name]: own for name, own in band.notes.items() if name in ids}
            for name, own in as_played(style, band.notes, bars, time, request.humanise, seed).items():
                cancel.check()
                if own and name in ids:
                    yield Partial(number, ids[name], _louder(own, request.controls))
            song = Song(tuple(chords), scale_of(key_of(chords, tune)), tune, score.ppq)
            parts = {ids[part.name]: part for part in style.parts if part.name in ids}
            stands.append((band, Bandstand(style, score, song, band.places, parts, notes)))
        ideas = []
        for number, (band, stand) in enumerate(stands):
            joined, remark = Joined(dict(stand.notes)), ""
            if request.join and self.ask is not None:
                try:
                    for item in self._joined(stand, request.join, seed * MAX_IDEAS + number):
                        cancel.check()
                        if isinstance(item, Joined):
                            joined = item
                        elif item.done is not None:
                            yield Progress((number + item.done) / len(stands), "Listening to the tune")
                except Cancelled:
                    raise
                except WorkbenchError:
                    remark = "The network that varies a band could not be had, so it plays as the style is written."
            by_part = {name: joined.notes[ids[name]] for name in band.notes if ids.get(name) in joined.notes}
            played = as_played(style, by_part, bars, time, request.humanise, seed)
            notes = {ids[name]: _louder(own, request.controls) for name, own in played.items()}
            idea = _alternative(band, notes, given[number], found, joined)
            ideas.append(replace(idea, remarks=(*idea.remarks, remark)) if remark else idea)
            yield Progress((number + 1) / len(stands))
        yield Result(tuple(ideas))

    def _joined(self, stand: Bandstand, share: int, seed: int) -> Iterator[Progress | Joined]:
        ask = self.ask
        assert ask is not None
        return join_up(stand, lambda request, number: ask("infill", request, number), share, seed % 2**53)


def bars_of(score: Score, bars: tuple[int, int]) -> list[Bar]:
    """The bars from the first to the last number, both included."""
    time = TimeMap(score)
    return [time.bar(number) for number in range(bars[0], bars[1] + 1)]


def _variety(controls: InfillControls) -> int:
    return 50 if controls.wildness is None else controls.wildness


def _louder(notes: Sequence[Note], controls: InfillControls) -> tuple[Note, ...]:
    """Velocities moved by the wish for loudness, 50 of which is as the style has it."""
    out = []
    for note in notes:
        wish = controls.value("loudness", note.start)
        shift = 0 if wish is None else round(0.7 * (wish - 50))
        out.append(replace(note, velocity=min(127, max(1, note.velocity + shift))))
    return tuple(out)


def _alternative(
    band: Band, notes: dict[str, tuple[Note, ...]], chords: Sequence[Chord], found: Found, joined: Joined
) -> Alternative:
    """One idea, with the style and the chords it stands on among its settings."""
    settings: dict[str, Any] = {"style": band.style.id}
    if joined.model:
        settings["joined"] = {
            "model": joined.model, "revision": joined.revision, "changed": joined.changed, "beats": joined.beats,
        }  # fmt: skip
    if found:
        settings["chords"] = [[c.tick, c.duration, c.root, c.quality, c.bass] for c in chords[:400]]
    remarks = list(band.remarks)
    if found:
        remarks.append(CHORDS_HEARD if found == "heard" else CHORDS_FOUND)
    if not chords:
        remarks.append("There are no chords and no tune to find them by, so only the drums play.")
    return Alternative(notes=notes, settings=settings, remarks=tuple(remarks))
