"""Whatever a model does: what was not asked for stays as it was, and what comes is valid music."""

from __future__ import annotations

import json
import random
from typing import Any

import numpy as np
import pytest

from tests.unit.hub import rogues
from tests.unit.hub.rogues import BAR, finish, gap, hub, piece, spec
from workbench.errors import WorkbenchError
from workbench.hub.protocol import CancelToken, Partial, Result
from workbench.hub.tasks.infill.controls import InfillControls
from workbench.hub.tasks.infill.guard import MAX_FILL_NOTES, fit_pitch
from workbench.hub.tasks.infill.request import InfillRequest, NewTrack
from workbench.hub.tasks.separate.guard import summed
from workbench.hub.tasks.separate.request import SeparateRequest
from workbench.score.canonical import dumps, project_hash
from workbench.score.operations import apply, inverse
from workbench.score.score import Note, Region, Score, Track

NEVER = CancelToken.never()


def fill(how: str, request: InfillRequest, *, seed: int = 1, adapter: str = "Rogue") -> Result:
    entry = spec(how, adapter=adapter)
    return finish(hub(entry).run(entry.id, request, seed=seed, cancel=NEVER))


def check_fill(request: InfillRequest, operation: Any, author: str) -> Score:
    """Apply a fill to the piece and check every promise of the hub; returns the new piece."""
    before = request.score
    after = Score.from_dict(json.loads(dumps(before)))
    apply(after, operation)
    new_ids = {new.id for new in request.new_tracks}
    assert [t.id for t in after.tracks] == [t.id for t in before.tracks] + [new.id for new in request.new_tracks]
    for track in before.tracks:
        twin = after.track(track.id)
        spans = [r for r in request.regions if track.id in r.tracks and not track.locked]
        for note in track.notes.values():
            inside = any(r.start <= note.start < r.end for r in spans)
            if note.locked or not inside or request.around:
                assert twin.notes.get(note.id) == note
            else:
                assert twin.notes.get(note.id) != note or note.id not in twin.notes
        assert {**track.to_dict(), "notes": []} == {**twin.to_dict(), "notes": []}
    for track in after.tracks:
        old = {} if track.id in new_ids else before.track(track.id).notes
        spans = [r for r in request.regions if track.id in r.tracks]
        for note in track.notes.values():
            if old.get(note.id) == note:
                continue
            region = next(r for r in spans if r.start <= note.start < r.end)
            assert note.id not in old
            assert request.overhang or note.end <= region.end
            assert note.duration >= 1
            assert note.author == author
            assert not note.locked
            assert not note.edited_by
            if track.is_drum:
                assert 27 <= note.pitch <= 87
    undone = after.copy()
    apply(undone, inverse(operation))
    assert project_hash(undone) == project_hash(before)
    return after


@pytest.mark.parametrize("how", rogues.SURVIVED)
def test_a_misbehaving_model_harms_nothing(how: str) -> None:
    score = piece(4)
    text = dumps(score)
    request = gap(score)
    result = fill(how, request)
    assert len(result.alternatives) == 1
    check_fill(request, result.alternatives[0].operation, f"model:rogue-{how}")
    assert dumps(score) == text


@pytest.mark.parametrize("how", rogues.REFUSED)
def test_a_failing_model_ends_in_one_sentence(how: str) -> None:
    score = piece(4)
    text = dumps(score)
    with pytest.raises(WorkbenchError) as caught:
        fill(how, gap(score))
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "Traceback" not in sentence
    assert "\n" not in sentence
    assert dumps(score) == text


def test_two_hundred_random_fills_change_nothing_else() -> None:
    rng = random.Random(20)
    number = done = 0
    while done < 200:
        number += 1
        score = piece(number)
        score.track(rng.choice(["t1", "t2", "t3"])).locked = rng.random() < 0.3
        start = rng.randrange(0, 5 * BAR)
        end = start + rng.randrange(1, 2 * BAR)
        tracks = tuple(rng.sample(["t1", "t2", "t3"], rng.randrange(1, 4)))
        regions = [Region(start, end, tracks)]
        if rng.random() < 0.4:
            regions.append(Region(end, end + rng.randrange(1, BAR), tracks))
        new = (NewTrack("bass", "Bass", 32),) if rng.random() < 0.3 else ()
        if new:
            regions.append(Region(0, BAR, ("bass",)))
        controls = InfillControls(
            max_polyphony=rng.choice([None, 1, 3]), pitch_low=rng.choice([None, 50]), pitch_high=rng.choice([None, 70]),
        )  # fmt: skip
        how = rng.choice([*rogues.SURVIVED[:-4], "good"])
        if how in ("huge", "endless", "endless_list") and number % 10:
            how = "outside"
        options = {"around": rng.random() < 0.3, "overhang": rng.random() < 0.3, "count": rng.randrange(1, 4)}
        try:
            request = InfillRequest(score, tuple(regions), controls=controls, new_tracks=new, **options)
        except WorkbenchError:
            continue  # every track of the gap happened to be locked
        result = fill(how, request, seed=number, adapter="Good" if how == "good" else "Rogue")
        done += 1
        assert len(result.alternatives) == options["count"]
        for idea in result.alternatives:
            check_fill(request, idea.operation, f"model:rogue-{how}")


def test_an_idea_says_how_to_make_it_again() -> None:
    request = gap(piece(1), count=2, controls=InfillControls(density=0, temperature=0.5), document_revision=12)
    result = fill("good", request, seed=99, adapter="Good")
    assert result.document_revision == 12
    idea = result.alternatives[1]
    assert (idea.seed, idea.model_id, idea.revision) == (99, "rogue-good", "embedded")
    settings = json.loads(json.dumps(idea.settings))
    assert settings.pop("alternative") == 1
    again = InfillRequest.from_settings(piece(1), settings)
    repeated = fill("good", again, seed=idea.seed, adapter="Good")
    assert repeated.alternatives[1].operation == idea.operation


def test_partials_show_only_what_may_stay() -> None:
    entry = spec("outside")
    request = gap(piece(2))
    shown = [i for i in hub(entry).run(entry.id, request, seed=1, cancel=NEVER) if isinstance(i, Partial)]
    notes = [(partial.track_id, note) for partial in shown for note in partial.notes]
    assert notes
    for track_id, note in notes:
        assert request.regions[0].contains(track_id, note)
        assert note.end <= request.regions[0].end
        assert note.author == "model:rogue-outside"


def test_remarks_count_what_was_changed() -> None:
    request = gap(piece(2), tracks=("t1",))
    strayed = fill("outside", request).alternatives[0].remarks
    assert "4 notes were left out because they began outside the gap." in strayed
    assert any("cut off" in remark for remark in fill("huge", request).alternatives[0].remarks)
    kept = fill("lying_result", request).alternatives[0]
    assert kept.remarks[0] == "fine"
    assert "two\nlines" not in kept.remarks
    assert kept.model_id == "rogue-lying_result"


def test_the_limits_a_person_sets_hold_whatever_the_model_writes() -> None:
    controls = InfillControls(pitch_low=60, pitch_high=71, tonic=0, scale="major pentatonic", max_polyphony=2)
    request = gap(piece(3, bars=4), controls=controls)
    result = fill("good", request, adapter="Good", seed=5)
    after = check_fill(request, result.alternatives[0].operation, "model:rogue-good")
    for name in ("t1", "t2"):
        notes = after.track(name).sorted_notes()
        made = [note for note in notes if note.author.startswith("model:")]
        assert made
        for note in made:
            assert 60 <= note.pitch <= 71
            assert note.pitch % 12 in (0, 2, 4, 7, 9)
            sounding = [n for n in notes if n.start <= note.start < n.end]
            kept = [n for n in sounding if not n.author.startswith("model:")]
            assert len(sounding) <= max(2, len(kept))


def test_no_pitch_sounds_twice_at_once_in_a_track() -> None:
    request = gap(piece(6), around=True, overhang=True)
    result = fill("good", request, adapter="Good", seed=8)
    after = check_fill(request, result.alternatives[0].operation, "model:rogue-good")
    for name in ("t1", "t2"):
        notes = after.track(name).sorted_notes()
        for note in notes:
            if not note.author.startswith("model:"):
                continue
            for other in notes:
                if other is not note and other.pitch == note.pitch:
                    assert other.end <= note.start or other.start >= note.end


def test_a_note_kept_by_rhythm_has_two_authors() -> None:
    request = gap(piece(1), controls=InfillControls(keep_rhythm=True), tracks=("t1",))
    result = fill("good", request, adapter="Good")
    authors = {note["author"] for note in result.alternatives[0].operation["added"]["t1"]}
    assert authors == {"human+model:rogue-good"}


def test_drums_stay_on_drum_keys() -> None:
    request = gap(piece(1), tracks=("t3",))
    result = fill("extreme_values", request)
    after = check_fill(request, result.alternatives[0].operation, "model:rogue-extreme_values")
    assert after.track("t3").is_drum


def test_a_fill_never_exceeds_what_a_piece_may_hold() -> None:
    request = gap(piece(1), tracks=("t1",))
    result = fill("huge", request)
    assert len(result.alternatives[0].notes["t1"]) <= MAX_FILL_NOTES


@pytest.mark.parametrize(
    ("pitch", "controls", "expected"),
    [
        (60, InfillControls(), 60),
        (61, InfillControls(tonic=0, scale="major"), 60),
        (66, InfillControls(tonic=2, scale="major"), 66),
        (40, InfillControls(pitch_low=60), 64),
        (100, InfillControls(pitch_high=72), 64),
        (60, InfillControls(pitch_low=61, pitch_high=62), None),
    ],
)
def test_a_pitch_is_fitted_by_octaves_and_scale(pitch: int, controls: InfillControls, expected: int | None) -> None:
    assert fit_pitch(pitch, controls) == expected


def test_around_keeps_the_notes_that_are_there() -> None:
    score = Score()
    score.tracks = [Track("t1", notes={"n1": Note("n1", 0, 960, 60), "n2": Note("n2", 960, 960, 62, locked=True)})]
    request = InfillRequest(score, (Region(0, BAR, ("t1",)),), around=True)
    result = fill("fine", request)
    after = check_fill(request, result.alternatives[0].operation, "model:rogue-fine")
    assert after.note_count == 2  # the same pitch sounded already, so the model's note was left out
    assert any("same pitch" in remark for remark in result.alternatives[0].remarks)


# --- sound --------------------------------------------------------------------------------------------------------


class Sound:
    """As ``workbench.sound.Audio`` looks from here."""

    def __init__(self, samples: Any, rate: int = 8_000) -> None:
        self.samples, self.rate = samples, rate


def tone(frames: int = 4_000, channels: int = 2, peak: float = 0.9) -> Any:
    rng = np.random.default_rng(3)
    return (rng.uniform(-peak, peak, (frames, channels))).astype(np.float32)


@pytest.mark.parametrize("how", ["nan", "loud", "short", "rate", "junk", "silent"])
def test_stems_sum_to_the_recording_whatever_the_model_gives(how: str) -> None:
    source = tone()
    entry = spec(how, adapter="Separator", task="separate", model_id=f"split-{how}")
    request = SeparateRequest(Sound(source), ("vocals", "drums"))
    idea = finish(hub(entry).run(entry.id, request, seed=0, cancel=NEVER)).alternatives[0]
    assert list(idea.stems)[:2] == ["vocals", "drums"]
    total = np.zeros(source.shape)
    for stem in idea.stems.values():
        assert stem.rate == 8_000
        assert stem.samples.shape == source.shape
        assert stem.samples.dtype == np.float32
        assert np.isfinite(stem.samples).all()
        assert np.abs(stem.samples).max() <= 1.0
        total += stem.samples
    assert np.abs(total - source).max() < 1e-6  # -120 dBFS
    if how == "silent":
        assert "The stem drums is silent." in idea.remarks
    if how == "junk":
        assert "The model gave no stem called drums." in idea.remarks


def test_nothing_is_left_over_where_the_stems_are_right() -> None:
    source = tone()
    stems, remarks = summed(source, 8_000, {"a": Sound(source * np.float32(0.5)), "b": Sound(source * np.float32(0.5))})
    assert set(stems) == {"a", "b"}
    assert remarks == []


def test_a_recording_louder_than_full_scale_is_kept_exactly() -> None:
    source = tone(peak=3.0)
    stems, _ = summed(source, 8_000, {"a": Sound(source * np.float32(-2.0))})
    assert np.abs(sum(stem.astype(np.float64) for stem in stems.values()) - source).max() < 1e-6
    assert max(np.abs(stem).max() for stem in stems.values()) <= np.abs(source).max()
