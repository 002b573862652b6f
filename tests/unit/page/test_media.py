"""A page's media shelf: what comes in, what is refused, and that nothing half-done stays."""

from __future__ import annotations

import errno
import hashlib
import wave
from pathlib import Path
from typing import Any

import pytest

from workbench.errors import BadFile, BadRequest, Unavailable
from workbench.page import media
from workbench.page.media import Limits, Shelf
from workbench.page.mediakinds import kind_of

ROOT = Path(__file__).parents[3]
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
MP4 = b"\0\0\0\x20ftypisom" + bytes(100)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "shelf")


def left(shelf: Shelf) -> list[str]:
    """Names of the files on the disk."""
    return sorted(path.name for path in shelf.folder.iterdir()) if shelf.folder.exists() else []


def bring(
    shelf: Shelf, data: bytes, name: str = "holiday.mp4", piece: int = 7, said: int | None = None
) -> media.MediaItem:
    """Send a file; ``said``: how long it is said to be, where that is not the truth."""
    with shelf.begin(name, len(data) if said is None else said) as arrival:
        for start in range(0, len(data), piece):
            arrival.write(data[start : start + piece])
        return arrival.finish()


def test_a_file_comes_in_pieces_and_is_what_its_content_says(shelf: Shelf) -> None:
    item = bring(shelf, PNG, "C:\\fake\\holiday.mp4")
    assert (item.name, item.kind, item.media_type, item.size) == ("holiday.mp4", "picture", "image/png", len(PNG))
    assert item.sha256 == hashlib.sha256(PNG).hexdigest()
    assert item.path.read_bytes() == PNG
    assert shelf.get(item.id) is item
    assert "path" not in item.to_dict()
    shelf.remove(item.id)
    assert left(shelf) == []
    with pytest.raises(BadRequest, match="no longer here"):
        shelf.get(item.id)


def test_what_is_stopped_half_way_leaves_nothing(shelf: Shelf) -> None:
    with shelf.begin("a.mp4", 1_000) as arrival:
        arrival.write(MP4)
        assert left(shelf) == [arrival.id]
    assert left(shelf) == []
    assert shelf.items() == []
    with pytest.raises(BadRequest, match="stopped"):
        arrival.write(b"more")
    assert bring(shelf, MP4).kind == "video"


def test_what_does_not_arrive_whole_or_is_unknown_is_refused(shelf: Shelf) -> None:
    with pytest.raises(BadFile, match="is empty"):
        shelf.begin("a.mp4", 0)
    with pytest.raises(BadFile, match="not arrive whole"):
        bring(shelf, MP4, said=500)
    with pytest.raises(BadRequest, match="larger than"), shelf.begin("a.mp4", 10) as arrival:
        arrival.write(MP4)
    with pytest.raises(BadFile, match="no file the workbench knows"):
        bring(shelf, b"<html><body>hello</body></html>")
    with pytest.raises(BadFile, match="no file the workbench knows"), shelf.begin("a.mp4", 10**8) as arrival:
        arrival.write(b"x" * 100_000)  # refused long before the rest has come
    assert left(shelf) == []


def test_a_page_holds_so_much_and_no_more(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, Limits(file_bytes=1_000, all_bytes=1_500, files=3))
    with pytest.raises(BadRequest, match="too large"):
        shelf.begin("a.mp4", 1_001)
    with pytest.raises(BadRequest, match="too large"), shelf.begin("a.mp4", None) as arrival:
        arrival.write(MP4 + bytes(1_000))
    bring(shelf, MP4 + bytes(800))
    with shelf.begin("b.mp4", 500), pytest.raises(BadRequest, match="no room"):
        shelf.begin("c.mp4", 500)  # what is on its way counts
    bring(shelf, PNG)
    bring(shelf, PNG)
    with pytest.raises(BadRequest, match="room for 3 files"):
        shelf.begin("d.png", 10)


def test_a_full_disk_is_one_sentence(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    arrival = shelf.begin("a.mp4", len(MP4))
    monkeypatch.setattr(arrival, "_file", type("Full", (), {"write": staticmethod(full), "close": lambda self: None})())
    with pytest.raises(Unavailable, match="No space left"), arrival:
        arrival.write(MP4)
    assert left(shelf) == []
    monkeypatch.setattr(media, "SPARE", 10**18)
    with pytest.raises(Unavailable, match="nearly full"):
        shelf.begin("a.mp4", 10)


def test_files_go_after_their_time_and_with_their_page(tmp_path: Path) -> None:
    now = [0.0]
    shelf = Shelf(tmp_path / "s", Limits(seconds=3_600), clock=lambda: now[0])
    early = bring(shelf, PNG)
    now[0] = 3_000
    late = bring(shelf, MP4)
    now[0] = 3_700
    assert shelf.sweep() == 1
    assert [item.id for item in shelf.items()] == [late.id]
    assert not early.path.exists()
    arriving = shelf.begin("x.mp4", 300)
    shelf.close()
    assert not shelf.folder.exists()
    arriving.abort()
    with pytest.raises(BadRequest, match="closed"):
        shelf.begin("a.mp4", 10)


def test_kinds_are_told_by_content(tmp_path: Path, data: Path) -> None:
    with wave.open(str(tmp_path / "a.wav"), "wb") as sound:
        sound.setparams((1, 2, 8_000, 0, "NONE", ""))
        sound.writeframes(bytes(100))
    wav = (tmp_path / "a.wav").read_bytes()
    frame = b"\xff\xfb\x90\x00" + bytes(413)  # 128 kb/s at 44.1 kHz: 417 bytes a frame
    known = {
        "sound": (wav, b"fLaC" + bytes(50), b"ID3\x03" + bytes(50), frame * 2, b"OggS" + bytes(20) + b"\x01vorbis",
                  b"\0\0\0\x20ftypM4A " + bytes(20), b"FORM\0\0\0\0AIFF"),
        "video": (MP4, b"\0\0\0\x14ftypqt  " + bytes(9), b"\x1a\x45\xdf\xa3" + bytes(10) + b"webm", b"RIFF\0\0\0\0AVI ",
                  b"OggS" + bytes(20) + b"\x80theora"),
        "picture": (PNG, b"\xff\xd8\xff\xe0" + bytes(9), b"RIFF\0\0\0\0WEBP", b"\0\0\0\x18ftypheic" + bytes(9)),
        "pages": (b"%PDF-1.7 ",),
        "score": ((data / "midi/made_type_0.mid").read_bytes(), b"X:1\nT:A\nK:C\nCDEF|",
                  b'<?xml version="1.0"?><score-partwise version="4.0">',
                  (ROOT / "assets/pieces/opening.wbz").read_bytes()),
    }  # fmt: skip
    for kind, heads in known.items():
        for head in heads:
            found = kind_of(head)
            assert found is not None, head[:20]
            assert found.kind == kind
    for head in (b"", b"hello", b"<html>", b"\x7fELF", b"MZ" + bytes(100), b"#!/bin/sh", frame, bytes(1_000), b"<svg>"):
        assert kind_of(head) is None, head[:20]


def test_a_copy_for_browsers_lives_and_goes_with_its_file(shelf: Shelf, tmp_path: Path) -> None:
    item = bring(shelf, MP4)
    made = tmp_path / "small.mp4"
    made.write_bytes(MP4 + b"copy")
    copy = shelf.keep_copy(item, made)
    assert not made.exists()
    assert shelf.get(copy.id) is copy
    assert shelf.copy_of(item) is copy
    assert (copy.kind, copy.media_type, copy.size) == ("video", "video/mp4", len(MP4) + 4)
    assert shelf.items() == [item], "it stands in no list"
    assert shelf.room == shelf.limits.all_bytes - item.size - copy.size
    shelf.remove(item.id)
    assert left(shelf) == []
    with pytest.raises(BadRequest, match="no longer here"):
        shelf.get(copy.id)


def test_a_copy_that_is_taken_away_can_be_made_again(shelf: Shelf, tmp_path: Path) -> None:
    item = bring(shelf, MP4)
    made = tmp_path / "small.mp4"
    made.write_bytes(MP4)
    shelf.remove(shelf.keep_copy(item, made).id)
    assert shelf.copy_of(item) is None
    assert shelf.items() == [item]


def test_no_copy_is_kept_of_what_has_gone_or_without_room(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "shelf", Limits(all_bytes=2 * len(MP4) - 1))
    item = bring(shelf, MP4)
    made = tmp_path / "small.mp4"
    made.write_bytes(MP4)
    with pytest.raises(BadRequest, match="no room for a copy"):
        shelf.keep_copy(item, made)
    shelf.remove(item.id)
    with pytest.raises(BadRequest, match="no longer here"):
        shelf.keep_copy(item, made)
    assert left(shelf) == []
