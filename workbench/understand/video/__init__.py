"""What a video shows that music can follow: its cuts, moments, motion, light and speech, read from the file.

A ladder: ``frames`` decodes a video once into small upright pictures with their times; ``cuts`` finds joins in them,
``motion`` what moves when the camera's own movement is taken away, ``moments`` where music may answer without a cut,
``mood`` a guess from light, colour and motion; ``speech`` asks where somebody talks. ``watch`` is the function a person
calls and joins them into one :class:`~workbench.understand.video.watched.Watched`; ``proxy`` writes a small copy that a
browser plays. Faces are not looked at.
"""
