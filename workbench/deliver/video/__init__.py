"""Videos: a piece as falling notes, drawn from the score, and a person's video with its new music."""
