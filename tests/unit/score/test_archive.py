"""Archives that strangers made: read when plain, refused with one sentence when not."""

import io
import stat
import struct
import zipfile
import zlib

import pytest

from workbench.errors import BadFile
from workbench.score.archive import read_archive


def packed(members, **options) -> bytes:
    """A zip of (name or ZipInfo, bytes) pairs."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


def test_plain_archive_is_read_in_order_without_its_folders():
    data = packed([("META-INF/", b""), ("META-INF/container.xml", b"<c/>"), ("楽譜 ноты.xml", b"<s/>"), ("empty", b"")])
    assert list(read_archive(data).items()) == [
        ("META-INF/container.xml", b"<c/>"), ("楽譜 ноты.xml", b"<s/>"), ("empty", b"")
    ]  # fmt: skip


def test_archive_with_a_comment_is_read():
    buffer = io.BytesIO(packed([("a", b"1")]))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.comment = b"made at home PK"
    assert read_archive(buffer.getvalue()) == {"a": b"1"}


@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "../up", "a/../../b", "a/./b", "a//b", "a\\b", "C:x", "c:/x", "a\nb", "..", "./a", "\\\\host\\x"],
)
def test_tricky_names_are_refused(name):
    with pytest.raises(BadFile, match="unsafe file name"):
        read_archive(packed([("good", b"1"), (name, b"2")]))


def test_null_byte_in_a_name_is_refused():
    with pytest.raises(BadFile, match="unsafe file name"):
        read_archive(packed([("goodXbad", b"1")]).replace(b"goodXbad", b"good\0bad"))


def test_empty_name_is_refused():
    blank = bytearray(packed([("x", b"1")]))
    data = bytes(blank).replace(b"x1", b"/1").replace(b"x" + b"PK", b"/PK")
    with pytest.raises(BadFile):
        read_archive(data)


@pytest.mark.parametrize("twin", ["a.xml", "A.XML"])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_same_name_twice_is_refused(twin):
    with pytest.raises(BadFile, match="twice"):
        read_archive(packed([("a.xml", b"1"), (twin, b"2")]))


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_are_refused(kind):
    member = zipfile.ZipInfo("link")
    member.external_attr = (kind | 0o777) << 16
    with pytest.raises(BadFile, match="link"):
        read_archive(packed([(member, b"/etc/passwd")]))


def test_encrypted_member_is_refused():
    data = bytearray(packed([("secret", b"abc")]))
    central = data.index(b"PK\x01\x02")
    data[6] |= 1
    data[central + 8] |= 1
    with pytest.raises(BadFile, match="password"):
        read_archive(bytes(data))


def test_bomb_is_stopped_while_it_expands():
    bomb = packed([("big", bytes(40 * 2**20))])
    assert len(bomb) < 100_000
    with pytest.raises(BadFile, match="more than 32 MB"):
        read_archive(bomb)


def test_bomb_that_understates_its_size_yields_no_extra_bytes():
    bomb = bytearray(packed([("big", bytes(2**20))]))
    central = bomb.index(b"PK\x01\x02")
    struct.pack_into("<I", bomb, central + 24, 10)
    with pytest.raises(BadFile, match="damaged"):
        read_archive(bytes(bomb))


def test_limit_counts_all_members_together_and_is_exact():
    members = [(f"{i}", bytes(1000)) for i in range(10)]
    assert len(read_archive(packed(members), max_bytes=10_000)) == 10
    with pytest.raises(BadFile, match="expands to more"):
        read_archive(packed(members), max_bytes=9_999)


def test_member_count_is_limited_and_configurable():
    data = packed([(f"{i}", b"") for i in range(65)])
    with pytest.raises(BadFile, match="more than 64 files"):
        read_archive(data)
    assert len(read_archive(data, max_members=65)) == 65


def test_directory_that_understates_its_count_is_still_counted():
    data = bytearray(packed([(f"{i}", b"") for i in range(100)]))
    struct.pack_into("<HH", data, len(data) - 14, 3, 3)
    with pytest.raises(BadFile, match="more than 64 files"):
        read_archive(bytes(data))


def test_archive_in_an_archive_stays_closed():
    inner = packed([("deep", b"1")])
    assert read_archive(packed([("inner.zip", inner)])) == {"inner.zip": inner}


def test_other_packings_are_refused():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a", b"1")
    with pytest.raises(BadFile, match="ordinary zip"):
        read_archive(buffer.getvalue())


@pytest.mark.parametrize("data", [b"", b"PK", b"hello", b"PK\x03\x04", b"PK\x05\x06", b"%PDF-1.4", zlib.compress(b"x")])
def test_other_files_are_refused(data):
    with pytest.raises(BadFile):
        read_archive(data)


def test_every_truncation_and_flipped_byte_gives_a_sentence_or_the_same_content():
    content = {"META-INF/container.xml": b"<c/>", "score.xml": b"<score-partwise/>" * 20}
    data = packed(content.items())
    for cut in range(0, len(data), 7):
        with pytest.raises(BadFile):
            read_archive(data[:cut])
    for place in range(len(data)):
        damaged = bytearray(data)
        damaged[place] ^= 0x55
        try:
            found = read_archive(bytes(damaged))
        except BadFile:
            continue
        assert list(found.values()) == list(content.values())
