"""Which browsers may take part in a study, by how they introduce themselves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from workbench.study.plan.study import Study
from workbench.ui.door import Send, answer

#: Browser -> what its version stands behind. Edge and its like are Chromium; Chromium calls itself Safari too.
_VERSIONS = {
    "firefox": r"Firefox/(\d+)", "chromium": r"Chrom(?:e|ium)/(\d+)", "safari": r"Version/(\d+)[^ ]* .*Safari/",
}  # fmt: skip


def unfit(browsers: Mapping[str, int], agent: str) -> str:
    """Why a browser may not take part, in one sentence; "" if it may.

    Args:
        browsers: the study's limits.
        agent: how the browser introduces itself; untrusted.
    """
    if not browsers.get("phones", 1) and re.search(r"Mobi|Android|iPhone", agent):
        return "This study needs a computer with a keyboard; open the link there."
    for name, pattern in _VERSIONS.items():
        found = re.search(pattern, agent[:1_000])
        if found is not None:
            if int(found[1]) >= browsers.get(name, 0):
                return ""
            return f"This study needs a newer browser, at least version {browsers[name]}; update yours or use another."
    return ""


class BrowserGate:
    """Middleware that shows a browser that may not take part why, instead of the page."""

    def __init__(self, app: Any, browsers: Mapping[str, int]) -> None:
        self._app, self._browsers = app, browsers

    async def __call__(self, scope: Any, receive: Any, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and scope["path"] in ("/", ""):
            headers = dict(scope["headers"])
            text = unfit(self._browsers, headers.get(b"user-agent", b"").decode("latin-1"))
            if text:
                body = f'<!doctype html><meta charset="utf-8"><title>Study</title><p>{text}</p>'.encode()
                await answer(send, 403, body)
                return
        await self._app(scope, receive, send)


def gate(study: Study) -> Any:
    """The middleware of a study's browser limits."""
    from starlette.middleware import Middleware

    made: Any = BrowserGate
    return Middleware(made, browsers=dict(study.browsers))
