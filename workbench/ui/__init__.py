"""The Gradio app: one file a tab, a theme of our own, every sentence in one catalogue."""
