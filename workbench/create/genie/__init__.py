"""The Piano Genie: presses of eight buttons become a piano part."""
