"""Playing eight buttons: presses, chords and settings as a request, the guard, the wire form, the public suite."""
