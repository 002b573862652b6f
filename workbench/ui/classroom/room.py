"""Starting a class: what the server needs for it, and what is printed for the teacher."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.errors import Unavailable
from workbench.hub import places
from workbench.hub.public import PublicRules
from workbench.ui.classroom import network, pages
from workbench.ui.classroom.certificate import certificate, fingerprint
from workbench.ui.classroom.gate import Gate
from workbench.ui.classroom.members import Members

#: A lesson's rules: each device has an address of its own, and what was brought stays for a double lesson and a break.
RULES = PublicRules(
    max_upload_mb=50, jobs_per_person=2, jobs_per_address=12, queue_length=60, keep_seconds=4 * 3600,
    pages_per_address=60, uploads_per_address_mb=400, uploads_mb=8_000,
)  # fmt: skip


@dataclass(frozen=True)
class Room:
    """One class on this computer.

    ``addresses``: of this computer in its networks. ``files``: certificate and key, None for plain HTTP. ``port``:
    where it listens.
    """

    port: int
    addresses: tuple[str, ...] = ()
    files: tuple[Path, Path] | None = None
    members: Members = field(default_factory=Members)

    @classmethod
    def open(cls, port: int, *, https: bool = True, code: str | None = None) -> Room:
        """Look at the network, make the certificate and a code.

        Args:
            port: where it will listen.
            https: whether devices need microphones and sound of their own.
            code: of the class; by default a new one.

        Raises:
            Unavailable: a package is missing, or the certificate cannot be kept.
        """
        try:
            import segno  # noqa: F401
        except ImportError as error:
            raise Unavailable("A class needs the app's extra: pip install 'music-workbench[app]'.") from error
        found = tuple(network.addresses())
        files = certificate(places.home() / "class", found) if https else None
        return cls(port, found, files, Members(code))

    @property
    def address(self) -> str:
        """By which pupils reach it; empty without a network."""
        return f"{self._scheme}://{self.addresses[0]}:{self.port}" if self.addresses else ""

    @property
    def _scheme(self) -> str:
        return "https" if self.files else "http"

    @property
    def invitation(self) -> str:
        """The address with the code, as the QR code holds it."""
        return f"{self.address}/class?code={self.members.code}"

    @property
    def desk(self) -> str:
        """The teacher's page, on this computer."""
        return f"{self._scheme}://localhost:{self.port}/class/teacher?key={self.members.teacher_key}"

    @property
    def gate(self) -> Any:
        """The middleware to put behind the door."""
        from starlette.middleware import Middleware

        made: Any = Gate
        picture = pages.qr_svg(self.invitation) if self.address else ""
        mark = fingerprint(self.files[0]) if self.files else ""
        return Middleware(
            made, members=self.members, address=self.address, picture=picture, secure=bool(self.files), mark=mark
        )

    @property
    def launch_options(self) -> dict[str, Any]:
        """What ``launch`` needs for HTTPS."""
        if self.files is None:
            return {}
        return {"ssl_certfile": str(self.files[0]), "ssl_keyfile": str(self.files[1]), "ssl_verify": False}

    def lines(self) -> str:
        """What is printed for the teacher."""
        if not self.address:
            return f"{pages.NO_NETWORK}\nYour page: {self.desk}"
        return "\n".join((
            pages.qr_terminal(self.invitation),
            f"Pupils: {self.address}    class code: {self.members.code}",
            f"Your page, to show the square and see who is here: {self.desk}",
            pages.WARNING if self.files else pages.PLAIN,
            f"Nothing opens on the other devices? {pages.TROUBLE[0]} {pages.TROUBLE[1]}",
        ))  # fmt: skip
