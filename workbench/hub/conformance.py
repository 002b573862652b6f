"""The public suite that every model must pass: ``workbench models check ID``.

It runs a model on small pieces made here, once *without* the hub's guard, to see what the model does of its own
accord, and once through the hub, to see what a person gets. A row says in plain words what was found.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from workbench.errors import Cancelled, WorkbenchError
from workbench.hub.card import Card
from workbench.hub.estimates import SpeedBook
from workbench.hub.hub import Hub
from workbench.hub.protocol import Alternative, CancelScope, CancelToken, Level, Model, Partial, Progress, Result
from workbench.hub.registry import Registry, adapter_class
from workbench.hub.runtime import Runtime
from workbench.hub.spec import ModelSpec
from workbench.hub.tasks.infill.request import InfillControls, InfillRequest, NewTrack
from workbench.score.canonical import project_hash
from workbench.score.operations import apply, inverse
from workbench.score.score import Note, Region, Score, Track

#: How many yields a model may still make after Stop, to hand over the notes of the step it was in.
YIELDS_AFTER_STOP = 4
#: Memory above the entry's own figure that is forgiven, in MB: the interpreter's own growth.
SPARE_MB = 64
#: Yields after which a model counts as endless on the small pieces of this suite.
MAX_STEPS = 20_000
_BAR = 4 * 960


@dataclass(frozen=True, slots=True)
class Row:
    """One finding: the rule's name, whether it holds, and a plain sentence."""

    name: str
    passed: bool
    text: str

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {"name": self.name, "passed": self.passed, "text": self.text}


def check(spec: ModelSpec, registry: Registry | None = None) -> Iterator[Row]:
    """Run the suite on one model, yielding rows as they come. Unexpected failures are rows too, not exceptions."""
    yield _row("card complete", lambda: _card(spec.card))
    if spec.task != "infill":
        yield Row("task", True, f"There is no further public suite for {spec.task} yet.")
        return
    bench = _Bench(spec, registry)
    for name, rule in (
        ("region", bench.region), ("locks", bench.locks), ("seed", bench.seed), ("cancel", bench.cancel),
        ("empty input", bench.empty), ("memory", bench.memory),
    ):  # fmt: skip
        yield _row(name, rule)
    bench.close()


class _Failed(Exception):
    """A rule does not hold; the text says how."""


def _row(name: str, rule: Callable[[], str]) -> Row:
    try:
        return Row(name, True, rule())
    except _Failed as error:
        return Row(name, False, str(error))
    except WorkbenchError as error:
        return Row(name, False, str(error))
    except Exception as error:
        return Row(name, False, f"The model failed ({type(error).__name__}).")


def _card(card: Card) -> str:
    for name in ("summary", "code_licence", "weights_licence", "outputs_licence", "sell"):
        if not getattr(card, name).strip():
            raise _Failed(f"The card says nothing about {name.replace('_', ' ')}.")
    if not card.training_data and not card.weights_licence.startswith("none"):
        raise _Failed("The card names no training data, though the model has weights.")
    return f"The card is complete; may one sell the results: {card.sell.split('.')[0].split(',')[0]}."


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


class _Bench:
    """One model under test, loaded once by a runtime of its own."""

    def __init__(self, spec: ModelSpec, registry: Registry | None) -> None:
        self._spec = spec
        alone = Registry([spec])
        if registry is not None:
            alone.local = dict(registry.local)
        self._hub = Hub(alone, memory_budget_mb=max(spec.memory_mb, 1), speeds=SpeedBook())
        self._before = _memory_mb()

    def close(self) -> None:
        self._hub.runtime.unload_all()

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
            if self._hub.support(self._spec.id, request).level is Level.UNSUPPORTED:
                continue
            ran += 1
            for track_id, note in self._raw_notes(request):
                span = request.regions[0]
                if track_id not in span.tracks or not span.start <= note.start < span.end:
                    raise _Failed(f"Asked for {words}, it wrote outside the gap; the hub would remove that.")
                if note.end > span.end:
                    raise _Failed(f"Asked for {words}, it wrote a note longer than the gap; the hub would shorten it.")
        if not ran:
            raise _Failed("It supports none of the requests of this suite.")
        return "It writes into the gap and nowhere else."

    def locks(self) -> str:
        """Through the hub: locked notes, other bars and other tracks stay byte-identical, and undo is exact."""
        score = example()
        before, digest = score.copy(), project_hash(score)
        request = self._supported(score)
        idea = self._run(request, seed=3)[0]
        apply(score, dict(idea.operation or {}))
        for track in before.tracks:
            for note in track.notes.values():
                inside = any(region.contains(track.id, note) for region in request.regions)
                if (note.locked or not inside) and score.track(track.id).notes.get(note.id) != note:
                    raise _Failed("A locked note, or one outside the gap, was changed.")
        apply(score, inverse(dict(idea.operation or {})))
        if project_hash(score) != digest:
            raise _Failed("Undoing the fill does not give the piece back.")
        return "Locked notes and everything outside the gap stay byte-identical, and undo gives the piece back."

    def seed(self) -> str:
        """Equal seeds give equal ideas, also after other runs and after loading again."""
        request = self._supported(example())
        first = _digest(self._run(request, seed=7))
        self._run(request, seed=8)
        if _digest(self._run(request, seed=7)) != first:
            raise _Failed("The same seed gave another result.")
        self._hub.runtime.unload_all()
        if _digest(self._run(request, seed=7)) != first:
            raise _Failed("The same seed gave another result after the model was loaded again.")
        return "The same seed gives the same notes, byte for byte."

    def cancel(self) -> str:
        """After Stop the model yields nothing but, at most, the step it was in."""
        scope, steps = CancelScope(), 0
        try:
            for item in self._raw(self._supported(example(bars=16)), seed=1, cancel=scope.start()):
                if scope.generation:
                    steps += 1
                    if steps > YIELDS_AFTER_STOP:
                        raise _Failed("It goes on after Stop.")
                elif isinstance(item, (Partial, Progress, Result)):
                    scope.cancel()
        except Cancelled:
            pass
        else:
            if steps or not scope.generation:
                raise _Failed("It does not look at the token: call cancel.check() once a step.")
        gone = CancelScope()
        token = gone.start()
        gone.cancel()
        try:
            for _ in self._hub.run(self._spec.id, self._supported(example()), seed=1, cancel=token):
                raise _Failed("A run that was stopped before it began wrote something.")
        except Cancelled:
            pass
        return "It stops within one step."

    def empty(self) -> str:
        """A piece with no notes, and a gap as long as the whole piece, end in a result or one clear sentence."""
        bare = Score()
        bare.tracks = [Track("t1")]
        whole = example(bars=2)
        requests = (
            InfillRequest(bare, (Region(0, _BAR, ("t1",)),)),
            InfillRequest(whole, (Region(0, 2 * _BAR, ("t1", "t2")),), controls=InfillControls(density=50)),
        )
        for request in requests:
            try:
                self._run(request, seed=1)
            except Cancelled as error:
                raise _Failed("It stopped although nobody pressed Stop.") from error
            except WorkbenchError as error:
                if "failed (" in str(error):
                    raise
        return "An empty piece ends in a result or a clear sentence."

    def memory(self) -> str:
        """The growth of this process stays within the entry's figure."""
        self._run(self._supported(example(bars=32)), seed=1)
        grown = max(0, _memory_mb() - self._before)
        if grown > self._spec.memory_mb + SPARE_MB:
            raise _Failed(f"It took {grown} MB, and its entry says {self._spec.memory_mb}.")
        return f"It stays within {self._spec.memory_mb} MB (grew by {grown})."

    def _supported(self, score: Score) -> InfillRequest:
        """The two-bar gap in all tracks, or in the first track alone for a model that fills only one."""
        request = _gap(score)
        if self._hub.support(self._spec.id, request).level is Level.UNSUPPORTED:
            request = InfillRequest(score, (Region(2 * _BAR, 4 * _BAR, (score.tracks[0].id,)),))
        return request

    def _run(self, request: InfillRequest, *, seed: int) -> tuple[Alternative, ...]:
        ideas: tuple[Alternative, ...] = ()
        for item in self._hub.run(self._spec.id, request, seed=seed, cancel=CancelToken.never()):
            if isinstance(item, Result):
                ideas = item.alternatives
        return ideas

    def _raw(self, request: InfillRequest, *, seed: int, cancel: CancelToken) -> Iterator[Any]:
        """What the model yields, with nobody in between."""
        runtime: Runtime = self._hub.runtime
        loading = runtime.acquire(self._spec, CancelToken.never())
        while True:
            try:
                next(loading)
            except StopIteration as end:
                slot = end.value
                break
        model: Model = slot.model
        work: Any = model.run(request.with_score(request.score.copy()), seed=seed, cancel=cancel)
        try:
            for step, item in enumerate(work):
                if step >= MAX_STEPS:
                    raise _Failed("It does not come to an end.")
                yield item
        finally:
            with contextlib.suppress(Exception):  # a model that refuses to be closed has shown what it is already
                work.close()
            runtime.release(slot)

    def _raw_notes(self, request: InfillRequest) -> list[tuple[str, Note]]:
        partials: list[tuple[str, Note]] = []
        for item in self._raw(request, seed=5, cancel=CancelToken.never()):
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


def _digest(ideas: tuple[Alternative, ...]) -> str:
    text = json.dumps([idea.operation for idea in ideas], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _memory_mb() -> int:
    """Largest resident size of this process so far in MB; 0 where the system does not tell (Windows)."""
    try:
        import resource
    except ImportError:
        return 0
    peak: int = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (1_000_000 if sys.platform == "darwin" else 1_000)


def importable(spec: ModelSpec) -> bool:
    """Whether the adapter's class can be had in this installation (its extra may be missing)."""
    try:
        adapter_class(spec)
    except WorkbenchError:
        return False
    return True
