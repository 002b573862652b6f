"""Whether a package that is installed here has a known hole: asked of the index, and of a list of our own.

    python tests/audit.py [--list]

The index's JSON pages (``/pypi/NAME/VERSION/json``) say which holes are known of a release; where the index has no
such pages, or does not answer, this says so and goes on. What is always checked is ``SAFE`` below: the first releases
without a hole that was found in the parts of the workbench that read what strangers send. Exit code 1 if anything is
open. Nothing is installed or changed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from importlib import metadata

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

#: Package -> first release without the hole, and which one.
SAFE = {
    "aiohttp": ("3.12.14", "CVE-2025-53643, requests smuggled in"),
    "anyio": ("4.4.0", "races that end an event loop"),
    "cryptography": ("44.0.1", "CVE-2024-12797, the OpenSSL in its wheels"),
    "fastapi": ("0.109.1", "CVE-2024-24762, forms that take for ever"),
    "gradio": ("5.31.0", "CVE-2025-48889 and those before it, files copied and read"),
    "h11": ("0.16.0", "CVE-2025-43859, chunks that are not what they say"),
    "idna": ("3.7", "CVE-2024-3651, names that take for ever"),
    "jinja2": ("3.1.6", "CVE-2025-27516, out of the sandbox"),
    "orjson": ("3.9.15", "CVE-2024-27454, deep nesting"),
    "pillow": ("11.3.0", "CVE-2025-48379, a buffer written beyond"),
    "protobuf": ("5.29.5", "CVE-2025-4565, deep nesting"),
    "python-multipart": ("0.0.18", "CVE-2024-53981, forms that take for ever"),
    "ray": ("2.8.1", "CVE-2023-6019, commands through the dashboard"),
    "requests": ("2.32.4", "CVE-2024-47081, passwords sent elsewhere"),
    "starlette": ("0.49.1", "CVE-2025-62727, ranges that take for ever"),
    "torch": ("2.6.0", "CVE-2025-32434, weights that run code"),
    "tornado": ("6.5", "CVE-2025-47287, logs that take for ever"),
    "transformers": ("4.53.0", "CVE-2025-3933 and others, texts that take for ever"),
    "urllib3": ("2.5.0", "CVE-2025-50181, redirects that were forbidden"),
    "uvicorn": ("0.11.7", "CVE-2020-7694, lines written into the log"),
}
#: The distribution whose requirements, and theirs, are looked at.
OWN = "music-workbench"


def installed() -> dict[str, str]:
    """Name -> version of everything that is installed."""
    return {canonicalize_name(found.name): found.version for found in metadata.distributions() if found.name}


def needed(here: Mapping[str, str], start: str = OWN) -> set[str]:
    """What the workbench needs, extras included, and what that needs in turn: names of what is installed."""
    found: set[str] = set()
    ahead = [canonicalize_name(start)]
    while ahead:
        name = ahead.pop()
        if name in found or name not in here:
            continue
        found.add(name)
        for line in metadata.requires(name) or []:
            wanted = Requirement(line)
            if name == canonicalize_name(start) or wanted.marker is None or wanted.marker.evaluate({"extra": ""}):
                ahead.append(canonicalize_name(wanted.name))
    return found


def below(here: Mapping[str, str], safe: Mapping[str, tuple[str, str]] = SAFE) -> list[str]:
    """A sentence for each installed package that is older than its first safe release."""
    return [
        f"{name} {here[name]} has a known hole ({why}); install {first} or newer."
        for name, (first, why) in sorted(safe.items())
        if name in here and Version(here[name]) < Version(first)
    ]


def asked(names: Mapping[str, str], ask: Callable[[str, str], list[dict[str, object]] | None]) -> tuple[list[str], int]:
    """A sentence for each hole that the index knows, and of how many packages it said anything."""
    out, answered = [], 0
    for name, version in sorted(names.items()):
        holes = ask(name, version)
        if holes is None:
            continue
        answered += 1
        for hole in holes:
            if not hole.get("withdrawn"):
                fixed = ", ".join(map(str, hole.get("fixed_in") or [])) or "no release yet"  # type: ignore[call-overload]
                out.append(f"{name} {version} has a known hole ({hole.get('id')}); it is closed in {fixed}.")
    return out, answered


def index_page(name: str, version: str) -> list[dict[str, object]] | None:
    """What the index says of a release; None where it does not say."""
    base = os.environ.get("AUDIT_INDEX", "https://pypi.org/pypi").rstrip("/")
    try:
        with urllib.request.urlopen(f"{base}/{name}/{version}/json", timeout=10) as reply:
            found = json.load(reply).get("vulnerabilities")
    except (urllib.error.URLError, OSError, ValueError):
        return None
    return found if isinstance(found, list) else None


def main() -> int:
    """Look and say; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--list", action="store_true", help="say what was looked at")
    given = parser.parse_args()
    here = installed()
    mine = {name: here[name] for name in needed(here) - {OWN}}
    if given.list:
        print("\n".join(f"{name} {version}" for name, version in sorted(mine.items())))
    found = below(mine)
    # One question first: an index that has no such pages is not asked a hundred times.
    probe = index_page("pillow", here.get("pillow", "0"))
    holes, answered = asked(mine, index_page) if probe is not None else ([], 0)
    found += holes
    what = (
        f"The index was asked about {answered} of {len(mine)} packages."
        if answered
        else "The index has no list of holes here, so it could not be asked."
    )
    print("\n".join([*found, f"{what} {len(SAFE)} first safe releases were compared; open holes: {len(found)}."]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
