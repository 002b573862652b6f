"""A study as a Hugging Face Space: participants at /, the researcher's page behind the password in a secret."""

import os

from workbench.ui.process import keep_quiet, settings

os.environ.update(settings())  # before Gradio is imported

from pathlib import Path

import gradio as gr

from workbench.ui.components import PUBLIC
from workbench.ui.studyserver import study_app

keep_quiet()
gr.set_static_paths(PUBLIC)
own = Path(__file__).with_name("study.yaml")
where = os.environ.get("STUDY_DATA", "study-data")  # hub:OWNER/DATASET outlives the Space; a folder does not
app, remarks = study_app(own, where, password=os.environ.get("STUDY_PASSWORD", ""))
print(*remarks, sep="\n", flush=True)
demo = app.blocks

if __name__ == "__main__":
    demo.launch(**app.launch_options)
