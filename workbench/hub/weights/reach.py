"""Whether the Hub answers from here: asked once when a person looks at what could be fetched."""

from __future__ import annotations

import contextlib
import threading
from urllib.parse import urlsplit

from workbench.hub.weights.hub import is_offline


def silence(seconds: float = 2.0) -> str:
    """Why nothing can be fetched from the Hub now, as one sentence; "" if it answers within ``seconds``."""
    from huggingface_hub import constants, get_session

    if is_offline():
        return "HF_HUB_OFFLINE is set, so nothing is fetched from the Hub; what is on this computer works as ever."
    heard = threading.Event()

    def ask() -> None:
        with contextlib.suppress(Exception):  # the client's many kinds; whatever it is, nobody answered
            get_session().head(constants.ENDPOINT, timeout=seconds)
            heard.set()

    asking = threading.Thread(target=ask, daemon=True, name="hub-reach")  # a name server may take its time
    asking.start()
    asking.join(seconds)
    if heard.is_set():
        return ""
    host = urlsplit(constants.ENDPOINT).hostname or "The Hub"
    return f"{host} does not answer from here, so nothing on it can be fetched now; what is on this computer works."
