"""From a tune, chords or words to a whole piece: its form, its chords, the band, how it is played."""
