"""What was heard: recordings, singing and humming become notes, beats, chords and a picture of them.

A ladder each: ``frames`` listens to a recording and gives numbers for every fiftieth of a second; ``notes``, ``beats``,
``harmony``, ``melody``, ``sections`` and ``tags`` decode one thing each from them; ``singing`` follows a voice;
``transcribe`` is the function a person calls and joins them into one :class:`~workbench.understand.heard.Heard`, which
``to_score`` turns into a piece and ``picture`` into a drawing. Everything heard carries its confidence and can be put
right before anything is built on it.
"""
