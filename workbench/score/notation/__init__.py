"""What notation has in every format: bars on the time line, voices, written note values, spelling, tables."""
