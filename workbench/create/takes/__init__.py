"""Recordings by models that make sound: one more take beside the piece, labelled as what it is."""
