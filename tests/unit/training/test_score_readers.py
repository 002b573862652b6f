"""Sets that are written scores: MusicXML, LilyPond's bars, licences, and the same music in two sets."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.unit.training.conftest import tune, write_midi
from workbench.errors import Unavailable
from workbench.score.lanes import QUALITIES, Chord, Meter
from workbench.score.score import Note, Score, Track
from workbench.training import corpora, grid_pieces, mutopia, same_works, score_readers
from workbench.training.corpora import PPQ, Piece
from workbench.training.splits import split


def _sheet() -> Score:
    """Eight bars of three quarters after an upbeat, with two chords."""
    score = Score(title="Waltz", ppq=960, pickup=960, meters=[Meter(0, 3, 4)])
    track = Track("t1", name="Voice", program=52)
    for number in range(25):
        track.notes[f"n{number}"] = Note(f"n{number}", 960 * number, 960, 60 + number % 7)
    score.tracks.append(track)
    score.chords = [Chord(960, 2880, 0, "maj"), Chord(3840, 2880, 7, "7", 11)]
    return score


def test_a_lead_sheet_keeps_its_bars_upbeat_and_chords(tmp_path: Path) -> None:
    path = tmp_path / "Somebody" / "The_Waltz.musicxml"
    path.parent.mkdir()
    _sheet().save(path)
    (tmp_path / "Somebody" / "broken.musicxml").write_text("<score-partwise><part>")
    pieces = [piece for piece in score_readers.read_ewld(tmp_path) if piece is not None]
    assert [piece.id for piece in pieces] == ["ewld/Somebody/The_Waltz"]
    piece = pieces[0]
    assert piece.work == "ewld/thewaltz"
    assert len(piece.notes) == 25
    assert piece.downbeats[:4].tolist() == [0, 480, 480 + 3 * 480, 480 + 6 * 480]
    names = list(QUALITIES)
    assert piece.chords[0].tolist() == [480, 1440, 0, names.index("maj"), 0]
    assert piece.chords[1].tolist() == [1920, 12000 - 1920, 7, names.index("7"), 11], "the last one holds to the end"


def _orchestra(tracks: int) -> Piece:
    rows = [(480 * k, 480, 50 + track, 80, track // 2, track) for k in range(8) for track in range(tracks)]
    none = np.zeros(0, np.int32)
    return Piece("o", "o", "orchestra", np.array(rows, np.int32), none.astype(float), none, none.reshape(-1, 3))


def test_a_large_orchestra_shares_staves_and_loses_no_note() -> None:
    joined = score_readers.share_staves(_orchestra(20))
    assert len(np.unique(joined.notes[:, 5])) == 11
    assert len(joined.notes) == 160
    for track in np.unique(joined.notes[:, 5]):
        assert len(np.unique(joined.notes[joined.notes[:, 5] == track, 4])) == 1, "one instrument a stave"
    assert len(np.unique(score_readers.share_staves(_orchestra(10)).notes[:, 5])) == 10


def test_bars_that_lilypond_told_are_filled_where_all_rest() -> None:
    meters = np.array([[0, 4, 4], [12000, 3, 4]], np.int32)
    told = np.array([480, 2400, 4320, 12000, 13440], np.int64)  # an upbeat; bars of four; long rest; bars of three
    found = score_readers.bar_lines(told, 15000, meters)
    assert found.tolist() == [0, 480, 2400, 4320, 6240, 8160, 10080, 12000, 13440, 14880]
    assert score_readers.bar_lines(np.zeros(0, np.int64), 4000, meters[:1]).tolist() == [0, 1920, 3840]


def test_a_short_bar_in_the_middle_does_not_shorten_those_after_it() -> None:
    meters = np.array([[0, 2, 4]], np.int32)
    told = np.array([240, 1200, 1440, 2400, 3360], np.int64)  # a repeat with its upbeat: a bar of an eighth
    assert score_readers.bar_lines(told, 4000, meters).tolist() == [0, 240, 1200, 1440, 2400, 3360]


def test_a_mutopia_piece_has_the_bars_beside_its_file(tmp_path: Path) -> None:
    write_midi(tmp_path / "ComposerC__O1__piece__0.mid", [tune(count=32)])
    (tmp_path / "ComposerC__O1__piece__0.bars.json").write_text(json.dumps([1.0, 4.0, 7.0, 10.0, 13.0]))
    with pytest.raises(Unavailable, match="run to its end"):
        list(score_readers.read_mutopia(tmp_path))
    (tmp_path / "pieces.tsv").write_text("ComposerC/O1/piece\tpublic domain\n")
    (piece,) = score_readers.read_mutopia(tmp_path)
    assert piece is not None
    assert piece.work == "mutopia/ComposerC__O1__piece"
    assert piece.downbeats[:3].tolist() == [0, PPQ, 4 * PPQ]


LICENCES = {
    'license = "Public Domain"': "public domain",
    'copyright = "Creative Commons Attribution 3.0"': "CC BY",
    'copyright = "Creative Commons Attribution-ShareAlike 4.0"': "",
    'license = "Public Domain"\n copyright = "Copyright 2005 the typesetter"': "public domain",
    'copyright = "Copyright 2005 the typesetter"': "",
    '% copyright = "Public Domain"': "",
    'license = "Creative Commons Attribution-NonCommercial 3.0"': "",
    'copyright = \\markup { \\with-url #"http://creativecommons.org/licenses/by/4.0/" "free" }': "CC BY",
    'copyright = \\markup { Placed in the \\with-url #"x" "public domain" { by } the typesetter }': "public domain",
    'license = "Public Domain"\n copyright = \\markup { "licenses/by-sa/3.0" }': "",
}


@pytest.mark.parametrize("header", LICENCES)
def test_only_pieces_that_say_public_domain_or_cc_by_are_taken(header: str) -> None:
    licence, reason = mutopia.licence_of([f"\\header {{\n {header}\n}}\n{{ c'4 }}"])
    assert licence == LICENCES[header]
    assert bool(reason) != bool(licence)


def test_one_file_that_asks_to_share_alike_leaves_the_whole_piece_out() -> None:
    assert mutopia.licence_of(['license = "Public Domain"', 'copyright = "CC BY-SA 4.0"'])[0] == ""


def test_a_source_loses_its_engraving_and_tells_its_bars() -> None:
    source = '\\score { { c\'4^"}" } \\layout { indent = 0 \\context { \\Staff } } \\midi { \\tempo 4 = 90 } } % }'
    made = mutopia.for_midi(source)
    assert "layout" not in made
    assert "indent" not in made
    assert "\\consists #workbench-bars" in made
    assert "\\tempo 4 = 90" in made
    assert made.count("{") == made.count("}") - 2, "only the two braces in text and comment stand alone"


def _mutopia(root: Path, *names: str) -> None:
    for name in names:
        folder = root / "ftp" / "ComposerC" / "O1" / name
        folder.mkdir(parents=True)
        header = '\\header { title = "T" composer = "C" maintainer = "M" license = "Public Domain" }'
        (folder / f"{name}.ly").write_text(header + f"\n\\score {{ {{ {name} }} \\midi {{ }} }}")


def _lilypond(clash: bool) -> Callable[[list[str], Path, int], str]:
    """As LilyPond does it: a MIDI file per source, in the folder it is started in; here it holds the source itself."""

    def run(command: list[str], folder: Path, seconds: int) -> str:
        if command[0] != "lilypond":
            return ""
        said = []
        tops = [Path(word) for word in command if word.endswith(".ly")]
        for top in tops:
            name = "same.midi" if clash else f"{top.stem}.midi"
            (folder / name).write_bytes(top.read_bytes())
            said += [f"Processing `{top}'", "BAR 0 0", "BAR 1 0", f"MIDI output to `{name}'..."]
        return "\n".join(said)

    return run


@pytest.mark.parametrize("clash", [False, True])
def test_every_piece_gets_its_own_midi_even_if_two_want_one_name(
    clash: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _mutopia(tmp_path, "alpha", "beta", "gamma")
    monkeypatch.setattr(mutopia, "_quietly", _lilypond(clash))
    out = tmp_path / "out"
    assert mutopia.convert(tmp_path, out) == (3, 0)
    for name in ("alpha", "beta", "gamma"):
        made = out / f"ComposerC__O1__{name}__0.mid"
        assert f"{{ {name} }}" in made.read_text()
        assert json.loads(made.with_suffix(".bars.json").read_text()) == [0.0, 4.0]
    assert (out / "pieces.tsv").read_text().splitlines()[0] == "ComposerC/O1/alpha\tpublic domain\tT\tC\tM"


def test_bars_from_moments_and_places() -> None:
    told = [["1/4", "0"], ["1/2", "1/4"], ["5/4", "0"], ["0", "-1/4"], ["9/4", "1/2"], ["x", "0"]]
    assert mutopia._bar_starts(told) == [1.0, 5.0, 7.0]


def _line(pitches: np.ndarray, work: str, track: int = 0) -> Piece:
    rows = np.array([(240 * k, 240, p, 80, 0, track) for k, p in enumerate(pitches.tolist())], np.int32)
    none = np.zeros(0, np.int32)
    return Piece(work, work, "x", rows, none.astype(float), none, none.reshape(-1, 3))


def test_the_same_music_in_a_later_set_takes_the_earlier_work() -> None:
    rng = np.random.default_rng(2)
    song, other, third = (rng.integers(50, 80, 80) for _ in range(3))
    known = [_line(song, "lieder/lc1"), _line(other, "lieder/lc2")]
    found = same_works.linked(
        [_line(other + 5, "mutopia/a"), _line(third, "mutopia/b"), _line(third[10:60] - 3, "mutopia/c")], known
    )
    assert [piece.work for piece in found] == ["lieder/lc2", "mutopia/b", "mutopia/b"]
    mixed = np.concatenate([song[:16], rng.integers(50, 80, 64)])  # a quotation is no copy
    assert same_works.linked([_line(mixed, "mutopia/d")], known)[0].work == "mutopia/d"


def test_a_long_piece_with_a_short_tune_in_it_stays_its_own_work() -> None:
    rng = np.random.default_rng(3)
    short = rng.integers(60, 72, 18)
    symphony = np.concatenate([rng.integers(50, 80, 400), short, rng.integers(50, 80, 400)])
    found = same_works.linked([_line(symphony, "orchestra/x")], [_line(short, "folk/y")])
    assert found[0].work == "orchestra/x"


def test_a_set_without_pieces_on_one_side_is_kept_and_read_as_none(folders: Path) -> None:
    notes = np.array([(240 * k, 240, 60 + k % 12, 80, 0, 0) for k in range(32)], np.int32)
    beats, bars = np.arange(20) * 0.5, np.arange(0, 240 * 32, 1920, dtype=np.int32)
    work = next(f"folk/{k}" for k in range(99) if split(f"folk/{k}") == "train")
    piece = Piece(work, work, "folk", notes, beats, bars, np.array([[0, 4, 4]], np.int32))
    corpora.save([piece], corpora.train_dir() / "corpora" / f"folk.v{corpora.CACHE_VERSION}.npz")
    for _ in range(2):  # read, then from the cache
        assert grid_pieces.load("folk", "valid") == []
        assert [found.id for found in grid_pieces.load("folk", "train")] == [work]


def test_a_source_that_never_ends_is_stopped_and_what_it_said_is_kept(tmp_path: Path) -> None:
    said = mutopia._quietly(["sh", "-c", "echo MIDI output >&2; while :; do :; done"], tmp_path, 1)
    assert said.strip() == "MIDI output"
