"""Filling a gap in one call, the everyday requests on top of it, and the bands that can be asked for."""
