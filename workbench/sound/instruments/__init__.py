"""What makes the sound of a note: the soundfont's zones and samples, and one voice of it."""
