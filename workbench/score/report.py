"""What an import changed on purpose: one plain sentence each, shown to the person who opened the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Remark:
    """One kind of change: a stable key (for tests and translations), how often it was made, and a sentence."""

    kind: str
    count: int
    text: str


@dataclass(slots=True)
class ImportReport:
    """All remarks of one import, in a fixed order; empty when the file was taken over as it is."""

    remarks: list[Remark] = field(default_factory=list)

    def add(self, kind: str, count: int, text: str) -> None:
        """Append a remark; nothing happens when ``count`` is 0."""
        if count:
            self.remarks.append(Remark(kind, count, text))

    def count(self, kind: str) -> int:
        """How often changes of this kind were made (0: never)."""
        return sum(remark.count for remark in self.remarks if remark.kind == kind)

    def __iter__(self) -> Iterator[Remark]:
        return iter(self.remarks)

    def __len__(self) -> int:
        return len(self.remarks)

    def __str__(self) -> str:
        return "\n".join(remark.text for remark in self.remarks)
