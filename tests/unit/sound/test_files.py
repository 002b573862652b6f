"""Sound files: every kind written and read back, notes inside, bad input refused in one sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.unit.sound.scores import decibels, peak_decibels
from workbench.errors import BadFile, BadRequest, Unavailable
from workbench.sound.audio import Audio
from workbench.sound.files import read_audio, read_note, write_audio

NOTE = "Piano: 12 of 40 notes by the model markov – geprüft"


def chord(seconds: float = 1.5, rate: int = 44_100, channels: int = 2) -> Audio:
    """Two sines a channel, softly faded in and out."""
    t = np.arange(int(seconds * rate)) / rate
    envelope = np.minimum(1, np.minimum(t, t[::-1]) * 20)
    sides = [
        0.3 * np.sin(2 * np.pi * 330 * (side + 1) * t) + 0.2 * np.sin(2 * np.pi * 880 * t) for side in range(channels)
    ]
    return Audio((np.stack(sides, axis=1) * envelope[:, None]).astype(np.float32), rate)


@pytest.mark.parametrize(
    ("name", "subtype", "error"),
    [
        ("a.wav", "float", -200), ("a.wav", "pcm24", -130), ("a.wav", "pcm16", -80),
        ("a.flac", "pcm24", -130), ("a.flac", "float", -130),
    ],
)  # fmt: skip
@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_lossless_kinds_come_back_as_they_were(
    tmp_path: Path, name: str, subtype: str, error: float, rate: int
) -> None:
    audio = chord(rate=rate)
    write_audio(audio, tmp_path / name, subtype=subtype, note=NOTE)
    back = read_audio(tmp_path / name)
    assert (back.rate, back.samples.shape) == (rate, audio.samples.shape)
    assert peak_decibels(back.samples.astype(np.float64) - audio.samples) < error
    assert read_note(tmp_path / name) == NOTE


@pytest.mark.parametrize("name", ["a.mp3", "a.m4a"])
@pytest.mark.parametrize("channels", [1, 2])
def test_lossy_kinds_keep_length_level_and_note(tmp_path: Path, name: str, channels: int) -> None:
    audio = chord(channels=channels)
    write_audio(audio, tmp_path / name, note=NOTE)
    back = read_audio((tmp_path / name).read_bytes())
    assert back.samples.shape == audio.samples.shape
    assert decibels(back.samples) == pytest.approx(decibels(audio.samples), abs=0.5)
    assert decibels(back.samples - audio.samples) < decibels(audio.samples) - 20
    assert read_note(tmp_path / name) == NOTE


def test_full_scale_survives_24_bits_without_wrapping(tmp_path: Path) -> None:
    square = np.where(np.arange(2_000) % 100 < 50, 1.0, -1.0).astype(np.float32)[:, None]
    for name in ("a.wav", "a.flac"):
        write_audio(Audio(square, 44_100), tmp_path / name, subtype="pcm24")
        assert np.abs(read_audio(tmp_path / name).samples - square).max() < 1e-6


def test_what_would_clip_is_refused_but_float_keeps_it(tmp_path: Path) -> None:
    loud = Audio(np.full((100, 1), 1.5, np.float32), 44_100)
    for name, subtype in (("a.flac", "pcm24"), ("a.wav", "pcm24"), ("a.mp3", "float"), ("a.m4a", "float")):
        with pytest.raises(BadRequest, match="clipped"):
            write_audio(loud, tmp_path / name, subtype=subtype)
    write_audio(loud, tmp_path / "a.wav")
    assert read_audio(tmp_path / "a.wav").samples.max() == 1.5
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


def test_resampling_keeps_pitch_and_length(tmp_path: Path) -> None:
    write_audio(chord(rate=48_000), tmp_path / "a.wav")
    audio = read_audio(tmp_path / "a.wav", rate=16_000)
    assert audio.rate == 16_000
    assert audio.seconds == pytest.approx(1.5, abs=0.001)
    spectrum = np.abs(np.fft.rfft(audio.samples[:, 0]))
    assert np.argmax(spectrum) * 16_000 / audio.frames == pytest.approx(330, abs=2)


def test_the_sound_of_a_video_and_of_an_ogg_file(tmp_path: Path) -> None:
    """A clip with picture and sound, made here: the sound is read, a clip without sound is refused."""
    import av

    def clip(path: Path, with_sound: bool, container_format: str, codec: str) -> None:
        with av.open(str(path), "w", format=container_format) as container:
            video = container.add_stream("mpeg4", rate=10) if container_format == "mp4" else None
            if video is not None:
                video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
            sound = container.add_stream(codec, rate=48_000, layout="stereo") if with_sound else None
            if video is not None:
                for _ in range(10):
                    picture = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
                    container.mux(video.encode(picture))
                container.mux(video.encode(None))
            if sound is not None:
                samples = np.ascontiguousarray(chord(1.0, 48_000).samples.T)
                for start in range(0, samples.shape[1], 1_024):
                    frame = av.AudioFrame.from_ndarray(
                        np.ascontiguousarray(samples[:, start : start + 1_024]), "fltp", "stereo"
                    )
                    frame.sample_rate, frame.pts = 48_000, start
                    for packet in sound.encode(frame):
                        container.mux(packet)
                container.mux(sound.encode(None))

    clip(tmp_path / "film.mp4", True, "mp4", "aac")
    clip(tmp_path / "sound.ogg", True, "ogg", "libopus")
    clip(tmp_path / "mute.mp4", False, "mp4", "aac")
    for name in ("film.mp4", "sound.ogg"):
        audio = read_audio(tmp_path / name)
        assert audio.rate == 48_000
        assert audio.seconds == pytest.approx(1.0, abs=0.05)
        assert decibels(audio.samples) == pytest.approx(decibels(chord(1.0).samples), abs=1)
    with pytest.raises(BadFile, match=r"no sound in 'mute\.mp4'"):
        read_audio(tmp_path / "mute.mp4")


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", b"RIFF\xff\xff\xff\xffWAVEfmt ", b"ID3" + b"\0" * 500, b"OggS" + b"\x07" * 300, b"\0" * 4_000],
)
def test_what_is_not_sound_is_refused_in_one_sentence(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "Übung 1.wav").write_bytes(data)
    for source in (data, tmp_path / "Übung 1.wav"):
        with pytest.raises(BadFile) as caught:
            read_audio(source)
        assert str(caught.value).endswith(".")
        assert str(tmp_path) not in str(caught.value)


def test_limits_and_missing_files(tmp_path: Path) -> None:
    write_audio(chord(), tmp_path / "a.wav")
    with pytest.raises(BadFile, match="longer than 1 seconds"):
        read_audio(tmp_path / "a.wav", max_seconds=1)
    with pytest.raises(BadFile, match="no file"):
        read_audio(tmp_path / "b.wav")


def test_a_truncated_file_gives_what_it_holds_or_a_sentence(tmp_path: Path) -> None:
    for name in ("a.wav", "a.flac", "a.mp3", "a.m4a"):
        write_audio(chord(), tmp_path / name, subtype="float" if name == "a.wav" else "pcm24")
        data = (tmp_path / name).read_bytes()
        try:
            audio = read_audio(data[: len(data) // 2])
        except BadFile:
            continue
        assert 0 < audio.seconds < 1.5


def test_nothing_is_left_behind_where_writing_fails(tmp_path: Path) -> None:
    (tmp_path / "a.mp3").write_bytes(b"before")
    with pytest.raises(BadRequest):
        write_audio(chord(channels=3), tmp_path / "a.mp3")
    with pytest.raises(BadRequest, match=r"\.xyz"):
        write_audio(chord(), tmp_path / "a.xyz")
    with pytest.raises(Unavailable):
        write_audio(chord(), tmp_path / "no folder" / "a.wav")
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp3"]
    assert (tmp_path / "a.mp3").read_bytes() == b"before"


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(10, np.float32), np.zeros((10, 2), np.float64),
        np.full((4, 1), np.nan, np.float32), np.zeros((4, 0), np.float32),
    ],
)  # fmt: skip
def test_audio_refuses_what_is_not_audio(samples: np.ndarray) -> None:
    with pytest.raises(BadRequest):
        Audio(samples, 44_100)


def test_a_full_disk_is_said_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import soundfile

    def full(*_: object) -> None:
        raise soundfile.LibsndfileError(1)

    monkeypatch.setattr(soundfile.SoundFile, "write", full)
    with pytest.raises(Unavailable, match="disk full"):
        write_audio(chord(), tmp_path / "a.wav")
    assert list(tmp_path.iterdir()) == []
