"""A style's parts fitted to chords: on the chords, close together, in time, with fills and an ending."""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import replace

import pytest

from tests.unit.create.bandstyle import BAR, bars, progression, style
from workbench.create.compose.band import Band, fit
from workbench.create.compose.bandplan import Stretch
from workbench.create.compose.style import Pattern, PatternNote
from workbench.create.compose.styles import find_style, load_style, style_names
from workbench.create.compose.tones import tones_of
from workbench.create.compose.voicing import Wish, voice
from workbench.errors import BadRequest
from workbench.score.lanes import Chord
from workbench.score.score import Note
from workbench.score.timemap import Bar

FOUR = progression(*[(0, "maj"), (9, "min"), (5, "maj"), (7, "7")] * 4)


def onsets(band: Band, name: str) -> dict[int, list[int]]:
    out: dict[int, list[int]] = defaultdict(list)
    for note in band.notes[name]:
        out[note.start].append(note.pitch)
    return {tick: sorted(pitches) for tick, pitches in sorted(out.items())}


def test_the_bass_plays_the_root_on_one_and_leads_by_a_step_into_the_next_root() -> None:
    line = onsets(fit(style(), FOUR, bars(16)), "Bass")
    for number, chord in enumerate(FOUR):
        assert line[number * BAR][0] % 12 == chord.root
    leads = [line[tick + BAR][0] - line[tick + 2880][0] for tick in range(0, 14 * BAR, BAR)]
    assert all(1 <= abs(step) <= 2 for step in leads)
    assert all(28 <= pitch <= 50 for pitches in line.values() for pitch in pitches)


def test_chords_are_whole_and_move_as_little_as_they_can() -> None:
    band = fit(style(), FOUR, bars(16), variety=0)
    voicings = [tuple(onsets(band, "Piano")[number * BAR]) for number in range(8)]
    for voicing, chord in zip(voicings, FOUR, strict=False):
        assert len(voicing) == 3
        assert {pitch % 12 for pitch in voicing} <= chord.pitch_classes
        assert len({pitch % 12 for pitch in voicing}) == 3
    moved = [abs(a - b) for one, other in itertools.pairwise(voicings) for a, b in zip(one, other, strict=True)]
    assert sum(moved) / len(moved) < 2.5
    assert max(moved) <= 5


def test_a_chord_that_changes_inside_a_bar_is_heard_at_once_and_the_bass_goes_with_it() -> None:
    halves = progression(*[(0, "maj"), (5, "maj")] * 4, length=BAR // 2)
    band = fit(style(), halves, bars(4), ends=False, variety=0)
    bass, keys = onsets(band, "Bass"), onsets(band, "Piano")
    for number, chord in enumerate(halves):
        assert bass[number * BAR // 2][0] % 12 == chord.root
        inside = [pitches for tick, pitches in keys.items() if tick // (BAR // 2) == number and tick % 1920 != 1440]
        assert all(pitch % 12 in chord.pitch_classes for pitches in inside for pitch in pitches)


def test_a_note_that_sounds_into_the_next_chord_early_belongs_to_it() -> None:
    pushed = (Chord(0, BAR, 0), Chord(BAR, BAR, 7))
    own = style()
    keys = own.parts[2]
    early = keys.sections["Groove A"].notes[0]._replace(tick=BAR - 480, duration=960, pitch=67)
    pattern = keys.sections["Groove A"]
    later = replace(pattern, notes=(early,), chords=(Chord(0, BAR, 0), Chord(BAR, BAR, 7)))
    own = replace(own, parts=(replace(keys, sections={"Groove A": later}),))
    band = fit(own, pushed, bars(2), ends=False, stretches=[Stretch("Groove A", 1, 2)])
    (note,) = band.notes["Piano"]
    assert note.start == BAR - 480
    assert note.end == BAR + 480
    assert note.pitch % 12 == 7, "the root of the chord to come"


def test_slash_chords_and_chords_without_a_third_are_played_as_they_are_written() -> None:
    chords = (
        Chord(0, BAR, 0, "maj", 4),
        Chord(BAR, BAR, 7, "5"),
        Chord(2 * BAR, BAR, 2, "sus4"),
    )
    band = fit(style(), chords, bars(3), ends=False, variety=0)
    assert onsets(band, "Bass")[0][0] % 12 == 4
    for number, chord in enumerate(chords):
        assert {pitch % 12 for pitch in onsets(band, "Piano")[number * BAR]} <= chord.pitch_classes


def test_grooves_change_with_the_phrases_fills_stand_at_their_ends_and_the_last_bar_ends() -> None:
    band = fit(style(), FOUR, bars(16), variety=0)
    named = [place.section for place in band.places]
    assert named[:7] == ["Groove A"] * 7
    assert named[7].startswith("Fill")
    assert set(named[8:14]) == {"Groove B"}
    assert named[14].startswith("Fill")
    assert named[15] == "Ending"
    assert named[7] != named[14], "another fill"
    toms = {note.start // BAR for note in band.notes["Drums"] if note.pitch == 47}
    assert {7, 14} <= toms


def test_drums_change_a_little_from_bar_to_bar_and_stay_on_the_groove_own_grid() -> None:
    plain, played = (fit(style(), FOUR, bars(16), variety=value, seed=5) for value in (0, 60))

    def patterns(band: Band) -> list[frozenset[tuple[int, int]]]:
        return [
            frozenset((n.start % BAR, n.pitch) for n in band.notes["Drums"] if n.start // BAR == bar)
            for bar in range(7)
        ]

    assert len(set(patterns(plain))) == 1
    assert len(set(patterns(played))) >= 4
    for number, bar in enumerate(patterns(played)):
        assert {(0, 36), (960, 38), (2880, 38)} <= bar
        assert all(tick % 480 == 0 for tick, _ in bar if number != 3)
        leads = {(tick, key) for tick, key in bar if key == 47}
        assert leads == ({(2880 + 240 * step, 47) for step in range(4)} if number == 3 else set())


@pytest.mark.parametrize(("numerator", "denominator"), [(3, 4), (2, 4), (5, 4), (6, 8)])
def test_a_style_in_four_plays_other_metres_and_says_so(numerator: int, denominator: int) -> None:
    length = 3840 * numerator // denominator
    chords = progression(*[(0, "maj"), (5, "maj")] * 4, length=length)
    band = fit(style(), chords, bars(8, numerator, denominator), variety=0)
    assert "4/4" in band.remarks[0]
    assert f"{numerator}/{denominator}" in band.remarks[0]
    for name in ("Drums", "Bass", "Piano"):
        assert {note.start // length for note in band.notes[name]} == set(range(8)), name
    strong = {note.start % length for note in band.notes["Drums"] if note.pitch == 36}
    assert 0 in strong
    step = 480 if denominator == 8 else 240
    assert all(note.start % step == 0 for notes in band.notes.values() for note in notes)
    for number, chord in enumerate(chords[:7]):
        assert onsets(band, "Bass")[number * length][0] % 12 == chord.root


@pytest.mark.parametrize(("numerator", "denominator"), [(3, 4), (5, 4), (7, 8), (9, 8), (6, 4)])
def test_what_a_style_holds_for_a_bar_is_held_for_a_bar_of_any_metre(numerator: int, denominator: int) -> None:
    """A pad of four beats neither leaves the fifth beat empty nor sounds into the next bar of three."""
    length = 3840 * numerator // denominator
    own = style()
    held = Pattern(1, (Chord(0, BAR, 0),), tuple(PatternNote(20 * at, 3600, 60 + 4 * at, 70) for at in range(2)))
    low = Pattern(1, (Chord(0, BAR, 0),), (PatternNote(0, 1800, 36, 90), PatternNote(1920, 1800, 43, 90)))
    sections = {"Groove A": held}
    pad = replace(own.parts[2], role="pad", name="Pad", sections=sections)
    bass = replace(own.parts[1], sections={"Groove A": low})
    chords = progression(*[(0, "maj"), (5, "maj")] * 2, length=length)
    band = fit(replace(own, parts=(bass, pad)), chords, bars(4, numerator, denominator), ends=False,
               stretches=[Stretch("Groove A", 1, 4)], variety=0)  # fmt: skip
    assert len(band.notes["Pad"]) == 8
    for name in ("Pad", "Bass"):
        for note in band.notes[name]:
            stop = (note.start // length + 1) * length
            later = min((other.start for other in band.notes[name] if other.start > note.start + 100), default=stop)
            assert 0 < min(later, stop) - note.end <= 300, (name, note.start, note.end)


def test_a_metre_that_changes_and_a_pickup_are_followed() -> None:
    mixed = [Bar(0, 0, 960, 4, 4), Bar(1, 960, 4800, 4, 4), Bar(2, 4800, 7680, 3, 4), Bar(3, 7680, 11520, 4, 4)]
    band = fit(style(), progression((0, "maj"), length=11520), mixed)
    starts = {note.start for notes in band.notes.values() for note in notes}
    assert min(starts) == 960, "the band comes in with the first full bar"
    assert {960, 4800, 7680} <= {note.start for note in band.notes["Bass"]}


def test_other_ticks_to_the_quarter_give_the_same_music() -> None:
    coarse = [Chord(c.tick // 8, c.duration // 8, c.root, c.quality) for c in FOUR]
    small = [Bar(b.number, b.start // 8, b.end // 8, 4, 4) for b in bars(16)]
    one, other = fit(style(), FOUR, bars(16), seed=3), fit(style(), coarse, small, ppq=120, seed=3)
    for name in one.notes:
        assert [(n.start // 8, n.pitch, n.velocity) for n in one.notes[name]] == [
            (n.start, n.pitch, n.velocity) for n in other.notes[name]
        ]


def test_voicings_keep_out_of_the_way_of_a_tone_that_the_tune_holds() -> None:
    held = Note("n1", 0, BAR, 72)  # C over G7 with its B: a minor ninth, if B lies below it
    chords = (Chord(0, BAR, 0, "maj7"),)
    free = voice((0, 4, 11), Wish(53, 76, 63.0, 7))
    kept = voice((0, 4, 11), Wish(53, 76, 63.0, 7, tune=(72,)))
    assert any((72 - pitch) % 12 == 1 for pitch in free)
    assert {pitch % 12 for pitch in kept} == {0, 4, 11}
    band = fit(style(), chords, bars(1), tune=[held], ends=False)
    assert max(note.pitch for note in band.notes["Piano"]) <= 72


def test_ideas_differ_and_equal_seeds_do_not() -> None:
    one, same, other, seeded = (
        fit(style(), FOUR, bars(16), seed=seed, number=number) for seed, number in ((1, 0), (1, 0), (1, 1), (2, 0))
    )
    assert one.notes == same.notes
    assert one.notes["Drums"] != other.notes["Drums"]
    assert one.notes["Drums"] != seeded.notes["Drums"]
    assert one.notes["Bass"] != other.notes["Bass"]


def test_one_part_is_the_same_alone_as_in_the_band() -> None:
    whole, alone = fit(style(), FOUR, bars(16), seed=4), fit(style(), FOUR, bars(16), seed=4, parts=["bass"])
    assert list(alone.notes) == ["Bass"]
    assert alone.notes["Bass"] == whole.notes["Bass"]
    with pytest.raises(BadRequest, match="no part called 'tuba'"):
        fit(style(), FOUR, bars(4), parts=["tuba"])


def test_a_step_of_one_chord_is_the_same_step_of_another() -> None:
    c = frozenset({0, 2, 4, 5, 7, 9, 11})
    g7 = tones_of(Chord(0, 1, 7, "7"), c)
    assert [g7.pitch_class(step) for step in range(7)] == [7, 9, 11, 0, 2, 4, 5]
    e7 = tones_of(Chord(0, 1, 4, "7"), c)
    assert [e7.pitch_class(step) for step in range(7)] == [4, 5, 8, 9, 11, 0, 2]
    assert e7.is_own(8)
    assert not e7.is_own(9)


def test_styles_of_the_library_are_found_by_plain_words() -> None:
    assert {"rock", "swing"} <= set(style_names())
    found = find_style("a jazz band")
    assert found is not None
    assert found.id == "swing"
    assert find_style("nothing of the kind") is None
    with pytest.raises(BadRequest, match="no style"):
        load_style("../pieces/opening")


@pytest.mark.parametrize("name", style_names())
def test_every_style_of_the_library_can_be_fitted(name: str) -> None:
    band = fit(load_style(name), FOUR, bars(16), seed=1)
    assert all(band.notes[part.name] for part in band.style.parts)
    for part in band.style.parts:
        for note in band.notes[part.name]:
            assert 0 <= note.start < 16 * BAR
            assert part.is_drum or part.low <= note.pitch <= part.high


@pytest.mark.parametrize("name", ["rock", "swing", "bossa", "funk"])
def test_the_bass_has_the_root_where_a_chord_begins(name: str) -> None:
    chords = progression(*[((5 * at) % 12, "maj") for at in range(16)])
    band = fit(load_style(name), chords, bars(16), seed=1, ends=False)
    bass = next(part.name for part in load_style(name).parts if part.role == "bass")
    begun = {tick // BAR: keys[0] % 12 for tick, keys in onsets(band, bass).items() if tick % BAR == 0}
    assert len(begun) >= 14
    assert all(root == chords[bar].root for bar, root in begun.items())


@pytest.mark.parametrize("name", style_names())
def test_over_plain_chords_a_style_sounds_them_whatever_its_colours_are(name: str) -> None:
    chosen = load_style(name)
    band = fit(chosen, FOUR, bars(16), seed=2)
    inside = total = 0
    for part in chosen.parts:
        if part.is_drum or part.role == "bass":
            continue
        for note in band.notes[part.name]:
            chord = FOUR[min(len(FOUR) - 1, (note.start + BAR // 8) // BAR)]
            total += note.duration
            inside += note.duration * (note.pitch % 12 in chord.pitch_classes)
    assert inside >= 0.85 * total


def test_a_jazz_band_still_colours_a_chord_that_falls_by_a_fifth_and_plays_all_that_is_written() -> None:
    falling = progression(*[(0, "maj"), (9, "min"), (2, "min"), (7, "maj")] * 4)
    keys = onsets(fit(load_style("swing"), falling, bars(16)), "Piano")
    beside = sum(any(p % 12 not in falling[min(15, (tick + 480) // BAR)].pitch_classes for p in own)
                 for tick, own in keys.items())  # fmt: skip
    assert beside >= 4
    rich = progression(*[(0, "maj7"), (9, "min7"), (2, "min7"), (7, "7")] * 4)
    keys = onsets(fit(load_style("swing"), rich, bars(16)), "Piano")
    sevenths = [(chord.root + (11 if chord.quality == "maj7" else 10)) % 12 for chord in rich]
    with_seventh = sum(sevenths[min(15, (tick + 480) // BAR)] in {p % 12 for p in own} for tick, own in keys.items())
    assert with_seventh >= 0.8 * len(keys)


def test_a_walking_bass_that_is_moved_to_a_new_chord_does_not_stand_on_one_key() -> None:
    late = tuple(Chord(tick + 960, BAR, root, "maj", -1) for tick, root in zip(range(0, 12 * BAR, BAR), (0, 5, 7) * 4,
                                                                               strict=True))  # fmt: skip
    line = fit(load_style("swing"), (replace(late[0], tick=0, duration=960), *late), bars(12), ends=False).notes["Bass"]
    again = [a.pitch == b.pitch for a, b in itertools.pairwise(line)]
    assert sum(again) <= 0.05 * len(again)
