"""The card tells the truth about pieces of which everything is known."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.create.compose.source import source_of
from workbench.create.prompt.measures import chords, structure, style, tune, video, words
from workbench.create.prompt.measures.shares import off_by, percent, within
from workbench.create.prompt.piece import Piece, loudness_of, onsets_of
from workbench.create.prompt.sections import make_sections
from workbench.score.lanes import Chord, Tempo
from workbench.score.score import Note, Score, Track
from workbench.sound.audio import Audio
from workbench.understand.video.watched import Watched
from workbench.understand.words import read_words

PPQ = 960
TUNE = (64, 62, 60, 62, 64, 67, 65, 64, 62, 65, 69, 67, 65, 62, 64, 60)
ROOTS = ((0, "maj"), (9, "min"), (5, "maj"), (7, "maj"))


def tune_score(pitches: tuple[int, ...] = TUNE, start: int = 0) -> Score:
    score = Score(ppq=PPQ, tempos=[Tempo(0, 500_000)])
    track = Track("t1", name="Tune", program=73)
    for at, pitch in enumerate(pitches):
        track.notes[f"n{at}"] = Note(f"n{at}", (start + at) * PPQ, PPQ - 40, pitch, 110)
    score.tracks = [track]
    return score


def band(score: Score, roots: tuple[tuple[int, str], ...] = ROOTS, softer: float = 1.0) -> Score:
    """The tune with a piano's chords and a bass, a bar each, and a drum on every beat."""
    out = score.copy()
    piano, bass, drums = Track("p", name="Piano"), Track("b", name="Bass", program=33), Track("d", is_drum=True)
    for bar in range(-(-out.end // (4 * PPQ))):
        root, kind = roots[bar % len(roots)]
        for up in (0, 3 if kind == "min" else 4, 7):
            name = f"p{bar}-{up}"
            piano.notes[name] = Note(name, bar * 4 * PPQ, 4 * PPQ - 60, 48 + root % 12 + up, round(70 * softer))
        bass.notes[f"b{bar}"] = Note(f"b{bar}", bar * 4 * PPQ, 4 * PPQ - 60, 36 + root % 12, round(80 * softer))
        for beat in range(4):
            name = f"d{bar}-{beat}"
            drums.notes[name] = Note(name, (bar * 4 + beat) * PPQ, PPQ // 4, 38 if beat % 2 else 36, round(80 * softer))
    out.tracks += [piano, bass, drums]
    return out


@pytest.fixture(scope="module")
def piece() -> Piece:
    """The tune twice with its band: 16 seconds at 120 beats a minute."""
    return Piece(band(tune_score(TUNE + TUNE)))


def test_a_tune_that_is_there_is_found_wherever_it_begins() -> None:
    source = source_of(tune_score())
    later = Piece(band(tune_score(start=8)))
    (line,) = [line for line in tune.measure("notes", source, [], later) if line.measure == "melody"]
    assert line.value == 1.0
    assert line.sentence == "Your melody is there note for note."
    assert line.asked == line.got
    assert line.asked[0] == (4.0, 64.0)


def test_a_changed_note_and_another_tune_are_told() -> None:
    source = source_of(tune_score())
    wrong = (*TUNE[:5], 68, *TUNE[6:])
    lines = [tune.lines_of(Piece(tune_score(pitches))) for pitches in (wrong, TUNE[::-1], TUNE[:8])]
    passages = tune.passages_of(source)
    shares = [tune.kept(passages, own)[0] for own in lines]
    assert shares[0] == pytest.approx(15 / 16)
    assert shares[1] < 0.5
    assert shares[2] == pytest.approx(0.5)


def test_a_tune_in_a_band_is_heard_and_one_a_tritone_off_is_not(piece: Piece) -> None:
    passages = tune.passages_of(source_of(tune_score()))
    assert tune.chroma(passages, [0.0], piece)[0] > 0.8
    assert tune.chroma(passages, [0.0], piece, by=6)[0] < 0.2


def test_chords_agree_by_root_and_third(piece: Piece) -> None:
    score = tune_score()
    score.chords = [Chord(bar * 4 * PPQ, 4 * PPQ, root, kind) for bar, (root, kind) in enumerate(ROOTS)]
    asked = chords.chords_of_source(source_of(score))
    (right,) = chords.measure("notes", asked, [(0.0, 16.0, 0.0)], piece)
    assert right.value > 0.85
    assert right.chance < 0.5
    others = [(start, end, (root + 6) % 12, third) for start, end, root, third in asked]
    assert chords.measure("notes", others, [(0.0, 16.0, 0.0)], piece)[0].value < 0.1


def test_words_are_measured_one_by_one(piece: Piece) -> None:
    asked = "120 bpm in C major with flute and piano, without drums, 16 seconds"
    lines = {line.measure: line for line in words.measure(read_words(asked), piece)}
    assert lines["tempo"].value == lines["key"].value == lines["length"].value == lines["instruments"].value == 1.0
    assert lines["without"].value < 0.5
    assert lines["without"].sentence == "You did not want drums; it plays."
    other = {line.measure: line for line in words.measure(read_words("80 bpm in E minor with a trumpet"), piece)}
    assert other["tempo"].value == other["key"].value == other["instruments"].value == 0.0


def test_levels_tell_soft_from_loud() -> None:
    soft, loud = (Piece(band(tune_score(), softer=share)) for share in (0.4, 1.4))
    assert words.levels_of(soft)["loudness"] < words.levels_of(loud)["loudness"] - 0.3
    (line,) = words.measure(read_words("very quiet"), soft)
    assert line.measure == "loudness"
    assert line.value > words.measure(read_words("very quiet"), loud)[0].value


def test_the_style_of_a_piece_is_its_own(piece: Piece) -> None:
    own = piece.style
    assert own is not None
    assert own.tempo == pytest.approx(120.0, rel=0.02)
    lines = {line.measure: line for line in style.measure("recording", own, ("swing",), piece)}
    assert all(line.value == 1.0 for line in lines.values())
    assert "swing" in lines
    other = own.corrected(tempo=83.0, mode="minor", density=9.0, instruments=("harp",))
    assert sum(line.value for line in style.measure("recording", other, (), piece)) < 0.6


def test_cuts_on_beats_are_hit_and_cuts_between_them_are_not(piece: Piece) -> None:
    on = video.cuts("video", [2.0, 5.5, 9.03, 12.0], 16.0, piece)
    off = video.cuts("video", [2.25, 5.75, 9.25, 12.25], 16.0, piece)
    assert on is not None
    assert off is not None
    assert (on.value, off.value) == (1.0, 0.0)
    assert on.sentence == "The music has a beat or an accent on every cut of your video."
    assert 0.15 < on.chance < 0.5


def test_loudness_follows_motion_and_length_is_told(piece: Piece) -> None:
    quiet = band(tune_score(TUNE + TUNE))
    for track in quiet.tracks:
        for name, note in track.notes.items():
            if note.start >= 16 * PPQ:
                track.notes[name] = Note(name, note.start, note.duration, note.pitch, 12)
    rows = tuple((0.5 * at, 0.9 if at < 16 else 0.1) for at in range(32))
    watched = Watched(16.0, 25.0, 64, 36, motion=rows)
    lines = {line.measure: line for line in video.measure("video", watched, Piece(quiet))}
    assert lines["loudness and motion"].value > 0.8
    turned = Watched(16.0, 25.0, 64, 36, motion=tuple((at, 1.0 - value) for at, value in rows))
    assert {line.measure: line.value for line in video.measure("video", turned, Piece(quiet))}[
        "loudness and motion"
    ] == 0.0
    assert video.length("video", 16.0, piece, "your video", 0.05, 1.5).value == 1.0
    assert "shorter" in video.length("video", 20.0, piece, "your video", 0.05, 1.5).sentence


def test_equal_parts_are_told_from_others() -> None:
    asked = [(0.0, 0.25, "a"), (0.25, 0.5, "b"), (0.5, 0.75, "a"), (0.75, 1.0, "b")]
    other = [(0.0, 0.5, "a"), (0.5, 1.0, "a")]
    assert structure.alike(asked, asked) == structure.boundaries(asked, asked, 0.01) == 1.0
    assert structure.alike(asked, other) < 0.8
    assert structure.boundaries(asked, other, 0.01) == pytest.approx(0.5)


def test_small_arithmetic() -> None:
    assert [within(error, 1.0, 3.0) for error in (0.5, 2.0, 9.0)] == [1.0, 0.5, 0.0]
    assert off_by(100.0, 104.0) == pytest.approx(0.04)
    assert off_by(0.0, 104.0) == float("inf")
    assert [percent(value) for value in (0.0, 0.001, 0.999, 1.0)] == ["0 %", "1 %", "99 %", "100 %"]


def test_curves_of_a_sound() -> None:
    rate = 22_050
    samples = np.zeros((4 * rate, 1), np.float32)
    noise = np.random.default_rng(0).standard_normal(rate).astype(np.float32)
    samples[rate : 2 * rate, 0] = 0.1 * noise
    samples[3 * rate :, 0] = 0.01 * noise
    loud, onsets = loudness_of(Audio(samples, rate)), onsets_of(Audio(samples, rate))
    assert loud[15] > 0.9
    assert 0.1 < loud[37] < 0.5
    assert loud[3] == 0.0
    assert int(onsets[:250].argmax()) == pytest.approx(100, abs=2)


def test_a_tune_is_asked_for_as_far_as_there_is_room() -> None:
    source = source_of(tune_score())
    short = Piece(tune_score(TUNE[:10]))
    assert tune.kept(tune.passages_of(source), tune.lines_of(short))[0] == pytest.approx(10 / 16)
    assert tune.kept(tune.passages_of(source, [(1, 4, 10.0)]), tune.lines_of(short))[0] == 1.0


def test_a_pickup_always_has_a_bar_to_lie_in() -> None:
    for bars in (3, 6, 8, 9, 16):
        sections, _ = make_sections(bars, 8, lead=True)
        assert sum(part.bars for part in sections) == bars
        first = next(part for part in sections if part.tune[1])
        assert first.first_bar > 1
        assert first.tune[0] == 1
