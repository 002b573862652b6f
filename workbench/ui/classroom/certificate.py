"""A certificate that this computer makes for itself: browsers give the microphone and sound to HTTPS pages alone.

Nobody else vouches for it, so each device warns once. It is kept (the key readable by its owner alone) and used again
as long as it is valid for the addresses of the day, so that a device that has been told to trust it does not ask again.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workbench.errors import Unavailable
from workbench.fsutil import explain

#: Telephones refuse certificates that are valid for longer.
DAYS = 365
#: One that ends within so many days is made anew.
REST_DAYS = 2


def certificate(folder: Path, addresses: Sequence[str]) -> tuple[Path, Path]:
    """The files of a certificate for these addresses and this computer's names, and of its key (both PEM).

    Args:
        folder: where they are kept; made if need be.
        addresses: IPv4 or IPv6 addresses.

    Raises:
        Unavailable: the folder cannot be written, or the package ``cryptography`` is missing.
    """
    try:
        import cryptography  # noqa: F401
    except ImportError as error:
        raise Unavailable(
            "HTTPS needs a further package; install it with: pip install 'music-workbench[app]'."
        ) from error
    paths = folder / "certificate.pem", folder / "key.pem"
    wanted = {"127.0.0.1", *addresses}
    try:
        if all(path.is_file() for path in paths) and _serves(paths[0].read_bytes(), wanted):
            return paths
        made, key = _make(sorted(wanted))
        folder.mkdir(parents=True, exist_ok=True)
        paths[0].write_bytes(made)
        paths[1].unlink(missing_ok=True)
        with os.fdopen(os.open(paths[1], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(key)
    except OSError as error:
        raise explain(folder, error) from error
    return paths


def fingerprint(path: Path) -> str:
    """The SHA-256 of a certificate as browsers show it."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    return x509.load_pem_x509_certificate(path.read_bytes()).fingerprint(hashes.SHA256()).hex(":").upper()


def _names() -> list[str]:
    machine = socket.gethostname().lower().split(".")[0]
    return list(dict.fromkeys(("localhost", machine, f"{machine}.local")))


def _serves(pem: bytes, wanted: set[str]) -> bool:
    """Whether a certificate is still valid for a while, and for all these addresses."""
    from cryptography import x509

    try:
        found = x509.load_pem_x509_certificate(pem)
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        return False
    enough = dt.datetime.now(dt.UTC) + dt.timedelta(days=REST_DAYS) < found.not_valid_after_utc
    return enough and wanted <= {str(address) for address in names.get_values_for_type(x509.IPAddress)}


def _make(addresses: list[str]) -> tuple[bytes, bytes]:
    """The PEM of a certificate and of its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Music Workbench of this room")])
    alternatives: list[Any] = [x509.IPAddress(ipaddress.ip_address(address)) for address in addresses]
    alternatives += [x509.DNSName(own) for own in _names()]
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=12))  # clocks of school devices differ
        .not_valid_after(now + dt.timedelta(days=DAYS))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    )
    pem = serialization.Encoding.PEM
    plain = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return builder.sign(key, hashes.SHA256()).public_bytes(pem), plain
