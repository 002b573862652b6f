"""What becomes of each file of an export once it is whole: it stays in its folder, or moves into a zip."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable
from pathlib import Path

from workbench.errors import Cancelled

_AT_ONCE = 1 << 20


class Kept:
    """Files stay where they are. ``digests``: the sha256 of each, by its name.

    Args:
        work: the folder they are written to.
    """

    def __init__(self, work: Path) -> None:
        self.work = work
        self.digests: dict[str, str] = {}

    def add(self, name: str, *, last: bool = True, dense: bool = False) -> None:
        """A file is whole. A file that is known already is left alone.

        Args:
            name: its path within the folder.
            last: nobody here needs it any more.
            dense: it would hardly shrink.
        """
        if name not in self.digests:
            with (self.work / name).open("rb") as file:
                self.digests[name] = hashlib.file_digest(file, "sha256").hexdigest()


class Moved(Kept):
    """Files move into a zip, so that each takes its space only once.

    Args:
        work: the folder they are written to.
        archive: the zip.
        folder: the folder within the zip.
        stop: asked as the work goes on.
    """

    def __init__(self, work: Path, archive: zipfile.ZipFile, folder: str, stop: Callable[[], bool] | None) -> None:
        super().__init__(work)
        self._archive, self._folder, self._stop = archive, folder, stop

    def add(self, name: str, *, last: bool = True, dense: bool = False) -> None:
        """See :meth:`Kept.add`; raises :class:`Cancelled` where ``stop`` said so."""
        place = self.work / name
        if name not in self.digests:
            digest = hashlib.sha256()
            entry = zipfile.ZipInfo.from_file(place, f"{self._folder}/{name}")
            entry.compress_type = zipfile.ZIP_STORED if dense else self._archive.compression
            with place.open("rb") as source, self._archive.open(entry, "w", force_zip64=True) as target:
                while piece := source.read(_AT_ONCE):
                    if self._stop is not None and self._stop():
                        raise Cancelled("Stopped; nothing was written.")
                    digest.update(piece)
                    target.write(piece)
            self.digests[name] = digest.hexdigest()
        if last:
            place.unlink()
