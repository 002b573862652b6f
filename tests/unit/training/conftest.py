"""Small made-up corpora in a folder of their own."""

from __future__ import annotations

from pathlib import Path

import mido
import pytest


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder, with caches beside it; returns the data folder."""
    data = tmp_path / "data"
    data.mkdir()
    monkeypatch.setenv("WORKBENCH_DATA_DIR", str(data))
    monkeypatch.setenv("WORKBENCH_TRAIN_DIR", str(tmp_path / "train"))
    return data


def write_midi(
    path: Path,
    tracks: list[list[tuple[int, int, int]]],
    *,
    ppq: int = 480,
    names: list[str] | None = None,
    meta: dict[int, list[mido.MetaMessage]] | None = None,
    channel: int = 0,
    velocity: int = 80,
) -> None:
    """A MIDI file from (tick, duration, pitch) notes; ``meta`` holds messages (absolute times) by track number."""
    file = mido.MidiFile(ticks_per_beat=ppq)
    for number, notes in enumerate(tracks):
        events: list[tuple[int, int, mido.messages.BaseMessage]] = [
            (message.time, 0, message) for message in (meta or {}).get(number, [])
        ]
        for tick, duration, pitch in notes:
            on = mido.Message("note_on", note=pitch, velocity=velocity, channel=channel)
            events += [(tick, 2, on), (tick + duration, 1, mido.Message("note_off", note=pitch, channel=channel))]
        track = mido.MidiTrack([mido.MetaMessage("track_name", name=(names or [""] * len(tracks))[number])])
        now = 0
        for tick, _, message in sorted(events, key=lambda item: item[:2]):
            track.append(message.copy(time=tick - now))
            now = tick
        file.tracks.append(track)
    path.parent.mkdir(parents=True, exist_ok=True)
    file.save(path)


def tune(start: int = 0, step: int = 240, count: int = 32, seed: int = 0) -> list[tuple[int, int, int]]:
    """Eighth notes that wander, as (tick, duration, pitch)."""
    return [(start + step * place, step, 60 + (place * (7 + seed) + place // 3 * 5) % 24) for place in range(count)]
