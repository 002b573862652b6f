"""The command line against files that are broken, hostile or odd: one sentence and exit code 1, or success; nothing
half-written either way.
"""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from workbench.cli import main

HEADER = struct.pack(">4sIHHh", b"MThd", 6, 1, 1, 480)
END = b"\x00\xff\x2f\x00"
DRUM = b"\x99\x2a\x50\x01\x89\x2a\x00"


def midi(*tracks: bytes) -> bytes:
    head = struct.pack(">4sIHHh", b"MThd", 6, 1, len(tracks), 480)
    return head + b"".join(struct.pack(">4sI", b"MTrk", len(track)) + track for track in tracks)


def variable(number: int) -> bytes:
    """A MIDI variable-length quantity."""
    out = bytes([number & 127])
    while number := number >> 7:
        out = bytes([number & 127 | 128]) + out
    return out


def packed(*members: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


def bomb(name: str) -> bytes:
    """300 MB that pack into little."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open(name, "w") as member,
    ):
        for _ in range(300):
            member.write(bytes(2**20))
    return buffer.getvalue()


def named(name: str) -> bytes:
    """A short MIDI file whose track has this name."""
    text = name.encode()
    return midi(b"\x00\xff\x03" + variable(len(text)) + text + b"\x00" + DRUM + END)


GOOD = named("Drums")
LAUGHS = b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "ha">' + b"".join(
    f'<!ENTITY a{n} "{"&a;" if n == 0 else f"&a{n - 1};" * 10}">'.encode() for n in range(9)
)
SCORE = b"<score-partwise><part-list/></score-partwise>"
CONTAINER = (
    b'<container><rootfiles><rootfile full-path="%s" media-type="application/vnd.recordare.musicxml+xml"/>'
    b"</rootfiles></container>"
)
MINUTE = variable(480 * 120)
FOUR_HOURS = midi(b"".join(b"\x00\x99\x2a\x50" + MINUTE + b"\x89\x2a\x00" for _ in range(240)) + END)

#: Name of the file, its bytes, and a word that the sentence should hold.
BAD: dict[str, tuple[str, bytes | Callable[[], bytes], str]] = {
    "empty MIDI": ("a.mid", b"", "empty"),
    "empty MusicXML": ("a.musicxml", b"", "empty"),
    "empty project": ("a.wbz", b"", "empty"),
    "empty ABC": ("a.abc", b"", "empty"),
    "text named .mid": ("a.mid", b"Dear Sir or Madam,\n" * 50, "not a"),
    "MIDI cut in its head": ("a.mid", HEADER[:11], "breaks off"),
    "MIDI cut before its tracks": ("a.mid", HEADER, "no tracks"),
    "MIDI without notes": ("a.mid", midi(END), "no notes"),
    "MIDI of 50 MB": ("a.mid", lambda: GOOD + bytes(50_000_000), "8 MB"),
    "MIDI of four hours": ("a.mid", FOUR_HOURS, "240 minutes"),
    "picture named .mid": ("a.mid", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not a"),
    "sound named .mid": ("a.mid", b"RIFF\x24\0\0\0WAVEfmt " + bytes(40), ""),
    "XML bomb": ("a.musicxml", LAUGHS + b"]><score-partwise>&a8;</score-partwise>", ""),
    "XML that reads a file": (
        "a.musicxml",
        b'<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/hostname">]><score-partwise>&x;</score-partwise>',
        "",
    ),
    "XML cut off": ("a.musicxml", b"<?xml version='1.0'?><score-partwise><part-li", ""),
    "XML of something else": ("a.musicxml", b"<html><body>Hello</body></html>", ""),
    "XML without notes": ("a.musicxml", SCORE, ""),
    "XML a million deep": ("a.musicxml", b"<score-partwise>" + b"<a>" * 1_000_000, ""),
    "zip bomb named .mxl": ("a.mxl", lambda: bomb("a.xml"), ""),
    "zip bomb named .wbz": ("a.wbz", lambda: bomb("score.json"), ""),
    "path trick in .mxl": (
        "a.mxl",
        packed(("META-INF/container.xml", CONTAINER % b"../a.xml"), ("../a.xml", SCORE)),
        "unsafe",
    ),
    "path trick in .wbz": ("a.wbz", packed(("score.json", b"{}"), ("../../evil", b"x")), "unsafe"),
    "container that names nothing": ("a.mxl", packed(("META-INF/container.xml", CONTAINER % b"gone.xml")), ""),
    "zip cut off": ("a.wbz", packed(("score.json", b"{}" * 500))[:-30], ""),
    "project of another kind": ("a.wbz", packed(("score.json", b'{"schema": 99}')), ""),
    "project nested too deeply": ("a.wbz", packed(("score.json", b"[" * 100_000)), ""),
    "project with a number of a million digits": (
        "a.wbz",
        packed(("score.json", b'{"ppq":' + b"9" * 10**6 + b"}")),
        "",
    ),
    "ABC without a tune": ("a.abc", b"%abc-2.1\nhello\n", ""),
    "a kind that nobody knows": ("a.xyz", b"\x00\x01\x02" * 99, ""),
}


def failed(capsys: pytest.CaptureFixture[str], arguments: Sequence[str]) -> str:
    """Run a command that must fail; returns its sentence."""
    try:
        code = main(arguments)
    except SystemExit as stop:
        code = int(stop.code or 0)
    said = capsys.readouterr()
    assert code == 1
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert said.err.endswith((".\n", "?\n"))
    assert len(said.err) < 300
    assert "did not expect" not in said.err
    assert "Traceback" not in said.err
    return said.err


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def command(name: str, source: Path, out: Path) -> list[str]:
    return {
        "render": ["render", str(source), "-o", str(out / "out.wav")],
        "stems": ["stems", str(source), "-o", str(out / "stems")],
        "infill": ["infill", str(source), "--from", "1", "--to", "1", "-o", str(out / "out.mid")],
    }[name]


@pytest.mark.parametrize("what", BAD)
def test_a_bad_file_is_one_sentence_and_leaves_nothing(
    what: str, tmp_path: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name, data, word = BAD[what]
    source = tmp_path / name
    source.write_bytes(data() if callable(data) else data)
    for action in ("render", "stems"):
        assert word in failed(capsys, command(action, source, out))
        assert list(out.iterdir()) == []
    if what not in ("MIDI of four hours", "MIDI without notes", "XML without notes"):  # these can be filled
        failed(capsys, command("infill", source, out))
        assert list(out.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, "out"])


@pytest.mark.parametrize("action", ["render", "stems", "infill"])
def test_no_file_and_a_folder_instead_of_a_file(
    action: str, tmp_path: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "gone.mid" in failed(capsys, command(action, tmp_path / "gone.mid", out))
    failed(capsys, command(action, tmp_path, out))
    failed(capsys, command(action, tmp_path / ("long" * 100 + ".mid"), out))
    assert list(out.iterdir()) == []


def test_places_that_cannot_be_written(tmp_path: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "good.mid"
    source.write_bytes(GOOD)
    (out / "folder.wav").mkdir()
    (out / "mine").mkdir()
    (out / "mine" / "diary.txt").write_text("dear", encoding="utf-8")
    (out / "file").write_text("x", encoding="utf-8")
    before = sorted(out.rglob("*"))
    for arguments in (
        ["render", str(source), "-o", str(out / "gone" / "out.wav")],
        ["render", str(source), "-o", str(out / "folder.wav")],
        ["render", str(source), "-o", str(out / "out.xyz")],
        ["render", str(source), "-o", str(out / "out")],
        ["render", str(source), "-o", str(out / f"{'n' * 300}.wav")],
        ["render", str(source), "-o", str(out / "out.wav"), "--rate", "8000"],
        ["stems", str(source), "-o", str(out / "mine")],
        ["stems", str(source), "-o", str(out / "file")],
        ["stems", str(source), "-o", str(out / "file" / "below")],
        ["infill", str(source), "--from", "1", "--to", "1", "-o", str(out / "gone" / "x.mid")],
        ["infill", str(source), "--from", "9", "--to", "1", "-o", str(out / "x.mid")],
        ["infill", str(source), "--from", "1", "--to", "1", "--track", "Nobody", "-o", str(out / "x.mid")],
        ["infill", str(source), "--from", "one", "--to", "1", "-o", str(out / "x.mid")],
        ["models", "show", "nobody"],
    ):
        failed(capsys, arguments)
    assert sorted(out.rglob("*")) == before
    assert (out / "mine" / "diary.txt").read_text(encoding="utf-8") == "dear"


@pytest.mark.parametrize(
    "name",
    [
        "Ёлка и день",
        "音楽の時間",
        "موسيقى",
        "संगीत",
        "🎵🎶",
        "Ünï-çødé",
        "a'b\"c`d",
        "x" * 70,
        "ก" * 60,
        "-n",
        "%s{}",
        " .",
    ],
)
def test_names_in_every_script_are_no_trouble(
    name: str, tmp_path: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / f"{name}.mid"
    source.write_bytes(named(name))
    assert main(["stems", str(source), "-o", str(out / f"{name} out")]) == 0
    assert capsys.readouterr().out.count("\n") == 1
    (stem,) = (out / f"{name} out" / "stems").iterdir()
    assert stem.name.isascii()
    assert main(["render", str(source), "-o", str(out / f"{name}.flac")]) == 0
    assert (out / f"{name}.flac").stat().st_size > 0


def test_a_hundred_thousand_notes_are_no_trouble(tmp_path: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "many.mid"
    source.write_bytes(midi(b"".join(b"\x00" + DRUM for _ in range(100_000)) + END))
    assert main(["render", str(source), "-o", str(out / "out.flac")]) == 0
    assert capsys.readouterr().err == ""
    assert [path.name for path in out.iterdir()] == ["out.flac"]


def test_the_program_itself_ends_with_one_line_and_code_one(tmp_path: Path, out: Path) -> None:
    source = tmp_path / "Ёлка.mid"
    source.write_bytes(b"no music")
    done = subprocess.run(
        [sys.executable, "-m", "workbench", "render", str(source), "-o", str(out / "out.wav")],
        capture_output=True, env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stdout == b""
    assert done.stderr.count(b"\n") == 1
    assert list(out.iterdir()) == []
