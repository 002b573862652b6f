"""The workbench as a Hugging Face Space: the same app, under the rules for strangers."""

import os

from workbench.ui.process import keep_quiet, settings

os.environ.update(settings())  # before Gradio is imported

from pathlib import Path

import gradio as gr

from workbench.hub.public import PublicRules
from workbench.ui.app import Settings, build
from workbench.ui.components import PUBLIC

keep_quiet()
gr.set_static_paths(PUBLIC)
rules = PublicRules.load(Path(__file__).with_name("rules.toml"))
if rules.weights:
    os.environ["WORKBENCH_WEIGHTS"] = rules.weights
app = build(Settings(rules=rules))
demo = app.blocks

if __name__ == "__main__":
    demo.launch(**app.launch_options)
