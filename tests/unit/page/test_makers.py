"""Who made a piece or a file, as a page is told of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.provenance.files import filled, person_s, write
from workbench.errors import BadRequest
from workbench.page.exports import Exports
from workbench.page.handlers import files, makers
from workbench.page.rows import Request
from workbench.page.session import Page, Pages
from workbench.provenance.handover import hand_over
from workbench.provenance.manifest import written_by
from workbench.score.project import Project


class Asker:
    """A page, and what it asks."""

    def __init__(self, folder: Path) -> None:
        self.page = Page(folder=folder)
        self.pages = Pages(lambda: None)  # type: ignore[arg-type, return-value]

    def request(self, **message: Any) -> Request:
        return Request(self.pages, self.page, message)  # type: ignore[call-arg]

    def give(self, path: Path) -> str:
        data = path.read_bytes()
        with self.page.media.begin(path.name, len(data)) as arrival:
            arrival.write(data)
            return arrival.finish().id


@pytest.fixture
def asker(tmp_path: Path) -> Asker:
    return Asker(tmp_path / "media")


def test_a_file_that_was_changed_is_named_when_it_is_opened(asker: Asker, tmp_path: Path) -> None:
    path = write(tmp_path, "mid", person_s())
    hand_over(path, person_s())
    assert files.import_file(asker.request(id=asker.give(path)))["made"]["state"] == "whole"
    data = bytearray(path.read_bytes())
    data[-12] ^= 1
    path.write_bytes(data)
    told = files.import_file(asker.request(id=asker.give(path)))["made"]
    assert told["state"] == "changed"
    assert "changed after it was saved" in told["sentences"][0]


def test_a_recording_from_elsewhere_carries_no_statement_and_its_owner_may_be_named(
    asker: Asker, tmp_path: Path
) -> None:
    sound = asker.give(write(tmp_path, "mp3", person_s()))
    assert makers.made(asker.request(id=sound))["made"]["state"] == "none"
    asker.page.document = filled()
    makers.rights(asker.request(id=sound, rights="licensed"))
    told = makers.makers(asker.request())
    assert told["answer"] == "no"
    assert told["replace"] == [{"track": "t1", "first": 5, "last": 6}]
    assert "piece.mp3: used with permission." in told["sentences"]
    with pytest.raises(BadRequest, match="mine"):
        makers.rights(asker.request(id=sound, rights="stolen"))


def test_a_commercial_export_refuses_with_the_reason(tmp_path: Path) -> None:
    document = filled()
    project = Project.of(document)

    def make(**options: Any) -> Path:
        exports = Exports(tmp_path / "out")
        return exports.make(document.score, "mid", options, lambda share: None, lambda: False, project)

    assert make().is_file()
    with pytest.raises(BadRequest, match=r"replace Piano \(bars 5 to 6"):
        make(commercial=True)
    document.undo()
    assert written_by(document.score, document.log.events)["selling"]["answer"] == "yes"
    assert make(commercial=True).is_file()
