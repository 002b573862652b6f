"""What no model can break: fills of random pieces, through the hub, applied and undone.

The promise is tested on the canonical JSON of everything that a fill may not touch. Models here: the real one, and
one that misbehaves in every way we could think of.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.unit.create.scores import BAR, band, random_regions, random_scores
from workbench.errors import BadRequest, Cancelled, Unavailable
from workbench.hub.estimates import SpeedBook
from workbench.hub.hub import Hub
from workbench.hub.protocol import Alternative, CancelScope, CancelToken, Model, Partial, Progress, Result
from workbench.hub.registry import Registry
from workbench.hub.spec import ModelSpec
from workbench.hub.tasks.infill.controls import SCALES, InfillControls
from workbench.hub.tasks.infill.request import InfillRequest, NewTrack
from workbench.score.canonical import dumps_json, project_hash
from workbench.score.operations import apply, inverse
from workbench.score.score import Note, Region, Score, Track

DATA = Path(__file__).parents[2] / "data"
BUNDLED = sorted(path for path in (DATA / "midi").glob("*.mid") if path.stat().st_size < 40_000)[:12]
FILLS = 200


class Vandal(Model):
    """Writes outside, over locks, in other tracks, nonsense and noise; changes the score; lies; fails."""

    def run(self, request: InfillRequest, *, seed: int, cancel: CancelToken) -> Iterator[Any]:
        dice = random.Random(seed)
        tricks = [self.outside, self.nonsense, self.vandalise, self.noise, self.lie, self.result, self.fail]
        for _ in range(dice.randrange(1, 8)):
            yield from dice.choice(tricks)(request, dice)

    def outside(self, request: InfillRequest, dice: random.Random) -> Iterator[Any]:
        for track in request.score.tracks:
            for region in request.regions:
                for start in (region.start - 1, region.end, 0, 2**31 - 1, region.start):
                    if start >= 0:
                        notes = (Note("n1", start, 2**31 - 1, dice.randrange(128), 127, "human", locked=True),)
                        yield Partial(dice.randrange(-1, 3), track.id, notes)

    def nonsense(self, request: InfillRequest, dice: random.Random) -> Iterator[Any]:
        class Odd:
            start, duration, pitch, velocity = request.regions[0].start, -5, 300, float("nan")

        yield Partial(0, "nowhere", (Odd(),))  # type: ignore[arg-type]
        yield Partial(0, request.regions[0].tracks[0], (Odd(), None, 7, "note"))  # type: ignore[arg-type]
        yield Partial("0", request.regions[0].tracks[0], None)  # type: ignore[arg-type]
        yield Progress(float("nan"))
        yield object()

    def vandalise(self, request: InfillRequest, dice: random.Random) -> Iterator[Any]:
        for track in request.score.tracks:
            track.notes.clear()
            track.locked, track.name = False, "mine"
        request.score.tempos.clear()
        request.score.title = "mine"
        yield Progress(0.5)

    def noise(self, request: InfillRequest, dice: random.Random) -> Iterator[Any]:
        for region in request.regions:
            for track_id in region.tracks:
                places = [dice.randrange(region.start, region.end) for _ in range(40)]
                yield Partial(
                    0, track_id, tuple(Note("x", at, dice.randrange(9999), dice.randrange(128)) for at in places)
                )

    def lie(self, request: InfillRequest, dice: random.Random) -> Iterator[Any]:
        gone = {"op": "remove_track", "index": 0, "content": request.score.tracks[0].to_dict()}
        yield Result((Alternative(operation=gone, seed=-1, model_id="someone-else"),))

    def result(self, request: InfillRequest, dice: random.Random) -> Iterator[Any]:
        notes = {track.id: tuple(track.notes.values()) for track in request.score.tracks}
        yield Result((Alternative(notes=notes, settings={"x": object()}, remarks=("\x00" * 9999, 5)),))  # type: ignore[arg-type]

    def fail(self, request: InfillRequest, dice: random.Random) -> Iterator[Any]:
        if dice.random() < 0.3:
            raise RuntimeError("boom")
        yield Progress(0.9)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Hub:
    """The built-in models and the vandal."""
    registry = Registry.load(plugins=False, user=False)
    real = registry.get("markov")
    registry.add(replace_spec(real, "vandal", f"{__name__}:Vandal"))
    hub = Hub(registry, speeds=SpeedBook())
    return hub


def replace_spec(spec: ModelSpec, name: str, adapter: str) -> ModelSpec:
    return replace(spec, id=name, adapter=adapter, default=False)


def untouchable(score: Score, regions: tuple[Region, ...], around: bool, tracks: set[str]) -> str:
    """Canonical JSON of all that a fill may not change: everything but the unlocked notes of the regions."""
    data = score.to_dict()
    data["tracks"] = [track for track in data["tracks"] if track["id"] in tracks]
    for track in data["tracks"]:
        spans = [(r.start, r.end) for r in regions if track["id"] in r.tracks]
        track["notes"] = [
            note
            for note in track["notes"]
            if track["locked"] or note.get("locked") or not any(a <= note["start"] < b for a, b in spans)
            or (around and not note["author"].startswith("model:"))
        ]  # fmt: skip
    return dumps_json(data)


def check(hub: Hub, model: str, request: InfillRequest, seed: int) -> tuple[Alternative, ...]:
    """Run a fill and hold every promise against each of its ideas."""
    score = request.score
    before, names = project_hash(score), {track.id for track in score.tracks}
    rest = untouchable(score, request.regions, request.around, names)
    *_, result = hub.run(model, request, seed=seed, cancel=CancelToken.never())
    assert isinstance(result, Result)
    assert project_hash(score) == before
    assert len(result.alternatives) == request.count
    for idea in result.alternatives:
        filled = score.copy()
        assert idea.operation is not None
        apply(filled, copy.deepcopy(dict(idea.operation)))
        assert untouchable(filled, request.regions, request.around, names) == rest
        for track in filled.tracks:
            old = score.track(track.id).notes if track.id in names else {}
            for name, note in track.notes.items():
                if old.get(name) != note:
                    check_note(request, track.id, note)
            budget = request.controls_for(track.id).max_notes if track.id in request_tracks(request) else None
            assert budget is None or sum(old.get(name) != note for name, note in track.notes.items()) <= budget
        apply(filled, inverse(dict(idea.operation)))
        assert project_hash(filled) == before
    return result.alternatives


def request_tracks(request: InfillRequest) -> set[str]:
    return {name for region in request.regions for name in region.tracks}


def check_note(request: InfillRequest, track_id: str, note: Note) -> None:
    """A new note lies in a gap, ends there, belongs to a model, is not locked and keeps the limits."""
    homes = [r for r in request.regions if track_id in request.fillable(r) and r.start <= note.start < r.end]
    assert len(homes) == 1
    assert "model:" in note.author
    assert not note.locked
    assert note.duration >= 1
    assert request.overhang or note.end <= homes[0].end
    wishes = request.controls_for(track_id)
    if not request.is_drum(track_id):
        classes = wishes.pitch_classes()
        assert classes is None or note.pitch % 12 in classes
        assert (wishes.pitch_low or 0) <= note.pitch <= (127 if wishes.pitch_high is None else wishes.pitch_high)


@st.composite
def wishes(draw: st.DrawFn) -> InfillControls:
    """Random controls; every one of them is used now and then."""
    out: dict[str, Any] = {}
    for name in ("density", "loudness", "register", "wildness", "syncopation", "richness", "surprise"):
        if draw(st.integers(0, 3)) == 0:
            out[name] = draw(st.integers(0, 100))
    if draw(st.integers(0, 3)) == 0:
        out |= {"tonic": draw(st.integers(0, 11)), "scale": draw(st.sampled_from(sorted(SCALES)))}
    if draw(st.integers(0, 3)) == 0:
        low = draw(st.integers(0, 100))
        out |= {"pitch_low": low, "pitch_high": draw(st.integers(min(127, low + 11), 127))}
    out["max_polyphony"] = draw(st.sampled_from((None, None, 1, 3)))
    out["grid"] = draw(st.sampled_from((None, None, 1, 3, 8, 96)))
    out["max_notes"] = draw(st.sampled_from((None, None, 1, 5)))
    out["part_writing"] = draw(st.integers(0, 3)) == 0
    out["harmony"] = draw(st.sampled_from(("free", "hint", "strict")))
    out[draw(st.sampled_from(("keep_rhythm", "keep_pitches")))] = draw(st.integers(0, 3)) == 0
    return InfillControls(**out)


@st.composite
def requests(draw: st.DrawFn) -> InfillRequest:
    score = draw(random_scores())
    regions = draw(random_regions(score))
    new: tuple[NewTrack, ...] = ()
    if draw(st.integers(0, 3)) == 0:
        new = (NewTrack("t9", "New", draw(st.integers(0, 127)), draw(st.booleans())),)
        regions = (replace(regions[0], tracks=(*regions[0].tracks, "t9")), *regions[1:])
    return InfillRequest(
        score, regions, draw(st.booleans()), draw(st.booleans()), draw(wishes()), new_tracks=new,
        count=draw(st.sampled_from((1, 1, 2))),
    )  # fmt: skip


LIMITS = settings(
    max_examples=FILLS, deadline=None, derandomize=True, database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip


@LIMITS
@given(request=requests(), seed=st.integers(0, 2**53 - 1))
def test_a_fill_changes_the_gap_alone(hub: Hub, request: InfillRequest, seed: int) -> None:
    for idea in check(hub, "markov", request, seed):
        left_out = [text for text in idea.remarks if "left out" in text or "moved" in text or "shortened" in text]
        assert not left_out, "the model keeps the rules by itself; the hub had nothing to mend"


@LIMITS
@given(request=requests(), seed=st.integers(0, 2**53 - 1))
def test_not_even_a_model_that_misbehaves_in_every_way(hub: Hub, request: InfillRequest, seed: int) -> None:
    before, failure = project_hash(request.score), "The model vandal failed"
    try:
        assert {idea.model_id for idea in check(hub, "vandal", request, seed)} == {"vandal"}
    except Unavailable as error:  # a plain sentence, and the piece as it was
        failure = str(error)
    assert failure.startswith("The model vandal failed")
    assert project_hash(request.score) == before


def test_a_grace_note_at_the_gaps_start_is_seen(hub: Hub) -> None:
    score = Score(tracks=[Track("t1")])
    for number, pitch in enumerate(range(60, 84)):
        score.tracks[0].notes[f"n{number}"] = Note(f"n{number}", 960, 0, pitch)
    (idea,) = check(hub, "markov", InfillRequest(score, (Region(960, 961, ("t1",)),), around=True), 0)
    assert not any("same pitch" in text for text in idea.remarks)


def test_the_misbehaving_model_does_misbehave(hub: Hub) -> None:
    request = InfillRequest(band(), (Region(0, 8 * BAR, ("t1", "t2")),))
    said = set()
    for seed in range(40):
        try:
            said |= {text.split(" ", 1)[1] for idea in check(hub, "vandal", request, seed) for text in idea.remarks}
        except Unavailable as error:
            said.add(str(error))
    assert any("began outside the gap" in text for text in said)
    assert any("were not notes" in text for text in said)
    assert any("another track" in text for text in said)
    assert any("RuntimeError" in text for text in said)


@settings(LIMITS, max_examples=50)
@given(request=requests(), seed=st.integers(0, 1000))
def test_equal_seeds_give_equal_fills(hub: Hub, request: InfillRequest, seed: int) -> None:
    runs = []
    for _ in range(2):
        try:
            *_, result = hub.run("markov", request, seed=seed, cancel=CancelToken.never())
            runs.append([dumps_json(idea.operation) for idea in result.alternatives])  # type: ignore[union-attr]
        except BadRequest as error:
            runs.append([str(error)])
    assert runs[0] == runs[1]


@pytest.mark.parametrize("path", BUNDLED or [None], ids=lambda path: path.stem if path else "band")
def test_real_pieces(hub: Hub, path: Path | None) -> None:
    from workbench.score.files import load

    score = load(path).score if path is not None else band()
    dice = random.Random(path.stem if path is not None else "band")
    names = [track.id for track in score.tracks if not track.locked]
    for seed in range(3):
        start = dice.randrange(max(1, score.end))
        chosen = tuple(dice.sample(names, dice.randrange(1, min(4, len(names)) + 1)))
        region = Region(start, start + dice.randrange(1, 16 * score.ppq), chosen)
        check(hub, "markov", InfillRequest(score, (region,), around=seed == 2), seed)


def test_stopping_one_persons_job_leaves_anothers_alone(hub: Hub) -> None:
    request = InfillRequest(band(), (Region(0, 8 * BAR, ("t1", "t2")),))
    *_, alone = hub.run("markov", request, seed=1, cancel=CancelToken.never())
    mine, theirs = CancelScope(), CancelScope()
    run = hub.run("markov", request, seed=2, cancel=mine.start())
    while not isinstance(next(run), Partial):
        pass
    mine.cancel()
    with pytest.raises(Cancelled):
        next(run)
    *_, after = hub.run("markov", request, seed=1, cancel=theirs.start())
    assert [idea.operation for idea in after.alternatives] == [idea.operation for idea in alone.alternatives]  # type: ignore[union-attr]
