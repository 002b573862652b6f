"""A band for somebody's voice: the notes of the singing get chords and parts, the voice stays as a stem in time.

``band.py`` makes it from a recording, ``sounds.py`` moves the voice itself (onto an even beat, into a choir).
"""
