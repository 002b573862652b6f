"""The library of styles: complete, in register, each like itself and unlike the others, and open to a person's own."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest

from tests.unit.create.stylefigures import bar_ticks, chord_beats, excerpt, features, pattern_likeness
from workbench import resources
from workbench.create.compose.style import PatternNote, Style
from workbench.create.compose.styles import find_style, load_style, read_style, style_names
from workbench.create.compose.tones import tones_of
from workbench.errors import BadFile
from workbench.score.lanes import Chord, Text
from workbench.score.score import Score

NAMES = style_names()
SECTIONS = ("Intro", "Groove A", "Groove B", "Fill 1", "Fill 2", "Fill 3", "Fill 4", "Ending")
GROOVES = ("Groove A", "Groove B")
#: Styles that have no drums, and those whose percussion is not a kit.
NO_DRUMS = {"ambient", "choir", "hymn", "lullaby", "string-quartet"}
NO_KIT = {"cinematic", "folk-picking", "tango"}
TOLD_ON = [
    [(0, "maj"), (9, "min"), (5, "maj"), (7, "7")],
    [(2, "min"), (7, "maj"), (0, "maj"), (9, "min")],
    [(4, "min"), (9, "min"), (2, "maj"), (7, "maj")],
]
ASKED_ON = [
    [(5, "maj"), (10, "maj"), (3, "maj"), (0, "min7")],
    [(9, "min"), (5, "maj"), (0, "maj"), (7, "maj")],
    [(6, "min"), (11, "7"), (4, "maj"), (1, "min")],
]


def opened(name: str) -> Score:
    return Score.open(resources.path(f"assets/styles/{name}.wbz"))


def maker() -> ModuleType:
    path = resources.path("assets/styles/make_styles.py")
    spec = importlib.util.spec_from_file_location("make_styles", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_styles"] = module
    spec.loader.exec_module(module)
    return module


def drums(style: Style) -> dict[str, tuple[PatternNote, ...]]:
    part = style.part("drums")
    return {} if part is None else {name: pattern.notes for name, pattern in part.sections.items()}


def test_the_sources_give_the_files_and_there_are_at_least_twenty_four() -> None:
    made = maker().styles()
    assert len(made) >= 24
    assert tuple(sorted(made)) == NAMES
    for name, score in made.items():
        assert score.to_dict() == opened(name).to_dict(), f"{name} is not what its source says: make the styles anew"


@pytest.mark.parametrize("name", NAMES)
def test_every_section_is_there_and_every_part_plays_in_its_register(name: str) -> None:
    style = load_style(name)
    assert set(style.sections()) == set(SECTIONS)
    assert style.tempo[0] < style.tempo[1] < style.tempo[2]
    for part in style.parts:
        assert set(GROOVES) & set(part.sections), part.name
        for section, pattern in part.sections.items():
            assert all(0 <= note.tick < pattern.bars * bar_ticks(style) for note in pattern.notes), section
            pitches = [note.pitch for note in pattern.notes]
            if part.role == "bass":
                assert 28 <= min(pitches) <= max(pitches) <= 60, (part.name, section)
            elif not part.is_drum:
                assert 36 <= min(pitches) <= max(pitches) <= 96, (part.name, section)
    velocities = {note.velocity for part in style.parts for p in part.sections.values() for note in p.notes}
    assert len(velocities) >= 8, "nobody plays every note equally loud"


@pytest.mark.parametrize("name", NAMES)
def test_parts_play_the_chord_and_three_tones_of_it_together(name: str) -> None:
    style = load_style(name)
    for part in style.parts:
        if part.is_drum:
            continue
        inside = total = 0
        for section in GROOVES:
            pattern = part.sections.get(section)
            for note in pattern.notes if pattern else ():
                over = next(c for c in pattern.chords if c.tick <= note.tick < c.tick + c.duration)
                total += note.duration
                inside += note.duration if tones_of(over).is_own(note.pitch) else 0
        least = 0.5 if part.role in ("bass", "lead") else 0.7
        assert inside >= least * total, part.name
    for section in GROOVES:
        assert chord_beats(style, section) >= 0.4


@pytest.mark.parametrize("name", NAMES)
def test_the_bass_has_the_root_where_a_chord_begins(name: str) -> None:
    """In three of four chords; house and trap may come in late, but then with the root first."""
    style = load_style(name)
    bass = style.part("bass")
    assert bass is not None
    pattern = bass.sections["Groove A"]
    firsts = [
        min((n for n in pattern.notes if c.tick <= n.tick < c.tick + c.duration), default=None) for c in pattern.chords
    ]
    hits = [n is not None and n.pitch % 12 == c.root for n, c in zip(firsts, pattern.chords, strict=True)]
    assert np.mean(hits) >= 0.7


@pytest.mark.parametrize("name", [name for name in NAMES if name not in NO_DRUMS])
def test_grooves_have_a_bass_drum_and_a_snare_and_fills_differ(name: str) -> None:
    style = load_style(name)
    played = drums(style)
    assert set(played) == set(SECTIONS)
    low, high = {35, 36}, {37, 38, 39, 40}
    for section in GROOVES:
        keys = {note.pitch for note in played[section]}
        assert keys & low or name in NO_KIT, section
        assert keys & high or name in NO_KIT, section
        pattern = style.part("drums").sections[section]  # type: ignore[union-attr]
        assert pattern.bars >= 4
        assert 0.2 < pattern_likeness(pattern) <= 0.85, section
        assert len({note.velocity // 16 for note in pattern.notes}) >= 3, "accents and soft strokes"
    assert len(played["Groove B"]) > len(played["Groove A"]) * 0.8
    fills = [{(n.tick, n.pitch) for n in played[f"Fill {number}"]} for number in range(1, 5)]
    late = bar_ticks(style) // 2
    for at, one in enumerate(fills):
        for other in fills[at + 1 :]:
            one_end, other_end = ({x for x in fill if x[0] >= late} for fill in (one, other))
            assert len(one_end & other_end) <= 0.7 * len(one_end | other_end)


@pytest.mark.parametrize("name", NAMES)
def test_the_ending_ends_on_the_tonic_and_all_pitches_of_its_last_bar_are_of_its_chord(name: str) -> None:
    style, score = load_style(name), opened(name)
    assert score.keys[0].tonic == score.chords[-1].root
    for part in style.parts:
        if part.is_drum or "Ending" not in part.sections:
            continue
        pattern = part.sections["Ending"]
        last = pattern.chords[-1]
        final = [note for note in pattern.notes if note.tick >= last.tick]
        assert all(tones_of(last).is_own(note.pitch) for note in final), part.name
        if part.role == "bass":
            assert min(final).pitch % 12 == last.root


def test_any_two_styles_are_told_apart_by_the_nearest_mean() -> None:
    means: dict[str, np.ndarray] = {}
    bare: dict[str, np.ndarray] = {}
    for name in NAMES:
        shown = [excerpt(load_style(name), roots, groove, at) for at, roots in enumerate(TOLD_ON) for groove in GROOVES]
        means[name] = np.mean([features(band) for band in shown], axis=0)
        bare[name] = np.mean([features(band, names=False) for band in shown], axis=0)
    hits, bare_hits = [], []
    for name in NAMES:
        for at, roots in enumerate(ASKED_ON, 10):
            for groove in GROOVES:
                band = excerpt(load_style(name), roots, groove, at)
                seen, less = features(band), features(band, names=False)
                hits.append(min(means, key=lambda own: float(np.linalg.norm(means[own] - seen))) == name)
                bare_hits.append(min(bare, key=lambda own: float(np.linalg.norm(bare[own] - less))) == name)
    assert np.mean(hits) >= 0.95
    assert np.mean(bare_hits) >= 0.9, "by what is played, without instruments and tempo"


@pytest.mark.parametrize(("text", "name"), [
    ("jazz", "swing"), ("join in, a jazz band", "swing"), ("bossa nova", "bossa"), ("strings", "string-quartet"),
    ("a rock band", "rock"), ("EDM", "house"), ("lo-fi", "lofi"), ("hip hop beat", "trap"), ("folk", "folk-picking"),
    ("film music", "cinematic"), ("8-bit", "chiptune"), ("church organ", "hymn"), ("band", "pop-ballad"),
    ("piano", "pop-ballad"), ("blues", "shuffle"), ("an oompah band", "brass-band"),
])  # fmt: skip
def test_plain_words_find_a_style(text: str, name: str) -> None:
    found = find_style(text)
    assert found is not None
    assert found.id == name


def test_swung_styles_place_their_second_eighths_late() -> None:
    for name in ("swing", "shuffle", "lofi"):
        style = load_style(name)
        inside = {note.tick % 960 for notes in drums(style).values() for note in notes}
        assert 640 in inside, name
        assert 480 not in inside, name


def test_a_style_that_the_app_saved_again_is_still_one_and_a_change_is_heard(tmp_path) -> None:  # type: ignore[no-untyped-def]
    score = opened("waltz")
    track = score.tracks[1]
    first = track.sorted_notes()[0]
    track.notes[first.id] = replace(first, velocity=11)
    score.save(tmp_path / "mine.wbz")
    style = read_style("mine", Score.open(tmp_path / "mine.wbz"))
    assert style.parts[1].sections["Intro"].notes[0].velocity == 11
    assert style.parts[0] == load_style("waltz").parts[0]


def test_what_is_wrong_with_a_style_is_said_in_one_sentence() -> None:
    score = opened("rock")
    score.texts = [mark for mark in score.texts if mark.text != "Groove B"]
    with pytest.raises(BadFile, match="no marker 'Groove B'"):
        read_style("mine", score)
    score = opened("rock")
    score.texts[0] = Text(0, "marker", "Chorus")
    with pytest.raises(BadFile, match="marker 'Chorus'; the sections are Intro"):
        read_style("mine", score)
    score = opened("rock")
    score.texts[1] = Text(score.texts[1].tick + 10, "marker", score.texts[1].text)
    with pytest.raises(BadFile, match="does not begin at a bar line"):
        read_style("mine", score)
    score = opened("rock")
    score.meta["tempo"] = "fast"
    with pytest.raises(BadFile, match="does not say its words, its tempo"):
        read_style("mine", score)
    score = opened("rock")
    score.tracks[2].name = score.tracks[1].name
    with pytest.raises(BadFile, match="each with a name of its own"):
        read_style("mine", score)
    score = opened("rock")
    score.chords = [Chord(0, 10, 0)]
    with pytest.raises(BadFile, match="has no chord in the chord lane"):
        read_style("mine", score)
