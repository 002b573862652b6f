"""The Piano Genie by itself, without the rest of the workbench: one view, no document on the server."""

from __future__ import annotations

import json

import gradio as gr

from workbench.page.texts import SPOKEN_JS, everywhere, text
from workbench.ui.components import PUBLIC

CSS = """
.gradio-container { max-width: none !important; padding: 0 !important; }
.gradio-container > .main, .gradio-container main { max-width: none !important; padding: 0 !important; }
.genie-frame iframe { display: block; width: 100%; height: calc(100dvh - 84px); min-height: 640px; border: 0; }
.genie-foot { text-align: center; padding: 6px; }
"""
#: What the page inside needs of the page around it.
_ALLOWED = "midi; autoplay; gamepad; web-share"

_TEMPLATE = """
<div class="genie-frame"><iframe title="%(title)s" allow="%(allow)s"></iframe></div>
<div class="genie-foot"><a download="genie.html">%(home)s</a></div>
"""
_ON_LOAD = """
const spoken = %(spoken)s;
const root = (window.gradio_config?.root || '').replace(/\\/$/, '');
const address = root + '/gradio_api/file=%(file)s';
const lang = new URLSearchParams(location.search).get('lang');
element.querySelector('iframe').src = lang ? address + '?lang=' + encodeURIComponent(lang) : address;
element.querySelector('iframe').title = spoken(%(title)s);
element.querySelector('a').textContent = spoken(%(home)s);
element.querySelector('a').href = address;
"""


def build() -> gr.Blocks:
    """Make the page: ``genie.html`` in a frame that takes the keyboard, and a link to take it home."""
    blocks: gr.Blocks
    with gr.Blocks(title=text("genie.title"), analytics_enabled=False) as blocks:
        gr.HTML(
            html_template=_TEMPLATE % {"title": text("genie.title"), "allow": _ALLOWED, "home": text("genie.takeHome")},
            js_on_load=_ON_LOAD
            % {
                "file": (PUBLIC / "genie.html").as_posix(), "spoken": SPOKEN_JS,
                "title": json.dumps(dict(everywhere("genie.title"))),
                "home": json.dumps(dict(everywhere("genie.takeHome"))),
            },
            apply_default_css=False, container=False, padding=False,
        )  # fmt: skip
    return blocks
