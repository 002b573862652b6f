"""How well beats are heard from the network, from the notes and from both, beside librosa's tracker.

Models of the hub are compared by :mod:`workbench.evaluation.side_by_side`.

``python -m workbench.evaluation.beat_report --count 8`` prints a table; with file names it prints what each tracker
says of those recordings. Sound is kept below the training folder, since rendering costs more than reading.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from workbench.evaluation.beat_clips import KINDS, Clip, draw, sound
from workbench.sound.audio import Audio
from workbench.understand.heard import Beats

Tracker = Callable[[Audio], Beats]
COLUMNS = ("beats F", "sd", "worst tenth", "any level", "downbeats F", "offset ms", "x real time")


def ours(audio: Audio) -> Beats:
    """The workbench's network, its notes and its decoder."""
    from workbench.understand.frames import hear_frames
    from workbench.understand.note_pulse import hear_beats
    from workbench.understand.notes import notes_of

    frames = hear_frames(audio)
    return hear_beats(frames, notes_of(frames))


def network_alone(audio: Audio) -> Beats:
    """The network's own word on beats, decoded."""
    from workbench.understand.beats import track_beats
    from workbench.understand.frames import hear_frames

    frames = hear_frames(audio)
    return track_beats(frames.beats, frames.fps)


def notes_alone(audio: Audio) -> Beats:
    """The notes that the network heard, and nothing of what it says of beats."""
    from workbench.understand.frames import hear_frames
    from workbench.understand.note_pulse import note_activation, notes_beats
    from workbench.understand.notes import notes_of

    frames = hear_frames(audio)
    return notes_beats(note_activation(notes_of(frames), frames.duration, frames.fps), frames.fps)


def librosa_beats(audio: Audio) -> Beats:
    """librosa's dynamic-programming tracker, which knows no downbeats; every fourth beat is taken for one."""
    import librosa

    _, times = librosa.beat.beat_track(y=audio.mono(), sr=audio.rate, units="time")
    beats = tuple(float(time) for time in times)
    return Beats(beats, beats[::4])


def f_measure(true: np.ndarray, found: tuple[float, ...]) -> float:
    """F of beats within 70 ms; mir_eval leaves the first five seconds out, here all count."""
    import mir_eval

    if not len(true) or not found:
        return 0.0
    return float(mir_eval.beat.f_measure(np.asarray(true), np.asarray(found), 0.07))


def measure(clip: Clip, beats: Beats) -> tuple[float, float, float, float]:
    """F of beats; the best F at half, whole and double tempo; F of downbeats; median offset in ms (nan: no hits)."""
    levels = [beats, beats.half_time(), beats.double_time()] if len(beats.beats) > 3 else [beats]
    scores = [f_measure(clip.beats, level.beats) for level in levels]
    found = np.array(beats.beats)
    off = np.array([(found - time)[np.abs(found - time).argmin()] for time in clip.beats]) if len(found) else np.ones(1)
    hits = off[np.abs(off) < 0.07]
    offset = float(np.median(hits)) * 1000 if len(hits) else float("nan")
    return scores[0], max(scores), f_measure(clip.downbeats, beats.downbeats), offset


def report(kind: str, count: int, trackers: dict[str, Tracker], seconds: float = 50.0, seed: int = 5) -> str:
    """Lines of a table: one a tracker."""
    from workbench.sound.files import read_audio, write_audio
    from workbench.training.corpora import train_dir

    folder = train_dir() / "beat-clips"
    folder.mkdir(exist_ok=True)
    rows: dict[str, list[tuple[float, ...]]] = {name: [] for name in trackers}
    for number, clip in enumerate(draw(kind, count, seed, seconds)):
        path = folder / f"{kind}-{seed}-{seconds:g}-{number:02d}.wav"
        if not path.exists():
            write_audio(sound(clip, seconds), path)
        audio = read_audio(path)
        for name, track in trackers.items():
            begun = time.process_time()
            found = measure(clip, track(audio))
            rows[name].append((*found, audio.seconds / max(1e-6, time.process_time() - begun)))
    lines = []
    for name, values in rows.items():
        table = np.array(values)
        beat = table[:, 0]
        cells = [
            f"{beat.mean():.3f}", f"{beat.std():.3f}", f"{np.quantile(beat, 0.1):.3f}", f"{table[:, 1].mean():.3f}",
            f"{table[:, 2].mean():.3f}", f"{np.nanmedian(table[:, 3]):.1f}", f"{np.median(table[:, 4]):.0f}",
        ]  # fmt: skip
        lines.append(f"| {kind} ({len(beat)}) | {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Measure beat tracking.")
    parser.add_argument("files", nargs="*", type=Path, help="recordings to compare the trackers on, without truth")
    parser.add_argument("--kinds", nargs="*", default=list(KINDS), choices=list(KINDS))
    parser.add_argument("--count", type=int, default=8)
    chosen = parser.parse_args()
    trackers: dict[str, Tracker] = {
        "workbench": ours, "its network alone": network_alone, "its notes alone": notes_alone, "librosa": librosa_beats
    }  # fmt: skip
    if chosen.files:
        _recordings(chosen.files, trackers)
        return
    print("| clips | tracker | " + " | ".join(COLUMNS) + " |\n|" + "---|" * (len(COLUMNS) + 2))
    for kind in chosen.kinds:
        print(report(kind, chosen.count, trackers), flush=True)


def _recordings(files: list[Path], trackers: dict[str, Tracker]) -> None:
    """What each tracker says, and how far they agree."""
    from workbench.sound.files import read_audio

    for path in files:
        audio = read_audio(path)
        found = {name: track(audio) for name, track in trackers.items()}
        for name, beats in found.items():
            agree = ", ".join(
                f"{other} {f_measure(np.array(theirs.beats), beats.beats):.2f}"
                for other, theirs in found.items()
                if other != name
            )
            sure = float(np.mean(beats.confidence)) if beats.beats else 0.0
            print(
                f"{path.name}: {name}: {beats.tempo:.1f} a minute, {beats.metre} a bar, confidence {sure:.2f}; {agree}"
            )


if __name__ == "__main__":
    main()
