"""Project files: ``.wbz``, a zip of ``score.json``, ``events.jsonl`` and ``media/``.

The same project always gives the same bytes: members are sorted and carry a fixed date.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass, field

from workbench.errors import BadDocument, BadFile
from workbench.score.archive import read_archive
from workbench.score.canonical import dumps_json, loads_json
from workbench.score.events import Event, dumps_events, loads_events
from workbench.score.score import SCHEMA, Score

MAX_MEMBERS = 256
MAX_BYTES = 256 * 2**20
_EPOCH = (1980, 1, 1, 0, 0, 0)
_MEDIA = re.compile(r"media/[A-Za-z0-9][A-Za-z0-9_.-]{0,99}\Z")


@dataclass(slots=True)
class Project:
    """A score, the events that led to it, and media files by their plain name."""

    score: Score
    events: list[Event] = field(default_factory=list)
    media: dict[str, bytes] = field(default_factory=dict)


def write_project(project: Project) -> bytes:
    """The bytes of a ``.wbz`` file.

    Raises:
        BadDocument: a media name is not a plain file name, or the project is larger than can be read back.
    """
    members = {
        "score.json": dumps_json({"schema": SCHEMA, "score": project.score.to_dict()}).encode(),
        "events.jsonl": dumps_events(project.events).encode(),
    }
    for name, data in project.media.items():
        if not _MEDIA.match(f"media/{name}"):
            raise BadDocument(f"{name[:60]!r} cannot be the name of a media file in a project.")
        members[f"media/{name}"] = data
    if len(members) > MAX_MEMBERS or sum(map(len, members.values())) > MAX_BYTES:
        raise BadDocument("This project is too large to save: its media files together pass 256 MB.")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(members):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), members[name], zipfile.ZIP_DEFLATED)
    return out.getvalue()


def read_project(data: bytes) -> Project:
    """Read a ``.wbz`` file.

    Raises:
        BadFile: the zip is broken, hostile or not a project, or its score breaks the document's rules.
    """
    members = read_archive(data, max_members=MAX_MEMBERS, max_bytes=MAX_BYTES)
    if "score.json" not in members:
        raise BadFile("This zip is not a project: it holds no score.json.")
    try:
        content = loads_json(members["score.json"])
        if not isinstance(content, dict) or not isinstance(content.get("schema"), int):
            raise BadDocument("The project's score.json is not a score.")
        if content["schema"] > SCHEMA:
            raise BadDocument(
                "This project was made by a newer version of the workbench; update the workbench to open it."
            )
        score = Score.from_dict(content.get("score"))
        events = loads_events(members.get("events.jsonl", b"").decode("utf-8"))
    except UnicodeDecodeError as error:
        raise BadFile("The project's event log is not text.") from error
    except BadDocument as error:
        raise BadFile(str(error)) from error
    media = {name.removeprefix("media/"): body for name, body in members.items() if _MEDIA.match(name)}
    return Project(score, events, media)
