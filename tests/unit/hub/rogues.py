"""Models that misbehave, each in its own way, and a few that behave; and small pieces to run them on."""

from __future__ import annotations

import math
import random
import weakref
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np

from workbench.errors import Cancelled
from workbench.hub.card import Card
from workbench.hub.estimates import SpeedBook
from workbench.hub.hub import Hub
from workbench.hub.protocol import Alternative, Attempt, CancelToken, Model, Partial, Progress, Result, Support
from workbench.hub.registry import Registry
from workbench.hub.spec import ModelSpec
from workbench.hub.tasks.infill.request import InfillRequest, draft
from workbench.provenance.run import Run
from workbench.score.score import Note, Region, Score, Track

CARD = Card("For a test.", "Apache-2.0", "none", "none", "Yes.", ())
BAR = 3840


def spec(how: str, *, model_id: str = "", adapter: str = "Rogue", **more: Any) -> ModelSpec:
    return ModelSpec(
        model_id or f"rogue-{how}", more.pop("task", "infill"), f"tests.unit.hub.rogues:{adapter}", CARD,
        capabilities={"how": how}, **more,
    )  # fmt: skip


def hub(*specs: ModelSpec, **more: Any) -> Hub:
    return Hub(Registry(specs), speeds=more.pop("speeds", SpeedBook()), **more)


def noted(events: list[dict[str, Any]]) -> Callable[[Attempt], None]:
    """Keeps the record of every attempt, with a few figures beside it."""

    def keep(attempt: Attempt) -> None:
        ideas = attempt.alternatives
        figures = {
            "alternatives": len(ideas), "notes": sum(len(n) for idea in ideas for n in idea.notes.values()),
            "elapsed_ms": attempt.seconds * 1000, "fallback": attempt.fallback_reason,
        }  # fmt: skip
        events.append(Run.of(attempt).to_dict() | figures)

    return keep


def piece(seed: int = 0, *, bars: int = 6) -> Score:
    """Three tracks of random notes, every seventh locked; the third plays drums."""
    rng = random.Random(seed)
    score = Score(title="Piece")
    for number in (1, 2, 3):
        track = Track(f"t{number}", is_drum=number == 3)
        for place in range(bars * 6):
            start = rng.randrange(bars * BAR)
            pitch = rng.randrange(35, 60) if track.is_drum else rng.randrange(40, 90)
            name = f"n{place + 1}"
            track.notes[name] = Note(name, start, rng.randrange(1, BAR), pitch, 80, locked=place % 7 == 0)
        score.tracks.append(track)
    return score


class Good(Model):
    """Writes one note a beat, seeded, looking at the token at each."""

    released = 0

    def run(self, request: InfillRequest, *, seed: int, cancel: CancelToken) -> Iterator[Any]:
        rng = random.Random(seed)
        for number in range(request.count):
            for region in request.regions:
                for start in range(region.start, region.end, 960):
                    cancel.check()
                    for track_id in region.tracks:
                        pitch = rng.randrange(36, 50) if request.is_drum(track_id) else rng.randrange(50, 80)
                        yield Partial(number, track_id, (draft(start, 900, pitch),))
                    yield Progress((start - region.start) / (region.end - region.start))

    def release(self) -> None:
        type(self).released += 1


class Chance(Good):
    """Takes no notice of the seed."""

    runs = 0

    def run(self, request: InfillRequest, *, seed: int, cancel: CancelToken) -> Iterator[Any]:
        type(self).runs += 1
        return super().run(request, seed=self.runs, cancel=cancel)


class Hoarder(Good):
    """Holds a large array while it runs."""

    held: ClassVar[list[weakref.ref[Any]]] = []

    def run(self, request: InfillRequest, *, seed: int, cancel: CancelToken) -> Iterator[Any]:
        block = np.ones(100_000)
        self.held.append(weakref.ref(block))
        for item in super().run(request, seed=seed, cancel=cancel):
            yield item
            block += 1


class Separator(Model):
    """Gives whatever stems ``how`` names."""

    def run(self, request: Any, *, seed: int, cancel: CancelToken) -> Iterator[Any]:
        samples, rate = request.audio.samples, request.audio.rate
        how = self.spec.capabilities["how"]
        stems: dict[str, Any] = {"vocals": SimpleNamespace(samples=samples * 0.25, rate=rate)}
        if how == "nan":
            broken = samples.copy()
            broken[::7] = math.nan
            stems["drums"] = SimpleNamespace(samples=broken, rate=rate)
        elif how == "loud":
            stems["drums"] = SimpleNamespace(samples=samples * -50, rate=rate)
        elif how == "short":
            stems["drums"] = SimpleNamespace(samples=samples[: len(samples) // 2], rate=rate)
        elif how == "rate":
            stems["drums"] = SimpleNamespace(samples=samples[::2], rate=rate // 2)
        elif how == "junk":
            stems["drums"] = "not sound"
        elif how == "silent":
            stems["drums"] = SimpleNamespace(samples=np.zeros_like(samples), rate=rate)
        yield Result((Alternative(stems=stems),))


class Rogue(Model):
    """Misbehaves as ``capabilities['how']`` says; each method below is one way."""

    def support(self, request: Any) -> Support:
        how = self.spec.capabilities["how"]
        if how == "support_raises":
            raise RuntimeError("no answer")
        return Support.no("It does not do that.") if how == "unsupported" else Support.full()

    def estimate_seconds(self, request: Any) -> float:
        if self.spec.capabilities["how"] == "estimate_raises":
            raise RuntimeError("no guess")
        return math.nan if self.spec.capabilities["how"] == "estimate_nan" else 0.1

    def prepare(self) -> None:
        how = self.spec.capabilities["how"]
        if how == "prepare_raises":
            raise RuntimeError("cannot load")
        if how == "prepare_import":
            import a_module_that_nobody_has  # noqa: F401

    def run(self, request: InfillRequest, *, seed: int, cancel: CancelToken) -> Iterator[Any]:
        way = getattr(self, self.spec.capabilities["how"], None)
        return iter(way(request, seed, cancel) if way else self.fine(request, seed, cancel))

    def fine(self, request: InfillRequest, seed: int, cancel: CancelToken) -> Iterator[Any]:
        for region in request.regions:
            for track_id in region.tracks:
                yield Partial(0, track_id, (draft(region.start, 480, 60),))

    def outside(self, request: InfillRequest, seed: int, cancel: CancelToken) -> Iterator[Any]:
        for region in request.regions:
            for track_id in region.tracks:
                starts = (0, max(0, region.start - 1), region.start, region.end - 1, region.end, region.end + 10)
                yield Partial(0, track_id, tuple(draft(start, 10 * BAR, 62) for start in starts))

    def wrong_tracks(self, request: InfillRequest, seed: int, cancel: CancelToken) -> Iterator[Any]:
        for track in ("t1", "t2", "t3", "nowhere", "", None, 7, ["t1"]):
            yield Partial(0, track, (draft(request.regions[0].start, 480, 60),))

    def wrong_types(self, request: InfillRequest, seed: int, cancel: CancelToken) -> Iterator[Any]:
        start = request.regions[0].start
        junk = SimpleNamespace(start=float(start), duration="long", pitch=math.nan, velocity=None)
        numpy_note = SimpleNamespace(start=np.int64(start), duration=np.int32(5), pitch=np.uint8(60), velocity=999)
        yield from (None, 3, "text", object(), [1, 2], {"start": 1}, Partial(0, "t1", None), Partial("0", "t1", ()))
        yield Partial(0, "t1", (junk, numpy_note, None, 7, draft(start, 480, 60)))
        yield Partial(99, "t1", (draft(start, 480, 60),))
        yield Partial(-1, "t1", (draft(start, 480, 60),))
        yield Partial(0, "t1", "notes")
        yield Progress(math.nan, 17)

    def extreme_values(self, request: InfillRequest, seed: int, cancel: CancelToken) -> Iterator[Any]:
        region = request.regions[0]
        notes = [
            SimpleNamespace(start=region.start, duration=duration, pitch=pitch, velocity=velocity)
            for duration in (-5, 0, 1, 2**40)
            for pitch in (-1, 0, 60, 127, 128, 10**9)
            for velocity in (-3, 0, 128, 10**6)
        ]
        for track_id in region.tracks:
            yield Partial(0, track_id, tuple(notes))

    def stolen_ids(self, request: InfillRequest, seed: int, cancel: CancelToken) -> Iterator[Any]:
        region = request.regions[0]
        for track_id in region.tracks:
            for place in range(5):
                note = Note("n1", region.start + place, 10, 70 + place, 80, "human", ("human",), True)
                yield Partial(0, track_id, (note,))

    def mutates_request(self, request: InfillRequest, seed: int, cancel: CancelToken) -> Iterator[Any]:
        for track in request.score.tracks:
            track.notes.clear()
            track.locked = False
        request.score.tracks.pop()
        yield from self.fine(request, seed, cancel)

    def raises_mid_way(self, request: InfillRequest, seed: int, cancel: CancelToken) -> Iterator[Any]:
        yield from self.fine(request, seed, cancel)
        raise ZeroDivisionError("in the middle")

    def exits(self, request: InfillRequest, seed: int, cancel: CancelToken) -> Iterator[Any]:
        yield from self.fine(request, seed, cancel)
        raise SystemExit(3)

    def pretends_cancelled(self, request: InfillRequest, seed: int, cancel: CancelToken) -> Iterator[Any]:
        yield from self.fine(request, seed, cancel)
        raise Cancelled("Stopped.")

    def not_a_generator(self, request: InfillRequest, seed: int, cancel: CancelToken) -> Any:
        return 5

    def huge(self, request: InfillRequest, seed: int, cancel: CancelToken) -> Iterator[Any]:
        region = request.regions[0]
        span = region.end - region.start
        for block in range(40):
            notes = tuple(draft(region.start + (block * 1000 + k) % span, 1, (block + k) % 128) for k in range(1000))
            yield Partial(0, region.tracks[0], notes)

    def endless(self, request: InfillRequest, seed: int, cancel: CancelToken) -> Iterator[Any]:
        while True:
            yield Partial(0, "t1", (draft(request.regions[0].start, 480, 60),) * 100)

    def endless_list(self, request: InfillRequest, seed: int, cancel: CancelToken) -> Iterator[Any]:
        def forever() -> Iterator[Note]:
            while True:
                yield draft(request.regions[0].start, 480, 60)

        yield Partial(0, request.regions[0].tracks[0], forever())

    def endless_progress(self, request: InfillRequest, seed: int, cancel: CancelToken) -> Iterator[Any]:
        while True:
            yield Progress(0.5)

    def deaf(self, request: InfillRequest, seed: int, cancel: CancelToken) -> Iterator[Any]:
        """Never looks at the token and refuses to be closed."""
        for step in range(1, 3_000):
            try:
                yield Partial(0, request.regions[0].tracks[0], (draft(request.regions[0].start + step, 1, 60),))
            except GeneratorExit:
                yield Progress(0.9)

    def lying_result(self, request: InfillRequest, seed: int, cancel: CancelToken) -> Iterator[Any]:
        idea = Alternative(
            notes={"t1": (draft(0, 99, 60),), "t9": (draft(0, 1, 1),), 4: None},
            operation={"op": "remove_track", "index": 0}, seed=-1, settings={"x": math.nan}, model_id="human",
            remarks=("fine", 5, "two\nlines"),
        )  # fmt: skip
        yield Result((idea, "not an idea", None) * 9, attempt=-5)

    def broken_result(self, request: InfillRequest, seed: int, cancel: CancelToken) -> Iterator[Any]:
        yield Result(SimpleNamespace(length=3))


#: Ways that still end in a result, and ways that end in one sentence.
SURVIVED = (
    "fine", "outside", "wrong_tracks", "wrong_types", "extreme_values", "stolen_ids", "mutates_request", "huge",
    "endless", "endless_list", "lying_result", "broken_result", "estimate_raises", "estimate_nan",
)  # fmt: skip
REFUSED = (
    "raises_mid_way", "exits", "pretends_cancelled", "not_a_generator", "support_raises",
    "unsupported", "prepare_raises", "prepare_import",
)  # fmt: skip


def gap(score: Score, *, tracks: tuple[str, ...] = ("t1", "t2"), **more: Any) -> InfillRequest:
    """The second and third bar of some tracks."""
    return InfillRequest(score, (Region(BAR, 3 * BAR, tracks),), **more)


def finish(running: Iterator[Any]) -> Result:
    """Run to the end and return the result, which must come last and once."""
    items = list(running)
    results = [item for item in items if isinstance(item, Result)]
    assert len(results) == 1
    assert items[-1] is results[0]
    return results[0]
