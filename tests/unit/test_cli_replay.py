"""``workbench study replay``: sessions played again from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from workbench.cli import main
from workbench.score.score import Score
from workbench.study.log.sinks import open_sink

SESSIONS = json.loads((Path(__file__).parents[1] / "golden" / "sessions.json").read_text(encoding="utf-8"))


@pytest.fixture
def place(tmp_path: Path) -> str:
    """A log with three whole sessions."""
    sink = open_sink(str(tmp_path / "log"))
    for session in SESSIONS[:3]:
        sink.append(session["events"][0]["session"], session["events"])
    sink.close()
    return str(tmp_path / "log")


def test_each_session_is_told_with_its_end(place: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["study", "replay", place]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    for session in SESSIONS[:3]:
        (line,) = [line for line in lines if line.startswith(f"{session['events'][0]['session']}:")]
        assert line.endswith(f"ends with {session['hash'][:12]}")


def test_the_piece_is_saved(place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "end.wbz"
    assert main(["study", "replay", place, "--session", "s1", "-o", str(out)]) == 0
    from workbench.score.canonical import project_hash

    assert project_hash(Score.open(out)) == SESSIONS[1]["hash"]
    assert main(["study", "replay", place, "-o", str(tmp_path / "all.wbz")]) == 1
    assert "name one with --session" in capsys.readouterr().err
    assert main(["study", "replay", place, "--session", "none"]) == 1


def test_one_that_was_changed_is_named_and_the_others_go_on(
    place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in Path(place).iterdir():
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(SESSIONS[1]["hash"], "0" * 64), encoding="utf-8")
    assert main(["study", "replay", place]) == 1
    told = capsys.readouterr().err
    assert "the piece is another than the session says" in told
    assert "1 of 3 sessions do not play again" in told
    assert f"ends with {SESSIONS[0]['hash'][:12]}" in told
