"""Sound: reading and writing audio files, rendering a score one stem a track, mixing, loudness and encoding."""
