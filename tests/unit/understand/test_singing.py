"""Somebody sings or hums, and the notes that were meant are there."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import mir_eval
import numpy as np
import pytest

from tests.unit.hub.rogues import hub, spec
from workbench.errors import BadRequest
from workbench.evaluation.sung_places import Place
from workbench.evaluation.sung_sound import RATE, STEP, Syllable, Voice, voiced_sound
from workbench.evaluation.sung_voices import FORMS, HELD_OUT, Form, Take, sing
from workbench.hub.protocol import CancelToken
from workbench.hub.tasks.transcribe.request import TranscribeRequest
from workbench.sound.audio import Audio
from workbench.understand.heard import HeardKey, HeardNote
from workbench.understand.pitchcurve import PERIOD, pitch_curve
from workbench.understand.singing import Sung, hear_singing, notes_of_curve, plain_notes, sung_notes
from workbench.understand.sung_beats import sung_beats

#: onset, beats, pitch; with repeated notes, steps, leaps and rests
TUNE = [
    (0, 1, 60), (1, 1, 60), (2, 1, 67), (3, 1, 67), (4, 1, 69), (5, 1, 69), (6, 1.5, 67),
    (8, 1, 65), (9, 1, 65), (10, 1, 64), (11, 1, 64), (12, 1, 62), (13, 1, 62), (14, 1.5, 60),
]  # fmt: skip
STEADY = Form("alto", "da", (100, 100), (0, 0), (5, 5), 0.0, (0, 0), 0.0, (0.03, 0.05), 0.0, (0, 0), (0, 0), 0.0)


def f1(take: Take, notes: tuple[HeardNote, ...]) -> float:
    found = np.array([(note.start, note.end, note.pitch + note.cents / 100) for note in notes]).reshape(-1, 3)
    if not len(found):
        return 0.0
    truth = take.notes
    return float(
        mir_eval.transcription.precision_recall_f1_overlap(
            truth[:, :2], 440 * 2 ** ((truth[:, 2] - 69) / 12),
            found[:, :2], 440 * 2 ** ((found[:, 2] - 69) / 12), offset_ratio=None,
        )[2]
    )  # fmt: skip


@cache
def heard(name: str, seed: int = 5) -> tuple[Take, Sung, float]:
    """A take of a form, what was heard, and the F1 of the pitch network's own notes."""
    take = sing(TUNE, (FORMS | HELD_OUT)[name], seed)
    curve = pitch_curve(take.audio)
    return take, notes_of_curve(curve, take.audio.seconds), f1(take, plain_notes(curve))


@pytest.mark.parametrize(
    ("name", "least"),
    [("bench 20 dB", 0.85), ("bench 5 dB", 0.75), ("held out: words, baritone, room", 0.8),
     ("held out: hum, baritone", 0.8), ("held out: plain, mezzo, 5 dB", 0.7), ("phone", 0.8)],
)  # fmt: skip
def test_sung_notes_are_found_at_least_as_well_as_the_network_finds_them_by_itself(name: str, least: float) -> None:
    take, found, plain = heard(name)
    assert f1(take, found.notes) >= max(least, plain - 0.04)


def test_wide_vibrato_is_one_note_each() -> None:
    take, found, _ = heard("wide vibrato")
    assert len(found.notes) <= len(take.notes) + 2


def test_a_hum_that_sinks_by_a_semitone_keeps_its_tune() -> None:
    sinking = Form("tenor", "hum", (70, 70), (0, 0), (5, 5), 0.0, (0, 0), 0.0, (0.05, 0.08), 5.0, (0, 0), (-160, -160))
    take = sing(TUNE * 1 + [(start + 16, length, pitch) for start, length, pitch in TUNE], sinking, 3)
    found = hear_singing(take.audio)
    assert found.drift[0] - found.drift[-1] == pytest.approx(1.6 * take.notes[-1, 0] / 30 * 100, abs=25)
    meant = [int(pitch) for pitch in take.notes[:, 3]]
    sung = [note.pitch for note in found.notes]
    at_onsets = [
        next((note.pitch for note in found.notes if abs(note.start - onset) < 0.06), None) for onset in take.notes[:, 0]
    ]
    assert sum(a == b for a, b in zip(at_onsets, meant, strict=True)) >= 0.8 * len(meant)
    assert sung[-1] == meant[-1]  # a semitone and a half lower in concert pitch


def test_the_tuning_is_told_and_a_note_says_what_a_tuner_would_have_shown() -> None:
    take = sing(TUNE, Form(**{**_fields(STEADY), "tuning": (35.0, 35.0)}), 1)
    notes, curve, tuning = sung_notes(take.audio)
    assert tuning == pytest.approx(35, abs=6)
    assert [note.pitch for note in notes] == take.notes[:, 3].astype(int).tolist()
    assert all(note.cents == pytest.approx(35, abs=20) for note in notes)
    voiced = curve.hertz > 0
    assert 0.5 < voiced.mean() < 1
    assert curve.times[1] - curve.times[0] == pytest.approx(PERIOD)


def test_syllables_on_one_pitch_are_notes_of_their_own() -> None:
    same = [(beat, 1.0, 64) for beat in range(8)]
    take = sing(same, Form(**{**_fields(STEADY), "syllables": "na"}), 2)
    assert f1(take, sung_notes(take.audio)[0]) >= 0.85


def test_a_note_beside_the_key_is_moved_onto_it_where_asked() -> None:
    flat = [(start, length, pitch) for start, length, pitch in TUNE]
    flat[9] = (10, 1, 63)  # sung half way to another key, once
    take = sing(flat, STEADY, 4)
    moved = hear_singing(take.audio, tuning="nearest key", key=HeardKey(_shifted(take), "major"))
    scale = {(_shifted(take) + step) % 12 for step in (0, 2, 4, 5, 7, 9, 11)}
    assert {note.pitch % 12 for note in moved.notes} <= scale
    as_sung = hear_singing(take.audio)
    assert {note.pitch % 12 for note in as_sung.notes} - scale
    with pytest.raises(BadRequest, match="tuning must be one of"):
        hear_singing(take.audio, tuning="by ear")


def _shifted(take: Take) -> int:
    return int(take.notes[0, 3]) % 12


def _fields(form: Form) -> dict:
    return {name: getattr(form, name) for name in Form.__slots__}


def test_the_key_and_louder_notes_are_told() -> None:
    take = sing(TUNE, STEADY, 6)
    found = hear_singing(take.audio)
    assert found.key is not None
    assert (found.key.tonic, found.key.mode) == (_shifted(take), "major")
    middle = take.audio.frames // 2
    softer = take.audio.samples.copy()
    softer[middle:] *= 0.2
    notes = hear_singing(Audio(softer, take.audio.rate)).notes
    first = [note.velocity for note in notes if note.end < middle / take.audio.rate]
    last = [note.velocity for note in notes if note.start > middle / take.audio.rate]
    assert np.mean(first) > np.mean(last) + 15


@pytest.mark.parametrize("seconds", [0.0, 0.002, 0.2, 3.0])
def test_silence_and_scraps_give_no_notes_and_no_error(seconds: float) -> None:
    found = hear_singing(Audio(np.zeros((int(44_100 * seconds), 2), np.float32), 44_100))
    assert found.notes == ()
    assert found.key is None
    assert found.speech == 0.0


def test_clipped_sound_at_any_rate_is_heard() -> None:
    take = sing(TUNE, STEADY, 7)
    high = take.audio.resampled(96_000)
    loud = np.clip(np.repeat(high.samples, 6, axis=1) * 6, -1, 1)
    assert f1(take, sung_notes(Audio(loud, 96_000))[0]) >= 0.85


def test_noise_alone_is_hardly_ever_a_note() -> None:
    rng = np.random.default_rng(0)
    noise = Audio((0.1 * rng.normal(0, 1, (16_000 * 6, 1))).astype(np.float32), 16_000)
    assert len(sung_notes(noise)[0]) <= 2


def test_it_can_be_stopped_and_says_how_far_it_is() -> None:
    long = Audio(np.zeros((16_000 * 35, 1), np.float32), 16_000)
    shares: list[float] = []
    pitch_curve(long, progress=shares.append, cancelled=lambda: len(shares) == 2)
    assert shares == pytest.approx([10 / 35, 20 / 35])


def test_the_place_changes_the_sound_but_not_the_truth() -> None:
    near = sing(TUNE, STEADY, 8)
    far = sing(TUNE, Form(**{**_fields(STEADY), "place": Place(room=(0.5, 0.5), snr=(10, 10))}), 8)
    assert np.array_equal(near.notes, far.notes)
    assert not np.array_equal(near.audio.samples, far.audio.samples)


def test_somebody_who_talks_is_told_from_somebody_who_sings() -> None:
    for name in ("held out: words, baritone, room", "wide vibrato", "held out: hum, baritone"):
        assert heard(name)[1].speech < 0.5
    rng = np.random.default_rng(1)
    voice, times = Voice.named("tenor"), np.arange(int(9 / STEP)) * STEP
    # five syllables a second under pitches that fall through every sentence and jump on stressed syllables
    pitch = 54 - 1.5 * (times % 2.2)
    syllables = []
    for start in np.arange(0.3, 8.5, 0.2).tolist():
        pitch += rng.uniform(-0.7, 2.2) * np.exp(-0.5 * ((times - start - 0.1) / 0.08) ** 2)
        syllables.append(Syllable(start, start + 0.19, 54, str(rng.choice(["plosive", "nasal", "fricative", "glide"]))))
    talk = voiced_sound(syllables, pitch, voice, rng).astype(np.float32)
    assert hear_singing(Audio(talk[:, None], RATE)).speech >= 0.6


def test_the_beat_of_a_voice_alone_follows_its_tempo_and_bars() -> None:
    for quarter in (0.5, 0.8):
        starts = np.cumsum([0.3, *(np.array([1, 1, 2, 1, 1, 2, 1, 1, 1, 1, 2, 2]) * quarter)])[:-1]
        notes = [HeardNote(start, start + 0.4, 60 + place % 5) for place, start in enumerate(starts.tolist())]
        found = sung_beats(notes)
        ratio = found.tempo * quarter / 60
        assert min(abs(ratio - factor) for factor in (0.5, 1, 2)) < 0.04
        assert abs(np.array(found.beats) - starts[0]).min() < 0.05
    assert sung_beats(notes[:3]).beats == ()


def test_the_beat_is_found_in_what_was_heard() -> None:
    take, found, _ = heard("held out: words, baritone, room")
    ratio = sung_beats(found.notes).tempo / (60 / float(np.median(np.diff(take.beats))))
    assert min(abs(ratio - factor) / factor for factor in (0.5, 1, 2)) < 0.04


def test_the_model_tells_notes_curve_and_the_beat_of_the_voice() -> None:
    take = sing(TUNE, STEADY, 9)
    here = replace(spec("", model_id="singing", adapter="Singing"), adapter="workbench.understand.model:Singing")
    request = TranscribeRequest(take.audio, "singing")
    *_, result = hub(replace(here, task="transcribe")).run("singing", request, seed=0, cancel=CancelToken.never())
    told = result.alternatives[0].value
    assert len(told["notes"]) == len(TUNE)
    assert told["tempo"] == pytest.approx(100, rel=0.04) or told["tempo"] == pytest.approx(50, rel=0.04)
    assert set(told["downbeats"]) <= set(told["beats"])
    assert told["curve"]
