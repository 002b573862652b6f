"""Projects for audio workstations, read back by others: the PyPI package ``rpp`` for Reaper, ElementTree and the rules
of the format's schema for DAWproject.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
import rpp

from tests.unit.sound.scores import melody
from workbench.deliver.daw.timeline import COLOURS
from workbench.deliver.stems import export_stems
from workbench.score.lanes import Bend, Control, Meter, Program, Tempo, Text
from workbench.score.score import Note, Score
from workbench.score.timemap import TimeMap
from workbench.sound.files import read_audio

RATE = 48_000


def travelled() -> Score:
    """A pickup of one quarter, three metres (one bar cut short), three tempos, markers, odd names, drums."""
    lead = melody(name='The "best" of 5\' `lead`', color=3, program=73, pitches=(60, 64, 67, 72, 71, 69, 67, 65))
    lead.bends = [Bend(1000, 4096)]
    lead.controls = [Control(500, 1, 99)]
    lead.programs = [Program(4000, 74)]
    drums = melody(track_id="t2", name="Ритм <&>\x07", is_drum=True, pitches=(36, 42, 38, 42), color=9)
    drums.notes["z"] = Note("z", 6000, 0, 49, 127)
    return Score(
        title="Jour & nuit",
        pickup=960,
        tracks=[lead, drums],
        tempos=[Tempo(0, 625_000), Tempo(2400, 500_000), Tempo(7000, 416_667)],
        meters=[Meter(0, 3, 4), Meter(960 + 2 * 2880, 6, 8), Meter(960 + 2 * 2880 + 1440, 4, 4)],
        texts=[Text(0, "marker", "Begin"), Text(3840, "marker", "Second\nbar"), Text(5000, "cue", 'A "cue"')],
        meta={"composer": "Somebody"},
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("daw") / "out"
    export_stems(travelled(), place, rate=RATE, subtype="pcm24", whole_bars=True, tempo_names=True)
    return place


@pytest.fixture(scope="module")
def reaper(folder: Path) -> Any:
    return rpp.loads((folder / "project.rpp").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def project(folder: Path) -> ElementTree.Element:
    with zipfile.ZipFile(folder / "project.dawproject") as archive:
        assert archive.testzip() is None
        return ElementTree.fromstring(archive.read("project.xml"))


def bar_lines(points: list[tuple[float, int, int]], end: float) -> list[float]:
    """Bar lines in quarters as a workstation draws them, from (quarter, upper, lower) metre changes alone."""
    lines: list[float] = []
    for (start, upper, lower), (following, *_) in zip(points, [*points[1:], (end, 0, 0)], strict=True):
        at = start
        while at < following - 1e-6:
            lines.append(at)
            at += 4 * upper / lower
    return lines


def score_bars(score: Score, end: float) -> list[float]:
    bars = TimeMap(score).bars(round(end * score.ppq))
    return [bar.start / score.ppq for bar in bars]


def test_sound_begins_together_ends_on_a_bar_line_and_carries_the_tempo_in_its_name(folder: Path) -> None:
    names = sorted(path.name for path in (folder / "stems").iterdir())
    assert names == ["01-the-best-of-5-lead_96-144bpm.wav", "02-drums_96-144bpm.wav"]
    mix = read_audio(folder / "mix_96-144bpm.wav")
    times = TimeMap(travelled())
    lines = [round(times.seconds(bar.start) * RATE) for bar in times.bars(times.tick(mix.seconds) + 9)]
    assert mix.frames in lines
    assert {read_audio(folder / "stems" / name).frames for name in names} == {mix.frames}


def test_names_of_sound_stay_plain_unless_the_tempo_is_asked_for(tmp_path: Path) -> None:
    score = Score(tracks=[melody(name="One")], tempos=[Tempo(0, 60_000_000 * 2 // 193)])
    export_stems(score, tmp_path / "plain")
    export_stems(score, tmp_path / "named", tempo_names=True)
    assert [path.name for path in (tmp_path / "plain" / "stems").iterdir()] == ["01-one.wav"]
    assert [path.name for path in (tmp_path / "named" / "stems").iterdir()] == ["01-one_96.5bpm.wav"]
    assert (tmp_path / "named" / "mix_96.5bpm.wav").is_file()


def test_reaper_finds_every_stem_at_the_start_with_its_name_and_colour(folder: Path, reaper: Any) -> None:
    tracks = reaper.findall("TRACK")
    sounding = [track for track in tracks if track.find("MUTESOLO")[1] == "0"]
    assert [track.find("NAME")[1] for track in sounding] == ["The \"best\" of 5' 'lead'", "Ритм <&>"]
    assert len(tracks) == 4
    mix = read_audio(folder / "mix_96-144bpm.wav")
    for track, colour in zip(sounding, (3, 1), strict=True):
        packed = int(track.find("PEAKCOL")[1])
        assert packed & 0xFFFFFF == int.from_bytes(bytes.fromhex(COLOURS[colour]), "little")
        assert track.find("VOLPAN")[1:3] == ["1", "0"]
        item = track.find("ITEM")
        assert float(item.find("POSITION")[1]) == 0
        assert float(item.find("LENGTH")[1]) == pytest.approx(mix.seconds)
        source = item.find("SOURCE")
        assert source.attrib == ["WAVE"]
        assert read_audio(folder / source.find("FILE")[1]).frames == mix.frames


def test_reaper_has_the_same_tempo_map_and_bar_lines(reaper: Any) -> None:
    score = travelled()
    times = TimeMap(score)
    points = [[float(value) for value in point[1:]] for point in reaper.findall("TEMPOENVEX/PT")]
    quarters, position, metres = 0.0, 0.0, []
    found: dict[int, float] = {}
    for number, point in enumerate(points):
        if number:
            quarters += (point[0] - position) * points[number - 1][1] / 60
        position = point[0]
        found[round(quarters * score.ppq)] = point[1]
        assert point[0] == pytest.approx(times.seconds(round(quarters * score.ppq)), abs=1e-9)
        assert point[2] == 1, "tempo stays until the next point"
        if len(point) > 3:
            metres.append((quarters, int(point[3]) & 0xFFFF, int(point[3]) >> 16))
    for tempo in score.tempos:
        assert found[tempo.tick] == pytest.approx(60e6 / tempo.us_per_quarter)
    assert metres[0][1:] == (1, 4), "the pickup is a bar of its own"
    assert bar_lines(metres, 16) == pytest.approx(score_bars(score, 16), abs=1e-6)
    assert reaper.find("PROJOFFS")[2] == "-1", "so that the first full bar is bar 1"


def test_reaper_has_the_markers_in_seconds(reaper: Any) -> None:
    times = TimeMap(travelled())
    found = [(round(float(item[2]), 6), item[3]) for item in reaper.findall("MARKER")]
    assert found == [
        (0.0, "Begin"), (round(times.seconds(3840), 6), "Second bar"), (round(times.seconds(5000), 6), 'A "cue"'),
    ]  # fmt: skip


def test_reaper_has_the_notes_on_muted_tracks(reaper: Any) -> None:
    score = travelled()
    muted = [track for track in reaper.findall("TRACK") if track.find("MUTESOLO")[1] == "1"]
    assert [track.find("NAME")[1] for track in muted] == ["The \"best\" of 5' 'lead' (notes)", "Ритм <&> (notes)"]
    for track, original in zip(muted, score.tracks, strict=True):
        source = track.find("ITEM/SOURCE")
        assert source.find("HASDATA")[1:] == ["1", str(score.ppq), "QN"]
        tick, notes, sounding, others = 0, [], {}, set()
        for line in source.findall("E"):
            tick += int(line[1])
            status, first, second = (int(value, 16) for value in line[2:5])
            assert status & 15 == (9 if original.is_drum else 0) or line[2:] == ["b0", "7b", "00"]
            if status >> 4 == 9:
                sounding[first] = (tick, second)
            elif status >> 4 == 8:
                start, velocity = sounding.pop(first)
                notes.append((start, tick - start, first, velocity))
            else:
                others.add((tick, status >> 4, first, second))
        assert not sounding
        assert sorted(notes) == sorted(
            (note.start, max(1, note.duration), note.pitch, note.velocity) for note in original.notes.values()
        )
        if not original.is_drum:
            assert others >= {(0, 12, 73, 0), (4000, 12, 74, 0), (500, 11, 1, 99), (1000, 14, 0, 96)}


#: From the format's schema, version 1.0: the children that an element may have, in this order, and what it must say.
SCHEMA: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "Project": (("Application", "Transport", "Structure", "Arrangement", "Scenes"), ("version",)),
    "Application": ((), ("name", "version")),
    "Transport": (("Tempo", "TimeSignature"), ()),
    "Tempo": ((), ("unit",)),
    "TimeSignature": ((), ("numerator", "denominator")),
    "Structure": (("Track",), ()),
    "Track": (("Channel", "Track"), ()),
    "Channel": (("Devices", "Mute", "Pan", "Sends", "Volume"), ()),
    "Mute": ((), ()),
    "Pan": ((), ("unit",)),
    "Volume": ((), ("unit",)),
    "Arrangement": (("Lanes", "Markers", "TempoAutomation", "TimeSignatureAutomation"), ()),
    "Lanes": (("Lanes", "Clips"), ()),
    "Clips": (("Clip",), ()),
    "Clip": (("Audio", "Notes"), ("time",)),
    "Audio": (("File",), ("duration", "channels", "sampleRate")),
    "File": ((), ("path",)),
    "Notes": (("Note",), ()),
    "Note": ((), ("time", "duration", "channel", "key")),
    "Markers": (("Marker",), ()),
    "Marker": ((), ("time",)),
    "TempoAutomation": (("Target", "RealPoint"), ()),
    "TimeSignatureAutomation": (("Target", "TimeSignaturePoint"), ()),
    "Target": ((), ()),
    "RealPoint": ((), ("time", "value")),
    "TimeSignaturePoint": ((), ("time", "numerator", "denominator")),
}


def test_dawproject_keeps_to_the_formats_schema(project: ElementTree.Element) -> None:
    names = [element.get("id") for element in project.iter() if element.get("id")]
    assert len(names) == len(set(names))
    for element in project.iter():
        children, needed = SCHEMA[element.tag]
        assert set(needed) <= set(element.keys()), element.tag
        order = [children.index(child.tag) for child in element]
        assert order == sorted(order), f"the children of {element.tag} stand in another order"
        for reference in ("track", "destination", "parameter"):
            assert element.get(reference) is None or element.get(reference) in names
    assert project.get("version") == "1.0"


def test_dawproject_holds_the_very_stems(folder: Path, project: ElementTree.Element) -> None:
    paths = [item.get("path") for item in project.iter("File")]
    with zipfile.ZipFile(folder / "project.dawproject") as archive:
        assert set(archive.namelist()) == {"project.xml", "metadata.xml", *paths}
        metadata = ElementTree.fromstring(archive.read("metadata.xml"))
        assert (metadata.findtext("Title"), metadata.findtext("Composer")) == ("Jour & nuit", "Somebody")
        for path, stem in zip(paths, sorted((folder / "stems").iterdir()), strict=True):
            inside, outside = read_audio(archive.read(path)), read_audio(stem)
            assert np.array_equal(inside.samples, outside.samples)
    for audio, clip in zip(project.iter("Audio"), project.findall(".//Clip[Audio]"), strict=True):
        frames = float(audio.get("duration", "0")) * RATE
        assert frames == pytest.approx(inside.frames, abs=0.01)
        assert audio.get("sampleRate") == str(RATE)
        assert clip.get("time") == "0"
        assert clip.get("contentTimeUnit") == "seconds"
        length = round(float(clip.get("duration", "0")) * 960)
        assert TimeMap(travelled()).seconds(length) == pytest.approx(inside.seconds, abs=0.001)


def test_dawproject_has_tempos_metres_and_markers(project: ElementTree.Element) -> None:
    score = travelled()
    tempo = project.find("Arrangement/TempoAutomation")
    target = project.find("Transport/Tempo")
    assert tempo is not None
    assert target is not None
    assert tempo.find("Target").get("parameter") == target.get("id")  # type: ignore[union-attr]
    points = [(float(item.get("time", "")), float(item.get("value", ""))) for item in tempo.iter("RealPoint")]
    assert points == [(pytest.approx(t.tick / 960), pytest.approx(60e6 / t.us_per_quarter)) for t in score.tempos]
    assert {item.get("interpolation") for item in tempo.iter("RealPoint")} == {"hold"}
    metres = [
        (float(item.get("time", "")), int(item.get("numerator", "")), int(item.get("denominator", "")))
        for item in project.iter("TimeSignaturePoint")
    ]
    assert bar_lines(metres, 16) == pytest.approx(score_bars(score, 16), abs=1e-6)
    assert [(float(item.get("time", "")), item.get("name")) for item in project.iter("Marker")] == [
        (0.0, "Begin"), (4.0, "Second bar"), (pytest.approx(5000 / 960), 'A "cue"'),
    ]  # fmt: skip


def test_dawproject_has_the_notes_on_muted_tracks(project: ElementTree.Element) -> None:
    score = travelled()
    tracks = {item.get("id"): item for item in project.iter("Track")}
    lanes = [lane for lane in project.findall("Arrangement/Lanes/Lanes") if lane.find("Clips/Clip/Notes") is not None]
    assert len(lanes) == 2
    for lane, original in zip(lanes, score.tracks, strict=True):
        track = tracks[lane.get("track")]
        assert track.find("Channel/Mute").get("value") == "true"  # type: ignore[union-attr]
        assert track.get("contentType") == "notes"
        found = sorted(
            (round(float(item.get("time", "")) * 960), round(float(item.get("duration", "")) * 960),
             int(item.get("key", "")), round(float(item.get("vel", "")) * 127))
            for item in lane.iter("Note")
        )  # fmt: skip
        assert found == sorted(
            (note.start, max(1, note.duration), note.pitch, note.velocity) for note in original.notes.values()
        )


def test_colours_are_those_of_the_app() -> None:
    source = Path(__file__).parents[3] / "workbench" / "web" / "src" / "ui" / "palette.ts"
    light = source.read_text(encoding="utf-8").split("LIGHT")[1].split("];")[0]
    assert tuple(re.findall(r'\["\w+", "#([0-9a-f]{6})"', light)) == COLOURS


def test_a_piece_without_tempo_metre_or_markers_has_the_defaults(tmp_path: Path) -> None:
    score = Score(tracks=[melody(name="One")], tempos=[], meters=[])
    export_stems(score, tmp_path / "out")
    text = (tmp_path / "out" / "project.rpp").read_text(encoding="utf-8")
    assert re.search(r"PT 0\.0+ 120\.0+ 1 262148", text)
    with zipfile.ZipFile(tmp_path / "out" / "project.dawproject") as archive:
        root = ElementTree.fromstring(archive.read("project.xml"))
    assert root.find("Arrangement/Markers") is None
    assert [item.get("value") for item in root.iter("RealPoint")] == ["120.000000000"]
