"""New music under a video: the picture untouched, sound and picture together to the end, music low under talk."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tests.unit.understand.video.clips import clip, pictures, tone
from workbench.deliver.video.blend import blended
from workbench.deliver.video.mux import RATE, with_music
from workbench.errors import BadFile, BadRequest, Cancelled
from workbench.sound.audio import Audio
from workbench.sound.files import read_audio


def clicks(seconds: float) -> Audio:
    """A click every half second, beginning a quarter of a second in."""
    wave = np.zeros((round(seconds * RATE), 2), np.float32)
    for at in np.arange(0.25, seconds, 0.5):
        first = round(at * RATE)
        wave[first : first + 240] = 0.8 * np.hanning(240)[: len(wave[first : first + 240]), None]
    return Audio(wave, RATE)


def packets(path: Path) -> tuple[list[bytes], list[Fraction], int]:
    """The picture's packets as bytes, their presentation times in seconds from the first, and the rotation shown."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        found = [(bytes(one), one.pts * stream.time_base) for one in container.demux(stream) if one.pts is not None]
    with av.open(str(path)) as container:
        rotation = next(container.decode(video=0)).rotation
    first = min(time for _, time in found)
    return [data for data, _ in found], [time - first for _, time in found], rotation


FORMS: list[dict[str, Any]] = [
    {"name": "x.mp4", "codec": "libx264"},
    {"name": "x.mp4", "codec": "libx265", "rotation": 90, "uneven": True},
    {"name": "x.mov", "codec": "libx265", "rotation": 270, "start": 0.7},
    {"name": "x.webm", "codec": "libvpx-vp9", "uneven": True},
    {"name": "x.webm", "codec": "libvpx"},
    {"name": "x.mkv", "codec": "libx264", "start": 1.5, "uneven": True},
]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form['name']}-{form['codec']}")
@pytest.mark.parametrize("sound", [False, True])
def test_the_picture_is_copied_and_the_music_fits_it(tmp_path: Path, form: dict[str, Any], sound: bool) -> None:
    form = dict(form)
    own = {"sound": 0 * tone(3.2), "sound_start": form.get("start", 0.0)} if sound else {}
    path = clip(tmp_path / form.pop("name"), shots=3, **form, **own)
    out = with_music(path, clicks(3.0), tmp_path / "out")
    before, due, rotation = packets(path)
    after, found, turned = packets(out)
    assert after == before, "the coded pictures are the same bytes"
    assert turned == rotation == (-form.get("rotation", 0) + 180) % 360 - 180
    assert [float(time) for time in found] == pytest.approx([float(time) for time in due], abs=1.1e-3)
    with av.open(str(out)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        starts = [float((one.start_time or 0) * one.time_base) for one in (video, audio)]
        assert container.duration / 1e6 == pytest.approx(3.0, abs=0.05)
    assert starts == pytest.approx([0, 0], abs=0.025)
    heard = read_audio(out, rate=RATE).mono()
    assert len(heard) / RATE == pytest.approx(3.0, abs=0.05)
    for at in np.arange(0.25, 3.0, 0.5):
        near = np.abs(heard[max(0, round((at - 0.1) * RATE)) : round((at + 0.1) * RATE)])
        assert near.max() > 0.2
        peak = round((at - 0.1) * RATE) + int(near.argmax())
        assert (peak - 120) / RATE + starts[1] == pytest.approx(at, abs=0.02), "no drift, to the end"


def test_a_codec_decides_the_container_and_a_name_that_it_does_not_fit_costs_a_new_coding(tmp_path: Path) -> None:
    vp8 = clip(tmp_path / "a.webm", codec="libvpx", uneven=True)
    assert with_music(vp8, clicks(2.0), tmp_path / "vp8").suffix == ".webm"
    out = with_music(vp8, clicks(2.0), tmp_path / "vp8.mp4")
    with av.open(str(out)) as container:
        assert container.streams.video[0].codec_context.name == "h264"
        assert container.duration / 1e6 == pytest.approx(2.0, abs=0.05)
    _, due, _ = packets(vp8)
    _, found, _ = packets(out)
    assert sorted(map(float, found)) == pytest.approx(sorted(map(float, due)), abs=1.1e-3)
    hevc = clip(tmp_path / "b.mkv", codec="libx265")
    out = with_music(hevc, clicks(2.0), tmp_path / "hevc.mp4")
    with av.open(str(out)) as container:
        assert container.streams.video[0].codec_context.name == "hevc"
        assert container.streams.video[0].codec_context.codec_tag == "hvc1"
        assert container.streams.audio[0].codec_context.name == "aac"


@pytest.mark.parametrize(("original", "level"), [("keep", 0.3), ("duck", 0.3 * 10 ** (-12 / 20)), ("drop", 0.0)])
def test_the_own_sound_is_kept_ducked_or_dropped(tmp_path: Path, original: str, level: float) -> None:
    path = clip(tmp_path / "x.mp4", sound=tone(2.0))
    out = with_music(path, Audio(np.zeros((RATE, 2), np.float32), RATE), tmp_path / "out.mp4", original=original)
    heard = read_audio(out).mono()[RATE // 2 : 3 * RATE // 2]
    assert np.sqrt(2) * float(np.sqrt(np.mean(heard**2))) == pytest.approx(level, abs=0.015)


def test_own_sound_that_begins_later_than_the_picture_stays_where_it_was(tmp_path: Path) -> None:
    path = clip(tmp_path / "x.mkv", start=1.0, sound=tone(1.0), sound_start=1.5)
    out = with_music(path, Audio(np.zeros((RATE, 2), np.float32), RATE), tmp_path / "out.mp4", original="keep")
    heard = np.abs(read_audio(out, rate=RATE).mono())
    assert np.argmax(heard > 0.1) / RATE == pytest.approx(0.5, abs=0.02)


def test_music_lies_twelve_decibels_below_talk_and_comes_back_after_it() -> None:
    rng = np.random.default_rng(0)
    music = rng.normal(0, 0.2, (8 * RATE, 2)).astype(np.float32)
    own = np.zeros_like(music)
    own[3 * RATE : 5 * RATE] = rng.normal(0, 0.08, (2 * RATE, 2))
    alone = blended(music, np.zeros_like(music), RATE)
    mixed = blended(music, own, RATE, speech=[(3.0, 5.0)])
    under = mixed - own

    def level(samples: Any, start: float, end: float) -> float:
        return 20 * float(np.log10(np.sqrt(np.mean(samples[round(start * RATE) : round(end * RATE)] ** 2))))

    assert level(own, 3, 5) - level(under, 3, 5) >= 12
    assert level(under, 0.5, 2.5) == pytest.approx(level(alone, 0.5, 2.5), abs=0.5)
    assert level(under, 6.0, 8.0) == pytest.approx(level(alone, 6.0, 8.0), abs=0.5)
    steps = [level(under, at, at + 0.05) for at in np.arange(2.0, 7.0, 0.05)]
    assert max(np.abs(np.diff(steps))) < 9, "it sinks and rises, and does not jump"


def test_loud_sound_under_loud_music_is_not_clipped(tmp_path: Path) -> None:
    path = clip(tmp_path / "x.mp4", sound=tone(2.0, level=0.9))
    out = with_music(path, Audio(tone(2.0, hertz=450, level=0.95), RATE), tmp_path / "out.mp4", original="keep")
    assert np.abs(read_audio(out).samples).max() < 1.05
    same = blended(tone(1.0, level=0.95), tone(1.0, level=0.9), RATE, duck=False)
    assert np.abs(same).max() <= 1.0


def test_what_cannot_be_done_is_one_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    path = clip(tmp_path / "x.mp4", frames=pictures(1)[:10])
    (tmp_path / "no.mp4").write_bytes(b"no video at all" * 99)
    with pytest.raises(BadFile, match=r"no\.mp4"):
        with_music(tmp_path / "no.mp4", clicks(1.0), tmp_path / "out.mp4")
    with pytest.raises(BadRequest, match="keep"):
        with_music(path, clicks(1.0), tmp_path / "out.mp4", original="louder")
    with pytest.raises(Cancelled):
        with_music(path, clicks(1.0), tmp_path / "out.mp4", cancelled=lambda: True)
    assert {one.name for one in tmp_path.iterdir()} == {"x.mp4", "no.mp4"}


def test_a_trimmed_video_stays_trimmed(tmp_path: Path) -> None:
    """Phones cut a video without coding it anew: an edit list (ISO/IEC 14496-12, 8.6.6) hides its first pictures."""
    path = clip(tmp_path / "x.mp4", shots=3)
    data = bytearray(path.read_bytes())
    at = data.find(b"elst") + 4
    version, count, length, begin, _ = struct.unpack_from(">IIIiI", data, at)
    with av.open(str(path)) as container:
        hidden = round(Fraction(2, 5) / container.streams.video[0].time_base)
    struct.pack_into(">IIIi", data, at, version, count, length - 400, begin + hidden)
    path.write_bytes(bytes(data))
    out = with_music(path, clicks(2.6), tmp_path / "out.mp4")
    for each in (path, out):
        with av.open(str(each)) as container:
            times = [frame.time for frame in container.decode(video=0)]
        assert (len(times), times[0]) == (65, pytest.approx(0, abs=1e-3)), each.name
    with av.open(str(out)) as container:
        assert container.duration / 1e6 == pytest.approx(2.6, abs=0.05)
