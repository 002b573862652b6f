"""The writer: the tune is kept, the video is met, alternatives differ, and it can be stopped."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.unit.create.prompt.mixtures import prompts, recording, tune, video
from workbench.create.prompt.brief import Brief
from workbench.create.prompt.compose import compose
from workbench.create.prompt.plan import make_brief
from workbench.create.prompt.prompts import Prompt, Prompts
from workbench.create.prompt.write import Composed, write, write_again
from workbench.errors import BadRequest, Cancelled
from workbench.hub.protocol import CancelScope
from workbench.score.score import Score
from workbench.score.timemap import TimeMap


def composed(mixture: Prompts, brief: Brief | None = None, **options: int) -> Composed:
    brief = brief or make_brief(mixture)
    made = [step.composed for step in write(brief, mixture, **options)][-1]
    assert made is not None
    return made


def told(made: Composed) -> list[tuple[float, float, int]]:
    """The told notes of the tune: onset and length in quarters from bar 1, pitch."""
    score = made.score
    track = next(track for track in score.tracks if track.name == "Tune")
    notes = [note for note in track.sorted_notes() if not note.author.startswith("model:")]
    return [((note.start - score.pickup) / score.ppq, note.duration / score.ppq, note.pitch) for note in notes]


def given(score: Score) -> list[tuple[float, float, int]]:
    return [(note.start / 960, note.duration / 960, note.pitch) for note in score.tracks[0].sorted_notes()]


@pytest.mark.parametrize(("metre", "seconds"), [((4, 4), None), ((3, 4), None), ((4, 4), 61.0), ((3, 4), 47.3)])
def test_a_faithful_tune_is_told_note_by_note_every_time(metre: tuple[int, int], seconds: float | None) -> None:
    asked = tune(metre=metre)
    mixture = Prompts((Prompt("notes", asked), Prompt("recording", recording(tempo=104))), seconds)
    made = composed(mixture, count=1)
    first = [part for part in made.brief.sections if part.tune[1] and part.tune[0] == 1]
    assert len(first) >= 2
    got = told(made)
    for part in first:
        at = (part.first_bar - 1) * metre[0]
        own = [(round(start - at, 6), length, pitch) for start, length, pitch in got if at <= start < at + 8 * metre[0]]
        assert own == given(asked)


def test_a_faithful_tune_survives_cuts_that_bend_the_tempo() -> None:
    asked = tune(bars=4, tempo=500_000)
    seen = video(20.0, cuts=(2.3, 4.9, 7.2, 9.9, 13.1, 16.4))
    made = composed(Prompts((Prompt("notes", asked), Prompt("video", seen))), count=1)
    assert len({tempo.us_per_quarter for tempo in made.score.tempos}) > 2
    at = next((part.first_bar - 1) * 4 for part in made.brief.sections if part.tune[0] == 1)
    own = [(start - at, length, pitch) for start, length, pitch in told(made) if at <= start < at + 16]
    assert own == given(asked)


def test_a_varied_tune_keeps_its_contour() -> None:
    asked = tune()
    made = composed(Prompts((Prompt("notes", asked),), faithful=False), count=1)
    at = next((part.first_bar - 1) * 4 for part in made.brief.sections if part.tune[0] == 1)
    grid = np.arange(0, 32, 0.125)

    def line(notes: list[tuple[float, float, int]], by: float) -> list[int]:
        return [next((pitch % 12 for start, length, pitch in notes if start <= time + by < start + length), -1)
                for time in grid]  # fmt: skip

    before, after = line(given(asked), 0), line(told(made), at)
    same = np.mean([one == other for one, other in zip(before, after, strict=True)])
    assert 0.8 <= same < 1.0


def test_cuts_are_heard_and_the_piece_ends_with_the_video() -> None:
    seen = video(18.0, cuts=(2.31, 5.02, 5.6, 9.9, 12.25, 15.5))
    made = composed(Prompts((Prompt("video", seen),)), count=1)
    times = TimeMap(made.score)
    beats = [times.seconds(tick) for tick in range(0, times.tick(18.1), made.score.ppq)]
    strong = [times.seconds(note.start) for track in made.score.tracks for note in track.notes.values()
              if note.velocity >= 70]  # fmt: skip
    near = [min(abs(time - cut) for time in (*beats, *strong)) for cut in seen.cuts]
    assert np.mean(np.array(near) < 0.07) >= 0.9
    ends = max(note.end for track in made.score.tracks for note in track.notes.values())
    assert times.seconds(ends) == pytest.approx(18.0, abs=0.01)
    tempos = [60e6 / tempo.us_per_quarter for tempo in made.score.tempos]
    assert max(abs(tempo / made.brief.tempo - 1) for tempo in tempos) <= 0.0801


def test_more_motion_is_louder_and_fuller() -> None:
    made = composed(prompts("video"), count=1)
    times = TimeMap(made.score)
    notes = [(times.seconds(note.start), note.velocity) for track in made.score.tracks for note in track.notes.values()]
    calm = [velocity for time, velocity in notes if time < 5]
    busy = [velocity for time, velocity in notes if time > 7]
    assert np.mean(busy) > 1.15 * np.mean(calm)
    assert len(busy) > 1.5 * len(calm)
    swell = [event.value for event in made.score.tracks[0].controls if event.number == 11]
    assert swell[0] < 100
    assert swell[-1] == 0


def test_alternatives_differ_and_a_section_can_be_written_again() -> None:
    made = composed(Prompts((Prompt("notes", tune()), Prompt("recording", recording()))))
    one, other = made.alternatives
    names = [item.part for item in made.brief.instruments if item.part != "Tune"]
    for name in names:
        pair = [{(note.start // 240, note.pitch) for track in score.tracks if track.name == name
                 for note in track.notes.values()} for score in (one, other)]  # fmt: skip
        assert not pair[0] or pair[0] != pair[1]
    again = write_again(one, made.brief, section=2)
    start, end = TimeMap(one).bar_range(made.brief.sections[1].first_bar, made.brief.sections[1].last_bar)
    for before, after in zip(one.tracks, again.score.tracks, strict=True):
        outside = [{name: note for name, note in track.notes.items() if not start <= note.start < end}
                   for track in (before, after)]  # fmt: skip
        assert outside[0] == outside[1]
    assert again.score.to_dict() != one.to_dict()
    assert again.attempts
    bass = write_again(one, made.brief, section=2, parts=names[:1])
    changed = {a.name for a, b in zip(one.tracks, bass.score.tracks, strict=True) if a.notes != b.notes}
    assert changed == set(names[:1])


def test_an_edited_brief_is_what_is_written() -> None:
    mixture = prompts("notes")
    brief = make_brief(mixture)
    chords = tuple((bar, 1.0, "Am" if bar % 2 else "Dm") for bar in range(1, brief.bars + 1))
    made = composed(mixture, brief.corrected(chords=chords, instruments=[{"part": "Bass", "program": 43}]), count=1)
    assert {track.name for track in made.score.tracks} <= {"Tune", "Second voice", "Doubling", "Bass"}
    assert {chord.root for chord in made.score.chords} == {9, 2}
    bass = next(track for track in made.score.tracks if track.name == "Bass")
    assert bass.program == 43
    with pytest.raises(BadRequest):
        composed(Prompts(), brief)


def test_the_first_section_comes_first_and_stop_is_heard() -> None:
    scope = CancelScope()
    steps = write(make_brief(prompts("notes")), prompts("notes"), cancel=scope.start())
    first = next(steps)
    assert (first.alternative, first.section) == (0, 0)
    assert first.score.note_count > 0
    scope.cancel()
    with pytest.raises(Cancelled):
        list(steps)


def test_compose_takes_what_there_is_and_says_what_cannot_be_read() -> None:
    made = compose(score=tune(), style="no-such-song.mp3", seconds=20, count=1)
    assert made.brief.seconds == 20
    assert any("no-such-song.mp3" in sentence for sentence in made.remarks)
    both = compose(melody=tune(bars=4), notes=tune(metre=(3, 4)), count=1)
    assert [item.slot for item in both.prompts.items] == ["voice", "notes"]
    with pytest.raises(BadRequest):
        compose(notes="no-such-file.mid")


def test_the_same_seed_gives_the_same_piece() -> None:
    one, other = (composed(prompts("words", "voice")).score.to_dict() for _ in range(2))
    assert one == other
    changed = composed(prompts("words", "voice"), replace(make_brief(prompts("words", "voice")), seed=5))
    assert changed.score.to_dict() != one


def test_a_part_that_another_instrument_plays_is_called_by_it_and_can_be_written_again() -> None:
    mixture = prompts("notes")
    brief = make_brief(mixture)
    part = next(item for item in brief.instruments if item.part not in ("Tune", "Bass") and not item.drums)
    changed = [{"part": item.part, "program": 40 if item is part else item.program, "drums": item.drums}
               for item in brief.instruments]  # fmt: skip
    made = composed(mixture, brief.corrected(instruments=changed), count=1)
    names = [track.name for track in made.score.tracks]
    assert "Violin" in names
    assert part.part not in names
    assert len(set(names)) == len(names)
    before = next(track for track in made.score.tracks if track.name == "Violin")
    again = write_again(made.score, made.brief, parts=["Violin"])
    for old, new in zip(made.score.tracks, again.score.tracks, strict=True):
        assert (old.name, old.program) == (new.name, new.program)
        assert (old.notes == new.notes) == (old.id != before.id)


def test_of_chords_it_is_said_that_they_are_the_persons_only_where_they_are() -> None:
    bare = composed(prompts("words", "video"), count=1)
    assert not any("your chords" in sentence for sentence in bare.remarks)
    lent = Prompts((Prompt("recording", recording(), roles=("chords",)),), 12.0)
    assert any("your chords" in sentence for sentence in composed(lent, count=1).remarks)
