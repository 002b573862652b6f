"""How many times faster than real time ten tracks are rendered and mixed on one core.

Usage: ``python tests/bench/render.py [SECONDS]`` prints one line a stage and the whole.
"""

from __future__ import annotations

import sys
import time

from workbench.score.score import Note, Score, Track
from workbench.sound.render import dry_track, mix, render_stems
from workbench.sound.sequence import played_notes

PROGRAMS = (0, 33, 25, 48, 73, 60, 11, 81, 40)


def ten_tracks(seconds: int) -> Score:
    """Nine instruments and drums at 120 beats a minute, 4 to 8 notes a second each, with changing velocities."""
    score = Score(title="Ten tracks")
    half_beat = score.ppq // 2
    for number, program in enumerate(PROGRAMS):
        track = Track(f"t{number}", program=program, pan=10 + 12 * number)
        for step in range(seconds * 4):
            chord = (0, 4, 7)[: 3 if program in (0, 25, 48) and step % 4 == 0 else 1]
            for tone in chord:
                pitch = (36 if program == 33 else 55) + (step * 5 + number * 3) % 24 + tone
                name = f"n{step}x{tone}"
                length = half_beat * (4 if len(chord) > 1 else 1)
                track.notes[name] = Note(name, step * half_beat, length, pitch, 50 + (step * 7) % 70)
        score.tracks.append(track)
    drums = Track("drums", is_drum=True)
    for step in range(seconds * 4):
        for key in (42, *((36,) if step % 4 == 0 else ()), *((38,) if step % 4 == 2 else ())):
            drums.notes[f"n{step}x{key}"] = Note(f"n{step}x{key}", step * half_beat, 240, key, 90)
    score.tracks.append(drums)
    return score


def main() -> None:
    """Render four times: the first run also decodes the soundfonts, and other work on the machine varies."""
    from workbench.score.timemap import TimeMap

    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 180
    score = ten_tracks(seconds)
    times = TimeMap(score)
    for label in ("first run", "second", "third", "fourth"):
        started = time.process_time()
        stems = render_stems(score)
        spent = time.process_time() - started
        print(
            f"{label}: {len(stems)} tracks, {seconds} s of music in {spent:.2f} s of one core: {seconds / spent:.0f}x"
        )
    started = time.process_time()
    for track in score.tracks:
        dry_track(played_notes(score, track, times), track.is_drum, (seconds + 12) * 44_100, 44_100)
    print(f"of which the instruments: {time.process_time() - started:.2f} s")
    started = time.process_time()
    mix(stems)
    print(f"the sum of the stems: {time.process_time() - started:.2f} s")


if __name__ == "__main__":
    main()
