"""Names into salted ids: who knows a log cannot tell whose it is, who knows a name finds nothing without the salt.

Each study has a secret of its own (32 random bytes) in a file beside the person's other settings, or named by the
owner, never in the log's own folder: the same name gives another id in every study, and a log without the secret links
to nobody. On a server without a disk of its own (a Space) the secret comes from a variable of the environment.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import BadFile, Unavailable
from workbench.fsutil import because, shown
from workbench.hub.places import home

#: A secret of at least 32 characters; where it is set, it stands in for the file.
VARIABLE = "WORKBENCH_STUDY_SALT"
SIZE = 32
_KEY = re.compile(r"[0-9a-f]{32}\Z")


@dataclass(frozen=True, repr=False)
class Salt:
    """The secret of one study."""

    secret: bytes

    def person(self, raw: str) -> str:
        """The id of somebody in this study: ``p`` and 32 hexadecimal digits of HMAC-SHA-256 over what they are called.

        Args:
            raw: a code, a recruiter's id, or the key that a browser has drawn for itself.
        """
        return "p" + self._mac("person", raw)

    def key(self, session: str) -> str:
        """What a page must show to write to a session, or to read it: nobody else can know it."""
        return self._mac("session", session)

    def fits(self, session: str, key: object) -> bool:
        """Whether a key is that of a session."""
        return isinstance(key, str) and bool(_KEY.match(key)) and hmac.compare_digest(key, self.key(session))

    def _mac(self, what: str, value: str) -> str:
        return hmac.new(self.secret, f"{what}\0{value}".encode(), hashlib.sha256).hexdigest()[:32]


def load_salt(study: str = "", path: Path | None = None) -> Salt:
    """The secret of a study; it is drawn when it is first needed.

    Args:
        study: id of the study; "" for a public page.
        path: its file; by default one of this study's name beside the person's other settings.

    Raises:
        Unavailable: the file cannot be read or written.
        BadFile: it holds something else.
    """
    given = os.environ.get(VARIABLE, "")
    if given and path is None:
        if len(given) < SIZE:
            raise BadFile(f"The secret in {VARIABLE} is too short; give it at least {SIZE} characters.")
        return Salt(hashlib.sha256(f"{study}\0{given}".encode()).digest())
    path = path or _place(study)
    try:
        if not path.exists():
            _draw(path)
        text = path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise Unavailable(f"The study's secret {shown(path)} cannot be kept{because(error)}") from error
    except ValueError as error:
        raise BadFile(f"{shown(path)} holds no secret of a study.") from error
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise BadFile(f"{shown(path)} holds no secret of a study.")
    return Salt(bytes.fromhex(text))


def _place(study: str) -> Path:
    name = re.sub(r"[^A-Za-z0-9_.-]", "-", study)[:80] or "public"
    return home() / "salts" / f"{name}.salt"


def _draw(path: Path) -> None:
    """Write a new secret that nobody else may read; one that another process has just drawn stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_bytes(SIZE).hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        except OSError:  # a file system without links
            if not path.exists():
                os.replace(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)
