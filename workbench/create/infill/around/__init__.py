"""What the music around a gap teaches: grid, rhythm, register, harmony, and the wishes in numbers."""
