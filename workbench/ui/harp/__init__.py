"""HARP, the plug-in that brings Gradio apps into an audio workstation: what it needs to load the workbench."""
