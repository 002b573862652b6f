"""The key with which this installation signs what it exports, and the certificate that goes with it.

Made on first use and kept in the person's own folder (``signing/key.pem``, readable by its owner alone, and
``signing/certificate.pem``). Nobody vouches for such a certificate: it says that two files come from the same
installation, not whose that is. An owner may bring a key and a certificate of a real authority: in the same two files,
or as ``WORKBENCH_SIGNING_KEY`` and ``WORKBENCH_SIGNING_CERTIFICATE`` (the PEM text itself, as a Space keeps a secret,
or the name of a file).

C2PA asks of a signer's certificate (specification 2.2, section 14.5): version 3, not a CA, the key usage *digital
signature*, an extended key usage such as *e-mail protection*, and an authority key identifier; it may not be its own
issuer. So a root is made, signs the one certificate, and its key is forgotten.
"""

from __future__ import annotations

import base64
import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from workbench.errors import BadFile, Unavailable
from workbench.fsutil import explain, write_file
from workbench.hub.places import home

YEARS = 20
KEY, CERTIFICATE = "WORKBENCH_SIGNING_KEY", "WORKBENCH_SIGNING_CERTIFICATE"
_ORGANISATION = "Music Workbench"
_CURVES = {"secp256r1": ("es256", 32), "secp384r1": ("es384", 48), "secp521r1": ("es512", 66)}


@dataclass(frozen=True, slots=True, repr=False)
class Identity:
    """``key`` and ``chain``: PEM; the signer's certificate comes first."""

    key: bytes
    chain: bytes

    @property
    def name(self) -> str:
        """The name on the certificate."""
        return common_name(self.leaf)

    @property
    def leaf(self) -> Any:
        """The signer's own certificate."""
        from cryptography import x509

        return x509.load_pem_x509_certificates(self.chain)[0]

    @property
    def root(self) -> bytes:
        """The last certificate of the chain, PEM: whoever trusts it trusts what is signed with the key."""
        from cryptography import x509
        from cryptography.hazmat.primitives.serialization import Encoding

        return x509.load_pem_x509_certificates(self.chain)[-1].public_bytes(Encoding.PEM)

    @property
    def algorithm(self) -> str:
        """The name that C2PA has for signing with this key."""
        return _algorithm(_private(self.key))[0]

    def certificate(self) -> str:
        """The signer's certificate as base64 of its DER, to stand in a manifest."""
        from cryptography.hazmat.primitives.serialization import Encoding

        return base64.b64encode(self.leaf.public_bytes(Encoding.DER)).decode()

    def sign(self, message: bytes) -> bytes:
        """A signature of fixed length; equal messages have equal ones where the kind of key allows it."""
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
        from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

        key = _private(self.key)
        if isinstance(key, ec.EllipticCurvePrivateKey):
            size = _algorithm(key)[1]
            pair = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True)))
            return b"".join(number.to_bytes(size, "big") for number in pair)
        if isinstance(key, ed25519.Ed25519PrivateKey):
            return key.sign(message)
        assert isinstance(key, rsa.RSAPrivateKey)
        return key.sign(message, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())


def common_name(certificate: Any) -> str:
    """The name on a certificate, at most 100 printable characters."""
    from cryptography.x509.oid import NameOID

    found = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return "".join(sign for sign in str(found[0].value if found else "") if sign.isprintable())[:100]


def signed_by(certificate: str, message: bytes, signature: bytes) -> str:
    """The name on the certificate with whose key a message was signed, "" where it was not; untrusted values.

    Raises:
        Unavailable: this installation cannot check signatures.
    """
    try:
        from cryptography import x509
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
        from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
    except ImportError as error:
        raise _missing() from error
    try:
        leaf = x509.load_der_x509_certificate(base64.b64decode(certificate, validate=True))
        key = leaf.public_key()
        if isinstance(key, ec.EllipticCurvePublicKey):
            half = len(signature) // 2
            first, second = (int.from_bytes(part, "big") for part in (signature[:half], signature[half:]))
            pair = encode_dss_signature(first, second)
            key.verify(pair, message, ec.ECDSA(hashes.SHA256()))
        elif isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, message)
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, message, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
        else:
            return ""
        return common_name(leaf) or "somebody without a name"
    except (InvalidSignature, ValueError, TypeError):
        return ""


def available() -> bool:
    """Whether this installation can sign."""
    from importlib.util import find_spec

    return find_spec("cryptography") is not None


def own() -> Identity:
    """This installation's identity; made on first use.

    Raises:
        Unavailable: the package for it is missing, or the folder cannot be written.
        BadFile: the owner's key or certificate cannot be read, or do not fit each other.
    """
    if not available():
        raise _missing()
    told = os.environ.get(KEY, ""), os.environ.get(CERTIFICATE, "")
    return _load(str(home() / "signing"), *told)


def trusted() -> bytes:
    """Certificates (PEM) that this installation knows: its own, and those in ``signing/trusted.pem``."""
    try:
        known = (home() / "signing" / "trusted.pem").read_bytes()[: 1 << 20]
    except OSError:
        known = b""
    try:
        return own().root + b"\n" + known
    except (Unavailable, BadFile):
        return known


@lru_cache(maxsize=8)
def _load(folder: str, key: str, certificate: str) -> Identity:
    place = Path(folder)
    if key or certificate:
        found = Identity(_text_or_file(key, KEY), _text_or_file(certificate, CERTIFICATE))
    else:
        if not (place / "key.pem").is_file():
            _make(place)
        try:
            found = Identity((place / "key.pem").read_bytes(), (place / "certificate.pem").read_bytes())
        except OSError as error:
            raise BadFile("The signing key of this installation cannot be read; see the folder 'signing'.") from error
    return _checked(found)


def _checked(found: Identity) -> Identity:
    try:
        if found.leaf.public_key() != _private(found.key).public_key():
            raise BadFile("The signing certificate does not belong to the signing key.")
        _ = found.algorithm
    except (ValueError, TypeError, IndexError) as error:
        raise BadFile("The signing key or its certificate cannot be read; both must be PEM.") from error
    return found


def _text_or_file(value: str, name: str) -> bytes:
    if "-----BEGIN" in value:
        return value.replace("\\n", "\n").encode()
    try:
        return Path(value).read_bytes()
    except OSError as error:
        raise BadFile(f"{name} must be the PEM text or the name of a file that holds it.") from error


def _private(pem: bytes) -> Any:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    return load_pem_private_key(pem, None)


def _algorithm(key: Any) -> tuple[str, int]:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in _CURVES:
        return _CURVES[key.curve.name]
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "ed25519", 64
    if isinstance(key, rsa.RSAPrivateKey):
        return "ps256", key.key_size // 8
    raise BadFile("The signing key must be of an elliptic curve, Ed25519 or RSA.")


def _make(place: Path) -> None:
    """Write a new key and certificate; two processes that do so at once end with the same."""
    from filelock import FileLock

    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        with FileLock(place / ".lock"):
            if (place / "key.pem").is_file():
                return
            key, chain = _new()
            write_file(place / "certificate.pem", chain)
            temporary = place / f".key-{secrets.token_hex(6)}"
            with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(key)
            temporary.rename(place / "key.pem")
    except OSError as error:
        raise explain(place, error) from error


def _new() -> tuple[bytes, bytes]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    tag = secrets.token_hex(4)

    def name(text: str) -> x509.Name:
        return x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, _ORGANISATION),
                x509.NameAttribute(NameOID.COMMON_NAME, text),
            ]
        )

    def usage(*, sign: bool) -> x509.KeyUsage:
        return x509.KeyUsage(sign, False, False, False, False, not sign, not sign, False, False)

    begin = datetime.now(UTC) - timedelta(days=1)
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    leaf_name = name(f"Music Workbench installation {tag}")
    root_name = name(f"Music Workbench installation {tag} (root)")

    def blank(subject: x509.Name, public: Any) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder().subject_name(subject).issuer_name(root_name).public_key(public)
            .serial_number(x509.random_serial_number()).not_valid_before(begin)
            .not_valid_after(begin + timedelta(days=365 * YEARS))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        )  # fmt: skip

    root = (
        blank(root_name, root_key.public_key()).add_extension(x509.BasicConstraints(True, 0), critical=True)
        .add_extension(usage(sign=False), critical=True).sign(root_key, hashes.SHA256())
    )  # fmt: skip
    leaf = (
        blank(leaf_name, key.public_key()).add_extension(x509.BasicConstraints(False, None), critical=True)
        .add_extension(usage(sign=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .sign(root_key, hashes.SHA256())
    )  # fmt: skip
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return secret, leaf.public_bytes(Encoding.PEM) + root.public_bytes(Encoding.PEM)


def _missing() -> Unavailable:
    return Unavailable(
        "Signing needs the extra 'credentials'; install it with: pip install 'music-workbench[credentials]'."
    )
