"""Whom the server answers: the names it is reached by, the pages whose scripts it obeys, and who may frame it.

A web page elsewhere can make a visitor's browser send requests here, and can point a name of its own at this machine.
So a request must name a host that is the server's own, and one that changes something must come from its own page (or
from a program, which has no page).
"""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

#: Where Spaces are shown.
SPACE_FRAMES = ("https://huggingface.co", "https://*.huggingface.co", "https://*.hf.space")


def split_host(text: str) -> tuple[str, int | None]:
    """The name and the port of a ``Host`` header, an origin or an address; an empty name if it is none."""
    try:
        parts = urlsplit(text if "//" in text else f"//{text}")
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
        return (parts.hostname or "").rstrip("."), port
    except ValueError:
        return "", None


def _literal(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def _matches(name: str, pattern: str) -> bool:
    return name.endswith(pattern[1:]) if pattern.startswith("*.") else name == pattern


@dataclass(frozen=True)
class Hosts:
    """The names of a server.

    Args:
        bound: the address it listens on.
        names: further names it is reached by; ``*.example.org`` for all below. One with ``https://`` before it is a
            page elsewhere whose scripts may call the server.
        frames: pages that may show it in a frame.
        space: whether it is a Hugging Face Space.
    """

    bound: str = "127.0.0.1"
    names: frozenset[str] = frozenset()
    frames: frozenset[str] = frozenset()
    space: bool = False
    _own: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        machine = socket.gethostname().lower()
        own = {split_host(self.bound)[0] or self.bound, machine, f"{machine.split('.')[0]}.local"}
        own |= {name.lower() for name in self.names if "://" not in name}
        if self.space:
            own |= {"*.hf.space", os.environ.get("SPACE_HOST", "").lower()}
        object.__setattr__(self, "_own", frozenset(own - {""}))

    @classmethod
    def here(cls, bound: str | None, names: Iterable[str] = (), frames: Iterable[str] = ()) -> Hosts:
        """Those of this process; ``bound`` left out: where Gradio will listen."""
        bound = bound or os.environ.get("GRADIO_SERVER_NAME") or "127.0.0.1"
        return cls(bound, frozenset(names), frozenset(frames), os.environ.get("SYSTEM") == "spaces")

    @property
    def local(self) -> bool:
        """Whether only this machine itself can reach the server."""
        name = split_host(self.bound)[0] or self.bound
        literal = _literal(name)
        return name == "localhost" or (literal is not None and literal.is_loopback)

    def allows(self, header: str) -> bool:
        """Whether a ``Host`` header names this server. A bare address always does where it can be reached by one."""
        name, _ = split_host(header)
        literal = _literal(name)
        if literal is not None:  # no one can point an address elsewhere, as they can a name
            return literal.is_loopback or not self.local
        if name == "localhost" or name.endswith(".localhost"):
            return True
        return any(_matches(name, own) for own in self._own)

    def obeys(self, headers: Mapping[str, str], forwarded: bool = False) -> bool:
        """Whether something may be changed for whoever sent these headers (names in lower case).

        ``forwarded``: a trusted proxy stands before the server, and says by which name it was asked.
        """
        origin = headers.get("origin")
        if origin is None:
            return headers.get("sec-fetch-site", "none") in ("same-origin", "none")
        if origin in self.names:
            return True
        name, port = split_host(origin)
        hosts = [headers.get("host", "")]
        if forwarded:
            hosts.append(headers.get("x-forwarded-host", ""))
        secure = origin.startswith("https://")
        return bool(name) and any(
            (name, port) == (host, own_port or (443 if secure else 80)) for host, own_port in map(split_host, hosts)
        )

    @property
    def page_headers(self) -> list[tuple[bytes, bytes]]:
        """What a browser is told to keep to on the server's pages."""
        frames = " ".join(["'self'", *sorted(self.frames), *(SPACE_FRAMES if self.space else ())])
        # Gradio's own pages run scripts that stand in them, and compile templates; all of them come from here.
        scripts = "'self' 'unsafe-inline' 'unsafe-eval' blob:"
        policy = (
            f"default-src 'self'; script-src {scripts}; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; "
            "img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:; "
            "connect-src 'self' data: blob:; frame-src 'self' blob:; object-src 'none'; base-uri 'self'; "
            f"form-action 'self'; frame-ancestors {frames}"
        )
        return [(b"content-security-policy", policy.encode("latin-1"))]


#: What every answer carries.
ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"permissions-policy", b"microphone=(self), midi=(self), camera=(self), geolocation=(), payment=(), usb=()"),
)
#: What a file that somebody has made or brought may do if a browser shows it: nothing.
FILE_POLICY = (b"content-security-policy", b"default-src 'none'; media-src 'self'; img-src 'self'; sandbox")


def address_of(peer: str, headers: Mapping[str, str], proxies: int) -> str:
    """The network address of a visitor.

    Args:
        peer: who has opened the connection.
        headers: of the request, names in lower case.
        proxies: how many entries at the end of ``X-Forwarded-For`` were written by proxies of the owner's.
    """
    entries = [entry.strip() for entry in headers.get("x-forwarded-for", "").split(",") if entry.strip()]
    if not proxies or len(entries) < proxies:
        return peer
    name = entries[-proxies]
    literal = _literal(name) or _literal(split_host(name)[0])
    if isinstance(literal, ipaddress.IPv6Address):  # whoever has one IPv6 address has 2**64
        return str(ipaddress.ip_network((literal, 64), strict=False).network_address)
    return str(literal) if literal is not None else peer
