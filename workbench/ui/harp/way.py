"""The addresses by which HARP calls, led to where the endpoints are."""

from __future__ import annotations

import re

#: The task of the bare address.
DEFAULT = "separate"
_OWN = re.compile(r"/harp/(separate|transcribe|infill)(/.*)?\Z")
_CALL = re.compile(r"/gradio_api/call/(controls|process|cancel)(/[A-Za-z0-9_-]+)?\Z")


def led(path: str) -> str:
    """Where a request to ``path`` belongs; what is none of HARP's stays as it is."""
    task = DEFAULT
    if own := _OWN.match(path):
        task, path = own[1], own[2] or "/"
    if call := _CALL.match(path):
        return f"/gradio_api/call/harp_{task}_{call[1]}{call[2] or ''}"
    return path
