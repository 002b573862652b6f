"""The anywidget widgets: the same browser core as the app, owned by Python.

    from workbench import PianoRoll, Score

    roll = PianoRoll(Score.open("tune.mid"))
    roll                       # edit it with the mouse, the keyboard or by touch
    roll.score.note_count      # ... and read here what was done

``live.py`` holds the document that both sides work on, ``server.py`` answers the page's messages, ``widgets.py`` are
the widgets, ``saved.py`` and ``picture.py`` what a notebook keeps of them when no program runs.
"""

from workbench.jupyter.live import Change, LiveDocument
from workbench.jupyter.widgets import ListenPage, PianoGenie, PianoRoll, PromptPage, StemMixer

__all__ = ["Change", "ListenPage", "LiveDocument", "PianoGenie", "PianoRoll", "PromptPage", "StemMixer"]
