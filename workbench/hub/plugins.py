"""What installed packages bring to the workbench, by entry-point group; a broken one keeps nobody else from working.

Groups: ``workbench.tasks``, ``workbench.models``, ``workbench.messages``, ``workbench.commands``, ``workbench.tabs``.
"""

from __future__ import annotations

from importlib import metadata
from typing import Any


def offers(group: str) -> tuple[list[tuple[str, Any]], list[str]]:
    """What plug-ins offer in a group, each with its name, and one sentence for each that could not be loaded."""
    found: list[tuple[str, Any]] = []
    problems: list[str] = []
    for entry in metadata.entry_points(group=group):
        try:
            found.append((entry.name, entry.load()))
        except Exception as error:
            problems.append(f"The plug-in {entry.name} could not be loaded ({type(error).__name__}).")
    return found, problems
