"""Long pieces: the tune stands in its sections, everything has its place, and each part can be made again alone."""

from __future__ import annotations

import pytest

from workbench.cli import main
from workbench.create.compose.arrange import Arrangement, arrange, arrange_again
from workbench.create.compose.form import sections_of
from workbench.create.compose.layout import TUNE
from workbench.create.compose.songplan import FACT, SongPlan, titles
from workbench.errors import BadRequest
from workbench.score.canonical import project_hash
from workbench.score.files import load
from workbench.score.lanes import Chord, Meter, Tempo
from workbench.score.operations import apply, inverse
from workbench.score.score import Note, Score, Track
from workbench.score.timemap import TimeMap

PPQ = 480
BAR = 4 * PPQ
#: Eight bars in G, quarters and eighths, with a pickup before each half (scale steps of a common tune's kind).
LINE = (
    (67, 71, 74, 71), (72, 71, 69, 66), (67, 69, 71, 74), (69, 69, 62, 62),
    (67, 71, 74, 76), (72, 74, 76, 72), (71, 67, 69, 66), (67, 67, 67, 67),
)  # fmt: skip
FORM = "intro verse build chorus verse chorus bridge chorus ending"


def tune(bars: int = 8, length: int = BAR, quarters: int = 4) -> Score:
    track = Track("t1", name="Fiddle", program=40)
    for bar in range(bars):
        pitches = LINE[bar % 8][:quarters] if bar % 8 < 7 else (67,)
        for place, pitch in enumerate(pitches):
            long = length if len(pitches) == 1 else PPQ
            name = f"n{len(track.notes) + 1}"
            track.notes[name] = Note(name, bar * length + place * PPQ, long, pitch, 84, "human")
    return Score("A tune", PPQ, tracks=[track], tempos=[Tempo(0, 600_000)])


@pytest.fixture(scope="module")
def song() -> Arrangement:
    return arrange(tune(), style="rock", form=FORM, seed=3)


def named(song: Arrangement, title: str) -> tuple[int, int]:
    item = song.plan.sections[titles(song.plan).index(title)].section
    return TimeMap(song.score).bar_range(item.first_bar, item.last_bar)


def inside(score: Score, name: str, span: tuple[int, int]) -> list[Note]:
    track = next(track for track in score.tracks if track.name == name)
    return [note for note in track.sorted_notes() if span[0] <= note.start < span[1]]


def test_the_tune_is_told_note_for_note_in_every_verse_and_chorus(song: Arrangement) -> None:
    told = [(note.start, note.duration, note.pitch) for note in tune().tracks[0].sorted_notes()]
    for title in ("Verse 1", "Verse 2", "Chorus 1", "Chorus 2", "Chorus 3"):
        span = named(song, title)
        found = [(note.start - span[0], note.duration, note.pitch) for note in inside(song.score, TUNE, span)]
        assert found == told, title
        assert all(note.author == "human" for note in inside(song.score, TUNE, span))


def test_markers_name_the_sections_and_are_found_again(song: Arrangement) -> None:
    markers = [text.text for text in song.score.texts if text.kind == "marker"]
    assert markers == titles(song.plan) == [
        "Intro", "Verse 1", "Build", "Chorus 1", "Verse 2", "Chorus 2", "Bridge", "Chorus 3", "Ending"
    ]  # fmt: skip
    assert [item.kind for item in sections_of(song.score)] == FORM.split()


def test_the_piece_grows_to_its_last_chorus_and_ends_at_home(song: Arrangement) -> None:
    def amount(title: str) -> float:
        span = named(song, title)
        notes = [note for _, note in song.score.all_notes() if span[0] <= note.start < span[1]]
        return sum(note.velocity for note in notes) / (span[1] - span[0])

    assert amount("Intro") < amount("Verse 1") < amount("Chorus 1") <= amount("Chorus 3")
    assert amount("Ending") < amount("Chorus 3")
    assert amount("Bridge") < amount("Chorus 2")
    last = song.score.chords[-1]
    assert (last.root, last.quality) == (7, "maj")
    assert inside(song.score, TUNE, named(song, "Ending"))[-1].pitch % 12 == 7
    assert (song.score.keys[0].tonic, song.score.keys[0].mode) == (7, "major")


def test_it_slows_down_at_the_end_and_nowhere_else(song: Arrangement) -> None:
    end = named(song, "Ending")
    assert song.score.tempos[0].us_per_quarter == 600_000
    assert all(tempo.tick >= end[0] for tempo in song.score.tempos[1:])
    assert song.score.tempos[-1].us_per_quarter > 1.2 * 600_000
    assert [t.us_per_quarter for t in song.score.tempos] == sorted(t.us_per_quarter for t in song.score.tempos)


def test_there_is_a_silence_before_the_last_chorus(song: Arrangement) -> None:
    start, _ = named(song, "Chorus 3")
    gap = [n for t, n in song.score.all_notes() if start - 2 * PPQ <= n.start < start and t.name != TUNE]
    assert gap == []
    held = [n for t, n in song.score.all_notes() if n.start < start - 2 * PPQ < n.end and t.name != TUNE]
    assert held == []


def test_the_introduction_is_made_from_the_tune_but_not_by_its_instrument(song: Arrangement) -> None:
    assert inside(song.score, TUNE, named(song, "Intro")) == []
    start, end = named(song, "Intro")
    line = inside(song.score, "Second voice", (start, end))
    rhythm = [round((note.start - start) / (PPQ // 2)) for note in line if note.start < start + 2 * BAR - PPQ // 4]
    assert rhythm[:8] == [0, 2, 4, 6, 8, 10, 12, 14], "the rhythm of the tune's first two bars"


def test_the_bridge_is_another_tune_on_other_chords(song: Arrangement) -> None:
    verse, bridge = named(song, "Verse 1"), named(song, "Bridge")
    tune_there = [(note.start - bridge[0]) // 10 * 1000 + note.pitch for note in inside(song.score, TUNE, bridge)]
    tune_first = [(note.start - verse[0]) // 10 * 1000 + note.pitch for note in inside(song.score, TUNE, verse)]
    assert tune_there
    assert len(set(tune_there) & set(tune_first)) < len(set(tune_there)) / 2

    def roots(span: tuple[int, int]) -> list[int]:
        return [
            next(c.root for c in song.score.chords if c.tick <= tick < c.tick + c.duration)
            for tick in range(*span, BAR)
        ]  # fmt: skip

    assert sum(a != b for a, b in zip(roots(bridge), roots(verse), strict=True)) >= 4
    assert roots(bridge)[-1] == 2, "it ends on the dominant of G"


def test_feel_off_is_on_the_grid_and_changes_no_pitch() -> None:
    straight = arrange(tune(), style="rock", form="verse chorus", seed=3, humanise=0).score
    played = arrange(tune(), style="rock", form="verse chorus", seed=3, humanise=100).score
    drums = [next(track for track in score.tracks if track.is_drum).sorted_notes() for score in (straight, played)]
    assert all(note.start % (PPQ // 12) == 0 for note in drums[0])
    assert sum(note.start % (PPQ // 12) != 0 for note in drums[1]) > len(drums[1]) / 2
    assert sorted(note.pitch for note in drums[0]) == sorted(note.pitch for note in drums[1])


def test_one_part_of_one_section_is_made_again_and_all_else_stays_byte_for_byte(song: Arrangement) -> None:
    again = arrange_again(song.score, section="Chorus 2", parts=["Drums"])
    span = named(song, "Chorus 2")
    for track in song.score.tracks:
        twin = again.score.track(track.id)
        before = [note.to_dict() for note in track.sorted_notes() if not span[0] <= note.start < span[1]]
        after = [note.to_dict() for note in twin.sorted_notes() if not span[0] <= note.start < span[1]]
        assert before == after
        if track.name != "Drums":
            assert track.to_dict() == twin.to_dict()
    assert [(n.start, n.pitch) for n in inside(song.score, "Drums", span)] != [
        (n.start, n.pitch) for n in inside(again.score, "Drums", span)
    ]
    for name in ("chords", "texts", "tempos", "keys", "meters"):
        assert getattr(again.score, name) == getattr(song.score, name)


def test_a_section_made_again_keeps_a_told_tune_and_writes_another_bridge(song: Arrangement) -> None:
    verse = arrange_again(song.score, section="verse 1")
    assert inside(verse.score, TUNE, named(song, "Verse 1")) == inside(song.score, TUNE, named(song, "Verse 1"))
    bridge, others = arrange_again(song.score, section="Bridge"), named(song, "Bridge")
    assert [n.pitch for n in inside(bridge.score, TUNE, others)] != [n.pitch for n in inside(song.score, TUNE, others)]
    twice = arrange_again(bridge.score, section="Bridge")
    assert twice.plan.sections[6].take == 2
    assert [n.pitch for n in inside(twice.score, TUNE, others)] != [n.pitch for n in inside(bridge.score, TUNE, others)]


def test_making_again_undoes_exactly(song: Arrangement) -> None:
    again = arrange_again(song.score, section=4)
    score = again.score.copy()
    apply(score, inverse(again.operation))
    assert project_hash(score) == project_hash(song.score)


def test_equal_seeds_give_equal_pieces_and_others_differ(song: Arrangement) -> None:
    same = arrange(tune(), style="rock", form=FORM, seed=3)
    assert project_hash(same.score) == project_hash(song.score)
    assert project_hash(arrange(tune(), style="rock", form=FORM, seed=4).score) != project_hash(song.score)


def test_chords_alone_get_a_tune_over_them() -> None:
    song = arrange(chords="Dm7 G7 Cmaj7 A7", style="swing", bars=32, seed=1)
    assert "written over your chords" in " ".join(song.remarks)
    assert (song.plan.tonic, song.plan.mode) == (0, "major")
    first = song.plan.sections[titles(song.plan).index("Verse")].section
    span = TimeMap(song.score).bar_range(first.first_bar, first.first_bar + 3)
    roots = [chord.root for chord in song.score.chords if span[0] <= chord.tick < span[1]]
    assert roots == [2, 7, 0, 9]
    assert len(inside(song.score, TUNE, span)) >= 8


def test_a_long_tune_keeps_the_order_of_its_own_sections() -> None:
    long = tune(32)
    song = arrange(long, style="rock", seed=1)
    told = [item.tune for item in song.plan.sections if item.melody == "tune"]
    assert sum(size for _, size in told) == 32
    assert [first for first, _ in told] == [1 + sum(size for _, size in told[:k]) for k in range(len(told))]
    notes = [note for note in song.score.tracks[0].sorted_notes() if note.author == "human"]
    assert [note.pitch for note in notes] == [note.pitch for note in long.tracks[0].sorted_notes()]


def test_other_metres_and_pickups_are_kept() -> None:
    waltz = tune(8, 3 * PPQ, 3)
    waltz.meters = [Meter(0, 3, 4)]
    song = arrange(waltz, style="rock", form="intro verse ending", seed=2)
    assert [(meter.numerator, meter.denominator) for meter in song.score.meters] == [(3, 4)]
    late = tune()
    late.tracks[0].notes["p1"] = Note("p1", 0, PPQ, 62, 80)
    shifted = {name: Note(name, note.start + (BAR if name != "p1" else 3 * PPQ), note.duration, note.pitch)
               for name, note in late.tracks[0].notes.items()}  # fmt: skip
    late.tracks[0].notes = shifted
    song = arrange(late, style="rock", form="intro verse chorus", seed=2)
    verse = named(song, "Verse")
    pickup = inside(song.score, TUNE, (verse[0] - PPQ, verse[0]))
    assert [(note.start, note.pitch) for note in pickup] == [(verse[0] - PPQ, 62)]
    assert inside(song.score, TUNE, verse)[0].start == verse[0]


def test_the_plan_travels_in_the_piece(song: Arrangement) -> None:
    assert SongPlan.from_json(song.score.meta[FACT]) == song.plan
    broken = song.score.copy()
    broken.meta = {FACT: "{}"}
    with pytest.raises(BadRequest, match="damaged"):
        arrange_again(broken, section=1)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"style": "wurst"}, "There is no style"),
        ({"form": "intro wurst"}, "There is no section"),
        ({"bars": 3, "seconds": 60}, "not both"),
        ({"chords": "C H"}, "is not a chord"),
        ({"humanise": 200}, "0 to 100"),
    ],
)
def test_what_cannot_be_arranged_is_said(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(BadRequest, match=said):
        arrange(tune(), **wrong)  # type: ignore[arg-type]
    with pytest.raises(BadRequest, match="no tune"):
        arrange(Score())
    with pytest.raises(BadRequest, match="no plan"):
        arrange_again(tune(), section=1)


def test_unknown_sections_and_parts_are_said(song: Arrangement) -> None:
    with pytest.raises(BadRequest, match="no section 'chorus 9'"):
        arrange_again(song.score, section="chorus 9")
    with pytest.raises(BadRequest, match="no part 'kazoo'"):
        arrange_again(song.score, section=1, parts=["Kazoo"])


def test_chords_of_the_lane_are_followed() -> None:
    score = tune()
    score.chords = [Chord(bar * BAR, BAR, (7, 0, 7, 2)[bar % 4]) for bar in range(8)]
    song = arrange(score, style="rock", form="verse", seed=1)
    at = [next(c.root for c in song.score.chords if c.tick <= b * BAR < c.tick + c.duration) for b in range(8)]
    assert at == [7, 0, 7, 2, 7, 0, 7, 2]


def test_the_command_arranges_and_makes_a_section_again(tmp_path, capsys) -> None:  # type: ignore[no-untyped-def]
    source, first, second = tmp_path / "tune.mid", tmp_path / "song.wbz", tmp_path / "again.wbz"
    tune().save(source)
    assert main(["arrange", str(source), "--form", "intro verse chorus ending", "--seed", "2", "-o", str(first)]) == 0
    assert "Intro, Verse, Chorus, Ending; 24 bars" in capsys.readouterr().out
    assert main(["arrange", str(first), "--again", "chorus", "--part", "Bass", "-o", str(second)]) == 0
    one, two = load(first).score, load(second).score
    changed = [track.name for track, twin in zip(one.tracks, two.tracks, strict=True)
               if track.to_dict() != twin.to_dict()]  # fmt: skip
    assert changed == ["Bass"]
    assert main(["arrange", "--chords", "C Am F G", "--bars", "16", "-o", str(tmp_path / "chords.mid")]) == 0
    for wrong in ([], [str(source), "--form", "wurst"], ["--again", "chorus"]):
        assert main(["arrange", *wrong, "-o", str(tmp_path / "x.mid")]) == 1
        assert capsys.readouterr().err.count("\n") == 1
        assert not (tmp_path / "x.mid").exists()


def test_what_comes_back_is_changed_here_and_there_and_no_more(song: Arrangement) -> None:
    """The band of a second chorus plays most bars like the first, and some of them otherwise."""

    def bars(title: str, name: str) -> list[set[tuple[int, int]]]:
        start, end = named(song, title)
        found: list[set[tuple[int, int]]] = [set() for _ in range((end - start) // BAR)]
        for note in inside(song.score, name, (start - PPQ // 8, end - PPQ // 8)):
            place = note.start - start + PPQ // 8
            found[place // BAR].add((place % BAR * 4 // PPQ, note.pitch))
        return found[:-1]  # the last bar is a fill

    own = [track.name for track in song.score.tracks if not track.is_drum]
    band = [name for name in own if name not in (TUNE, "Second voice", "Doubling")]
    pairs = [(bars("Chorus 1", name), bars("Chorus 2", name)) for name in band]
    same = [one == two for first, second in pairs for one, two in zip(first, second, strict=True)]
    assert 0.5 < sum(same) / len(same) < 1


def test_tunes_of_every_length_and_metre_end_in_a_piece_that_fits() -> None:
    """Odd lengths, changing metres, a pickup alone, notes of no length: whatever a person opens."""
    for bars, (upper, lower), pickup in ((1, (4, 4), 0), (14, (4, 4), 0), (21, (6, 8), 0), (26, (5, 4), PPQ)):
        length = 4 * PPQ * upper // lower
        score = tune(bars, length, min(4, upper * 4 // lower))
        score.pickup, score.meters = pickup, [Meter(0, upper, lower)]
        if bars > 20:
            score.meters.append(Meter(pickup + 8 * length, 3, 4))
        score.tracks[0].notes["z"] = Note("z", 0, 0, 60)
        song = arrange(score, style="swing", seed=bars)
        end = TimeMap(song.score).bar(song.plan.sections[-1].section.last_bar).end
        assert all(note.end <= end for _, note in song.score.all_notes())
        for track in song.score.tracks:
            sounding: dict[int, int] = {}
            for note in track.sorted_notes():
                assert sounding.get(note.pitch, 0) <= note.start
                sounding[note.pitch] = note.end
    only = Score("", PPQ, PPQ, tracks=[Track("t1", notes={"n1": Note("n1", 0, PPQ, 60)})])
    with pytest.raises(BadRequest):
        arrange(only)


def test_a_midi_file_of_a_piece_is_enough_to_make_a_section_again(song: Arrangement, tmp_path) -> None:  # type: ignore[no-untyped-def]
    song.score.save(tmp_path / "song.mid")
    score = load(tmp_path / "song.mid").score
    assert FACT not in score.meta
    again = arrange_again(score, section="Chorus 2", parts=["Bass"])
    assert again.plan.style == "rock"
    span = named(song, "Chorus 2")
    for track in score.tracks:
        twin = again.score.track(track.id)
        if track.name != "Bass":
            assert track.to_dict() == twin.to_dict()
        else:
            before, after = track.sorted_notes(), twin.sorted_notes()
            assert [n for n in before if not span[0] <= n.start < span[1]] == [
                n for n in after if not span[0] <= n.start < span[1]
            ]
            assert len(inside(again.score, "Bass", span)) > 20
    told = arrange_again(score, section="Verse 1")
    assert inside(told.score, TUNE, named(song, "Verse 1")) == inside(score, TUNE, named(song, "Verse 1"))
    with pytest.raises(BadRequest, match="There is no style"):
        arrange_again(score, section=1, style="wurst")


def test_a_long_rest_of_the_tune_is_answered_in_every_bar_of_it() -> None:
    score = tune()
    score.tracks[0].notes = {
        name: note for name, note in score.tracks[0].notes.items() if not 2 * BAR <= note.start < 5 * BAR
    }
    song = arrange(score, style="rock", form="verse verse chorus", seed=1)
    start, _ = named(song, "Verse 2")
    line = inside(song.score, "Second voice", (start + 2 * BAR, start + 5 * BAR))
    assert {(note.start - start) // BAR for note in line} == {2, 3, 4}
