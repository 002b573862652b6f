"""What an entry of the registry says about a model: task, adapter, where its weights are, what it needs, its card."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.errors import BadDocument, BadFile
from workbench.hub.card import Card, read_table, read_text
from workbench.hub.sources import (
    PICKLED,
    WEIGHTS,
    Embedded,
    HubRepo,
    Source,
    Wheel,
    check_file,
    check_name,
    check_source,
    read_wheel,
)
from workbench.resources import WEIGHT_SETS
from workbench.score.lanes import check_id

__all__ = ["PICKLED", "WEIGHTS", "Embedded", "HubRepo", "ModelSpec", "Source", "Wheel", "spec_from_table"]

_ADAPTER = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*\Z")
EXTRAS = ("", "app", "hub", "train", "study")
MAX_MEMORY_MB = 1_000_000

_FIELDS = {
    "task", "title", "adapter", "extra", "embedded", "repo", "revision", "wheel", "files", "memory_mb", "size_mb",
    "speed", "default", "weights", "capabilities", "card",
}  # fmt: skip


@dataclass(frozen=True)
class ModelSpec:
    """One model. ``adapter`` is ``module:Class``; ``extra`` the optional part of the package it needs ("" = none).

    ``source`` says where its files are (None: it has none); ``files`` maps file names (POSIX, relative) to their
    sha256, empty text for small embedded files that need no check, and for those of a repository that is pinned on
    first use (none at all: a config.json and the best weights there are). ``memory_mb`` is the peak while running,
    ``size_mb`` what is fetched, as far as that is known beforehand.
    ``capabilities`` are plain facts for people and choosers (``drums = true``, ``max_bars = 64``). ``default``: the
    embedded model that steps in for its task. ``weights``: the set it belongs to (``open``, ``pop``; "": to none, and
    it is always there). ``origin``: ``built-in``, ``added`` or ``plugin NAME``.
    """

    id: str
    task: str
    adapter: str
    card: Card
    title: str = ""
    extra: str = ""
    source: Source | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    memory_mb: int = 50
    speed: str = ""
    default: bool = False
    capabilities: Mapping[str, Any] = field(default_factory=dict)
    origin: str = "built-in"
    size_mb: int = 0
    weights: str = ""

    def __post_init__(self) -> None:
        what = f"the model {str(self.id)[:64]!r}"
        try:
            check_id(self.id, f"The name of {what}")
            check_id(self.task, f"The task of {what}")
        except BadDocument as error:
            raise BadFile(str(error)) from error
        if not isinstance(self.adapter, str) or not _ADAPTER.match(self.adapter):
            raise BadFile(f"The adapter of {what} must be written module:Class.")
        if self.extra not in EXTRAS:
            raise BadFile(f"The extra of {what} must be one of {', '.join(EXTRAS[1:])}, or be left out.")
        if self.weights not in ("", *WEIGHT_SETS):
            raise BadFile(f"The weights of {what} must be one of {', '.join(WEIGHT_SETS)}, or be left out.")
        if type(self.memory_mb) is not int or not 1 <= self.memory_mb <= MAX_MEMORY_MB:
            raise BadFile(f"The memory_mb of {what} must be a whole number of megabytes.")
        if type(self.size_mb) is not int or not 0 <= self.size_mb <= MAX_MEMORY_MB:
            raise BadFile(f"The size_mb of {what} must be a whole number of megabytes.")
        if self.default and not self.embedded:
            raise BadFile(f"The entry of {what} cannot be its task's default: a default must be embedded.")
        check_source(self.source, what)
        for name, digest in self.files.items():
            must = not self.unpinned and (not self.embedded or str(name).endswith(WEIGHTS))
            check_file(name, digest, what, must_pin=must)
        if self.source is None and self.files:
            raise BadFile(f"The entry of {what} lists files but does not say where they are.")

    @property
    def revision(self) -> str:
        """The pinned commit ("" if it is pinned on first use), the package's version, or ``embedded``."""
        if isinstance(self.source, HubRepo):
            return self.source.revision
        return self.source.version if isinstance(self.source, Wheel) else "embedded"

    @property
    def embedded(self) -> bool:
        """Whether it runs with no network."""
        return not isinstance(self.source, HubRepo | Wheel)

    @property
    def unpinned(self) -> bool:
        """Whether its commit and hashes are to be pinned when it is first fetched."""
        return isinstance(self.source, HubRepo) and not self.source.revision

    @property
    def author(self) -> str:
        """The author its notes carry."""
        return f"model:{self.id}"

    def to_dict(self) -> dict[str, Any]:
        """JSON form, as ``workbench models show --json`` prints it."""
        out: dict[str, Any] = {
            "id": self.id, "task": self.task, "title": self.title, "adapter": self.adapter, "extra": self.extra,
            "embedded": self.embedded, "revision": self.revision, "files": dict(self.files),
            "memory_mb": self.memory_mb, "size_mb": self.size_mb, "speed": self.speed, "default": self.default,
            "origin": self.origin, "weights": self.weights,
            "capabilities": dict(self.capabilities), "card": self.card.to_dict(),
        }  # fmt: skip
        if isinstance(self.source, HubRepo):
            out["repo"] = self.source.repo
        if isinstance(self.source, Wheel):
            out["wheel"] = {
                "package": self.source.package, "version": self.source.version, "sha256": self.source.sha256
            }  # fmt: skip
        return out


def spec_from_table(model_id: str, data: Any, adapters: Mapping[str, str], origin: str = "built-in") -> ModelSpec:
    """Read one ``[models.ID]`` table of a registry file; ``adapters`` maps the allowed names to ``module:Class``.

    Raises:
        BadFile: anything missing, unknown or malformed; the sentence names the entry.
    """
    what = f"the model {model_id[:64]!r}"
    table = read_table(data, _FIELDS, {"task", "adapter", "card"}, f"The entry of {what}")
    if not isinstance(table["adapter"], str) or table["adapter"] not in adapters:
        raise BadFile(
            f"The entry of {what} names the adapter {str(table['adapter'])[:40]!r}, which is not part of this version "
            f"of the workbench; it has {', '.join(sorted(adapters)) or 'none'}."
        )
    if len({"embedded", "repo", "wheel"} & table.keys()) > 1:
        raise BadFile(f"The entry of {what} must name one of an embedded folder, a repository and a wheel.")
    source: Source | None = None
    if "embedded" in table:
        folder = read_text(table["embedded"], f"embedded of {what}", 64)
        check_name(folder, what)
        source = Embedded(folder)
    elif "repo" in table:
        source = HubRepo(str(table["repo"]), str(table.get("revision", "")))
    elif "wheel" in table:
        source = read_wheel(table["wheel"], what)
    files, abilities = table.get("files", {}), table.get("capabilities", {})
    if not isinstance(files, Mapping) or not isinstance(abilities, Mapping) or len(files) > 1_000:
        raise BadFile(f"The files and capabilities of {what} must be tables.")
    if (isinstance(source, Wheel) or (isinstance(source, HubRepo) and source.revision)) and not files:
        raise BadFile(f"The entry of {what} must list the files to load, with their sha256.")
    if not isinstance(table.get("default", False), bool):
        raise BadFile(f"The field default of {what} must be true or false.")
    return ModelSpec(
        model_id, table["task"], adapters[table["adapter"]], Card.from_dict(table["card"], what),
        read_text(table.get("title", model_id), f"title of {what}", 200), table.get("extra", ""), source, dict(files),
        table.get("memory_mb", 50), read_text(table.get("speed", "not measured"), f"speed of {what}", 400),
        table.get("default", False), dict(abilities), origin, table.get("size_mb", 0), table.get("weights", ""),
    )  # fmt: skip
