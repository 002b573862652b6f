"""Pictures and PDF files as grey pages: turned as the camera says, within bounds, errors in one sentence."""

from __future__ import annotations

import re
import threading
import warnings
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import BadFile, BadRequest, Unavailable

if TYPE_CHECKING:
    from PIL import Image

#: Largest file in bytes, most pixels of a picture as it is stored, and the longest side that is read from it.
MAX_BYTES = 200 * 2**20
MAX_PIXELS = 120_000_000
LONGEST = 4_200
#: Longest side to which a PDF page is drawn; most pages of one PDF that are read at once.
PDF_LONGEST = 3_600
MAX_PAGES = 40
_ENDINGS = "PNG, JPEG, WEBP, HEIC or PDF"
#: PDFium keeps state of its own and must not be entered twice.
_PDFIUM = threading.Lock()


def open_pages(source: str | Path | bytes, pages: Sequence[int] | None = None) -> list[NDArray[np.uint8]]:
    """The pages of a picture or PDF: uint8 [H, W], 255 white, the longest side at most :data:`LONGEST` pixels.

    Args:
        source: a path, or the file's bytes.
        pages: which of a PDF's pages, counted from 1; left out: all.

    Raises:
        BadFile: it is not a picture or PDF, is broken, too large, locked by a password, or has too many pages.
        Unavailable: the library for its format is not installed.
    """
    data = _bytes(source)
    if data[:1024].lstrip().startswith(b"%PDF-"):
        return _pdf(data, pages)
    if pages is not None and set(pages) - {1}:
        raise BadFile("A picture has one page; pages can be chosen of a PDF only.")
    return [_grey(_picture(data))]


def page_numbers(text: str | None) -> list[int] | None:
    """The pages that ``2``, ``2-5`` or ``1,3-4`` name; raises :class:`BadRequest`."""
    if text is None:
        return None
    out: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d{1,4})(?:-(\d{1,4}))?\s*", part, re.ASCII)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 1 <= first <= last:
            raise BadRequest("Pages are named like 2, 2-5 or 1,3-4.")
        out += range(first, last + 1)
    return out


def _bytes(source: str | Path | bytes) -> bytes:
    if isinstance(source, bytes):
        data = source
    else:
        path = Path(source)
        try:
            if path.stat().st_size > MAX_BYTES:
                raise BadFile(f"{path.name[:80]} is larger than {MAX_BYTES // 2**20} MB; make the picture smaller.")
            data = path.read_bytes()
        except OSError as error:
            raise BadFile(f"{path.name[:80]} cannot be opened: {error.strerror or error}.") from error
    if len(data) > MAX_BYTES:
        raise BadFile(f"This file is larger than {MAX_BYTES // 2**20} MB; make the picture smaller.")
    if not data:
        raise BadFile("This file is empty.")
    return data


def _picture(data: bytes) -> Image.Image:
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            if data[4:8] == b"ftyp" and data[8:12] != b"avif":
                picture = _heic(data)
            else:
                picture = Image.open(BytesIO(data), formats=("PNG", "JPEG", "WEBP", "TIFF", "GIF", "BMP", "AVIF"))
            width, height = picture.size
            if width * height > MAX_PIXELS:
                raise BadFile(
                    f"This picture has {width:,} x {height:,} pixels; at most {MAX_PIXELS // 10**6} million are read."
                )
            picture.draft("L", (LONGEST, LONGEST))
            picture.load()
            return ImageOps.exif_transpose(picture)
    except Image.DecompressionBombError as error:
        raise BadFile(f"This picture has too many pixels; at most {MAX_PIXELS // 10**6} million are read.") from error
    except UnidentifiedImageError as error:
        raise BadFile(f"This is not a picture that can be read; give {_ENDINGS}.") from error
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, IndexError, TypeError) as error:
        raise BadFile("This picture is damaged and cannot be read.") from error


def _heic(data: bytes) -> Image.Image:
    try:
        import pillow_heif
    except ImportError as error:
        raise Unavailable("Reading HEIC pictures needs the package pillow-heif; save it as JPEG instead.") from error
    opened: Any = pillow_heif.open_heif(BytesIO(data), convert_hdr_to_8bit=True)
    width, height = opened.size
    if width * height > MAX_PIXELS:
        raise BadFile(
            f"This picture has {width:,} x {height:,} pixels; at most {MAX_PIXELS // 10**6} million are read."
        )
    return opened.to_pillow()  # type: ignore[no-any-return]


def _grey(picture: Image.Image) -> NDArray[np.uint8]:
    """As grey, see-through parts white, no side above :data:`LONGEST`."""
    from PIL import Image

    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture)
    if picture.mode.startswith(("I", "F")):  # 16 bits
        values = np.asarray(picture, dtype=np.float32)
        top = 65_535.0 if values.max() > 255 else 255.0
        picture = Image.fromarray((values * (255.0 / top)).clip(0, 255).astype(np.uint8))
    grey = picture.convert("L")
    if min(grey.size) < 40:
        raise BadFile("This picture is too small to hold music.")
    longest = max(grey.size)
    if longest > LONGEST:
        size = (max(1, grey.width * LONGEST // longest), max(1, grey.height * LONGEST // longest))
        grey = grey.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    return np.asarray(grey)


def _pdf(data: bytes, pages: Sequence[int] | None) -> list[NDArray[np.uint8]]:
    try:
        import pypdfium2
    except ImportError as error:
        raise Unavailable("Reading PDF files needs the package pypdfium2.") from error
    with _PDFIUM:
        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            if "assword" in str(error):
                raise BadFile("This PDF is locked by a password; save it without one.") from error
            raise BadFile("This PDF is damaged and cannot be read.") from error
        try:
            count = len(document)
            numbers = list(range(1, count + 1)) if pages is None else list(pages)
            odd = [number for number in numbers if not 1 <= number <= count]
            if odd:
                raise BadFile(f"This PDF has {count} page{'' if count == 1 else 's'}; there is no page {odd[0]}.")
            if len(numbers) > MAX_PAGES:
                raise BadFile(f"This PDF has {count} pages; choose at most {MAX_PAGES} of them.")
            if not numbers:
                raise BadFile("This PDF has no pages.")
            return [_pdf_page(document, number - 1) for number in numbers]
        except pypdfium2.PdfiumError as error:
            raise BadFile("This PDF is damaged and cannot be read.") from error
        finally:
            document.close()


def _pdf_page(document: Any, index: int) -> NDArray[np.uint8]:
    page = document[index]
    width, height = page.get_size()
    if not min(width, height) >= 1 or max(width, height) > 50 * min(width, height):
        raise BadFile(f"Page {index + 1} of this PDF has no sensible size.")
    bitmap = page.render(scale=PDF_LONGEST / max(width, height), grayscale=True)
    out = np.array(bitmap.to_numpy()).reshape(bitmap.height, bitmap.width, -1)[:, :, 0]
    bitmap.close()
    page.close()
    return np.ascontiguousarray(out)
