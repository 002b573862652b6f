"""Where the hub keeps a person's own things: added models, pinned repositories, how fast runs were here.

``WORKBENCH_HOME`` overrides the platform's folder (``~/.config/workbench`` and its like). Weights are not here: they
live in the Hub cache, where ``HF_HOME`` and ``HF_HUB_CACHE`` put it.
"""

from __future__ import annotations

import os
from pathlib import Path

from workbench.fsutil import explain, write_file


def home() -> Path:
    """The folder of the user's own settings (it need not exist yet)."""
    if override := os.environ.get("WORKBENCH_HOME"):
        return Path(override).expanduser()
    from platformdirs import user_config_path

    return Path(user_config_path("workbench", appauthor=False))


def user_registry() -> Path:
    """The file in which ``workbench models add`` keeps its entries."""
    return home() / "models.toml"


def lock_file() -> Path:
    """The file that keeps which commit and which sha256 a Hub repository was pinned to when it was first used."""
    return home() / "models.lock.json"


def speed_file() -> Path:
    """The file that remembers how long runs took here."""
    return home() / "speed.json"


def write_atomic(path: Path, text: str) -> None:
    """Write a small text file whole or not at all.

    Raises:
        Unavailable: the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise explain(path, error) from error
    write_file(path, text.encode("utf-8"))
