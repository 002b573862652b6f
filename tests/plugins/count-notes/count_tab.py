"""The tab: choose a file, read a number."""

from __future__ import annotations

import gradio as gr
from count_command import counted

from workbench.score.files import load
from workbench.ui.tabs.context import Context, Tab


def build(context: Context) -> None:
    file = gr.File(label="A piece", type="filepath")
    number = gr.Number(label="Notes", interactive=False)

    def count(path: str) -> int:
        return sum(counted(load(path).score, hub=context.hub).values())

    file.upload(count, file, number, api_visibility="private")


TAB = Tab("count-notes", build, title="Count")
