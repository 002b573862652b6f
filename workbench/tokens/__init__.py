"""How a score becomes numbers for the networks: the grid of twelfths, rows, runs and vocabularies. Numpy only."""
