"""What the public suite checks of a model that brings a band: it plays in its bars, and nothing else moves."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from workbench.hub.conformance import Failed, Suite
from workbench.hub.protocol import Partial, Result
from workbench.hub.tasks.arrange.request import ArrangeRequest, BandTrack
from workbench.hub.tasks.infill.conformance import example
from workbench.score.canonical import project_hash
from workbench.score.lanes import Chord
from workbench.score.operations import apply, inverse
from workbench.score.score import Score, Track

_BAR = 4 * 960
PARTS = (BandTrack("t8", "Drums", "Drums", 0, True), BandTrack("t9", "Bass", "Bass", 33))


class ArrangeSuite(Suite):
    """Bars, the rest of the piece, seed, cancel, empty input, memory."""

    def rules(self) -> Mapping[str, Callable[[], str]]:
        """See :meth:`Suite.rules`."""
        return {
            "bars": self.bars, "the rest": self.rest, "seed": self.seed, "cancel": self.cancel,
            "empty input": self.empty, "memory": self.memory,
        }  # fmt: skip

    def request(self, size: int = 1) -> ArrangeRequest:
        """Drums and bass for eight bars over chords, or twice, four times as many."""
        score = example(bars=8 * size)
        score.chords = [Chord(bar * _BAR, _BAR, (0, 5, 7, 0)[bar % 4]) for bar in range(8 * size)]
        return ArrangeRequest(score, "rock", (1, 8 * size), PARTS)

    def bars(self) -> str:
        """Of its own accord the model writes into the bars and parts asked for, and into every part."""
        request = self.request()
        span, found = request.region, set()
        for item in self.bench.raw(request, seed=5):
            pairs = [(item.track_id, item.notes)] if isinstance(item, Partial) else []
            if isinstance(item, Result):
                pairs = [pair for idea in item.alternatives for pair in idea.notes.items()]
            for track_id, notes in pairs:
                found.add(track_id)
                if track_id not in span.tracks or not all(span.start <= n.start < n.end <= span.end for n in notes):
                    raise Failed("It wrote outside the bars asked for; the hub would remove or shorten that.")
        if found != set(span.tracks):
            raise Failed("It left a part without a note.")
        return "It plays every part in the bars asked for, and nowhere else."

    def rest(self) -> str:
        """Through the hub: what was in the piece stays byte-identical, and undo is exact."""
        request = self.request()
        score = request.score.copy()
        digest, before = project_hash(score), [track.to_dict() for track in score.tracks]
        idea = self.bench.run(request, seed=3)[0]
        apply(score, dict(idea.operation or {}))
        if [track.to_dict() for track in score.tracks[: len(before)]] != before:
            raise Failed("Something that was in the piece was changed.")
        apply(score, inverse(dict(idea.operation or {})))
        if project_hash(score) != digest:
            raise Failed("Undoing the band does not give the piece back.")
        return "What was in the piece stays byte-identical, and undo gives the piece back."

    def empty(self) -> str:
        """A piece with no notes and no chords, and a single bar, end in a result or one clear sentence."""
        bare = Score()
        bare.tracks = [Track("t1")]
        self.ends(ArrangeRequest(bare, "rock", (1, 2), PARTS))
        self.ends(ArrangeRequest(example(bars=1), "rock", (1, 1), PARTS, join=0))
        return "An empty piece ends in a result or a clear sentence."
