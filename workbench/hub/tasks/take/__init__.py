"""The task ``take``: another recording of a piece by a model; the built-in one is the piece as it sounds here."""
