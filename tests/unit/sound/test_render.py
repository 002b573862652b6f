"""Rendering and mixing: what is heard, when, how loud and from where."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.sound.scores import RATE, band, decibels, melody, peak_decibels
from workbench.errors import BadRequest, Cancelled
from workbench.score.lanes import Control, Program, Silence, Tempo
from workbench.score.score import Note, Score, Track
from workbench.score.timemap import TimeMap
from workbench.sound.audio import Audio
from workbench.sound.loudness import integrated_lufs, true_peak
from workbench.sound.render import mix, render, render_all, render_stems


def alone(track: Track) -> Audio:
    """A track's stem, measured against a second track that never changes (so the common gain plays no part)."""
    stem, steady = render_stems(Score(tracks=[track, melody(track_id="ref", program=19, pitches=(48,) * 4)]))
    level = np.float32(0.05 / np.sqrt(np.mean(np.square(steady.audio.samples, dtype=np.float64))))
    return Audio(stem.audio.samples * level, stem.audio.rate)


def test_stems_sum_to_the_mix_and_share_start_length_and_rate() -> None:
    stems, total = render_all(band())
    assert [stem.name for stem in stems] == ["Piano", "Bass", "Flute", "Drums"]
    assert {(stem.audio.frames, stem.audio.rate, stem.audio.channels) for stem in stems} == {(total.frames, RATE, 2)}
    exact = np.sum([stem.audio.samples.astype(np.float64) for stem in stems], axis=0)
    assert peak_decibels(exact - total.samples) < -120
    assert peak_decibels(mix(stems).samples.astype(np.float64) - total.samples) < -120
    assert all(decibels(stem.audio.samples) > -60 for stem in stems)


def test_the_mix_has_the_target_loudness_and_head_room() -> None:
    total = render(band())
    peak = 20 * np.log10(true_peak(total.samples))
    assert peak <= -1 + 1e-3
    assert integrated_lufs(total.samples, RATE) == pytest.approx(-16, abs=0.1) or peak == pytest.approx(-1, abs=0.01)


def test_the_same_score_gives_the_same_samples() -> None:
    assert np.array_equal(render(band()).samples, render(band()).samples)


@pytest.mark.parametrize("rate", [44_100, 48_000])
@pytest.mark.parametrize(
    ("program", "is_drum", "key"), [(115, False, 60), (13, False, 72), (0, True, 42), (6, False, 60)]
)
def test_onsets_lie_within_ten_milliseconds_of_the_score(rate: int, program: int, is_drum: bool, key: int) -> None:
    score = Score(tempos=[Tempo(0, 437_123), Tempo(5_000, 611_007), Tempo(9_000, 300_001)])
    track = Track("t1", program=program, is_drum=is_drum, room=0)
    ticks = [1_477 * number for number in range(9)]
    for number, tick in enumerate(ticks):
        track.notes[f"n{number}"] = Note(f"n{number}", tick, 100, key, 100)
    score.tracks.append(track)
    sound = np.abs(render(score, rate=rate).mono())
    times = TimeMap(score)
    for tick in ticks:
        at = round(times.seconds(tick) * rate)
        window = sound[max(0, at - rate // 50) : at + rate // 10]
        before = sound[max(0, at - rate // 50) : at - 5].max(initial=0.0)
        first = int(np.argmax(window > max(0.02 * window.max(), 1.5 * before))) - min(at, rate // 50)
        assert abs(first) <= 0.01 * rate


def test_mute_and_solo() -> None:
    score = band()
    score.tracks[0].mute = True
    silent, bass, *_ = render_stems(score)
    assert not silent.audio.samples.any()
    assert bass.audio.samples.any()
    score.tracks[2].solo = True
    assert [stem.audio.samples.any() for stem in render_stems(score)] == [False, False, True, False]


def test_volume_follows_the_square_of_the_controller() -> None:
    loud, soft = alone(melody(program=19, room=0, volume=127)), alone(melody(program=19, room=0, volume=64))
    assert decibels(soft.samples) - decibels(loud.samples) == pytest.approx(40 * np.log10(64 / 127), abs=0.6)


def test_velocity_is_heard() -> None:
    def level(velocity: int) -> float:
        track = Track("t1", program=19, room=0)
        track.notes["n1"] = Note("n1", 0, 1_920, 60, velocity)
        return decibels(alone(track).samples)

    assert 10 < level(110) - level(50) < 20


@pytest.mark.parametrize(("pan", "share"), [(0, 0.0), (64, 0.5), (127, 1.0), (96, 0.853)])
def test_pan_shares_the_power_between_the_sides(pan: int, share: float) -> None:
    audio = alone(melody(program=13, room=0, pan=pan))
    left, right = np.mean(np.square(audio.samples, dtype=np.float64), axis=0)
    assert right / (left + right) == pytest.approx(share, abs=0.02)


def test_volume_expression_and_pan_change_in_the_middle_of_a_note() -> None:
    track = Track("t1", program=71, room=0)
    track.notes["n1"] = Note("n1", 0, 5_760, 60, 100)
    track.controls = [Control(1_920, 7, 50), Control(3_840, 10, 0), Control(3_840, 11, 64)]
    samples = alone(track).samples
    first, second, third = (samples[int(t * RATE) : int((t + 0.6) * RATE)] for t in (0.3, 1.3, 2.3))
    assert decibels(second) - decibels(first) == pytest.approx(40 * np.log10(50 / 100), abs=0.7)
    assert decibels(third[:, 1]) < -80
    expected = 40 * np.log10(64 / 127) + 20 * np.log10(np.sqrt(2))
    assert decibels(third[:, 0]) - decibels(second[:, 0]) == pytest.approx(expected, abs=0.7)


def test_a_muted_range_is_silent_and_the_rest_is_not() -> None:
    track = Track("t1", program=19, room=0, silences=[Silence(960, 960)])
    track.notes["n1"] = Note("n1", 0, 3_840, 60, 100)
    samples = alone(track).samples
    assert not samples[int(0.51 * RATE) : int(0.99 * RATE)].any()
    assert decibels(samples[: RATE // 2]) > -50
    assert decibels(samples[RATE : RATE * 3 // 2]) > -50


def test_the_pedal_holds_notes_until_it_is_lifted() -> None:
    def tail(controls: list[Control]) -> float:
        track = Track("t1", program=0, room=0, controls=controls)
        track.notes["n1"] = Note("n1", 0, 480, 60, 100)
        return decibels(alone(track).samples[RATE : RATE * 3 // 2])

    held = tail([Control(0, 64, 127), Control(3_840, 64, 0)])
    lifted = tail([Control(0, 64, 127), Control(480, 64, 0)])
    assert held > -45
    assert lifted < held - 15


def test_a_program_change_changes_the_instrument() -> None:
    track = melody(program=0, room=0, pitches=(60, 60, 60, 60))
    plain = alone(track).samples
    track.programs = [Program(1_920, 56)]
    changed = alone(track).samples
    for start, same in ((0.0, True), (1.0, False)):
        a, b = (samples[int(start * RATE) : int((start + 0.4) * RATE), 0] for samples in (plain, changed))
        assert (np.corrcoef(a, b)[0, 1] > 0.999) == same


def test_zero_length_notes_are_heard() -> None:
    track = Track("t1", program=73, room=0)
    track.notes["n1"] = Note("n1", 960, 0, 72, 100)
    samples = alone(track).samples
    assert decibels(samples[RATE // 2 : RATE // 2 + 4_000]) > -55


def test_a_closed_hi_hat_stops_an_open_one() -> None:
    def ringing(closed: bool) -> float:
        track = Track("t1", is_drum=True, room=0)
        track.notes["n1"] = Note("n1", 0, 100, 46, 100)
        if closed:
            track.notes["n2"] = Note("n2", 480, 100, 42, 1)
        return decibels(alone(track).samples[RATE // 2 : RATE])

    assert ringing(True) < ringing(False) - 15


def test_the_room_rings_after_the_notes_and_only_where_it_is_asked_for() -> None:
    def after(room: int) -> float:
        return decibels(alone(melody(program=115, pitches=(60,), room=room)).samples[RATE // 2 : RATE])

    assert after(100) > after(0) + 20


def test_scores_without_sound_give_silence_of_their_length() -> None:
    empty = Score(tracks=[Track("t1")])
    assert not render(empty).samples.any()
    assert not render(Score()).samples.any()
    with pytest.raises(BadRequest):
        mix([])


def test_a_piece_of_four_hours_is_refused_at_once() -> None:
    track = Track("t1")
    track.notes["n1"] = Note("n1", 960 * 2 * 3_600 * 4, 960, 60)
    with pytest.raises(BadRequest, match="240 minutes"):
        render(Score(tracks=[track]))


def test_stop_ends_the_work_and_progress_counts_up() -> None:
    asked: list[int] = []

    def stop() -> bool:
        asked.append(1)
        return len(asked) == 4

    seen: list[float] = []
    with pytest.raises(Cancelled):
        render(band(), progress=seen.append, stop=stop)
    assert len(asked) == 4
    assert len(seen) <= 1
    seen.clear()
    render(band(), progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_a_dense_track_never_loses_notes() -> None:
    """Two hundred keys at once all sound: there is no limit on voices."""
    one, many = Track("t1", program=13, room=0), Track("t1", program=13, room=0)
    one.notes["n1"] = Note("n1", 0, 480, 60, 60)
    for number in range(200):
        many.notes[f"n{number}"] = Note(f"n{number}", 0, 480, 60, 60)
    ratio = np.abs(dry(many)).max() / np.abs(dry(one)).max()
    assert ratio == pytest.approx(200, rel=0.01)


def dry(track: Track) -> np.ndarray:
    """A track's sound before mixer and loudness."""
    from workbench.sound.render import dry_track
    from workbench.sound.sequence import played_notes

    score = Score(tracks=[track])
    return dry_track(played_notes(score, track, TimeMap(score)), track.is_drum, RATE, RATE)[0].left
