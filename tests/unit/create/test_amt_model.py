"""The whole infiller with small random weights: what it samples, what it leaves alone, and what a person gets."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.create import amt_tiny
from tests.unit.create.scores import BAR, PPQ, band, random_regions, random_scores
from workbench.create.infill.anticipatory.model import AnticipatoryInfiller
from workbench.create.infill.anticipatory.runtime import Network, Rows
from workbench.errors import Cancelled
from workbench.hub.conformance import check
from workbench.hub.estimates import SpeedBook
from workbench.hub.hub import Hub
from workbench.hub.protocol import CancelScope, CancelToken, Level, Partial, Progress, Result
from workbench.hub.registry import Registry
from workbench.hub.tasks.infill.controls import InfillControls
from workbench.hub.tasks.infill.request import InfillRequest, NewTrack
from workbench.score.canonical import project_hash
from workbench.score.lanes import Chord, Tempo
from workbench.score.operations import apply, inverse
from workbench.score.score import Note, Region, Score, Track
from workbench.score.timemap import TimeMap
from workbench.tokens.arrival import ANTICIPATE, AUTOREGRESS, CONTEXT, Event, decode

GAP = Region(4 * BAR, 8 * BAR, ("t1", "t2", "t3", "t4"))
#: Wishes that between them move every mask.
WISHES: tuple[dict[str, Any], ...] = (
    {}, {"tonic": 7, "scale": "major", "max_polyphony": 2}, {"pitch_low": 60, "pitch_high": 64, "top_p": 1.0},
    {"grid": 1, "temperature": 2.0}, {"grid": 3, "max_polyphony": 1, "density": 100},
    {"keep_rhythm": True, "tonic": 2, "scale": "minor pentatonic"}, {"keep_pitches": True},
    {"harmony": "strict", "chords": [Chord(0, 32 * BAR, 5, "maj7")], "register": 90},
    {"density": 0, "curves": {"loudness": [[0, 0], [8 * BAR, 100]], "register": [[0, 0]]}},
)  # fmt: skip


def model() -> AnticipatoryInfiller:
    made = AnticipatoryInfiller(amt_tiny.spec(), {})
    made._network = amt_tiny.network()
    return made


def sampled(request: InfillRequest, seed: int = 1) -> list[list[tuple[str, Note]]]:
    """What the model writes of its own accord, by alternative."""
    out: list[list[tuple[str, Note]]] = [[] for _ in range(request.count)]
    for item in model().run(request, seed=seed, cancel=CancelToken.never()):
        if isinstance(item, Partial):
            out[item.alternative] += [(item.track_id, note) for note in item.notes]
    return out


def only(request: InfillRequest, seed: int = 1) -> list[tuple[str, Note]]:
    return sampled(request, seed)[0]


class Listener:
    """Keeps what every row of the network was fed, window by window."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, compare_every: int = 0) -> None:
        self.windows: list[list[int]] = []
        self.differences: list[float] = []
        self.rebuilds = 0
        rows: dict[int, list[int]] = {}
        whole, ask = Rows.feed, Rows.scores
        steps = itertools.count(1)

        def feed(this: Rows, new: Mapping[int, Sequence[int]], fresh: Sequence[int] = ()) -> Iterator[None]:
            for row, tokens in new.items():
                if row in fresh:
                    self.rebuilds += 1
                    rows[row] = []
                    self.windows.append(rows[row])
                rows[row] += tokens
            yield from whole(this, new, fresh)

        def scores(this: Rows, row: int, ids: np.ndarray | None = None) -> np.ndarray:
            found = ask(this, row, ids)
            step = next(steps)
            near = len(rows[row]) > CONTEXT - 12 or (row in (0,) and step % 5 == 0 and self.rebuilds)
            if compare_every and (near or step % compare_every == 0):
                self.differences.append(float(np.abs(found - this.network.recompute(rows[row], ids)).max()))
            return found

        monkeypatch.setattr(Rows, "feed", feed)
        monkeypatch.setattr(Rows, "scores", scores)

    def events(self) -> list[list[Event]]:
        """The whole triples of every window; raises ``ValueError`` on an invalid one."""
        return [decode(window[1 : 1 + (len(window) - 1) // 3 * 3], 0) for window in self.windows]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Hub:
    registry = Registry([*Registry.load(plugins=False, user=False), amt_tiny.spec()])
    registry.local = {"tiny-amt": amt_tiny.write(tmp_path_factory.mktemp("tiny"))}
    return Hub(registry, speeds=SpeedBook())


def result(hub: Hub, request: InfillRequest, seed: int = 1) -> Result:
    *_, last = hub.run("tiny-amt", request, seed=seed, cancel=CancelToken.never())
    assert isinstance(last, Result)
    return last


def test_ten_thousand_sampled_tokens_hold_no_invalid_triple(monkeypatch: pytest.MonkeyPatch) -> None:
    heard, tokens = Listener(monkeypatch), 0
    dice = random.Random(4)
    while tokens < 10_000:
        wishes = [InfillControls.from_dict(dice.choice(WISHES)) for _ in range(2)]
        tracks = tuple(dice.sample(GAP.tracks, dice.randrange(1, 5)))
        region = Region(dice.randrange(0, 12 * BAR), 13 * BAR, tracks)
        around = dice.random() < 0.3
        request = InfillRequest(
            band(), (region,), around, dice.random() < 0.3, wishes[0], {tracks[0]: wishes[1]}, count=8
        )
        for idea in sampled(request, dice.randrange(2**53)):
            tokens += 3 * len(idea)
            assert_within(request, idea)
    for events in heard.events():  # refuses a REST, a control or a special token in the wrong slot
        given = [event for event in events if not event.control]
        assert all(later.time >= earlier.time for earlier, later in itertools.pairwise(given))
        assert all(later.time - earlier.time <= 100 for earlier, later in itertools.pairwise(given))
        assert all(event.duration > 0 for event in events if not event.is_rest)


def assert_within(request: InfillRequest, idea: list[tuple[str, Note]]) -> None:
    region = request.regions[0]
    kept: dict[str, list[Note]] = {
        name: [n for n in request.score.track(name).notes.values() if request.around or not region.contains(name, n)]
        for name in region.tracks
    }
    for track_id, note in idea:
        controls = request.controls_for(track_id)
        assert region.start <= note.start < region.end
        assert request.overhang or note.end <= region.end
        sounding = [other for other in kept[track_id] if other.start <= note.start < other.end]
        assert note.pitch not in [other.pitch for other in sounding]
        if controls.max_polyphony is not None and not request.around:
            assert len(sounding) < controls.max_polyphony
        kept[track_id].append(note)
        if controls.grid is not None and not controls.keep_rhythm:
            steps = note.start * controls.grid / PPQ
            assert abs(steps - round(steps)) * PPQ / controls.grid < 1
        if request.is_drum(track_id):
            assert 27 <= note.pitch <= 87
            continue
        classes = controls.pitch_classes()
        assert classes is None or note.pitch % 12 in classes
        assert (controls.pitch_low or 0) <= note.pitch <= (controls.pitch_high or 127)


@pytest.mark.parametrize("number", range(len(WISHES)))
def test_the_hub_has_nothing_to_mend(hub: Hub, number: int) -> None:
    score = band()
    before, digest = score.copy(), project_hash(score)
    request = InfillRequest(score, (GAP,), controls=InfillControls.from_dict(WISHES[number]), count=2)
    found = result(hub, request, seed=number)
    assert not found.fallback_reason
    for idea in found.alternatives:
        assert idea.remarks == ()
        assert {note.author for notes in idea.notes.values() for note in notes} <= {"model:tiny-amt"}
        changed = score.copy()
        apply(changed, dict(idea.operation or {}))
        for track in before.tracks:
            for note in track.notes.values():
                if not GAP.contains(track.id, note):
                    assert changed.track(track.id).notes[note.id] == note
        apply(changed, inverse(dict(idea.operation or {})))
        assert project_hash(changed) == digest


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_score_can_be_filled_anywhere(hub: Hub, data: st.DataObject) -> None:
    score = data.draw(random_scores())
    regions = data.draw(random_regions(score))
    wishes = InfillControls.from_dict(data.draw(st.sampled_from(WISHES)))
    around, overhang = data.draw(st.booleans()), data.draw(st.booleans())
    request = InfillRequest(score, regions, around, overhang, wishes)
    before = score.copy()
    found = result(hub, request, data.draw(st.integers(0, 99)))
    assert not found.fallback_reason
    changed = score.copy()
    apply(changed, dict(found.alternatives[0].operation or {}))
    for track in before.tracks:
        for note in track.notes.values():
            if note.locked or around or not any(region.contains(track.id, note) for region in regions):
                assert changed.track(track.id).notes[note.id] == note
    mended = [remark for remark in found.alternatives[0].remarks if "wrote no notes" not in remark]
    assert mended == []


def test_locked_notes_stay_and_are_not_struck_twice(hub: Hub) -> None:
    score = band()
    for track in score.tracks:
        for note in list(track.notes.values())[::3]:
            track.notes[note.id] = Note(note.id, note.start, note.duration, note.pitch, note.velocity, locked=True)
    found = result(hub, InfillRequest(score, (GAP,), count=3))
    changed = score.copy()
    apply(changed, dict(found.alternatives[0].operation or {}))
    for track, note in score.all_notes():
        if note.locked:
            assert changed.track(track.id).notes[note.id] == note
    assert all(idea.remarks == () for idea in found.alternatives)


def test_the_same_seed_gives_the_same_notes_and_another_seed_others(hub: Hub) -> None:
    request = InfillRequest(band(), (GAP,), count=3)
    first = [dict(idea.operation or {}) for idea in result(hub, request, 5).alternatives]
    assert [dict(idea.operation or {}) for idea in result(hub, request, 5).alternatives] == first
    assert [dict(idea.operation or {}) for idea in result(hub, request, 6).alternatives] != first
    assert len({str(operation) for operation in first}) == 3


def test_logits_are_the_same_before_and_after_a_rebuild(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Listener(monkeypatch, compare_every=11)
    request = InfillRequest(band(), (Region(8 * BAR, 34 * BAR, ("t1", "t3")),), controls=InfillControls(density=70))
    notes = only(request)
    assert heard.rebuilds >= 3  # the prompt, and the window slid at least twice
    assert len(notes) > 60
    assert len(heard.differences) > 20
    assert max(heard.differences) < 1e-3


def test_replaced_notes_are_shown_to_nobody_and_kept_ones_are(monkeypatch: pytest.MonkeyPatch) -> None:
    score = band()
    score.track("t1").notes["n999"] = Note("n999", 5 * BAR, 240, 101)
    score.track("t1").notes["n998"] = Note("n998", 9 * BAR, 240, 102)  # after the gap, in sight
    score.track("t2").notes["n997"] = Note("n997", 6 * BAR, 240, 103)  # another track
    request = InfillRequest(score, (Region(4 * BAR, 8 * BAR, ("t1",)),))

    def shown(request: InfillRequest) -> dict[int, bool]:
        heard = Listener(monkeypatch)
        only(request)
        return {event.pitch: event.control for event in heard.events()[-1] if event.pitch in (101, 102, 103)}

    quiet = InfillControls(pitch_high=90)
    assert shown(InfillRequest(score, request.regions, controls=quiet)) == {102: True, 103: True}
    assert shown(InfillRequest(score, request.regions, around=True, controls=quiet)) == {
        101: True, 102: True, 103: True,
    }  # fmt: skip


def test_continuing_is_plain_and_filling_is_anticipated(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Listener(monkeypatch)
    only(InfillRequest(band(4), (Region(4 * BAR, 5 * BAR, ("t1", "t2", "t3", "t4")),)))
    assert heard.windows[0][0] == AUTOREGRESS
    only(InfillRequest(band(4), (Region(2 * BAR, 3 * BAR, ("t1",)),)))
    assert heard.windows[-1][0] == ANTICIPATE
    first = heard.events()[-1]
    assert {event.instrument for event in first if not event.control and not event.is_rest} == {73}


def test_only_the_instruments_being_filled_are_written_also_two_of_one_kind() -> None:
    score = band()
    score.track("t2").program = 73  # melody and chords are both flutes now
    request = InfillRequest(
        score, (Region(4 * BAR, 8 * BAR, ("t1", "t2", "t9")),), new_tracks=(NewTrack("t9", "Cello", 42),), count=2
    )
    for idea in sampled(request):
        assert {track_id for track_id, _ in idea} == {"t1", "t2", "t9"}


def test_seconds_follow_the_tempo_map(monkeypatch: pytest.MonkeyPatch) -> None:
    score = band(12)
    score.tempos = [Tempo(0, 500_000), Tempo(4 * BAR, 1_500_000)]  # 120, then 40 to the minute
    heard = Listener(monkeypatch)
    notes = only(InfillRequest(score, (Region(4 * BAR, 6 * BAR, ("t1",)),)))
    times = [event.time for event in heard.events()[-1] if event.control and event.instrument == 33]
    bass = {round(100 * TimeMap(score).seconds(note.start)) for note in score.track("t3").notes.values()}
    assert set(times) <= bass
    assert max(times) > 8 * 100 + 12 * 100  # two bars now last twelve seconds
    assert all(4 * BAR <= note.start < 6 * BAR for _, note in notes)
    assert {note.start * 12 % PPQ for _, note in notes} == {0}  # the piece keeps to a grid, and so do these


def test_a_free_performance_is_not_forced_onto_a_grid() -> None:
    score = band()
    for track in score.tracks:
        for place, note in enumerate(list(track.notes.values())):
            late = Note(note.id, note.start + (7 * place) % 23, note.duration, note.pitch, note.velocity)
            track.notes[note.id] = late
    notes = only(InfillRequest(score, (Region(4 * BAR, 8 * BAR, ("t1",)),)))
    assert any(note.start * 12 % PPQ for _, note in notes)


def test_a_kept_rhythm_keeps_every_onset_and_length() -> None:
    score = band()
    controls = InfillControls(keep_rhythm=True)
    notes = only(InfillRequest(score, (Region(4 * BAR, 8 * BAR, ("t1",)),), controls=controls))
    stood = [n for n in score.track("t1").sorted_notes() if 4 * BAR <= n.start < 8 * BAR]
    assert [(n.start, n.duration) for _, n in notes] == [(n.start, n.duration) for n in stood]
    assert [n.pitch for _, n in notes] != [n.pitch for n in stood]


def test_kept_pitches_come_in_their_order() -> None:
    score = band()
    controls = InfillControls(keep_pitches=True)
    notes = [n.pitch for _, n in only(InfillRequest(score, (Region(4 * BAR, 8 * BAR, ("t1",)),), controls=controls))]
    stood = [n.pitch for n in score.track("t1").sorted_notes() if 4 * BAR <= n.start < 8 * BAR]
    assert notes
    assert notes == stood[: len(notes)]


@pytest.mark.parametrize(
    ("name", "measure"),
    [("density", len), ("register", lambda notes: np.mean([n.pitch for _, n in notes])),
     ("loudness", lambda notes: np.mean([n.velocity for _, n in notes]))],
)  # fmt: skip
def test_a_slider_does_what_it_says(name: str, measure: Any) -> None:
    found = []
    for value in (0, 50, 100):
        controls = InfillControls.from_dict({name: value})
        request = InfillRequest(band(), (Region(4 * BAR, 8 * BAR, ("t1", "t3")),), controls=controls, count=4)
        found.append(np.mean([measure(idea) for idea in sampled(request)]))
    assert found[0] < found[1] < found[2]


def test_strict_harmony_binds_the_beats_and_a_hint_leans_towards_the_chord() -> None:
    chords = (Chord(0, 32 * BAR, 1, "maj"),)
    shares = []
    for harmony in ("free", "hint", "strict"):
        controls = InfillControls(chords=chords, harmony=harmony)
        request = InfillRequest(band(), (Region(4 * BAR, 9 * BAR, ("t1",)),), controls=controls, count=5)
        notes = [note for idea in sampled(request) for _, note in idea]
        on_beats = [note for note in notes if note.start % PPQ == 0]
        shares.append(np.mean([note.pitch % 12 in (1, 5, 8) for note in notes]))
        if harmony == "strict":
            assert on_beats
            assert all(note.pitch % 12 in (1, 5, 8) for note in on_beats)
    assert shares[0] < shares[1]


def test_a_new_note_is_as_loud_as_the_music_around() -> None:
    notes = only(InfillRequest(band(), (GAP,)))
    loud = {track: {note.velocity for name, note in notes if name == track} for track in GAP.tracks}
    assert loud["t1"] == {90}
    assert loud["t2"] == {64}


def test_stop_is_noticed_before_the_next_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    passes = 0
    whole = Network.pass_over

    def counted(self: Network, *rest: Any) -> Any:
        nonlocal passes
        passes += 1
        return whole(self, *rest)

    monkeypatch.setattr(Network, "pass_over", counted)
    scope = CancelScope()
    work = model().run(InfillRequest(band(), (GAP,)), seed=1, cancel=scope.start())
    for item in work:
        if isinstance(item, Partial):
            break
    before = passes
    scope.cancel()
    with pytest.raises(Cancelled):
        next(item for item in work if not isinstance(item, Progress))
    assert passes - before <= 1


def test_the_first_fill_of_an_empty_score_has_notes(hub: Hub) -> None:
    score = Score(tracks=[Track("t1"), Track("t2", is_drum=True)])
    found = result(hub, InfillRequest(score, (Region(0, 4 * 3_840, ("t1", "t2")),), count=2))
    assert all(any(idea.notes.values()) for idea in found.alternatives)


def test_what_cannot_be_honoured_is_said() -> None:
    region = (Region(4 * BAR, 8 * BAR, ("t1",)),)
    for controls, level, words in (
        ({}, Level.SUPPORTED, ""), ({"density": 90, "wildness": 10}, Level.SUPPORTED, ""),
        ({"richness": 90}, Level.PARTIAL, "simpler or richer"), ({"harmony": "strict"}, Level.PARTIAL, "no chord"),
        ({"pitch_low": 61, "pitch_high": 61, "tonic": 0, "scale": "major"}, Level.UNSUPPORTED, "widen the range"),
    ):  # fmt: skip
        found = model().support(InfillRequest(band(), region, controls=InfillControls.from_dict(controls)))
        assert found.level is level
        assert words in found.reason
    drums = InfillRequest(band(), (Region(0, BAR, ("t4",)),), controls=InfillControls(register=80))
    assert "Drums" in model().support(drums).reason
    around = InfillRequest(band(), region, around=True, controls=InfillControls(keep_rhythm=True))
    assert "no rhythm" in model().support(around).reason


def test_the_estimate_grows_with_the_gap() -> None:
    short, long = (
        model().estimate_seconds(InfillRequest(band(), (Region(4 * BAR, end * BAR, ("t1",)),))) for end in (5, 12)
    )
    assert 0 < short < long


def test_it_passes_the_public_suite(tmp_path: Path) -> None:
    registry = Registry()
    registry.local = {"tiny-amt": amt_tiny.write(tmp_path)}
    rows = list(check(amt_tiny.spec(), registry))
    assert [row.text for row in rows if not row.passed] == []
    assert len(rows) == 7


def test_the_embedded_model_steps_in_when_it_cannot_be_had(tmp_path: Path) -> None:
    registry = Registry([*Registry.load(plugins=False, user=False), amt_tiny.spec()])
    registry.local = {"tiny-amt": amt_tiny.write(tmp_path)}
    (tmp_path / "model.safetensors").write_bytes(b"broken")
    found = result(Hub(registry, speeds=SpeedBook()), InfillRequest(band(), (GAP,)))
    assert found.asked_for == "tiny-amt"
    assert "cannot be read" in found.fallback_reason
    assert found.alternatives[0].model_id != "tiny-amt"
    assert any(found.alternatives[0].notes.values())
