"""What the public suite checks of a model that fills gaps: it writes there, and through the hub nothing else moves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from workbench.hub.conformance import Failed, Suite
from workbench.hub.protocol import Partial, Result
from workbench.hub.tasks.infill.request import InfillControls, InfillRequest, NewTrack
from workbench.score.canonical import project_hash
from workbench.score.operations import apply, inverse
from workbench.score.score import Note, Region, Score, Track

_BAR = 4 * 960


def example(*, bars: int = 8) -> Score:
    """A small piece in C: a melody, chords and drums, with one locked note in the gap of each pitched track."""
    score = Score(title="Check")
    melody, chords, drums = Track("t1", name="Melody"), Track("t2", name="Chords"), Track("t3", "Drums", is_drum=True)
    tune, roots = (60, 62, 64, 67, 65, 64, 62, 59), (48, 53, 55, 48)
    for bar in range(bars):
        for beat in range(4):
            start = bar * _BAR + beat * 960
            _put(
                melody,
                Note(
                    f"n{bar * 4 + beat + 1}", start, 900, tune[(bar * 3 + beat) % 8], 80, locked=(bar, beat) == (3, 1)
                ),
            )
            _put(drums, Note(f"n{bar * 4 + beat + 1}", start, 240, (36, 42, 38, 42)[beat], 90))
        for step, interval in enumerate((0, 4, 7)):
            pitch = roots[bar % 4] + interval
            _put(chords, Note(f"n{bar * 3 + step + 1}", bar * _BAR, _BAR, pitch, 64, locked=(bar, step) == (2, 0)))
    score.tracks = [melody, chords, drums]
    return score


def _put(track: Track, note: Note) -> None:
    track.notes[note.id] = note


def _gap(score: Score, **changes: Any) -> InfillRequest:
    region = Region(2 * _BAR, 4 * _BAR, tuple(track.id for track in score.tracks))
    return InfillRequest(score, (region,), **changes)


class InfillSuite(Suite):
    """Region, locks, seed, cancel, empty input, memory."""

    def rules(self) -> Mapping[str, Callable[[], str]]:
        """See :meth:`Suite.rules`."""
        return {
            "region": self.region, "locks": self.locks, "seed": self.seed, "cancel": self.cancel,
            "empty input": self.empty, "memory": self.memory,
        }  # fmt: skip

    def request(self, size: int = 1) -> InfillRequest:
        """The two-bar gap of a piece of eight bars, or twice, four times as many."""
        return self._supported(example(bars=8 * size))

    def region(self) -> str:
        """Of its own accord the model writes into the gap, in the tracks asked for, and nowhere else."""
        requests = {
            "a gap in every track": _gap(example()),
            "notes around those there": _gap(example(), around=True),
            "a new track": InfillRequest(
                example(), (Region(0, 2 * _BAR, ("t9",)),), new_tracks=(NewTrack("t9", "Bass", 32),)
            ),
        }
        ran = 0
        for words, request in requests.items():
            if not self.bench.supports(request):
                continue
            ran += 1
            for track_id, note in self._raw_notes(request):
                span = request.regions[0]
                if track_id not in span.tracks or not span.start <= note.start < span.end:
                    raise Failed(f"Asked for {words}, it wrote outside the gap; the hub would remove that.")
                if note.end > span.end:
                    raise Failed(f"Asked for {words}, it wrote a note longer than the gap; the hub would shorten it.")
        if not ran:
            raise Failed("It supports none of the requests of this suite.")
        return "It writes into the gap and nowhere else."

    def locks(self) -> str:
        """Through the hub: locked notes, other bars and other tracks stay byte-identical, and undo is exact."""
        score = example()
        before, digest = score.copy(), project_hash(score)
        request = self._supported(score)
        idea = self.bench.run(request, seed=3)[0]
        apply(score, dict(idea.operation or {}))
        for track in before.tracks:
            for note in track.notes.values():
                inside = any(region.contains(track.id, note) for region in request.regions)
                if (note.locked or not inside) and score.track(track.id).notes.get(note.id) != note:
                    raise Failed("A locked note, or one outside the gap, was changed.")
        apply(score, inverse(dict(idea.operation or {})))
        if project_hash(score) != digest:
            raise Failed("Undoing the fill does not give the piece back.")
        return "Locked notes and everything outside the gap stay byte-identical, and undo gives the piece back."

    def empty(self) -> str:
        """A piece with no notes, and a gap as long as the whole piece, end in a result or one clear sentence."""
        bare = Score()
        bare.tracks = [Track("t1")]
        whole = example(bars=2)
        self.ends(InfillRequest(bare, (Region(0, _BAR, ("t1",)),)))
        self.ends(InfillRequest(whole, (Region(0, 2 * _BAR, ("t1", "t2")),), controls=InfillControls(density=50)))
        return "An empty piece ends in a result or a clear sentence."

    def _supported(self, score: Score) -> InfillRequest:
        """The two-bar gap in all tracks, or in the first track alone for a model that fills only one."""
        request = _gap(score)
        if not self.bench.supports(request):
            request = InfillRequest(score, (Region(2 * _BAR, 4 * _BAR, (score.tracks[0].id,)),))
        return request

    def _raw_notes(self, request: InfillRequest) -> list[tuple[str, Note]]:
        partials: list[tuple[str, Note]] = []
        for item in self.bench.raw(request, seed=5):
            if isinstance(item, Partial):
                partials += [(item.track_id, note) for note in item.notes]
            elif isinstance(item, Result):
                return [
                    (track_id, note)
                    for idea in item.alternatives
                    for track_id, notes in idea.notes.items()
                    for note in notes
                ]
        return partials
