"""The Anticipatory Music Transformer of the Hub as an infiller."""
