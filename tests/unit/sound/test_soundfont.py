"""The shipped soundfonts: every program sounds on every key, and the files are those that the index lists."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from workbench.errors import BadFile
from workbench.sound.instruments import soundfont as sf
from workbench.sound.instruments.voices import build_voice

RATE = 44_100


def level(program: int, is_drum: bool, key: int, velocity: int = 100) -> float:
    """Highest sample of a note of a third of a second."""
    loudest = 0.0
    for zone in sf.zones(program, is_drum, key, velocity):
        voice = build_voice(zone, key, velocity, RATE // 3, RATE)
        pieces = voice.note(RATE // 3, velocity, 0, RATE * 20)
        loudest = max(loudest, 0.0, *(float(np.abs(piece).max(initial=0.0)) for _, piece in pieces))
    return loudest


@pytest.mark.parametrize("program", range(128))
def test_every_program_sounds_low_middle_and_high(program: int) -> None:
    for key in (0, 36, 60, 84, 127):
        assert level(program, False, key) > 1e-4, key
    assert all(sf.zones(program, False, key, velocity) for key in range(128) for velocity in (1, 64, 127))


@pytest.mark.parametrize("kit", [0, 8, 16, 24, 25, 32, 40, 48, 77])
def test_every_drum_sounds_in_every_kit(kit: int) -> None:
    for key in range(27, 88):
        assert level(kit, True, key) > 1e-4, key
    assert level(kit, True, 5) > 1e-4
    assert level(kit, True, 120) > 1e-4


def test_the_index_tells_the_truth() -> None:
    entries = [*sf.index()["programs"], sf.index()["drums"]]
    assert len(entries) == 129
    for entry in entries:
        data = sf.path(entry["file"]).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (entry["bytes"], entry["sha256"])
    assert sum(entry["bytes"] for entry in entries) < 20_000_000
    assert "MIT" in sf.path("LICENSE.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("program", "key"), [(0, 60), (40, 69), (56, 70), (73, 81), (19, 48), (33, 40), (48, 64)])
def test_instruments_are_in_tune(program: int, key: int) -> None:
    zone = sf.zones(program, False, key, 90)[0]
    wave = build_voice(zone, key, 90, RATE, RATE).wave[4_000:36_768].astype(np.float64)
    spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave)), 1 << 18))
    expected = 440 * 2 ** ((key - 69) / 12)
    frequencies = np.fft.rfftfreq(1 << 18, 1 / RATE)
    near = (frequencies > expected * 0.94) & (frequencies < expected * 1.06)
    found = frequencies[near][np.argmax(spectrum[near])]
    assert abs(1_200 * np.log2(found / expected)) < 15


@pytest.mark.parametrize("data", [b"", b"RIFF", b"RIFF\0\0\0\0sfbk" + b"x" * 50, b"not a soundfont" * 10])
def test_damaged_soundfonts_are_refused(data: bytes) -> None:
    with pytest.raises(BadFile):
        sf.SoundFont(data)
