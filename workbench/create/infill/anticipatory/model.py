"""The Anticipatory Music Transformer from the Hub as an infiller: any GPT-2 of its arrival-time vocabulary.

Vocabulary, anticipation and masks were written from the paper (Thickstun, Hall, Donahue and Liang, 2023,
arXiv:2306.08620) and the file formats; see :mod:`workbench.tokens.arrival` and its neighbours. It knows neither
loudness nor bars: velocity is taken from the music around, onsets fall on the piece's grid where it keeps to one.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field

import numpy as np

from workbench.create.infill.anticipatory.runtime import Network, Rows
from workbench.create.infill.anticipatory.sampler import Ask, Writer
from workbench.create.infill.anticipatory.stream import Pass, Piece
from workbench.create.infill.around.wishes import beyond_simple_models
from workbench.create.infill.markov.model import allowed
from workbench.errors import Unavailable
from workbench.hub.protocol import CancelToken, Model, Partial, Progress, Result, Support
from workbench.hub.tasks.infill.request import InfillRequest
from workbench.score.score import Note
from workbench.tokens.arrival import ANTICIPATE

#: Nucleus where nothing is given and where something is, as the model was published.
TOP_P_FREE, TOP_P_GIVEN = 0.98, 0.95
#: Hottest and coolest sampling that sliders alone lead to.
COOLEST, HOTTEST = 0.4, 1.8
_SIGN_SECONDS = 0.5  # a sign of life at least this often


@dataclass
class _Idea:
    """One alternative as it grows."""

    piece: Piece
    number: int
    seed: int
    written: dict[str, list[Note]] = field(default_factory=dict)
    done: float = 0.0

    def run(self) -> Generator[Ask | Partial, np.ndarray | None, None]:
        """Write every pass of every gap."""
        passes = self.piece.passes
        for place, job in enumerate(passes):
            wrote = yield from self._fill(job, place, len(passes), must_play=False)
            if not wrote and not job.scripted and not self.piece.request.around:
                yield from self._fill(job, place, len(passes), must_play=True)
            self.done = (place + 1) / len(passes)

    def _fill(
        self, job: Pass, place: int, passes: int, *, must_play: bool
    ) -> Generator[Ask | Partial, np.ndarray | None, int]:
        piece = self.piece
        window, rules = piece.window(job, self.written), piece.rules(job, self.written, must_play=must_play)
        controls = piece.request.controls_for(job.tracks[0])
        top_p = controls.top_p or (TOP_P_GIVEN if window.flag == ANTICIPATE else TOP_P_FREE)
        dice = np.random.default_rng([self.seed, self.number, place, int(must_play)])
        script = Writer(window, rules, dice, temperature=_temperature(piece.request, job), top_p=top_p).run()
        answer: np.ndarray | None = None
        while True:
            try:
                item = script.send(answer)
            except StopIteration:
                return rules.written
            answer = None
            if isinstance(item, Ask):
                answer = yield item
                continue
            self.done = (place + item.done) / passes
            if not item.event.is_rest:
                part, original = rules.accept(item.event)
                note = piece.note(rules, part, item.event, original)
                self.written.setdefault(part.track_id, []).append(note)
                yield Partial(self.number, part.track_id, (note,))


class AnticipatoryInfiller(Model):
    """Adapter of GPT-2 checkpoints with the anticipatory arrival-time vocabulary for the hub."""

    _network: Network | None = None

    def prepare(self) -> None:
        """Load the weights (float32 in memory); raises :class:`BadFile` if they are of another kind."""
        if self._network is None:
            paths = sorted(path for name, path in self.files.items() if name.endswith(".safetensors"))
            self._network = Network.load(self.config(), paths)

    def release(self) -> None:
        """Let go of the weights."""
        self._network = None

    def support(self, request: InfillRequest) -> Support:
        """What can be honoured, in one sentence a person can read."""
        tracks = [track_id for region in request.regions for track_id in request.fillable(region)]
        wishes = [request.controls_for(track_id) for track_id in tracks]
        pitched = [request.controls_for(track_id) for track_id in tracks if not request.is_drum(track_id)]
        if any(not allowed(controls).any() for controls in pitched):
            return Support.no("No note of this scale lies between the lowest and the highest one; widen the range.")
        if any(controls.richness is not None for controls in wishes):
            return Support.partial("This model has no control for simpler or richer; the rest is honoured.")
        if any(controls.syncopation is not None for controls in wishes):
            return Support.partial("This model has no control for on the beat or syncopated; the rest is honoured.")
        if (unmet := beyond_simple_models(wishes)) is not None:
            return Support.partial(unmet)
        if not pitched and any(w.register is not None or "register" in w.curves for w in wishes):
            return Support.partial("Drums have no register, so lower or higher changes nothing.")
        if len(pitched) < len(tracks) and any(w.keep_pitches for w in wishes):
            return Support.partial("Drums cannot keep their strokes and change the rhythm; they are made anew.")
        if any(w.keep_rhythm or w.keep_pitches for w in wishes) and not any(Piece(request).gone.values()):
            return Support.partial("Nothing in the gap is replaced, so there is no rhythm or tune in it to keep.")
        if any(w.harmony == "strict" for w in wishes) and not (request.score.chords or any(w.chords for w in wishes)):
            return Support.partial("There is no chord written to be strict about; the music around is followed.")
        return Support.full()

    def estimate_seconds(self, request: InfillRequest) -> float:
        """Wall-clock seconds on a laptop core: by the notes that the tracks have a second around, and by size."""
        clock = Piece(request).clock.map
        whole = max(1.0, clock.seconds(request.score.end))
        pace = sum(len(track.notes) for track in request.score.tracks) / max(1, len(request.score.tracks)) / whole
        notes = sum(
            (clock.seconds(region.end) - clock.seconds(region.start)) * len(request.fillable(region)) * max(1.0, pace)
            for region in request.regions
        )
        size = self.spec.memory_mb / 1_000
        return 2.0 * size * len(request.regions) + 0.15 * size * notes * (1 + 0.4 * (request.count - 1))

    def run(self, request: InfillRequest, *, seed: int, cancel: CancelToken) -> Iterator[Progress | Partial | Result]:
        """Yield the notes of all alternatives as they come; the alternatives are stepped side by side."""
        self.prepare()
        if self._network is None:
            raise Unavailable("The model was unloaded while it was needed; try again.")
        piece = Piece(request)
        ideas = [_Idea(piece, number, seed) for number in range(request.count)]
        scripts = [idea.run() for idea in ideas]
        rows = Rows(self._network, request.count)
        asked: dict[int, Ask] = {}
        signed = time.monotonic()
        for row in range(request.count):
            yield from _until_asked(row, scripts, asked, None)
        while asked:
            cancel.check()
            fresh = [row for row, ask in asked.items() if ask.fresh]
            for _ in rows.feed({row: ask.tokens for row, ask in asked.items()}, fresh):
                cancel.check()
                if time.monotonic() - signed > _SIGN_SECONDS:
                    yield Progress(sum(idea.done for idea in ideas) / len(ideas))
                    signed = time.monotonic()
            for row, ask in list(asked.items()):
                yield from _until_asked(row, scripts, asked, rows.scores(row, ask.ids))


def _until_asked(
    row: int, scripts: list[Generator[Ask | Partial, np.ndarray | None, None]], asked: dict[int, Ask],
    answer: np.ndarray | None,
) -> Iterator[Partial]:  # fmt: skip
    """Let one alternative go on to its next question (left in ``asked``) or to its end, handing out its notes."""
    asked.pop(row, None)
    while True:
        try:
            item = scripts[row].send(answer)
        except StopIteration:
            return
        if isinstance(item, Ask):
            asked[row] = item
            return
        answer = None
        yield item


def _temperature(request: InfillRequest, job: Pass) -> float:
    """The temperature asked for, else 1.0 moved by *calmer / wilder* and *like before / surprise me*."""
    controls = request.controls_for(job.tracks[0])
    if controls.temperature is not None:
        return controls.temperature
    lean = sum((value - 50) / 100 for value in (controls.wildness, controls.surprise) if value is not None)
    return float(min(HOTTEST, max(COOLEST, 2.0**lean)))
