"""The description of a recording: what it may hold, its JSON form, and how a person puts it right."""

from __future__ import annotations

import json
import math
from typing import Any

import mir_eval
import numpy as np
import pytest

from workbench.errors import BadRequest
from workbench.understand.heard import (
    Beats,
    Curve,
    Heard,
    HeardChord,
    HeardKey,
    HeardNote,
    HeardSection,
    HeardTag,
    shift_one,
)
from workbench.understand.labels import chord_label, read_chord, read_key


def grid(count: int = 16, metre: int = 4, first: int = 0, step: float = 0.5) -> Beats:
    beats = tuple(index * step for index in range(count))
    return Beats(beats, beats[first::metre], metre=metre)


def example() -> Heard:
    return Heard(
        8.0, -12.5, grid(), HeardKey(9, "minor", 0.7),
        chords=(HeardChord(0, 2, "A:min7", 0.9), HeardChord(2, 4, "N", 0.4), HeardChord(4, 8, "C:maj/3", 0.8)),
        melody=(HeardNote(1 / 3, 0.9, 69, 90, 0.8, -13.2),),
        notes=(HeardNote(1, 2, 64), HeardNote(0.5, 2, 60), HeardNote(0.5, 1, 57, 30, 0.25)),
        drums=(HeardNote(0, 0.1, 36, 100, 0.9, drum=True),),
        sections=(HeardSection(0, 4, "A", 0.6), HeardSection(4, 8, "B", 0.5)),
        tags={"instruments": (HeardTag("piano", 0.8),)},
        curve=Curve(np.arange(3) / 100, np.array([0.0, 440.0, 441.5]), np.array([0.0, 0.9, 1.0])),
        kind="piano", model="listener", remarks=("It is very quiet.",),
    )  # fmt: skip


def test_it_comes_back_from_json_as_it_was_and_is_the_form_that_is_promised() -> None:
    heard = example()
    data = json.loads(json.dumps(heard.to_json(), allow_nan=False))
    back = Heard.from_json(data)
    assert back.to_json() == heard.to_json()
    assert back.melody[0].start == pytest.approx(1 / 3, abs=1e-6)
    assert (back.chords, back.drums, back.sections, back.tags, back.curve, back.key) == (
        heard.chords, heard.drums, heard.sections, heard.tags, heard.curve, heard.key,
    )  # fmt: skip
    promised = {
        "duration", "tuning_cents", "tempo", "beats", "downbeats", "key", "chords", "melody", "notes", "sections",
        "tags",
    }  # fmt: skip
    assert promised <= data.keys()
    assert data["key"] == "A minor"
    assert data["tempo"] == 120
    assert data["chords"][0] == {"start": 0, "end": 2, "label": "A:min7", "confidence": 0.9}
    assert data["notes"][0] == {"start": 0.5, "end": 1, "pitch": 57, "velocity": 30, "confidence": 0.25}


def test_notes_are_in_order_whatever_order_they_were_given_in() -> None:
    assert [note.pitch for note in example().notes] == [57, 60, 64]


def test_numbers_of_numpy_are_taken_as_numbers() -> None:
    note = HeardNote(np.float32(0.5), np.float64(1), np.int64(60), np.int8(70))  # type: ignore[arg-type]
    assert type(note.start) is float
    assert type(note.pitch) is int


def test_a_minimal_description_has_only_a_length() -> None:
    heard = Heard.from_json({"duration": 3})
    assert heard == Heard(3.0)
    assert heard.tempo == 0
    assert heard.to_json()["key"] is None


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"duration": -1}, "length"),
        ({"duration": math.nan}, "length"),
        ({"duration": "long"}, "length"),
        ({"surprise": 1}, "surprise"),
        ({"key": "H minor"}, "H minor"),
        ({"notes": [{"start": 0, "end": 1, "pitch": 128}]}, "pitch"),
        ({"notes": [{"start": 0, "end": 1, "pitch": 60.5}]}, "pitch"),
        ({"notes": [{"start": 0, "end": 1, "pitch": True}]}, "pitch"),
        ({"notes": [{"start": 0, "end": 1, "pitch": 60, "velocity": 0}]}, "velocity"),
        ({"notes": [{"start": 1, "end": 1, "pitch": 60}]}, "after its start"),
        ({"notes": [{"start": 7, "end": 9, "pitch": 60}]}, "within"),
        ({"notes": [{"start": 0, "end": 1, "pitch": 60, "confidence": 2}]}, "confidence"),
        ({"notes": [{"start": 0, "end": 1, "pitch": 60, "drum": 1}]}, "drum"),
        ({"notes": {"start": 0}}, "list"),
        ({"notes": [7]}, "object"),
        ({"chords": [{"start": 0, "end": 1, "label": "Z:maj"}]}, "Z:maj"),
        ({"chords": [{"start": 0, "end": 2, "label": "C"}, {"start": 1, "end": 3, "label": "C"}]}, "overlap"),
        ({"beats": [1, 1]}, "rise"),
        ({"beats": [1, 2], "downbeats": [1.5]}, "not one of the beats"),
        ({"downbeats": [1.5]}, "together"),
        ({"beats": [1, 9]}, "within"),
        ({"beats": [0, 1], "beat_confidence": [1]}, "one confidence"),
        ({"beats": [0, 1], "metre": 0}, "beats a bar"),
        ({"curve": {"times": [0, 1], "hertz": [1], "confidence": [1, 1]}}, "as many"),
        ({"curve": {"times": [1, 0], "hertz": [1, 1], "confidence": [1, 1]}}, "rising"),
        ({"curve": {"times": ["x"], "hertz": [1], "confidence": [1]}}, "numbers"),
        ({"sections": [{"start": 0, "end": 1, "label": ""}]}, "name"),
        ({"tags": {"mood": [{"label": "sad"}]}}, "tag"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_sentence(change: dict[str, Any], word: str) -> None:
    with pytest.raises(BadRequest, match=word) as caught:
        Heard.from_json({"duration": 8.0, **change})
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


def test_a_list_is_no_description() -> None:
    with pytest.raises(BadRequest, match="object"):
        Heard.from_json([1])


def test_a_correction_changes_what_it_names_and_says_so() -> None:
    heard = example()
    mended = heard.corrected(key="C major", chords=[{"start": 0, "end": 8, "label": "C:maj"}])
    assert mended.key is not None
    assert mended.key.name == "C major"
    assert mended.changed == ("chords", "key")
    assert mended.notes == heard.notes
    assert heard.key is not None
    assert heard.key.name == "A minor"
    assert mended.corrected(beats=shift_one(heard.beats, 1)).changed == ("beats", "chords", "key")
    assert Heard.from_json(mended.to_json()).changed == mended.changed
    with pytest.raises(BadRequest, match="duration"):
        heard.corrected(duration=3)


def test_tapped_beats_replace_those_that_were_heard() -> None:
    mended = example().corrected(beats=[0.1, 0.8, 1.5, 2.2], downbeats=[0.1, 2.2], metre=3)
    assert mended.beats.ones == (0, 3)
    assert mended.tempo == pytest.approx(60 / 0.7)


def test_the_one_is_shifted_and_shifted_back() -> None:
    beats = grid(16, first=1)
    assert shift_one(beats, 1).ones == (2, 6, 10, 14)
    assert shift_one(beats, 3).ones == (0, 4, 8, 12)
    assert shift_one(beats, -2).ones == (3, 7, 11, 15)
    for by in range(-4, 5):
        assert shift_one(shift_one(beats, by), -by) == beats
    assert shift_one(Beats(), 1) == Beats()


def test_half_and_double_time_are_each_other_s_undoing() -> None:
    for metre in (3, 4):
        beats = grid(24, metre)
        half = beats.half_time()
        assert half.tempo == 60
        assert np.diff(half.ones).tolist() == [metre] * (24 // (2 * metre) - 1)
        double = beats.double_time()
        assert double.tempo == 240
        assert set(np.diff(double.ones)) == {metre}
        assert double.beats[::2] == beats.beats
        assert double.half_time().beats == beats.beats
    assert Beats().half_time() == Beats() == Beats().double_time()


def test_half_time_keeps_the_downbeat_where_the_music_has_it() -> None:
    half = grid(16, first=3).half_time()
    assert half.downbeats[0] == 1.5
    assert half.metre == 4


def test_another_metre_counts_from_the_first_downbeat() -> None:
    assert grid(12, first=1).with_metre(3).ones == (1, 4, 7, 10)


@pytest.mark.parametrize("quality", ["maj", "min", "7", "maj7", "min7", "dim", "aug", "sus4", "hdim7", "6", "7sus4"])
def test_chord_labels_come_back_as_they_were(quality: str) -> None:
    for root in range(12):
        assert read_chord(chord_label(root, quality)) == (root, quality, -1)
        assert read_chord(chord_label(root, quality, (root + 7) % 12)) == (root, quality, (root + 7) % 12)


def test_labels_are_read_as_mir_eval_reads_them() -> None:
    for label in ("N", "C", "Bb:min7", "F#:sus4(b7)", "G:7/3", "Cb:maj/b7", "E:aug(b7)", "D:maj6"):
        mir_eval.chord.encode(label)
        found = read_chord(label)
        if found is not None:
            assert found[0] == mir_eval.chord.encode(label)[0]
    assert read_key("Eb major") == (3, "major")
