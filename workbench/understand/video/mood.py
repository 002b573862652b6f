"""A mood guessed from light, colour, motion and cuts alone: an estimate by rule, not a reading of what is shown.

The rules follow what is known of film and colour: light and saturation are felt as pleasant, motion and quick cuts as
exciting (Valdez and Mehrabian 1994; Zettl's "Sight Sound Motion"). They were set by hand and fitted to no one's taste.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def mood(
    motion: Sequence[float], light: Sequence[float], colour: Sequence[tuple[float, float]], cuts_per_minute: float
) -> dict[str, float]:
    """How well each word fits, 0 to 1: calm, energetic, bright, dark, warm, cool, happy, sad.

    Args:
        motion, light: values 0 to 1.
        colour: (colourfulness 0 to about 1, warmth about -1 to 1).
        cuts_per_minute: of the video.
    """
    if not len(light):
        return {}
    moving = float(np.mean(motion)) if len(motion) else 0.0
    bright = float(np.mean(light))
    full, warm = np.mean(np.asarray(colour), axis=0).tolist() if len(colour) else (0.0, 0.0)
    drive = 4.0 * (moving - 0.35) + 1.5 * (min(60.0, cuts_per_minute) / 20 - 0.6)
    joy = 5.0 * (bright - 0.42) + 2.5 * (full - 0.25) + 1.5 * warm + 0.3 * drive
    words = {
        "calm": -drive, "energetic": drive, "bright": 9 * (bright - 0.45), "dark": 9 * (0.32 - bright),
        "warm": 8 * (warm - 0.05), "cool": 8 * (-0.05 - warm), "happy": joy, "sad": -joy - 0.6 * drive - 0.5,
    }  # fmt: skip
    return {name: round(float(1 / (1 + np.exp(-odds))), 3) for name, odds in words.items()}
