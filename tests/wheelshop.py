"""Wheels made here, and a folder of them in the place of a package index: real pip, no network."""

from __future__ import annotations

import hashlib
import os
import zipfile
from pathlib import Path

import pytest


def sha(data: bytes) -> str:
    """The sha256 of some bytes."""
    return hashlib.sha256(data).hexdigest()


def make(folder: Path, files: dict[str, bytes | zipfile.ZipInfo], *, name: str = "tiny-weights", version: str = "1.2.0",
         file_version: str = "", tag: str = "py3-none-any", about: str = "") -> Path:  # fmt: skip
    """A wheel as pip accepts it; a ``ZipInfo`` stands for a member of its own attributes, whose comment is its data.

    ``about``: further lines of its metadata, such as what it requires.
    """
    folder.mkdir(parents=True, exist_ok=True)
    module = name.replace("-", "_")
    path = folder / f"{module}-{file_version or version}-{tag}.whl"
    info = f"{module}-{version}.dist-info"
    record = f"{info}/RECORD,,\n"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{module}/__init__.py", "raise SystemExit('the package was imported')\n")
        for key, data in files.items():
            if isinstance(data, zipfile.ZipInfo):
                archive.writestr(data, data.comment)
            else:
                archive.writestr(key, data)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{about}")
        archive.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n")
        archive.writestr(f"{info}/RECORD", record)
    return path


def opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder ``shop`` that pip takes for its index, and an empty weights cache beside it."""
    from huggingface_hub import constants

    for name in [key for key in os.environ if key.startswith("PIP_")]:
        monkeypatch.delenv(name)
    shop = folder / "shop"
    shop.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shop))
    monkeypatch.setattr(constants, "HF_HOME", str(folder / "home"))
    return shop
