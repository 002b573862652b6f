"""Measure the listening network's notes and drums: ``python models/transcribe/evaluate.py [--basic-pitch NMP.onnx]``.

Held-out works, rendered with a soundfont that no training heard and with one that it did, plain and spoilt; Basic Pitch
on the same clips in the same run where its file is given. Needs ``WORKBENCH_DATA_DIR``, ``WORKBENCH_TRAIN_DIR``,
FluidSynth and Debian's soundfont packages. ``--fit`` fits ``config.json`` anew first, on clips of the validation side.
"""

import argparse
import json
from pathlib import Path

from workbench.evaluation.listen_bench import basic_pitch, calibration, listener, measure, show
from workbench.evaluation.listen_clips import HEARD, HELD_OUT, KINDS, clips
from workbench.evaluation.listen_fit import refit

#: Name of a set -> soundfont, spoilt.
SETS = {"unheard soundfont": (HELD_OUT, False), "the same, spoilt": (HELD_OUT, True), "heard soundfont": (HEARD, False)}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path(__file__).parent, help="another folder with model.onnx")
    parser.add_argument("--basic-pitch", type=Path, help="Basic Pitch's ONNX file, to measure beside ours")
    parser.add_argument("--count", type=int, default=10, help="clips of each kind")
    parser.add_argument("--fit", action="store_true", help="fit the decoding anew first")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    arguments = parser.parse_args()
    if arguments.fit:
        refit(arguments.folder)
    ours = listener(arguments.folder)
    hearers = {"listener": ours}
    if arguments.basic_pitch:
        hearers["Basic Pitch"] = basic_pitch(arguments.basic_pitch)
    rows = []
    for name, (font, spoilt) in SETS.items():
        for kind in KINDS:
            found = measure(clips(kind, arguments.count, font=font, spoilt=spoilt), hearers)
            rows += [{"set": name, "kind": kind, "model": model, **values} for model, values in found.items()]
    print(show(rows))
    everything = [clip for kind in KINDS for clip in clips(kind, arguments.count)]
    sure = calibration(everything, ours)
    print("\nConfidence (mean, share right, notes):", sure)
    if arguments.json:
        arguments.json.write_text(json.dumps({"rows": rows, "confidence": sure}, indent=2), encoding="utf-8")
