"""Splitting a recording: the request, the guard that makes stems sum to it, the wire form, the public suite."""
