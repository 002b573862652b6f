"""In a notebook too: what its owner keeps begins with consent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from workbench.jupyter.live import LiveDocument
from workbench.jupyter.server import DocumentServer
from workbench.score.score import Score
from workbench.study.log.read import load


def test_a_notebook_keeps_what_those_do_who_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_LOG", str(tmp_path / "log"))
    heard: list[dict[str, Any]] = []
    server = DocumentServer(LiveDocument(Score("A tune")))

    def call(**message: Any) -> dict[str, Any]:
        server.receive({"session": "a" * 32, "call": str(len(heard)), **message}, lambda item, _: heard.append(item))
        return heard[-1]

    assert call(type="log_status")["offered"] is True
    assert load(str(tmp_path / "log")) == []
    log = call(type="log_consent", agreed=True, who="b" * 32)["log"]
    entry = {"c": 0, "time": 1, "kind": "open", "payload": {"score": server.document.score.to_dict()}}
    kept = call(type="log_take", log_session=log["session"], log_key=log["key"], entries=[entry])
    assert (kept["next"], kept["trouble"]) == (1, "")
    server.document.log.add("export", "user", {"kind": "mid"})
    (found,) = load(str(tmp_path / "log"))
    assert found.whole
    assert [event["kind"] for event in found.events] == ["session", "consent", "open", "export"]


def test_a_notebook_keeps_nothing_without_a_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORKBENCH_LOG", raising=False)
    heard: list[dict[str, Any]] = []
    server = DocumentServer(LiveDocument(Score("A tune")))
    server.receive({"session": "a" * 32, "call": "1", "type": "log_status"}, lambda item, _: heard.append(item))
    assert heard[-1]["offered"] is False
