"""Make the examples of the Prompt page: something for each of the six slots, ready at one tap.

    python assets/prompts/make_prompts.py FOLDER

``FOLDER`` holds the recordings and the video that the examples are cut from (see ``assets/ATTRIBUTION.md``). The two
tunes are old and in the public domain, typed in here; the picture is engraved by Verovio and drawn by resvg.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from workbench.score import Note, Score, Track
from workbench.score.files import encode
from workbench.score.lanes import Key, Meter, Tempo

HERE = Path(__file__).parent
STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
EIGHTH = 480
#: The theme of the last movement of Beethoven's ninth symphony (1824); pitch and length in eighths.
JOY = """
E4:2 E4:2 F4:2 G4:2 | G4:2 F4:2 E4:2 D4:2 | C4:2 C4:2 D4:2 E4:2 | E4:3 D4:1 D4:4 |
E4:2 E4:2 F4:2 G4:2 | G4:2 F4:2 E4:2 D4:2 | C4:2 C4:2 D4:2 E4:2 | D4:3 C4:1 C4:4
"""
#: Greensleeves, an English tune of the sixteenth century, in 3/4.
GREEN = """
C5:4 D5:2 | E5:3 F5:1 E5:2 | D5:4 B4:2 | G4:3 A4:1 B4:2 | C5:4 A4:2 | A4:3 G#4:1 A4:2 | B4:4 G#4:2 | E4:4 A4:2 |
C5:4 D5:2 | E5:3 F5:1 E5:2 | D5:4 B4:2 | G4:3 A4:1 B4:2 | C5:3 B4:1 A4:2 | G#4:3 F#4:1 G#4:2 | A4:6
"""


def tune(title: str, text: str, beats: int, bpm: int, key: Key) -> Score:
    """A tune of one voice, from words such as ``C#5:3`` (length in eighths; ``.`` is a rest)."""
    score = Score(title=title, ppq=2 * EIGHTH)
    score.tempos[:] = [Tempo(0, round(60_000_000 / bpm))]
    score.meters[:] = [Meter(0, beats, 4)]
    score.keys[:] = [key]
    track, now = Track("t1", "Tune", 73), 0
    for word in text.replace("|", " ").split():
        name, length = word.split(":")
        ticks = int(length) * EIGHTH
        if name != ".":
            pitch = 12 * (int(name[-1]) + 1) + STEPS[name[0]] + name.count("#")
            name = f"n{len(track.notes) + 1}"
            track.notes[name] = Note(name, now, ticks, pitch, 84, "imported")
        now += ticks
    score.tracks.append(track)
    return score


def picture(score: Score) -> bytes:
    """A score as a page of notation, black on white, PNG."""
    import resvg_py
    import verovio

    toolkit = verovio.toolkit()
    toolkit.setOptions({"pageWidth": 1500, "pageHeight": 900, "scale": 60, "adjustPageHeight": True, "header": "none",
                        "footer": "none", "breaks": "auto"})  # fmt: skip
    # The tempo mark's note belongs to a music font that the drawing does not have.
    toolkit.loadData(re.sub(r"<direction\b.*?</direction>", "", encode(score, ".musicxml").decode(), flags=re.DOTALL))
    drawn: bytes = bytes(resvg_py.svg_to_bytes(svg_string=toolkit.renderToSVG(1), background="white", width=1400))
    return drawn


def sound(source: Path, out: Path, seconds: float) -> None:
    """The first seconds of a recording, faded out, as Ogg Vorbis."""
    import numpy as np
    import soundfile

    samples, rate = soundfile.read(source, always_2d=True)
    samples = samples[: round(seconds * rate)]
    fade = min(len(samples), round(0.3 * rate))
    samples[-fade:] *= np.linspace(1, 0, fade)[:, None]
    soundfile.write(out, samples, rate, format="OGG", subtype="VORBIS")


def main(folder: Path) -> None:
    """Write every example."""
    joy = tune("Ode to Joy", JOY, 4, 108, Key(0, 0, "major"))
    (HERE / "picture.png").write_bytes(picture(joy))
    (HERE / "notes.mid").write_bytes(encode(tune("Greensleeves", GREEN, 3, 96, Key(0, 0, "minor")), ".mid"))
    sound(folder / "vocadito_10.wav", HERE / "voice.ogg", 10)
    sound(folder / "Kevin_MacLeod_-_Vibe_Ace.hq.ogg", HERE / "recording.ogg", 24)
    (HERE / "video.webm").write_bytes((folder / "big_buck_bunny_0_30.webm").read_bytes())
    (HERE / "words.txt").write_text("Calm and sparse, 30 seconds, with piano and strings, no drums\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
