"""A recording as notes, beats, chords: the request, the guard of what was heard, its wire form, the public suite."""
