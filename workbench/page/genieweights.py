"""Which of the Genie's weights a browser is given: those of the owner's set, under the one name that pages ask for.

``genie.safetensors`` is the file of the set ``pop``; where the owner offers ``open`` its name leads to
``genie-open.safetensors``, and ``genie.html``, which carries its weights inside, is given with those.
"""

from __future__ import annotations

import base64
import functools
import re

from workbench import resources

WEIGHTS, OPEN_WEIGHTS, STANDALONE = "genie.safetensors", "genie-open.safetensors", "genie.html"
#: What a browser must ask for again each time, since the owner may have chosen the other set meanwhile.
CHANGING = frozenset({WEIGHTS, OPEN_WEIGHTS, STANDALONE})
#: Where the standalone page keeps its weights (``web/tools/standalone.mjs``).
_INSIDE = re.compile(rb'(<script type="text/plain" data-asset="genie\.safetensors" data-base64>)[A-Za-z0-9+/=]*')


def led(name: str) -> str:
    """The file of ``public/`` that a page is given which asks for ``name``."""
    return OPEN_WEIGHTS if name == WEIGHTS and resources.weight_set() == "open" else name


def standalone(name: str) -> bytes | None:
    """The page ``genie.html`` with the open weights inside; None for other names, and where its own are offered."""
    return _with_open_weights() if name == STANDALONE and resources.weight_set() == "open" else None


@functools.cache
def _with_open_weights() -> bytes:
    public = resources.path("web/public")
    inside = base64.b64encode((public / OPEN_WEIGHTS).read_bytes())
    page, found = _INSIDE.subn(lambda match: match[1] + inside, (public / STANDALONE).read_bytes())
    assert found == 1, f"{STANDALONE} keeps its weights elsewhere"
    return page
