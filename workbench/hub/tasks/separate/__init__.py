"""Separation: a recording into stems that sum to it."""
