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
from workbench.errors import BadRequest

DEFAULT = "en"
#: Every language there is a catalogue for; pages choose by themselves (``strings/language.ts``).
LANGUAGES = ("en", "es", "de", "zh", "pt")


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


def everywhere(key: str) -> Mapping[str, str]:
    """Language -> the sentence for ``key``: for the few places where a page must choose before a bundle is there."""
    return {language: text(key, language) for language in LANGUAGES}


def language_of(wanted: str | None) -> str:
    """The catalogue for a language tag such as ``pt-BR`` or ``zh_CN``; empty for None, which leaves it to the browser.

    Raises:
        BadRequest: there is none; the sentence names those there are.
    """
    if wanted is None:
        return ""
    code = re.split(r"[-_]", wanted.lower())[0] if isinstance(wanted, str) else ""
    if code not in LANGUAGES:
        raise BadRequest(f"There is no language {wanted!r} here; choose one of {', '.join(LANGUAGES)}.")
    return code


#: JavaScript: of an object such as :func:`everywhere` gives, the sentence in the page's language.
SPOKEN_JS = """((said) => {
  let kept = null;
  try { kept = localStorage.getItem('music-workbench:language'); } catch {}
  const asked = new URLSearchParams(location.search).get('lang');
  const code = (tag) => String(tag || '').toLowerCase().split(/[-_]/)[0];
  const found = [asked, kept, ...(navigator.languages || [])].map(code);
  return said[found.find((code) => code in said) || 'en'];
})"""
