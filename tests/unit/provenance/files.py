"""Small pieces and files for the tests of statements, seals and credentials."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from workbench.provenance.run import Run, record
from workbench.score import edits
from workbench.score.document import Document
from workbench.score.files import encode
from workbench.score.score import Note, Score, Track
from workbench.sound.audio import Audio
from workbench.sound.files import write_audio

NO = "No, the weights are for research only."
YES = "Yes, all licences allow it."
SOUNDS = ("wav", "mp3", "flac", "m4a")
SCORES = ("mid", "musicxml", "wbz")
CARD = {"training_data": "songs (CC0)", "code_licence": "MIT", "weights_licence": "CC-BY-NC-4.0",
        "outputs_licence": "none", "sell": NO}  # fmt: skip


def person_s() -> Score:
    """Four bars of a piano by a person, a note a beat."""
    track = Track("t1", name="Piano")
    track.notes = {f"n{at}": Note(f"n{at}", 960 * at, 960, 60 + at, 90, author="human") for at in range(16)}
    score = Score(title="Tést <1>")
    score.tracks = [track]
    return score


def filled(sell: str = NO, model: str = "rogue", task: str = "infill", run: str = "r" + "1" * 16) -> Document:
    """The same with two bars more by a model, kept from a run that the log records."""
    document = Document()
    document.open(person_s(), reason="file")
    made = Run(
        run, task, model, "embedded", 3, {"bars": [5, 6]}, weights={"w": "a" * 64}, rights={**CARD, "sell": sell}
    )
    record(document.log, made)
    notes = [Note(f"m{at}", 960 * at, 480, 70, 80, author=f"model:{model}") for at in range(16, 24)]
    document.apply(edits.add_notes("t1", notes), "model", kind="accept", runs={made.id: []})
    return document


def write(folder: Path, kind: str, score: Score, seconds: float = 0.04) -> Path:
    """A file of a kind that says nothing of its makers yet; its sound is noise."""
    path = folder / f"piece.{kind}"
    if kind in SOUNDS:
        noise = np.random.default_rng(1).standard_normal((round(44_100 * seconds), 2)).astype(np.float32) * 0.1
        write_audio(Audio(noise, 44_100), path, note="a note")
    elif kind == "mp4":
        video(path)
    else:
        path.write_bytes(encode(score, f".{kind}"))
    return path


def video(path: Path) -> None:
    """Five small pictures."""
    import av

    with av.open(str(path), "w", format="mp4") as container:
        stream: Any = container.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 32
        for shade in range(5):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.full((32, 32, 3), 40 * shade, np.uint8))))
        container.mux(stream.encode(None))
