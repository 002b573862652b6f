"""The document: scores, tracks and notes on an integer time line; its operations; its files.

The document holds integers and text only. Every change is an operation with an exact inverse, and the same list
of operations is undo, autosave, the study log and replay.
"""

from workbench.score.score import Note, Region, Score, Track

__all__ = ["Note", "Region", "Score", "Track"]
