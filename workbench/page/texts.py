"""Every sentence a person reads, from one catalogue a language.

The catalogues are written for the browser core (``workbench/web/src/strings``) and built into
``public/strings.<language>.json``; Python reads the same files, so a sentence is written once.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping

from workbench import resources

DEFAULT = "en"


@functools.cache
def catalogue(language: str = DEFAULT) -> Mapping[str, str]:
    """Key -> sentence. A sentence that a language lacks falls back to English.

    Raises:
        FileNotFoundError: there is no catalogue for this language.
    """
    if not re.fullmatch(r"[a-z]{2}(-[A-Z]{2})?", language):
        raise FileNotFoundError(f"There is no catalogue for {language!r}.")
    own: dict[str, str] = json.loads(resources.path(f"web/public/strings.{language}.json").read_text(encoding="utf-8"))
    return own if language == DEFAULT else {**catalogue(DEFAULT), **own}


def text(key: str, language: str = DEFAULT, /, **values: object) -> str:
    """The sentence for ``key`` with its ``{names}`` filled in; raises :class:`KeyError` for an unknown key."""
    return re.sub(r"\{(\w+)\}", lambda match: str(values[match[1]]), catalogue(language)[key])
