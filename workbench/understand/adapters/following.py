"""What the adapters' runs have in common: the one network of an entry, and work that tells how far it is."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from workbench.errors import BadFile
from workbench.hub.protocol import CancelToken, Progress

Found = TypeVar("Found")


def followed(
    work: Iterator[float | Found], cancel: CancelToken, found: Found, *, share: float = 1.0
) -> Generator[Progress, None, Found]:
    """Yield what ``work`` says of its progress; returns what it gave last.

    Args:
        work: figures from 0 to 1 as it goes on, then its result.
        cancel: asked after each of them.
        found: the result of work that gives none.
        share: the part of the whole that this work is.
    """
    for item in work:
        cancel.check()
        if isinstance(item, float):
            yield Progress(share * item)
        else:
            found = item
    return found


def one_network(files: Mapping[str, Path], model_id: str) -> Path:
    """The one ONNX file of an entry; raises :class:`BadFile` if there is none, or another."""
    found = [path for name, path in files.items() if name.endswith(".onnx")]
    if len(found) != 1:
        raise BadFile(f"The entry of {model_id} must name one network.")
    return found[0]
