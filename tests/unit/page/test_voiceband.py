"""A band for a voice on the page: it sounds with the voice in it, comes with its piece, and leaves whole."""

from __future__ import annotations

import secrets
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.unit.page.ears import SPEC
from tests.unit.page.test_listen import Listener, tone
from workbench.hub.hub import Hub
from workbench.hub.registry import Registry
from workbench.page.session import Pages
from workbench.score.recorded import sounds_of
from workbench.score.score import Score
from workbench.sound.files import read_audio


class Singer(Listener):
    """A page with every model that ships, and one that hears the same tune in whatever is sung."""

    def __init__(self, folder: Path) -> None:
        shipped = Registry.load(plugins=False, user=False)
        hub = Hub(Registry([SPEC, *(spec for spec in shipped if spec.task != "transcribe")]))
        self.pages, self.session, self.folder = Pages(lambda: hub, hub.rules), secrets.token_hex(16), folder


@pytest.fixture
def sung(tmp_path: Path) -> tuple[Singer, dict[str, Any]]:
    page = Singer(tmp_path)
    media = page.bring(tone(60, 4.0))
    heard = page.job("listen", media=media, kind="singing")[-1]
    return page, {"media": media, "hearing": heard["hearing"], "style": "rock"}


def test_the_band_comes_with_the_voice_in_it(sung: tuple[Singer, dict[str, Any]]) -> None:
    page, wanted = sung
    made = page.job("voiceband", **wanted)[-1]
    assert made["type"] == "voiceband.result", made
    score = Score.from_dict(made["score"])
    assert {track.name for track in score.tracks} > {"Voice", "Drums", "Bass"}
    mix = read_audio(page.pages.page({"session": page.session}).media.get(made["item"]["id"]).path)
    assert mix.seconds >= 4.0
    bins = np.abs(np.fft.rfft(mix.mono()[: 4 * mix.rate]))
    voice = round(440 * 2 ** ((60 - 69) / 12) * 4)
    assert bins[voice - 1 : voice + 2].max() > 5 * np.median(bins[voice - 60 : voice + 60]), "the voice is heard"
    assert made["run"] in page.pages.page({"session": page.session}).log.runs
    [(own, sound)] = sounds_of(score).items()
    assert (score.track(own).name, sound.start, sound.seconds) == ("Voice", 0.0, 4.0), "kept, it sounds as it was sung"
    shelf = page.pages.page({"session": page.session}).media
    assert [item.kind for item in shelf.items() if item.sha256 == sound.sha256] == ["sound"]


def test_everything_of_a_band_that_was_said_in_words_leaves_as_a_zip(sung: tuple[Singer, dict[str, Any]]) -> None:
    page, wanted = sung
    words = "soft bossa without drums, wobbly"
    read = page.call("voiceband.words", words=words)
    assert (read["title"], read["not_understood"]) == ("Bossa nova", ["wobbly"])
    assert "Drums" not in read["parts"]
    made = page.job("voiceband", **wanted, words=words, pack=True)[-1]
    assert {track["name"] for track in made["score"]["tracks"]} == {"Voice", *read["parts"]}
    with zipfile.ZipFile(made["path"]) as archive:
        names = {Path(name).name for name in archive.namelist()}
    assert {"mix.wav", "score.mid", "manifest.json", "01-voice.wav"} <= names


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"style": "polka from the moon"}, "no style"), ({"style": 7}, "few words"),
        ({"hearing": "0" * 32}, "no longer known"),
        ({"timing": "loose"}, "followed or tightened"), ({"seed": -1}, "0 or more"), ({"choir": "yes"}, "few words"),
    ],
)  # fmt: skip
def test_nonsense_gets_one_sentence(sung: tuple[Singer, dict[str, Any]], wrong: dict[str, Any], sentence: str) -> None:
    page, wanted = sung
    last = page.job("voiceband", **{**wanted, **wrong})[-1]
    assert last["type"].endswith("error") or last["type"] == "error", last
    assert sentence in str(last)


def test_a_style_is_heard_under_the_first_bars_that_are_sung_before_it_is_chosen(
    sung: tuple[Singer, dict[str, Any]],
) -> None:
    page, wanted = sung
    shelf = page.pages.page({"session": page.session}).media
    before = len(shelf.items())
    sounds = {}
    for style in ("rock", "waltz"):
        made = page.job("voiceband", **{**wanted, "style": style}, taste=True)[-1]
        assert made["type"] == "voiceband.result", made
        names = {track["name"] for track in made["score"]["tracks"] if track["notes"]}
        assert "Voice" in names
        assert len(names) > 2
        sounds[style] = read_audio(made["path"])
        assert 1.0 < sounds[style].seconds < 12.0
        assert 0.05 < np.abs(sounds[style].samples).max() <= 1.0
    assert sounds["rock"].seconds != sounds["waltz"].seconds or not np.allclose(
        sounds["rock"].samples, sounds["waltz"].samples, atol=1e-3
    )
    assert len(shelf.items()) == before, "trying styles fills no shelf"
