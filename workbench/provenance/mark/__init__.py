"""An inaudible mark in sound in which a model wrote something: what it is, how it is hidden, how it is found again."""
