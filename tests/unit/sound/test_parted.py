"""A recording that was taken apart, as a folder: its stems sum to it, its bars lie where they were heard."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from workbench.deliver.parted import export_parted
from workbench.errors import BadRequest, Cancelled
from workbench.score.files import load
from workbench.score.timemap import TimeMap
from workbench.sound.audio import Audio
from workbench.sound.files import read_audio, read_note
from workbench.understand.by_stem import heard_alone, score_by_stem
from workbench.understand.heard import Beats, Heard, HeardChord, HeardNote

RATE = 22_050
STEMS = ("drums", "bass", "other")


def sound(channels: int = 2, level: float = 0.1, seconds: float = 3.3) -> tuple[Audio, dict[str, Audio]]:
    chance = np.random.default_rng(3)
    shape = (round(seconds * RATE), channels)
    stems = {name: Audio((level * chance.standard_normal(shape)).astype(np.float32), RATE) for name in STEMS[:2]}
    mix = Audio((level * chance.standard_normal(shape)).astype(np.float32), RATE)
    rest = mix.samples.astype(np.float64) - sum(stem.samples.astype(np.float64) for stem in stems.values())
    return mix, {**stems, "other": Audio(rest.astype(np.float32), RATE)}


def heard() -> Heard:
    beats = Beats(tuple(0.25 + 0.43 * index for index in range(7)), (0.68, 2.40))
    melody = tuple(HeardNote(0.25 + 0.43 * index, 0.6 + 0.43 * index, 72 + index) for index in range(6))
    return Heard(
        3.3, beats=beats, melody=melody, notes=(*melody, HeardNote(0.68, 1.5, 36), HeardNote(0.68, 1.5, 60)),
        drums=(HeardNote(0.25, 0.35, 36, drum=True), HeardNote(0.68, 0.78, 38, drum=True)),
        chords=(HeardChord(0.68, 2.4, "C:maj"),), model="listener",
    )  # fmt: skip


def test_each_stem_has_the_part_of_what_was_heard_that_it_holds() -> None:
    score = score_by_stem(heard(), STEMS)
    assert [(track.name, track.is_drum, len(track.notes)) for track in score.tracks] == [
        ("Drums", True, 2), ("Bass", False, 1), ("Other", False, 7),
    ]  # fmt: skip
    sung = score_by_stem(heard(), ("vocals", "drums", "bass", "other", "rest"))
    assert [len(track.notes) for track in sung.tracks] == [6, 2, 1, 1, 0]
    assert sung.tracks[0].name == "Vocals"


@pytest.mark.parametrize(
    ("channels", "subtype", "level", "limit"),
    [(2, "float", 0.1, -120), (1, "pcm24", 0.1, -110), (2, "pcm24", 0.9, -100), (6, "float", 0.1, -120)],
)
def test_the_stems_sum_to_the_mix_and_the_mix_is_the_recording(
    tmp_path: Path, channels: int, subtype: str, level: float, limit: float
) -> None:
    mix, stems = sound(channels, level)
    manifest = export_parted(mix, stems, score_by_stem(heard(), STEMS), tmp_path / "out", subtype=subtype)
    written = read_audio(tmp_path / "out" / "mix.wav")
    parts = [read_audio(tmp_path / "out" / track["stem"]) for track in manifest["tracks"]]
    assert {(part.rate, part.frames, part.channels) for part in parts} == {(RATE, mix.frames, channels)}
    total = np.sum([part.samples.astype(np.float64) for part in parts], axis=0)
    assert 20 * np.log10(np.abs(total - written.samples).max() + 1e-12) < limit
    assert np.allclose(written.samples, mix.samples * manifest["gain"], atol=1e-6)
    assert (manifest["gain"] < 1) == (subtype == "pcm24" and level > 0.5)


def test_the_folder_has_the_form_of_every_export_and_its_manifest_is_true(tmp_path: Path) -> None:
    mix, stems = sound()
    seen: list[float] = []
    score = score_by_stem(heard(), STEMS, title="Song")
    manifest = export_parted(mix, stems, score, tmp_path / "out", progress=seen.append, facts={"runs": []})
    folder = tmp_path / "out"
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert names == {
        "mix.wav", "stems/01-drums.wav", "stems/02-bass.wav", "stems/03-other.wav", "midi/01-drums.mid",
        "midi/02-bass.mid", "midi/03-other.mid", "score.mid", "score.musicxml", "project.rpp", "project.dawproject",
        "tempo.json", "manifest.json",
    }  # fmt: skip
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8")) == manifest
    assert manifest["models"] == ["listener"]
    assert (manifest["rate"], manifest["channels"], manifest["title"]) == (RATE, 2, "Song")
    assert "recording" in read_note(folder / "mix.wav")
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_bars_lie_in_every_file_where_they_were_heard(tmp_path: Path) -> None:
    mix, stems = sound()
    export_parted(mix, stems, score_by_stem(heard(), STEMS), tmp_path / "out")
    bars = json.loads((tmp_path / "out" / "tempo.json").read_text(encoding="utf-8"))["bars"]
    first = [bar["seconds"] for bar in bars if bar["number"] in (1, 2)]
    assert first == pytest.approx([0.68, 2.40], abs=1e-4)
    score = load(tmp_path / "out" / "score.mid").score
    times = TimeMap(score)
    onsets = sorted(times.seconds(note.start) for _, note in score.all_notes())
    assert onsets[:3] == pytest.approx([0.25, 0.25, 0.68], abs=5e-4)


def test_every_beat_that_was_heard_is_a_beat_of_the_midi_file_and_of_both_workstation_projects(tmp_path: Path) -> None:
    mix, stems = sound()
    times = [0.25, 0.70, 1.12, 1.58, 2.05, 2.49, 2.90]  # nobody plays to a click
    loose = replace(heard(), beats=Beats(tuple(times), (0.25, 2.05), metre=4))
    export_parted(mix, stems, score_by_stem(loose, STEMS), tmp_path / "out")
    score = load(tmp_path / "out" / "score.mid").score
    first = TimeMap(score).tick(times[0])
    grid = [TimeMap(score).seconds(first + number * score.ppq) for number in range(len(times))]
    assert grid == pytest.approx(times, abs=1e-3)
    lines = (tmp_path / "out" / "project.rpp").read_text(encoding="utf-8").split("\n")
    points = [tuple(map(float, line.split()[1:3])) for line in lines if line.startswith("    PT ")]
    arrangement = zipfile.ZipFile(tmp_path / "out" / "project.dawproject").read("project.xml").decode()
    held = [tuple(map(float, found)) for found in re.findall(r'RealPoint time="([^"]+)" value="([^"]+)"', arrangement)]
    start = first / score.ppq
    for number, second in enumerate(times):
        assert beats_at(points, second) == pytest.approx(start + number, abs=5e-3), "Reaper"
        assert seconds_at(held, start + number) == pytest.approx(second, abs=2e-3), "DAWproject"


def beats_at(points: list[tuple[float, ...]], second: float) -> float:
    """Quarters that have passed at a second, by tempo points (seconds, quarters a minute) that hold until the next."""
    ends = [*(point[0] for point in points[1:]), float("inf")]
    spans = ((max(0.0, min(second, end) - point[0]), point[1]) for point, end in zip(points, ends, strict=True))
    return sum(span * tempo / 60 for span, tempo in spans)


def seconds_at(points: list[tuple[float, ...]], beat: float) -> float:
    """The second of a beat, by tempo points (quarters, quarters a minute) that hold until the next."""
    ends = [*(point[0] for point in points[1:]), float("inf")]
    spans = ((max(0.0, min(beat, end) - point[0]), point[1]) for point, end in zip(points, ends, strict=True))
    return sum(span * 60 / tempo for span, tempo in spans)


def test_a_stem_that_was_heard_by_itself_plays_what_was_heard_there() -> None:
    strokes = tuple(HeardNote(0.25 * number, 0.25 * number + 0.1, 42, drum=True) for number in range(5))
    score = score_by_stem(heard(), STEMS, {"drums": Heard(3.3, drums=strokes, model="drummer")})
    assert [len(track.notes) for track in score.tracks] == [5, 1, 7]
    assert {note.author for note in score.tracks[0].notes.values()} == {"model:drummer"}
    assert {note.author for note in score.tracks[1].notes.values()} == {"model:listener"}
    assert heard_alone(STEMS) == ["drums"]
    assert heard_alone(("drums", "bass", "guitar", "piano", "vocals", "rest")) == ["drums", "guitar", "piano", "vocals"]


def test_whole_bars_end_on_a_bar_line_and_the_tempo_stands_in_the_names(tmp_path: Path) -> None:
    mix, stems = sound()
    score = score_by_stem(heard(), STEMS)
    manifest = export_parted(mix, stems, score, tmp_path / "out", whole_bars=True, tempo_names=True)
    times = TimeMap(score)
    seconds = read_audio(next((tmp_path / "out" / "stems").glob("01-drums_*bpm.wav"))).seconds
    ends = [times.seconds(bar.end) for bar in times.bars(times.tick(10))]
    assert min(abs(end - seconds) for end in ends) < 1e-4
    assert seconds >= mix.seconds
    assert manifest["seconds"] == pytest.approx(seconds, abs=1e-6)


def test_what_does_not_fit_or_is_stopped_leaves_nothing(tmp_path: Path) -> None:
    mix, stems = sound()
    score = score_by_stem(heard(), STEMS)
    with pytest.raises(BadRequest, match="one track for each stem"):
        export_parted(mix, {"drums": stems["drums"]}, score, tmp_path / "out")
    short = {**stems, "bass": Audio(stems["bass"].samples[:-1], RATE)}
    with pytest.raises(BadRequest, match="length"):
        export_parted(mix, short, score, tmp_path / "out")
    with pytest.raises(BadRequest, match="sample format"):
        export_parted(mix, stems, score, tmp_path / "out", subtype="pcm8")
    asked: list[int] = []

    def stop() -> bool:
        asked.append(1)
        return len(asked) > 3

    with pytest.raises(Cancelled):
        export_parted(mix, stems, score, tmp_path / "out", stop=stop)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "diary.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(BadRequest, match="other files"):
        export_parted(mix, stems, score, tmp_path / "own")
