"""Settings of the whole process, made by whatever starts the app before it imports Gradio."""

from __future__ import annotations

import os

from workbench.page import quarters


def settings() -> dict[str, str]:
    """Variables for ``os.environ``; what the owner has set there stays, but for what would undo a promise."""
    wanted = {
        # Gradio sums up all its events after each one, for a page that nobody is shown.
        "GRADIO_ANALYTICS_MAX_EVENTS": "1", "GRADIO_ANALYTICS_CACHE_FREQUENCY": "1000000000",
    }  # fmt: skip
    if "GRADIO_TEMP_DIR" not in os.environ:
        wanted["GRADIO_TEMP_DIR"] = str(quarters.own().folder / "gradio")
    # Uvicorn would believe anybody on this machine about where a request comes from; the door decides that.
    always = {"GRADIO_ANALYTICS_ENABLED": "False", "FORWARDED_ALLOW_IPS": ""}
    return {**{name: value for name, value in wanted.items() if name not in os.environ}, **always}
