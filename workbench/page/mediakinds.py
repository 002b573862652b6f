"""What a file is, judged by its first bytes alone: a name or a browser's word is never believed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

#: How many bytes of a file are enough to tell.
HEAD = 64 * 1024


@dataclass(frozen=True, slots=True)
class Kind:
    """``kind``: ``sound``, ``video``, ``picture``, ``pages`` (PDF) or ``score``; ``media_type``: for the browser."""

    kind: str
    media_type: str


_SOUND_BRANDS = (b"M4A ", b"M4B ", b"M4P ", b"F4A ")
_PICTURE_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif")


def kind_of(head: bytes) -> Kind | None:
    """The kind of a file by its first :data:`HEAD` bytes (all of them, if there are fewer); None for anything else."""
    return _picture(head) or _sound(head) or _box(head) or _score(head)


def is_recording(path: str | Path) -> bool:
    """Whether a file holds sound or a video, judged by its first bytes; False for one that cannot be read."""
    try:
        with open(path, "rb") as file:
            found = kind_of(file.read(HEAD))
    except OSError:
        return False
    return found is not None and found.kind in ("sound", "video")


def _picture(head: bytes) -> Kind | None:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind("picture", "image/png")
    if head.startswith(b"\xff\xd8\xff"):
        return Kind("picture", "image/jpeg")
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return Kind("picture", "image/gif")
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Kind("picture", "image/webp")
    if head[:4] in (b"II*\0", b"MM\0*"):
        return Kind("picture", "image/tiff")
    if head[4:8] == b"ftyp" and head[8:12] in _PICTURE_BRANDS:
        return Kind("picture", "image/avif" if head[8:12] == b"avif" else "image/heic")
    if head.startswith(b"%PDF-"):
        return Kind("pages", "application/pdf")
    return None


def _sound(head: bytes) -> Kind | None:
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return Kind("sound", "audio/wav")
    if head.startswith(b"fLaC"):
        return Kind("sound", "audio/flac")
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return Kind("sound", "audio/aiff")
    if head.startswith(b"OggS"):
        return Kind("video", "video/ogg") if b"theora" in head[:512] else Kind("sound", "audio/ogg")
    if head.startswith(b"ID3") and len(head) > 9:
        size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
        if head[10 + size : 14 + size] == b"fLaC":  # content credentials stand before the sound
            return Kind("sound", "audio/flac")
    if head.startswith(b"ID3") or _mpeg_frame(head):
        return Kind("sound", "audio/mpeg")
    if len(head) > 2 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        return Kind("sound", "audio/aac")
    return None


def _mpeg_frame(head: bytes) -> bool:
    """Whether two MPEG audio frames of layer III stand one after the other (ISO/IEC 11172-3, 2.4.1.3)."""
    at = 0
    for _ in range(2):
        if len(head) < at + 4 or head[at] != 0xFF or head[at + 1] & 0xE6 != 0xE2:
            return False
        version = head[at + 1] >> 3 & 3  # 3: MPEG-1, 2: MPEG-2, 0: MPEG-2.5
        rates = (
            (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
            if version == 3
            else (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
        )
        bitrate, rate = head[at + 2] >> 4, head[at + 2] >> 2 & 3
        if version == 1 or not 0 < bitrate < 15 or rate == 3:
            return False
        hertz = (44_100, 48_000, 32_000)[rate] >> {3: 0, 2: 1, 0: 2}[version]
        at += (144 if version == 3 else 72) * rates[bitrate] * 1000 // hertz + (head[at + 2] >> 1 & 1)
    return True


def _box(head: bytes) -> Kind | None:
    """Containers: MP4 and QuickTime by their brand, Matroska and WebM, AVI, MPEG."""
    if head[4:8] == b"ftyp":
        if head[8:12] in _SOUND_BRANDS:
            return Kind("sound", "audio/mp4")
        return Kind("video", "video/quicktime" if head[8:12] == b"qt  " else "video/mp4")
    if head[4:8] in (b"moov", b"mdat", b"wide"):  # QuickTime of old, without a brand
        return Kind("video", "video/quicktime")
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return Kind("video", "video/webm" if b"webm" in head[:64] else "video/x-matroska")
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return Kind("video", "video/x-msvideo")
    if head.startswith(b"\x00\x00\x01\xba") or head.startswith(b"\x00\x00\x01\xb3"):
        return Kind("video", "video/mpeg")
    return None


def _score(head: bytes) -> Kind | None:
    from workbench.score.formats import BY_NAME, sniff

    found = sniff(head)
    if found == "musicxml" and b"<score-" not in head and b"<!DOCTYPE score-" not in head:
        return None  # some other XML or HTML
    return Kind("score", BY_NAME[found].media_type) if found else None
