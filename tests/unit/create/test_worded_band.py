"""A band for a voice in plain words: who plays, what cannot be followed, what was not understood."""

from __future__ import annotations

import pytest

from workbench.create.voiced.worded import band_in_words
from workbench.errors import BadRequest


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("jazz", "swing"), ("soft bossa without drums", "bossa"), ("ein ruhiger Walzer", "waltz"),
        ("traurig, mit Streichern", "string-quartet"), ("piano and double bass", "pop-ballad"),
    ],
)  # fmt: skip
def test_words_name_a_style_by_itself_by_its_instruments_or_by_a_mood(text: str, style: str) -> None:
    band = band_in_words(text)
    assert (band.style, band.not_understood) == (style, ())


def test_who_must_not_play_is_left_out_and_only_who_is_named_plays() -> None:
    assert "Drums" not in band_in_words("soft bossa without drums").parts
    assert band_in_words("soft bossa without drums").controls["loudness"] < 50
    assert band_in_words("only piano").parts == ("Piano",)
    assert band_in_words("rock").parts == (), "all of them"


def test_what_the_voice_decides_and_what_was_not_understood_is_said() -> None:
    band = band_in_words("fast rock in C minor with a trumpet and wobbly things")
    assert band.not_understood == ("wobbly",)
    assert band.missing == (56,), "rock has no trumpet"
    assert set(band.sung) == {"tempo", "key"}


@pytest.mark.parametrize("text", ["", "blorp fizz", "in C minor, 90 bpm"])
def test_words_that_name_no_band_get_one_sentence(text: str) -> None:
    with pytest.raises(BadRequest, match="Name a style"):
        band_in_words(text)
