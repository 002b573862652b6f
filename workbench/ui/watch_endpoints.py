"""The typed endpoint that looks at a video."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from workbench.hub.protocol import CancelToken
    from workbench.page.session import Pages
    from workbench.ui.programs import Programs


def watching_endpoints(
    pages: Pages, read: Callable[[str], bytes], programs: Programs
) -> Sequence[Callable[..., Any]]:  # fmt: skip
    """The functions to publish; ``read`` decodes base64."""

    async def watch(request: gr.Request, video_base64: str) -> dict[str, Any]:
        """Look at a video: its cuts, moments, motion, light, speech, and a mood that is an estimate.

        video_base64: a video file as base64, of any common kind.
        Returns what workbench watch --json writes; times are seconds from the first picture.
        """
        from workbench.understand.video.watch import watch as look
        from workbench.understand.video.watched import MAX_SECONDS

        def work(token: CancelToken) -> dict[str, Any]:
            longest = MAX_SECONDS if pages.rules is None else min(MAX_SECONDS, 60.0 * pages.rules.max_minutes)
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "video"
                path.write_bytes(read(video_base64))
                return look(path, longest=longest, cancelled=lambda: token.cancelled, hub=pages.hub).to_json()

        return await programs.work(request, "api watch", 20.0, work)

    return (watch,)
