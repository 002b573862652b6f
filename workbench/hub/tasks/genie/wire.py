"""A performance as JSON: presses, chords and settings in, notes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from workbench.errors import BadRequest
from workbench.hub.tasks.base import Wire
from workbench.hub.tasks.genie.chords import MAX_CHORDS, PlayChord
from workbench.hub.tasks.genie.request import GenieRequest, GenieSettings


class GenieWire(Wire):
    """No inputs: the data is :meth:`GenieRequest.settings`, or the same with chords as text."""

    def read(self, data: Any, inputs: Mapping[str, Any], document_revision: int = 0) -> GenieRequest:
        """The request of an untrusted client; raises :class:`BadRequest`."""
        known = isinstance(data, Mapping) and data.keys() <= {"task", "presses", "chords", "play"}
        if not known or data.get("task", "genie") != "genie":
            raise BadRequest("This is not a list of presses.")
        return GenieRequest(
            data.get("presses"), _chords(data.get("chords", ())), read_settings(data.get("play", {})), document_revision
        )


def _chords(data: Any) -> str | tuple[PlayChord, ...]:
    if isinstance(data, str):
        return data
    names = {item.name for item in fields(PlayChord)}
    if not isinstance(data, (list, tuple)) or len(data) > MAX_CHORDS:
        raise BadRequest(f"The chords must be a text or a list of at most {MAX_CHORDS:,}.")
    if not all(isinstance(item, Mapping) and item.keys() <= names for item in data):
        raise BadRequest("A chord needs a root and bass from 0 to 11 and a time in seconds.")
    try:
        return tuple(PlayChord(**item) for item in data)
    except TypeError as error:
        raise BadRequest("A chord needs a root and bass from 0 to 11 and a time in seconds.") from error


def read_settings(data: Any) -> GenieSettings:
    """Settings of an untrusted client, lists where Python has tuples; raises :class:`BadRequest`."""
    names = {item.name for item in fields(GenieSettings)}
    if not isinstance(data, Mapping) or not data.keys() <= names:
        raise BadRequest(f"The settings of the Genie are {', '.join(sorted(names))}.")
    try:
        return GenieSettings(**{**data, "scale": tuple(data.get("scale", ()))})
    except TypeError as error:
        raise BadRequest("The settings of the Genie are not as they should be; choose them again.") from error
