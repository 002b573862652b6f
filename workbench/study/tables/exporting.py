"""``study export``: everything about a study in one archive that another researcher can check and use.

It holds no id of the log: people and sittings have codes made for this export, times are counted from a person's first
event, and people who withdrew leave one row that says so.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from workbench import __version__
from workbench.errors import WorkbenchError
from workbench.fsutil import replacing_file, write_file
from workbench.study.tables.dictionary import dictionary, readme
from workbench.study.tables.frames import pseudonyms, write_csv
from workbench.study.tables.loading import Loaded, loaded
from workbench.study.tables.pseudonyms import Pseudonyms
from workbench.study.tables.said import headline, lines, to_json
from workbench.study.tables.summary import Summary, summary_of
from workbench.study.tables.writing import DICTIONARY, write_tables

#: Every file in the archive has this date, so that equal exports are equal files.
_DATE = (1980, 1, 1, 0, 0, 0)


def export(
    where: Any, output: str | Path, *, study: str | Path | None = None, freeze: str | Path | None = None,
    key: str | None = None,
) -> str:  # fmt: skip
    """Write the archive; gives a line to say.

    Args:
        where: as for :func:`~workbench.study.tables.summary.summarize`.
        output: name of the ZIP.
        study: the study file, to lie in it.
        freeze: the freeze file, to lie in it; if the log names another, the description says so.
        key: what shuffles the codes of people; only tests give one.

    Raises:
        WorkbenchError: nothing can be read there, or it cannot be written.
    """
    logs = loaded(where)
    summary = summary_of(logs)
    names = pseudonyms(summary) if key is None else Pseudonyms(
        (one.person for one in summary.people), (name for one in summary.people for name in one.sittings), key
    )  # fmt: skip
    kept = {name: Path(path) for name, path in (("study.yaml", study), ("freeze.json", freeze)) if path is not None}
    remarks = [] if freeze is not None else ["No freeze file was given, so what the study was held to is not here."]
    told = {name.split()[0] for one in summary.people for name in one.freezes}
    if freeze is not None and told and Path(freeze).is_file() and _sha256(Path(freeze)) not in told:
        remarks.append("The freeze file is not the one that the log names.")
    with tempfile.TemporaryDirectory(prefix="workbench-export-") as temporary:
        folder = Path(temporary)
        (folder / "tables").mkdir()
        write_tables(folder / "tables", summary, names)
        named: dict[str, set[str]] = {}
        with (folder / "events.jsonl").open("w", encoding="utf-8") as file:
            for event in coded(logs, summary, names):
                named.setdefault(event["kind"], set()).update(event["payload"])
                file.write(json.dumps(event, ensure_ascii=False, separators=(",", ":")) + "\n")
        write_csv(folder / "dictionary.csv", dictionary(summary, named), DICTIONARY)
        write_file(folder / "summary.json", _json(to_json(summary)))
        write_file(folder / "summary.txt", ("\n".join(lines(summary)) + "\n").encode())
        for name, path in kept.items():
            try:
                write_file(folder / name, path.read_bytes())
            except OSError as error:
                raise WorkbenchError(f"{path.name!r} cannot be read: {error.strerror or error}.") from error
        write_file(folder / "version.json", _json(_versions(summary)))
        write_file(folder / "README.md", readme(summary, remarks).encode())
        _check_nobody(folder, names)
        sums = [f"{_sha256(path)}  {path.relative_to(folder).as_posix()}\n" for path in _files(folder)]
        write_file(folder / "checksums.sha256", "".join(sums).encode())
        with replacing_file(Path(output)) as place, zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in _files(folder):
                info = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _DATE)
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, path.read_bytes())
    return f"{output}: {headline(summary)}"


def coded(logs: Loaded, summary: Summary, names: Pseudonyms) -> Iterator[dict[str, Any]]:
    """The events of everybody who has not withdrawn, with codes for ids and times from a person's first event.

    They keep to the log's schema, so whatever reads a log reads them.
    """
    gone = {one.person for one in summary.people if one.state == "withdrew"}
    own = [log for log in logs.sessions if log.events and log.person not in gone]
    starts: dict[str, int] = {}
    for log in own:
        first = int(log.events[0]["server_time"])
        starts[log.person] = min(first, starts.get(log.person, first))
    for log in sorted(own, key=lambda one: (names.person(one.person), one.events[0]["server_time"])):
        # A page's clock may be wrong by years, so it is counted from its own first moment; only its steps matter.
        clocks = [event["client_time"] for event in log.events if event.get("client_time") is not None]
        for event in log.events:
            out = names.row(event)
            out["server_time"] -= starts[log.person]
            if out.get("client_time") is not None:
                out["client_time"] -= min(clocks)
            yield out


def _versions(summary: Summary) -> dict[str, Any]:
    """What made the export, and under which versions of its file and which freeze files the study ran."""
    ran = sorted({version for one in summary.people for version in one.versions})
    frozen = sorted({freeze for one in summary.people for freeze in one.freezes})
    return {"exported_with": __version__, "study_versions": ran, "freeze": frozen, "schema": 1}


def _check_nobody(folder: Path, names: Pseudonyms) -> None:
    """Raise :class:`WorkbenchError` if an id of the log stands anywhere in the texts of an export."""
    for path in _files(folder):
        if path.suffix != ".parquet" and (found := names.strange(path.read_text(encoding="utf-8"))):
            raise WorkbenchError(
                f"The export would name {len(found)} of the log's own ids in {path.name}; nothing was written. "
                "Please report this."
            )


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _json(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()
