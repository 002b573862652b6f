"""Writing MusicXML: exact music stays exact, and the page reads well."""

import random
import xml.etree.ElementTree as ET
from dataclasses import replace
from fractions import Fraction

import pytest

from tests.bench import musicxml as bench
from tests.unit.score.notation import NOTATION, read, sounding
from workbench.score.abc.read import read_abc
from workbench.score.lanes import Bend, Chord, Control, Key, Meter, Program, Tempo, Text
from workbench.score.musicxml.files import read_musicxml, write_musicxml
from workbench.score.score import Note, Score, Track
from workbench.score.timemap import TimeMap


def piece(*notes, ppq=960, **track):
    """A one-track score of (start, duration, pitch) in quarters."""
    score = Score(ppq=ppq)
    made = [
        Note(f"n{index}", int(Fraction(start) * ppq), int(Fraction(duration) * ppq), pitch)
        for index, (start, duration, pitch) in enumerate(notes)
    ]
    score.tracks = [Track("t1", **track, notes={note.id: note for note in made})]
    return score


def written(score):
    """The parsed file."""
    return ET.fromstring(write_musicxml(score)[0].encode())


def values(root):
    """Every note of the file as pitch name (r: rest), type with dots, and + for a tie that goes on."""
    out = []
    for note in root.iter("note"):
        pitch = note.find("pitch")
        name = "r" if pitch is None else pitch.findtext("step") + {"-1": "b", "1": "#"}.get(pitch.findtext("alter"), "")
        tied = "+" if note.find("tie[@type='start']") is not None else ""
        out.append(f"{name} {note.findtext('type')}{'.' * len(note.findall('dot'))}{tied}")
    return out


def everything(score):
    """All notes in quarters, by track."""
    return [
        sorted((start, pitch, length) for start, pitch, length in sounding(score, index))
        for index in range(len(score.tracks))
    ]


@pytest.mark.parametrize("path", sorted(NOTATION.glob("*.m[ux]*")), ids=lambda path: path.stem)
def test_written_files_hold_every_note(path):
    score, _ = read_musicxml(path.read_bytes())
    text, report = write_musicxml(score)
    assert bench.difference(bench.facts_of(score), bench.walk(ET.fromstring(text.encode()))) == ""
    assert report.count("quantised") == 0
    again, _ = read_musicxml(text.encode())
    assert everything(again) == everything(score)
    for lane in ("tempos", "meters", "keys", "chords"):
        mine, theirs = getattr(again, lane), getattr(score, lane)
        scaled = [replace(event, tick=event.tick * again.ppq // score.ppq) for event in theirs]
        if lane == "chords":
            scaled = [replace(event, duration=event.duration * again.ppq // score.ppq) for event in scaled]
        assert mine == scaled or not theirs  # what the file left open is written down
    assert [bar.start * score.ppq for bar in TimeMap(again).bars()] == [
        bar.start * again.ppq for bar in TimeMap(score).bars()
    ]


def test_music21_reads_the_same_notes():
    from music21 import converter

    score, _ = read("saint_georges_quartet.mxl")
    stream = converter.parseData(write_musicxml(score)[0], format="musicxml").stripTies()
    assert len(stream.parts) == 4
    for index, part in enumerate(stream.parts):
        flat = part.flatten().notes
        theirs = sorted(
            (Fraction(note.offset).limit_denominator(1_000), pitch.midi) for note in flat for pitch in note.pitches
        )
        assert theirs == sorted((start, pitch) for start, pitch, _ in sounding(score, index))


def random_score(seed):
    """Any notes on any grids in any metre."""
    draw = random.Random(seed)
    ppq = draw.choice([960, 480, 96, 24, 420])
    score = Score(ppq=ppq, pickup=draw.choice([0, ppq, ppq // 2]), meters=[])
    tick = 0
    for _ in range(draw.randint(1, 3)):
        upper, lower = draw.choice([(4, 4), (3, 4), (6, 8), (5, 8), (2, 2), (12, 8), (7, 8), (9, 16)])
        score.meters.append(Meter(tick, upper, lower))
        tick = max(tick, score.pickup) + 4 * ppq * upper // lower * draw.randint(1, 3)
    grids = [parts for parts in (1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 32) if ppq % parts == 0]
    for index in range(draw.randint(1, 3)):
        track = Track(f"t{index}", program=draw.choice([0, 40, 56, 24, 33, 41]), is_drum=draw.random() < 0.2)
        for number in range(draw.randint(1, 40)):
            step = ppq // draw.choice(grids)
            length = step * draw.choice([0, 1, 1, 2, 3, 4, 5, 7, draw.randint(1, 40)])
            track.notes[f"n{number}"] = Note(
                f"n{number}", step * draw.randint(0, 40), length, draw.randint(30, 90), draw.choice([80, 96, 101])
            )
        score.tracks.append(track)
    return score


@pytest.mark.parametrize("seed", range(40))
def test_anything_on_a_grid_survives_writing_and_reading(seed):
    score = random_score(seed)
    text, report = write_musicxml(score)
    assert report.count("quantised") == 0
    assert bench.difference(bench.facts_of(score), bench.walk(ET.fromstring(text.encode()))) == ""
    again, _ = read_musicxml(text.encode())

    def notes(one):
        return [
            sorted(
                (Fraction(note.start, one.ppq), note.pitch, Fraction(note.duration, one.ppq), note.velocity)
                for note in track.notes.values()
            )
            for track in one.tracks
        ]

    assert notes(again) == notes(score)
    assert [track.is_drum for track in again.tracks] == [track.is_drum for track in score.tracks]
    bars = [[(bar.number, bar.start / one.ppq) for bar in TimeMap(one).bars()] for one in (score, again)]
    assert bars[0] == bars[1]


def test_lengths_are_cut_where_the_beats_must_show():
    score = piece((0, "3/2", 60), ("3/2", 1, 62), ("5/2", "3/2", 64), (4, 5, 65))
    assert values(written(score)) == [
        "C quarter.", "D eighth+", "D eighth", "E quarter.", "F whole+", "F quarter", "r quarter", "r half"
    ]  # fmt: skip


def test_syncopation_inside_half_a_bar_stays_one_note():
    assert values(written(piece((0, "1/2", 60), ("1/2", 1, 62), ("3/2", "1/2", 64), (2, 2, 65)))) == [
        "C eighth", "D quarter", "E eighth", "F half"
    ]  # fmt: skip


def test_triplets_are_written_as_triplets():
    root = written(piece((0, "1/3", 60), ("1/3", "1/3", 62), ("2/3", "1/3", 64), (1, 3, 65)))
    assert values(root) == ["C eighth", "D eighth", "E eighth", "F half."]
    first = root.find(".//note")
    assert first.findtext("time-modification/actual-notes") == "3"
    assert first.findtext("time-modification/normal-notes") == "2"
    brackets = [tuplet.get("type") for tuplet in root.iter("tuplet")]
    assert brackets == ["start", "stop"]
    assert [beam.text for beam in root.iter("beam")] == ["begin", "continue", "end"]


def test_triplets_of_quarters_span_two_beats():
    root = written(piece((0, "2/3", 60), ("2/3", "2/3", 62), ("4/3", "2/3", 64), (2, 2, 65)))
    assert values(root) == ["C quarter", "D quarter", "E quarter", "F half"]


def test_compound_metre_keeps_its_dotted_beats():
    score = piece((0, 2, 60), (2, 1, 62))
    score.meters = [Meter(0, 6, 8)]
    assert values(written(score)) == ["C quarter.+", "C eighth", "D quarter"]


@pytest.mark.parametrize(
    ("fifths", "names"),
    [
        (0, "C C# D Eb E F F# G G# A Bb B"),
        (3, "C C# D D# E E# F# G G# A A# B"),
        (-4, "C Db D Eb E F Gb G Ab A Bb Cb"),
    ],
)
def test_spelling_follows_the_key(fifths, names):
    score = piece(*((step, 1, 60 + step) for step in range(12)))
    score.keys = [Key(0, fifths)]
    found = [value.split()[0] for value in values(written(score)) if value[0] != "r"]
    assert found == names.split()


def test_a_piece_without_a_key_gets_one_from_its_notes():
    scale = [62, 64, 66, 67, 69, 71, 73, 74, 69, 66, 62]
    root = written(piece(*((step, 1, pitch) for step, pitch in enumerate(scale))))
    assert root.findtext(".//key/fifths") == "2"
    assert list(root.iter("accidental")) == []


def test_accidentals_hold_for_the_bar():
    score = piece((0, 1, 61), (1, 1, 61), (2, 1, 60), (3, 1, 60), (4, 1, 61))
    score.keys = [Key(0)]
    assert [note.findtext("accidental") for note in written(score).iter("note")][:5] == [
        "sharp", None, "natural", None, "sharp"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("program", "pitches", "clefs"),
    [(40, [76, 72], "G"), (42, [40, 45], "F"), (41, [60, 55], "C"), (0, [40, 80], "GF"), (33, [30, 40], "F")],
)
def test_clefs_fit_the_instrument(program, pitches, clefs):
    root = written(piece(*((step, 1, pitch) for step, pitch in enumerate(pitches)), program=program))
    assert "".join(sign.text for sign in root.iter("sign")) == clefs


def test_pickup_metre_change_names_and_marks():
    score = piece((0, 1, 67), (1, 4, 72), (5, 3, 71), name="Fløjte", program=73)
    score.title, score.pickup = "A & B <c>", 960
    score.meta = {"composer": "Åse", "rights": "CC0"}
    score.meters = [Meter(0, 4, 4), Meter(5 * 960, 3, 4)]
    score.tempos = [Tempo(0, 480_000), Tempo(960, 501_234)]
    score.chords = [Chord(960, 960, 0), Chord(3 * 960, 960, 7, "7sus4", 2)]
    score.texts = [Text(960, "marker", "Verse")]
    score.tracks[0].texts = [Text(960, "lyric", "hal-"), Text(5 * 960, "lyric", "lo")]
    score.tracks[0].controls = [Control(960, 64, 127), Control(1_920, 64, 0)]
    score.tracks[0].programs = [Program(5 * 960, 72)]
    text, report = write_musicxml(score)
    root = ET.fromstring(text.encode())
    measures = root.findall("part/measure")
    assert [(measure.get("number"), measure.get("implicit")) for measure in measures] == [
        ("0", "yes"), ("1", None), ("2", None)
    ]  # fmt: skip
    assert len(report) == 0
    again, _ = read_musicxml(text.encode())
    assert (again.title, again.meta["composer"], again.meta["rights"]) == ("A & B <c>", "Åse", "CC0")
    assert (again.tracks[0].name, again.tracks[0].program) == ("Fløjte", 73)
    for lane in ("pickup", "meters", "tempos", "texts"):
        assert getattr(again, lane) == getattr(score, lane)
    assert [(chord.tick, chord.root, chord.quality, chord.bass) for chord in again.chords] == [
        (960, 0, "maj", -1), (2_880, 7, "7sus4", 2)
    ]  # fmt: skip
    for lane in ("texts", "controls", "programs"):
        assert getattr(again.tracks[0], lane) == getattr(score.tracks[0], lane)


def test_drums_are_unpitched_percussion():
    score = piece((0, 1, 36), (1, 1, 38), (1, 1, 42), is_drum=True, name="Kit")
    root = written(score)
    assert root.find(".//pitch") is None
    assert root.findtext(".//sign") == "percussion"
    assert {item.text for item in root.iter("midi-unpitched")} == {"37", "39", "43"}
    assert {item.text for item in root.iter("midi-channel")} == {"10"}


def test_free_playing_is_moved_onto_a_grid_on_a_copy_and_said():
    draw = random.Random(5)
    score = piece(
        *((step + draw.uniform(-0.03, 0.03) + 0.05, 0.9 + draw.uniform(-0.05, 0.05), 60) for step in range(32))
    )
    before = score.to_dict()
    text, report = write_musicxml(score)
    assert score.to_dict() == before
    assert report.count("quantised") == 32
    facts = bench.walk(ET.fromstring(text.encode()))
    assert len(facts) == 32
    for place, (_, onset, _, _) in enumerate(sorted(facts)):
        assert onset.denominator in (1, 2, 3, 4, 6, 8, 12, 16)
        assert abs(onset - (place + Fraction(1, 20))) < Fraction(1, 10)


def test_rare_tuplets_are_not_taken_for_free_playing():
    notes = [(bar * 4 + Fraction(step, 11), Fraction(1, 11), 60 + step) for bar in range(4) for step in range(11)]
    score = piece(*notes, ppq=10_560)
    text, report = write_musicxml(score)
    assert report.count("quantised") == 0
    assert bench.difference(bench.facts_of(score), bench.walk(ET.fromstring(text.encode()))) == ""


def test_lengths_shortened_for_playback_are_written_in_full():
    score = piece(*((step, Fraction(455, 480), 60 + step) for step in range(8)), ppq=480)
    text, report = write_musicxml(score)
    assert report.count("quantised") == 8
    assert {length for _, _, _, length in bench.walk(ET.fromstring(text.encode()))} == {Fraction(1)}


def test_what_notation_cannot_say_is_reported():
    score = piece((0, 1, 60))
    score.tracks[0].bends = [Bend(0, 100)]
    score.tracks[0].controls = [Control(0, 11, 90)]
    report = write_musicxml(score)[1]
    assert (report.count("bends"), report.count("controls")) == (1, 1)


@pytest.mark.parametrize("score", [Score(), piece(), piece((0, 0, 60))], ids=["no track", "no note", "one grace note"])
def test_almost_nothing_is_still_a_valid_page(score):
    again, _ = read_musicxml(write_musicxml(score)[0].encode())
    assert again.note_count == score.note_count


def test_control_signs_in_names_do_not_break_the_file():
    score = piece((0, 1, 60), name="bad\x00\x0bname")
    assert read_musicxml(write_musicxml(score)[0].encode())[0].tracks[0].name == "badname"


def test_an_abc_tune_becomes_a_page():
    score, _ = read_abc((NOTATION / "tunes.abc").read_text(encoding="utf-8"), number=7)
    assert bench.difference(bench.facts_of(score), bench.walk(written(score))) == ""
