"""Files that come into a notebook's page: in pieces, as buffers of messages, onto the page's media shelf."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from workbench.errors import BadRequest
from workbench.page.media import MB, Arrival, Shelf
from workbench.page.rows import Message, whole

#: The largest piece, in bytes; the browser core sends smaller ones.
PIECE = 8 * MB
#: A file larger than this is not handed back to the page, whose whole memory it would fill.
LARGEST_READ = 256 * MB
MAX_ARRIVING = 4
MESSAGES = frozenset({"media.begin", "media.piece", "media.stop", "media.read"})


class Arrivals:
    """The files of one window that are on their way."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._arriving: dict[str, tuple[Arrival, int]] = {}

    def answer(self, message: Message, buffers: Sequence[Any]) -> tuple[Message, list[bytes]]:
        """Answer one of :data:`MESSAGES`; gives the reply and its buffers. Raises what the shelf raises."""
        match message.get("type"):
            case "media.begin":
                return self.begin(message), []
            case "media.piece":
                return self.piece(message, buffers), []
            case "media.stop":
                return self.stop(message), []
            case _:
                reply, data = self.read(message)
                return reply, [data]

    def begin(self, message: Message) -> Message:
        """A file is about to come."""
        if len(self._arriving) >= MAX_ARRIVING:
            raise BadRequest("Several files are on their way already; wait for one of them.")
        size = whole(message, "size")
        arrival = self._shelf.begin(message.get("name"), size)
        self._arriving[arrival.id] = (arrival, size)
        return {"type": "media.begun", "id": arrival.id}

    def piece(self, message: Message, buffers: Sequence[Any]) -> Message:
        """Take the next piece; with the last one the file is on the shelf."""
        arrival, size = self._find(message)
        try:
            if len(buffers) != 1 or not 0 < memoryview(buffers[0]).nbytes <= PIECE:
                raise BadRequest("A piece of a file must be one buffer of at most 8 MB.")
            arrival.write(bytes(buffers[0]))
            if arrival.come < size:
                return {"type": "media.come", "come": arrival.come}
            item = arrival.finish()
        except BaseException:
            self._drop(arrival)
            raise
        self._arriving.pop(arrival.id)
        return {"type": "media.come", "come": item.size, "item": item.to_dict()}

    def stop(self, message: Message) -> Message:
        """Stop one file; harmless if it is not on its way."""
        found = self._arriving.get(str(message.get("id")))
        if found is not None:
            self._drop(found[0])
        return {"type": "ack"}

    def read(self, message: Message) -> tuple[Message, bytes]:
        """A file of the shelf, with its bytes."""
        item = self._shelf.get(message.get("id"))
        if item.size > LARGEST_READ:
            raise BadRequest(f"{item.name} is too large to be shown in a notebook.")
        return {"type": "media.file", "name": item.name, "media_type": item.media_type}, item.path.read_bytes()

    def _find(self, message: Message) -> tuple[Arrival, int]:
        found = self._arriving.get(str(message.get("id")))
        if found is None:
            raise BadRequest("That file is not on its way; choose it again.")
        return found

    def _drop(self, arrival: Arrival) -> None:
        arrival.abort()
        self._arriving.pop(arrival.id, None)
