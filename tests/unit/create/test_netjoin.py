"""The network's say in a band: beats that fit are taken over, all others stay as the style has them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tests.unit.create.bandstyle import BAR, bars, progression, style
from workbench.create.compose.band import fit
from workbench.create.compose.joining import join_in
from workbench.create.compose.netjoin import Bandstand, Joined, in_chord, join_up, own_grid
from workbench.create.compose.song import Song
from workbench.hub.hub import Hub
from workbench.hub.protocol import Alternative, Progress, Result
from workbench.hub.registry import Registry
from workbench.hub.tasks.infill.request import InfillRequest, draft
from workbench.score.score import Note, Score, Track

CHORDS = progression(*[(0, "maj"), (9, "min"), (5, "maj"), (7, "7")] * 2)
IDS = {"Drums": "t3", "Bass": "t4", "Piano": "t5"}


def stand() -> Bandstand:
    own = style()
    band = fit(own, CHORDS, bars(8), seed=1)
    song = Song(CHORDS, frozenset({0, 2, 4, 5, 7, 9, 11}))
    notes = {IDS[name]: found for name, found in band.notes.items()}
    return Bandstand(own, Score(), song, band.places, {IDS[part.name]: part for part in own.parts}, notes)


def joined(own: Bandstand, answer: Callable[[InfillRequest], dict[str, list[Note]]], share: int = 100) -> Joined:
    def ask(request: InfillRequest, seed: int) -> Iterator[object]:
        yield Progress(0.5)
        yield Result((Alternative(notes={name: tuple(notes) for name, notes in answer(request).items()}),))

    *_, last = join_up(own, ask, share, 1)
    assert isinstance(last, Joined)
    return last


def with_beat(own: Bandstand, name: str, beat: int, notes: list[Note]) -> dict[str, list[Note]]:
    """The band as it is, but for one beat of one part."""
    start = beat * 960
    out = {key: list(found) for key, found in own.notes.items()}
    out[name] = [note for note in out[name] if not start <= note.start < start + 960] + notes
    return out


def test_a_beat_that_fits_is_taken_over_and_no_other_changes() -> None:
    own = stand()
    there = next(note for note in own.notes["t4"] if note.start == 5 * 960)  # A minor's third, in the second bar
    new = [draft(there.start, 400, there.pitch), draft(there.start + 480, 400, there.pitch + 4)]
    made = joined(own, lambda _: with_beat(own, "t4", 5, new))
    assert made.changed == 1
    assert {(n.start, n.pitch) for n in new} <= {(n.start, n.pitch) for n in made.notes["t4"]}
    outside = [n for n in made.notes["t4"] if n.start // 960 != 5]
    assert outside == [n for n in own.notes["t4"] if n.start // 960 != 5]
    assert made.notes["t5"] == own.notes["t5"]
    assert joined(own, lambda _: with_beat(own, "t4", 5, new), share=0).notes == own.notes


@pytest.mark.parametrize(
    ("name", "beat", "notes"),
    [
        ("t4", 5, [draft(5 * 960, 400, 41)]),  # F over A minor
        ("t4", 5, []),  # nothing
        ("t4", 5, [draft(5 * 960, 400, 57)]),  # above the bass's register
        ("t4", 5, [draft(5 * 960 + 77, 400, 40)]),  # off the grid
        ("t4", 4, [draft(4 * 960, 400, 40)]),  # the fifth where the root begins the chord
        ("t5", 4, [draft(4 * 960, 400, 60), draft(4 * 960, 400, 64)]),  # a chord that has lost a tone
        ("t3", 5, [draft(5 * 960, 100, 42), draft(5 * 960 + 480, 100, 42)]),  # no snare on two
        ("t3", 5, [draft(5 * 960, 100, 38), draft(5 * 960, 100, 42), draft(5 * 960 + 480, 100, 56)]),  # a cowbell
    ],
)
def test_what_fits_less_well_is_left(name: str, beat: int, notes: list[Note]) -> None:
    own = stand()
    made = joined(own, lambda _: with_beat(own, name, beat, notes))
    assert made.changed == 0
    assert made.notes == own.notes


def test_only_grooves_are_asked_for_and_the_band_is_heard_whole() -> None:
    own = stand()
    asked: list[InfillRequest] = []
    joined(own, lambda request: asked.append(request) or {})  # type: ignore[func-returns-value]
    (request,) = asked
    grooves = [place.bar for place in own.places if place.section.startswith("Groove")]
    assert {tick for region in request.regions for tick in range(region.start, region.end, BAR)} == {
        bar.start for bar in grooves
    }
    assert [track.id for track in request.score.tracks] == ["t3", "t4", "t5"]
    assert request.controls_for("t4").chords == CHORDS
    assert request.controls_for("t4").pitch_high == own.parts["t4"].high


def test_a_swung_style_is_only_ever_struck_where_its_own_grooves_are() -> None:
    swung = replace(style(), swing=0.66)
    assert own_grid(swung) == {0, 480}
    assert own_grid(style()) == {0, 240, 480, 720}


def test_through_the_hub_the_chords_fit_as_well_as_before_and_other_beats_differ() -> None:
    hub = Hub(Registry.load(plugins=False, user=False))
    score = Score()
    track = Track("t1", "Tune", program=73)
    for at, pitch in enumerate((60, 64, 67, 64, 65, 69, 72, 69, 67, 71, 74, 71, 72, 67, 64, 60) * 2):
        track.notes[f"n{at}"] = Note(f"n{at}", 960 * at, 960, pitch + 12)
    score.tracks.append(track)
    score.chords = list(progression(*[(0, "maj"), (5, "maj"), (7, "maj"), (0, "maj")] * 2))
    song = Song(tuple(score.chords), frozenset({0, 2, 4, 5, 7, 9, 11}))
    (plain,), (varied,) = (join_in(score, "rock", seed=3, join=share, hub=hub) for share in (0, 60))
    told = varied.settings["model_settings"]["joined"]
    assert told["model"] == "infill"
    assert 0 < told["changed"] < 0.6 * told["beats"]
    assert varied.notes != plain.notes
    for track_id, notes in varied.notes.items():
        if not varied.score().track(track_id).is_drum:
            assert in_chord(notes, song) >= in_chord(plain.notes[track_id], song) - 0.01
    again = join_in(score, "rock", seed=3, join=60, hub=hub)
    assert again[0].notes == varied.notes


def test_without_a_network_the_band_plays_as_the_style_is_written() -> None:
    registry = Registry.load(plugins=False, user=False)
    alone = Hub(Registry([registry.get("arranger")]))
    score = Score()
    track = Track("t1", "Tune")
    track.notes = {f"n{at}": Note(f"n{at}", 960 * at, 960, 72) for at in range(16)}
    score.tracks.append(track)
    (idea,) = join_in(score, "rock", seed=1, join=50, hub=alone)
    (plain,) = join_in(score, "rock", seed=1, join=0, hub=alone)
    assert idea.notes == plain.notes
    assert any("as the style is written" in remark for remark in idea.remarks)
