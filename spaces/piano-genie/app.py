"""Piano Genie as a Hugging Face Space: one page, played in the visitor's own browser."""

import os

from workbench.ui.process import settings

os.environ.update(settings())  # before Gradio is imported

import gradio as gr

from workbench.hub.public import PublicRules
from workbench.ui.callers import Callers
from workbench.ui.components import PUBLIC
from workbench.ui.door import doors
from workbench.ui.genie_page import CSS, build
from workbench.ui.hosts import Hosts

gr.set_static_paths(PUBLIC)
demo = build()

if __name__ == "__main__":
    guards = {"middleware": doors(Hosts.here(None), PublicRules(), Callers(), PUBLIC)}
    demo.launch(css=CSS, footer_links=[], run_history=False, ssr_mode=False, app_kwargs=guards)
