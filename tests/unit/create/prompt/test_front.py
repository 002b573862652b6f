"""A tune stands in front of its band: who tells it, how loud the band is, what lies above it, and how full it is."""

from __future__ import annotations

import numpy as np

from tests.unit.create.prompt.mixtures import tune, video
from workbench.create.compose.layout import TUNE
from workbench.create.compose.styles import load_style
from workbench.create.prompt.brief import Brief, Instrument
from workbench.create.prompt.front import BEHIND, behind, beneath, carrier, held
from workbench.create.prompt.plan import make_brief
from workbench.create.prompt.prompts import Prompt, Prompts
from workbench.create.prompt.styling import Cast
from workbench.create.prompt.thickness import thicken
from workbench.score.lanes import Chord
from workbench.score.score import Note, Score, Track
from workbench.score.timemap import TimeMap
from workbench.understand.style import Style as Figures
from workbench.understand.words import read_words

WALTZ = load_style("waltz")


def notes(*rows: tuple[int, int, int], velocity: int = 80) -> list[Note]:
    return [Note(f"n{place}", *row, velocity) for place, row in enumerate(rows)]


def test_words_that_name_a_harp_and_a_flute_give_the_tune_to_the_one_whose_notes_go_on() -> None:
    assert carrier([46, 73]) == 73
    assert carrier([46, 11]) == 46
    brief = make_brief(
        Prompts((Prompt("notes", tune()), Prompt("words", read_words("very quiet, with harp and flute"))))
    )
    programs = {item.part: item.program for item in brief.instruments}
    assert programs[TUNE] == 73
    assert list(programs.values()).count(73) == 1  # heard with the tune, so nobody of the band has to
    assert 46 in programs.values()


def test_in_the_calm_of_a_video_those_play_first_whom_the_words_name() -> None:
    brief = make_brief(
        Prompts(
            (
                Prompt("words", read_words("brass band, piano and strings, sparse")),
                Prompt("picture", tune()),
                Prompt("video", video()),
            )
        )
    )
    calm = min(brief.sections, key=lambda section: len(section.instruments))
    programs = {item.part: item.program for item in brief.instruments}
    assert len(calm.instruments) == 1
    assert (programs[TUNE], programs[calm.instruments[0]]) == (48, 0)


def test_an_instrument_is_given_to_the_part_that_plays_most() -> None:
    cast = Cast(load_style("string-quartet"), 73)
    cast.follow(Figures(tempo=96, density=4, instruments=("piano",)))
    assert cast.programs["Second violin"] == 0
    assert cast.programs["Violin"] != 0


def test_chords_lie_below_the_tune_while_it_sounds_and_where_they_like_when_it_rests() -> None:
    told = notes((0, 960, 67), (960, 960, 64))
    made = beneath({"Strings": notes((0, 1920, 76), (2880, 960, 76)), "Bass": notes((0, 960, 40))}, told, WALTZ)
    assert [note.pitch for note in made["Strings"]] == [52, 76]
    assert [note.pitch for note in made["Bass"]] == [40]


def test_what_cannot_go_lower_is_played_softer_and_two_notes_that_meet_are_one() -> None:
    told = notes((0, 960, 52))
    made = beneath({"Piano": notes((0, 960, 50), (0, 960, 62), (0, 960, 74))}, told, WALTZ)["Piano"]
    assert [note.pitch for note in made] == [50]
    assert made[0].velocity < 80


def track(name: str, program: int, velocity: int, pitch: int) -> Track:
    made = Track(name, name, program)
    made.notes = {f"n{k}": Note(f"n{k}", 960 * k, 960, pitch, velocity) for k in range(8)}
    return made


def test_the_louder_the_band_beside_the_tune_the_softer_it_is_made() -> None:
    times = TimeMap(Score())
    told = track(TUNE, 73, 70, 76)
    soft, loud = (behind([told, track("Piano", 0, velocity, 60)], TUNE, (), times) for velocity in (30, 110))
    assert loud < soft == BEHIND
    fading = behind([track(TUNE, 11, 90, 76), track("Piano", 0, 90, 60)], TUNE, (), times)
    assert fading < behind([track(TUNE, 73, 90, 76), track("Piano", 0, 90, 60)], TUNE, (), times)


def test_long_notes_of_a_tune_that_fades_are_held_by_somebody_of_the_band() -> None:
    told = notes((0, 2880, 72), (2880, 240, 74))
    band = {"Strings": notes((0, 2880, 60), (2880, 960, 60)), "Piano": notes((0, 960, 55))}
    who = tuple(Instrument(part.name, part.program, part.is_drum) for part in WALTZ.parts)
    for program, pitches in ((11, [60, 72]), (73, [60, 60])):
        brief = Brief(8.0, 4, 120.0, style="waltz", instruments=(*who, Instrument(TUNE, program)))
        made = held(band, told, brief, WALTZ, TimeMap(Score()))
        assert [note.pitch for note in made["Strings"]] == pitches
        assert made["Piano"] == band["Piano"]


def test_a_fuller_band_breaks_its_chords_into_a_figure_that_is_the_same_in_every_bar() -> None:
    score = Score()
    score.chords = [Chord(0, 4 * 3840, 0, "maj")]
    parts = {"Piano": notes(*((3840 * bar, 960, 60) for bar in range(4))), "Bass": notes((0, 960, 36))}
    thicken(
        parts, 34, score, load_style("pop-ballad"), (0, 4 * 3840), np.random.default_rng(0), {"Piano": 0, "Bass": 33}
    )
    bars = [{note.start - 3840 * bar for note in parts["Piano"] if note.start // 3840 == bar} for bar in range(4)]
    assert len(bars[0]) == 8
    assert all(bar == bars[0] for bar in bars)
    assert {note.pitch % 12 for note in parts["Piano"]} == {0, 4, 7}
