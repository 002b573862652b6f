"""The addresses by which other devices of the local network reach this computer."""

from __future__ import annotations

import ipaddress
import socket
from contextlib import suppress

#: An address that no machine has (RFC 5737). Nothing is sent there: a datagram socket only looks up its own way out.
NOWHERE = ("192.0.2.1", 9)


def addresses() -> list[str]:
    """IPv4 addresses of this computer in its networks, the one of its usual way out first; empty without a network."""
    found: list[str] = []
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        way.connect(NOWHERE)
        found.append(str(way.getsockname()[0]))
    with suppress(OSError):
        found += [str(entry[4][0]) for entry in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)]
    return list(dict.fromkeys(address for address in found if reachable(address)))


def reachable(address: str) -> bool:
    """Whether other devices can call an address: none that means this machine alone, or nothing at all."""
    literal = ipaddress.ip_address(address)
    return not (literal.is_loopback or literal.is_unspecified or literal.is_link_local or literal.is_multicast)
