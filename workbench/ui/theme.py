"""The Gradio theme: the colours, shapes and type of ``workbench/web/src/theme.css`` for what Gradio draws itself."""

from __future__ import annotations

import gradio as gr

_FONT = ("ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif")
_ACCENT = gr.themes.Color(
    "#f4f3fd", "#ebe9fb", "#d5d2f6", "#b6b0fb", "#9b94f5", "#6c66d4", "#4b45b8", "#3a3499", "#2b2846", "#211e38",
    "#15122e", name="workbench",
)  # fmt: skip
_NEUTRAL = gr.themes.Color(
    "#f7f6f3", "#f0eeea", "#e3e0da", "#c9c5bd", "#918c9f", "#787484", "#5f5b6b", "#4a4657", "#322f3c", "#1e1d25",
    "#16151b", name="workbench-neutral",
)  # fmt: skip


def theme() -> gr.themes.Base:
    """The workbench's own theme, light and dark; its fonts are those of the system, so nothing is fetched."""
    made = gr.themes.Base(
        primary_hue=_ACCENT, secondary_hue=_ACCENT, neutral_hue=_NEUTRAL, font=_FONT,
        font_mono=("ui-monospace", "SF Mono", "Menlo", "Consolas", "monospace"),
        radius_size=gr.themes.sizes.radius_md, spacing_size=gr.themes.sizes.spacing_md,
    )  # fmt: skip
    return made.set(
        body_background_fill="#f7f6f3", body_background_fill_dark="#16151b",
        body_text_color="#26242e", body_text_color_dark="#eeecf3",
        body_text_color_subdued="#5f5b6b", body_text_color_subdued_dark="#b3aec0",
        background_fill_primary="#ffffff", background_fill_primary_dark="#1e1d25",
        background_fill_secondary="#f0eeea", background_fill_secondary_dark="#121117",
        border_color_primary="#e3e0da", border_color_primary_dark="#322f3c",
        color_accent="#4b45b8", link_text_color="#3a3499", link_text_color_dark="#b6b0fb",
        button_primary_background_fill="#4b45b8", button_primary_background_fill_dark="#9b94f5",
        button_primary_text_color="#ffffff", button_primary_text_color_dark="#15122e",
        block_background_fill="#ffffff", block_background_fill_dark="#1e1d25",
        block_border_width="0px", layout_gap="0px",
    )  # fmt: skip


#: What the theme's variables do not reach: the frame of the page, the tab bar, targets that fingers can hit.
CSS = """
.gradio-container { max-width: none !important; padding: 0 !important; }
.gradio-container > .main, .gradio-container main { padding: 0 !important; max-width: none !important; }
.wb-view { border: 0 !important; background: transparent !important; padding: 0 !important; overflow: visible; }
#wb-tabs { gap: 0; }
#wb-tabs .tab-wrapper { height: auto; padding: 0 12px; border-bottom: 1px solid var(--border-color-primary);
  background: var(--background-fill-primary); position: sticky; top: 0; z-index: 20; }
#wb-tabs .tab-container { height: auto; }
#wb-tabs button[role="tab"] { min-height: 48px; padding: 0 16px; font-size: 15px; font-weight: 550;
  color: var(--body-text-color-subdued); }
#wb-tabs button[role="tab"][aria-selected="true"] { color: var(--body-text-color); }
#wb-tabs .tabitem { padding: 0; border: 0; }
footer { display: none !important; }
@media (prefers-reduced-motion: reduce) {
  *, *::before, *::after { animation-duration: .01ms !important; transition-duration: .01ms !important; }
}
@media (max-width: 600px) {
  #wb-tabs .tab-container { gap: 0; overflow-x: auto; scrollbar-width: none; }
  #wb-tabs .tab-wrapper { padding: 0 2px; }
  #wb-tabs button[role="tab"] { padding: 0 7px; min-width: 44px; font-size: 14px; flex: none; }
  /* These copies are what Gradio measures to see which tabs fit. */
  #wb-tabs .visually-hidden button { padding: 0 7px; min-width: 44px; font-size: 14px; }
}
"""

#: For a study: until a participant's page says that a task is on, the app below it is not to be seen.
STUDY_CSS = """
html:not([data-wb-study="task"]) #wb-tabs { visibility: hidden; }
.wb-study { min-height: 0 !important; height: 0; }
"""
