"""The interaction log as a private dataset: closed segments, nothing lost by a restart or left by deleting."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import HfApi, constants

from tests.hubserver import HubServer, serving
from tests.unit.study.test_log_sinks import ANNA, BERT, an_event
from workbench.errors import Unavailable
from workbench.study.log import dataset
from workbench.study.log.dataset import Dataset
from workbench.study.log.read import load
from workbench.study.log.recorder import Recorder

pytestmark = pytest.mark.server

NAME = "owner/study-log"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """The local Hub, spoken to by the real client."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)  # the server is on this machine
    with serving() as server:
        api = HfApi(endpoint=server.address, token=server.token)
        monkeypatch.setattr(dataset.Dataset, "_api", property(lambda self: api))
        yield server


class Replica(Dataset):
    """A server with a disk of its own."""

    def __init__(self, folder: Path) -> None:
        super().__init__(NAME, folder, every_seconds=0)


def all_bytes(hub: HubServer, *folders: Path) -> bytes:
    """Everything that any sink holds of any time: the Hub's files and history, and the disks."""
    there = [data for files in hub.history.get(NAME, []) for data in files.values()]
    names = [name.encode() for files in hub.history.get(NAME, []) for name in files]
    here = [path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()]
    return b"".join([*there, *names, *here, *hub.commits.get(NAME, {}).values()])


def test_closed_segments_go_to_a_private_dataset_and_are_read_back(hub: HubServer, tmp_path: Path) -> None:
    sink = Replica(tmp_path / "a")
    recorder = Recorder(sink, "", ANNA, "s1")
    for number in range(3):
        recorder.record("select", "person", {"count": number}, client_seq=number)
    assert recorder.wanted == 0, "until the Hub has it, the page keeps it too"
    assert hub.commits == {}
    assert sink.push() == 1
    assert recorder.wanted == 3
    assert (hub.kinds[NAME], hub.private[NAME]) == ("dataset", True)
    (name,) = hub.commits[NAME]
    assert name.endswith(".jsonl")
    before = hub.commits[NAME][name]
    recorder.record("select", "person", {"count": 3}, client_seq=3)
    sink.push()
    assert hub.commits[NAME][name] == before, "what is closed is never touched again"
    (log,) = load(sink)
    assert log.whole
    assert [event["payload"]["count"] for event in log.events] == [0, 1, 2, 3]


def test_a_space_that_is_started_anew_loses_nothing_that_its_pages_were_told_is_kept(
    hub: HubServer, tmp_path: Path
) -> None:
    sink = Replica(tmp_path / "a")
    recorder = Recorder(sink, "", ANNA, "s1")
    recorder.record("select", "person", {"count": 0}, client_seq=0)
    sink.push()
    recorder.record("select", "person", {"count": 1}, client_seq=1)
    held = recorder.wanted  # the page lets go of what is below
    # The Space is gone with its disk; another begins.
    resumed = Recorder.resume(Replica(tmp_path / "b"), "s1")
    assert resumed is not None
    assert (held, resumed[0].taken) == (1, 1)
    resumed[0].record("select", "person", {"count": 1}, client_seq=1)
    resumed[0].sink.close()  # ended in the usual way: everything goes out first
    (log,) = load(Replica(tmp_path / "c"))
    assert log.whole
    assert [event["payload"]["count"] for event in log.events] == [0, 1]


def test_several_replicas_write_side_by_side(hub: HubServer, tmp_path: Path) -> None:
    sinks = [Replica(tmp_path / name) for name in "abc"]
    for number, sink in enumerate(sinks):
        for turn in range(2):
            sink.append(f"s{number}", [an_event(turn, f"s{number}")])
            sink.push()
    assert len(hub.commits[NAME]) == 6
    for sink in sinks:
        logs = load(sink)
        assert [log.session for log in logs] == ["s0", "s1", "s2"]
        assert all(log.whole and len(log.events) == 2 for log in logs)


def test_deleting_leaves_no_byte_in_any_place_or_version(hub: HubServer, tmp_path: Path) -> None:
    one, other = Replica(tmp_path / "a"), Replica(tmp_path / "b")
    for sink, session in ((one, "s1"), (other, "s2")):
        sink.append(session, [an_event(0, session, payload={"text": "secret of Anna"})])
        sink.append(f"{session}b", [an_event(0, f"{session}b", BERT)])
        sink.push()
    one.append("s1", [an_event(1, payload={"text": "secret of Anna, not sent yet"})])
    other.append("s2", [an_event(1, "s2", payload={"text": "secret of Anna on the other server"})])
    assert len(hub.history[NAME]) == 2
    assert one.erase(ANNA) == 3
    assert len(hub.history[NAME]) == 1, "old versions would hold it still"
    other.push()  # has heard of it, and sends nothing of hers
    other.append("s2b", [an_event(1, "s2b", BERT)])
    other.push()
    one.events()
    left = all_bytes(hub, tmp_path, Path(one._mirror.name), Path(other._mirror.name))
    assert b"secret of Anna" not in left
    assert ANNA.encode() not in left
    assert {log.session: len(log.events) for log in load(one)} == {"s1b": 1, "s2b": 2}


def test_a_server_that_cannot_forget_its_history_is_named(hub: HubServer, tmp_path: Path) -> None:
    sink = Replica(tmp_path / "a")
    sink.append("s1", [an_event(0)])
    sink.push()
    hub.cannot_squash = True
    with pytest.raises(Unavailable, match="older versions still hold them"):
        sink.erase(ANNA)
    assert load(sink) == []


def test_nothing_is_sent_to_a_public_dataset(hub: HubServer, tmp_path: Path) -> None:
    hub.commits[NAME], hub.private[NAME] = {}, False
    sink = Replica(tmp_path / "a")
    sink.append("s1", [an_event(0)])
    with pytest.raises(Unavailable, match="is public"):
        sink.push()
    assert hub.commits[NAME] == {}


def test_while_the_hub_is_away_everything_is_kept_here_and_sent_later(
    hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = Replica(tmp_path / "a")
    api: Any = sink._api
    away = HfApi(endpoint="http://127.0.0.1:9", token="hf_test")
    monkeypatch.setattr(dataset.Dataset, "_api", property(lambda self: away))
    recorder = Recorder(sink, "", ANNA, "s1")
    recorder.record("select", "person", {}, client_seq=0)
    with pytest.raises(Unavailable, match="cannot be reached"):
        sink.push()
    assert (recorder.trouble, recorder.wanted) == ("", 0)
    monkeypatch.setattr(dataset.Dataset, "_api", property(lambda self: api))
    assert sink.push() == 1
    assert recorder.wanted == 1
