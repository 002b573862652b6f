"""What is found on a page before anyone knows what it means; the names stand beside the network that finds them."""

from workbench.nets.score_symbols import (
    ACCIDENTALS,
    CLEFS,
    DOTS,
    HEADS,
    KEYS,
    KINDS,
    MASK_STRIDE,
    MASKS,
    RESTS,
    SMALL_CLEFS,
    SPACE,
    TIMES,
    TUPLETS,
    Detected,
    Symbol,
)

__all__ = [
    "ACCIDENTALS", "CLEFS", "DOTS", "HEADS", "KEYS", "KINDS", "MASKS", "MASK_STRIDE", "RESTS", "SMALL_CLEFS", "SPACE",
    "TIMES", "TUPLETS", "Detected", "Symbol",
]  # fmt: skip
