"""Voices under a tune: slots, chords with basses, part writing by search, and what moves between the chords."""
