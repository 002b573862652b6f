"""What all training scripts share: corpora, splits by work, beat grids, windows, schedules, checkpoints, metrics.

No other layer imports this one.
"""
