"""The infilling transformer behind Fill, with its shipped weights, as a person meets it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from workbench import resources
from workbench.create.infill.transformer.bridge import GridScore
from workbench.create.infill.transformer.model import InfillTransformer
from workbench.create.infill.transformer.taboo import FIGURE, given
from workbench.evaluation.infill_trial import fill_span, grid_score
from workbench.hub.protocol import Alternative, CancelToken, Partial, Result
from workbench.hub.tasks.infill.controls import InfillControls
from workbench.hub.tasks.infill.guard import InfillGuard
from workbench.hub.tasks.infill.request import InfillRequest, NewTrack
from workbench.score import files
from workbench.score.score import Note, Region, Score
from workbench.tokens import grid12 as g
from workbench.tokens import rows as r
from workbench.tokens.runs import RUN, part_runs

BAR = 3840
DATA = Path(__file__).parents[1] / "data" / "midi"


@pytest.fixture(scope="module")
def model() -> InfillTransformer:
    spec: Any = SimpleNamespace(id="infill", author="model:infill")
    return InfillTransformer(spec, {"config.json": resources.path("models/infill/config.json")})


@pytest.fixture
def opening() -> Score:
    """Four bars: melody, keys, bass and drums, with chords written."""
    return files.load(resources.path("assets/pieces/opening.wbz")).score


def _ideas(model: InfillTransformer, request: InfillRequest, seed: int = 1) -> tuple[Alternative, ...]:
    """What the hub's guard makes of a run; its remarks say what the model did wrong."""
    spec: Any = model.spec
    guard = InfillGuard(request, spec)
    result = None
    for event in model.run(request, seed=seed, cancel=CancelToken.never()):
        if isinstance(event, Partial):
            guard.partial(event)
        elif isinstance(event, Result):
            result = event
    return guard.result(result, seed=seed, revision="")


def _fill(model: InfillTransformer, score: Score, tracks: tuple[str, ...], seed: int = 1, **wishes: Any) -> Alternative:
    controls = InfillControls(**wishes)
    return _ideas(model, InfillRequest(score, (Region(BAR, 3 * BAR, tracks),), controls=controls), seed)[0]


def test_the_guard_finds_nothing_to_mend(model: InfillTransformer, opening: Score) -> None:
    wishes: list[dict[str, Any]] = [
        {}, {"max_polyphony": 1}, {"pitch_low": 60, "pitch_high": 67}, {"tonic": 2, "scale": "major pentatonic"},
        {"grid": 2, "wildness": 100}, {"harmony": "strict", "density": 90}, {"temperature": 2.0, "top_p": 1.0},
        {"keep_rhythm": True}, {"surprise": 0}, {"richness": 100, "register": 0},
    ]  # fmt: skip
    for seed, wish in enumerate(wishes):
        controls = InfillControls(**wish)
        regions = (Region(0, BAR, ("t1", "t4")), Region(BAR, 4 * BAR, ("t2", "t3")))
        for idea in _ideas(model, InfillRequest(opening, regions, controls=controls, count=2), seed):
            assert idea.remarks == ()
            assert sum(len(notes) for notes in idea.notes.values()) > 8


def test_three_ideas_differ_and_each_can_be_made_again(model: InfillTransformer, opening: Score) -> None:
    request = InfillRequest(opening, (Region(BAR, 3 * BAR, ("t1", "t2")),), count=3)
    first, again = _ideas(model, request, 5), _ideas(model, request, 5)
    assert [idea.notes for idea in first] == [idea.notes for idea in again]
    assert len({idea.notes["t1"] for idea in first}) == 3


def test_a_scale_a_range_and_a_grid_hold(model: InfillTransformer, opening: Score) -> None:
    idea = _fill(model, opening, ("t1",), tonic=9, scale="minor pentatonic", pitch_low=57, pitch_high=81, grid=2)
    notes = idea.notes["t1"]
    assert notes
    assert {note.pitch % 12 for note in notes} <= {9, 0, 2, 4, 7}
    assert all(57 <= note.pitch <= 81 and note.start % 480 == 0 for note in notes)


def test_keeping_the_rhythm_changes_only_pitches(model: InfillTransformer, opening: Score) -> None:
    old = sorted((n.start, n.duration) for n in opening.track("t1").notes.values() if BAR <= n.start < 3 * BAR)
    idea = _fill(model, opening, ("t1",), keep_rhythm=True)
    assert sorted((note.start, note.duration) for note in idea.notes["t1"]) == old


def test_keeping_the_tune_changes_only_the_rhythm(model: InfillTransformer, opening: Score) -> None:
    old = [n.pitch for n in opening.track("t1").sorted_notes() if BAR <= n.start < 3 * BAR]
    idea = _fill(model, opening, ("t1",), keep_pitches=True)
    assert [note.pitch for note in sorted(idea.notes["t1"], key=lambda note: note.start)] == old


def test_strict_harmony_puts_chord_tones_on_the_beats(model: InfillTransformer, opening: Score) -> None:
    idea = _fill(model, opening, ("t2",), harmony="strict")
    on_beat = [note for note in idea.notes["t2"] if note.start % 960 == 0]
    assert on_beat
    for note in on_beat:
        chord = next(c for c in opening.chords if c.tick <= note.start < c.tick + c.duration)
        assert note.pitch % 12 in chord.pitch_classes


def test_notes_around_what_stands_leave_room_for_it(model: InfillTransformer, opening: Score) -> None:
    request = InfillRequest(opening, (Region(0, 4 * BAR, ("t2",)),), around=True)
    idea = _ideas(model, request)[0]
    assert idea.remarks in ((), ("The model wrote no notes; try another idea or other settings.",))


def test_a_new_bass_and_a_continuation_can_be_written_together(model: InfillTransformer, opening: Score) -> None:
    new = NewTrack("bass2", "Bass", 33)
    regions = (Region(0, 4 * BAR, ("bass2",)), Region(4 * BAR, 6 * BAR, ("t1", "t4")))
    idea = _ideas(model, InfillRequest(opening, regions, new_tracks=(new,)))[0]
    assert idea.remarks == ()
    assert {name for name, notes in idea.notes.items() if notes} == {"bass2", "t1", "t4"}
    pitches = [note.pitch for note in idea.notes["bass2"]]
    assert np.mean(pitches) < 58, "a bass lies low"


def test_an_empty_score_can_be_written_on(model: InfillTransformer) -> None:
    score = files.load(resources.path("assets/pieces/template-quartet.wbz")).score
    request = InfillRequest(score, (Region(0, 4 * BAR, tuple(track.id for track in score.tracks)),))
    idea = _ideas(model, request)[0]
    assert sum(len(notes) for notes in idea.notes.values()) >= 8


def test_no_fill_holds_a_run_of_the_training_music_that_the_piece_has_not(
    model: InfillTransformer, opening: Score
) -> None:
    model.prepare()
    known = model._known
    assert known is not None
    own = given(opening, {})

    def runs(notes: tuple[Note, ...]) -> Any:
        """Of all twelve notes in a row those that do not merely lead on from a figure."""
        line = -np.array(sorted((note.start, -note.pitch) for note in notes))[:, 1]
        rows = np.lib.stride_tricks.sliding_window_view(line, RUN)
        found = [part_runs(row) for row in rows if len(set(row[:-1].tolist())) >= FIGURE]
        return np.setdiff1d(np.concatenate([np.zeros(0, dtype=np.uint64), *found]), own)

    found, free = 0, 0
    for seed in range(6):
        for taboo in (True, False):
            twin = InfillTransformer(model.spec, model.files)
            twin.prepare()
            twin._known = known if taboo else None
            request = InfillRequest(opening, (Region(0, 4 * BAR, ("t1", "t2")),), controls=InfillControls(density=80))
            for notes in _ideas(twin, request, seed)[0].notes.values():
                held = int(known.holds(runs(notes)).sum()) if len(notes) > 12 else 0
                found, free = found + held * taboo, free + held * (not taboo)
    assert found == 0
    assert free > 0, "without the list the network does write such runs, so the list is what keeps them out"


def test_a_bar_of_drums_and_a_pickup_of_four_notes_in_one_request(model: InfillTransformer, opening: Score) -> None:
    regions = (Region(0, BAR, ("t4",)), Region(2 * BAR + BAR // 2, 3 * BAR, ("t1",)))
    pickup = {"t1": InfillControls(max_notes=4, min_notes=4, max_polyphony=1)}
    for seed in range(3):
        idea = _ideas(model, InfillRequest(opening, regions, per_track=pickup), seed)[0]
        assert idea.remarks == ()
        assert len(idea.notes["t1"]) == 4
        assert len(idea.notes["t4"]) >= 6


def test_every_note_says_how_sure_the_network_was(model: InfillTransformer, opening: Score) -> None:
    idea = _fill(model, opening, ("t1", "t4"))
    for name in ("t1", "t4"):
        rows = {(start, pitch): share for start, pitch, share in idea.confidence[name]}
        assert {(note.start, note.pitch) for note in idea.notes[name]} == rows.keys()
        assert all(0 <= share <= 100 for share in rows.values())


@pytest.mark.parametrize("wish", ["density", "register", "loudness"])
def test_a_curve_is_followed_and_its_blank_half_left_alone(model: InfillTransformer, opening: Score, wish: str) -> None:
    def halves(curve: list[Any]) -> tuple[float, float]:
        out: list[list[float]] = [[], []]
        for seed in range(8):
            request = InfillRequest(
                opening, (Region(0, 4 * BAR, ("t2",)),), controls=InfillControls(curves={wish: curve})
            )
            for note in _ideas(model, request, seed)[0].notes["t2"]:
                value = {"register": note.pitch, "loudness": note.velocity, "density": 1}[wish]
                out[int(note.start >= 2 * BAR)].append(value)
        sums = [float(len(part)) if wish == "density" else float(np.mean(part)) for part in out]
        return sums[0], sums[1]

    up, down = halves([[0, 5], [4 * BAR, 95]]), halves([[0, 95], [4 * BAR, 5]])
    assert up[0] < down[0]
    assert up[1] > down[1]
    blank, low = halves([[0, 95], [2 * BAR, None]]), halves([[0, 95], [2 * BAR - 1, 95], [2 * BAR, 5]])
    assert abs(blank[0] - low[0]) < 0.25 * low[0]
    assert low[1] < blank[1], "a blank half is free, not low"


@pytest.mark.parametrize("wish", ["density", "register", "loudness"])
def test_more_asked_for_is_more_got(model: InfillTransformer, opening: Score, wish: str) -> None:
    def measure(value: int) -> float:
        found = []
        for seed in range(8):
            notes = _fill(model, opening, ("t2",), seed, **{wish: value}).notes["t2"]
            values = {"register": [n.pitch for n in notes], "loudness": [n.velocity for n in notes]}
            found.append(float(len(notes)) if wish == "density" else float(np.mean(values[wish])) if notes else 0.0)
        return float(np.mean(found))

    low, middle, high = measure(5), measure(50), measure(95)
    assert low < middle < high


def _grid(name: str) -> tuple[r.Ints, r.Ints, g.Bars]:
    score = files.load(DATA / name).score
    whole = GridScore(InfillRequest(score, (Region(score.end, score.end + 1, (score.tracks[0].id,)),)))
    cast = whole.cast([])
    return whole.heard(cast, {}), cast.programs, whole.bars


def test_a_hidden_span_of_a_quartet_is_filled_in_its_key_and_about_as_densely(model: InfillTransformer) -> None:
    notes, programs, bars = _grid("quartet_mayer_g_minor.mid")
    ratios, in_key = [], []
    for bar in (8, 20, 32):
        start, end = int(bars.starts[bar]), int(bars.starts[bar + 4])
        hidden = (notes[:, r.TICK] >= start) & (notes[:, r.TICK] < end)
        made = fill_span(model, notes[~hidden], programs, bars, (start, end), seed=bar)
        near = notes[~hidden & (abs(notes[:, r.TICK] - start) < 16 * 48)]
        lengths = np.asarray(g.DURATION_TICKS)[near[:, r.DURATION]]
        tonic = g.best_major(g.pitch_class_counts(near[:, r.PITCH], lengths))
        in_key.append(float(np.isin((made[:, r.PITCH] - tonic) % 12, g.MAJOR).mean()))
        ratios.append(len(made) / hidden.sum())
    assert np.mean(in_key) > 0.8
    assert 0.5 < np.mean(ratios) < 1.6


def test_the_shipped_network_foretells_a_quartet_far_better_than_chance(model: InfillTransformer) -> None:
    """Bits of the pitch of 150 notes, the part being given; an even guess is 7.5 bits, counting gives about 4."""
    notes, programs, bars = _grid("quartet_mayer_g_minor.mid")
    window = notes[200:450]
    shift = g.shift_to_c(g.best_major(g.pitch_class_counts(window[:, r.PITCH])))
    window = window.copy()
    window[:, r.PITCH] += shift
    origin = int(bars.starts[max(0, int(bars.locate(window[0, r.TICK])[0]))])
    slots = tuple(sorted({int(slot) for slot in window[:, r.SLOT]}))
    prompt = r.Prompt(bars, origin, programs, slots, r.empty_notes(), [r.Gap(origin, None, slots, window)])
    rows = r.add_next(r.prompt_rows(prompt))
    model.prepare()
    runtime = model.runtime
    cache = runtime.new_cache()
    first, bits = len(rows["kind"]) - 151, []
    low = runtime.read({name: value[:first] for name, value in rows.items()}, cache)
    for at in range(first - 1, len(rows["kind"]) - 1):
        row = {name: value[at : at + 1] for name, value in rows.items()}
        logits = runtime.pitch_logits(runtime.step_upper(low, row, row, [cache]))[0].astype(np.float64)
        target = int(row["target_pitch"][0])
        if target >= 0:
            bits.append((np.log(np.exp(logits - logits.max()).sum()) + logits.max() - logits[target]) / np.log(2))
        low = runtime.step_lower({name: value[at + 1 : at + 2] for name, value in rows.items()}, [cache])
    assert np.mean(bits) < 2.1


def test_a_grid_piece_becomes_the_same_notes_again() -> None:
    notes, programs, bars = _grid("quartet_mayer_g_minor.mid")
    score = grid_score(notes[:200], programs, bars)
    assert score.note_count == 200
    assert {track.program for track in score.tracks} == {int(p) for p in programs if p != g.NO_PROGRAM}


@pytest.fixture(scope="module")
def free() -> InfillTransformer:
    """The weights that learnt from free music alone, with the tables that they share."""
    spec: Any = SimpleNamespace(id="infill-open", author="model:infill-open")
    return InfillTransformer(spec, {"config.json": resources.path("models/infill-open/config.json")})


def test_the_open_weights_stand_on_a_floor_too(free: InfillTransformer, opening: Score) -> None:
    wishes: list[dict[str, Any]] = [{"max_polyphony": 1, "grid": 3}, {"harmony": "strict", "density": 80}]
    before = sum(BAR <= note.start < 3 * BAR for track in opening.tracks[:2] for note in track.notes.values())
    own = {note.pitch % 12 for track in opening.tracks[:3] for note in track.notes.values()}
    inside = []
    for seed, wish in enumerate(wishes):
        controls = InfillControls(**wish)
        request = InfillRequest(opening, (Region(BAR, 3 * BAR, ("t1", "t2")),), controls=controls, count=2)
        for idea in _ideas(free, request, seed):
            assert idea.remarks == ()
            pitches = [note.pitch for notes in idea.notes.values() for note in notes]
            assert before / 3 <= len(pitches) <= 3 * before
            inside += [pitch % 12 in own for pitch in pitches]
    assert np.mean(inside) > 0.85  # chance: 0.58


def test_the_open_weights_find_chords_for_a_lone_tune_and_set_four_voices(free: InfillTransformer) -> None:
    free.prepare()
    assert free._chords is not None
    assert free._voices is not None
    assert free._known is not None
    assert not np.allclose(free._chords.turn, _chords_of("infill").turn)


def _chords_of(name: str) -> Any:
    from workbench.create.infill.around.chord_plan import ChordModel

    return ChordModel.load(resources.path(f"models/{name}/chords.safetensors"))
