"""Write the Genie's golden files from the released weights: ``python tests/golden/make_genie.py``.

``genie_steps.json`` holds 128 inputs of the decoder, one after another from the start, with torch's logits (to six
decimals); ``genie_decode.json`` whole performances with the keys that the rules draw. The browser's twin must match
both, and so must numpy. To be run again whenever the weights change.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from workbench.create.genie.play import GeniePlayer
from workbench.evaluation.genie_players import walk
from workbench.hub.tasks.genie.chords import chord_at, parse_chords
from workbench.hub.tasks.genie.request import GenieSettings
from workbench.nets.genie_numpy import BUTTONS, Step

HERE = Path(__file__).parent
MODEL = HERE.parents[1] / "models" / "piano-genie"
STEPS = 128
#: Name, settings, chords (a text of two seconds each), seed.
CASES: tuple[tuple[str, dict[str, Any], str, int], ...] = (
    ("as shipped", {}, "", 1),
    ("cold", {"temperature": 0}, "", 2),
    ("hot", {"temperature": 1.3}, "", 3),
    ("no rules", {"direction": False, "loyal": False, "max_leap": 0}, "", 4),
    ("a large seed", {}, "", 2**40 + 12345),
    ("small leaps", {"max_leap": 4}, "", 5),
    ("two octaves", {"low": 60, "high": 84}, "", 6),
    ("five keys only", {"low": 60, "high": 64}, "", 7),
    ("one key only", {"low": 60, "high": 60}, "", 8),
    ("G major", {"scale": [7, 9, 11, 0, 2, 4, 6]}, "", 9),
    ("pentatonic, two octaves", {"scale": [0, 2, 4, 7, 9], "low": 55, "high": 79}, "", 10),
    ("chords told", {"chords": "hint"}, "C Am F G", 11),
    ("chords soft", {"chords": "soft"}, "Dm7 G7 Cmaj7 A7", 12),
    ("chords hard", {"chords": "hard"}, "C Am F G", 13),
    ("odd chords hard", {"chords": "hard"}, "Csus4 Bdim7 F#m7b5 N Eaug Ab/C B5", 14),
    ("chords off", {"chords": "off"}, "C Am F G", 15),
    ("hard chords in a scale and a small range", {"chords": "hard", "scale": [0], "low": 48, "high": 72}, "C F# G", 16),
    ("replayable", {"mode": "replayable"}, "", 17),
    ("replayable with hard chords", {"mode": "replayable", "chords": "hard"}, "C Am F G", 18),
    ("four buttons", {"buttons": 4}, "", 19),
    ("one switch", {"buttons": 1}, "", 20),
)


def steps() -> dict[str, Any]:
    """Random inputs as they would come, and torch's logits after each."""
    import torch

    from workbench.training.genie_export import load_released

    rng = np.random.default_rng(8)
    decoder = load_released(MODEL).decoder
    inputs, logits = [], []
    state, last = None, Step(0)
    for number in range(STEPS):
        chord = number // 16 % 2 == 1
        family = int(rng.integers(-1, 8)) if chord else -1
        step = Step(
            int(rng.integers(BUTTONS)),
            last.button if number else -1,
            int(rng.integers(88)) if number else -1,
            int(rng.integers(33)) if number else 32,
            int(rng.integers(12)) if chord else -1,
            family,
        )
        row = {name: torch.tensor([[getattr(step, name)]]) for name in ("last_key", "time_bin", "root", "family")}
        before = torch.tensor([last.button / 3.5 - 1]) if number else None
        with torch.no_grad():
            out, state = decoder(
                torch.tensor([[step.button / 3.5 - 1]]),
                row["last_key"] + 1,
                row["time_bin"],
                row["root"],
                row["family"],
                state,
                before,
            )
        inputs.append([step.button, step.last_button, step.last_key, step.time_bin, step.root, step.family])
        logits.append([round(float(value), 6) for value in out[0, 0]])
        last = step
    return {"inputs": list(Step.__dataclass_fields__), "steps": inputs, "logits": logits}


def phrase(seed: int, buttons: int) -> list[dict[str, Any]]:
    """Sixty-four presses: a walk, a repeated phrase, a cluster of all buttons at once, a long silence."""
    places, _ = walk(24, seed)
    line = [int(place) for place in places] + [2, 3, 4, 5, 5, 4, 3, 1] * 3
    rng = np.random.default_rng(seed)
    gaps = rng.choice([0.15, 0.3, 0.3, 0.6], len(line)).tolist()
    gaps[32] = 1.5
    line, gaps = [*line, *range(8), *range(7, -1, -1)], [*gaps, *[0.0] * 8, 0.4, *[0.001] * 7]
    times = np.round(np.cumsum(gaps), 3).tolist()
    return [
        {"time": time, "button": place * buttons // 8, "release": round(time + 0.2, 3), "velocity": 40 + index}
        for index, (time, place) in enumerate(zip(times, line, strict=True))
    ]


def performances() -> list[dict[str, Any]]:
    """Every case with its presses, chords and pitches."""
    out = []
    for name, options, text, seed in CASES:
        given = {key: tuple(value) if isinstance(value, list) else value for key, value in options.items()}
        settings = GenieSettings(**given)
        presses = phrase(seed, settings.buttons)
        chords = parse_chords(text, until=presses[-1]["release"]) if text else []
        player = GeniePlayer(settings, seed)
        pitches = [player.press(item["button"], item["time"], chord_at(chords, item["time"])) for item in presses]
        spans = [{"time": c.time, "root": c.root, "quality": c.quality, "bass": c.bass} for c in chords]
        row = {"name": name, "settings": options, "seed": seed, "chord_text": text, "chords": spans}
        out.append({**row, "presses": presses, "pitches": pitches})
    return out


if __name__ == "__main__":
    (HERE / "genie_steps.json").write_text(json.dumps(steps(), separators=(",", ":")) + "\n")
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in performances())
    (HERE / "genie_decode.json").write_text(f"[\n{lines}\n]\n")
