"""A person's video with its new music: the picture copied as it is, packet for packet, the sound made anew.

Nothing of the picture is decoded: its codec, size, rotation, colours and uneven times stay. The first picture that a
player shows is at zero, and so is the first sample of the music; the sound ends with the last picture. A name without
an ending gets the one of a file that the codec fits into. Where a name asks for a file that the codec does not fit into
(VP8 in an MP4), and only there, the picture is coded anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.deliver.video.blend import Samples, blended
from workbench.errors import BadFile, BadRequest, Cancelled, Unavailable
from workbench.fsutil import replacing_file, shown
from workbench.sound.audio import Audio

RATE = 48_000
ORIGINAL = ("duck", "keep", "drop")
_MP4 = ("h264", "hevc", "av1", "mpeg4", "vp9")
#: Endings, and the picture codecs that players expect in such files; none named: any.
_HOLDS: dict[str, tuple[str, ...]] = {
    ".mp4": _MP4, ".webm": ("vp8", "vp9", "av1"), ".mov": ("h264", "hevc", "mpeg4", "prores", "mjpeg", "dnxhd"),
    ".m4v": _MP4, ".mkv": (),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Track:
    """The picture track of a file. ``first``: presentation time of its first picture on the file's clock, ``seconds``:
    from there to the end of the last. ``codec``: ffmpeg's name. ``sound``: whether there is a sound track.
    """

    first: Fraction
    seconds: float
    codec: str
    sound: bool


def with_music(
    video: str | os.PathLike[str],
    music: Audio | str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    original: str = "duck",
    speech: Sequence[tuple[float, float]] = (),
    note: str = "",
    progress: Callable[[float], object] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Path:
    """Write a video with music under it.

    Args:
        video: the file whose picture is kept.
        music: the new sound, begun at the first picture; shorter: silence follows, longer: it is faded out.
        out: where; .mp4, .mov, .m4v, .webm or .mkv, or no ending (see above).
        original: what becomes of the video's own sound: ``keep`` it, ``duck`` it by 12 dB where nobody talks, or
            ``drop`` it. Under talk the music sinks to 14 dB below it, unless the sound is dropped.
        speech: (start, end) in seconds from the first picture.
        note: a remark stored in the file.
        progress: told the share that is done.
        cancelled: True stops the work, and nothing is left.

    Returns:
        Where it is.

    Raises:
        BadFile: the video or the music cannot be read.
        BadRequest: another word for ``original``.
        Cancelled: ``cancelled`` said so.
        Unavailable: the place cannot be written.
    """
    import av

    if original not in ORIGINAL:
        raise BadRequest(f"The video's own sound can be one of {', '.join(ORIGINAL)}, not {original[:20]!r}.")
    video, out = Path(video), Path(out)
    track = track_of(video)
    sound = _sound(music, track.seconds)
    own = own_sound(video, track) if track.sound and original != "drop" else None
    samples = blended(sound, own, RATE, speech=speech, duck=original == "duck")
    out = out if out.suffix.lower() in _HOLDS else out.with_suffix(ending(track.codec))
    with replacing_file(out) as place:
        try:
            _write(video, place, track, samples, note, progress or (lambda share: None), cancelled)
        except av.error.FFmpegError as error:
            raise Unavailable(f"{shown(out)} cannot be written; save the video as MP4 and try again.") from error
    return out


def ending(codec: str) -> str:
    """The ending of a file that holds a picture of this codec as it is."""
    return next((name for name, codecs in _HOLDS.items() if not codecs or codec in codecs), ".mkv")


def _picture(container: Any, name: str) -> Any:
    from av.stream import Disposition

    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic:
            return stream
    raise BadFile(f"There is no moving picture in {name}; choose a video.")


def track_of(path: Path) -> Track:
    """Where the picture of a video begins and ends, from its packets; raises :class:`BadFile`."""
    import av

    first, last = None, None
    try:
        with av.open(str(path), metadata_errors="ignore") as container:
            stream = _picture(container, shown(path))
            usual = 1 / (stream.average_rate or stream.guessed_rate or Fraction(25))
            codec, clock = stream.codec_context.name, stream.time_base
            for packet in container.demux(stream):
                if packet.pts is None or packet.is_discard:
                    continue
                end = packet.pts + (packet.duration or round(usual / clock))
                first = packet.pts if first is None else min(first, packet.pts)
                last = end if last is None else max(last, end)
            sound = bool(container.streams.audio)
    except (av.error.FFmpegError, OSError, EOFError, ValueError) as error:
        if first is None:
            raise BadFile(f"{shown(path)} cannot be read as a video; save it as MP4 and try again.") from error
        sound = False
    if first is None or last is None:
        raise BadFile(f"No picture of {shown(path)} can be shown; save it as MP4 and try again.")
    name = {"libdav1d": "av1", "libaom-av1": "av1", "libvpx": "vp8", "libvpx-vp9": "vp9"}.get(codec, codec)
    return Track(first * clock, float((last - first) * clock), name, sound)


def _sound(music: Audio | str | os.PathLike[str], seconds: float) -> Samples:
    """The music in two channels at :data:`RATE`, as long as the picture, float32 [frames, 2]."""
    from workbench.sound.files import read_audio

    audio = music if isinstance(music, Audio) else read_audio(music)
    samples = _pair(audio.resampled(RATE).samples)
    count = max(1, round(seconds * RATE))
    if len(samples) >= count:
        samples = samples[:count].copy()
        if len(audio.samples) / audio.rate > seconds + 0.02:
            fade = min(count, RATE // 4)
            samples[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)[:, None]
        return samples
    return np.pad(samples, ((0, count - len(samples)), (0, 0)))


def _pair(samples: NDArray[np.float32]) -> Samples:
    return np.repeat(samples, 2, axis=1) if samples.shape[1] == 1 else np.ascontiguousarray(samples[:, :2])


def own_sound(path: Path, track: Track) -> Samples | None:
    """A video's own sound on the clock of its picture, float32 [frames, 2] at :data:`RATE`; None if unreadable."""
    import soxr

    from workbench.sound.blocks import blocks, opened

    count = max(1, round(track.seconds * RATE))
    parts = []
    try:
        with opened(path) as (container, stream):
            begin = Fraction(stream.start_time or 0) * stream.time_base - track.first
            turn = soxr.ResampleStream(int(stream.codec_context.sample_rate), RATE, 2, dtype="float32", quality="HQ")
            for _, samples in blocks(container, stream):
                parts.append(turn.resample_chunk(_pair(samples)))
            parts.append(turn.resample_chunk(np.zeros((0, 2), np.float32), last=True))
    except BadFile:
        return None
    whole = np.concatenate(parts).astype(np.float32)
    at = round(float(begin) * RATE)
    whole = np.pad(whole, ((at, 0), (0, 0))) if at >= 0 else whole[-at:]
    return np.ascontiguousarray(np.pad(whole[:count], ((0, max(0, count - len(whole))), (0, 0))))


def _write(
    video: Path, place: Path, track: Track, samples: Samples, note: str, tell: Callable[[float], object],
    cancelled: Callable[[], bool] | None,
) -> None:  # fmt: skip
    import av

    webm = place.suffix in (".webm", ".mkv")
    form = {".webm": "webm", ".mkv": "matroska", ".mov": "mov"}.get(place.suffix, "mp4")
    options = {} if webm else {"movflags": "+faststart"}
    with (
        av.open(str(video), metadata_errors="ignore") as source,
        av.open(str(place), "w", format=form, options=options) as target,
    ):
        taken = _picture(source, shown(video))
        fits = not _HOLDS[place.suffix.lower()] or track.codec in _HOLDS[place.suffix.lower()]
        if fits:
            parts = _copied(source, taken, track, target)
        else:
            parts = _coded(source, taken, track, target)
        next(parts)  # its stream comes before that of the sound
        audio: Any = target.add_stream("libopus" if webm else "aac", rate=RATE)
        audio.layout, audio.bit_rate = "stereo", 192_000
        if note:
            target.metadata["comment"] = note
        sound = _frames(samples, "flt" if webm else "fltp", 960 if webm else 1_024)
        ahead = next(sound, None)
        for clock, packets in parts:
            if cancelled is not None and cancelled():
                raise Cancelled("Stopped.")
            while ahead is not None and ahead.pts / RATE <= clock:
                target.mux(audio.encode(ahead))
                ahead = next(sound, None)
            target.mux(packets)
            tell(min(1.0, max(0.0, clock / max(1e-3, track.seconds))))
        while ahead is not None:
            target.mux(audio.encode(ahead))
            ahead = next(sound, None)
        target.mux(audio.encode(None))


def _copied(source: Any, taken: Any, track: Track, target: Any) -> Iterator[tuple[float, list[Any]]]:
    """The packets of the picture as they are, with their times in seconds; first nothing, once its stream is there."""
    stream: Any = target.add_stream_from_template(taken)
    if track.codec == "hevc" and target.format.name in ("mp4", "mov"):
        stream.codec_context.codec_tag = "hvc1"  # the only one that Apple's players take
    yield 0.0, []
    shift = round(track.first / taken.time_base)
    for packet in _packets(source, taken):
        packet.pts = None if packet.pts is None else packet.pts - shift
        packet.dts -= shift
        packet.stream = stream
        yield float(packet.dts * taken.time_base), [packet]


def _coded(source: Any, taken: Any, track: Track, target: Any) -> Iterator[tuple[float, list[Any]]]:
    """The picture coded anew at its own times; like :func:`_copied`."""
    from workbench.deliver.video.film import encoder

    realtime = {"deadline": "realtime", "cpu-used": "8"}
    name, options = ("libvpx-vp9", realtime) if target.format.name == "webm" else encoder()
    clock = Fraction(1, 90_000)
    context = taken.codec_context
    stream: Any = target.add_stream(name, rate=taken.average_rate or 25, options=options)
    stream.width, stream.height, stream.pix_fmt = context.width // 2 * 2, context.height // 2 * 2, "yuv420p"
    stream.codec_context.time_base = clock
    yield 0.0, []
    turned, last = False, -1
    for packet in _packets(source, taken):
        for frame in packet.decode():
            if frame.time is None:
                continue
            if not turned and frame.rotation:
                stream.set_display_rotation(frame.rotation)
            turned = True
            place = round((Fraction(frame.pts) * frame.time_base - track.first) / clock)
            if place <= last:
                continue
            picture = frame.reformat(stream.width, stream.height, "yuv420p")
            picture.pts, picture.time_base, last = place, clock, place
            yield place / 90_000, stream.encode(picture)
    yield last / 90_000, stream.encode(None)


def _packets(source: Any, stream: Any) -> Iterator[Any]:
    """The packets of the picture; damage at the end of a file ends it."""
    import av

    packets = source.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except (av.error.FFmpegError, EOFError):
            return
        if packet is None:
            return
        if packet.dts is not None:
            yield packet


def _frames(samples: Samples, form: str, size: int) -> Iterator[Any]:
    """Sound in frames of ``size`` samples for an encoder, their times in samples."""
    import av

    for first in range(0, len(samples), size):
        part = np.clip(samples[first : first + size], -1, 1)
        data = np.ascontiguousarray(part.reshape(1, -1) if form == "flt" else part.T)
        frame = av.AudioFrame.from_ndarray(data, form, "stereo")
        frame.sample_rate, frame.time_base, frame.pts = RATE, Fraction(1, RATE), first
        yield frame
