"""What a person takes away: one file from the piece as it stands, made in the background, gone after an hour."""

from __future__ import annotations

import re
import secrets
import shutil
import tempfile
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbench.errors import BadRequest
from workbench.hub.public import sweep
from workbench.score.authorship import statement
from workbench.score.document import Score
from workbench.score.files import encode

KEEP_SECONDS = 3_600
DOCUMENTS = ("mid", "musicxml", "wbz")
SOUNDS = ("mp3", "m4a", "wav", "flac")
KINDS = (*DOCUMENTS, *SOUNDS, "zip")
RATES = (44_100, 48_000)
SUBTYPES = ("float", "pcm24")

Progress = Callable[[float], None]
Stop = Callable[[], bool]


def plain_name(title: str) -> str:
    """A file name made of the title: letters and digits of any script, dashes for the rest."""
    text = unicodedata.normalize("NFC", title)
    name = re.sub(r"[^\w]+", "-", text, flags=re.UNICODE).strip("-_")[:60]
    return name or "piece"


class Exports:
    """A folder of finished files, each behind a name that cannot be guessed.

    Args:
        folder: where they are kept; by default a new temporary one.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path(tempfile.mkdtemp(prefix="workbench-exports-"))
        self.folder.mkdir(parents=True, exist_ok=True)

    def make(self, score: Score, kind: Any, options: Any, progress: Progress, stop: Stop) -> Path:
        """Make one file and return its path.

        Args:
            score: the piece.
            kind: one of :data:`KINDS`; untrusted.
            options: ``rate`` and ``subtype`` for sound and stems; untrusted.
            progress: called with 0.0 to 1.0.
            stop: asked as often as the work allows.

        Raises:
            BadRequest: an unknown kind or option, or nothing to export.
            Cancelled: ``stop`` said so.
        """
        if kind not in KINDS:
            raise BadRequest("The piece cannot be saved as that kind of file.")
        options = options if isinstance(options, dict) else {}
        rate, subtype = options.get("rate", 44_100), options.get("subtype", "float")
        if rate not in RATES or subtype not in SUBTYPES:
            raise BadRequest("Sound can be saved at 44100 or 48000 samples a second, as float or 24 bit.")
        if kind not in DOCUMENTS and not score.note_count:
            raise BadRequest("The piece holds no notes yet, so there is nothing to hear.")
        sweep(self.folder, KEEP_SECONDS)
        place = self.folder / secrets.token_hex(16)
        place.mkdir()
        try:
            return self._make(score, kind, rate, subtype, place, progress, stop)
        except BaseException:
            shutil.rmtree(place, ignore_errors=True)
            raise

    @staticmethod
    def _make(score: Score, kind: str, rate: int, subtype: str, place: Path, progress: Progress, stop: Stop) -> Path:
        path = place / f"{plain_name(score.title)}.{kind}"
        if kind in DOCUMENTS:
            path.write_bytes(encode(score, f".{kind}", texts=[statement(score)]))
        elif kind in SOUNDS:
            from workbench.sound.files import write_audio
            from workbench.sound.render import render

            audio = render(score, rate=rate, progress=lambda share: progress(share * 0.9), stop=stop)
            write_audio(audio, path, note=statement(score), **({"subtype": subtype} if kind == "wav" else {}))
        else:
            from workbench.sound.stems import export_stems

            folder = place / "stems"
            export_stems(
                score, folder, rate=rate, subtype=subtype, progress=lambda share: progress(share * 0.9), stop=stop
            )
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                for item in sorted(folder.rglob("*")):
                    if item.is_file():
                        archive.write(item, f"{path.stem}/{item.relative_to(folder).as_posix()}")
            shutil.rmtree(folder)
        progress(1.0)
        return path
