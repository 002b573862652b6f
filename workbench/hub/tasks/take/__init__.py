"""The task ``take``: a recording made by a model, from words and perhaps a tune. It has no embedded stand-in."""
